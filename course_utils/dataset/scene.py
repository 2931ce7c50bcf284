"""One plate as a lesson uses it: the photo, and for each piece its whole outline, its visible part and its facts."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from course_utils import masks
from course_utils.dataset.classes import class_name
from course_utils.dataset.faults import is_crowd
from course_utils.dataset.outlines import read_outline
from course_utils.dataset.photo import read_photo
from course_utils.errors import CourseError


@dataclass(frozen=True)
class Instance:
    """One piece of food on a plate.

    Attributes:
        id: of its annotation. label: category id, 1 to 6.
        mask: ``(H, W) bool``, amodal: the whole outline, also where another piece lies in front.
        visible_mask: ``(H, W) bool``, the part that can be seen.
        occlusion_rate: hidden share of the whole, 0..1.
        depth_order: place from front to back, 1 in front.
        occluded_by: annotation ids of the pieces that hide a part of it.
        weight_g, volume_cm3: what scales and measuring jug would say. NaN, as for occlusion_rate, when not known.
        item_id: names the piece of food, which several photos may show.
        iscrowd: whether one mask stands for many pieces that nobody told apart.
    """

    id: int
    label: int
    mask: np.ndarray
    visible_mask: np.ndarray
    occlusion_rate: float
    depth_order: int
    occluded_by: tuple[int, ...]
    weight_g: float
    volume_cm3: float
    item_id: str
    iscrowd: bool = False

    @property
    def name(self) -> str:
        """Indonesian name of the food; "class 9" when the course has no such food."""
        return class_name(self.label)

    @property
    def box(self) -> np.ndarray:
        """Box of the whole outline: ``(4,) float64``, xyxy."""
        return masks.to_box(self.mask)

    @property
    def visible_box(self) -> np.ndarray:
        """Box of the visible part: ``(4,) float64``, xyxy."""
        return masks.to_box(self.visible_mask)


class Scene:
    """One photo with its annotations; masks and pixels are read when first asked for.

    Args:
        image: the photo's record in the COCO file. annotations: those of its pieces. photo: path of the photo.
        source: name of the COCO file, for messages.
        amodal: whether it knows of hidden parts; otherwise visible masks stand in for the whole outlines.
    """

    def __init__(self, image: dict, annotations: list[dict], photo: Path, source: str, amodal: bool = True):
        self._image, self._annotations = image, annotations
        self._photo, self._source = photo, source
        self.amodal = amodal
        self.id: int = image["id"]
        self.size: tuple[int, int] = (image["height"], image["width"])
        self.file_name: str = image["file_name"]
        self.scenario: str = image.get("scenario", "")
        self.px_per_cm: float | None = image.get("px_per_cm")
        self.plate_diameter_cm: float | None = image.get("plate_diameter_cm")
        self.camera_height_cm: float | None = image.get("camera_height_cm")
        self.camera_tilt_deg: float | None = image.get("camera_tilt_deg")

    def __repr__(self) -> str:
        """File, scenario and number of pieces."""
        return f"Scene({self.file_name!r}, {self.scenario}, {len(self._annotations)} pieces)"

    @cached_property
    def image(self) -> np.ndarray:
        """The photo: ``(H, W, 3) uint8``; CourseError when it is missing, broken or of another size."""
        return read_photo(self._photo, self.size, self._source)

    @cached_property
    def instances(self) -> list[Instance]:
        """The pieces in the order of their annotations; CourseError for a broken mask."""
        return [self._instance(annotation) for annotation in self._annotations]

    @cached_property
    def plate_mask(self) -> np.ndarray:
        """``(H, W) bool``: the plate as if it were empty; CourseError when the file has none."""
        if "plate_segmentation" not in self._image:
            raise CourseError(f"{self._source}: image {self.id} has no plate_segmentation")
        try:
            return _mask(self._image, "plate_segmentation", self.size)
        except CourseError as error:
            raise CourseError(f"{self._source}: image {self.id}: {error}") from None

    @cached_property
    def masks(self) -> np.ndarray:
        """``(N, H, W) bool``, amodal; those of `visible_masks` where the file knows no others."""
        return np.array([piece.mask for piece in self.instances], dtype=bool).reshape(-1, *self.size)

    @cached_property
    def visible_masks(self) -> np.ndarray:
        """``(N, H, W) bool``; no two share a pixel."""
        return np.array([piece.visible_mask for piece in self.instances], dtype=bool).reshape(-1, *self.size)

    @property
    def crowds(self) -> np.ndarray:
        """``(N,) bool``: whose mask stands for many pieces; none on the course's own plates."""
        return np.array([piece.iscrowd for piece in self.instances], dtype=bool)

    def in_front(self, index: int) -> np.ndarray:
        """Where pieces lie in front of this one, by depth_order: ``(H, W) bool``, of what is visible of them."""
        return self.visible_masks[self.depth_orders < self.depth_orders[index]].any(axis=0)

    @cached_property
    def boxes(self) -> np.ndarray:
        """``(N, 4) float64``, xyxy, of the amodal masks."""
        return masks.to_boxes(self.masks)

    @property
    def labels(self) -> np.ndarray:
        """``(N,) int64``, category ids 1 to 6."""
        return self._numbers("category_id", np.int64)

    @property
    def weights_g(self) -> np.ndarray:
        """``(N,) float64``, grams."""
        return self._numbers("weight_g", np.float64)

    @property
    def occlusion_rates(self) -> np.ndarray:
        """``(N,) float64``, hidden shares; NaN where not known."""
        return self._numbers("occlusion_rate", np.float64, unknown=None)

    @property
    def depth_orders(self) -> np.ndarray:
        """``(N,) int64``, 1 in front; 0 where not known."""
        return self._numbers("depth_order", np.int64, unknown=0)

    def _numbers(self, key: str, dtype: type, **unknown: float | None) -> np.ndarray:
        try:
            return np.array(
                [one.get(key, *unknown.values()) if unknown else one[key] for one in self._annotations], dtype
            )
        except KeyError:
            raise CourseError(f"{self._source}: an annotation of image {self.id} has no {key}") from None

    def _instance(self, annotation: dict) -> Instance:
        mask = self._mask(annotation, "segmentation")
        return Instance(
            id=annotation["id"],
            label=annotation["category_id"],
            mask=mask,
            visible_mask=self._mask(annotation, "visible_segmentation")
            if "visible_segmentation" in annotation
            else mask,
            occlusion_rate=_number(annotation.get("occlusion_rate")),
            depth_order=annotation.get("depth_order", 0),
            occluded_by=tuple(annotation.get("occluded_by", ())),
            weight_g=_number(annotation.get("weight_g")),
            volume_cm3=_number(annotation.get("volume_cm3")),
            item_id=annotation.get("item_id", ""),
            iscrowd=is_crowd(annotation),
        )

    def _mask(self, annotation: dict, field: str) -> np.ndarray:
        try:
            return _mask(annotation, field, self.size)
        except CourseError as error:
            raise CourseError(f"{self._source}: annotation {annotation['id']}: {error}") from None


def _number(value: float | None) -> float:
    """NaN where a file says null: not known."""
    return float("nan") if value is None else value


def _mask(record: dict, field: str, size: tuple[int, int]) -> np.ndarray:
    """A COCO segmentation as a mask of the photo's size; only that of a visible part may be empty."""
    outline = read_outline(record.get(field), size)
    if outline.rle is None or (outline.fault and field == "segmentation"):
        raise CourseError(f"{field}: {outline.fault}")
    return outline.mask
