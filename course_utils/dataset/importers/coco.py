"""Annotations with COCO's own keys: plain COCO (Lin et al. 2014), and the course's with visible parts beside."""

from collections.abc import Iterator

from course_utils.dataset.faults import crowd_problem, is_crowd, is_id, short
from course_utils.dataset.importers.found import Found, sound_categories

_REPLACED = {"segmentation", "bbox", "area", "iscrowd", "visible_segmentation", "visible_area", "id"}


def find_coco(content: dict, annotations: list[dict]) -> tuple[list[dict], Iterator[Found]]:
    """The objects of a COCO instance file; crowds stay crowds, and fields of a file's own are kept."""
    found = (
        Found(
            who=f"annotation {short(one.get('id'))}",
            id=one.get("id"),
            image_id=one.get("image_id"),
            category_id=one.get("category_id"),
            whole=one.get("segmentation"),
            visible=one.get("visible_segmentation"),
            boxes={"bbox": one.get("bbox")},
            place=(0, one["depth_order"]) if is_id(one.get("depth_order")) and one["depth_order"] > 0 else None,
            crowd=int(is_crowd(one)),
            fault=crowd_problem(one),
            extra={key: one[key] for key in one.keys() - _REPLACED},
        )
        for one in annotations
    )
    return sound_categories(content), found
