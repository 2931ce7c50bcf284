"""What can be wrong with one record of a COCO file, each as a few words; shared by the check and the importers."""

import math
import reprlib
import unicodedata
from collections.abc import Iterator
from typing import Any

import numpy as np

from course_utils import masks
from course_utils.errors import CourseError

MAX_PIXELS = 10**8
"""Larger pictures are not opened: a file of a few bytes can claim to be terabytes of mask."""

MARGIN = 1.0
"""How many pixels a polygon or a box may reach out of its picture: borders are often rounded outwards."""


def collect(content: dict, kind: str, found: list[dict]) -> Iterator[str]:
    """Fill `found` with the records of one kind; yield what is no record."""
    entries = content.get(kind)
    if not isinstance(entries, list):
        yield f'"{kind}" is missing or no list'
        return
    for position, entry in enumerate(entries):
        if isinstance(entry, dict):
            found.append(entry)
        else:
            yield f"{kind}[{position}]: is {short(entry)}, not an object"


def id_problems(records: list[dict], name: str) -> Iterator[str]:
    """Ids that are no whole numbers, 0, or given twice; `name` says what the records are."""
    yield from ambiguous_ids(records, name)
    if any(is_id(record.get("id")) and record["id"] == 0 for record in records):
        yield f"{name} 0: ids start at 1; pycocotools takes 0 for 'not matched', networks for background"


def ambiguous_ids(records: list[dict], name: str) -> Iterator[str]:
    """Ids by which no record can be found: no whole numbers, or given twice. All that training asks of them."""
    seen = set()
    for record in records:
        number = record.get("id")
        if not is_id(number):
            yield f"{name} {short(number)}: its id is no whole number"
            continue
        if number in seen:
            yield f"{name} {short(number)}: this id occurs more than once"
        seen.add(number)


def stated_size(image: dict) -> tuple[tuple[int, int] | None, str]:
    """(Height, width) of a picture by its record, None if they cannot be used, and what is wrong with them."""
    size = (image.get("height"), image.get("width"))
    if not all(is_id(side) and side > 0 for side in size):
        return None, f"height and width are {short(size)}; positive whole numbers are needed"
    if size[0] * size[1] > MAX_PIXELS:
        return None, f"{short(size[0])} x {short(size[1])} pixels are more than can be checked"
    return size, ""


def file_name_problem(image: dict) -> str:
    """What is wrong with a picture's file name, or nothing."""
    name = image.get("file_name")
    # Control characters and halves of surrogate pairs occur in no sound name, and cannot be printed on one line.
    sound = isinstance(name, str) and name and not any(unicodedata.category(c) in ("Cc", "Cs") for c in name)
    return "" if sound else f"its file_name is {short(name)}"


def box_problem(box: Any, size: tuple[int, int] | None) -> str:
    """What is wrong with an xywh box, or nothing."""
    if not isinstance(box, list) or len(box) != 4 or not all(is_number(side) for side in box):
        return f"bbox is {short(box)}; four numbers x, y, width, height are needed"
    if not all(math.isfinite(side) for side in box):
        return f"bbox {short(box)} holds NaN or infinity"
    x, y, width, height = box
    if width <= 0 or height <= 0:
        return f"bbox {short(box)} has no positive width and height"
    if size and (min(x, y) < -MARGIN or x + width > size[1] + MARGIN or y + height > size[0] + MARGIN):
        return f"bbox {short(box)} (x, y, width, height) reaches out of the picture, {size[0]} high, {size[1]} wide"
    return ""


def read_mask(segmentation: Any, size: tuple[int, int]) -> tuple[np.ndarray | None, str]:
    """The mask of a segmentation if there is one, and what is wrong with it."""
    if isinstance(segmentation, list):
        fault = polygons_problem(segmentation, size)
        mask = None if fault else masks.from_polygons(segmentation, *size)
    elif isinstance(segmentation, dict):
        if segmentation.get("size") != list(size):
            return None, f"its size is {short(segmentation.get('size'))}, the picture's {list(size)}"
        try:
            mask, fault = _decode(segmentation, size), ""
        except CourseError as error:
            mask, fault = None, str(error)
    else:
        mask, fault = None, f"is {short(segmentation)}; polygons or an RLE are needed"
    if mask is not None and not mask.any():
        fault = "the mask is empty"
    return mask, fault


def _decode(rle: dict, size: tuple[int, int]) -> np.ndarray:
    """The mask of an RLE; CourseError also for runs so long that their sum overflows and looks right."""
    counts = rle.get("counts")
    counts = masks.decompress(counts) if isinstance(counts, str) else counts
    if isinstance(counts, list) and any(is_id(count) and count > size[0] * size[1] for count in counts):
        raise CourseError("broken RLE: a run is longer than the whole picture")
    return masks.decode({"size": size, "counts": counts})


def polygons_problem(polygons: list, size: tuple[int, int]) -> str:
    """What is wrong with COCO polygons, or nothing; only sound ones may be drawn."""
    for polygon in polygons:
        if not isinstance(polygon, list) or not all(is_number(side) for side in polygon):
            return f"polygon {short(polygon)}: a list of numbers x1, y1, x2, y2 ... is needed"
        try:
            masks.check_polygons([polygon], *size)
        except CourseError as error:
            return str(error)
        x, y = polygon[0::2], polygon[1::2]
        if min(x) < -MARGIN or min(y) < -MARGIN or max(x) > size[1] + MARGIN or max(y) > size[0] + MARGIN:
            return f"a polygon reaches out of the picture, {size[0]} high, {size[1]} wide"
    return ""


def is_id(value: Any) -> bool:
    """Whether it is a whole number (JSON's true is none)."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    """Whether it is a number that a float can hold; NaN and infinity are."""
    # A whole number beyond this would overflow when it becomes a float.
    return isinstance(value, float) or (is_id(value) and abs(value) < 2**63)


def short(value: Any) -> str:
    """A value as text that stays on one line however large it is."""
    return reprlib.repr(value)
