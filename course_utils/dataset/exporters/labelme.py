"""labelme's files, one for each photo, to be looked at and corrected by hand."""

import json
import os
from pathlib import Path

from course_utils.dataset.annotations import AnnotationFile
from course_utils.dataset.exporters.polygons import polygons_of
from course_utils.dataset.faults import is_crowd
from course_utils.dataset.shape import Shape
from course_utils.errors import CourseError
from course_utils.files import replacing


def write_labelme(file: AnnotationFile, truth: str, out: Path) -> list[str]:
    """Write a JSON file for each photo, its name that of the photo, into a folder; photos stay where they are.

    The parts of an object share a group id. Where a part of it is hidden, its whole outline is written, and its
    visible part beside, marked by a flag that `course data import` knows.

    Args:
        file: without errors. truth: "visible" leaves the whole outlines away. out: the folder.

    Returns:
        Notes on what labelme cannot hold.

    Raises:
        CourseError: two photos would have the same file.
    """
    names = {one["id"]: one["name"] for one in file.categories}
    written: set[Path] = set()
    crowds = 0
    for image, shapes in file.shapes():
        path = out.joinpath(*folders_of(image["file_name"])).with_suffix(".json")
        if path in written:
            raise CourseError(f"{file.path}: image {image['id']}: its file would be {path}, that of another photo")
        written.add(path)
        single = [shape for shape in shapes if not is_crowd(shape.annotation)]
        crowds += len(shapes) - len(single)
        drawn = [one for k, shape in enumerate(single, 1) for one in _shapes(shape, k, names, truth)]
        path.parent.mkdir(parents=True, exist_ok=True)
        photo = Path(os.path.relpath(file.photos.where(image["file_name"]).resolve(), path.parent.resolve()))
        content = {
            "version": "5.5.0",
            "flags": {},
            "shapes": drawn,
            "imagePath": photo.as_posix(),
            "imageData": None,
            "imageHeight": image["height"],
            "imageWidth": image["width"],
        }
        with replacing(path) as beside:
            beside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return [f"{crowds} crowds are not in it: labelme has none"] if crowds else []


def folders_of(file_name: str) -> list[str]:
    """The parts of a file name that can be written below another folder: nothing that leads out of it."""
    return [part for part in Path(file_name.replace("\\", "/")).parts if part != ".." and not Path(part).is_absolute()]


def _shapes(shape: Shape, group: int, names: dict[int, str], truth: str) -> list[dict]:
    label = names[shape.annotation["category_id"]]
    if truth == "visible":
        return [_polygon(label, group, ring, False) for ring in polygons_of(shape.seen.mask)] if shape.seen.area else []
    found = [_polygon(label, group, ring, False) for ring in polygons_of(shape.whole.mask)]
    if shape.seen.rle != shape.whole.rle and shape.seen.area:
        found += [_polygon(label, group, ring, True) for ring in polygons_of(shape.seen.mask)]
    return found


def _polygon(label: str, group: int, ring: list[float], visible: bool) -> dict:
    points = [list(point) for point in zip(ring[0::2], ring[1::2], strict=True)]
    flags = {"visible": True} if visible else {}
    facts = {"label": label, "points": points, "group_id": group, "description": ""}
    return facts | {"shape_type": "polygon", "flags": flags, "mask": None}
