"""KINS (Qi et al. 2019): amodal masks of KITTI's street scenes, in two releases with different keys."""

from collections.abc import Iterator
from pathlib import Path

from course_utils.dataset.faults import is_id, short
from course_utils.dataset.importers.convert import convert
from course_utils.dataset.importers.depth import Place
from course_utils.dataset.importers.found import Found, Imported, sound_categories


def from_kins_2019(path: Path) -> Imported:
    """The release of 2019: `segmentation` and `bbox` are amodal, `inmodal_seg` and `inmodal_bbox` visible.

    It says nothing about who is in front: that follows from who is seen in whose hidden part.

    Raises:
        CourseError: it cannot be read, or is of another format.
    """

    def find(content: dict, annotations: list[dict]) -> tuple[list[dict], Iterator[Found]]:
        boxes = ("bbox", "inmodal_bbox", "a_bbox", "i_bbox")
        found = (_found(one, "segmentation", "inmodal_seg", boxes) for one in annotations)
        return sound_categories(content), found

    return convert(path, "inmodal_seg", find)


def from_kins_2020(path: Path) -> Imported:
    """The release of 2020: `a_segm` and `a_bbox` are amodal, `i_segm` and `i_bbox` visible (inmodal).

    `oco_id` numbers the groups of objects that touch, `ico_id` the objects of a group from front to back.

    Raises:
        CourseError: it cannot be read, or is of another format.
    """

    def find(content: dict, annotations: list[dict]) -> tuple[list[dict], Iterator[Found]]:
        found = (_found(one, "a_segm", "i_segm", ("a_bbox", "i_bbox")) for one in annotations)
        return sound_categories(content), found

    return convert(path, "a_segm", find)


def _found(one: dict, whole: str, visible: str, boxes: tuple[str, ...]) -> Found:
    place, fault = _place(one)
    missing = [key for key in (whole, visible) if one.get(key) is None]
    return Found(
        who=f"annotation {short(one.get('id'))}",
        id=one.get("id"),
        image_id=one.get("image_id"),
        category_id=one.get("category_id"),
        whole=one.get(whole),
        visible=one.get(visible),
        boxes={key: one[key] for key in boxes if key in one},
        place=place,
        crowd=1 if one.get("iscrowd") else 0,
        fault=f"has no {missing[0]}" if missing else fault,
    )


def _place(one: dict) -> tuple[Place, str]:
    group, number = one.get("oco_id"), one.get("ico_id")
    if group is None and number is None:
        return None, ""
    if not is_id(group) or not is_id(number):
        return None, f"oco_id and ico_id are {short((group, number))}; whole numbers are needed"
    return (group, number), ""
