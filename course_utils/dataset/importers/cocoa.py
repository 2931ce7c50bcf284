"""COCOA (Zhu et al. 2017): one annotation a photo, its objects as regions from front to back, named in free words."""

import math
from collections.abc import Iterator
from typing import Any

from course_utils.dataset.faults import collect, is_id, is_number, short
from course_utils.dataset.importers.found import Found


def find_cocoa(content: dict, annotations: list[dict]) -> tuple[list[dict], Iterator[Found]]:
    """The regions of a COCOA file: `segmentation` is one amodal polygon, `order` its place from front to back.

    A region without `visible_mask` and `invisible_mask` is wholly visible. Names become categories in alphabetical
    order, without regard to capitals and spaces; a category is "stuff" where all of its regions are. Regions are
    numbered anew from 1; `source_id` keeps "annotation/position".
    """
    stuff: dict[str, bool] = {}
    for annotation in annotations:
        for region in _regions(annotation)[0]:
            if name := _name(region):
                stuff[name] = stuff.get(name, True) and bool(region.get("isStuff"))
    categories: list[dict[str, Any]] = [
        {"id": number, "name": name, "supercategory": "stuff" if stuff[name] else "thing"}
        for number, name in enumerate(sorted(stuff), 1)
    ]
    return categories, _found(annotations, {one["name"]: one["id"] for one in categories})


def _found(annotations: list[dict], categories: dict[str, int]) -> Iterator[Found]:
    next_id, annotated = 1, set()
    for annotation in annotations:
        number, image = annotation.get("id"), annotation.get("image_id")
        who = f"annotation {short(number)}"
        regions, problems = _regions(annotation)
        if is_id(image) and image in annotated:
            problems, regions = [f"image {image} is annotated more than once; only the first is taken"], []
        annotated |= {image} if is_id(image) else set()
        for problem in problems:
            yield Found(who, next_id, image, None, None, fault=problem)
            next_id += 1
        orders: set[int] = set()
        ranked = sorted(enumerate(regions, 1), key=lambda entry: _rank(entry[1]))
        for position, region in ranked:
            fault = _problem(region, orders)
            orders |= {region["order"]} if is_id(region.get("order")) else set()
            yield Found(
                who=f"{who}, region {position}",
                id=next_id,
                image_id=image,
                category_id=categories.get(_name(region)),
                whole=_polygons(region.get("segmentation")),
                visible=region.get("visible_mask"),
                invisible=region.get("invisible_mask"),
                place=None if fault else (0, region["order"]),
                source_id=f"{number}/{position}",
                fault=fault,
            )
            next_id += 1


def _regions(annotation: dict) -> tuple[list[dict], list[str]]:
    regions: list[dict] = []
    return regions, list(collect(annotation, "regions", regions))


def _name(region: dict) -> str:
    name = region.get("name")
    return " ".join(name.lower().split()) if isinstance(name, str) else ""


def _rank(region: dict) -> float:
    order = region.get("order")
    return order if is_id(order) else math.inf


def _polygons(segmentation: Any) -> Any:
    """COCO's list of polygons for COCOA's single flat one; anything else as it is."""
    flat = isinstance(segmentation, list) and segmentation and not isinstance(segmentation[0], list)
    return [segmentation] if flat else segmentation


def _problem(region: dict, orders: set[int]) -> str:
    order, rate = region.get("order"), region.get("occlude_rate", 0)
    if not _name(region):
        return "has no name"
    if not is_id(order):
        return f"its order is {short(order)}; a whole number is needed"
    if order in orders:
        return f"its order {order} is given twice"
    if not is_number(rate) or not 0 <= rate <= 1:
        return f"its occlude_rate is {short(rate)}; a number from 0 to 1 is needed"
    if rate > 0 and region.get("visible_mask") is None and region.get("invisible_mask") is None:
        return f"is occluded ({rate:.0%}) but has neither a visible_mask nor an invisible_mask"
    return ""
