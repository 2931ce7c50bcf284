"""Panoptic quality: one number for a segmentation in which every pixel belongs to exactly one segment.

    PQ = (sum of IoU over TP) / (TP + FP/2 + FN/2) = SQ x RQ

    SQ = (sum of IoU over TP) / TP            how well the matched segments fit
    RQ = TP / (TP + FP/2 + FN/2)              how many segments are found: the F1 score

Two segments of one class match when their IoU is *above* 0.5. As segments share no pixels, a segment can have only one
such partner, so there is nothing to rank and no scores are needed (Kirillov et al. 2019, "Panoptic Segmentation",
section 4).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.errors import CourseError

VOID = 0  # id of the pixels that belong to no segment
MATCH_ABOVE = 0.5

Segmentation = tuple[np.ndarray, Sequence[Mapping[str, Any]]]
"""Segment ids (H, W) int, 0 where void, and for each segment a dict of `id`, `category_id` and perhaps `iscrowd`."""


@dataclass(frozen=True)
class PanopticQuality:
    """Counts and qualities of each class.

    Attributes:
        classes: (K,) int, category ids.
        iou: (K,) float, sum of the IoUs of the matched segments.
        tp, fp, fn: (K,) int, matched pairs, segments predicted in vain, segments not found.
    """

    classes: np.ndarray
    iou: np.ndarray
    tp: np.ndarray
    fp: np.ndarray
    fn: np.ndarray

    @property
    def sq(self) -> np.ndarray:
        """(K,) segmentation quality: 0 where nothing matches, NaN for a class that does not occur."""
        return np.where(self._segments > 0, self.iou / np.maximum(self.tp, 1), np.nan)

    @property
    def rq(self) -> np.ndarray:
        """(K,) recognition quality; NaN for a class that does not occur."""
        return np.divide(self.tp, self._segments, out=np.full(len(self.tp), np.nan), where=self._segments > 0)

    @property
    def pq(self) -> np.ndarray:
        """(K,) panoptic quality; NaN for a class that does not occur."""
        return self.sq * self.rq

    def mean(self, classes: Iterable[int] | None = None) -> dict[str, float]:
        """Means of "pq", "sq" and "rq" over the classes that occur, or over those of them that are named.

        The means are taken one by one: mean PQ is not mean SQ times mean RQ.
        """
        chosen = self._segments > 0
        if classes is not None:
            chosen &= np.isin(self.classes, list(classes))
        return {
            name: float(getattr(self, name)[chosen].mean()) if chosen.any() else np.nan for name in ("pq", "sq", "rq")
        }

    @property
    def _segments(self) -> np.ndarray:
        return self.tp + self.fp / 2 + self.fn / 2


def panoptic_quality(images: Iterable[tuple[Segmentation, Segmentation]]) -> PanopticQuality:
    """Panoptic quality of a data set.

    Void pixels of the truth count neither for nor against: they are left out of every union, and a prediction that
    lies for more than half on void is forgiven. So is one that lies for more than half on void and crowd regions of
    its own class; crowd regions need not be found.

    Args:
        images: the true and the predicted segmentation of each image.

    Raises:
        CourseError: maps of different sizes or not of integers, ids that occur twice, a segment without pixels, a
            pixel whose segment is not listed.
    """
    iou: dict[int, float] = defaultdict(float)
    tp: Counter[int] = Counter()
    fp: Counter[int] = Counter()
    fn: Counter[int] = Counter()
    for number, (truth, predicted) in enumerate(images):
        true, guess = _Segments(truth, f"truth {number}"), _Segments(predicted, f"prediction {number}")
        if true.ids.shape != guess.ids.shape:
            raise CourseError(f"image {number}: truth is {true.ids.shape}, prediction {guess.ids.shape} high and wide")
        shared = _shared_pixels(true.ids, guess.ids)
        pairs = _matches(true, guess, shared)
        for t, _, value in pairs:
            iou[true.label[t]] += value
            tp[true.label[t]] += 1
        found, used = {t for t, _, _ in pairs}, {p for _, p, _ in pairs}
        fn.update(label for t, label in true.label.items() if t not in found and t not in true.crowd)
        fp.update(guess.label[p] for p in guess.label if p not in used and not _forgiven(p, true, guess, shared))
    classes = sorted({*tp, *fp, *fn})
    counts = [np.array([counter[label] for label in classes], int) for counter in (tp, fp, fn)]
    return PanopticQuality(np.array(classes, int), np.array([iou[label] for label in classes], float), *counts)


class _Segments:
    """A checked segmentation: labels, pixels and crowd regions by segment id."""

    def __init__(self, segmentation: Segmentation, name: str):
        ids, segments = segmentation
        self.ids = np.asarray(ids)
        if self.ids.ndim != 2 or self.ids.dtype.kind not in "iu":
            raise CourseError(f"{name}: ids of shape {self.ids.shape} and type {self.ids.dtype}; give (H, W) integers")
        self.label = {int(segment["id"]): int(segment["category_id"]) for segment in segments}
        self.crowd = {int(segment["id"]) for segment in segments if segment.get("iscrowd")}
        if len(self.label) < len(segments) or VOID in self.label:
            raise CourseError(f"{name}: segment ids must be unique and not {VOID}, which is void")
        self.area = dict(zip(*(part.tolist() for part in np.unique(self.ids, return_counts=True)), strict=True))
        if strange := set(self.area) - set(self.label) - {VOID}:
            raise CourseError(f"{name}: pixels have id {min(strange)}, which no segment is listed for")
        if empty := set(self.label) - set(self.area):
            raise CourseError(f"{name}: segment {min(empty)} has no pixels; leave it out")


def _shared_pixels(true: np.ndarray, guess: np.ndarray) -> dict[tuple[int, int], int]:
    """(id in truth, id in prediction) -> how many pixels have both."""
    pairs, counts = np.unique(np.stack([true.ravel(), guess.ravel()]), axis=1, return_counts=True)
    return dict(zip(map(tuple, pairs.T.tolist()), counts.tolist(), strict=True))


def _matches(true: _Segments, guess: _Segments, shared: Mapping) -> list[tuple[int, int, float]]:
    """Pairs of one class with IoU above one half, void left out of the union."""
    pairs = []
    for (t, p), pixels in shared.items():
        if VOID in (t, p) or t in true.crowd or true.label[t] != guess.label[p]:
            continue
        iou = pixels / (true.area[t] + guess.area[p] - pixels - shared.get((VOID, p), 0))
        if iou > MATCH_ABOVE:
            pairs.append((t, p, iou))
    return pairs


def _forgiven(p: int, true: _Segments, guess: _Segments, shared: Mapping) -> bool:
    """Whether more than half of a prediction is void or crowd of its class."""
    crowds = [t for t in true.crowd if true.label[t] == guess.label[p]]
    return sum(shared.get((t, p), 0) for t in [VOID, *crowds]) / guess.area[p] > MATCH_ABOVE
