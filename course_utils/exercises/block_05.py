"""The exercise of lesson 05 whose answer is a network: the bottleneck with its shortcut."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor, nn

from course_utils.exercises import modules
from course_utils.exercises.core import Case, Exercise


class Bottleneck(nn.Module):
    """The reference; what differs in a mistake is a class attribute or a method."""

    stride_first, padding, relus, normed = False, 1, (True, True), (True, True, True)

    def __init__(self, inputs: int, width: int, stride: int):
        super().__init__()
        strides = (stride, 1) if self.stride_first else (1, stride)
        self.down = nn.Conv2d(inputs, width, 1, strides[0], bias=False)
        self.look = nn.Conv2d(width, width, 3, strides[1], self.padding, bias=False)
        self.up = nn.Conv2d(width, 4 * width, 1, bias=False)
        sizes = zip((width, width, 4 * width), self.normed, strict=True)
        self.norms = nn.ModuleList(nn.BatchNorm2d(n) if normed else nn.Identity() for n, normed in sizes)
        self.side = self.shortcut(inputs, width, stride)

    def shortcut(self, inputs: int, width: int, stride: int) -> nn.Module:
        """What stands in the shortcut."""
        if self.needs_one(inputs, width, stride):
            return nn.Sequential(nn.Conv2d(inputs, 4 * width, 1, stride, bias=False), nn.BatchNorm2d(4 * width))
        return nn.Identity()

    def needs_one(self, inputs: int, width: int, stride: int) -> bool:
        """Whether the shortcut needs a convolution."""
        return stride != 1 or inputs != 4 * width

    def forward(self, x: Tensor) -> Tensor:
        """``(B, inputs, H, W) -> (B, 4 * width, H / stride, W / stride)``."""
        hidden = self.norms[0](self.down(x))
        hidden = self.norms[1](self.look(hidden.relu() if self.relus[0] else hidden))
        hidden = self.norms[2](self.up(hidden.relu() if self.relus[1] else hidden))
        return self.join(hidden, self.side(x))

    def join(self, hidden: Tensor, side: Tensor) -> Tensor:
        """How the two paths come together."""
        return (hidden + side).relu()


def _with(**different: Any) -> type[Bottleneck]:
    """A block with other class attributes."""
    return type("_Different", (Bottleneck,), different)


def _joined(join: Callable[[Tensor, Tensor], Tensor]) -> type[Bottleneck]:
    return _with(join=lambda self, hidden, side: join(hidden, side))


class _NoShortcut(Bottleneck):
    """Without the path around the layers."""

    def needs_one(self, inputs: int, width: int, stride: int) -> bool:
        return False

    def join(self, hidden: Tensor, side: Tensor) -> Tensor:
        return hidden.relu()


class _LateNorms(Bottleneck):
    """ReLUs before the batch norms."""

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.norms[0](self.down(x).relu())
        hidden = self.norms[1](self.look(hidden).relu())
        return self.join(self.norms[2](self.up(hidden)), self.side(x))


class _LateFirstNorm(Bottleneck):
    def forward(self, x: Tensor) -> Tensor:
        hidden = self.norms[0](self.down(x).relu())
        hidden = self.norms[1](self.look(hidden)).relu()
        return self.join(self.norms[2](self.up(hidden)), self.side(x))


def _skipping(skipped: int) -> type[Bottleneck]:
    """One of the three batch norms is made, and never used."""

    def forward(self: Bottleneck, x: Tensor) -> Tensor:
        hidden = x
        for k, layer in enumerate((self.down, self.look, self.up)):
            hidden = layer(hidden) if k == skipped else self.norms[k](layer(hidden))
            hidden = hidden.relu() if k < 2 else hidden
        return self.join(hidden, self.side(x))

    return _with(forward=forward)


class _NoStride(Bottleneck):
    """The 3x3 has no stride."""

    def __init__(self, inputs: int, width: int, stride: int):
        super().__init__(inputs, width, stride)
        self.look = nn.Conv2d(width, width, 3, 1, self.padding, bias=False)


def _side_first(self: Bottleneck, hidden: Tensor, side: Tensor) -> Tensor:
    """The sum the other way round: where the two do not fit, PyTorch names the other one first."""
    return (side + hidden).relu()


class _BareProjection(Bottleneck):
    def shortcut(self, inputs: int, width: int, stride: int) -> nn.Module:
        side = super().shortcut(inputs, width, stride)
        return side[0] if isinstance(side, nn.Sequential) else side


class _ReLUOnShortcut(Bottleneck):
    def shortcut(self, inputs: int, width: int, stride: int) -> nn.Module:
        return nn.Sequential(nn.ReLU(), super().shortcut(inputs, width, stride))


class _WithBias(Bottleneck):
    def __init__(self, inputs: int, width: int, stride: int):
        super().__init__(inputs, width, stride)
        self.down, self.up = nn.Conv2d(inputs, width, 1), nn.Conv2d(width, 4 * width, 1)


def _needing(needs: Callable[[int, int, int], bool]) -> type[Bottleneck]:
    return _with(needs_one=lambda self, inputs, width, stride: needs(inputs, width, stride))


def _case(rng: Generator, inputs: int, width: int, stride: int, size: tuple[int, int]) -> Case:
    return modules.case(
        Bottleneck, (inputs, width, stride), (torch.from_numpy(rng.normal(size=(2, inputs, *size))).float(),), rng
    )


def _edges() -> list[Case]:
    rng = np.random.default_rng(5)
    return [
        _case(rng, 8, 2, 1, (5, 4)),
        _case(rng, 6, 3, 1, (4, 4)),
        _case(rng, 12, 3, 2, (7, 8)),
        _case(rng, 32, 16, 2, (20, 20)),
    ]


BLOCK = Exercise(
    id="bottleneck",
    title="A bottleneck with its shortcut, a network",
    points=3,
    shortcuts=("torchvision.models.resnet.Bottleneck",),
    reference=Bottleneck,
    edges=_edges,
    random=lambda rng: [_case(rng, 6, 3, 2, (6, 5))],
    tolerance=modules.TOLERANCE,
    probe=modules.probe,
    misconceptions={
        "The shortcut is missing: x + F(x) is what makes the block a residual one.": _NoShortcut,
        "In this course, as in torchvision, the stride sits at the 3x3 convolution. At the first 1x1 it would skip "
        "three quarters of the pixels.": _with(stride_first=True),
        "The last ReLU comes after the sum, not before it.": _joined(lambda hidden, side: hidden.relu() + side),
        "The shortcut is made, and never added: x + F(x) is what makes the block a residual one.": (
            _joined(lambda hidden, side: hidden.relu())
        ),
        "Your ReLUs come before the batch norms. Convolution, batch norm, ReLU: so only what is normalised is cut "
        "off.": _LateNorms,
        "Behind the first 1x1 your ReLU comes before the batch norm. Convolution, batch norm, ReLU.": _LateFirstNorm,
        "The batch norm behind the first 1x1 is made, and never used.": _skipping(0),
        "The batch norm behind the 3x3 is made, and never used.": _skipping(1),
        "The batch norm behind the last 1x1 is made, and never used.": _skipping(2),
        "F(x) and the shortcut have different sizes where there is a stride. Which of the two paths goes without it, "
        "the 3x3 or the 1x1 of the shortcut?": _NoStride,
        "The shortcut and F(x) have different sizes where there is a stride. Which of the two paths goes without it, "
        "the 1x1 of the shortcut or the 3x3?": type("_Other", (_NoStride,), {"join": _side_first}),
        "The 3x3 loses the border of its map, and F(x) no longer fits to x: padding=1.": (
            _with(padding=0, join=_side_first)
        ),
        "The shortcut needs a convolution in either case: with a stride, *or* with other channels.": (
            _needing(lambda inputs, width, stride: stride != 1 and inputs != 4 * width)
        ),
        "The shortcut needs a convolution with a stride, *or* with other channels: yours wants both at once.": (
            type("_Other", (_needing(lambda i, w, s: s != 1 and i != 4 * w),), {"join": _side_first})
        ),
        "After the sum a ReLU is missing.": _joined(torch.add),
        "The two paths are added, not multiplied.": _joined(lambda hidden, side: (hidden * side).relu()),
        "The two paths are added; you take their mean.": _joined(lambda hidden, side: ((hidden + side) / 2).relu()),
        "The two paths are added; one is taken away from the other in yours.": (
            _joined(lambda hidden, side: (hidden - side).relu())
        ),
        "F(x) has been through a ReLU before the sum: then it can only add, never take away. One after the sum is "
        "enough.": _joined(lambda hidden, side: (hidden.relu() + side).relu()),
        "x has been through a ReLU on the shortcut. It hands on negative numbers as they are.": _ReLUOnShortcut,
        "The two paths are added, not laid side by side as channels.": (
            _joined(lambda hidden, side: torch.cat([hidden, side], dim=1).relu())
        ),
        "A ReLU is missing between the first 1x1 and the 3x3.": _with(relus=(False, True)),
        "A ReLU is missing between the 3x3 and the last 1x1.": _with(relus=(True, False)),
        "Both inner ReLUs are missing: without them three convolutions are no more than one.": (
            _with(relus=(False, False))
        ),
        "The 3x3 loses the border of its map: padding=1.": _with(padding=0),
        "A shortcut that changes neither size nor channels has no convolution: it hands its input on as it is.": (
            _needing(lambda inputs, width, stride: True)
        ),
        "With a stride the shortcut needs a convolution as well, even where the channels fit: else it has more pixels "
        "than F(x).": _needing(lambda inputs, width, stride: inputs != 4 * width),
        "Also without a stride the shortcut needs a convolution when the channels differ: inputs is not always 4 * "
        "width.": _needing(lambda inputs, width, stride: stride != 1),
        "The convolution in the shortcut is followed by a batch norm, like all others.": _BareProjection,
        "The last 1x1 has no batch norm. All three have one, the last before the sum.": _with(
            normed=(True, True, False)
        ),
        "The three convolutions have no batch norm behind them.": _with(normed=(False, False, False)),
        "The convolutions have no bias: the batch norm after each has a shift of its own.": _WithBias,
    },
    hints=(
        "Which shape does F(x) have, and when has x another one?",
        "Three times a convolution and a batch norm, a ReLU after the first two; beside them the shortcut; their sum; "
        "a last ReLU.",
        "1x1 from inputs to width; 3x3 from width to width with the stride and padding 1; 1x1 to 4 * width; all "
        "without bias. If stride is not 1 or inputs is not 4 * width, the shortcut is a 1x1 convolution with the "
        "stride and a batch norm; else it is x itself.",
    ),
)
