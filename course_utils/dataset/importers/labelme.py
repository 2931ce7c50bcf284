"""labelme: a JSON file beside each photo, its shapes with labels and group ids."""

import base64
import binascii
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pycocotools import mask as coco_mask

from course_utils.dataset.faults import short, stated_size
from course_utils.dataset.findings import Finding
from course_utils.dataset.importers.drawn import ellipse, joined, numbers, rectangle
from course_utils.dataset.photo import PHOTO_ERRORS
from course_utils.dataset.safe_json import read_json
from course_utils.errors import CourseError

_PART = re.compile(r"(?P<label>.+?)[\s_\-:./(]+(?P<part>visible|inmodal|amodal|whole)\)?", re.IGNORECASE)
VISIBLE, WHOLE = ("visible", "inmodal"), ("amodal", "whole")


def read_labelme(path: Path) -> tuple[dict, list[Finding], list[str], dict[str, str]]:
    """A folder of labelme's files, or one of them, in COCO's layout; see `read.Content`.

    Shapes of one label and one group id are one object. Amodal outlines are told apart by a flag of the shape or by an
    ending of its label: ``visible`` (or ``inmodal``) marks the visible part of an object whose other shapes are its
    whole outline; ``amodal`` (or ``whole``) marks the whole of an object whose other shapes are visible. File names
    become relative to the folder.

    Raises:
        CourseError: there is none.
    """
    folder = path if path.is_dir() else path.parent
    files = sorted(path.rglob("*.json")) if path.is_dir() else [path]
    coco: dict[str, list] = {"images": [], "annotations": [], "categories": []}
    faults: list[Finding] = []
    labels: dict[str, int] = {}
    places: dict[str, str] = {}
    for number, file in enumerate(files, 1):
        who = str(file.relative_to(folder))
        try:
            content = read_json(file)
            if not isinstance(content, dict) or not isinstance(content.get("shapes"), list):
                raise CourseError("is no file of labelme: it has no shapes")
            image = _image(content, file, folder) | {"id": number}
        except CourseError as error:
            faults.append(Finding(f"file {who}", str(error).removeprefix(f"{file}: ")))
            continue
        coco["images"].append(image)
        for found in _objects(content["shapes"], image, who):
            if isinstance(found, Finding):
                faults.append(found)
                continue
            label = labels.setdefault(found.pop("label"), len(labels) + 1)
            places[f"annotation {len(coco['annotations']) + 1}"] = found.pop("place")
            facts = {"id": len(coco["annotations"]) + 1, "image_id": number, "category_id": label}
            coco["annotations"].append(facts | found)
    if not coco["images"] and not faults:
        raise CourseError(f"{path}: there are no .json files of labelme in it")
    coco["categories"] = [{"id": number, "name": label} for label, number in labels.items()]
    if any("visible_segmentation" in one for one in coco["annotations"]):
        for one in coco["annotations"]:
            one.setdefault("visible_segmentation", one["segmentation"])
    return coco, faults, [], places


def _image(content: dict, file: Path, folder: Path) -> dict:
    name = content.get("imagePath")
    if not isinstance(name, str) or not name:
        raise CourseError(f"its imagePath is {short(name)}")
    photo = file.parent / name.replace("\\", "/")
    image = {
        "file_name": Path(os.path.relpath(photo, folder)).as_posix(),
        "height": content.get("imageHeight"),
        "width": content.get("imageWidth"),
    }
    if not stated_size(image)[0]:
        try:
            with Image.open(photo) as opened:
                image["width"], image["height"] = opened.size
        except PHOTO_ERRORS as error:
            raise CourseError(f"imageHeight and imageWidth are missing, and so is the photo: {error}") from None
    return image


def _objects(shapes: list, image: dict, file: str) -> Iterator[dict | Finding]:
    """The objects of one photo, and a finding for each that is none."""
    size = (image["height"], image["width"])
    groups: dict[Any, list[tuple[str, str, Any]]] = {}
    broken: dict[Any, list[Finding]] = {}
    for position, shape in enumerate(shapes, 1):
        key: Any = position
        try:
            if not isinstance(shape, dict):
                raise CourseError(f"is {short(shape)}, not an object")
            label, part = _label(shape)
            if shape.get("group_id") is not None:
                key = (short(shape["group_id"]), label)
            elif part:
                raise CourseError(f"is marked {part} but has no group_id to find the rest of its object")
            groups.setdefault(key, []).append((part, label, outline(shape, size)))
        except CourseError as error:
            broken.setdefault(key, []).append(Finding(_place(position, file), str(error), photo=image["id"]))
    for key in dict.fromkeys([*groups, *broken]):
        if key in broken:  # an object of which a part is missing is not what was drawn
            yield from broken[key]
            continue
        try:
            yield _object(groups[key], size) | {"place": _place(key, file)}
        except CourseError as error:
            yield Finding(_place(key, file), str(error), photo=image["id"])


def _place(key: Any, file: str) -> str:
    """What messages call a shape by its position, or an object by its group id and label."""
    return f"shape {key} of {file}" if isinstance(key, int) else f"object {short(key)} of {file}"


def _object(group: list[tuple[str, str, Any]], size: tuple[int, int]) -> dict:
    marked = {part for part, _, _ in group}
    parts = {part: [drawn for p, _, drawn in group if p == part] for part in ("", "visible", "whole")}
    whole, visible = parts["whole"], parts["visible"]
    if "whole" in marked:
        visible = visible + parts[""]
    else:
        whole = parts[""]
    found = {"label": group[0][1], "segmentation": joined(whole or visible, size)}
    return found | ({"visible_segmentation": joined(visible, size)} if whole and visible else {})


def _label(shape: dict) -> tuple[str, str]:
    """The label of a shape without its ending, and whether it marks a "visible" or a "whole" outline, or "" neither."""
    label, flags = shape.get("label"), shape.get("flags")
    if not isinstance(label, str) or not label.strip():
        raise CourseError(f"its label is {short(label)}")
    label, part = label.strip(), ""
    if found := _PART.fullmatch(label):
        label, part = found["label"], found["part"].lower()
    for flag, value in flags.items() if isinstance(flags, dict) else ():
        if value is True and flag.lower() in (*VISIBLE, *WHOLE):
            part = flag.lower()
    return label, "visible" if part in VISIBLE else "whole" if part in WHOLE else ""


def outline(shape: dict, size: tuple[int, int]) -> Any:
    """A shape as a list of polygons or an RLE.

    Raises:
        CourseError: it has no area, or is broken.
    """
    kind = shape.get("shape_type") or "polygon"
    points = shape.get("points")
    if not isinstance(points, list):
        raise CourseError(f"its points are {short(points)}")
    points = [numbers(point, 2) for point in points]
    if kind == "mask":
        return _mask(shape.get("mask"), points, size)
    if kind == "circle" and len(points) == 2:
        (x, y), (x2, y2) = points
        radius = float(np.hypot(x2 - x, y2 - y))
        return ellipse(x, y, radius, radius)
    if kind == "rectangle" and len(points) == 2:
        return rectangle(*points[0], *points[1])
    if kind in ("polygon", "rectangle", "rotation", "oriented_rectangle"):
        return [[side for point in points for side in point]]
    raise CourseError(f"a {short(kind)} of {len(points)} points has no area")


def _mask(text: Any, points: list[list[float]], size: tuple[int, int]) -> dict:
    try:
        with Image.open(io.BytesIO(base64.b64decode(text, validate=True)), formats=("PNG",)) as picture:
            pixels = np.asarray(picture.convert("L")) > 0
    except (TypeError, ValueError, binascii.Error, *PHOTO_ERRORS):
        raise CourseError("its mask is no picture") from None
    if len(points) != 2:
        raise CourseError(f"a mask of {len(points)} points; two corners are needed")
    x, y = (round(side) for side in points[0])
    if x < 0 or y < 0 or y + pixels.shape[0] > size[0] or x + pixels.shape[1] > size[1]:
        raise CourseError("its mask reaches out of the picture")
    mask = np.zeros(size, np.uint8, order="F")
    mask[y : y + pixels.shape[0], x : x + pixels.shape[1]] = pixels
    rle = coco_mask.encode(mask)
    return {"size": list(size), "counts": rle["counts"].decode()}
