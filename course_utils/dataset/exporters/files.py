"""Formats that are one JSON file: plain COCO, KINS 2019, COCOA."""

from typing import Any

from course_utils.dataset.annotations import AnnotationFile
from course_utils.dataset.exporters.polygons import exact_segmentation
from course_utils.dataset.faults import is_crowd
from course_utils.dataset.outlines import Outline, outline_of
from course_utils.dataset.shape import Shape


def to_coco(file: AnnotationFile, truth: str) -> tuple[dict[str, Any], list[str]]:
    """Plain COCO: polygons where they are exact, run lengths for crowds and the rest.

    Args:
        file: without errors. truth: "amodal" or "visible", which outlines to write.

    Returns:
        The content, and notes on what it cannot hold: here none.
    """
    annotations = []
    for _, shapes in file.shapes():
        for shape in shapes:
            outline = shape.whole if truth == "amodal" else shape.seen
            if outline.area:
                crowd = is_crowd(shape.annotation)
                segmentation = outline.record if crowd else exact_segmentation(outline)
                annotations.append(_facts(shape) | {"segmentation": segmentation} | _measures(outline))
    hidden = len(file.annotations) - len(annotations)
    notes = [f"{hidden} objects of which nothing can be seen are not in it"] if hidden else []
    return _content(file, annotations), notes


def to_kins_2019(file: AnnotationFile, truth: str) -> tuple[dict[str, Any], list[str]]:
    """KINS 2019: `segmentation` is the whole outline, `inmodal_seg` the visible part, both as run lengths."""
    annotations = [
        _facts(shape)
        | {"segmentation": shape.whole.record}
        | _measures(shape.whole)
        | {"inmodal_seg": shape.seen.record, "inmodal_bbox": list(shape.seen.box)}
        for _, shapes in file.shapes()
        for shape in shapes
    ]
    return _content(file, annotations), []


def to_cocoa(file: AnnotationFile, truth: str) -> tuple[dict[str, Any], list[str]]:
    """COCOA: for each photo its regions from front to back, a polygon each where one is exact."""
    names = {one["id"]: one["name"] for one in file.categories}
    annotations: list[dict[str, Any]] = []
    crowds = 0
    for image, shapes in file.shapes():
        single = [shape for shape in shapes if not is_crowd(shape.annotation)]
        crowds += len(shapes) - len(single)
        # Where a file knows no order, all are in the same place, and the order of the file will do.
        single.sort(key=lambda shape: shape.annotation.get("depth_order", 0))
        regions = [_region(shape, order, names) for order, shape in enumerate(single, 1)]
        annotations.append({"id": len(annotations) + 1, "image_id": image["id"], "regions": regions})
    notes = [f"{crowds} crowds are not in it: COCOA has none"] if crowds else []
    return {"images": file.images, "annotations": annotations}, notes


def _region(shape: Shape, order: int, names: dict[int, str]) -> dict[str, Any]:
    segmentation = exact_segmentation(shape.whole)
    flat = segmentation[0] if isinstance(segmentation, list) and len(segmentation) == 1 else None
    region = {
        "segmentation": flat or shape.whole.record,
        "name": names[shape.annotation["category_id"]],
        "area": shape.whole.area,
        "isStuff": 0,
        "occlude_rate": 1 - shape.seen.area / shape.whole.area,
        "order": order,
    }
    if shape.seen.area < shape.whole.area:
        hidden = outline_of(shape.whole.mask & ~shape.seen.mask)
        region |= {"visible_mask": shape.seen.record, "invisible_mask": hidden.record}
    return region


def _content(file: AnnotationFile, annotations: list[dict]) -> dict[str, Any]:
    return {"images": file.images, "annotations": annotations, "categories": file.categories}


def _facts(shape: Shape) -> dict[str, Any]:
    facts = {key: shape.annotation[key] for key in ("id", "image_id", "category_id")}
    return facts | {"iscrowd": int(is_crowd(shape.annotation))}


def _measures(outline: Outline) -> dict[str, Any]:
    return {"area": outline.area, "bbox": list(outline.box)}
