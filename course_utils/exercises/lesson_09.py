"""Exercises of lesson 09: the heads' three answers, class, box and mask, and the conventions about the background."""

import numpy as np
from numpy.random import Generator
from scipy.special import expit, softmax

from course_utils import boxes
from course_utils.exercises.core import Case, Exercise, Lesson
from course_utils.exercises.networks_09 import NETWORKS

WEIGHTS = (10.0, 10.0, 5.0, 5.0)
"""Weights of the box head's deltas in the paper and in torchvision."""


Answer = tuple[np.ndarray, np.ndarray]


def _classify(logits: np.ndarray) -> Answer:
    foods = softmax(logits, axis=1)[:, 1:]
    return foods.argmax(axis=1) + 1, foods.max(axis=1)


def _classify_foods_only(logits: np.ndarray) -> Answer:
    foods = softmax(logits[:, 1:], axis=1)
    return foods.argmax(axis=1) + 1, foods.max(axis=1)


def _classify_background_wins(logits: np.ndarray) -> Answer:
    scores = softmax(logits, axis=1)
    return scores.argmax(axis=1), scores.max(axis=1)


def _classify_shifted(logits: np.ndarray) -> Answer:
    labels, scores = _classify(logits)
    return labels - 1, scores


def _classify_sigmoid(logits: np.ndarray) -> Answer:
    labels, _ = _classify(logits)
    return labels, expit(logits[:, 1:].max(axis=1))


def _logits(rng: Generator, rois: int, classes: int) -> np.ndarray:
    """Logits of which every other RoI is background."""
    logits = rng.normal(0, 1.5, (rois, classes + 1))
    logits[::2, 0] = logits[::2].max(axis=1) + 1
    return logits


def _classify_edges() -> list[Case]:
    first = np.array([[0.0, 1.0, 3.0, 0.0, 0.0, 0.0, 0.0], [4.0, 0.0, 0.0, 2.0, 0.0, 0.0, 1.0]])
    return [(first,)]


def _classify_random(rng: Generator) -> list[Case]:
    return [(_logits(rng, rois, classes),) for rois, classes in ((3, 6), (5, 3), (8, 6))]


def _own(deltas: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return deltas[np.arange(len(labels)), labels]


def _own_box(deltas: np.ndarray, rois: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return boxes.decode(_own(deltas, labels), rois, WEIGHTS)


def _box_no_weights(deltas: np.ndarray, rois: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return boxes.decode(_own(deltas, labels), rois)


def _box_background(deltas: np.ndarray, rois: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return boxes.decode(deltas[:, 0], rois, WEIGHTS)


def _box_shifted(deltas: np.ndarray, rois: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return boxes.decode(_own(deltas, labels - 1), rois, WEIGHTS)


def _box_linear(deltas: np.ndarray, rois: np.ndarray, labels: np.ndarray) -> np.ndarray:
    deltas = _own(deltas, labels)
    scale = np.log1p(np.maximum(deltas[:, 2:] / WEIGHTS[2:], -0.99)) * WEIGHTS[2:]
    return boxes.decode(np.concatenate([deltas[:, :2], scale], axis=1), rois, WEIGHTS)


def _box_in_pixels(deltas: np.ndarray, rois: np.ndarray, labels: np.ndarray) -> np.ndarray:
    deltas = _own(deltas, labels)
    found = boxes.decode(np.concatenate([np.zeros_like(deltas[:, :2]), deltas[:, 2:]], axis=1), rois, WEIGHTS)
    return found + np.tile(deltas[:, :2] / WEIGHTS[:2], 2)


def _box_edges() -> list[Case]:
    roi = np.array([[100.0, 50.0, 200.0, 130.0]])
    deltas = np.zeros((1, 7, 4))
    deltas[0, 3] = [1.0, -2.0, 0.5, -1.0]
    deltas[0, 2], deltas[0, 0] = [-1.0, 1.0, 1.0, 0.0], [2.0, 2.0, 0.0, 0.0]
    cases: list[Case] = [(deltas, roi, np.array([3]))]
    return cases


def _box_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for rois, classes in ((3, 6), (4, 2), (5, 6)):
        corner, size = rng.uniform(0, 200, (rois, 2)), rng.uniform(20, 150, (rois, 2))
        found = np.concatenate([corner, corner + size], axis=1)
        cases.append((rng.normal(0, 1, (rois, classes + 1, 4)), found, rng.integers(1, classes + 1, rois)))
    return cases


def _convert(class_weights: np.ndarray, box_weights: np.ndarray) -> Answer:
    return np.concatenate([class_weights[1:], class_weights[:1]]), box_weights[4:]


def _convert_not_moved(class_weights: np.ndarray, box_weights: np.ndarray) -> Answer:
    return class_weights, box_weights[4:]


def _convert_one_row(class_weights: np.ndarray, box_weights: np.ndarray) -> Answer:
    return _convert(class_weights, box_weights)[0], box_weights[1:]


def _convert_wrong_end(class_weights: np.ndarray, box_weights: np.ndarray) -> Answer:
    return _convert(class_weights, box_weights)[0], box_weights[:-4]


def _convert_dropped(class_weights: np.ndarray, box_weights: np.ndarray) -> Answer:
    return class_weights[1:], box_weights[4:]


def _convert_random(rng: Generator) -> list[Case]:
    def layer(rows: int, width: int) -> np.ndarray:
        return rng.permutation(rows * width).reshape(rows, width).astype(float)

    return [(layer(c + 1, width), layer(4 * (c + 1), width)) for c, width in ((2, 1), (6, 2), (3, 4))]


def _convert_edges() -> list[Case]:
    return _convert_random(np.random.default_rng(0))


def _own_mask(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return expit(_own(logits, labels))


def _mask_softmax(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return _own(softmax(logits, axis=1), labels)


def _mask_shifted(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return expit(_own(logits, labels - 1))


def _mask_strongest(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return expit(logits.max(axis=1))


def _mask_logits(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return _own(logits, labels)


def _mask_spread(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    chosen = _own(logits, labels)
    return softmax(chosen, axis=(1, 2))


def _mask_edges() -> list[Case]:
    first = np.array([[[[-2.0, -2.0]], [[3.0, 3.0]], [[3.0, -1.0]]]])
    rng = np.random.default_rng(9)
    return [
        (first, np.array([2])),
        (rng.normal(0, 2, (3, 4, 2, 2)), np.array([1, 3, 1])),
        (rng.normal(0, 3, (2, 7, 28, 28)), np.array([6, 2])),
        (np.zeros((0, 3, 2, 2)), np.zeros(0, dtype=int)),
    ]


def _mask_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for count, classes, side in ((2, 6, 3), (3, 2, 4), (4, 6, 2)):
        labels = rng.integers(1, classes + 1, count)
        cases.append((rng.normal(0, 2, (count, classes + 1, side, side)), labels))
    return cases


LESSON = Lesson(
    9,
    [
        Exercise(
            id="class-and-score",
            title="The food of a RoI, and how sure it is",
            points=2,
            reference=_classify,
            edges=_classify_edges,
            random=_classify_random,
            misconceptions={
                "You left the background out of the softmax. Then the scores of the foods add up to 1 even where there "
                "is none: take the softmax over all columns first, and drop column 0 after it.": _classify_foods_only,
                "The background won where it is the likeliest. Nobody orders background: look for the best among the "
                "foods, whose score will then be low.": _classify_background_wins,
                "Your labels are one too small. When column 0 is cut off, the first food stands at index 0; its label "
                "is 1.": _classify_shifted,
                "You used a sigmoid. The classes exclude each other here, so their scores come from one softmax.": (
                    _classify_sigmoid
                ),
            },
            hints=(
                "probabilities = exp(logits) / the row's sum of exp(logits). Then argmax and max over the columns "
                "from 1 on, and 1 added to the argmax.",
            ),
        ),
        Exercise(
            id="own-box",
            title="The box of each RoI's own class",
            points=2,
            shortcuts=("torchvision.models.detection._utils.BoxCoder",),
            reference=_own_box,
            edges=_box_edges,
            random=_box_random,
            tolerance=1e-5,  # as near as float32 comes
            misconceptions={
                "The weights are missing: the network's deltas are 10, 10, 5 and 5 times too large. Divide first.": (
                    _box_no_weights
                ),
                "You used the background's deltas, number 0. Each RoI has its own label: deltas[number of the RoI, "
                "its label].": _box_background,
                "You took the deltas of the class before. The background is number 0 here, so a label is its own "
                "index.": _box_shifted,
                "The size changes by exp(dw), not by 1 + dw. The two are nearly equal only for small changes.": (
                    _box_linear
                ),
                "dx and dy are not pixels. They count in widths and heights of the RoI.": _box_in_pixels,
            },
            hints=(
                "Centre: cx + dx * width, cy + dy * height. Size: width * exp(dw), height * exp(dh). All four after "
                "dividing by the weights.",
            ),
        ),
        Exercise(
            id="other-convention",
            title="From one convention to the other",
            points=2,
            reference=_convert,
            edges=_convert_edges,
            random=_convert_random,
            misconceptions={
                "The class layer still has the background first. In the other convention it comes last: move its row "
                "to the end.": _convert_not_moved,
                "You took one row from the box layer. The background's box has four: dx, dy, dw, dh.": _convert_one_row,
                "You took the last four rows of the box layer, which belong to the last food. Here the background "
                "comes first.": _convert_wrong_end,
                "The class layer has lost the background. Only its box goes; to say 'nothing here' it is needed in "
                "both.": _convert_dropped,
            },
            hints=("np.concatenate([rows from 1 on, row 0]) for the classes; drop the first four rows for the boxes.",),
        ),
        Exercise(
            id="own-mask",
            title="The mask of each detection's own class",
            points=2,
            reference=_own_mask,
            edges=_mask_edges,
            random=_mask_random,
            misconceptions={
                "You made the classes compete in every pixel, with a softmax over the channels. In Mask R-CNN the "
                "class is settled already: a sigmoid on the own channel alone.": _mask_softmax,
                "This is the channel of the class before. Channel 0 is the background's, so a label is its own "
                "index.": _mask_shifted,
                "You took the strongest channel in every pixel. That may be another food's: take the channel that the "
                "label names.": _mask_strongest,
                "These are still logits. A sigmoid makes probabilities of them.": _mask_logits,
                "Your probabilities add up to 1 over the pixels. Each pixel is a yes or no of its own: sigmoid, not "
                "softmax.": _mask_spread,
            },
            hints=("chosen = logits[np.arange(len(labels)), labels], then 1 / (1 + np.exp(-chosen)).",),
        ),
        *NETWORKS,
    ],
)

check = LESSON.check
