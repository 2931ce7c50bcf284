"""Who matched whom: the greedy matching behind every detection metric.

Detections come in order of score. Each takes, among the ground truths that are still free, the one it overlaps most,
if the overlap reaches the IoU threshold. A detection that takes one is a *true positive*, one that takes none is a
*false positive*, and a ground truth that nobody took is a *false negative*. The order matters: a better-scored
detection chooses first, even when a later one would fit better.

This is the one image that can be drawn and followed by eye; `batch` matches a whole data set at once.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from course_utils.errors import CourseError
from course_utils.metrics.instances import Detections, GroundTruth
from course_utils.metrics.regions import pairwise_iou

NOBODY = -1
IOU_THRESHOLDS = np.linspace(0.5, 0.95, 10)
ALMOST_ONE = 1 - 1e-10  # at threshold 1.0 a perfect overlap must still count when rounding shaved off its last bit


@dataclass(frozen=True)
class Matching:
    """Who matched whom on one image at one IoU threshold.

    Attributes:
        truth_of: (D,) int, for each detection the index of the ground truth it took, or -1.
        detection_of: (G,) int, for each ground truth the index of the detection that took it, or -1. A crowd region,
            which any number may take, names the last one.
        ignored_detections: (D,) bool, detections that count neither for nor against.
        ignored_truths: (G,) bool, ground truths that nobody has to find.
        threshold: the IoU threshold.
    """

    truth_of: np.ndarray
    detection_of: np.ndarray
    ignored_detections: np.ndarray
    ignored_truths: np.ndarray
    threshold: float

    @property
    def true_positives(self) -> np.ndarray:
        """Indices of the detections that found something."""
        return np.flatnonzero((self.truth_of != NOBODY) & ~self.ignored_detections)

    @property
    def false_positives(self) -> np.ndarray:
        """Indices of the detections that found nothing."""
        return np.flatnonzero((self.truth_of == NOBODY) & ~self.ignored_detections)

    @property
    def false_negatives(self) -> np.ndarray:
        """Indices of the ground truths that nobody found."""
        return np.flatnonzero((self.detection_of == NOBODY) & ~self.ignored_truths)

    @classmethod
    def of(cls, truth_of: np.ndarray, truths: int, threshold: float) -> "Matching":
        """The matching in which each detection took a truth (D,), or -1, out of so many; nobody is ignored."""
        truth_of = np.asarray(truth_of, int)
        detection_of = np.full(truths, NOBODY)
        detection_of[truth_of[truth_of != NOBODY]] = np.flatnonzero(truth_of != NOBODY)
        return cls(truth_of, detection_of, np.zeros(len(truth_of), bool), np.zeros(truths, bool), threshold)


def match(
    iou: np.ndarray,
    scores: np.ndarray,
    threshold: float = 0.5,
    *,
    crowd: np.ndarray | None = None,
    ignored: np.ndarray | None = None,
    ignored_if_unmatched: np.ndarray | None = None,
) -> Matching:
    """Match detections to ground truths greedily, in order of score, as COCO's evaluator does.

    Args:
        iou: (D, G) float, overlap of every detection with every ground truth; -1 where a pair may never match (for
            instance because the labels differ).
        scores: (D,) float; equal scores keep the order they come in.
        threshold: smallest IoU that counts as found, in [0, 1].
        crowd: (G,) bool, regions that hold many objects: always ignored, and any number of detections may take one.
        ignored: (G,) bool, other ground truths that nobody has to find, such as those outside an area range.
        ignored_if_unmatched: (D,) bool, detections that are forgiven when they find nothing, such as those outside an
            area range.

    Returns:
        The matching, in the indices of the input.

    Raises:
        CourseError: shapes that do not fit together, NaN, or a threshold outside [0, 1].
    """
    iou, scores, crowd, ignored, forgiven = _check(iou, scores, threshold, crowd, ignored, ignored_if_unmatched)
    ignored = ignored | crowd
    truth_of = np.full(len(scores), NOBODY)
    detection_of = np.full(len(crowd), NOBODY)

    for detection in by_score(scores):
        free = (detection_of == NOBODY) | crowd
        fits = free & (iou[detection] >= min(threshold, ALMOST_ONE))
        # An ignored truth is second choice: it is taken only when no other fits.
        wanted = fits & ~ignored if (fits & ~ignored).any() else fits
        if wanted.any():
            truth = _last_largest(np.where(wanted, iou[detection], NOBODY))
            truth_of[detection] = truth
            detection_of[truth] = detection

    unmatched = truth_of == NOBODY
    took_ignored = np.zeros(len(scores), bool)
    took_ignored[~unmatched] = ignored[truth_of[~unmatched]]
    return Matching(truth_of, detection_of, took_ignored | (unmatched & forgiven), ignored, threshold)


def match_thresholds(
    iou: np.ndarray, scores: np.ndarray, thresholds: ArrayLike = IOU_THRESHOLDS, **options: Any
) -> list[Matching]:
    """The matching at each of several IoU thresholds; `options` are those of `match`."""
    return [match(iou, scores, float(threshold), **options) for threshold in np.asarray(thresholds, float)]


def match_image(
    truth: GroundTruth,
    detections: Detections,
    threshold: float = 0.5,
    *,
    min_score: float = 0.0,
    area_range: tuple[float, float] = (0.0, np.inf),
    max_detections: int | None = None,
) -> Matching:
    """Match all detections of one image, each with ground truths of its own class only.

    Args:
        truth: what is there.
        detections: what was found.
        threshold: smallest IoU that counts as found.
        min_score: detections that score less are left out (ignored).
        area_range: (smallest, largest) area in px², both ends included. Ground truths outside are ignored, and so are
            detections outside that find nothing.
        max_detections: how many of the best-scored detections of each class take part; None for all.

    Returns:
        The matching, in the indices of `truth` and `detections`.

    Raises:
        CourseError: regions of different kinds or sizes, or a threshold outside [0, 1].
    """
    same_class = detections.labels[:, None] == truth.labels[None, :]
    iou = np.where(same_class, pairwise_iou(detections.regions, truth.regions, truth.crowd), -1.0)
    takes_part = detections.scores >= min_score
    if max_detections is not None:
        takes_part &= rank_in_class(detections.labels, detections.scores) < max_detections
    iou[~takes_part] = -1.0
    low, high = area_range
    return match(
        iou,
        detections.scores,
        threshold,
        crowd=truth.crowd,
        ignored=(truth.areas < low) | (truth.areas > high),
        ignored_if_unmatched=~takes_part | (detections.areas < low) | (detections.areas > high),
    )


def by_score(scores: np.ndarray) -> np.ndarray:
    """Indices from the highest score to the lowest; equal scores keep their order."""
    return np.argsort(-np.asarray(scores), kind="stable")


def rank_in_class(labels: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(D,) int: the place of each detection, from 0, among those of its class in order of score."""
    labels = np.asarray(labels)
    order = np.lexsort((-np.asarray(scores), labels))
    rank = np.empty(len(scores), int)
    rank[order] = place_in_run(labels[order])
    return rank


def regroup(order: np.ndarray, key: np.ndarray) -> np.ndarray:
    """An order (N,) of things sorted by their key (N,) of integers from 0; equal keys keep the order they had."""
    key = key[order]
    small = key.astype(np.min_scalar_type(key.max(initial=0)))  # numpy sorts 16 bits many times faster than 64
    return order[np.argsort(small, kind="stable")]


def place_in_run(values: np.ndarray) -> np.ndarray:
    """(N,) int: how many equal values stand directly before each: 5, 5, 7, 5 -> 0, 1, 0, 0."""
    place = np.arange(len(values))
    begins = np.append(True, values[1:] != values[:-1])[: len(values)]
    return place - np.maximum.accumulate(np.where(begins, place, 0))


def _last_largest(values: np.ndarray) -> int:
    """Index of the largest value, the last one on a tie (numpy's argmax would give the first)."""
    return len(values) - 1 - int(np.argmax(values[::-1]))


def _check(iou, scores, threshold, crowd, ignored, forgiven):
    iou, scores = np.asarray(iou, float), np.asarray(scores, float)
    if iou.ndim != 2 or scores.shape != iou.shape[:1]:
        raise CourseError(
            f"match: iou has shape {iou.shape} and scores {scores.shape}; "
            "give (detections, ground truths) and (detections,)"
        )
    if np.isnan(iou).any() or np.isnan(scores).any():
        raise CourseError("match: iou and scores must not hold NaN; mend the regions or scores they come from")
    if not 0 <= threshold <= 1:
        raise CourseError(f"match: the IoU threshold is {threshold}; give a number from 0 to 1")
    flags = []
    named = (("crowd", crowd, 1), ("ignored", ignored, 1), ("ignored_if_unmatched", forgiven, 0))
    for name, flag, axis in named:
        flag = np.zeros(iou.shape[axis], bool) if flag is None else np.asarray(flag, bool)
        if flag.shape != (iou.shape[axis],):
            raise CourseError(f"match: {name} has shape {flag.shape}; give one flag for each of {iou.shape[axis]}")
        flags.append(flag)
    return iou, scores, *flags
