"""The VGG Image Annotator (VIA): one JSON file, for each photo its regions and their attributes."""

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from course_utils.dataset.faults import short
from course_utils.dataset.findings import Finding
from course_utils.dataset.importers.drawn import ellipse, numbers, rectangle
from course_utils.dataset.photo import PHOTO_ERRORS
from course_utils.dataset.photo_folder import PhotoFolder
from course_utils.errors import CourseError

NAMELESS = "object"
"""The class of regions where a file has no attribute that names them, as that of the balloons."""


def read_via(
    path: Path, content: Any, images: Path | None = None
) -> tuple[dict, list[Finding], list[str], dict[str, str]]:
    """A project of VIA 2, or its exported annotations, in COCO's layout; see `read.Content`.

    The attribute that most regions have names the class. VIA writes no sizes: they are taken from the photos.

    Args:
        path: of the file. content: what it holds. images: folder of the photos.

    Raises:
        CourseError: it is of another format.
    """
    entries = content.get("_via_img_metadata", content) if isinstance(content, dict) else None
    if not isinstance(entries, dict) or not all(isinstance(one, dict) for one in entries.values()):
        raise CourseError(f"{path}: is no project of VIA")
    photos = PhotoFolder(path, [str(one.get("filename")) for one in entries.values()], images)
    attribute = _attribute(entries)
    coco: dict[str, list] = {"images": [], "annotations": [], "categories": []}
    faults: list[Finding] = []
    labels: dict[str, int] = {}
    places: dict[str, str] = {}
    for number, entry in enumerate(entries.values(), 1):
        name, who = entry.get("filename"), f"photo {short(entry.get('filename'))}"
        try:
            coco["images"].append({"id": number, "file_name": name} | _size(photos, name))
        except CourseError as error:
            faults.append(Finding(who, str(error)))
            continue
        for position, region in enumerate(_regions(entry), 1):
            try:
                label = _label(region, attribute)
                outline = _outline(region)
            except CourseError as error:
                faults.append(Finding(f"{who}, region {position}", str(error), photo=number))
                continue
            category = labels.setdefault(label, len(labels) + 1)
            places[f"annotation {len(coco['annotations']) + 1}"] = f"{who}, region {position}"
            facts = {"id": len(coco["annotations"]) + 1, "image_id": number, "category_id": category}
            coco["annotations"].append(facts | {"segmentation": outline})
    coco["categories"] = [{"id": number, "name": label} for label, number in labels.items()]
    named = (
        f"the attribute {attribute!r} names the classes"
        if attribute
        else f"no attribute names a class; all are {NAMELESS!r}"
    )
    return coco, faults, [named], places


def _regions(entry: dict) -> Iterator[Any]:
    regions = entry.get("regions")
    yield from regions.values() if isinstance(regions, dict) else regions if isinstance(regions, list) else ()


def _attribute(entries: dict) -> str:
    """The attribute that names a class for most regions, "" if there is none."""
    names = Counter(
        key
        for entry in entries.values()
        for region in _regions(entry)
        if isinstance(region, dict) and isinstance(region.get("region_attributes"), dict)
        for key, value in region["region_attributes"].items()
        if isinstance(value, str) and value.strip()
    )
    return names.most_common(1)[0][0] if names else ""


def _label(region: Any, attribute: str) -> str:
    if not isinstance(region, dict):
        raise CourseError(f"is {short(region)}, not an object")
    attributes = region.get("region_attributes")
    if not attribute:
        return NAMELESS
    label = attributes.get(attribute) if isinstance(attributes, dict) else None
    if not isinstance(label, str) or not label.strip():
        raise CourseError(f"its {attribute} is {short(label)}; the name of its class is needed")
    return label.strip()


def _outline(region: dict) -> list[list[float]]:
    shape = region.get("shape_attributes")
    if not isinstance(shape, dict):
        raise CourseError("it has no shape_attributes")
    kind = shape.get("name")
    if kind == "polygon":
        xs, ys = (numbers(shape.get(key)) for key in ("all_points_x", "all_points_y"))
        if len(xs) != len(ys):
            raise CourseError(f"it has {len(xs)} all_points_x but {len(ys)} all_points_y")
        return [[side for point in zip(xs, ys, strict=True) for side in point]]
    if kind == "rect":
        x, y, width, height = numbers([shape.get(key) for key in ("x", "y", "width", "height")])
        return rectangle(x, y, x + width, y + height)
    if kind == "circle":
        x, y, radius = numbers([shape.get(key) for key in ("cx", "cy", "r")])
        return ellipse(x, y, radius, radius)
    if kind == "ellipse":
        x, y, rx, ry = numbers([shape.get(key) for key in ("cx", "cy", "rx", "ry")])
        (turn,) = numbers([shape.get("theta", 0)])
        return ellipse(x, y, rx, ry, turn if abs(turn) <= 2 * math.pi else math.radians(turn))
    raise CourseError(f"a {short(kind)} has no area")


def _size(photos: PhotoFolder, name: Any) -> dict[str, int]:
    if not isinstance(name, str) or not name:
        raise CourseError("it has no filename")
    path = photos.find(name)
    if path is None:
        raise CourseError(f"its size is that of its photo, which was not found {photos.hint}")
    try:
        with Image.open(path) as photo:
            return {"width": photo.width, "height": photo.height}
    except PHOTO_ERRORS as error:
        raise CourseError(f"its photo cannot be read: {error}") from None
