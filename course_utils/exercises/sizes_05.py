"""The exercises of lesson 05 that ask for a number: size, receptive field, and cost of convolutions."""

import math
from collections.abc import Callable

from numpy.random import Generator

from course_utils.exercises.core import Case, Exercise

Layers = list[tuple[int, int]]


def output_size(size: int, kernel: int, stride: int, padding: int) -> int:
    """Pixels along one side of a convolution's output (Dumoulin and Visin 2016, relationship 6)."""
    return (size + 2 * padding - kernel) // stride + 1


def _size_rounded_up(size: int, kernel: int, stride: int, padding: int) -> int:
    return -((kernel - size - 2 * padding) // stride) + 1


def _size_edges() -> list[Case]:
    # The last ones: the kernel fits exactly once; a stride longer than what is left; padding and stride differ.
    small = [(7, 3, 1, 0), (7, 3, 2, 1), (8, 3, 2, 1), (5, 5, 1, 0), (5, 3, 4, 0), (6, 1, 3, 2), (10, 4, 3, 1)]
    return [*small, (320, 7, 2, 3), (800, 3, 2, 1), (25, 3, 2, 1)]


def _size_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for _ in range(4):
        kernel = int(rng.choice([1, 3, 5, 7]))
        cases.append(
            (int(rng.integers(9, 200)), kernel, int(rng.integers(1, 4)), int(rng.integers(0, kernel // 2 + 1)))
        )
    return cases


SIZE = Exercise(
    id="output-size",
    title="How many pixels a convolution leaves",
    points=1,
    reference=output_size,
    edges=_size_edges,
    random=_size_random,
    misconceptions={
        "You counted the steps between the windows. There is one more window than steps, as with fence posts: add 1.": (
            lambda size, kernel, stride, padding: (size + 2 * padding - kernel) // stride
        ),
        "The padding is added at both ends, so the side grows by twice the padding.": (
            lambda size, kernel, stride, padding: (size + padding - kernel) // stride + 1
        ),
        "The padding is missing. The window may begin on it.": (
            lambda size, kernel, stride, padding: (size - kernel) // stride + 1
        ),
        "A last step that would leave the picture is not taken: divide with //, which rounds down.": _size_rounded_up,
        "That need not be a whole number. A last step that would leave the picture is not taken: divide with //.": (
            lambda size, kernel, stride, padding: (size + 2 * padding - kernel) / stride + 1
        ),
        "Dividing by the stride is a good rule of thumb, but kernel and padding count too: ask how many windows fit.": (
            lambda size, kernel, stride, padding: size // stride
        ),
        "Rounded up or not, dividing by the stride is only a rule of thumb: kernel and padding count too.": (
            lambda size, kernel, stride, padding: -(-size // stride)
        ),
        "The kernel is missing: a window needs room, and the last one must not stick out.": (
            lambda size, kernel, stride, padding: (size + 2 * padding) // stride + 1
        ),
        "You added the 1 before you divided. First divide by the stride, then add it.": (
            lambda size, kernel, stride, padding: (size + 2 * padding - kernel + 1) // stride
        ),
        "Only the room for the windows is divided by the stride: brackets around size + 2 * padding - kernel.": (
            lambda size, kernel, stride, padding: size + 2 * padding - kernel // stride + 1
        ),
        "That is the number of pixels of a square. Asked are those along one side.": (
            lambda size, kernel, stride, padding: output_size(size, kernel, stride, padding) ** 2
        ),
    },
    hints=(
        "7 pixels, no padding, a kernel of 3, a stride of 1: where does the first window begin, where the last?",
        "The room between the first place of the window and the last one; how many strides fit into it; and the first "
        "place itself.",
        "The last place is size + 2 * padding - kernel, counted from 0. Divide it by the stride, rounding down, and "
        "add the place at 0.",
    ),
)


# --- receptive field ---------------------------------------------------------------------------------------------


def receptive_field(layers: Layers) -> int:
    """Side of the square of input pixels that one output pixel depends on.

    Args:
        layers: (kernel, stride) of each, the first one first.
    """
    # A different way than the lesson's: walk back from one output pixel.
    pixels = 1
    for kernel, stride in reversed(layers):
        pixels = (pixels - 1) * stride + kernel
    return pixels


def _forward(
    reach: Callable[[int, int, int], int] = lambda kernel, stride, step: (kernel - 1) * step,
    spread: Callable[[int, int], int] = lambda step, stride: step * stride,
    start: int = 1,
) -> Callable[[Layers], int]:
    """The lesson's way: the field grows by ``reach``, then the step by ``spread``."""

    def answer(layers: Layers) -> int:
        field, step = start, 1
        for kernel, stride in layers:
            field += reach(kernel, stride, step)
            step = spread(step, stride)
        return field

    return answer


def _field_edges() -> list[Case]:
    stages = [(3, 1), (4, 2), (6, 2), (3, 2)]
    resnet50 = [(7, 2), (3, 2)]
    for blocks, stride in stages:
        for number in range(blocks):
            resnet50 += [(1, 1), (3, stride if number == 0 else 1), (1, 1)]
    few = [[(3, 1)], [(3, 1), (3, 1)], [(3, 2), (3, 1)], [], [(5, 3)], [(2, 2), (2, 2)], [(3, 2), (5, 3), (3, 1)]]
    return [*((layers,) for layers in few), ([(7, 2), (3, 2), (1, 1), (3, 1)],), (resnet50,)]


def _field_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for count in (3, 5, 8):
        cases.append(([(int(rng.choice([1, 3, 5])), int(rng.integers(1, 3))) for _ in range(count - 1)] + [(3, 2)],))
    return cases


FIELD = Exercise(
    id="receptive-field",
    title="How much of the photo one cell sees",
    points=2,
    reference=receptive_field,
    edges=_field_edges,
    random=_field_random,
    misconceptions={
        "A layer's own stride does not widen what that layer itself sees, only what the layers after it see: first "
        "add, then multiply the step.": _forward(lambda kernel, stride, step: (kernel - 1) * step * stride),
        "A kernel adds the pixels around the one that is already seen: kernel - 1 of them, not kernel.": (
            _forward(lambda kernel, stride, step: kernel * step)
        ),
        "A kernel reaches to both sides: it adds kernel - 1 pixels in all, not half of them.": (
            _forward(lambda kernel, stride, step: (kernel - 1) // 2 * step)
        ),
        "You added as if all strides were 1. After a stride of 2 the neighbours of a cell are two pixels apart, and "
        "everything later counts double.": _forward(lambda kernel, stride, step: kernel - 1),
        "Only the stride of the layer itself counts in yours. The steps of all layers before it multiply.": (
            _forward(lambda kernel, stride, step: (kernel - 1) * stride)
        ),
        "After two strides of 2 neighbours are four pixels apart: strides multiply. With 2 and 3 it shows.": (
            _forward(spread=lambda step, stride: step + stride - 1)
        ),
        "Only the last stride counts in yours: the step must be multiplied, not set anew.": (
            _forward(spread=lambda step, stride: stride)
        ),
        "You began with a field of 0. A cell that no layer has touched sees itself: one pixel.": _forward(start=0),
        "Kernels do not multiply. Two 3x3 layers see 5 pixels, not 9: the windows of neighbours overlap.": (
            lambda layers: math.prod(kernel for kernel, _ in layers)
        ),
        "That is how far apart two cells are, the product of the strides. Asked is how much one of them sees.": (
            lambda layers: math.prod(stride for _, stride in layers)
        ),
        "You went through the layers from the last to the first. The step grows from the photo upwards.": (
            lambda layers: receptive_field(layers[::-1])
        ),
        "That is the area of the square. Asked is its side.": lambda layers: receptive_field(layers) ** 2,
    },
    hints=(
        "Two 3x3 layers of stride 1: which three cells of the first does a cell of the second read, and which pixels "
        "do those read?",
        "Two numbers from layer to layer: the field, and the step between two cells in pixels of the photo. Both begin "
        "at 1.",
        "For each layer in turn: the field grows by kernel - 1 steps, with the step as it still is; then the step is "
        "multiplied by the stride. The field is what is asked for.",
    ),
)


# --- cost --------------------------------------------------------------------------------------------------------


def convolution_cost(inputs: int, outputs: int, kernel: int, groups: int, size: int) -> tuple[int, int]:
    """Weights of a convolution without bias, and its multiply-adds for an output of ``size`` x ``size`` pixels."""
    weights = outputs * (inputs // groups) * kernel**2
    return weights, weights * size**2


def _costs(
    weights: Callable[[int, int, int, int], int] = lambda i, o, k, g: o * (i // g) * k**2,
    adds: Callable[[int, int], int] = lambda weights, size: weights * size**2,
) -> Callable[..., tuple[int, int]]:
    """Other ``weights(inputs, outputs, kernel, groups)`` or multiply-adds."""

    def answer(inputs: int, outputs: int, kernel: int, groups: int, size: int) -> tuple[int, int]:
        count = weights(inputs, outputs, kernel, groups)
        return count, adds(count, size)

    return answer


def _cost_edges() -> list[Case]:
    plain = [(2, 3, 3, 1, 4), (3, 64, 7, 1, 160), (64, 256, 1, 1, 80), (5, 4, 2, 1, 1)]
    grouped = [(4, 6, 3, 2, 5), (128, 128, 3, 32, 80), (16, 16, 5, 16, 7), (1024, 1024, 3, 32, 10)]
    return [*plain, *grouped]


def _cost_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for groups in (1, 2, 4, 8):
        inputs, outputs = (groups * int(rng.integers(2, 20)) for _ in range(2))
        cases.append((inputs, outputs, int(rng.choice([3, 5])), groups, int(rng.integers(5, 60))))
    return cases


COST = Exercise(
    id="convolution-cost",
    title="Weights and multiply-adds of a convolution",
    points=2,
    reference=convolution_cost,
    edges=_cost_edges,
    random=_cost_random,
    misconceptions={
        "You counted as if every output channel read all input channels. With groups it reads only those of its own "
        "group: inputs / groups.": _costs(lambda i, o, k, g: o * i * k**2),
        "You divided by groups twice. Each output channel reads fewer inputs, but there are as many outputs as "
        "before.": _costs(lambda i, o, k, g: o // g * (i // g) * k**2),
        "You multiplied by the groups. They make a convolution cheaper: each output channel reads fewer inputs.": (
            _costs(lambda i, o, k, g: o * i * g * k**2)
        ),
        "You counted one output channel only. Each has a kernel of its own.": _costs(lambda i, o, k, g: i // g * k**2),
        "You counted as if an output channel read one input channel only. It reads all of its group, with a kernel for "
        "each.": _costs(lambda i, o, k, g: o * k**2),
        "A kernel is a square: it has kernel * kernel weights for each channel that it reads.": (
            _costs(lambda i, o, k, g: o * (i // g) * k)
        ),
        "You counted the bias as well. Here there is none.": _costs(lambda i, o, k, g: o * (i // g) * k**2 + o),
        "The kernel runs over each pixel, but it is not stored for each: weights do not depend on the size of the "
        "map.": lambda i, o, k, g, size: (convolution_cost(i, o, k, g, size)[1],) * 2,
        "The output has size * size pixels, and each of them costs as many multiply-adds as there are weights.": (
            _costs(adds=lambda weights, size: weights * size)
        ),
        "A multiplication and the addition after it count as one multiply-add: not twice.": (
            _costs(adds=lambda weights, size: 2 * weights * size**2)
        ),
        "For the multiply-adds you counted pixels only. At each pixel every weight is used once.": (
            _costs(adds=lambda weights, size: size**2)
        ),
        "The two have changed places: weights first, then multiply-adds.": (
            lambda i, o, k, g, size: convolution_cost(i, o, k, g, size)[::-1]
        ),
    },
    hints=(
        "How many numbers does one output channel need for its kernel, when it reads three channels?",
        "Weights: numbers of one kernel for one channel that is read, times channels that are read, times channels "
        "that come out. Multiply-adds: each weight once for every pixel that comes out.",
        "An output channel reads inputs / groups channels, with kernel * kernel weights for each; there are `outputs` "
        "of them. The map that comes out has size * size pixels.",
    ),
)
