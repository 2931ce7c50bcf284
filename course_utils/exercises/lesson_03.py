"""Exercises of lesson 03: a convolution, a small network, its loss, and how it learns."""

import numpy as np
from numpy.random import Generator

from course_utils.exercises import networks_03
from course_utils.exercises.core import Case, Exercise, Lesson


def convolve(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Slide a kernel over an image: ``(H, W), (h, w) -> (H - h + 1, W - w + 1) float64``.

    As everywhere in deep learning the kernel is not flipped (mathematicians call this a cross-correlation).
    """
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("rchw,hw->rc", windows, kernel, dtype=float)


def _convolve_flipped(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return convolve(image, kernel[::-1, ::-1])


def _convolve_padded(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    height, width = kernel.shape
    rows, columns = ((side // 2, side - 1 - side // 2) for side in (height, width))
    return convolve(np.pad(image, (rows, columns)), kernel)


def _convolve_mean(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return convolve(image, kernel) / kernel.size


def _convolve_one_short(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return convolve(image, kernel)[:-1, :-1]


def _convolve_matrix_product(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return (windows @ kernel).sum(axis=(2, 3))


def _convolve_transposed(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return convolve(image, kernel).T


def _convolve_whole(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return np.trunc(convolve(image, kernel))


def _convolve_tiled(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return convolve(image, kernel)[:: kernel.shape[0], :: kernel.shape[1]]


def _convolve_edges() -> list[Case]:
    rising = np.array([[1.0, 2.0, 4.0, 7.0], [3.0, 1.0, 0.0, 2.0], [5.0, 5.0, 6.0, 1.0]])
    step = np.array([[0, 0, 0, 9, 9], [0, 0, 0, 9, 9], [0, 0, 0, 9, 9], [0, 0, 9, 9, 9]])
    return [
        (rising, np.array([[1.0, 10.0], [100.0, -1000.0]])),
        (step, np.array([[-0.5, 0.0, 0.5], [-1.0, 0.0, 1.0], [-0.25, 0.0, 0.25]])),
        (rising, np.array([[2.0, -1.0, 3.0]])),
        (rising, np.array([[1.0], [-4.0]])),
        (rising, np.array([[3.0]])),
        (rising[:2, :3], np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])),
        (np.arange(0, 240, dtype=np.uint8).reshape(12, 20), np.array([[-1, 0, 2], [0, 5, -3], [1, -2, 1]])),
    ]


def _convolve_random(rng: Generator) -> list[Case]:
    def draw(*shape: int) -> np.ndarray:
        return rng.integers(-9, 10, size=shape) / 2

    return [(draw(6, 9), draw(3, 2)), (draw(8, 5), draw(3, 3)), (draw(7, 7), draw(2, 4))]


def cross_entropy(logits: np.ndarray, truth: np.ndarray) -> float:
    """Mean over rows of ``-log softmax(logits)[truth]``: ``(N, K), (N,) int -> number`` (Goodfellow 2016, 6.2)."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(truth)), truth]))


def _softmax(logits: np.ndarray, axis: int = 1) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def _of_the_truth(values: np.ndarray, truth: np.ndarray) -> np.ndarray:
    return values[np.arange(len(truth)), truth]


def _entropy_uphill(logits: np.ndarray, truth: np.ndarray) -> float:
    return -cross_entropy(logits, truth)


def _entropy_summed(logits: np.ndarray, truth: np.ndarray) -> float:
    return cross_entropy(logits, truth) * len(truth)


def _entropy_overflowing(logits: np.ndarray, truth: np.ndarray) -> float:
    with np.errstate(all="ignore"):
        powers = np.exp(logits)
        return float(np.mean(-np.log(_of_the_truth(powers / powers.sum(axis=1, keepdims=True), truth))))


def _entropy_base_10(logits: np.ndarray, truth: np.ndarray) -> float:
    return cross_entropy(logits, truth) / np.log(10)


def _entropy_base_2(logits: np.ndarray, truth: np.ndarray) -> float:
    return cross_entropy(logits, truth) / np.log(2)


def _entropy_down_the_batch(logits: np.ndarray, truth: np.ndarray) -> float:
    with np.errstate(divide="ignore"):
        return float(np.mean(-np.log(_of_the_truth(_softmax(logits, axis=0), truth))))


def _entropy_no_softmax(logits: np.ndarray, truth: np.ndarray) -> float:
    return float(np.mean(-_of_the_truth(logits, truth)))


def _entropy_no_log(logits: np.ndarray, truth: np.ndarray) -> float:
    return float(np.mean(1 - _of_the_truth(_softmax(logits), truth)))


def _entropy_all_columns(logits: np.ndarray, truth: np.ndarray) -> float:
    with np.errstate(divide="ignore"):
        return float(np.mean(-np.log(_softmax(logits))))


def _entropy_of_the_highest(logits: np.ndarray, truth: np.ndarray) -> float:
    return cross_entropy(logits, logits.argmax(axis=1))


def _entropy_edges() -> list[Case]:
    return [
        (np.array([[2.0, 1.0, -1.0]]), np.array([0])),
        (np.array([[2.0, 1.0, -1.0], [0.0, 0.0, 3.0], [1.0, -2.0, 0.5]]), np.array([2, 0, 1])),
        (np.zeros((2, 4)), np.array([3, 0])),
        (np.array([[3, 1], [0, 5], [2, 2]]), np.array([1, 1, 0])),
        (np.array([[1000.0, 998.0, 0.0], [-1000.0, -1003.0, -1001.0]]), np.array([1, 0])),
    ]


def _entropy_random(rng: Generator) -> list[Case]:
    shapes = ((4, 3), (6, 7), (3, 2))
    return [(rng.normal(0, 2, shape), rng.integers(0, shape[1], shape[0])) for shape in shapes]


def gradient_step(weight: float, bias: float, x: np.ndarray, y: np.ndarray, rate: float) -> tuple[float, float]:
    """One step of gradient descent on the mean cross-entropy of ``sigmoid(weight * x + bias)`` against ``y``.

    Args:
        weight, bias: as they are. x, y: ``(N,)``, what is measured and what is true (0 or 1). rate: learning rate.

    Returns:
        The new weight and bias.
    """
    error = _sigmoid(weight * x + bias) - y
    return float(weight - rate * np.mean(error * x)), float(bias - rate * np.mean(error))


def _sigmoid(logit: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logit))


def _step_uphill(weight: float, bias: float, x: np.ndarray, y: np.ndarray, rate: float) -> tuple[float, float]:
    return gradient_step(weight, bias, x, y, -rate)


def _step_summed(weight: float, bias: float, x: np.ndarray, y: np.ndarray, rate: float) -> tuple[float, float]:
    return gradient_step(weight, bias, x, y, rate * len(x))


def _step_of_the_logit(weight: float, bias: float, x: np.ndarray, y: np.ndarray, rate: float) -> tuple[float, float]:
    error = weight * x + bias - y
    return float(weight - rate * np.mean(error * x)), float(bias - rate * np.mean(error))


def _step_one_after_the_other(
    weight: float, bias: float, x: np.ndarray, y: np.ndarray, rate: float
) -> tuple[float, float]:
    moved = gradient_step(weight, bias, x, y, rate)[0]
    return moved, gradient_step(moved, bias, x, y, rate)[1]


def _step_bias_by_x(weight: float, bias: float, x: np.ndarray, y: np.ndarray, rate: float) -> tuple[float, float]:
    moved = gradient_step(weight, bias, x, y, rate)[0]
    return moved, bias + moved - weight


def _step_weight_without_x(
    weight: float, bias: float, x: np.ndarray, y: np.ndarray, rate: float
) -> tuple[float, float]:
    moved = gradient_step(weight, bias, x, y, rate)[1]
    return weight + moved - bias, moved


def _step_bias_left(weight: float, bias: float, x: np.ndarray, y: np.ndarray, rate: float) -> tuple[float, float]:
    return gradient_step(weight, bias, x, y, rate)[0], bias


def _step_without_rate(weight: float, bias: float, x: np.ndarray, y: np.ndarray, rate: float) -> tuple[float, float]:
    return gradient_step(weight, bias, x, y, 1.0)


def _step_only_the_gradient(
    weight: float, bias: float, x: np.ndarray, y: np.ndarray, rate: float
) -> tuple[float, float]:
    moved = gradient_step(weight, bias, x, y, 1.0)
    return weight - moved[0], bias - moved[1]


def _step_of_squares(weight: float, bias: float, x: np.ndarray, y: np.ndarray, rate: float) -> tuple[float, float]:
    said = _sigmoid(weight * x + bias)
    slope = 2 * (said - y) * said * (1 - said)
    return float(weight - rate * np.mean(slope * x)), float(bias - rate * np.mean(slope))


def _step_edges() -> list[Case]:
    three = np.array([2.0, -1.0, 0.5]), np.array([1.0, 0.0, 0.0])
    return [
        (0.0, 0.0, np.array([2.0]), np.array([1.0]), 1.0),
        (0.0, 0.0, np.array([2.0]), np.array([0.0]), 0.5),
        (1.5, -0.5, *three, 2.0),
        (1.5, -0.5, *three, 0.0),
        (-0.25, 1.0, np.array([1, 3, -2, 0]), np.array([1, 0, 1, 1]), 0.1),
        (0.0, 3.0, np.array([1.0, -1.0]), np.array([1.0, 1.0]), 4.0),
    ]


def _step_random(rng: Generator) -> list[Case]:
    def draw(count: int) -> Case:
        weight, bias, rate = (float(value) for value in rng.uniform(0.2, 2, 3))
        return weight, -bias, rng.normal(0.3, 1, count), rng.integers(0, 2, count).astype(float), rate

    return [draw(count) for count in (3, 8, 30)]


LESSON = Lesson(
    3,
    [
        Exercise(
            id="convolve",
            title="A kernel that slides over an image",
            points=2,
            shortcuts=(
                "scipy.signal.convolve2d",
                "scipy.signal.correlate2d",
                "scipy.signal.convolve",
                "scipy.signal.correlate",
                "scipy.ndimage.convolve",
                "scipy.ndimage.correlate",
                "torch.nn.functional.conv2d",
                "torch.nn.Conv2d",
            ),
            reference=convolve,
            edges=_convolve_edges,
            random=_convolve_random,
            misconceptions={
                "Your kernel is upside down and left to right. Mathematicians flip it; deep learning, and F.conv2d, "
                "lay it on the window as it is.": _convolve_flipped,
                "Your map is as large as the image: you let the kernel hang over the border. Here it must lie inside "
                "entirely.": _convolve_padded,
                "You took the mean of the products. A convolution adds them up.": _convolve_mean,
                "The last row and column are missing. From 0 to H - h there are H - h + "
                "1 places, as with fence posts.": (_convolve_one_short),
                "You multiplied window and kernel as matrices, with @. Here each number meets only the one that lies "
                "on it: *.": _convolve_matrix_product,
                "Rows and columns have changed places in your map: the result at row r, column c belongs to the window "
                "whose top left corner is there.": _convolve_transposed,
                "Your map has lost its fractions: np.zeros_like(image) makes whole numbers where the image has whole "
                "numbers. Use np.zeros(shape).": _convolve_whole,
                "Your windows lie side by side. The kernel moves by one pixel at a time, so its windows overlap.": (
                    _convolve_tiled
                ),
            },
            hints=(
                "At how many places can the kernel begin, if it must lie on the image entirely?",
                "One number for each place: two loops over the rows and columns of the result, which is H - h + 1 "
                "high and W - w + 1 wide.",
                "At each place cut out the window of the kernel's size that begins there, multiply it by the "
                "kernel, number by number, and add the products up.",
            ),
        ),
        networks_03.PATCH_LOGITS,
        Exercise(
            id="cross-entropy",
            title="Softmax and cross-entropy",
            points=3,
            shortcuts=(
                "torch.nn.functional.cross_entropy",
                "torch.nn.CrossEntropyLoss",
                "torch.nn.functional.log_softmax",
                "torch.nn.functional.softmax",
                "scipy.special.softmax",
                "scipy.special.log_softmax",
                "sklearn.metrics.log_loss",
            ),
            reference=cross_entropy,
            edges=_entropy_edges,
            random=_entropy_random,
            misconceptions={
                "The minus sign is missing: the logarithm of a probability is negative, and a loss is to be large "
                "where the answer is bad.": _entropy_uphill,
                "You added the rows up. The loss of a batch is their mean, or a larger batch would seem worse.": (
                    _entropy_summed
                ),
                "Right, as long as the logits are small. exp(1000) is more than a computer can write down: take the "
                "largest logit of each row away from the row first, which changes no "
                "probability.": _entropy_overflowing,
                "You took the logarithm to base 10. Here, as in F.cross_entropy, it is the natural one: np.log.": (
                    _entropy_base_10
                ),
                "You took the logarithm to base 2. Here, as in F.cross_entropy, it is the natural one: np.log.": (
                    _entropy_base_2
                ),
                "Your softmax runs down the columns. Each row is one answer: its own probabilities add up to 1.": (
                    _entropy_down_the_batch
                ),
                "You took the logits themselves. Make them probabilities first: exp, divided by the sum of the row.": (
                    _entropy_no_softmax
                ),
                "You counted what is missing to 1. Cross-entropy is the negative logarithm of the true class's "
                "probability.": _entropy_no_log,
                "You averaged over all classes. Only the probability of the true one counts.": _entropy_all_columns,
                "You took the class that the network prefers. The loss asks for the one that is true.": (
                    _entropy_of_the_highest
                ),
            },
            hints=(
                "Which of the K probabilities of a row decides what its answer costs?",
                "Three steps: the softmax of each row, the probability of the true class in each row, the mean of "
                "their negative logarithms.",
                "Take each row's largest logit away from the row, raise e to the rest, and divide by the sum of the "
                "row (keepdims=True keeps it a column). Pick with np.arange(len(truth)) and truth as indices.",
            ),
        ),
        Exercise(
            id="gradient-step",
            title="One step down the slope",
            points=2,
            reference=gradient_step,
            edges=_step_edges,
            random=_step_random,
            misconceptions={
                "You went uphill. The slope points to where the loss grows: subtract it.": _step_uphill,
                "You added the slopes of all patches up. The loss is a mean, so its slope is one too.": _step_summed,
                "The sigmoid is missing. The error is what the network said, a probability, minus what is true.": (
                    _step_of_the_logit
                ),
                "You moved the weight first and took the bias's slope at the new weight. Both slopes belong to the "
                "place where you stand: work them out before you move.": _step_one_after_the_other,
                "The bias has the weight's slope in your code. Nothing multiplies the bias, so x has no place in its "
                "slope: it is the mean of p - y.": _step_bias_by_x,
                "The weight's slope lacks x: a patch whose x is 0 says nothing about the weight. It is the mean of "
                "(p - y) * x.": _step_weight_without_x,
                "The bias has not moved. It is learnt like the weight.": _step_bias_left,
                "The learning rate is missing: move by rate times the slope.": _step_without_rate,
                "These are the slopes. Asked for are the new weight and the new bias.": _step_only_the_gradient,
                "That is the slope of a squared error. With cross-entropy it is simpler: p - y, and no p * (1 - p).": (
                    _step_of_squares
                ),
            },
            hints=(
                "The network says p, true is y. What does p - y say about the direction in which the logit should "
                "move?",
                "Three steps: p for every patch, the two slopes, and only then the two new numbers.",
                "p is the sigmoid of weight * x + bias. The slope of the weight is the mean of (p - y) * x, that of "
                "the bias the mean of p - y. Take rate times the slope away from each.",
            ),
        ),
        networks_03.TRAIN_EPOCH,
    ],
)

check = LESSON.check
