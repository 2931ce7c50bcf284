"""Which format is this? Annotation files and folders, recognised by their keys."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_utils.dataset.safe_json import read_json
from course_utils.errors import CourseError

_DATUMARO = "pip install datumaro; datum convert -if {} -i THEIR_FOLDER -f coco_instances -o OUT"


@dataclass(frozen=True)
class Looks:
    """What a file or folder looks like.

    Attributes:
        name: of the format; what `course data import --format` takes, if it is one of those.
        sign: by what it was recognised. convert: how it becomes COCO when `course data import` does not read it.
    """

    name: str
    sign: str
    convert: str = ""

    def advice(self, path: Path) -> str:
        """What it is, and what to do with it."""
        do = self.convert or f"course data import {path} --out annotations/train.json"
        return f"looks like {self.name} ({self.sign}); convert it: {do}"


_LOOKED_AT, _ONE_PHOTO = 3, 2**25
"""So many files of a folder are opened to recognise it, none with more bytes than those of one photo have."""

COURSE = "the course's own"

ANNOTATION_KEYS = {
    "regions": "cocoa",
    "inmodal_seg": "kins-2019",
    "a_segm": "kins-2020",
    "visible_segmentation": COURSE,
    "occl_depth": "d2sa",
    "visible_mask": "cocoa-cls",
    "invisible_mask": "cocoa-cls",
}
"""Keys of annotations that no other format has; the first that is found decides."""

_OTHER_ANNOTATIONS = {
    "segments_info": (
        "COCO panoptic",
        "pip install panopticapi; python -m panopticapi.converters.panoptic2detection_coco_format",
    ),
    "caption": ("COCO captions", "take the instances file of the same photos; captions have no outlines"),
    "predicted_iou": ("SA-1B", _DATUMARO.format("segment_anything")),
}

_WHOLE_FILES = (
    (("shapes", "imagePath"), "labelme", ""),
    (("_via_img_metadata",), "via", ""),
    (
        ("metadata", "instances"),
        "SuperAnnotate",
        "its SDK: superannotate export --format COCO, or sa.export_annotation",
    ),
)


def recognise(content: Any) -> Looks | None:
    """What the content of a JSON file looks like; None if like nothing that is known, "coco" for plain COCO."""
    if not isinstance(content, dict):
        return None
    for keys, name, convert in _WHOLE_FILES:
        if all(key in content for key in keys):
            return Looks(name, f"it has {keys[0]}", convert)
    if _is_via_metadata(content):
        return Looks("via", "its entries have filename and regions")
    annotations = content.get("annotations")
    if not isinstance(annotations, list):
        return None
    present = set().union(*(one for one in annotations if isinstance(one, dict)))
    for key, name in ANNOTATION_KEYS.items():
        if key in present:
            return Looks(name, f"its annotations have {key}")
    for key, (name, convert) in _OTHER_ANNOTATIONS.items():
        if key in present:
            return Looks(name, f"its annotations have {key}", convert)
    return Looks("coco", "it has images, annotations and categories") if "images" in content else None


def _is_via_metadata(content: dict) -> bool:
    entries = list(content.values())
    return bool(entries) and all(isinstance(one, dict) and {"filename", "regions"} <= one.keys() for one in entries)


def recognise_path(path: Path) -> tuple[Looks | None, Any]:
    """What a file or folder looks like, see `recognise`; and the content, if it is a JSON file.

    Raises:
        CourseError: it is a JSON file that cannot be read.
    """
    if path.is_dir():
        return _recognise_folder(path), None
    if path.suffix in (".yaml", ".yml"):
        return Looks("yolo", "it is the data.yaml of YOLO"), None
    if path.suffix == ".xml":
        return _recognise_xml(path), None
    try:
        content = read_json(path)
    except CourseError:
        if lines := _json_lines(path):
            return lines, None
        raise
    return recognise(content), content


def _recognise_folder(folder: Path) -> Looks | None:
    if (folder / "data.yaml").is_file():
        return Looks("yolo", "it has a data.yaml")
    for path in sorted(folder.rglob("*.json"))[:_LOOKED_AT]:
        if path.stat().st_size > _ONE_PHOTO:
            continue
        try:
            looks = recognise(read_json(path))
        except CourseError:
            continue
        if looks and (looks.name == "labelme" or looks.convert):
            return Looks(looks.name, f"so does {path.relative_to(folder)}: {looks.sign}", looks.convert)
    files = sorted(folder.rglob("*.xml"))
    return _recognise_xml(files[0]) if files else None


def _recognise_xml(path: Path) -> Looks | None:
    try:
        with path.open("rb") as file:
            start = file.read(4096).decode("utf-8", errors="replace")
    except OSError as error:
        raise CourseError(f"{path}: cannot be read: {error.strerror}") from None
    if re.search(r"<annotations\b", start):
        return Looks("CVAT XML", "it begins with <annotations>", _DATUMARO.format("cvat"))
    if re.search(r"<annotation\b", start):
        return Looks("Pascal VOC", "it begins with <annotation>", _DATUMARO.format("voc"))
    return None


def _json_lines(path: Path) -> Looks | None:
    """JSON Lines: several objects, each on a line of its own."""
    try:
        with path.open("rb") as file:
            lines = [file.readline(2**20) for _ in range(2)]
        if all(isinstance(json.loads(line), dict) for line in lines):
            return Looks(
                "JSON Lines", "each line is an object", "make one object of images, annotations and categories"
            )
    except (OSError, ValueError, RecursionError):
        pass
    return None
