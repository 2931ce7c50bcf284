"""What training needs of a data set: photos with whole and visible masks, from the course's scenes or any COCO file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from tqdm import tqdm

from course_utils.dataset.annotations import AnnotationFile
from course_utils.dataset.classes import CLASSES
from course_utils.dataset.faults import is_crowd, shown
from course_utils.dataset.findings import Finding, counted
from course_utils.dataset.photo import insist_on_size, read_photo
from course_utils.dataset.scene import Scene
from course_utils.dataset.shape import with_only_boxes
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
        tall, wide = (max(1, round(side * size / max(height, width))) for side in (height, width))
        new = (tall, wide)
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

    classes: tuple[str, ...] = CLASSES

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
        whole, visible, labels = (torch.from_numpy(fact[single]) for fact in facts)
        return Sample(to_tensor(scene.image), whole, visible, labels, scene.scenario)


class CocoFile:
    """Any COCO instance file. ``visible_segmentation`` counts when there is one; crowds are left out.

    Attributes:
        ids: of its photos. classes: names of its categories, in the order of their ids.
        notes: what was read, and what of it is not learned, a line each.
    """

    def __init__(
        self,
        path: Path,
        images: Path | None = None,
        scenario: str = "",
        leave_out: bool = False,
        boxes_as_outlines: bool = False,
    ):
        """All outlines are looked at here, before a training begins.

        Args:
            path: of the file. images: folder of the photos; by default as `course data check` finds it.
            scenario: only its photos.
            leave_out: leave faulty objects out, and with each its photo; a model would learn the object as background.
            boxes_as_outlines: where an object has only a box, take that for its outline.

        Raises:
            CourseError: the file cannot be read, has errors, or annotates nothing; photos are missing.
        """
        self.file = AnnotationFile(path, images, boxes_as_outlines)
        self.path = self.file.path
        self._sizes: list[tuple[int, int, int, int]] = []
        self.file.findings += self._look_at_outlines()
        self.notes = self.file.leave_out() if leave_out else []
        self._insist()
        images_of = {image["id"]: image for image in self.file.images}
        self.images = {i: images_of[i] for i in sorted(images_of) if scenario in ("", images_of[i].get("scenario", ""))}
        self.ids = list(self.images)
        categories = sorted(self.file.categories, key=lambda category: category["id"])
        self.classes = tuple(category["name"] for category in categories)
        self.labels = {category["id"]: k + 1 for k, category in enumerate(categories)}
        self.notes = [self._inventory(), *self.notes]

    def __len__(self) -> int:
        """Number of photos."""
        return len(self.ids)

    def __getitem__(self, index: int) -> Sample:
        """One photo with its objects."""
        record = self.images[self.ids[index]]
        size = (record["height"], record["width"])
        pixels = read_photo(self.file.photos.where(record["file_name"]), size, self.path.name)
        shapes = [shape for shape in self.file.shapes_of(record["id"], size) if not is_crowd(shape.annotation)]
        whole, visible = (
            torch.from_numpy(np.array([outline.mask for outline in outlines], dtype=bool).reshape(-1, *size))
            for outlines in ([shape.whole for shape in shapes], [shape.seen for shape in shapes])
        )
        labels = torch.tensor([self.labels[shape.annotation["category_id"]] for shape in shapes], dtype=torch.int64)
        return Sample(to_tensor(pixels), whole, visible, labels, record.get("scenario", ""))

    def not_learned(self, size: int, area: float, share: float) -> int:
        """How many objects are too small, or too far hidden, for a training at a size.

        Args:
            size: to which the longer side of a photo is scaled. area: least number of pixels that can be seen then.
            share: least share of the whole that can be seen.
        """
        wanted = set(self.ids)
        return sum(
            seen * (size / longer) ** 2 < area or seen < share * whole
            for photo, longer, seen, whole in self._sizes
            if photo in wanted
        )

    def _look_at_outlines(self) -> Iterator[Finding]:
        """What is wrong with the outlines; on the way their sizes are noted."""
        for image, shapes in self.file.shapes():
            for shape in shapes:
                if not is_crowd(shape.annotation):
                    longer = max(image["height"], image["width"])
                    self._sizes.append((image["id"], longer, shape.seen.area, shape.whole.area))
                yield from with_only_boxes(shape)

    def _insist(self) -> None:
        """Raise a CourseError for what would stop a training later on, or let it learn from less than was annotated."""
        boxes = any(one.what.endswith("only a box") for one in self.file.errors())
        ways = ["--boxes-as-outlines learns boxes where there is no outline"] * boxes
        self.file.insist("; ".join([*ways, "--leave-out goes on without the photos of faulty objects"]))
        if all(map(is_crowd, self.file.annotations)):
            raise CourseError(f"{self.path}: there are no annotated images in it; crowds do not count")
        self._insist_on_photos()

    def _insist_on_photos(self) -> None:
        """Raise a CourseError for photos that are not there, or of another size by their headers."""
        where = self.file.photos
        paths = [where.find(image["file_name"]) for image in self.file.images]
        lost = [image["file_name"] for image, path in zip(self.file.images, paths, strict=True) if path is None]
        if lost:
            number = f"{len(lost):,} of {counted(len(paths), 'photo')}"
            raise CourseError(f"{self.path}: {number} not found {where.hint}; the first is {shown(lost[0])}")
        bar = tqdm(paths, "photos", unit="photo", delay=2, leave=False, disable=None)
        for image, path in zip(self.file.images, bar, strict=True):
            insist_on_size(path, (image["height"], image["width"]), self.path.name)

    def _inventory(self) -> str:
        """How much there is, and what of it is not learned."""
        owned = [one for i in self.ids for one in self.file.annotations_of(i)]
        crowds = sum(map(is_crowd, owned))
        hidden = sum(one.what.startswith("is wholly hidden") for one in self.file.findings)
        empty = sum(not self.file.annotations_of(i) for i in self.ids)
        parts = [f"{counted(len(self.ids), 'photo')}, {counted(len(owned), 'object')} of {len(self.classes)} classes"]
        parts += [f"{counted(crowds, 'crowd')} not learned"] * bool(crowds)
        parts += [f"{hidden} wholly hidden, not learned"] * bool(hidden)
        parts += [f"{counted(empty, 'photo')} without objects, learned as background"] * bool(empty)
        return f"{self.path}: {'; '.join(parts)}"
