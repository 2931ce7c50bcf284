"""YOLO's layout for segmentation: data.yaml, images/SPLIT, labels/SPLIT."""

import shutil
from pathlib import Path

import yaml

from course_utils.dataset.annotations import AnnotationFile
from course_utils.dataset.exporters.labelme import folders_of
from course_utils.dataset.exporters.polygons import one_polygon
from course_utils.dataset.faults import is_crowd
from course_utils.errors import CourseError


def write_yolo(file: AnnotationFile, truth: str, out: Path) -> list[str]:
    """Write a split, called as the file is, into a folder that may hold others; photos are copied into it.

    An object of several parts, or with holes, is one polygon with bridges of no width.

    Args:
        file: without errors. truth: "amodal" or "visible", which outlines to write. out: the folder.

    Returns:
        Notes on what YOLO's layout cannot hold.

    Raises:
        CourseError: the folder has a data.yaml of other classes, or a photo is missing.
    """
    split = file.path.name.split(".")[0]
    categories = sorted(file.categories, key=lambda category: category["id"])
    _add_split(out / "data.yaml", split, [one["name"] for one in categories])
    index = {one["id"]: k for k, one in enumerate(categories)}
    crowds = hidden = 0
    for image, shapes in file.shapes():
        photo = file.photos.find(image["file_name"])
        if photo is None:
            raise CourseError(
                f"{file.path}: image {image['id']}: {image['file_name']} was not found {file.photos.hint}"
            )
        # Two folders may hold photos of one name.
        name = "_".join(folders_of(image["file_name"]))
        copy = out / "images" / split / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(photo, copy)
        lines = []
        for shape in shapes:
            outline = shape.whole if truth == "amodal" else shape.seen
            crowd = is_crowd(shape.annotation)
            crowds, hidden = crowds + crowd, hidden + (not outline.area)
            if outline.area and not crowd:
                sides = _share_of(one_polygon(outline.mask), image["width"], image["height"])
                lines.append(f"{index[shape.annotation['category_id']]} {sides}\n")
        labels = out / "labels" / split / Path(name).with_suffix(".txt")
        labels.parent.mkdir(parents=True, exist_ok=True)
        labels.write_text("".join(lines), encoding="utf-8")
    notes = [f"{crowds} crowds are not in it: YOLO has none"] if crowds else []
    return notes + ([f"{hidden} objects of which nothing can be seen are not in it"] if hidden else [])


def _share_of(ring: list[float], width: int, height: int) -> str:
    return " ".join(f"{side / (height if k % 2 else width):.7f}" for k, side in enumerate(ring))


def _add_split(path: Path, split: str, names: list[str]) -> None:
    settings = {}
    if path.exists():
        try:
            settings = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise CourseError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
        if not isinstance(settings, dict) or settings.get("names") != dict(enumerate(names)):
            raise CourseError(f"{path}: has other classes than {', '.join(names)}; export into another folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    settings |= {split: f"images/{split}", "names": dict(enumerate(names))}
    path.write_text(yaml.safe_dump(settings, sort_keys=False, allow_unicode=True), encoding="utf-8")
