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
from course_utils.dataset.safe_json import read_json
from course_utils.dataset.scene import Scene
from course_utils.dataset.torch_dataset import to_tensor
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
        # A strip far longer than wide would be rounded to nothing.
        new = tuple(max(1, round(side * size / max(height, width))) for side in (height, width))
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
    """The course's scenes as samples; crowds are left out."""

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
        single = ~scene.crowds
        facts = (scene.masks, scene.visible_masks, scene.labels)
        return Sample(to_tensor(scene.image), *(torch.from_numpy(fact[single]) for fact in facts), scene.scenario)


class CocoFile:
    """Any COCO instance file. ``visible_segmentation`` counts when there is one; crowds are left out."""

    def __init__(self, path: Path, images: Path | None = None, scenario: str = ""):
        """``images``: folder of the photos; by default as `course data check` finds it. ``scenario``: only its photos.

        Raises:
            CourseError: the file cannot be read, has a fault that would spoil training, or annotates nothing.
        """
        from pycocotools.coco import COCO

        self.path = Path(path)
        self.coco = COCO()
        self.coco.dataset = _sound_content(self.path)
        self.coco.createIndex()
        self.ids = sorted(self.coco.getImgIds())
        categories = self.coco.loadCats(sorted(self.coco.getCatIds()))
        self.classes = tuple(category["name"] for category in categories)
        self.labels = {category["id"]: k + 1 for k, category in enumerate(categories)}
        self.images = images or photos_folder(self.path)
        self.ids = [i for i in self.ids if scenario in ("", self.coco.imgs[i].get("scenario", ""))]

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


def _sound_content(path: Path) -> dict:
    """What a COCO file holds; CourseError for the first fault that would spoil training."""
    content = read_json(path)
    if not isinstance(content, dict):
        raise CourseError(f"{path}: cannot be read as COCO annotations: it is no JSON object")
    if problem := next(_problems(content), ""):
        raise CourseError(f"{path}: {problem}; course data check lists all faults")
    if all(annotation.get("iscrowd") for annotation in content["annotations"]):
        raise CourseError(f"{path}: there are no annotated images in it; crowds do not count")
    return content


def _problems(content: dict) -> Iterator[str]:
    """What would stop a training later on, or let it learn from less than the file annotates."""
    records: dict[str, list[dict]] = {"images": [], "categories": [], "annotations": []}
    for (kind, found), name in zip(records.items(), ("image", "category", "annotation"), strict=True):
        yield from faults.collect(content, kind, found)
        yield from faults.ambiguous_ids(found, name)
    for image in records["images"]:
        if fault := faults.stated_size(image)[1] or faults.file_name_problem(image):
            yield f"image {image['id']}: {fault}"
    for category in records["categories"]:
        if not isinstance(category.get("name"), str):
            yield f"category {category['id']}: it has no name"
    images, categories = ({record["id"] for record in records[kind]} for kind in ("images", "categories"))
    for annotation in records["annotations"]:
        owner, category = annotation.get("image_id"), annotation.get("category_id")
        if not faults.is_id(owner) or owner not in images:
            yield f"annotation {annotation['id']}: no image has the id {faults.short(owner)}"
        if not faults.is_id(category) or category not in categories:
            yield f"annotation {annotation['id']}: there is no category {faults.short(category)}"
