"""Reading a data set of any format that is known here."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from course_utils.dataset.findings import Finding
from course_utils.dataset.formats import COURSE, Looks, recognise_path
from course_utils.dataset.importers.amodal import find_d2sa, find_kins_2019, find_kins_2020
from course_utils.dataset.importers.coco import find_coco
from course_utils.dataset.importers.cocoa import find_cocoa
from course_utils.dataset.importers.convert import FOREIGN, Find, convert
from course_utils.dataset.importers.found import Imported
from course_utils.dataset.importers.labelme import read_labelme
from course_utils.dataset.importers.repair import Repair, clipping
from course_utils.dataset.importers.via import read_via
from course_utils.dataset.importers.yolo import read_yolo
from course_utils.dataset.photo_folder import PhotoFolder
from course_utils.dataset.shape import take_boxes
from course_utils.errors import CourseError


@dataclass
class Source:
    """What to read, and how.

    Attributes:
        path: a file or a folder. images: the folder of the photos, None where it finds itself.
        split: which part of a YOLO set. repair: mend what can be mended. boxes: take a box where there is no outline.
        leave_out: take the photos of faulty objects out, so that no model learns these as background.
        content: what the file holds, once it is read.
    """

    path: Path
    images: Path | None = None
    split: str = "train"
    repair: bool = False
    boxes: bool = False
    leave_out: bool = False
    content: Any = None


@dataclass
class Content:
    """A data set in COCO's layout.

    Attributes:
        coco: images, annotations and categories. faults: what could not be brought into that layout.
        notes: what was decided for the whole of it.
        places: what to call "annotation 7" where the source knows no such id.
    """

    coco: dict[str, Any]
    faults: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)


def _read_coco(source: Source) -> Content:
    if not isinstance(source.content, dict):
        raise CourseError(f"{source.path}: not a COCO file: a JSON object with images and annotations is needed")
    return Content(source.content)


Read = Callable[[Source], Content]

FORMATS: dict[str, tuple[Read, Find]] = {
    "coco": (_read_coco, find_coco),
    "course": (_read_coco, find_coco),
    "cocoa": (_read_coco, find_cocoa),
    "kins-2019": (_read_coco, find_kins_2019),
    "kins-2020": (_read_coco, find_kins_2020),
    "d2sa": (_read_coco, find_d2sa),
    "cocoa-cls": (_read_coco, find_d2sa),
    "labelme": (lambda source: Content(*read_labelme(source.path)), find_coco),
    "yolo": (lambda source: Content(*read_yolo(source.path, source.split)), find_coco),
    "via": (lambda source: Content(*read_via(source.path, source.content, source.images)), find_coco),
}
"""For each name of a format what brings it into COCO's layout, and what finds the objects there."""

_ALIKE = {"d2sa": "cocoa-cls", "cocoa-cls": "d2sa"}


def import_data(source: Source, name: str = "") -> Imported:
    """Read a data set of another format into the course's own COCO.

    Args:
        source: what to read.
        name: of its format, a key of `FORMATS`; recognised by its keys where it is "".

    Raises:
        CourseError: it cannot be read, or is of another format, which is named.
    """
    looks, source.content = recognise_path(source.path) if name in ("", *FORMATS) else (None, None)
    read, find = FORMATS[choose(source, looks, name)]
    content = read(source)
    annotations = content.coco.get("annotations")
    records = [one for one in annotations if isinstance(one, dict)] if isinstance(annotations, list) else []
    if source.boxes and (taken := take_boxes(records)):
        content.notes.append(f"{taken} objects had only a box; it stands in for their outlines")
    repair = Repair(content.coco, source.repair, lambda names: PhotoFolder(source.path, names, source.images))
    repair.run()
    info = content.coco.get("info")
    amodal = find is not find_coco or any("visible_segmentation" in one for one in records)
    amodal &= not (isinstance(info, dict) and info.get("amodal") is False)
    keys = ("segmentation", "visible_segmentation") if find is find_coco else FOREIGN
    result = convert(source.path, content.coco, find, amodal, keys, clip=source.repair)
    named = [replace(one, who=content.places.get(one.who, one.who)) for one in result.faults]
    result.faults = content.faults + named
    result.notes[:0] = content.notes + (repair.lines() if source.repair else [])
    result.offers = [] if source.repair else repair.lines() + clipping(result.faults)
    if source.leave_out:
        result.leave_out_photos()
    result.start_ids_at_one()
    return result


def choose(source: Source, looks: Looks | None, name: str) -> str:
    """The name of a file's format, as it was given or as its keys say.

    Raises:
        CourseError: there is no such format, the keys say otherwise, or say nothing.
    """
    path, found = source.path, _name(looks)
    if name and name not in FORMATS:
        raise CourseError(f"there is no format {name!r}; there are: {', '.join(FORMATS)}")
    if not name and found not in FORMATS:
        what = looks.advice(path) if looks else f"looks like none of {', '.join(FORMATS)}; name it with --format"
        raise CourseError(f"{path}: {what}")
    empty = found == "coco" and not source.content.get("annotations")
    if not name or looks is None or found == name or _ALIKE.get(found) == name or empty:
        return name or found
    if found == "coco":
        raise CourseError(f"{path}: is not of this format: no annotation has the keys of {name}; it looks like coco")
    raise CourseError(f"{path}: is not of this format: {looks.sign}; it looks like {looks.name}")


def _name(looks: Looks | None) -> str:
    return ("course" if looks.name == COURSE else looks.name) if looks else ""
