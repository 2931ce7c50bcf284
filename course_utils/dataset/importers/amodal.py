"""Amodal sets with COCO's layout and keys of their own: KINS, D2SA, COCOA-cls."""

from collections.abc import Callable, Iterator
from typing import Any

from course_utils.dataset.faults import crowd_problem, is_crowd, is_id, short
from course_utils.dataset.importers.depth import Place
from course_utils.dataset.importers.found import Found, sound_categories

BOXES = ("bbox", "inmodal_bbox", "a_bbox", "i_bbox")


def find_kins_2019(content: dict, annotations: list[dict]) -> tuple[list[dict], Iterator[Found]]:
    """KINS (Qi et al. 2019), the release of 2019: `segmentation` and `bbox` are amodal, `inmodal_seg` visible.

    It says nothing about who is in front: that follows from who is seen in whose hidden part.
    """
    return sound_categories(content), _all(annotations, _two("segmentation", "inmodal_seg"))


def find_kins_2020(content: dict, annotations: list[dict]) -> tuple[list[dict], Iterator[Found]]:
    """KINS, the release of 2020: `a_segm` and `a_bbox` are amodal, `i_segm` and `i_bbox` visible (inmodal).

    `oco_id` numbers the groups of objects that touch, `ico_id` the objects of a group from front to back.
    """
    return sound_categories(content), _all(annotations, _two("a_segm", "i_segm"))


def find_d2sa(content: dict, annotations: list[dict]) -> tuple[list[dict], Iterator[Found]]:
    """D2SA and COCOA-cls (Follmann et al. 2019): `segmentation` is amodal; `visible_mask` and `invisible_mask`.

    Without either of them an object is wholly visible. Who is in front follows from the masks.
    """
    return sound_categories(content), _all(annotations, _masked)


def _all(annotations: list[dict], parts: Callable[[dict], dict[str, Any]]) -> Iterator[Found]:
    for one in annotations:
        place, fault = _place(one)
        given: dict[str, Any] = {
            "who": f"annotation {short(one.get('id'))}",
            "id": one.get("id"),
            "image_id": one.get("image_id"),
            "category_id": one.get("category_id"),
            "boxes": {key: one[key] for key in BOXES if key in one},
            "place": place,
            "crowd": int(is_crowd(one)),
            "fault": crowd_problem(one) or fault,
        }
        yield Found(**given | parts(one))


def _two(whole: str, visible: str) -> Callable[[dict], dict[str, Any]]:
    def parts(one: dict) -> dict[str, Any]:
        missing = [key for key in (whole, visible) if one.get(key) is None]
        fault = {"fault": f"has no {missing[0]}"} if missing else {}
        return {"whole": one.get(whole), "visible": one.get(visible)} | fault

    return parts


def _masked(one: dict) -> dict[str, Any]:
    rate = one.get("occlude_rate")
    hidden = isinstance(rate, int | float) and rate > 0
    parts = {key: one.get(name) for key, name in (("visible", "visible_mask"), ("invisible", "invisible_mask"))}
    fault = {}
    if hidden and parts["visible"] is None and parts["invisible"] is None:
        fault = {"fault": f"is occluded ({rate:.0%}) but has neither a visible_mask nor an invisible_mask"}
    return {"whole": one.get("segmentation")} | parts | fault


def _place(one: dict) -> tuple[Place, str]:
    group, number = one.get("oco_id"), one.get("ico_id")
    if group is None and number is None:
        return None, ""
    if not is_id(group) or not is_id(number):
        return None, f"oco_id and ico_id are {short((group, number))}; whole numbers are needed"
    return (group, number), ""
