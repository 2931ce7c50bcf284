"""What training needs of a data set: photos with whole and visible masks, from the course's scenes or any COCO file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from course_utils.dataset import faults
from course_utils.dataset.check import photos_folder
from course_utils.dataset.classes import CLASSES
from course_utils.dataset.photo import read_photo
from course_utils.dataset.scene import Scene
from course_utils.errors import CourseError


@dataclass
class Sample:
    """One photo with its objects.

    Attributes:
        image: ``(3, H, W)`` float32 RGB, 0 to 1. whole: ``(N, H, W)`` bool, amodal masks.
        visible: ``(N, H, W)`` bool, the visible part of each. labels: ``(N,)`` int64 from 1.
        scenario: "occluded", "non_occluded" or "".
    """

    image: Tensor
    whole: Tensor
    visible: Tensor
    labels: Tensor
    scenario: str = ""

    def resized(self, size: int) -> "Sample":
        """Scaled so that the longer side is ``size``; itself if it is so already."""
        height, width = self.image.shape[1:]
        if max(height, width) == size:
            return self
        new = (round(height * size / max(height, width)), round(width * size / max(height, width)))
        image = F.interpolate(self.image[None], size=new, mode="bilinear", antialias=True)[0].clamp(0, 1)
        whole, visible = (_resized(m, new) for m in (self.whole, self.visible))
        return Sample(image, whole, visible, self.labels, self.scenario)


def _resized(flags: Tensor, size: tuple[int, int]) -> Tensor:
    if not len(flags):
        return flags.new_zeros(0, *size)
    return F.interpolate(flags[:, None].float(), size=size, mode="bilinear", antialias=True)[:, 0] > 0.5


class Source(Protocol):
    """A data set to train on: samples by number, and the names of the classes, whose first label is 1."""

    classes: tuple[str, ...]

    def __len__(self) -> int:
        """How many photos there are."""
        ...

    def __getitem__(self, index: int) -> Sample:
        """One photo with its objects."""
        ...


class Scenes:
    """The course's scenes as samples."""

    classes = CLASSES

    def __init__(self, scenes: Sequence[Scene], scenario: str = ""):
        """``scenes``: a split, or several joined. ``scenario``: only those of it."""
        self.scenes = [scene for scene in scenes if scenario in ("", scene.scenario)]

    def __len__(self) -> int:
        """Number of photos."""
        return len(self.scenes)

    def __getitem__(self, index: int) -> Sample:
        """One photo with its pieces."""
        scene = self.scenes[index]
        whole, visible = torch.from_numpy(scene.masks), torch.from_numpy(scene.visible_masks)
        return Sample(to_tensor(scene.image), whole, visible, torch.from_numpy(scene.labels), scene.scenario)


class CocoFile:
    """Any COCO instance file. ``visible_segmentation`` counts when there is one; crowds are left out."""

    def __init__(self, path: Path, images: Path | None = None, scenario: str = ""):
        """``images``: folder of the photos; by default as `course data check` finds it. ``scenario``: only its photos.

        Raises:
            CourseError: the file cannot be read or annotates nothing.
        """
        from pycocotools.coco import COCO

        try:
            self.coco = COCO(path)
            self.ids = sorted(self.coco.getImgIds())
            categories = self.coco.loadCats(sorted(self.coco.getCatIds()))
        except (OSError, ValueError, KeyError, TypeError, AssertionError) as error:
            raise CourseError(f"{path}: cannot be read as COCO annotations: {error}") from None
        if not self.ids or not self.coco.anns:
            raise CourseError(f"{path}: there are no annotated images in it")
        if problem := next(self._problems(), ""):
            raise CourseError(f"{path}: {problem}; course data check lists all faults")
        self.path = Path(path)
        self.classes = tuple(category["name"] for category in categories)
        self.labels = {category["id"]: k + 1 for k, category in enumerate(categories)}
        self.images = images or photos_folder(Path(path))
        self.ids = [i for i in self.ids if scenario in ("", self.coco.imgs[i].get("scenario", ""))]

    def _problems(self) -> Iterator[str]:
        """What would stop a training later on."""
        records = self.coco.dataset
        if len(self.ids) < len(records["images"]):
            yield "an image id occurs more than once"
        for image in records["images"]:
            if fault := faults.stated_size(image)[1] or faults.file_name_problem(image):
                yield f"image {image['id']}: {fault}"
        for category in records["categories"]:
            if not isinstance(category.get("name"), str):
                yield f"category {category['id']}: it has no name"
        for annotation in records["annotations"]:
            if annotation.get("category_id") not in self.coco.cats:
                yield f"annotation {annotation['id']}: there is no category {annotation.get('category_id')}"

    def __len__(self) -> int:
        """Number of photos."""
        return len(self.ids)

    def __getitem__(self, index: int) -> Sample:
        """One photo with its objects."""
        record = self.coco.imgs[self.ids[index]]
        size = (record["height"], record["width"])
        pixels = read_photo(self.images / record["file_name"], size, self.path.name)
        objects = [o for o in self.coco.imgToAnns[record["id"]] if not o.get("iscrowd")]
        whole = [self._mask(o, "segmentation", size) for o in objects]
        visible = [
            self._mask(o, "visible_segmentation", size) if "visible_segmentation" in o else mask
            for o, mask in zip(objects, whole, strict=True)
        ]
        whole, visible = (torch.from_numpy(np.array(m, dtype=bool).reshape(-1, *size)) for m in (whole, visible))
        labels = torch.tensor([self.labels[o["category_id"]] for o in objects], dtype=torch.int64)
        return Sample(to_tensor(pixels), whole, visible, labels, record.get("scenario", ""))

    def _mask(self, annotation: dict, field: str, size: tuple[int, int]) -> np.ndarray:
        mask, fault = faults.read_mask(annotation.get(field), size)
        if mask is None:
            raise CourseError(f"{self.path}: annotation {annotation['id']}: {field}: {fault}")
        return mask


def to_tensor(pixels: np.ndarray) -> Tensor:
    """``(H, W, 3) uint8 -> (3, H, W) float32`` from 0 to 1."""
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1))).float() / 255
