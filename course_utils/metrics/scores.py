"""Precision, recall and F1: per class and averaged, at one IoU threshold and one score cut-off.

    precision = TP / (TP + FP)      how many of the detections are right
    recall    = TP / (TP + FN)      how many of the objects are found
    F1        = 2 TP / (2 TP + FP + FN)      their harmonic mean

All three change with the score cut-off, so a number without its cut-off says little. They come from plain counts; the
"interpolated" precision of average precision is another quantity (see `average_precision`).

A ratio whose denominator is 0 has no value. As in scikit-learn, `zero_division` stands for it: 0 or 1, or NaN, which
leaves the class out of the average.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from course_utils.errors import CourseError
from course_utils.metrics.batch import EVERY_AREA, Matches, match_images
from course_utils.metrics.instances import Detections, GroundTruth


def precision(tp: ArrayLike, fp: ArrayLike, zero_division: float = 0.0) -> np.ndarray:
    """Right detections among all detections: TP / (TP + FP), elementwise; `zero_division` where there are none."""
    return _ratio(tp, np.add(tp, fp), zero_division)


def recall(tp: ArrayLike, fn: ArrayLike, zero_division: float = 0.0) -> np.ndarray:
    """Found objects among all objects: TP / (TP + FN), elementwise; `zero_division` where there are none."""
    return _ratio(tp, np.add(tp, fn), zero_division)


def f1(tp: ArrayLike, fp: ArrayLike, fn: ArrayLike, zero_division: float = 0.0) -> np.ndarray:
    """2 TP / (2 TP + FP + FN), elementwise; `zero_division` where there is neither object nor detection."""
    return _ratio(np.multiply(2, tp), np.add(np.add(np.multiply(2, tp), fp), fn), zero_division)


@dataclass(frozen=True)
class ClassScores:
    """Counts and scores of each class, and their averages.

    Attributes:
        classes: (K,) int, labels.
        tp, fp, fn: (K,) int, true positives, false positives, false negatives.
        threshold: the IoU threshold.
        min_score: detections with a lower score were left out.
        zero_division: what stands for a ratio without a value.
    """

    classes: np.ndarray
    tp: np.ndarray
    fp: np.ndarray
    fn: np.ndarray
    threshold: float
    min_score: float
    zero_division: float = 0.0

    @property
    def precision(self) -> np.ndarray:
        """(K,) precision of each class."""
        return precision(self.tp, self.fp, self.zero_division)

    @property
    def recall(self) -> np.ndarray:
        """(K,) recall of each class."""
        return recall(self.tp, self.fn, self.zero_division)

    @property
    def f1(self) -> np.ndarray:
        """(K,) F1 of each class."""
        return f1(self.tp, self.fp, self.fn, self.zero_division)

    @property
    def macro(self) -> dict[str, float]:
        """Mean over the classes of "precision", "recall" and "f1".

        Macro F1 is the mean of the classes' F1, not the F1 of the mean precision and mean recall (as scikit-learn).
        """
        return {name: _mean(getattr(self, name)) for name in ("precision", "recall", "f1")}

    @property
    def micro(self) -> dict[str, float]:
        """The "precision", "recall" and "f1" of all classes' counts added up, so that every object weighs the same."""
        tp, fp, fn, zero = self.tp.sum(), self.fp.sum(), self.fn.sum(), self.zero_division
        values = (precision(tp, fp, zero), recall(tp, fn, zero), f1(tp, fp, fn, zero))
        return dict(zip(("precision", "recall", "f1"), map(float, values), strict=True))


def count_matches(
    matches: Matches, threshold: float, min_score: float = 0.0, *, area: int = 0, zero_division: float = 0.0
) -> ClassScores:
    """Counts of each class from matches made before: moving the score cut-off needs no new matching.

    Detections choose in order of score, so those above a cut-off choose the same with and without those below it.

    Args:
        matches: from `match_images`.
        threshold: one of the IoU thresholds that were matched.
        min_score: detections that score less are left out.
        area: index of the area range.
        zero_division: 0, 1 or NaN.

    Raises:
        CourseError: nothing was matched at the threshold, or another `zero_division`.
    """
    _check(min_score, zero_division)
    step = matches.at(threshold)
    counts = matches.score >= min_score
    right = counts & matches.true_positive[area, step]
    wrong = counts & matches.false_positive[area, step]
    tp = _per_class(matches.label[right], matches.classes)
    fp = _per_class(matches.label[wrong], matches.classes)
    objects = _per_class(matches.truth_label[~matches.truth_ignored[area]], matches.classes)
    return ClassScores(matches.classes, tp, fp, objects - tp, float(threshold), float(min_score), zero_division)


def score_images(
    images: Iterable[tuple[GroundTruth, Detections]],
    threshold: float = 0.5,
    min_score: float = 0.5,
    *,
    area_range: tuple[float, float] = EVERY_AREA,
    classes: Sequence[int] | None = None,
    zero_division: float = 0.0,
) -> ClassScores:
    """Precision, recall and F1 of a data set.

    Args:
        images: what is there and what was found, for each image.
        threshold: smallest IoU that counts as found.
        min_score: detections that score less are left out.
        area_range: smallest and largest area in px² of the objects that count, both included.
        classes: the labels to judge; those of the ground truths when left out.
        zero_division: 0, 1 or NaN.

    Raises:
        CourseError: bad input; see `match_images` and `count_matches`.
    """
    _check(min_score, zero_division)
    matches = match_images(images, [threshold], area_ranges=[area_range], classes=classes)
    return count_matches(matches, threshold, min_score, zero_division=zero_division)


def _ratio(part: ArrayLike, whole: ArrayLike, zero_division: float) -> np.ndarray:
    above, below = np.asarray(part, float), np.asarray(whole, float)
    return np.divide(above, below, out=np.full(below.shape, float(zero_division)), where=below > 0)


def _mean(values: np.ndarray) -> float:
    """Mean of the values that exist; NaN when none does."""
    values = values[~np.isnan(values)]
    return float(values.mean()) if len(values) else float("nan")


def _per_class(labels: np.ndarray, classes: np.ndarray) -> np.ndarray:
    labels = labels[np.isin(labels, classes)]
    return np.bincount(np.searchsorted(classes, labels), minlength=len(classes))


def _check(min_score: float, zero_division: float) -> None:
    if not 0 <= min_score <= 1:
        raise CourseError(f"the score cut-off is {min_score}; give a number from 0 to 1")
    if not (zero_division in (0, 1) or np.isnan(zero_division)):
        raise CourseError(f"zero_division is {zero_division}; give 0, 1 or NaN")
