"""Mending what programs are known to write wrongly, each kind of it counted."""

import ast
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from PIL import Image

from course_utils.dataset.faults import box_problem, crowd_problem, is_id, root_categories, short, stated_size
from course_utils.dataset.findings import Finding, counted
from course_utils.dataset.outlines import BEYOND
from course_utils.dataset.photo import PHOTO_ERRORS
from course_utils.dataset.photo_folder import PhotoFolder

OUTLINES = {
    "segmentation",
    "inmodal_seg",
    "a_segm",
    "i_segm",
    "visible_segmentation",
    "visible_mask",
    "invisible_mask",
}
BOXES = {"bbox", "inmodal_bbox", "a_bbox", "i_bbox"}
_REFERENCES = {"image_id": "images", "category_id": "categories"}


class Repair:
    """Everything that can be mended in a file of COCO's layout, done or only counted."""

    def __init__(self, content: dict, apply: bool, photos: Callable[[Sequence[str]], PhotoFolder]):
        """``content``: changed in place if ``apply``. ``photos``: from file names to where they are."""
        self.apply, self._photos = apply, photos
        self.images, self.annotations, self.categories = (
            [one for one in records if isinstance(one, dict)] if isinstance(records := content.get(kind), list) else []
            for kind in ("images", "annotations", "categories")
        )
        self.content = content
        self.done: dict[str, list[str]] = defaultdict(list)

    def lines(self) -> list[str]:
        """One line for each kind of repair, with its number and the first that needed it."""
        return [f"{what}: {counted(len(who), 'time')}, first {who[0]}" for what, who in self.done.items()]

    def run(self) -> None:
        """Go through all records."""
        self._ids()
        self._categories()
        for image in self.images:
            self._file_name(image)
        self._sizes()
        for one in self.annotations:
            self._crowd(one)
            self._box(one)
            for key in OUTLINES & one.keys():
                self._outline(one, key)

    def _set(self, record: dict, kind: str, key: str, value: Any, what: str) -> None:
        self.done[what].append(f"{kind} {short(record.get('id'))}")
        if self.apply:
            record[key] = value

    def _ids(self) -> None:
        numbered = {kind: self._numbers(getattr(self, kind)) for kind in ("images", "categories")}
        for kind, noun in (("images", "image"), ("categories", "category"), ("annotations", "annotation")):
            new = numbered.get(kind) or self._numbers(getattr(self, kind))
            for record in getattr(self, kind):
                self._id(record, noun, "id", new)
        for record in self.annotations:
            for key, kind in _REFERENCES.items():
                self._id(record, "annotation", key, numbered[kind])

    def _numbers(self, records: list[dict]) -> dict[Any, int]:
        """For each id that is no whole number the number it becomes: its own, if it is one written otherwise."""
        ids = [one["id"] for one in records if isinstance(one.get("id"), str | float)]
        taken = {one["id"] for one in records if is_id(one.get("id"))}
        new = {number: whole for number in ids if (whole := whole_number(number)) is not None and whole not in taken}
        free = max([0, *taken, *new.values()])
        texts = [number for number in ids if isinstance(number, str) and number not in new]
        return new | {text: free + k for k, text in enumerate(dict.fromkeys(texts), 1)}

    def _id(self, record: dict, noun: str, key: str, new: dict[Any, int]) -> None:
        value = record.get(key)
        if not isinstance(value, str | float):
            return
        number = new.get(value, whole_number(value))
        if number is not None:
            how = "whole numbers written as texts or floats" if whole_number(value) is not None else "texts"
            self._set(record, noun, key, number, f"ids that are {how} become whole numbers")

    def _categories(self) -> None:
        if len(self.categories) == 1:
            for one in self.annotations:
                if one.get("category_id") is None and "regions" not in one:
                    self._set(
                        one, "annotation", "category_id", self.categories[0].get("id"), "the only category is filled in"
                    )
        used = {one["category_id"] for one in self.annotations if is_id(one.get("category_id"))}
        for root in root_categories(self.categories, used):
            self.done["root categories without objects are taken out"].append(f"category {root['id']}")
            if self.apply:
                self.content["categories"].remove(root)

    def _file_name(self, image: dict) -> None:
        name = image.get("file_name")
        if isinstance(name, str) and "\\" in name:
            self._set(image, "image", "file_name", name.replace("\\", "/"), "backslashes in file names become slashes")

    def _sizes(self) -> None:
        unsized = []
        for image in self.images:
            sides = [whole_number(image.get(key)) for key in ("height", "width")]
            if stated_size(image)[0]:
                continue
            if all(side and side > 0 for side in sides):
                for key, side in zip(("height", "width"), sides, strict=True):
                    self._set(image, "image", key, side, "sizes written as texts or floats become whole numbers")
            elif isinstance(image.get("file_name"), str):
                unsized.append(image)
        if not unsized:
            return
        photos = self._photos([image["file_name"] for image in unsized])
        for image in unsized:
            if size := _size(photos, image["file_name"]):
                for key, side in zip(("width", "height"), size, strict=True):
                    self._set(image, "image", key, side, "sizes are taken from the photos")

    def _crowd(self, one: dict) -> None:
        if crowd_problem(one):
            flag = _flag(one["iscrowd"])
            if flag is not None:
                self._set(one, "annotation", "iscrowd", flag, "iscrowd written as a text or NaN becomes 0 or 1")

    def _box(self, one: dict) -> None:
        for key in BOXES & one.keys():
            if box_problem(one[key]):
                self._set(one, "annotation", key, None, "boxes that are none are taken from the outlines")

    def _outline(self, one: dict, key: str) -> None:
        value = one[key]
        if (
            isinstance(value, list)
            and len(value) >= 6
            and type(value[0]) in (int, float)
            and set(map(type, value)) <= {int, float}
        ):
            self._set(one, "annotation", key, [value], "polygons that are not nested become so")
        elif (
            isinstance(value, dict)
            and isinstance(counts := value.get("counts"), str)
            and counts.startswith(("b'", 'b"'))
        ):
            try:
                text = ast.literal_eval(counts).decode()
            except (ValueError, SyntaxError, AttributeError):
                return
            self._set(one, "annotation", key, value | {"counts": text}, "counts written as b'...' become texts")


def clipping(faults: Iterable[Finding]) -> list[str]:
    """The line for outlines that would be cut at the border of their photo, if there are any."""
    who = [one.who for one in faults if BEYOND in one.what]
    what = "outlines beyond the photo are cut at its border"
    return [f"{what}: {counted(len(who), 'time')}, first {who[0]}"] if who else []


def whole_number(value: Any) -> int | None:
    """The whole number that a text or a float stands for; None if none."""
    if is_id(value):
        return value
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and value.is_integer() else None
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if text.removeprefix("-").isdecimal() and text.isascii() and len(text) < 19 else None


def _flag(value: Any) -> int | None:
    """0 or 1 for what programs write in place of them."""
    if isinstance(value, float) and math.isnan(value):
        return 0
    words = {"": 0, "0": 0, "0.0": 0, "false": 0, "1": 1, "1.0": 1, "true": 1}
    return words.get(value.strip().lower()) if isinstance(value, str) else None


def _size(photos: PhotoFolder, name: str) -> tuple[int, int] | None:
    """Width and height of a photo by its header; None if it cannot be read."""
    try:
        path = photos.find(name)
        if path:
            with Image.open(path) as photo:
                return photo.size
    except PHOTO_ERRORS:
        pass
    return None
