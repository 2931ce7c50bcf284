"""The COCO evaluation of a data set: precision and recall at every threshold, recall point, class, area and limit.

Equal to pycocotools' `COCOeval` to the last bit (Lin et al. 2014); the tests compare with `==`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from course_utils.errors import CourseError
from course_utils.metrics.average_precision import COCO_RECALLS, envelope, precision_at
from course_utils.metrics.batch import Matches, match_images
from course_utils.metrics.instances import Detections, GroundTruth
from course_utils.metrics.matching import IOU_THRESHOLDS

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
        self, threshold: float | None = None, area: str = "all", max_detections: int = 100, label: int | None = None
    ) -> float:
        """Mean of the precisions at one IoU threshold or over all, for one class or over all; -1 without objects."""
        return _mean(self._pick(self.precision, threshold, area, max_detections, label))

    def average_recall(
        self, threshold: float | None = None, area: str = "all", max_detections: int = 100, label: int | None = None
    ) -> float:
        """Mean of the recalls, chosen like the precisions of `average_precision`."""
        return _mean(self._pick(self.recall, threshold, area, max_detections, label))

    def _pick(self, values: np.ndarray, threshold, area, max_detections, label) -> np.ndarray:
        # The order of the picks keeps pycocotools' memory layout, on which the last bit of a mean depends.
        if threshold is not None:
            values = values[_place("IoU threshold", np.round(self.thresholds, 9).tolist(), round(threshold, 9))]
        if label is not None:
            values = values[..., _place("class", self.classes.tolist(), label), :, :]
        a, m = _place("area", self.areas, area), _place("limit", self.max_detections, max_detections)
        return values[..., a, m]


def evaluate_images(
    images: Iterable[tuple[GroundTruth, Detections]],
    thresholds: Sequence[float] = IOU_THRESHOLDS,
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
    """Turn matches into curves; `areas` names the area ranges, `max_detections` rises."""
    a, t, k, m = len(areas), len(matches.thresholds), len(matches.classes), len(max_detections)
    precision = np.full((t, len(COCO_RECALLS), k, a, m), NO_VALUE)
    recall = np.full((t, k, a, m), NO_VALUE)
    order = np.lexsort((matches.rank, matches.image, -matches.score))  # equal scores: first image, then order within
    right, wrong = matches.true_positive, matches.false_positive
    for number, label in enumerate(matches.classes):
        members = order[matches.label[order] == label]
        objects = (~matches.truth_ignored[:, matches.truth_label == label]).sum(axis=1)
        counted = objects > 0
        for limit, most in enumerate(max_detections):
            chosen = members[matches.rank[members] < most]
            p, r = _curves(right[..., chosen], wrong[..., chosen], objects)
            precision[:, :, number, counted, limit] = p[counted].transpose(1, 2, 0)
            recall[:, number, counted, limit] = r[counted].T
    return Evaluation(precision, recall, matches.thresholds, matches.classes, areas, max_detections)


def _curves(right: np.ndarray, wrong: np.ndarray, objects: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Right and wrong detections (A, T, N) in order of score -> precision (A, T, R) and final recall (A, T)."""
    tp, fp = np.cumsum(right, axis=-1, dtype=float), np.cumsum(wrong, axis=-1, dtype=float)
    recall = tp / np.maximum(objects, 1)[:, None, None]
    precision = precision_at(COCO_RECALLS, envelope(tp / (fp + tp + TINY)), recall)
    return precision, recall[..., -1] if recall.shape[-1] else np.zeros(recall.shape[:-1])


def _mean(values: np.ndarray) -> float:
    values = values[values > NO_VALUE]
    return float(values.mean()) if len(values) else NO_VALUE


def _place(what: str, known: Sequence, wanted) -> int:
    if wanted not in known:
        raise CourseError(f"{what} {wanted!r} was not evaluated; there are: {', '.join(map(str, known))}")
    return known.index(wanted)
