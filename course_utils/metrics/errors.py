"""What would fix each error: six kinds of mistakes, how many there are, and what each costs in average precision.

A detection that found nothing is one of these, as in TIDE (Bolya et al. 2020, section 2.2), with IoU 0.5 for
"well outlined" and 0.1 for "near":

    localisation     right class, near, but not well enough outlined
    classification   well outlined, but another class
    duplicate        right class, well outlined, but a surer detection had already found the object
    background       near nothing
    both             near an object, but neither class nor outline are right

and an object that nobody found, nor would find if localisation and classification errors were mended, is *missed*.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from course_utils.errors import CourseError
from course_utils.metrics.average_precision import coco_ap, precision_recall_curve
from course_utils.metrics.instances import Detections, GroundTruth
from course_utils.metrics.matching import NOBODY, match
from course_utils.metrics.regions import pairwise_iou

KINDS = ("localisation", "classification", "duplicate", "background", "both", "missed")
RIGHT = "right"
NEAR = 0.1


@dataclass(frozen=True)
class Errors:
    """Every detection and every object of a data set with its kind of error.

    Attributes:
        kind: (N,) str of each detection, one of `KINDS` or "right". Those that matched a crowd are left out.
        image, label, score: (N,) of each detection: the number of its image (from 0), its label, its score.
        target: (N,) int, the object (counted from 0 through the whole data set) that the detection found or was meant
            for, or -1.
        truth_image, truth_label: (G,) int, of each object.
        missed: (G,) bool, objects that are missed.
    """

    kind: np.ndarray
    image: np.ndarray
    label: np.ndarray
    score: np.ndarray
    target: np.ndarray
    truth_image: np.ndarray
    truth_label: np.ndarray
    missed: np.ndarray

    @property
    def counts(self) -> dict[str, int]:
        """How many errors there are of each kind."""
        return {kind: int((self.kind == kind).sum()) for kind in KINDS[:-1]} | {"missed": int(self.missed.sum())}

    @property
    def costs(self) -> dict[str, float]:
        """By how much the mean average precision at this IoU threshold would rise if one kind of error were mended."""
        return {kind: self.average_precision(mended=kind) - self.average_precision() for kind in KINDS}

    def average_precision(self, mended: str | None = None) -> float:
        """Mean over the classes of COCO's average precision, as it is or with one kind of error mended.

        A localisation or classification error is mended by making it right, if its object is still free and no surer
        error of these two kinds was meant for it too, else by dropping it; the other detections by dropping them;
        missed objects by not asking for them. So does TIDE's own program.
        """
        right, label, keep = self.kind == RIGHT, self.label.copy(), np.ones(len(self.kind), bool)
        wanted = ~self.missed if mended == "missed" else np.ones(len(self.missed), bool)
        if mended is not None and mended != "missed":
            wrong = self.kind == mended
            surest = self._surest_of_free_targets()
            chosen = surest[wrong[surest]]
            right[chosen], label[chosen] = True, self.truth_label[self.target[chosen]]
            keep = ~wrong
            keep[chosen] = True
        values = []
        for k in np.unique(self.truth_label[wanted]):
            of_class = keep & (label == k)
            objects = int((wanted & (self.truth_label == k)).sum())
            values.append(coco_ap(*precision_recall_curve(right[of_class], self.score[of_class], objects)))
        return float(np.mean(values)) if values else float("nan")

    def _surest_of_free_targets(self) -> np.ndarray:
        """Of the localisation and classification errors meant for objects that nobody found, the surest of each."""
        taken = np.isin(self.target, self.target[self.kind == RIGHT])
        candidates = np.flatnonzero(np.isin(self.kind, KINDS[:2]) & ~taken)
        candidates = candidates[np.argsort(-self.score[candidates], kind="stable")]
        return candidates[np.unique(self.target[candidates], return_index=True)[1]]


def find_errors(
    images: Iterable[tuple[GroundTruth, Detections]],
    threshold: float = 0.5,
    *,
    near: float = NEAR,
    min_score: float = 0.0,
) -> Errors:
    """Say of every detection what it is: right, or which kind of error; and which objects are missed.

    Args:
        images: what is there and what was found, for each image. Crowd regions are no objects here.
        threshold: smallest IoU that counts as found.
        near: smallest IoU that counts as meant for an object, below the threshold.
        min_score: detections that score less are left out.

    Raises:
        CourseError: thresholds out of order, or bad input.
    """
    if not 0 < near < threshold <= 1:
        raise CourseError(f"near is {near} and the threshold {threshold}; they must rise within 0 and 1")
    detections, truths, objects = [], [], 0
    for number, (truth, found) in enumerate(images):
        found = found.select(found.scores >= min_score)
        kind, target = _judge(truth, found, threshold, near)
        counted, real = kind != "", ~truth.crowd
        place = np.append(objects + np.cumsum(real) - 1, NOBODY)[target]  # -1 picks the last: nobody
        columns = (kind, np.full(len(found), number), found.labels, found.scores, place)
        detections.append([column[counted] for column in columns])
        mendable = np.isin(kind, (RIGHT, *KINDS[:2]))
        missed = ~np.isin(np.arange(len(truth)), target[mendable])
        truths.append([column[real] for column in (np.full(len(truth), number), truth.labels, missed)])
        objects += int(real.sum())
    empty = [np.zeros(0, "U14"), *[np.zeros(0, int)] * 2, np.zeros(0), np.zeros(0, int)]
    first = [np.concatenate(column) for column in zip(empty, *detections, strict=True)]
    last = [np.concatenate(column) for column in zip([*empty[1:3], np.zeros(0, bool)], *truths, strict=True)]
    return Errors(*first, *last)


def _judge(truth: GroundTruth, found: Detections, threshold: float, near: float) -> tuple[np.ndarray, np.ndarray]:
    """Kind and target of each detection of one image; the kind is empty for those that match a crowd."""
    iou = pairwise_iou(found.regions, truth.regions, truth.crowd)
    same = found.labels[:, None] == truth.labels
    matching = match(np.where(same, iou, -1.0), found.scores, threshold, crowd=truth.crowd)
    # Without a column for nobody, the largest of no truths would not exist.
    real = np.pad(np.where(truth.crowd, -1.0, iou), ((0, 0), (0, 1)), constant_values=0)
    same = np.pad(same, ((0, 0), (0, 1)))
    mine, other = np.where(same, real, -1.0), np.where(same, -1.0, real)
    rules = (
        (matching.ignored_detections, "", None),
        (matching.truth_of != NOBODY, RIGHT, matching.truth_of),
        ((mine.max(axis=1) >= near) & (mine.max(axis=1) < threshold), "localisation", mine.argmax(axis=1)),
        (other.max(axis=1) >= threshold, "classification", other.argmax(axis=1)),
        (mine.max(axis=1) >= threshold, "duplicate", mine.argmax(axis=1)),
        (real.max(axis=1) < near, "background", None),
        (np.ones(len(found), bool), "both", real.argmax(axis=1)),
    )
    nobody = np.full(len(found), NOBODY)
    conditions = [condition for condition, _, _ in rules]
    kind = np.select(conditions, [np.full(len(found), name, "U14") for _, name, _ in rules], "")
    return kind, np.select(conditions, [nobody if target is None else target for _, _, target in rules], NOBODY)
