"""The exercise of lesson 05 whose answer is a network: the bottleneck with its shortcut."""

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor, nn

from course_utils.exercises import modules
from course_utils.exercises.core import Case, Exercise


class Bottleneck(nn.Module):
    """The reference; what differs in a mistake is a class attribute or a method."""

    stride_first = last_relu_early = first_relu_missing = False

    def __init__(self, inputs: int, width: int, stride: int):
        super().__init__()
        strides = (stride, 1) if self.stride_first else (1, stride)
        self.down, self.norm1 = nn.Conv2d(inputs, width, 1, strides[0], bias=False), nn.BatchNorm2d(width)
        self.look, self.norm2 = nn.Conv2d(width, width, 3, strides[1], 1, bias=False), nn.BatchNorm2d(width)
        self.up, self.norm3 = nn.Conv2d(width, 4 * width, 1, bias=False), nn.BatchNorm2d(4 * width)
        self.side = self.shortcut(inputs, width, stride)

    def shortcut(self, inputs: int, width: int, stride: int) -> nn.Module:
        """What stands in the shortcut."""
        if stride == 1 and inputs == 4 * width:
            return nn.Identity()
        return nn.Sequential(nn.Conv2d(inputs, 4 * width, 1, stride, bias=False), nn.BatchNorm2d(4 * width))

    def forward(self, x: Tensor) -> Tensor:
        """``(B, inputs, H, W) -> (B, 4 * width, H / stride, W / stride)``."""
        hidden = self.norm1(self.down(x))
        hidden = self.norm2(self.look(hidden if self.first_relu_missing else hidden.relu())).relu()
        hidden = self.norm3(self.up(hidden))
        return hidden.relu() + self.side(x) if self.last_relu_early else (hidden + self.side(x)).relu()


class _StrideFirst(Bottleneck):
    stride_first = True


class _ReLUBeforeSum(Bottleneck):
    last_relu_early = True


class _ReLUMissing(Bottleneck):
    first_relu_missing = True


class _NoLastReLU(Bottleneck):
    def forward(self, x: Tensor) -> Tensor:
        hidden = self.norm2(self.look(self.norm1(self.down(x)).relu())).relu()
        return self.norm3(self.up(hidden)) + self.side(x)


class _NoShortcut(Bottleneck):
    def shortcut(self, inputs: int, width: int, stride: int) -> nn.Module:
        return nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.norm2(self.look(self.norm1(self.down(x)).relu())).relu()
        return self.norm3(self.up(hidden)).relu()


class _AlwaysProjected(Bottleneck):
    def shortcut(self, inputs: int, width: int, stride: int) -> nn.Module:
        return nn.Sequential(nn.Conv2d(inputs, 4 * width, 1, stride, bias=False), nn.BatchNorm2d(4 * width))


class _BareProjection(Bottleneck):
    def shortcut(self, inputs: int, width: int, stride: int) -> nn.Module:
        side = super().shortcut(inputs, width, stride)
        return side[0] if isinstance(side, nn.Sequential) else side


class _WithBias(Bottleneck):
    def __init__(self, inputs: int, width: int, stride: int):
        super().__init__(inputs, width, stride)
        self.down, self.up = nn.Conv2d(inputs, width, 1), nn.Conv2d(width, 4 * width, 1)


def _case(rng: Generator, inputs: int, width: int, stride: int, size: tuple[int, int]) -> Case:
    return modules.case(
        Bottleneck, (inputs, width, stride), (torch.from_numpy(rng.normal(size=(2, inputs, *size))).float(),), rng
    )


def _edges() -> list[Case]:
    rng = np.random.default_rng(5)
    return [_case(rng, 8, 2, 1, (5, 4)), _case(rng, 6, 3, 1, (4, 4)), _case(rng, 12, 3, 2, (7, 8))]


BLOCK = Exercise(
    id="bottleneck",
    title="A bottleneck with its shortcut, a network",
    points=3,
    reference=Bottleneck,
    edges=_edges,
    tolerance=modules.TOLERANCE,
    probe=modules.probe,
    misconceptions={
        "The shortcut is missing: x + F(x) is what makes the block a residual one.": _NoShortcut,
        "In this course, as in torchvision, the stride sits at the 3x3 convolution. At the first 1x1 it would "
        "skip three "
        "quarters of the pixels.": _StrideFirst,
        "The last ReLU comes after the sum, not before it.": _ReLUBeforeSum,
        "After the sum a ReLU is missing.": _NoLastReLU,
        "A ReLU is missing between the first 1x1 and the 3x3.": _ReLUMissing,
        "A shortcut that changes neither size nor channels has no convolution: it hands its input on as it "
        "is.": _AlwaysProjected,
        "The convolution in the shortcut is followed by a batch norm, like all others.": _BareProjection,
        "The convolutions have no bias: the batch norm after each has a shift of its own.": _WithBias,
    },
    hints=(
        "Which shape does F(x) have, and when has x another one?",
        "Three times a convolution and a batch norm, a ReLU after the first two; beside them the shortcut; "
        "their sum; a "
        "last ReLU.",
        "1x1 from inputs to width; 3x3 from width to width with the stride and padding 1; 1x1 to 4 * width; "
        "all without "
        "bias. If stride is not 1 or inputs is not 4 * width, the shortcut is a 1x1 convolution with the stride and a "
        "batch norm; else it is x itself.",
    ),
)
