"""The exercise of lesson 07 whose answer is a network: the head of the region proposal network."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor, nn

from course_utils.exercises import modules
from course_utils.exercises.core import Case, Exercise


class RPNHead(nn.Module):
    """The reference; what it does after the last layers can be exchanged for a mistake."""

    relu = padding = True

    def __init__(self, channels: int, anchors: int):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=int(self.padding))
        self.score, self.move = nn.Conv2d(channels, anchors, 1), nn.Conv2d(channels, 4 * anchors, 1)

    def flat(self, output: Tensor, values: int) -> Tensor:
        """``(B, A * values, H, W) -> (B, H * W * A, values)``."""
        return output.unflatten(1, (-1, values)).permute(0, 3, 4, 1, 2).flatten(1, 3)

    def forward(self, maps: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Levels ``(B, C, H, W)`` -> objectness ``(B, H * W * A)`` and deltas ``(B, H * W * A, 4)``."""
        hidden = [self.conv(level).relu() if self.relu else self.conv(level) for level in maps]
        scores = [self.flat(self.score(h), 1)[..., 0] for h in hidden]
        return scores, [self.flat(self.move(h), 4) for h in hidden]


class _NoPermute(RPNHead):
    def flat(self, output: Tensor, values: int) -> Tensor:
        return output.reshape(len(output), -1, values)


class _ByShape(RPNHead):
    def flat(self, output: Tensor, values: int) -> Tensor:
        return output.unflatten(1, (-1, values)).permute(0, 1, 3, 4, 2).flatten(1, 3)


class _ValuesFirst(RPNHead):
    def flat(self, output: Tensor, values: int) -> Tensor:
        return output.unflatten(1, (values, -1)).permute(0, 3, 4, 2, 1).flatten(1, 3)


class _ByColumns(RPNHead):
    def flat(self, output: Tensor, values: int) -> Tensor:
        return output.unflatten(1, (-1, values)).permute(0, 4, 3, 1, 2).flatten(1, 3)


class _NoReLU(RPNHead):
    relu = False


class _NoPadding(RPNHead):
    padding = False


class _ScoresNotPermuted(RPNHead):
    def flat(self, output: Tensor, values: int) -> Tensor:
        return super().flat(output, values) if values == 4 else output.reshape(len(output), -1, values)


class _BothOfTheMap(RPNHead):
    def forward(self, maps: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        scores = [self.flat(self.score(level), 1)[..., 0] for level in maps]
        return scores, [self.flat(self.move(level), 4) for level in maps]


class _FourLongRows(RPNHead):
    def flat(self, output: Tensor, values: int) -> Tensor:
        return output.reshape(len(output), 4, -1).mT if values == 4 else super().flat(output, values)


class _ScoresOfTheMap(RPNHead):
    def forward(self, maps: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        return [self.flat(self.score(level), 1)[..., 0] for level in maps], super().forward(maps)[1]


def _arranged(arrange: Callable[[list[Tensor], list[Tensor]], Any]) -> type[RPNHead]:
    """A head whose right outputs are changed: ``arrange(objectness, deltas)``."""

    class Arranged(RPNHead):
        def forward(self, maps: Sequence[Tensor]) -> Any:
            return arrange(*super().forward(maps))

    return Arranged


def _head_cases(rng: Generator, shapes: Sequence[tuple[int, ...]], anchors: int) -> Case:
    maps = [torch.from_numpy(rng.normal(size=shape)).float() for shape in shapes]
    return modules.case(RPNHead, (shapes[0][1], anchors), (maps,), rng)


def _head_edges() -> list[Case]:
    rng = np.random.default_rng(7)
    small, two = [(1, 3, 2, 3)], [(2, 4, 8, 6), (2, 4, 4, 3)]
    real = [(1, 8, 20, 20), (1, 8, 10, 10), (1, 8, 5, 5)]
    return [_head_cases(rng, small, 2), _head_cases(rng, two, 3), _head_cases(rng, real, 9)]


HEAD = Exercise(
    id="rpn-head",
    title="The sliding window, a network",
    points=3,
    shortcuts=("torchvision.models.detection.rpn.RPNHead",),
    reference=RPNHead,
    edges=_head_edges,
    random=lambda rng: [_head_cases(rng, [(2, 3, 4, 3), (2, 3, 2, 2)], 2)],
    tolerance=modules.TOLERANCE,
    probe=modules.probe,
    misconceptions={
        "You reshaped without a permute. In (B, A * 4, H, W) the four numbers of one anchor lie a whole map apart; "
        "move the channels behind rows and columns first.": _NoPermute,
        "The deltas are in the right order, the objectness is not: it needs a permute as well, with one number where "
        "they have four.": _ScoresNotPermuted,
        "All places of the first anchor come first in your result. The anchors of one cell belong together: rows, "
        "columns, anchors.": _ByShape,
        "The channels of one cell are anchor by anchor, four numbers each: view them as (A, 4), not as (4, A).": (
            _ValuesFirst
        ),
        "You walk through the map column by column. The grid goes row by row: permute to (B, H, W, ...).": _ByColumns,
        "The ReLU after the 3x3 convolution is missing.": _NoReLU,
        "Your map has lost its border: a 3x3 convolution keeps the size with padding=1.": _NoPadding,
        "The objectness is read from the map as it came. Both 1x1 convolutions read what the 3x3 has made of it.": (
            _ScoresOfTheMap
        ),
        "The 3x3 convolution is made, and never used: both 1x1 read what it has made of the map.": _BothOfTheMap,
        "You made four long rows of the deltas and turned them. The four numbers of an anchor do not lie so far apart: "
        "move the channels behind rows and columns first.": _FourLongRows,
        "Your deltas have been through a ReLU. A box may also have to go to the left, or become smaller.": (
            _arranged(lambda scores, moves: (scores, [move.relu() for move in moves]))
        ),
        "Your objectness has been through a sigmoid. Give the logits: the loss takes them as they are, and so does "
        "the choice of the best.": _arranged(lambda scores, moves: ([score.sigmoid() for score in scores], moves)),
        "Your objectness has been through a ReLU. No ReLU follows the last layers: logits may be negative.": (
            _arranged(lambda scores, moves: ([score.relu() for score in scores], moves))
        ),
        "The two lists have changed places: objectness first, then deltas.": (
            _arranged(lambda scores, moves: (moves, scores))
        ),
        "You give a pair for each map. Asked are two lists: all objectness, all deltas.": (
            _arranged(lambda scores, moves: list(zip(scores, moves, strict=True)))
        ),
        "You joined the maps. An item for each map is asked for, in two lists.": (
            _arranged(lambda scores, moves: (torch.cat(scores, dim=1), torch.cat(moves, dim=1)))
        ),
        "Your objectness has one axis too many, of length 1. It is (B, H * W * anchors).": (
            _arranged(lambda scores, moves: ([score[..., None] for score in scores], moves))
        ),
        "The axis of the batch is lost: the anchors of different photos lie in one list. Keep it in front.": (
            _arranged(lambda scores, moves: ([score.flatten() for score in scores], [m.flatten(0, 1) for m in moves]))
        ),
        "Only the first map is answered for. Does `return` stand inside of the loop?": (
            _arranged(lambda scores, moves: (scores[:1], moves[:1]))
        ),
    },
    hints=(
        "A layer gives (B, A * 4, H, W). Which of the axes must be next to each other before four numbers can become "
        "one row?",
        "Three layers for all levels. Then for each level: split the channels into (A, values), bring the axes into "
        "the order batch, rows, columns, anchors, values, and flatten the three in the middle.",
        "The 3x3 and a ReLU; what comes out goes through both 1x1. Of the deltas: view the channels as (A, 4), permute "
        "to (B, H, W, A, 4), reshape to (B, H * W * A, 4). The objectness goes the same way with one value instead of "
        "four, and loses that last axis.",
    ),
)
