"""What can be wrong with one record of a COCO file, each as a few words; shared by the check and the importers."""

import math
import reprlib
import unicodedata
from collections.abc import Iterator
from typing import Any, TypeGuard

MAX_PIXELS = 10**8
"""Larger pictures are not opened: a file of a few bytes can claim to be terabytes of mask."""

MARGIN = 0.05
"""By which share of the longer side a polygon may reach out of its picture: a slip of the hand, cut at the border."""

FARTHEST = 10
"""So many pictures away a corner cannot be drawn: it would take memory without bounds."""


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


def ambiguous_ids(records: list[dict]) -> Iterator[tuple[dict, str]]:
    """Records that cannot be found by their ids, as these are no whole numbers or given twice; and the reason."""
    seen = set()
    for record in records:
        number = record.get("id")
        if not is_id(number):
            yield record, "its id is no whole number"
        elif number in seen:
            yield record, "this id occurs more than once"
        else:
            seen.add(number)


def stated_size(image: dict) -> tuple[tuple[int, int] | None, str]:
    """(Height, width) of a picture by its record, None if they cannot be used, and what is wrong with them."""
    height, width = image.get("height"), image.get("width")
    if not (is_id(height) and height > 0 and is_id(width) and width > 0):
        return None, f"height and width are {short((height, width))}; positive whole numbers are needed"
    if height * width > MAX_PIXELS:
        return None, f"{short(height)} x {short(width)} pixels are more than can be checked"
    return (height, width), ""


def file_name_problem(image: dict) -> str:
    """What is wrong with a picture's file name, or nothing."""
    name = image.get("file_name")
    sound = isinstance(name, str) and name and _is_printable(name)
    return "" if sound else f"its file_name is {short(name)}"


def _is_printable(text: str) -> bool:
    """Whether it fits on one line: control characters and halves of surrogate pairs occur in no sound name."""
    return not any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def box_problem(box: Any) -> str:
    """Why an xywh box is none, or nothing; None, no box, is sound."""
    if box is None or _is_plain(box):
        return ""
    if not isinstance(box, list) or len(box) != 4 or not all(is_number(side) for side in box):
        return f"bbox is {short(box)}; four numbers x, y, width, height are needed"
    if not all(math.isfinite(side) for side in box):
        return f"bbox {short(box)} holds NaN or infinity"
    if box[2] <= 0 or box[3] <= 0:
        return f"bbox {short(box)} has no positive width and height"
    return ""


def _is_plain(box: Any) -> bool:
    """Whether a box is sound beyond doubt, as almost all are; the rest is looked at one by one."""
    if type(box) is not list or len(box) != 4 or not set(map(type, box)) <= {int, float}:
        return False
    # NaN is smaller than nothing, so that a sum with it is not, either.
    return min(box) > -_FAR and max(box) < _FAR and -_FAR < sum(box) < _FAR and box[2] > 0 and box[3] > 0


_FAR = 10**9


def category_problem(category: dict) -> str:
    """What is wrong with the name of a category, or nothing."""
    name = category.get("name")
    if name is None:
        return "it has no name"
    return "" if isinstance(name, str) and name.strip() and _is_printable(name) else f"its name is {short(name)}"


def root_categories(categories: list[dict], used: set[int]) -> list[dict]:
    """Categories without objects that only stand above others, as Roboflow's exports have one."""
    sound = [one for one in categories if is_id(one.get("id")) and not category_problem(one)]
    children = [one for one in sound if one["id"] in used and one.get("supercategory") != one["name"]]
    return [
        one for one in sound if one["id"] not in used and any(c.get("supercategory") == one["name"] for c in children)
    ]


def crowd_problem(annotation: dict) -> str:
    """What is wrong with the flag of a crowd, or nothing; truth in Python's sense would make a crowd of "0"."""
    flag = annotation.get("iscrowd")
    sound = flag is None or (isinstance(flag, int | float) and flag in (0, 1))
    return "" if sound else f"iscrowd is {short(flag)}; 0 or 1 is needed"


def is_crowd(annotation: dict) -> bool:
    """Whether one outline stands for many objects that nobody told apart; its flag is sound."""
    return annotation.get("iscrowd") in (1, True)


def fact_problem(annotation: dict) -> str:
    """What is wrong with the facts of a piece that are there, or nothing; plain COCO has none of them."""
    if "depth_order" in annotation and not is_id(annotation["depth_order"]):
        return f"depth_order is {short(annotation['depth_order'])}; a whole number is needed"
    for key in ("occlusion_rate", "weight_g", "volume_cm3"):
        if annotation.get(key) is not None and not is_number(annotation[key]):
            return f"{key} is {short(annotation[key])}; a number is needed, or null where it is not known"
    others = annotation.get("occluded_by", [])
    if not isinstance(others, list) or not all(map(is_id, others)):
        return f"occluded_by is {short(others)}; a list of annotation ids is needed"
    return ""


def is_id(value: Any) -> TypeGuard[int]:
    """Whether it is a whole number (JSON's true is none)."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> TypeGuard[float]:
    """Whether it is a number that a float can hold; NaN and infinity are."""
    # A whole number beyond this would overflow when it becomes a float.
    return isinstance(value, float) or (is_id(value) and abs(value) < 2**63)


def shown(path: object) -> str:
    """A path for a message: whole, unless it is longer than any that people use."""
    text = str(path)
    return text if len(text) <= 400 else f"{text[:200]} ... {text[-200:]}"


def short(value: Any) -> str:
    """A value as text that stays on one line however large it is."""
    return str(value) if type(value) is int and abs(value) < 10**18 else reprlib.repr(value)
