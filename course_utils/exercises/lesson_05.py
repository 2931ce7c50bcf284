"""Exercises of lesson 05: how a backbone shrinks its maps, what its cells see, and what it costs."""

from typing import NamedTuple

from course_utils.exercises.block_05 import BLOCK
from course_utils.exercises.core import Lesson
from course_utils.exercises.cost_05 import COST
from course_utils.exercises.sizes_05 import FIELD, SIZE, output_size

Convolution = tuple[int, int, int, int, int]
"""Channels in, channels out, kernel, stride, groups."""


def block_convolutions(inputs: int, width: int, stride: int, groups: int, group_width: int) -> list[Convolution]:
    """Convolutions of a bottleneck block in torchvision's order: 1x1, 3x3, 1x1, and the shortcut's if it needs one."""
    inner, outputs = groups * (width * group_width // 64), 4 * width
    block = [(inputs, inner, 1, 1, 1), (inner, inner, 3, stride, groups), (inner, outputs, 1, 1, 1)]
    if stride != 1 or inputs != outputs:
        block.append((inputs, outputs, 1, stride, 1))
    return block


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
"""ResNet and ResNeXt with 50 and 101 layers, as torchvision has them."""


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
            block = block_convolutions(inputs, width, stride, recipe.groups, recipe.group_width)
            # The first 1x1 convolution still works at the size that comes in.
            sizes = [size, smaller, smaller, smaller]
            rows += [(c[0], c[1], c[2], c[4], side) for c, side in zip(block, sizes, strict=False)]
            size, inputs = smaller, 4 * width
    return rows


LESSON = Lesson(5, [SIZE, FIELD, COST, BLOCK])

check = LESSON.check
