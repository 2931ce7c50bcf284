"""Matching a whole data set at once: every image, class, IoU threshold and area range in one go.

The result is the same as `match_image` on each image, and as pycocotools' evaluator, but the loops are turned inside
out: the best detection of *every* image and class is matched first, at all thresholds and area ranges together, then
the second best of each, and so on. A few rounds of array operations do what would otherwise be many thousand small
loops.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from course_utils.errors import CourseError
from course_utils.metrics.instances import Detections, GroundTruth
from course_utils.metrics.matching import (
    ALMOST_ONE,
    IOU_THRESHOLDS,
    NOBODY,
    by_score,
    place_in_run,
    rank_in_class,
    regroup,
)
from course_utils.metrics.regions import pair_iou
from course_utils.metrics.rounds import match_greedily

EVERY_AREA = (0.0, 1e10)  # px², the upper end is COCO's


@dataclass(frozen=True)
class Matches:
    """Who matched whom in a data set of N detections and G ground truths, at T thresholds and A area ranges.

    Most detections overlap nothing of their class, so that only the C others are kept at every threshold and range;
    `truth_of` and the properties after it are the same facts about all N.

    Attributes:
        classes: (K,) int, the labels that are judged, ascending.
        thresholds: (T,) float, the IoU thresholds.
        area_ranges: (A, 2) float, smallest and largest area in px², both included.
        image, label, score, rank: (N,) of each detection: the number of its image (from 0), its label, its score and
            its place (from 0) among the detections of its image and class in order of score.
        order: (N,) int, all detections, class after class, each from the highest score down; of equal scores the first
            image comes first, then the order within the image.
        outside: (A, N) bool, detections whose own area is out of the range.
        max_detections: detections of this rank or a later one do not take part.
        candidates: (C,) int, ascending, the detections that could match at all.
        taken: (A, T, C) int, the ground truth that each candidate took, or -1.
        truth_image, truth_label: (G,) int, of each ground truth.
        truth_ignored: (A, G) bool, ground truths that nobody has to find.
    """

    classes: np.ndarray
    thresholds: np.ndarray
    area_ranges: np.ndarray
    image: np.ndarray
    label: np.ndarray
    score: np.ndarray
    rank: np.ndarray
    order: np.ndarray
    outside: np.ndarray
    max_detections: int
    candidates: np.ndarray
    taken: np.ndarray
    truth_image: np.ndarray
    truth_label: np.ndarray
    truth_ignored: np.ndarray

    @cached_property
    def truth_of(self) -> np.ndarray:
        """(A, T, N) int: the ground truth that each detection took, or -1."""
        truth_of = np.full((*self.taken.shape[:2], len(self.label)), NOBODY)
        truth_of[..., self.candidates] = self.taken
        return truth_of

    @cached_property
    def ignored(self) -> np.ndarray:
        """(A, T, N) bool: detections that count neither for nor against."""
        missed = self.truth_of == NOBODY
        took_ignored = ~missed & of_truths(self.truth_ignored, self.truth_of)
        return took_ignored | (missed & self.outside[:, None]) | (self.rank >= self.max_detections)

    @property
    def true_positive(self) -> np.ndarray:
        """(A, T, N) bool: detections that found something."""
        return (self.truth_of != NOBODY) & ~self.ignored

    @property
    def false_positive(self) -> np.ndarray:
        """(A, T, N) bool: detections that found nothing."""
        return (self.truth_of == NOBODY) & ~self.ignored

    def at(self, threshold: float) -> int:
        """Place of an IoU threshold in `thresholds`; CourseError when nothing was matched at it."""
        near = np.flatnonzero(np.isclose(self.thresholds, threshold, rtol=0, atol=1e-9))
        if not len(near):
            known = ", ".join(f"{t:.2f}" for t in self.thresholds)
            raise CourseError(f"nothing was matched at IoU {threshold}; there are: {known}")
        return int(near[0])


def match_images(
    images: Iterable[tuple[GroundTruth, Detections]],
    thresholds: ArrayLike = IOU_THRESHOLDS,
    *,
    area_ranges: Sequence[tuple[float, float]] = (EVERY_AREA,),
    max_detections: int = 100,
    classes: Sequence[int] | None = None,
) -> Matches:
    """Match all detections of a data set, each with ground truths of its own image and class only.

    Masks are looked at one image at a time and not kept, so a generator of images needs memory for one of them.

    Args:
        images: what is there and what was found, for each image.
        thresholds: smallest IoUs that count as found, in [0, 1].
        area_ranges: ground truths outside are ignored, and so are detections outside that find nothing.
        max_detections: how many of the best-scored detections of each image and class take part; others are ignored.
        classes: the labels that are judged; those of the ground truths when left out.

    Raises:
        CourseError: a threshold outside [0, 1], regions of different kinds or sizes, a detection whose label is none of
            the classes.
    """
    levels = np.atleast_1d(np.asarray(thresholds, float))
    if not ((levels >= 0) & (levels <= 1)).all():
        raise CourseError(f"IoU thresholds {levels.tolist()}: give numbers from 0 to 1")
    columns = _Columns(min(levels.min(initial=1.0), ALMOST_ONE), max_detections)
    for truth, detections in images:
        columns.add(truth, detections)
    ranges = np.asarray(area_ranges, float).reshape(-1, 2)
    return columns.match(levels, ranges, columns.check_classes(classes))


class _Columns:
    """All images as columns: one row for each detection, each ground truth, and each pair that overlaps enough."""

    def __init__(self, smallest_iou: float, max_detections: int):
        self.smallest_iou, self.max_detections = smallest_iou, max_detections
        self.names: list[Any] = []
        self.detections: list[tuple[np.ndarray, ...]] = []
        self.truths: list[tuple[np.ndarray, ...]] = []
        self.pairs: list[tuple[np.ndarray, ...]] = []
        self.counts = [0, 0]

    def add(self, truth: GroundTruth, found: Detections) -> None:
        """Take in one image; what is kept of it are numbers, no masks."""
        may_match = found.labels[:, None] == truth.labels
        if len(found) > self.max_detections:
            may_match &= (rank_in_class(found.labels, found.scores) < self.max_detections)[:, None]
        d, g = np.nonzero(may_match)
        if len(d):
            iou = pair_iou(found.regions, truth.regions, truth.crowd, d, g)
            enough = iou >= self.smallest_iou
            self.pairs.append((d[enough] + self.counts[0], g[enough] + self.counts[1], iou[enough]))
        image = len(self.names)
        self.detections.append((np.full(len(found), image), found.labels, found.scores, found.areas))
        self.truths.append((np.full(len(truth), image), truth.labels, truth.areas, truth.crowd))
        self.names.append(image if found.image is None else found.image)
        self.counts = [self.counts[0] + len(found), self.counts[1] + len(truth)]

    def check_classes(self, classes: Sequence[int] | None) -> np.ndarray:
        """The labels that are judged; every detection must have one of them."""
        labels = _join(self.truths, 4)[1] if classes is None else classes
        known = np.unique(np.asarray(labels, np.int64))
        image, label = _join(self.detections, 4)[:2]
        strange = np.flatnonzero(~np.isin(label, known))
        if len(strange):
            name, wrong = self.names[image[strange[0]]], label[strange[0]]
            raise CourseError(
                f"detections of image {name}: label {wrong} is none of the classes {known.tolist()}; "
                "mend the label, or name all classes"
            )
        return known

    def match(self, thresholds: np.ndarray, ranges: np.ndarray, classes: np.ndarray) -> Matches:
        """Match at all thresholds and in all area ranges."""
        image, label, score, area = _join(self.detections, 4)
        truth_image, truth_label, truth_area, crowd = _join(self.truths, 4)
        crowd = crowd.astype(bool)
        low, high = ranges[:, :1], ranges[:, 1:]
        truth_ignored = crowd | (truth_area < low) | (truth_area > high)
        number = np.searchsorted(classes, label)
        group = image * len(classes) + number
        order = regroup(by_score(score), number)
        by_image = regroup(order, image)
        rank = np.empty(len(order), int)
        rank[by_image] = place_in_run(group[by_image])
        detection, truth, iou = _join(self.pairs, 3)
        candidates, taken = match_greedily((detection, truth, iou), group, rank, thresholds, crowd, truth_ignored)
        facts = (image, label, score, rank, order, (area < low) | (area > high), self.max_detections, candidates, taken)
        return Matches(classes, thresholds, ranges, *facts, truth_image, truth_label, truth_ignored)


def of_truths(flags: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Flags (A, G) of the things that `index` (A, T, N) names in each area range; any where it names nobody."""
    padded = np.concatenate([flags, np.zeros((len(flags), 1), bool)], axis=1)
    return padded[np.arange(len(flags))[:, None, None], index]


def _join(parts: list[tuple[np.ndarray, ...]], width: int) -> list[np.ndarray]:
    """Tuples of `width` columns, one under the other; empty integer columns when there are none."""
    if not parts:
        return [np.zeros(0, int)] * width
    return [np.concatenate(column) for column in zip(*parts, strict=True)]
