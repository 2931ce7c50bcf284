"""The exercises of lesson 05 about one side of a map: how many pixels it has, and how many of the photo a cell sees."""

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
    small = [(7, 3, 1, 0), (7, 3, 2, 1), (8, 3, 2, 1), (5, 5, 1, 0), (5, 3, 4, 0), (6, 1, 3, 2), (8, 1, 3, 0)]
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
    whole=True,
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
        "A last step that would leave the picture is not taken. Cut the fraction off instead of rounding.": (
            lambda size, kernel, stride, padding: round((size + 2 * padding - kernel) / stride) + 1
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


def _stretched(layers: Layers) -> int:
    field = 1
    for kernel, stride in layers:
        field = field * stride + kernel - 1
    return field


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
            _forward(lambda kernel, stride, step: kernel // 2 * step)
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
        "Only the first layer counts. Does `return` stand inside of the loop?": (
            lambda layers: receptive_field(layers[:1])
        ),
        "Kernel and stride have changed places: each layer is (kernel, stride).": (
            lambda layers: receptive_field([layer[::-1] for layer in layers])
        ),
        "Without any layer a cell is a pixel, and sees itself: 1, not 0.": (
            lambda layers: receptive_field(layers) if layers else 0
        ),
        "An even kernel reaches as far, too: it adds kernel - 1 pixels, 1 for a kernel of 2.": (
            _forward(lambda kernel, stride, step: kernel // 2 * 2 * step)
        ),
        "You stretch the whole field by each stride. It grows by kernel - 1 steps; only the step is multiplied.": (
            _stretched
        ),
        "You began with a field of 0. A cell that no layer has touched sees itself: one pixel.": _forward(start=0),
        "Kernels do not multiply. Two 3x3 layers see 5 pixels, not 9: the windows of neighbours overlap.": (
            lambda layers: math.prod(kernel for kernel, _ in layers)
        ),
        "You added the kernels up. Each adds what it reaches beyond the pixel that is already seen, and in steps.": (
            lambda layers: sum(kernel for kernel, _ in layers)
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
