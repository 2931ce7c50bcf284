"""Average precision: the area under the precision-recall curve, in each of the conventions in use.

Go down the list of detections from the surest to the least sure. After each one, count how many so far are right
(precision) and how many of all objects are found (recall). The points (recall, precision) make a curve, and its area is
the average precision. The conventions differ in how the area is taken:

    COCO            the envelope of the curve, looked up at 101 recalls (Lin et al. 2014)
    VOC 2007        the envelope, looked up at 11 recalls (Everingham et al. 2010)
    VOC 2010        the envelope, its exact area
    step            the curve itself, one step for each score threshold: the slide deck's formula, and scikit-learn's

The envelope replaces each precision by the best one at the same or a higher recall.
"""

import numpy as np

from course_utils.errors import CourseError
from course_utils.metrics.batch import Matches
from course_utils.metrics.matching import by_score
from course_utils.metrics.scores import count_matches

COCO_RECALLS = np.linspace(0.0, 1.0, 101)
VOC_RECALLS = np.arange(11) / 10  # linspace would miss 0.3 and 0.6 by a bit, and 3 of 5 objects would not reach 0.6


def precision_recall_curve(right: np.ndarray, scores: np.ndarray, objects: int) -> tuple[np.ndarray, np.ndarray]:
    """Precision and recall after each detection, from the highest score to the lowest.

    Args:
        right: (N,) bool, whether each detection found something. Leave out detections that are ignored.
        scores: (N,) float; equal scores keep the order they come in.
        objects: how many there are to find, more than 0.

    Returns:
        Two arrays (N,): precision and recall; recall never falls.

    Raises:
        CourseError: no objects, or arrays that do not fit together.
    """
    right, scores = _check(right, scores, objects)
    found = np.cumsum(right[by_score(scores)])
    return found / np.arange(1, len(right) + 1), found / objects


def envelope(precision: np.ndarray) -> np.ndarray:
    """The best precision from here on: (..., N) -> (..., N), never rising from left to right."""
    return np.flip(np.maximum.accumulate(np.flip(precision, axis=-1), axis=-1), axis=-1)


def precision_at(recalls: np.ndarray, precision: np.ndarray, recall: np.ndarray) -> np.ndarray:
    """Precision where a curve first reaches each of several recalls, 0 where it never does.

    Args:
        recalls: (R,) where to look.
        precision, recall: (..., N) of one or several curves; recall must not fall.

    Returns:
        (..., R)
    """
    if not recall.shape[-1]:
        return np.zeros((*recall.shape[:-1], len(recalls)))
    beyond = np.concatenate([precision, np.zeros((*precision.shape[:-1], 1))], axis=-1)
    rows = recall.reshape(-1, recall.shape[-1])
    first = np.array([np.searchsorted(row, recalls, side="left") for row in rows], int)
    return np.take_along_axis(beyond, first.reshape(*recall.shape[:-1], len(recalls)), axis=-1)


def coco_ap(precision: np.ndarray, recall: np.ndarray) -> float:
    """COCO: mean of the envelope at recalls 0, 0.01, ..., 1."""
    return float(precision_at(COCO_RECALLS, envelope(precision), recall).mean())


def voc_2007_ap(precision: np.ndarray, recall: np.ndarray) -> float:
    """PASCAL VOC until 2009: mean of the envelope at recalls 0, 0.1, ..., 1."""
    return float(precision_at(VOC_RECALLS, envelope(precision), recall).mean())


def voc_2010_ap(precision: np.ndarray, recall: np.ndarray) -> float:
    """PASCAL VOC since 2010: the exact area under the envelope."""
    return float((np.diff(recall, prepend=0.0) * envelope(precision)).sum())


def step_sum(precision: np.ndarray, recall: np.ndarray) -> float:
    """The deck's formula: sum over k of [R(k) - R(k + 1)] P(k), with R(n) = 0.

    Args:
        precision, recall: (n,) at n thresholds in ascending order, so that recall falls.
    """
    return float((-np.diff(recall, append=0.0) * precision).sum())


def step_ap(right: np.ndarray, scores: np.ndarray, objects: int) -> float:
    """The deck's formula with k over ascending *score* thresholds: the area under the curve in steps.

    Detections of one score pass a threshold together, so their order does not matter. Where every object is among the
    detections found, this is scikit-learn's `average_precision_score`.

    Args:
        right, scores, objects: see `precision_recall_curve`.
    """
    right, scores = _check(right, scores, objects)
    precision, recall = precision_recall_curve(right, scores, objects)
    last_of_score = np.diff(np.sort(-scores), append=np.inf) > 0
    return step_sum(precision[last_of_score][::-1], recall[last_of_score][::-1])


def literal_reading(matches: Matches, min_score: float = 0.0) -> np.ndarray:
    """The deck's formula taken by its letter, with k over the *IoU* thresholds: not average precision.

    There is no ranking in it: at each IoU threshold, precision and recall are those of all detections above one score
    cut-off, so the cut-off leaks into the number. Perfect detections give 1 all the same.

    Args:
        matches: at n ascending IoU thresholds, from `match_images`.
        min_score: detections that score less are left out.

    Returns:
        (K,) one number for each class; NaN for a class without objects.
    """
    if (np.diff(matches.thresholds) <= 0).any():
        raise CourseError(f"the IoU thresholds {matches.thresholds.tolist()} do not rise")
    rows = [count_matches(matches, threshold, min_score) for threshold in matches.thresholds]
    precision, recall = np.array([row.precision for row in rows]), np.array([row.recall for row in rows])
    objects = rows[0].tp + rows[0].fn
    sums = [step_sum(p, r) for p, r in zip(precision.T, recall.T, strict=True)]
    return np.where(objects > 0, sums, np.nan)


def _check(right, scores, objects) -> tuple[np.ndarray, np.ndarray]:
    right, scores = np.asarray(right), np.asarray(scores, float)
    if right.dtype != bool or right.ndim != 1 or right.shape != scores.shape:
        raise CourseError(
            f"right is {right.dtype} of shape {right.shape}, scores have shape {scores.shape}; give one bool and one "
            "score for each detection"
        )
    if np.isnan(scores).any():
        raise CourseError(f"score {int(np.argmax(np.isnan(scores)))} is NaN")
    if objects < 1:
        raise CourseError(f"{objects} objects: without any, recall and average precision have no value")
    if right.sum() > objects:
        raise CourseError(f"{int(right.sum())} detections are right but there are only {objects} objects")
    return right, scores
