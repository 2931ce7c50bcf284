"""The exercise of lesson 07 that draws a balanced sample of anchors to learn from."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from course_utils.exercises.core import Case, Exercise

Pair = tuple[Tensor, Tensor]


def _sample(labels: Tensor, order: Tensor, count: int, share: float) -> Pair:
    in_order = labels[order]
    objects = order[in_order == 1][: int(count * share)]
    return objects, order[in_order == 0][: count - len(objects)]


def _drawn(most: Callable[[int, float], int], fill: bool = True) -> Callable[..., Pair]:
    """Another limit for the objects; or background only for the rest that the limit leaves, filled up or not."""

    def answer(labels: Tensor, order: Tensor, count: int, share: float) -> Pair:
        objects = order[labels[order] == 1][: most(count, share)]
        rest = count - (len(objects) if fill else most(count, share))
        return objects, order[labels[order] == 0][: max(rest, 0)]

    return answer


def _sample_all_background(labels: Tensor, order: Tensor, count: int, share: float) -> Pair:
    return _sample(labels, order, count, share)[0], order[labels[order] == 0]


def _sample_unordered(labels: Tensor, order: Tensor, count: int, share: float) -> Pair:
    return _sample(labels, torch.arange(len(labels)), count, share)


def _sample_half_ordered(labels: Tensor, order: Tensor, count: int, share: float) -> Pair:
    objects = order[labels == 1][: int(count * share)]
    return objects, order[labels == 0][: count - len(objects)]


def _sample_ignored(labels: Tensor, order: Tensor, count: int, share: float) -> Pair:
    return _sample(labels.clamp(min=0), order, count, share)


def _sample_places(labels: Tensor, order: Tensor, count: int, share: float) -> Pair:
    in_order = labels[order]
    objects = torch.where(in_order == 1)[0][: int(count * share)]
    return objects, torch.where(in_order == 0)[0][: count - len(objects)]


def _sample_labels(labels: Tensor, order: Tensor, count: int, share: float) -> Pair:
    objects, background = _sample(labels, order, count, share)
    return labels[objects], labels[background]


def _sample_sorted(labels: Tensor, order: Tensor, count: int, share: float) -> Pair:
    objects, background = _sample(labels, order, count, share)
    return objects.sort().values, background.sort().values


def _sample_joined(labels: Tensor, order: Tensor, count: int, share: float) -> Tensor:
    return torch.cat(_sample(labels, order, count, share))


def _sample_cut_first(labels: Tensor, order: Tensor, count: int, share: float) -> Pair:
    return _sample(labels, order[:count], count, share)


def _sample_edges() -> list[Case]:
    few = torch.tensor([0, 1, 0, -1, 0, 0, 1, 0, -1, 0])
    order = torch.tensor([9, 6, 3, 0, 5, 8, 1, 4, 7, 2])
    many = torch.tensor([1, 1, 0, 1, -1, 1, 1, 0, 1, 0])
    rng = np.random.default_rng(1)
    real = torch.from_numpy(rng.choice([-1, 0, 0, 0, 1], 400))
    none = torch.zeros(0, dtype=torch.int64)
    return [
        (few, order, 6, 0.5), (many, order, 5, 0.5), (many, order, 8, 0.25), (few, order, 20, 0.5),
        (many, order, 7, 0.5),  # three and a half objects
        (torch.tensor([0, -1, 0]), torch.tensor([2, 1, 0]), 4, 0.5),
        (torch.tensor([1, 1]), torch.tensor([1, 0]), 4, 0.5),
        (none, none, 4, 0.5),
        (real, torch.from_numpy(rng.permutation(400)), 64, 0.5),
    ]  # fmt: skip


def _sample_random(rng: Generator) -> list[Case]:
    labels = torch.from_numpy(rng.integers(-1, 2, 30))
    return [(labels, torch.from_numpy(rng.permutation(30)), int(rng.integers(5, 30)), 0.5)]


SAMPLE = Exercise(
    id="balanced-sample",
    title="A sample in which objects are not drowned",
    points=2,
    whole=True,
    shortcuts=("torchvision.models.detection._utils.BalancedPositiveNegativeSampler",),
    reference=_sample,
    edges=_sample_edges,
    random=_sample_random,
    misconceptions={
        "Where objects are few, background fills their places: there are `count` in all, if there are enough.": (
            _drawn(lambda count, share: int(count * share), fill=False)
        ),
        "You took all of the background. There are `count` anchors in all: cut it to what the objects leave.": (
            _sample_all_background
        ),
        "You took the first ones of the map, not of the random order: you would train on its top left corner only.": (
            _sample_unordered
        ),
        "`labels == 1` speaks of the anchors as they lie on the map, `order` of the random order. Compare "
        "labels[order] instead.": _sample_half_ordered,
        "-1 is neither object nor background: such an anchor is never taken.": _sample_ignored,
        "`share` is the largest share of objects: at most int(count * share) of them.": _drawn(lambda count, _: count),
        "Without any limit the objects may be more than their share, or even more than `count`.": (
            _drawn(lambda count, _: 10**6)
        ),
        "int(count * share) cuts the fraction off; you rounded it.": _drawn(lambda count, share: round(count * share)),
        "int(count * share) cuts the fraction off; you rounded it up.": (
            _drawn(lambda count, share: int(np.ceil(count * share)))
        ),
        "Those are places in the random order. Asked for are the anchors that stand there.": _sample_places,
        "Those are the labels of the chosen anchors. Asked for are the anchors: entries of `order`.": _sample_labels,
        "The right anchors, but sorted. They are asked for in the order of `order`.": _sample_sorted,
        "You joined the two. They are asked for apart: objects, background.": _sample_joined,
        "You cut `order` to `count` first, and then looked what is in it. Then the objects come by chance: look for "
        "them in all of it.": _sample_cut_first,
    },
    hints=(
        "If you walk through the anchors in the random order, when do you stop taking objects, when background?",
        "First the labels in the random order; then two lists, objects and background; then cut each to its length.",
        "The objects in random order are the entries of `order` whose label is 1: keep int(count * share) of them. Of "
        "those of label 0 keep count minus the number of objects that you really have.",
    ),
)
