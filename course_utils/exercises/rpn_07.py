"""Exercises of lesson 07 that make a network of the anchors: head, sample, losses, and the choice of proposals."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor, nn
from torch.nn import functional as F

from course_utils import boxes as box_algebra
from course_utils.exercises import modules
from course_utils.exercises.core import Case, Exercise
from course_utils.exercises.room import with_nms
from course_utils.mask_rcnn import losses


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


class _Probabilities(RPNHead):
    def forward(self, maps: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        scores, moves = super().forward(maps)
        return [score.sigmoid() for score in scores], moves


def _head_cases(rng: Generator, shapes: Sequence[tuple[int, ...]], anchors: int) -> Case:
    maps = [torch.from_numpy(rng.normal(size=shape)).float() for shape in shapes]
    return modules.case(RPNHead, (shapes[0][1], anchors), (maps,), rng)


def _head_edges() -> list[Case]:
    rng = np.random.default_rng(7)
    return [_head_cases(rng, [(1, 3, 2, 3)], 2), _head_cases(rng, [(2, 4, 8, 6), (2, 4, 4, 3)], 3)]


# --- a balanced sample -------------------------------------------------------------------------------------------


def _sample(labels: Tensor, order: Tensor, count: int, share: float) -> tuple[Tensor, Tensor]:
    in_order = labels[order]
    objects = order[in_order == 1][: int(count * share)]
    return objects, order[in_order == 0][: count - len(objects)]


def _sample_fixed(labels: Tensor, order: Tensor, count: int, share: float) -> tuple[Tensor, Tensor]:
    """As many of each as the share says, also where there are fewer objects."""
    objects = int(count * share)
    return _sample(labels, order, count, share)[0], order[labels[order] == 0][: count - objects]


def _sample_unordered(labels: Tensor, order: Tensor, count: int, share: float) -> tuple[Tensor, Tensor]:
    return _sample(labels, torch.arange(len(labels)), count, share)


def _sample_ignored(labels: Tensor, order: Tensor, count: int, share: float) -> tuple[Tensor, Tensor]:
    return _sample(labels.clamp(min=0), order, count, share)


def _sample_unlimited(labels: Tensor, order: Tensor, count: int, share: float) -> tuple[Tensor, Tensor]:
    return _sample(labels, order, count, 1.0)


def _sample_places(labels: Tensor, order: Tensor, count: int, share: float) -> tuple[Tensor, Tensor]:
    in_order = labels[order]
    objects = torch.where(in_order == 1)[0][: int(count * share)]
    return objects, torch.where(in_order == 0)[0][: count - len(objects)]


def _sample_edges() -> list[Case]:
    few = torch.tensor([0, 1, 0, -1, 0, 0, 1, 0, -1, 0])
    order = torch.tensor([9, 6, 3, 0, 5, 8, 1, 4, 7, 2])
    many = torch.tensor([1, 1, 0, 1, -1, 1, 1, 0, 1, 0])
    rng = np.random.default_rng(1)
    real = torch.from_numpy(rng.choice([-1, 0, 0, 0, 1], 400))
    cases = [(few, order, 6, 0.5), (many, order, 5, 0.5), (many, order, 8, 0.25), (few, order, 20, 0.5)]
    none = torch.zeros(0, dtype=torch.int64)
    return [
        *cases,
        (torch.tensor([0, -1, 0]), torch.tensor([2, 1, 0]), 4, 0.5),
        (torch.tensor([1, 1]), torch.tensor([1, 0]), 4, 0.5),
        (none, none, 4, 0.5),
        (real, torch.from_numpy(rng.permutation(400)), 64, 0.5),
    ]


def _sample_random(rng: Generator) -> list[Case]:
    labels = torch.from_numpy(rng.integers(-1, 2, 30))
    return [(labels, torch.from_numpy(rng.permutation(30)), int(rng.integers(5, 30)), 0.5)]


# --- the two losses ----------------------------------------------------------------------------------------------

Arguments = tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]


def _losses(
    objectness: Tensor, deltas: Tensor, labels: Tensor, true_deltas: Tensor, objects: Tensor, background: Tensor
) -> tuple[Tensor, Tensor]:
    return losses.rpn_losses(objectness, deltas, labels, true_deltas, objects, background)


def _over(change: Callable[..., tuple[Tensor, Tensor]]) -> Callable[..., tuple[Tensor, Tensor]]:
    """The right losses, changed: ``change(score loss, box loss, arguments)``."""
    return lambda *arguments: change(*_losses(*arguments), arguments)


def _both(arguments: Arguments) -> Tensor:
    return torch.cat([arguments[4], arguments[5]])


def _boxes_of_all(score: Tensor, box: Tensor, a: Arguments) -> tuple[Tensor, Tensor]:
    k = _both(a)
    return score, F.smooth_l1_loss(a[1][k], a[3][k], beta=1 / 9, reduction="sum") / max(len(k), 1)


def _of_all_anchors(score: Tensor, box: Tensor, a: Arguments) -> tuple[Tensor, Tensor]:
    return F.binary_cross_entropy_with_logits(a[0], a[2]), box


def _by_objects(score: Tensor, box: Tensor, a: Arguments) -> tuple[Tensor, Tensor]:
    return score, box * len(_both(a)) / max(len(a[4]), 1)


def _beta_one(score: Tensor, box: Tensor, a: Arguments) -> tuple[Tensor, Tensor]:
    return score, F.smooth_l1_loss(a[1][a[4]], a[3][a[4]], reduction="sum") / max(len(_both(a)), 1)


def _sums(score: Tensor, box: Tensor, a: Arguments) -> tuple[Tensor, Tensor]:
    return score * len(_both(a)), box * len(_both(a))


def _loss_case(rng: Generator, count: int, objects: Sequence[int], background: Sequence[int]) -> Case:
    labels = torch.zeros(count)
    labels[list(objects)] = 1
    numbers = [
        torch.from_numpy(rng.normal(size=shape).round(2)).float() for shape in ((count,), (count, 4), (count, 4))
    ]
    chosen = [torch.tensor(list(k), dtype=torch.int64) for k in (objects, background)]
    return numbers[0], numbers[1] / 4, labels, numbers[2] / 4, *chosen


def _losses_edges() -> list[Case]:
    rng = np.random.default_rng(3)
    real = _loss_case(rng, 300, range(0, 300, 37), range(1, 120))
    few = [([1], [0, 3]), ([], [0, 2]), ([2, 4], [0]), ([], [2]), ([1], []), ([], [])]
    return [*(_loss_case(rng, 5, *chosen) for chosen in few), real]


def _losses_random(rng: Generator) -> list[Case]:
    return [_loss_case(rng, 12, [1, 5, 7], [0, 2, 3, 8])]


# --- proposals ---------------------------------------------------------------------------------------------------

Levels = list[Tensor]


def _propose(
    objectness: Levels, deltas: Levels, anchors: Levels, size: tuple[int, int], before: int, after: int, nms: Any
) -> Tensor:
    best = [score.topk(min(before, len(score))).indices for score in objectness]
    moved = [box_algebra.decode(d[k], a[k]) for d, a, k in zip(deltas, anchors, best, strict=True)]
    found = box_algebra.clip(torch.cat(moved), *size)
    scores = torch.cat([score[k] for score, k in zip(objectness, best, strict=True)])
    levels = torch.repeat_interleave(torch.arange(len(best)), torch.tensor([len(k) for k in best]))
    large = box_algebra.large_enough(found, 1e-3)
    found, scores, levels = found[large], scores[large], levels[large]
    return found[nms(found, scores, levels)[:after]]


def _proposals(
    objectness: Levels, deltas: Levels, anchors: Levels, size: Any, before: int, after: int, nms: Any, mistake: str
) -> Tensor:
    """`_propose` with a mistake."""
    if mistake == "one level":
        objectness, deltas, anchors = ([torch.cat(levels)] for levels in (objectness, deltas, anchors))
    found, scores, levels = [], [], []
    for k, (score, delta, anchor) in enumerate(zip(objectness, deltas, anchors, strict=True)):
        best = score.topk(min(before, len(score)))[1] if mistake != "first ones" else torch.arange(len(score))[:before]
        moved = anchor[best] if mistake == "unmoved" else box_algebra.decode(delta[best], anchor[best])
        moved = (
            moved if mistake == "unclipped" else box_algebra.clip(moved, *(size[::-1] if mistake == "x, y" else size))
        )
        large = box_algebra.large_enough(moved, 1e-3) | (mistake == "tiny")
        found.append(moved[large])
        scores.append(score[best][large])
        levels.append(torch.full((int(large.sum()),), 0 if mistake == "across" else k))
    boxes, sure, groups = torch.cat(found), torch.cat(scores), torch.cat(levels)
    kept = sure.argsort(descending=True, stable=True) if mistake == "doubles" else nms(boxes, sure, groups)
    return boxes[kept] if mistake == "all" else boxes[kept[:after]]


def _mistaken(mistake: str) -> Callable[..., Tensor]:
    return lambda *arguments: partial(_proposals, mistake=mistake)(*arguments)


def _proposal_case(rng: Generator, counts: Sequence[int], size: tuple[int, int], before: int, after: int) -> Case:
    objectness, deltas, anchors = [], [], []
    places = rng.uniform(0, 1, (max(2, sum(counts) // 4), 2)) * [
        size[1],
        size[0],
    ]  # several boxes on each, of any level
    for k, count in enumerate(counts):
        centre = torch.from_numpy(places[rng.integers(0, len(places), count)] + rng.uniform(-1, 1, (count, 2))).float()
        half = torch.from_numpy(rng.uniform(11, 12, (count, 2))).float()
        anchors.append(torch.cat([centre - half, centre + half], dim=1).round())
        deltas.append(torch.from_numpy(rng.normal(0, 0.05, (count, 4))).float())
        objectness.append(torch.from_numpy(rng.permutation(count) / count * 4 - 2 + 0.01 * k).float())
    anchors[-1][0] = torch.tensor([-30.0, -30, -10, -10])  # wholly outside: nothing is left of it
    deltas[-1][0], objectness[-1][0] = 0.0, 3.0
    return objectness, deltas, anchors, size, before, after


def _proposals_edges() -> list[Case]:
    rng = np.random.default_rng(5)
    sizes = [((6,), (64, 96), 4, 3), ((30, 12), (64, 96), 10, 8), ((5, 3), (96, 64), 10, 20)]
    return [_proposal_case(rng, *each) for each in [*sizes, ((300, 80, 20), (160, 200), 50, 40)]]


def _proposals_random(rng: Generator) -> list[Case]:
    return [_proposal_case(rng, (40, 15), (80, 64), 20, 12)]


RPN = [
    Exercise(
        id="rpn-head",
        title="The sliding window, a network",
        points=3,
        shortcuts=("torchvision.models.detection.rpn.RPNHead",),
        reference=RPNHead,
        edges=_head_edges,
        tolerance=modules.TOLERANCE,
        probe=modules.probe,
        misconceptions={
            "You reshaped without a permute. In (B, A * 4, H, W) the four numbers of one anchor lie a whole map "
            "apart; move "
            "the channels behind rows and columns first.": _NoPermute,
            "All places of the first anchor come first in your result. The anchors of one cell belong together: rows, "
            "columns, anchors.": _ByShape,
            "The channels of one cell are anchor by anchor, four numbers each: view them as (A, 4), not as (4, A).": (
                _ValuesFirst
            ),
            "You walk through the map column by column. The grid goes row by row: permute to (B, H, W, "
            "...).": _ByColumns,
            "The ReLU after the 3x3 convolution is missing.": _NoReLU,
            "Your map has lost its border: a 3x3 convolution keeps the size with padding=1.": _NoPadding,
            "Your objectness has been through a sigmoid. Give the logits: the loss takes them as they are, and so "
            "does the "
            "choice of the best.": _Probabilities,
        },
        hints=(
            "A layer gives (B, A * 4, H, W). Which of the axes must be next to each other before four numbers can "
            "become "
            "one row?",
            "Three layers for all levels. Then for each level: split the channels into (A, values), bring the axes "
            "into the "
            "order batch, rows, columns, anchors, values, and flatten the three in the middle.",
            "hidden = ReLU of the 3x3 convolution. For the deltas: .view(B, A, 4, H, W), .permute(0, 3, 4, 1, 2), "
            ".reshape(B, H * W * A, 4). The objectness goes the same way with one value instead of four.",
        ),
    ),
    Exercise(
        id="balanced-sample",
        title="A sample in which objects are not drowned",
        points=2,
        reference=_sample,
        edges=_sample_edges,
        random=_sample_random,
        misconceptions={
            "Where objects are few, background fills their places: there are `count` in all, if there are enough.": (
                _sample_fixed
            ),
            "You took the first ones of the map, not of the random order: you would train on its top left corner "
            "only.": (_sample_unordered),
            "-1 is neither object nor background: such an anchor is never taken.": _sample_ignored,
            "`share` is the largest share of objects: at most int(count * share) of them.": _sample_unlimited,
            "Those are places in the random order. Asked for are the anchors that stand there.": _sample_places,
        },
        hints=(
            "If you walk through the anchors in the random order, when do you stop taking objects, when background?",
            "First the labels in the random order; then two lists, objects and background; then cut each to its "
            "length.",
            "order[labels[order] == 1] are the objects in random order: keep int(count * share). Of the background "
            "keep "
            "count minus the number of objects that you really have.",
        ),
    ),
    Exercise(
        id="rpn-losses",
        title="The two losses of the RPN",
        points=2,
        reference=_losses,
        edges=_losses_edges,
        random=_losses_random,
        tolerance=1e-5,
        probe=modules.gradients,
        misconceptions={
            "Background has no box: only the sampled objects are in the second loss.": _over(_boxes_of_all),
            "You asked all anchors. The first loss looks at the sample only: objects and background that were "
            "drawn.": _over(_of_all_anchors),
            "The second loss is divided by the whole sample, not by the number of objects.": _over(_by_objects),
            "beta is 1/9 here; PyTorch takes 1 unless you say beta=1 / 9.": _over(_beta_one),
            "Neither sum is divided: both are shares of the whole sample.": _over(_sums),
            "You exchanged the two: objectness first, then boxes.": _over(lambda score, box, a: (box, score)),
        },
        hints=(
            "Who has an opinion on objectness, and who has a box to learn?",
            "One index for the whole sample, objects and background. The first loss over all of it, the second over "
            "the "
            "objects only; both divided by the same number.",
            "torch.cat([objects, background]) are the sampled ones. F.binary_cross_entropy_with_logits and "
            "F.smooth_l1_loss "
            "(beta 1/9), both with reduction='sum', both divided by the size of the sample (at least 1).",
        ),
    ),
    Exercise(
        id="proposals",
        title="From thousands of anchors to a short list",
        points=3,
        reference=_propose,
        edges=_proposals_edges,
        random=_proposals_random,
        tolerance=1e-4,
        probe=with_nms,
        misconceptions={
            "You chose the best of all levels together. Each level sends its own `before` best, or the level with "
            "the most "
            "cells takes all the places.": _mistaken("one level"),
            "You took the first anchors of each level, not those with the largest objectness.": _mistaken("first ones"),
            "Those are still the anchors: move them with their deltas.": _mistaken("unmoved"),
            "Some boxes stick out of the photo: clip them.": _mistaken("unclipped"),
            "You exchanged height and width when you clipped.": _mistaken("x, y"),
            "A box wholly outside of the photo has no area left after clipping, and must be dropped.": _mistaken(
                "tiny"
            ),
            "Boxes of different levels never strike each other out: give NMS the number of each box's level.": (
                _mistaken("across")
            ),
            "The doubles are still there.": _mistaken("doubles"),
            "You kept more than `after` boxes.": _mistaken("all"),
        },
        hints=(
            "Which steps concern one level alone, and which all of them together?",
            "Per level: the best, moved, clipped, without the empty ones; remember scores and the level's number. "
            "Then join "
            "the levels, strike out doubles, cut the list.",
            "score.topk(min(before, len(score))); boxes.decode; boxes.clip; keep where both sides are at least 0.001; "
            "torch.cat everything; nms(boxes, scores, levels) gives indices, best first; keep the first `after`.",
        ),
    ),
]
