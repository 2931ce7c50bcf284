"""Exercises of lesson 05: how a backbone shrinks its maps, what its cells see, and what it costs."""

from collections.abc import Callable
from typing import NamedTuple

from numpy.random import Generator

from course_utils.exercises.core import Case, Exercise, Lesson

Convolution = tuple[int, int, int, int, int]
"""Channels in, channels out, kernel, stride, groups."""


def output_size(size: int, kernel: int, stride: int, padding: int) -> int:
    """Pixels along one side of a convolution's output (Dumoulin and Visin 2016, relationship 6)."""
    return (size + 2 * padding - kernel) // stride + 1


def _size_without_one(size: int, kernel: int, stride: int, padding: int) -> int:
    return (size + 2 * padding - kernel) // stride


def _size_padded_once(size: int, kernel: int, stride: int, padding: int) -> int:
    return (size + padding - kernel) // stride + 1


def _size_rounded_up(size: int, kernel: int, stride: int, padding: int) -> int:
    return -((kernel - size - 2 * padding) // stride) + 1


def _size_halved(size: int, kernel: int, stride: int, padding: int) -> int:
    return size // stride


def _size_edges() -> list[Case]:
    cases: list[Case] = [(7, 3, 1, 0), (7, 3, 2, 1), (8, 3, 2, 1), (320, 7, 2, 3)]
    return cases


def _size_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for _ in range(4):
        kernel = int(rng.choice([1, 3, 5, 7]))
        cases.append(
            (int(rng.integers(9, 200)), kernel, int(rng.integers(1, 4)), int(rng.integers(0, kernel // 2 + 1)))
        )
    return cases


def receptive_field(layers: list[tuple[int, int]]) -> int:
    """Side of the square of input pixels that one output pixel depends on.

    Args:
        layers: (kernel, stride) of each, the first one first.
    """
    # A different way than the lesson's: walk back from one output pixel.
    pixels = 1
    for kernel, stride in reversed(layers):
        pixels = (pixels - 1) * stride + kernel
    return pixels


def _forward_field(layers: list[tuple[int, int]], own_stride: bool = False, whole_kernel: bool = False) -> int:
    """The lesson's way, with two mistakes to choose from."""
    field, step = 1, 1
    for kernel, stride in layers:
        field += (kernel if whole_kernel else kernel - 1) * step * (stride if own_stride else 1)
        step *= stride
    return field


def _field_own_stride(layers: list[tuple[int, int]]) -> int:
    return _forward_field(layers, own_stride=True)


def _field_whole_kernel(layers: list[tuple[int, int]]) -> int:
    return _forward_field(layers, whole_kernel=True)


def _field_strides_forgotten(layers: list[tuple[int, int]]) -> int:
    return _forward_field([(kernel, 1) for kernel, _ in layers])


def _field_product(layers: list[tuple[int, int]]) -> int:
    field = 1
    for kernel, _ in layers:
        field *= kernel
    return field


def _field_edges() -> list[Case]:
    cases: list[Case] = [([(3, 1)],), ([(3, 1), (3, 1)],), ([(3, 2), (3, 1)],), ([(7, 2), (3, 2), (1, 1), (3, 1)],)]
    return cases


def _field_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for count in (3, 5, 8):
        cases.append(([(int(rng.choice([1, 3, 5])), int(rng.integers(1, 3))) for _ in range(count - 1)] + [(3, 2)],))
    return cases


def convolution_cost(inputs: int, outputs: int, kernel: int, groups: int, size: int) -> tuple[int, int]:
    """Weights of a convolution without bias, and its multiply-adds for an output of ``size`` x ``size`` pixels."""
    weights = outputs * (inputs // groups) * kernel**2
    return weights, weights * size**2


def _cost_dense(inputs: int, outputs: int, kernel: int, groups: int, size: int) -> tuple[int, int]:
    return convolution_cost(inputs, outputs, kernel, 1, size)


def _cost_twice_grouped(inputs: int, outputs: int, kernel: int, groups: int, size: int) -> tuple[int, int]:
    return convolution_cost(inputs, outputs // groups, kernel, groups, size)


def _cost_flat_kernel(inputs: int, outputs: int, kernel: int, groups: int, size: int) -> tuple[int, int]:
    weights = outputs * (inputs // groups) * kernel
    return weights, weights * size**2


def _cost_one_row(inputs: int, outputs: int, kernel: int, groups: int, size: int) -> tuple[int, int]:
    weights = outputs * (inputs // groups) * kernel**2
    return weights, weights * size


def _cost_edges() -> list[Case]:
    cases: list[Case] = [(3, 64, 7, 1, 160), (64, 256, 1, 1, 80), (128, 128, 3, 32, 80)]
    return cases


def _cost_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for groups in (1, 2, 4, 8):
        inputs, outputs = (groups * int(rng.integers(2, 20)) for _ in range(2))
        cases.append((inputs, outputs, int(rng.choice([3, 5])), groups, int(rng.integers(5, 60))))
    return cases


def bottleneck(inputs: int, width: int, stride: int, groups: int, group_width: int) -> list[Convolution]:
    """Convolutions of a bottleneck block in torchvision's order: 1x1, 3x3, 1x1, and the shortcut's if it needs one."""
    inner, outputs = groups * (width * group_width // 64), 4 * width
    block = [(inputs, inner, 1, 1, 1), (inner, inner, 3, stride, groups), (inner, outputs, 1, 1, 1)]
    if stride != 1 or inputs != outputs:
        block.append((inputs, outputs, 1, stride, 1))
    return block


def _block_no_shortcut(inputs: int, width: int, stride: int, groups: int, group_width: int) -> list[Convolution]:
    return bottleneck(inputs, width, stride, groups, group_width)[:3]


def _block_shortcut_for_channels(
    inputs: int, width: int, stride: int, groups: int, group_width: int
) -> list[Convolution]:
    return bottleneck(inputs, width, stride, groups, group_width)[: 3 if inputs == 4 * width else 4]


def _block_always_shortcut(inputs: int, width: int, stride: int, groups: int, group_width: int) -> list[Convolution]:
    return [*bottleneck(inputs, width, stride, groups, group_width)[:3], (inputs, 4 * width, 1, stride, 1)]


def _block_narrow(inputs: int, width: int, stride: int, groups: int, group_width: int) -> list[Convolution]:
    block = bottleneck(inputs, width, stride, 1, 64)
    block[1] = (width, width, 3, stride, groups)
    return block


def _block_all_grouped(inputs: int, width: int, stride: int, groups: int, group_width: int) -> list[Convolution]:
    block = bottleneck(inputs, width, stride, groups, group_width)
    return [(*convolution[:4], groups) for convolution in block[:3]] + block[3:]


def _block_stride_first(inputs: int, width: int, stride: int, groups: int, group_width: int) -> list[Convolution]:
    block = bottleneck(inputs, width, stride, groups, group_width)
    inner = block[0][1]
    return [(inputs, inner, 1, stride, 1), (inner, inner, 3, 1, groups), *block[2:]]


def _block_edges() -> list[Case]:
    cases: list[Case] = [
        (256, 64, 1, 1, 64),
        (64, 64, 1, 1, 64),
        (256, 128, 2, 1, 64),
        (256, 64, 1, 32, 4),
        (256, 64, 2, 1, 64),
    ]
    return cases


def _block_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for width in rng.choice([64, 128, 256, 512], 2, replace=False).tolist():
        cases.append((2 * width, width, 2, 32, int(rng.choice([4, 8]))))
        cases.append((4 * width, width, 1, 32, int(rng.choice([4, 8]))))
    return cases


class Recipe(NamedTuple):
    """What tells the backbones of the paper apart."""

    blocks: tuple[int, int, int, int]
    """Bottlenecks in each stage."""
    groups: int = 1
    group_width: int = 64


RECIPES = {
    "resnet50": Recipe((3, 4, 6, 3)),
    "resnext50_32x4d": Recipe((3, 4, 6, 3), 32, 4),
    "resnet101": Recipe((3, 4, 23, 3)),
    "resnext101_32x8d": Recipe((3, 4, 23, 3), 32, 8),
}
"""The backbones that He et al. (2017) tested, under torchvision's names."""


def convolutions(name: str, size: int) -> list[tuple[int, int, int, int, int]]:
    """Every convolution of one of `RECIPES`: channels in, channels out, kernel, groups, side of its output.

    Args:
        name: a key of `RECIPES`. size: side of the photo.
    """
    recipe = RECIPES[name]
    size = output_size(size, 7, 2, 3)
    rows = [(3, 64, 7, 1, size)]
    size, inputs = output_size(size, 3, 2, 1), 64
    for k, count in enumerate(recipe.blocks):
        width = 64 * 2**k
        for number in range(count):
            stride = 2 if number == 0 and k > 0 else 1
            smaller = output_size(size, 3, stride, 1)
            block = bottleneck(inputs, width, stride, recipe.groups, recipe.group_width)
            # The first 1x1 convolution still works at the size that comes in.
            sizes = [size, smaller, smaller, smaller]
            rows += [(c[0], c[1], c[2], c[4], side) for c, side in zip(block, sizes, strict=False)]
            size, inputs = smaller, 4 * width
    return rows


PHOTO = 320
"""Side of the course's photos, in pixels."""

Cost = Callable[[int, int, int, int, int], tuple[int, int]]


def cost_table(cost: Cost = convolution_cost, norm: int = 2) -> dict[str, tuple[int, int]]:
    """Parameters and multiply-adds of each of `RECIPES` for a photo of `PHOTO` pixels.

    Args:
        cost: of one convolution. norm: parameters of a normalisation layer for each channel.
    """
    table = {}
    for name in RECIPES:
        rows = convolutions(name, PHOTO)
        costs = [cost(*row) for row in rows]
        parameters = sum(weights for weights, _ in costs) + norm * sum(row[1] for row in rows)
        table[name] = (parameters, sum(adds for _, adds in costs))
    return table


LESSON = Lesson(
    5,
    [
        Exercise(
            id="output-size",
            title="How many pixels a convolution leaves",
            points=1,
            reference=output_size,
            edges=_size_edges,
            random=_size_random,
            misconceptions={
                "You counted the steps between the windows. There is one more window than steps, as with fence posts: "
                "add 1.": _size_without_one,
                "The padding is added at both ends, so the side grows by twice the padding.": _size_padded_once,
                "A last step that would leave the picture is not taken: divide with //, which rounds down.": (
                    _size_rounded_up
                ),
                "Dividing by the stride is a good rule of thumb, but kernel and padding count too: ask how many "
                "windows fit.": _size_halved,
            },
            hints=(
                "The kernel may stand at size + 2 * padding - kernel + 1 places. Of these you use the first one, and "
                "then every stride-th.",
            ),
        ),
        Exercise(
            id="receptive-field",
            title="How much of the photo one cell sees",
            points=2,
            reference=receptive_field,
            edges=_field_edges,
            random=_field_random,
            misconceptions={
                "A layer's own stride does not widen what that layer itself sees, only what the layers after it see: "
                "first add, then multiply the step.": _field_own_stride,
                "A kernel adds the pixels around the one that is already seen: kernel - 1 of them, not kernel.": (
                    _field_whole_kernel
                ),
                "You added as if all strides were 1. After a stride of 2 the neighbours of a cell are two pixels "
                "apart, and everything later counts double.": _field_strides_forgotten,
                "Kernels do not multiply. Two 3x3 layers see 5 pixels, not 9: the windows of neighbours overlap.": (
                    _field_product
                ),
            },
            hints=(
                "Keep two numbers: the field, which starts at 1, and the step between neighbours in pixels of the "
                "photo, which starts at 1 too. Each layer adds (kernel - 1) * step, and then multiplies the step.",
            ),
        ),
        Exercise(
            id="convolution-cost",
            title="Weights and multiply-adds of a convolution",
            points=2,
            reference=convolution_cost,
            edges=_cost_edges,
            random=_cost_random,
            misconceptions={
                "You counted as if every output channel read all input channels. With groups it reads only those of "
                "its own group: inputs / groups.": _cost_dense,
                "You divided by groups twice. Each output channel reads fewer inputs, but there are as many outputs "
                "as before.": _cost_twice_grouped,
                "A kernel is a square: it has kernel * kernel weights for each channel that it reads.": (
                    _cost_flat_kernel
                ),
                "The output has size * size pixels, and each of them costs as many multiply-adds as there are "
                "weights.": _cost_one_row,
            },
            hints=(
                "How many numbers does one output channel need for its kernel? Times how many output channels? Each "
                "weight is used once for every output pixel.",
            ),
        ),
        Exercise(
            id="bottleneck",
            title="The convolutions of a bottleneck block",
            points=2,
            reference=bottleneck,
            edges=_block_edges,
            random=_block_random,
            misconceptions={
                "The shortcut is missing where it needs a convolution: a sum needs the same shape on both sides, and "
                "here the size or the channels change.": _block_no_shortcut,
                "A stride above 1 changes the size even when the channels stay: the shortcut then needs its "
                "convolution too.": _block_shortcut_for_channels,
                "A shortcut that changes neither size nor channels is no convolution: it hands its input on as it "
                "is.": _block_always_shortcut,
                "The inner width of a ResNeXt block is groups * (width * group_width // 64), wider than the "
                "ResNet's.": _block_narrow,
                "Only the 3x3 convolution has groups. The 1x1 ones read all channels, or the groups would never "
                "learn of each other.": _block_all_grouped,
                "In this course, as in torchvision, the stride sits at the 3x3 convolution. At the first 1x1 it would "
                "skip three pixels out of four unseen.": _block_stride_first,
            },
            hints=(
                "Three rows, and a fourth (inputs, 4 * width, 1, stride, 1) when stride is not 1 or inputs is not "
                "4 * width.",
            ),
        ),
        Exercise(
            id="backbone-table",
            title="The four backbones of the paper in one table",
            points=2,
            reference=cost_table(),
            misconceptions={
                "The normalisation layers are missing: each convolution is followed by one, with two parameters for "
                "each of its output channels.": cost_table(norm=0),
                "A normalisation layer learns two numbers a channel, a scale and a shift. You counted one.": (
                    cost_table(norm=1)
                ),
                "ResNeXt comes out far too dear: your cost of a convolution leaves out its groups.": (
                    cost_table(_cost_dense)
                ),
                "Your multiply-adds do not count the pixels: add up the second number of the cost, not the first.": {
                    name: (parameters, parameters) for name, (parameters, _) in cost_table().items()
                },
            },
            hints=(
                "For each name: add up the costs of its rows, then add twice the channels out of every row to the "
                "parameters.",
            ),
        ),
    ],
)

check = LESSON.check
