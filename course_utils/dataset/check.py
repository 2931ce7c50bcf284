"""Looking through a COCO file, amodal or plain, for everything that would spoil training: one line a problem."""

import math
import reprlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from course_utils import masks
from course_utils.dataset.safe_json import read_json
from course_utils.errors import CourseError

MAX_PIXELS = 10**8
"""Larger pictures are not opened: a file of a few bytes can claim to be terabytes of mask."""

MARGIN = 1.0
"""How many pixels a polygon or a box may reach out of its picture: borders are often rounded outwards."""


def annotation_files(path: Path) -> list[Path]:
    """The COCO files meant by a path: itself, or those in a folder or its `annotations`.

    Raises:
        CourseError: there are none.
    """
    if not path.is_dir():
        return [path]
    folder = path / "annotations" if (path / "annotations").is_dir() else path
    files = sorted(folder.glob("*.json"))
    if not files:
        raise CourseError(f"{folder}: no .json files here; name the annotation file itself")
    return files


def photos_folder(path: Path) -> Path:
    """Where the photos of a COCO file lie: `images` beside its folder `annotations`, else its own folder."""
    beside = path.parent.parent / "images"
    return beside if path.parent.name == "annotations" and beside.is_dir() else path.parent


class Checker:
    """One COCO file under the lens. Counts what it saw; `problems` yields a line for each fault."""

    def __init__(self, path: Path, photos: Path | None = None):
        """`photos`: folder that file names are relative to, by default `photos_folder`."""
        self.path, self.photos = path, photos or photos_folder(path)
        self.images = self.annotations = self.with_visible = 0

    def problems(self) -> Iterator[str]:
        """One line for each problem, with the file and the id of the image or annotation."""
        for problem in self._problems():
            yield problem if problem.startswith(str(self.path)) else f"{self.path}: {problem}"

    def _problems(self) -> Iterator[str]:
        try:
            content = read_json(self.path)
        except CourseError as error:
            yield str(error)
            return
        if not isinstance(content, dict):
            yield "not a COCO file: a JSON object with images, annotations and categories is needed"
            return
        records: dict[str, list[dict]] = {}
        for kind in ("images", "annotations", "categories"):
            records[kind] = []
            yield from _collect(content, kind, records[kind])
        self.images, self.annotations = len(records["images"]), len(records["annotations"])
        self.with_visible = sum("visible_segmentation" in one for one in records["annotations"])
        for kind, name in (("categories", "category"), ("images", "image"), ("annotations", "annotation")):
            yield from _id_problems(records[kind], name)

        categories = {one["id"] for one in records["categories"] if _is_id(one.get("id"))}
        known = {one["id"] for one in records["images"] if _is_id(one.get("id"))}
        of_image = defaultdict(list)
        for annotation in records["annotations"]:
            owner = annotation.get("image_id")
            if _is_id(owner) and owner in known:
                of_image[owner].append(annotation)
            else:
                yield f"{_name(annotation)}: no image has the id {_short(owner)} that it names"
                yield from self._annotation_problems(annotation, None, categories)
        for image in records["images"]:
            size, faults = self._image_problems(image)
            yield from faults
            for annotation in of_image.pop(image["id"], []) if _is_id(image.get("id")) else []:
                yield from self._annotation_problems(annotation, size, categories)

    def _image_problems(self, image: dict) -> tuple[tuple[int, int] | None, list[str]]:
        """Stated (height, width) of a picture, None if they cannot be used, and what is wrong with it."""
        who = f"image {_short(image.get('id'))}"
        size, faults = (image.get("height"), image.get("width")), []
        if not all(_is_id(side) and side > 0 for side in size):
            size, faults = None, [f"{who}: height and width are {_short(size)}; positive whole numbers are needed"]
        elif size[0] * size[1] > MAX_PIXELS:
            faults = [f"{who}: {_short(size[0])} x {_short(size[1])} pixels are more than can be checked"]
            size = None
        name = image.get("file_name")
        if not isinstance(name, str) or not name or "\0" in name:
            return size, [*faults, f"{who}: its file_name is {_short(name)}"]
        if fault := _photo_problem(self.photos / name, size):
            faults.append(f"{who}: {fault}")
        return size, faults

    def _annotation_problems(
        self, annotation: dict, size: tuple[int, int] | None, categories: set[int]
    ) -> Iterator[str]:
        who = _name(annotation)
        category = annotation.get("category_id")
        if not _is_id(category) or category not in categories:
            yield f"{who}: unknown category {_short(category)}"
        if fault := _box_problem(annotation.get("bbox"), size):
            yield f"{who}: {fault}"
        if size is None:
            return  # without the size of its picture a mask has no meaning, and the picture's fault is said already
        whole, fault = _read_mask(annotation.get("segmentation"), size)
        if fault:
            yield f"{who}: segmentation: {fault}"
        if "visible_segmentation" not in annotation:
            if self.with_visible:
                yield f"{who}: has no visible_segmentation, others have"
            return
        visible, fault = _read_mask(annotation["visible_segmentation"], size)
        if fault:
            yield f"{who}: visible_segmentation: {fault}"
        if whole is not None and visible is not None and (outside := np.count_nonzero(visible & ~whole)):
            yield f"{who}: {outside} visible pixels lie outside of the amodal mask"


def _collect(content: dict, kind: str, found: list[dict]) -> Iterator[str]:
    """Fill `found` with the records of one kind; yield what is no record."""
    entries = content.get(kind)
    if not isinstance(entries, list):
        yield f'"{kind}" is missing or no list'
        return
    for position, entry in enumerate(entries):
        if isinstance(entry, dict):
            found.append(entry)
        else:
            yield f"{kind}[{position}]: is {_short(entry)}, not an object"


def _id_problems(records: list[dict], name: str) -> Iterator[str]:
    seen = set()
    for record in records:
        number = record.get("id")
        if not _is_id(number):
            yield f"{name} {_short(number)}: its id is no whole number"
            continue
        if number == 0:
            yield f"{name} 0: ids start at 1; pycocotools takes 0 for 'not matched', networks for background"
        if number in seen:
            yield f"{name} {_short(number)}: this id occurs more than once"
        seen.add(number)


def _photo_problem(path: Path, size: tuple[int, int] | None) -> str:
    """What is wrong with a picture file, or nothing. Its header is believed before its pixels are unpacked."""
    try:
        with Image.open(path) as photo:
            width, height = photo.size
            if size and (height, width) != size:
                return f"{path} is {height} high and {width} wide, the file says {size[0]} and {size[1]}"
            if height * width > MAX_PIXELS:
                return f"{path}: {height} x {width} pixels are more than can be checked"
            photo.load()
    except FileNotFoundError:
        return f"{path} is missing"
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        return f"{path} cannot be read: {error}"
    return ""


def _box_problem(box: Any, size: tuple[int, int] | None) -> str:
    """What is wrong with an xywh box, or nothing."""
    if not isinstance(box, list) or len(box) != 4 or not all(_is_number(side) for side in box):
        return f"bbox is {_short(box)}; four numbers x, y, width, height are needed"
    if not all(math.isfinite(side) for side in box):
        return f"bbox {_short(box)} holds NaN or infinity"
    x, y, width, height = box
    if width <= 0 or height <= 0:
        return f"bbox {_short(box)} has no positive width and height"
    if size and (min(x, y) < -MARGIN or x + width > size[1] + MARGIN or y + height > size[0] + MARGIN):
        return f"bbox {_short(box)} (x, y, width, height) reaches out of the picture, {size[0]} high, {size[1]} wide"
    return ""


def _read_mask(segmentation: Any, size: tuple[int, int]) -> tuple[np.ndarray | None, str]:
    """The mask of a segmentation if there is one, and what is wrong with it."""
    if isinstance(segmentation, list):
        fault = _polygons_problem(segmentation, size)
        mask = None if fault else masks.from_polygons(segmentation, *size)
    elif isinstance(segmentation, dict):
        if segmentation.get("size") != list(size):
            return None, f"its size is {_short(segmentation.get('size'))}, the picture's {list(size)}"
        try:
            mask, fault = masks.decode(segmentation), ""
        except CourseError as error:
            mask, fault = None, str(error)
    else:
        mask, fault = None, f"is {_short(segmentation)}; polygons or an RLE are needed"
    if mask is not None and not mask.any():
        fault = "the mask is empty"
    return mask, fault


def _polygons_problem(polygons: list, size: tuple[int, int]) -> str:
    """What is wrong with COCO polygons, or nothing; only sound ones may be drawn."""
    for polygon in polygons:
        if not isinstance(polygon, list) or not all(_is_number(side) for side in polygon):
            return f"polygon {_short(polygon)}: a list of numbers x1, y1, x2, y2 ... is needed"
        if len(polygon) < 6 or len(polygon) % 2:
            return f"broken polygon: {len(polygon)} numbers; three points or more, x and y each, are needed"
        if not all(math.isfinite(side) for side in polygon):
            return "a polygon holds NaN or infinity"
        x, y = polygon[0::2], polygon[1::2]
        if min(x) < -MARGIN or min(y) < -MARGIN or max(x) > size[1] + MARGIN or max(y) > size[0] + MARGIN:
            return f"a polygon reaches out of the picture, {size[0]} high, {size[1]} wide"
    return ""


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    # A whole number beyond this would overflow when it becomes a float.
    return isinstance(value, float) or (_is_id(value) and abs(value) < 2**63)


def _name(annotation: dict) -> str:
    return f"annotation {_short(annotation.get('id'))}"


def _short(value: Any) -> str:
    """A value as text that stays on one line however large it is."""
    return reprlib.repr(value)
