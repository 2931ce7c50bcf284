"""COCO's records as columns. Every value is looked at once; a message about one names the file and the record."""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from course_utils import masks
from course_utils.errors import CourseError
from course_utils.metrics.coco_fields import as_flag, compressed, flat, numbers
from course_utils.metrics.regions import BoxRegions, Regions, RleRegions

_BLOCK = 512  # RLEs that are decoded together: few enough for the processor's cache
_MALFORMED = (KeyError, TypeError, AttributeError, ValueError, IndexError, OverflowError, CourseError)
"""What fields of a wrong type or length end in."""
VISIBLE = "visible_segmentation"
"""Field of a result with what can be seen of the object, as in the course's annotations."""
_BROKEN = "its {} is broken: it is no mask of {} x {} pixels"


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
        self.categories = {label: int(label) for label in categories}
        self.image, self.label = array("q"), array("q")
        self.boxes = array("d")
        self.rles: list[Any] = []

    def add_all(self, rows: Sequence[Mapping]) -> None:
        """Take in records; the first that does not fit raises a CourseError."""
        try:
            self.add(rows)
        except _MALFORMED:
            for row in rows:
                try:
                    self.add([row])
                except _MALFORMED as error:
                    self.complain(row, error)

    def add(self, rows: Sequence[Mapping]) -> None:
        """Take in all of some records or, if one of them does not fit, none."""
        image = array("q", [self.numbers[row["image_id"]] for row in rows])
        label = array("q", [self.categories[row["category_id"]] for row in rows])
        if self.kind == "boxes":
            self.boxes.extend(flat(row["bbox"] for row in rows))
        else:
            pairs = zip(rows, image, strict=True)
            self.rles.extend([compressed(row["segmentation"], self.sizes[number]) for row, number in pairs])
        self.image.extend(image)
        self.label.extend(label)

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
        return RleRegions(self.rles, self.areas_of(self.rles, np.arange(len(self.rles))))

    def areas_of(self, rles: Sequence[Mapping], records: np.ndarray, field: str = "segmentation") -> np.ndarray:
        """(K,) float, px²: of the checked RLEs of K of the records."""
        pixels = np.array([height * width for height, width in self.sizes], np.int64)[
            np.array(self.image, int)[records]
        ]
        texts = [rle["counts"] for rle in rles]
        blocks = [slice(k, k + _BLOCK) for k in range(0, len(texts), _BLOCK)]
        areas = np.concatenate([np.zeros(0, int), *(masks.text_areas(texts[block], pixels[block]) for block in blocks)])
        broken = np.zeros(len(self.image), bool)
        broken[records[areas == masks.BROKEN]] = True
        self.refuse(broken, lambda k: _BROKEN.format(field, *self.sizes[self.image[k]]))
        return areas.astype(float)

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
        self.visible: list[Any] = []
        self.required = ("score", "bbox") if box_areas else ("score",)

    def add(self, rows: Sequence[Mapping]) -> None:
        """Take in all of some records or, if one of them does not fit, none."""
        score = numbers((row["score"] for row in rows), "score")
        beside = flat(row["bbox"] for row in rows) if self.box_areas else array("d")
        visible = self._visible_rles(rows)
        super().add(rows)
        self.score.extend(score)
        self.boxes.extend(beside)
        self.visible.extend(visible)

    def _visible_rles(self, rows: Sequence[Mapping]) -> list[Mapping | None]:
        """What can be seen of each object, for those that say it; boxes are judged as they are."""
        if self.kind == "boxes" or not any(VISIBLE in row for row in rows):
            return [None] * len(rows)
        sizes = (self.sizes[self.numbers[row["image_id"]]] for row in rows)
        return [
            compressed(row[VISIBLE], size, VISIBLE) if VISIBLE in row else None
            for row, size in zip(rows, sizes, strict=True)
        ]

    def visible_regions(self) -> RleRegions | None:
        """What can be seen of each object, None where a result does not say it; None if none does."""
        known = np.flatnonzero([rle is not None for rle in self.visible])
        if not len(known):
            return None
        areas = np.zeros(len(self.visible))
        areas[known] = self.areas_of([self.visible[k] for k in known], known, VISIBLE)
        return RleRegions(self.visible, areas)

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
        self.ids: list[Any] = []
        self.crowd: list[bool] = []
        self.area = array("d")

    def item(self, number: int, row: Any = None) -> str:
        """How messages call a record."""
        known = row["id"] if isinstance(row, Mapping) else self.ids[number]
        return f"{self.name}: annotation {known}"

    def add(self, rows: Sequence[Mapping]) -> None:
        """Take in all of some records or, if one of them does not fit, none."""
        crowd = [as_flag(row.get("iscrowd"), "iscrowd") for row in rows]
        area = numbers((self._area_of_mask(row) if row.get("area") is None else row["area"] for row in rows), "area")
        super().add(rows)
        self.crowd.extend(crowd)
        self.area.extend(area)
        self.ids.extend([row["id"] for row in rows])

    def _area_of_mask(self, row: Mapping) -> float:
        """The area of an annotation that does not state it: its mask's, or its box's where there is no mask."""
        if row.get("segmentation"):
            height, width = size = self.sizes[self.numbers[row["image_id"]]]
            (area,) = masks.text_areas([compressed(row["segmentation"], size)["counts"]], height * width)
            if area == masks.BROKEN:
                raise CourseError(_BROKEN.format("segmentation", height, width))
            return float(area)
        _, _, width, height = flat([row["bbox"]])
        return width * height

    def areas(self) -> np.ndarray:
        """(N,) float, px², checked."""
        areas = np.array(self.area)
        bad = ~((areas >= 0) & (areas < np.inf))
        self.refuse(bad, lambda k: f"its area is {areas[k]}; areas are finite and not negative")
        return areas


def _known(value: Any, there: Mapping) -> bool:
    try:
        return value in there
    except TypeError:
        return False
