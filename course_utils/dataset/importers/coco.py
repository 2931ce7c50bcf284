"""Plain COCO (Lin et al. 2014): visible masks, nothing about what is hidden."""

from collections.abc import Iterator
from pathlib import Path

from course_utils.dataset.faults import short
from course_utils.dataset.importers.convert import convert
from course_utils.dataset.importers.found import Found, Imported, sound_categories


def from_coco(path: Path) -> Imported:
    """A plain COCO instance file, its visible masks in the place of whole outlines; a note says so.

    Occlusion rates are null and depth orders 0, as nothing is known of them. Crowds stay crowds.

    Raises:
        CourseError: it cannot be read, or has amodal masks of another format.
    """
    return convert(path, "segmentation", _find, amodal=False)


def _find(content: dict, annotations: list[dict]) -> tuple[list[dict], Iterator[Found]]:
    found = (
        Found(
            who=f"annotation {short(one.get('id'))}",
            id=one.get("id"),
            image_id=one.get("image_id"),
            category_id=one.get("category_id"),
            whole=one.get("segmentation"),
            boxes={"bbox": one.get("bbox")},
            crowd=1 if one.get("iscrowd") else 0,
        )
        for one in annotations
    )
    return sound_categories(content), found
