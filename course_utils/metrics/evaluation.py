"""The COCO evaluation of a data set: precision and recall at every threshold, recall point, class, area and limit.

Equal to pycocotools' `COCOeval` to the last bit (Lin et al. 2014); the tests compare with `==`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from course_utils.errors import CourseError
from course_utils.metrics.average_precision import COCO_RECALLS
from course_utils.metrics.batch import Matches, match_images
from course_utils.metrics.instances import Detections, GroundTruth
from course_utils.metrics.matching import IOU_THRESHOLDS, NOBODY, place_in_run

AREAS = {"all": (0.0, 1e10), "small": (0.0, 32.0**2), "medium": (32.0**2, 96.0**2), "large": (96.0**2, 1e10)}
MAX_DETECTIONS = (1, 10, 100)
NO_VALUE = -1.0
TINY = np.spacing(1)  # pycocotools adds it to every denominator


@dataclass(frozen=True)
class Evaluation:
    """Precision and recall with axes T thresholds, R recalls, K classes, A areas, M limits.

    Attributes:
        precision: (T, R, K, A, M), the envelope at 101 recalls; -1 for a class without objects.
        recall: (T, K, A, M), the largest recall reached; -1 for a class without objects.
        thresholds, classes, areas, max_detections: what the axes mean; areas are names.
    """

    precision: np.ndarray
    recall: np.ndarray
    thresholds: np.ndarray
    classes: np.ndarray
    areas: tuple[str, ...]
    max_detections: tuple[int, ...]

    def average_precision(
        self,
        threshold: float | None = None,
        area: str = "all",
        max_detections: int | None = None,
        label: int | None = None,
    ) -> float:
        """Mean of the precisions at one IoU threshold or over all, for one class or over all; -1 without objects.

        `max_detections` is one of the limits, the largest when left out.
        """
        return _mean(self._pick(self.precision, threshold, area, max_detections, label))

    def average_recall(
        self,
        threshold: float | None = None,
        area: str = "all",
        max_detections: int | None = None,
        label: int | None = None,
    ) -> float:
        """Mean of the recalls, chosen like the precisions of `average_precision`."""
        return _mean(self._pick(self.recall, threshold, area, max_detections, label))

    def _pick(self, values: np.ndarray, threshold, area, max_detections, label) -> np.ndarray:
        # The order of the picks keeps pycocotools' memory layout, on which the last bit of a mean depends.
        if threshold is not None:
            values = values[_place("IoU threshold", np.round(self.thresholds, 9).tolist(), round(threshold, 9))]
        if label is not None:
            values = values[..., _place("class", self.classes.tolist(), label), :, :]
        limit = self.max_detections[-1] if max_detections is None else max_detections
        a, m = _place("area", self.areas, area), _place("limit", self.max_detections, limit)
        return values[..., a, m]


def evaluate_images(
    images: Iterable[tuple[GroundTruth, Detections]],
    thresholds: ArrayLike = IOU_THRESHOLDS,
    *,
    areas: dict[str, tuple[float, float]] | None = None,
    max_detections: Sequence[int] = MAX_DETECTIONS,
    classes: Sequence[int] | None = None,
) -> Evaluation:
    """Evaluate a data set as COCO does.

    Args:
        images: what is there and what was found, for each image, in the order of their ids: it decides between
            equal scores of different images.
        thresholds: smallest IoUs that count as found.
        areas: name -> (smallest, largest) area in px²; COCO's four when left out.
        max_detections: how many of the best-scored detections of each image and class count.
        classes: the labels to judge; those of the ground truths when left out.

    Raises:
        CourseError: bad input; see `match_images`.
    """
    areas = AREAS if areas is None else areas
    limits = tuple(sorted(max_detections))
    matches = match_images(
        images, thresholds, area_ranges=list(areas.values()), max_detections=limits[-1], classes=classes
    )
    return accumulate(matches, tuple(areas), limits)


def accumulate(matches: Matches, areas: tuple[str, ...], max_detections: tuple[int, ...]) -> Evaluation:
    """Turn matches into curves; `areas` names the area ranges, `max_detections` rises.

    All classes and thresholds are done together. The envelope is the best precision at this or a higher recall, and
    precision only rises with a right detection, so nothing else has to be looked at: each right one lifts the curve at
    the last of the 101 recalls that it reaches, and what it lifts there holds for all recalls before.
    """
    t, r, k, a, m = len(matches.thresholds), len(COCO_RECALLS), len(matches.classes), len(areas), len(max_detections)
    precision, recall = np.zeros((t, r, k, a, m)), np.zeros((t, k, a, m))
    objects = _objects(matches)
    ranking = _Ranking(matches)
    for area in range(a):
        for limit, (step, number, tp, fp) in enumerate(ranking.limited(area, max_detections)):
            reached = tp / objects[area, number]
            point = np.searchsorted(COCO_RECALLS, reached, side="right") - 1
            _lift(precision, (step, point, number, area, limit), tp / (fp + tp + TINY))
            recall[step, number, area, limit] = reached  # it rises, and the last one stays
    for point in reversed(range(r - 1)):
        np.maximum(precision[:, point], precision[:, point + 1], out=precision[:, point])
    without = objects.T == 0
    precision[:, :, without] = recall[:, without] = NO_VALUE
    return Evaluation(precision, recall, matches.thresholds, matches.classes, areas, max_detections)


class _Ranking:
    """All detections, class after class, from the highest score to the lowest, and which of them took something."""

    def __init__(self, matches: Matches):
        order, self.classes = matches.order, len(matches.classes)
        begins = np.searchsorted(matches.label[order], matches.classes)
        number = np.repeat(np.arange(self.classes), np.diff(begins, append=len(order)))
        place = np.empty(len(order), int)
        place[order] = np.arange(len(order))
        by_place = np.argsort(place[matches.candidates])
        self.rank, self.inside = matches.rank[order], ~matches.outside.take(order, axis=1)
        self.place = place[matches.candidates[by_place]]
        self.number = number[self.place]
        self.first = begins[self.number]  # where the class of each candidate begins
        self.taken, self.truth_ignored = matches.taken.take(by_place, axis=2), matches.truth_ignored

    def limited(self, area: int, limits: tuple[int, ...]) -> Iterator[tuple[np.ndarray, ...]]:
        """Every right detection in an area range, when each image and class has only so many of its best.

        Yields:
            For each limit four arrays (P,): the number of the threshold and of the class; how many detections of the
            class are right and how many are wrong up to this one, itself included.
        """
        # At most thresholds most candidates take nothing; only those that do are looked at, threshold after threshold.
        steps, candidates = np.nonzero(self.taken[area] != NOBODY)
        all_right = ~self.truth_ignored[area, self.taken[area, steps, candidates]]
        # A detection from outside the range that took an ignored truth is neither right nor wrong.
        kept = all_right | self.inside[area, self.place[candidates]]
        steps, candidates, all_right = steps[kept], candidates[kept], all_right[kept]
        ranks = self.rank[self.place[candidates]]
        for most in limits:
            counts = np.flatnonzero(ranks < most)
            step, candidate, right = steps[counts], candidates[counts], all_right[counts]
            number, place = self.number[candidate], self.place[candidate]
            inside = self.inside[area] & (self.rank < most)
            first = np.arange(len(step)) - place_in_run(step * self.classes + number)
            # Wrong are those inside the range that took nothing.
            matched = _up_to(inside[place], first)
            seen = _running_sum(inside)
            wrong = seen[place + 1] - seen[self.first[candidate]] - matched
            yield step[right], number[right], _up_to(right, first)[right], wrong[right]


def _up_to(flags: np.ndarray, first: np.ndarray) -> np.ndarray:
    """How many flags (N,) are set from the place `first` (N,) up to each, itself included."""
    sums = _running_sum(flags)
    return sums[1:] - sums[first]


def _running_sum(flags: np.ndarray) -> np.ndarray:
    """How many flags (N,) are set before each place: (N + 1,) int."""
    sums = np.zeros(len(flags) + 1, np.int32)
    np.cumsum(flags, out=sums[1:])
    return sums


def _objects(matches: Matches) -> np.ndarray:
    """(A, K) int: how many objects there are to find in each area range and class."""
    judged = np.isin(matches.truth_label, matches.classes)
    number = np.searchsorted(matches.classes, matches.truth_label[judged])
    wanted = ~matches.truth_ignored[:, judged]
    return np.array([np.bincount(number[row], minlength=len(matches.classes)) for row in wanted])


def _lift(table: np.ndarray, index: tuple, values: np.ndarray) -> None:
    """Raise a contiguous table to the values where they are larger; an entry may be named many times."""
    np.maximum.at(table.reshape(-1), np.ravel_multi_index(np.broadcast_arrays(*index), table.shape), values)


def _mean(values: np.ndarray) -> float:
    values = values[values > NO_VALUE]
    return float(values.mean()) if len(values) else NO_VALUE


def _place(what: str, known: Sequence, wanted) -> int:
    if wanted not in known:
        raise CourseError(f"{what} {wanted!r} was not evaluated; there are: {', '.join(map(str, known))}")
    return known.index(wanted)
