"""The exercise of lesson 07 that makes a short list of boxes of what the head says."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from course_utils import boxes as box_algebra
from course_utils.exercises.core import Case, Exercise
from course_utils.exercises.room import with_nms

Levels = list[Tensor]
Size = tuple[int, int]


def _propose(
    objectness: Levels, deltas: Levels, anchors: Levels, size: Size, before: int, after: int, nms: Any
) -> Tensor:
    best = [score.topk(min(before, len(score))).indices for score in objectness]
    moved = [box_algebra.decode(d[k], a[k]) for d, a, k in zip(deltas, anchors, best, strict=True)]
    found = box_algebra.clip(torch.cat(moved), *size)
    scores = torch.cat([score[k] for score, k in zip(objectness, best, strict=True)])
    levels = torch.repeat_interleave(torch.arange(len(best)), torch.tensor([len(k) for k in best]))
    large = box_algebra.large_enough(found, 1e-3)
    found, scores, levels = found[large], scores[large], levels[large]
    return found[nms(found, scores, levels)[:after]]


def _mistaken(
    best: Callable[[Tensor, int], Tensor] = lambda score, count: score.topk(min(count, len(score)))[1],
    move: Callable[[Tensor, Tensor, Tensor], Tensor] = lambda d, a, k: box_algebra.decode(d[k], a[k]),
    clip: Callable[[Tensor, Size], Tensor] = lambda boxes, size: box_algebra.clip(boxes, *size),
    least: float = 1e-3,
    score_of: Callable[[Tensor, Tensor], Tensor] = lambda score, k: score[k],
    level: Callable[[int], int] = lambda k: k,
    choose: Callable[[Any, Tensor, Tensor, Tensor, int], Tensor] = lambda nms, b, s, g, n: nms(b, s, g)[:n],
) -> Callable[..., Tensor]:
    """The choice with one of its steps done otherwise."""

    def answer(
        objectness: Levels, deltas: Levels, anchors: Levels, size: Size, before: int, after: int, nms: Any
    ) -> Tensor:
        found, scores, groups = [], [], []
        for number, (score, delta, anchor) in enumerate(zip(objectness, deltas, anchors, strict=True)):
            k = best(score, before)
            boxes = clip(move(delta, anchor, k), size)
            large = box_algebra.large_enough(boxes, least)
            found.append(boxes[large])
            scores.append(score_of(score, k)[large])
            groups.append(torch.full((len(found[-1]),), level(number)))
        boxes = torch.cat(found)
        return boxes[choose(nms, boxes, torch.cat(scores), torch.cat(groups), after)]

    return answer


def _with_doubles(nms: Any, boxes: Tensor, scores: Tensor, levels: Tensor, after: int) -> Tensor:
    return scores.argsort(descending=True, stable=True)[:after]


def _cut_first(nms: Any, boxes: Tensor, scores: Tensor, levels: Tensor, after: int) -> Tensor:
    best = scores.argsort(descending=True, stable=True)[:after]
    return best[nms(boxes[best], scores[best], levels[best])]


def _level_after_level(nms: Any, boxes: Tensor, scores: Tensor, levels: Tensor, after: int) -> Tensor:
    kept = nms(boxes, scores, levels)
    return kept[levels[kept].argsort(stable=True)][:after]


def _of_all_levels(
    objectness: Levels, deltas: Levels, anchors: Levels, size: Size, before: int, after: int, nms: Any
) -> Tensor:
    scores, moves, places = ([torch.cat(levels)] for levels in (objectness, deltas, anchors))
    return _propose(scores, moves, places, size, before, after, nms)


def _without_limits(
    objectness: Levels, deltas: Levels, anchors: Levels, size: Size, before: int, after: int, nms: Any
) -> Tensor:
    for score in objectness:
        score.topk(before)  # raises where a level has fewer
    return _propose(objectness, deltas, anchors, size, before, after, nms)


def _limits_exchanged(
    objectness: Levels, deltas: Levels, anchors: Levels, size: Size, before: int, after: int, nms: Any
) -> Tensor:
    return _propose(objectness, deltas, anchors, size, after, before, nms)


def _indices(
    objectness: Levels, deltas: Levels, anchors: Levels, size: Size, before: int, after: int, nms: Any
) -> Tensor:
    kept: list[Tensor] = []

    def watched(boxes: Tensor, scores: Tensor, levels: Tensor) -> Tensor:
        kept.append(nms(boxes, scores, levels)[:after])
        return kept[0]

    _propose(objectness, deltas, anchors, size, before, after, watched)
    return kept[0]


def _case(rng: Generator, counts: Sequence[int], size: Size, before: int, after: int) -> Case:
    objectness, deltas, anchors = [], [], []
    # Several boxes at each place, of any level.
    places = rng.uniform(0, 1, (max(2, sum(counts) // 4), 2)) * [size[1], size[0]]
    for k, count in enumerate(counts):
        centre = torch.from_numpy(places[rng.integers(0, len(places), count)] + rng.uniform(-1, 1, (count, 2))).float()
        half = torch.from_numpy(rng.uniform(11, 12, (count, 2))).float()
        anchors.append(torch.cat([centre - half, centre + half], dim=1).round())
        deltas.append(torch.from_numpy(rng.normal(0, 0.05, (count, 4))).float())
        objectness.append(torch.from_numpy(rng.permutation(count) / count * 4 - 2 + 0.01 * k).float())
    anchors[-1][0] = torch.tensor([-30.0, -30, -10, -10])  # wholly outside: nothing is left of it
    deltas[-1][0], objectness[-1][0] = 0.0, 3.0
    return objectness, deltas, anchors, size, before, after


def _slivers() -> Case:
    """Boxes that reach into the photo by no more than a sliver: half a pixel, and either side of the smallest side."""
    ends = torch.tensor([0.5, 0.00105, 0.00095, -3.0])
    anchors = torch.stack([torch.full((4,), -8.0), torch.arange(4) * 20.0, ends, torch.arange(4) * 20.0 + 9], dim=1)
    anchors = torch.cat([anchors, torch.tensor([[20.0, 62, 31, 74]])])
    return [torch.tensor([0.5, 2.0, 1.5, 1.0, -1.0])], [torch.zeros(5, 4)], [anchors], (70, 40), 5, 5


def _crowd() -> Case:
    """Five near copies at each of four places, the best four all at the first: NMS strikes most of what goes in."""
    x, y = torch.tensor([5.0, 35, 65, 95]).repeat_interleave(5), torch.tensor([8.0, 40, 12, 50]).repeat_interleave(5)
    x, y = x + torch.arange(20) % 5 * 0.3, y + torch.arange(20) % 5 * 0.2
    anchors = torch.stack([x, y, x + 20, y + 24], dim=1)
    return [2 - 0.1 * torch.arange(20.0)], [torch.zeros(20, 4)], [anchors], (96, 128), 12, 4


def _edges() -> list[Case]:
    rng = np.random.default_rng(5)
    sizes = [((6,), (64, 96), 4, 3), ((30, 12), (64, 96), 10, 8), ((5, 3), (96, 64), 10, 20)]
    real = ((300, 80, 20), (160, 200), 50, 40)
    one = ([torch.tensor([0.3])], [torch.zeros(1, 4)], [torch.tensor([[4.0, 5, 20, 30]])], (32, 48), 10, 10)
    return [one, *(_case(rng, *each) for each in [*sizes, real]), _slivers(), _crowd()]


def _random(rng: Generator) -> list[Case]:
    return [_case(rng, (40, 15), (80, 64), 20, 12)]


PROPOSALS = Exercise(
    id="proposals",
    title="From thousands of anchors to a short list",
    points=3,
    shortcuts=("torchvision.models.detection.rpn.RegionProposalNetwork",),
    reference=_propose,
    edges=_edges,
    random=_random,
    tolerance=1e-4,
    probe=with_nms,
    helpers=tuple(f"course_utils.boxes.{name}" for name in ("decode", "clip", "large_enough")),
    misconceptions={
        "You chose the best of all levels together. Each level sends its own `before` best, or the level with the most "
        "cells takes all the places.": _of_all_levels,
        "You took the first anchors of each level, not those with the largest objectness.": (
            _mistaken(best=lambda score, count: torch.arange(len(score))[:count])
        ),
        "You took the anchors with the smallest objectness.": (
            _mistaken(best=lambda score, count: score.topk(min(count, len(score)), largest=False)[1])
        ),
        "Objectness is a logit, below 0 for what is probably nothing: no absolute value.": (
            _mistaken(best=lambda score, count: score.abs().topk(min(count, len(score)))[1])
        ),
        "You took all anchors of each level. Only the `before` surest are moved and compared.": (
            _mistaken(best=lambda score, count: torch.arange(len(score)))
        ),
        "A level may have fewer anchors than `before`; topk cannot give more than there are.": _without_limits,
        "`before` and `after` have changed places.": _limits_exchanged,
        "Those are still the anchors: move them with their deltas.": _mistaken(move=lambda d, a, k: a[k]),
        "The chosen anchors are moved by the deltas of others. Deltas are chosen with the same indices as anchors.": (
            _mistaken(move=lambda d, a, k: box_algebra.decode(d[: len(k)], a[k]))
        ),
        "NMS has the scores of other boxes. Scores are chosen with the same indices as the boxes.": (
            _mistaken(score_of=lambda score, k: score[: len(k)])
        ),
        "Some boxes stick out of the photo: clip them.": _mistaken(clip=lambda boxes, size: boxes),
        "You exchanged height and width when you clipped.": (
            _mistaken(clip=lambda boxes, size: box_algebra.clip(boxes, *size[::-1]))
        ),
        "A box wholly outside of the photo has no area left after clipping, and must be dropped.": _mistaken(least=-1),
        "You dropped boxes that are small but not empty. Only a side below 0.001 pixels is too small.": (
            _mistaken(least=1.0)
        ),
        "You dropped boxes that are small but not empty: all below 16 pixels. Only a side below 0.001 is too small.": (
            _mistaken(least=16.0)
        ),
        "Boxes of different levels never strike each other out: give NMS the number of each box's level.": (
            _mistaken(level=lambda k: 0)
        ),
        "The doubles are still there.": _mistaken(choose=_with_doubles),
        "You cut the list before the doubles were out of it. NMS first, or they take the places of others.": (
            _mistaken(choose=_cut_first)
        ),
        "Your list goes level by level. The surest box comes first, of whatever level.": (
            _mistaken(choose=_level_after_level)
        ),
        "You kept more than `after` boxes.": _mistaken(choose=lambda nms, b, s, g, n: nms(b, s, g)),
        "Those are numbers of boxes. Asked are the boxes themselves.": _indices,
    },
    hints=(
        "Which steps concern one level alone, and which all of them together?",
        "Per level: the best, moved, clipped, without the empty ones; remember scores and the level's number. Then "
        "join the levels, strike out doubles, cut the list.",
        "topk of each level's objectness, for at most as many as there are; decode, clip, keep where both sides are at "
        "least 0.001; join boxes, scores and level numbers; nms gives indices, best first, and the first `after` of "
        "them are your list.",
    ),
)
