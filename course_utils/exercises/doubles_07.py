"""The exercise of lesson 07 about doubles: non-maximum suppression."""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.random import Generator

from course_utils import boxes as box_algebra
from course_utils.exercises.core import Case, Exercise

Array = np.ndarray


def _suppress(overlaps: Array, scores: Array, threshold: float, groups: Array) -> list[int]:
    strikes = (overlaps > threshold) & (groups[:, None] == groups[None, :])
    keep: list[int] = []
    for box in np.argsort(-scores, kind="stable").tolist():
        if not strikes[box, keep].any():
            keep.append(box)
    return keep


def _looking_at(looked_at: Callable[[list[int], list[int]], Iterable[int]]) -> Callable[..., list[int]]:
    """A box is left out if one of ``looked_at(kept, before)`` overlaps it."""

    def answer(overlaps: Array, scores: Array, threshold: float, groups: Array) -> list[int]:
        strikes = (overlaps > threshold) & (groups[:, None] == groups[None, :])
        kept: list[int] = []
        before: list[int] = []
        for box in np.argsort(-scores, kind="stable").tolist():
            kept += [] if strikes[box, list(looked_at(kept, before))].any() else [box]
            before.append(box)
        return kept

    return answer


def _suppress_ascending(overlaps: Array, scores: Array, threshold: float, groups: Array) -> list[int]:
    return _suppress(overlaps, -scores, threshold, groups)


def _suppress_as_they_come(overlaps: Array, scores: Array, threshold: float, groups: Array) -> list[int]:
    return _suppress(overlaps, np.zeros_like(scores), threshold, groups)


def _suppress_across(overlaps: Array, scores: Array, threshold: float, groups: Array) -> list[int]:
    return _suppress(overlaps, scores, threshold, np.zeros_like(groups))


def _suppress_equals(overlaps: Array, scores: Array, threshold: float, groups: Array) -> list[int]:
    return _suppress(overlaps, scores, threshold - 1e-9, groups)


def _suppress_ties_reversed(overlaps: Array, scores: Array, threshold: float, groups: Array) -> list[int]:
    order = np.argsort(scores)[::-1]
    kept = _suppress(overlaps[np.ix_(order, order)], scores[order], threshold, groups[order])
    return order[kept].tolist()


def _suppress_unstable(overlaps: Array, scores: Array, threshold: float, groups: Array) -> list[int]:
    order = np.argsort(-scores)
    kept = _suppress(overlaps[np.ix_(order, order)], -np.arange(len(order)), threshold, groups[order])
    return order[kept].tolist()


def _suppress_last_of_ties(overlaps: Array, scores: Array, threshold: float, groups: Array) -> list[int]:
    kept = _suppress(overlaps[::-1, ::-1], scores[::-1], threshold, groups[::-1])
    return [len(scores) - 1 - box for box in kept]


def _suppress_only_later_numbers(overlaps: Array, scores: Array, threshold: float, groups: Array) -> list[int]:
    return _suppress(np.tril(overlaps), scores, threshold, groups)


def _suppress_flags(overlaps: Array, scores: Array, threshold: float, groups: Array) -> Array:
    return np.isin(np.arange(len(scores)), _suppress(overlaps, scores, threshold, groups))


def _suppress_in_order(overlaps: Array, scores: Array, threshold: float, groups: Array) -> list[int]:
    return sorted(_suppress(overlaps, scores, threshold, groups))


def _suppress_group_by_group(overlaps: Array, scores: Array, threshold: float, groups: Array) -> list[int]:
    kept = _suppress(overlaps, scores, threshold, groups)
    return sorted(kept, key=lambda box: groups[box])


def _suppress_lonely(overlaps: Array, scores: Array, threshold: float, groups: Array) -> list[int]:
    strikes = (overlaps > threshold) & (groups[:, None] == groups[None, :])
    return [box for box in np.argsort(-scores, kind="stable").tolist() if strikes[box].sum() <= 1]


def _suppress_places(overlaps: Array, scores: Array, threshold: float, groups: Array) -> list[int]:
    order = np.argsort(-scores, kind="stable").tolist()
    return [order.index(box) for box in _suppress(overlaps, scores, threshold, groups)]


def _suppress_scores(overlaps: Array, scores: Array, threshold: float, groups: Array) -> list[float]:
    return scores[_suppress(overlaps, scores, threshold, groups)].tolist()


def _suppress_keeping_doubles(overlaps: Array, scores: Array, threshold: float, groups: Array) -> list[int]:
    return _suppress(1 - overlaps, scores, 1 - threshold, groups)


def _crowd(rng: Generator, count: int, digits: int = 3, threshold: float = 0.5001) -> Case:
    """Boxes around two objects in two groups; their scores are all different unless they are rounded off."""
    centres = np.array([[40.0, 40], [70, 50]])[rng.integers(0, 2, count)] + rng.normal(0, 4, (count, 2))
    half = rng.uniform(16, 24, (count, 2))
    overlaps = box_algebra.iou(*[np.concatenate([centres - half, centres + half], axis=1)] * 2)
    scores = rng.permutation(np.arange(1, count + 1)) / (count + 1)
    return overlaps.round(3), scores.round(digits), threshold, rng.integers(0, 2, count)


def _suppress_edges() -> list[Case]:
    twins = np.array([[1, 0.8, 0.0], [0.8, 1, 0.1], [0.0, 0.1, 1]])
    chain = np.array([[1, 0.6, 0.2], [0.6, 1, 0.6], [0.2, 0.6, 1]])
    one, two, none = np.zeros(3, dtype=int), np.array([0, 1, 1]), np.zeros(0)
    return [
        (twins, np.array([0.6, 0.9, 0.3]), 0.5, one),
        (chain, np.array([0.9, 0.8, 0.7]), 0.5, one),
        (twins, np.array([0.6, 0.9, 0.7]), 0.8, one),
        (twins, np.array([0.6, 0.6, 0.3]), 0.5, one),  # on a tie the earlier one comes first
        (chain, np.array([0.8, 0.9, 0.7]), 0.5, two),
        (twins, np.array([0.3, 0.2, 0.9]), 0.5, two),  # of three groups' best the surest comes first
        (np.zeros((0, 0)), none, 0.5, none.astype(int)),
        _crowd(np.random.default_rng(8), 40, digits=1, threshold=0.7),  # real size, many ties
    ]


def _suppress_random(rng: Generator) -> list[Case]:
    return [_crowd(rng, 9) for _ in range(3)]


SUPPRESS = Exercise(
    id="suppress-doubles",
    title="Non-maximum suppression",
    points=3,
    whole=True,
    shortcuts=("torchvision.ops.nms", "torchvision.ops.batched_nms"),
    reference=_suppress,
    edges=_suppress_edges,
    random=_suppress_random,
    misconceptions={
        "You began with the lowest score. The surest box comes first and strikes out the others.": _suppress_ascending,
        "You took the boxes as they came. The surest comes first: go through them by their scores.": (
            _suppress_as_they_come
        ),
        "A box of one group has struck out a box of another. Only boxes of the same group are doubles.": (
            _suppress_across
        ),
        "A box that was struck out went on striking others. Only a box that is kept may do that.": (
            _looking_at(lambda kept, before: before)
        ),
        "You compared with the box kept last. Any of the boxes kept so far may strike.": (
            _looking_at(lambda kept, before: kept[-1:])
        ),
        "You compared with the surest box alone. After it the next one that is kept strikes, and so on.": (
            _looking_at(lambda kept, before: before[:1])
        ),
        "You left out every box that has a double. Of doubles the surest one stays.": _suppress_lonely,
        "You kept the doubles and struck out the others: the comparison with the threshold is the wrong way round.": (
            _suppress_keeping_doubles
        ),
        "An overlap of exactly the threshold is still allowed. Strike only what lies above it.": _suppress_equals,
        "Boxes with equal scores changed places: np.argsort(scores)[::-1] turns ties around as well. Sort "
        '-scores, with kind="stable".': _suppress_ties_reversed,
        "Boxes with equal scores may change places in a plain np.argsort. On a tie the earlier one comes first: "
        'kind="stable" keeps it so.': _suppress_unstable,
        "On a tie the earlier box comes first, and in yours the later one. To sort upwards and turn the list around "
        "turns the ties around as well.": _suppress_last_of_ties,
        "A box strikes only those with a larger number. It is the order of the scores that counts, and a surer box may "
        "have any number.": _suppress_only_later_numbers,
        "You give True or False for each box. Asked are the numbers of those that stay, the surest first.": (
            _suppress_flags
        ),
        "The right boxes, but in the order in which they came. Give the surest first.": _suppress_in_order,
        "The right boxes, but group by group. Give the surest first, of whatever group.": _suppress_group_by_group,
        "Those are places in the sorted order. Asked are the numbers of the boxes themselves.": _suppress_places,
        "Those are the scores of the boxes that stay. Asked are their indices.": _suppress_scores,
    },
    hints=(
        "Three boxes in a chain, A over B over C, A the surest; A and C lie apart. Which ones stay?",
        "Sort by score. Go through the boxes one by one, with a list of those that you have kept so far.",
        "A box is kept unless one of those kept so far has the same group and overlaps it by more than the threshold. "
        "Those struck out have no say. np.argsort of the negative scores, with kind='stable', is the order.",
    ),
)
