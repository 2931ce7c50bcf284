"""COCO's records as columns. Every value is looked at once; a message about one names the file and the record."""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from course_utils import masks
from course_utils.errors import CourseError
from course_utils.metrics.regions import BoxRegions, Regions, RleRegions

_BLOCK = 256  # RLEs that are decoded together: few enough for the processor's cache
_MALFORMED = (KeyError, TypeError, AttributeError, ValueError, IndexError, OverflowError, CourseError)
"""What fields of a wrong type or length end in."""


class Records:
    """Columns that grow record by record, and give the regions of each image in the end."""

    def __init__(self, name: str, kind: str, sizes: Mapping[Any, tuple[int, int]], categories: Iterable[int]):
        """What the records may refer to.

        Args:
            name: of the file, for messages.
            kind: "masks" or "boxes", which regions are read.
            sizes: image id -> (height, width).
            categories: the ids there are.
        """
        self.name, self.kind = name, kind
        self.sizes = [list(size) for size in sizes.values()]
        self.numbers = {image: number for number, image in enumerate(sizes)}
        self.categories = {label: label for label in categories}
        self.image, self.label = array("q"), array("q")
        self.boxes, self.rles = array("d"), []

    def add_all(self, rows: Sequence[Mapping]) -> None:
        """Take in records; the first that does not fit raises a CourseError."""
        for row in rows:
            try:
                self.add(row)
            except _MALFORMED as error:
                self.complain(row, error)

    def add(self, row: Mapping) -> None:
        """Take in one record."""
        image = self.numbers[row["image_id"]]
        self.label.append(self.categories[row["category_id"]])
        if self.kind == "boxes":
            self.add_box(row["bbox"])
        else:
            self.rles.append(compressed(row["segmentation"], self.sizes[image]))
        self.image.append(image)  # last, so that their number is that of the record that is at fault

    def add_box(self, box: Sequence[float]) -> None:
        """Take in one box, x, y, width, height."""
        try:
            if len(box) != 4:
                raise TypeError
            self.boxes.extend(box)
        except TypeError:
            raise CourseError(f"its bbox is {box!r:.80}; give [x, y, width, height]") from None

    def complain(self, row: Any, error: Exception) -> None:
        """Say why a record, the next one, does not fit."""
        item = self.item(len(self.image), row)
        if not isinstance(row, Mapping):
            raise CourseError(f"{item} is {row!r:.60}, no record") from None
        for field in ("image_id", "category_id", "bbox" if self.kind == "boxes" else "segmentation", *self.required):
            if field not in row:
                raise CourseError(f'{item} has no "{field}"') from None
        image, label = row["image_id"], row["category_id"]
        if not _known(image, self.numbers):
            twin = next((each for each in self.numbers if str(each) == str(image)), None)
            hint = "" if twin is None else f" (it holds {twin!r})"
            raise CourseError(f"{item} is on image {image!r}, which the ground truth does not hold{hint}") from None
        if not _known(label, self.categories):
            raise CourseError(f"{item} has category {label!r}; there are {list(self.categories)}") from None
        words = str(error) if isinstance(error, CourseError) else f"{type(error).__name__}: {error}"
        raise CourseError(f"{item}: {words}") from None

    required: tuple[str, ...] = ()

    def item(self, number: int, row: Any = None) -> str:
        """How messages call a record."""
        return f"{self.name}: item {number}"

    def refuse(self, bad: np.ndarray, words: Callable[[int], str]) -> None:
        """Raise a CourseError about the first record of which `bad` (N,) is true."""
        if bad.any():
            number = int(np.argmax(bad))
            raise CourseError(f"{self.item(number)}: {words(number)}")

    def regions(self) -> Regions:
        """All regions, in the order of the records."""
        if self.kind == "boxes":
            boxes = self.checked_boxes()
            corners = np.concatenate([boxes[:, :2], boxes[:, 2:] + boxes[:, :2]], axis=1)
            # The area is w * h: (x + w) - x need not give w back to the last bit.
            return BoxRegions(corners, boxes[:, 2] * boxes[:, 3])
        pixels = np.array([height * width for height, width in self.sizes], np.int64)[np.array(self.image, int)]
        texts = [rle["counts"] for rle in self.rles]
        blocks = [slice(k, k + _BLOCK) for k in range(0, len(texts), _BLOCK)]
        areas = [masks.text_areas(texts[block], pixels[block]) for block in blocks]
        areas = np.concatenate([np.zeros(0, int), *areas])
        words = "its segmentation is broken: it is no mask of {} x {} pixels"
        self.refuse(areas == masks.BROKEN, lambda k: words.format(*self.rles[k]["size"]))
        return RleRegions(self.rles, areas.astype(float))

    def checked_boxes(self) -> np.ndarray:
        """(N, 4) float, x, y, width, height."""
        boxes = np.array(self.boxes).reshape(-1, 4)
        bad = ~(np.isfinite(boxes[:, :2] + boxes[:, 2:]).all(axis=1) & (boxes[:, 2:] >= 0).all(axis=1))
        self.refuse(bad, lambda k: f"its bbox is {boxes[k].tolist()}; width and height are finite and not negative")
        return boxes

    def by_image(self) -> tuple[np.ndarray | slice, list[slice]]:
        """How to sort the records by image, and where those of each image are then."""
        image = np.array(self.image, int)
        order: np.ndarray | slice = slice(None)
        if (np.diff(image) < 0).any():
            order = np.argsort(image, kind="stable")
        edges = np.searchsorted(image[order], np.arange(len(self.sizes) + 1)).tolist()
        return order, [slice(*edge) for edge in zip(edges, edges[1:], strict=False)]


class Results(Records):
    """COCO's results."""

    def __init__(self, *args: Any, box_areas: bool = False):
        """As `Records`; with `box_areas` the area of a mask is that of the box beside it."""
        super().__init__(*args)
        self.score, self.box_areas = array("d"), box_areas
        self.required = ("score", "bbox") if box_areas else ("score",)

    def add(self, row: Mapping) -> None:
        """Take in one record."""
        score = row["score"]
        try:
            self.score.append(score)
        except TypeError:
            raise CourseError(f"its score is {score!r:.40}; give a number") from None
        if self.box_areas:
            self.add_box(row["bbox"])
        super().add(row)

    def areas(self, regions: Regions) -> np.ndarray:
        """(N,) float, px²: of the regions, or of the boxes beside them."""
        return self.checked_boxes()[:, 2:].prod(axis=1) if self.box_areas else regions.areas

    def scores(self) -> np.ndarray:
        """(N,) float, checked."""
        scores = np.array(self.score)
        words = "scores lie in [0, 1] (apply softmax or sigmoid first)"
        self.refuse(~((scores >= 0) & (scores <= 1)), lambda k: f"its score is {scores[k]}; {words}")
        return scores


class Annotations(Records):
    """COCO's annotations, each with its id."""

    def __init__(self, *args: Any):
        """As `Records`."""
        super().__init__(*args)
        self.ids, self.crowd, self.area, self.own_area = [], [], array("d"), []

    def item(self, number: int, row: Any = None) -> str:
        """How messages call a record."""
        known = row["id"] if isinstance(row, Mapping) else self.ids[number]
        return f"{self.name}: annotation {known}"

    def add(self, row: Mapping) -> None:
        """Take in one record."""
        crowd, area = row.get("iscrowd") or 0, row.get("area")
        if isinstance(crowd, str) or crowd not in (0, 1):
            raise CourseError(f"its iscrowd is {crowd!r}; give 0 or 1")
        super().add(row)
        if area is None:
            area = self._area_of_mask(row)
        elif isinstance(area, bool) or not isinstance(area, Real):
            raise CourseError(f"its area is {area!r}; give a number, or leave it out")
        self.ids.append(row["id"])
        self.crowd.append(bool(crowd))
        self.area.append(area)

    def _area_of_mask(self, row: Mapping) -> float:
        """The area of an annotation that does not state it: its mask's, or its box's where there is no mask."""
        if row.get("segmentation"):
            return float(coco_mask.area(compressed(row["segmentation"], self.sizes[self.numbers[row["image_id"]]])))
        _, _, width, height = row["bbox"]
        return width * height

    def areas(self) -> np.ndarray:
        """(N,) float, px², checked."""
        areas = np.array(self.area)
        bad = ~((areas >= 0) & (areas < np.inf))
        self.refuse(bad, lambda k: f"its area is {areas[k]}; areas are finite and not negative")
        return areas


def compressed(segmentation: Any, size: list[int]) -> Mapping:
    """A segmentation (polygons, plain run lengths, or compressed ones) as a compressed RLE of the image's size."""
    if isinstance(segmentation, Mapping):
        stated = segmentation.get("size")
        if stated != size and (not isinstance(stated, list | tuple) or list(stated) != size):
            raise CourseError(f"its segmentation is of size {stated!r:.40}, the image is {size} (height, width)")
        if isinstance(segmentation.get("counts"), str | bytes):
            return segmentation
    elif not isinstance(segmentation, list) or not segmentation:
        raise CourseError(f"its segmentation is {segmentation!r:.40}; it needs an outline or an RLE, or judge boxes")
    try:
        if isinstance(segmentation, Mapping):
            return masks.encode(masks.decode(segmentation))
        masks.check_polygons(segmentation, *size)
        return coco_mask.merge(coco_mask.frPyObjects(segmentation, *size))
    except Exception as error:  # pycocotools raises a bare Exception
        raise CourseError(f"its segmentation cannot be read: {error}") from None


def _known(value: Any, there: Mapping) -> bool:
    try:
        return value in there
    except TypeError:
        return False
