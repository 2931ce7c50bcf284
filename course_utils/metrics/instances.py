"""What is on an image and what a model found on it: the two inputs of every detection metric."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.errors import CourseError
from course_utils.metrics.regions import Regions, as_regions


@dataclass(frozen=True)
class GroundTruth:
    """The objects that really are on one image.

    Attributes:
        labels: (G,) int, category ids.
        regions: (G, H, W) boolean masks, (G, 4) boxes as xyxy, or a list of G RLEs.
        crowd: (G,) bool, regions that hold many objects; none when left out.
        areas: (G,) float, px², by which objects count as small or large; the regions' own areas when left out.
        image: name of the image, for messages only.

    Raises:
        CourseError: lengths that differ, labels that are no integers, bad regions or areas.
    """

    labels: Any
    regions: Any
    crowd: Any = None
    areas: Any = None
    image: Any = None

    def __post_init__(self):
        """Check and convert the fields."""
        name = _name("ground truth", self.image)
        _convert_common(self, name)
        crowd = np.zeros(len(self), bool) if self.crowd is None else np.asarray(self.crowd, bool)
        _set(self, crowd=_of_length(crowd, len(self), name, "crowd"))

    def __len__(self) -> int:
        """Number of objects."""
        return len(self.labels)


@dataclass(frozen=True)
class Detections:
    """What a model found on one image.

    Attributes:
        labels: (D,) int, category ids.
        regions: (D, H, W) boolean masks, (D, 4) boxes as xyxy, or a list of D RLEs.
        scores: (D,) float in [0, 1].
        areas: (D,) float, px²; the regions' own areas when left out.
        image: name of the image, for messages only.
        visible: what can be seen of each, as masks or RLEs like the regions; None from a model that does not say.

    Raises:
        CourseError: lengths that differ, labels that are no integers, scores outside [0, 1], bad regions or areas.
    """

    labels: Any
    regions: Any
    scores: Any
    areas: Any = None
    image: Any = None
    visible: Any = None

    def __post_init__(self):
        """Check and convert the fields."""
        name = _name("detections", self.image)
        _convert_common(self, name)
        if self.visible is not None:
            visible = as_regions(self.visible, f"visible masks of {name}")
            _set(self, visible=_of_length(visible, len(self), name, "visible masks"))
        scores = _of_length(np.asarray(self.scores, float), len(self), name, "scores")
        if not _within(scores, 1):
            i = int(np.argmin((scores >= 0) & (scores <= 1)))
            raise CourseError(
                f"{name}: score {i} is {scores[i]}; scores lie in [0, 1] (apply softmax or sigmoid first)"
            )
        _set(self, scores=scores)

    def __len__(self) -> int:
        """Number of detections."""
        return len(self.labels)

    def select(self, keep: np.ndarray) -> "Detections":
        """Only the detections that a boolean array or indices (K,) choose."""
        keep = np.flatnonzero(keep) if np.asarray(keep).dtype == bool else np.asarray(keep, int)
        visible = None if self.visible is None else self.visible.select(keep)
        chosen = self.labels[keep], self.regions.select(keep), self.scores[keep], self.areas[keep]
        return Detections(*chosen, self.image, visible)


def _convert_common(item: GroundTruth | Detections, name: str) -> None:
    labels = np.asarray(item.labels)
    if labels.ndim != 1 or (labels.size and labels.dtype.kind not in "iu"):
        raise CourseError(f"{name}: labels of shape {labels.shape} and type {labels.dtype}; give (N,) integers")
    regions: Regions = as_regions(item.regions, name)
    _of_length(regions, len(labels), name, "regions")
    _set(item, labels=labels.astype(np.int64, copy=False), regions=regions)
    areas = regions.areas if item.areas is None else np.asarray(item.areas, float)
    _of_length(areas, len(labels), name, "areas")
    if not _within(areas, np.finfo(float).max):
        i = int(np.argmin(np.isfinite(areas) & (areas >= 0)))
        raise CourseError(f"{name}: area {i} is {areas[i]}; areas are finite and not negative")
    _set(item, areas=areas)


def _within(values: np.ndarray, most: float) -> bool:
    """Whether all values lie in [0, most]; NaN does not."""
    return not len(values) or bool(values.min() >= 0 and values.max() <= most)


def _of_length(values, count: int, name: str, field: str):
    if isinstance(values, np.ndarray) and values.ndim != 1:
        raise CourseError(f"{name}: {field} of shape {values.shape}; give one number for each label")
    if len(values) != count:
        raise CourseError(f"{name}: {len(values)} {field} for {count} labels; give one each")
    return values


def _name(what: str, image) -> str:
    return what if image is None else f"{what} of image {image}"


def _set(item, **fields) -> None:
    for key, value in fields.items():
        object.__setattr__(item, key, value)
