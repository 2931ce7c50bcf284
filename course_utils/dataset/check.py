"""Looking through a COCO file, amodal or plain, for everything that would spoil training or evaluation."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from course_utils.dataset.annotations import AnnotationFile
from course_utils.dataset.faults import (
    MAX_PIXELS,
    box_problem,
    file_name_problem,
    is_crowd,
    is_id,
    is_number,
    root_categories,
    short,
    shown,
)
from course_utils.dataset.findings import TOGETHER, Finding, counted
from course_utils.dataset.formats import recognise_path
from course_utils.dataset.importers.repair import Repair, clipping
from course_utils.dataset.photo import PHOTO_ERRORS, fits, mode_problem
from course_utils.dataset.photo_folder import PhotoFolder
from course_utils.dataset.shape import Shape, with_only_boxes
from course_utils.errors import CourseError

AREA_SHARE, BOX_SHARE, BOX_PIXELS = 0.1, 0.05, 2
"""How far a stated area or box may be from its outline: programs draw borders in different ways."""


@dataclass
class Report:
    """What a file holds and what is wrong with it.

    Attributes:
        path: of the file. images, annotations: how many. amodal: whether it knows whole outlines beside visible ones.
        findings: errors and advice, in the order in which they were found.
        offers: what `course data import --repair` would mend.
    """

    path: Path
    images: int = 0
    annotations: int = 0
    amodal: bool = False
    findings: list[Finding] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)

    def of(self, advice: bool) -> list[Finding]:
        """The errors, or the advice."""
        return [one for one in self.findings if one.advice == advice]


def annotation_files(path: Path) -> list[Path]:
    """The COCO files meant by a path: itself, or those in a folder or its `annotations`.

    Raises:
        CourseError: there are none; a folder of another format is named.
    """
    if not path.is_dir():
        return [path]
    folder = path / "annotations" if (path / "annotations").is_dir() else path
    files = sorted([*folder.glob("*.json"), *folder.glob("*.json.gz")])
    if (folder == path or not files) and (looks := recognise_path(path)[0]):
        raise CourseError(f"{path}: {looks.advice(path)}")
    if not files:
        raise CourseError(f"{folder}: no .json files here; name the annotation file itself")
    return files


def check_file(path: Path, photos: Path | None = None, beside_others: bool = False) -> Report:
    """Look through one file and its photos.

    Args:
        path: of the file. photos: their folder; by default `photo_folder.PhotoFolder` finds it.
        beside_others: it lies in a folder with others; to be of another format is no error then.
    """
    try:
        file = AnnotationFile(path, photos)
    except CourseError as error:
        what = str(error).removeprefix(f"{path}: ")
        return Report(path, findings=[Finding("", what, advice=beside_others and "looks like" in what)])
    findings = [*file.findings, *_doubles(file), *_categories(file)]
    missing: list[Finding] = []
    for image, shapes in file.shapes():
        if not file_name_problem(image) and (fault := _photo_problem(file.photos.find(image["file_name"]), image)):
            who = f"image {short(image['id'])}"
            where = file.photos.where(image["file_name"])
            finding = Finding(who, f"its photo '{shown(where)}' {fault}", photo=image["id"])
            (missing if fault == _MISSING else findings).append(finding)
        findings += (one for shape in shapes for one in _shape_findings(shape))
        findings += _same_objects(shapes)
    if len(missing) >= TOGETHER:
        what = f"{len(missing):,} of {len(file.images):,} photos were not found {file.photos.hint}"
        missing = [Finding("", what)]
    report = Report(path, len(file.images), len(file.annotations), file.amodal, findings + missing)
    if report.of(advice=False):
        repair = Repair(file.content, False, lambda names: PhotoFolder(path, names, photos))
        repair.run()
        report.offers = repair.lines() + clipping(report.findings)
    return report


def _doubles(file: AnnotationFile) -> Iterator[Finding]:
    for records, noun, key in ((file.images, "image", "file_name"), (file.categories, "category", "name")):
        seen: dict[str, tuple] = {}
        for record in records:
            text = record.get(key)
            if isinstance(text, str):
                # Photos may differ in case alone; classes that do were one to whoever wrote them.
                alike = unicodedata.normalize("NFC", text.strip()).casefold() if noun == "category" else text.strip()
                first, other = seen.setdefault(alike, (record.get("id"), text))
                if first != record.get("id"):
                    same = text.strip() == other.strip()
                    how = "is" if same else f"differs only in how it is written from {short(other)},"
                    what = f"its {key} {short(text)} {how} that of {noun} {short(first)}" + ", too" * same
                    yield Finding(f"{noun} {short(record.get('id'))}", what, advice=True)


def _categories(file: AnnotationFile) -> Iterator[Finding]:
    used = {one["category_id"] for one in file.annotations if is_id(one.get("category_id"))}
    idle = [one for one in file.categories if is_id(one.get("id")) and one["id"] not in used]
    for root in root_categories(file.categories, used):
        what = "is the root above the others and has no objects; course data import --repair takes it out"
        yield Finding(f"category {root['id']} ({short(root['name'])})", what, advice=True)
        idle.remove(root)
    if idle:
        names = ", ".join(short(one.get("name")).strip("'") for one in idle[:5]) + (" ..." if len(idle) > 5 else "")
        have = "has" if len(idle) == 1 else "have"
        yield Finding(
            "", f"{len(idle)} of {counted(len(file.categories), 'category')} {have} no objects: {names}", True
        )


def _shape_findings(shape: Shape) -> Iterator[Finding]:
    yield from with_only_boxes(shape)
    if not shape.usable:
        return
    who, whole = f"annotation {short(shape.annotation.get('id'))}", shape.whole
    area, box = shape.annotation.get("area"), shape.annotation.get("bbox")
    x, y, width, height = whole.box
    if not is_number(area) or area != area:
        yield Finding(who, f"its area is {short(area)}; it is taken from the outline", advice=True)
    elif abs(area - whole.area) > max(AREA_SHARE * whole.area, width + height):
        hint = _hole_hint(shape.annotation["segmentation"], area)
        yield Finding(who, f"its area is {short(area)}, that of its outline {whole.area}{hint}", advice=True)
    if box is None:
        yield Finding(who, "it has no bbox; it is taken from the outline", advice=True)
    elif not box_problem(box) and not _is_near(box, whole.box):
        corners = _is_near([box[0], box[1], box[2] - box[0], box[3] - box[1]], whole.box)
        hint = "; it holds corners x1, y1, x2, y2 in place of x, y, width, height" if corners else ""
        yield Finding(who, f"its bbox is {short(box)}, that of its outline {list(whole.box)}{hint}", advice=True)


def _is_near(box: list, other: tuple[int, int, int, int]) -> bool:
    """Whether two xywh boxes are those of one outline, the first perhaps beyond the border of its photo."""
    slack = BOX_PIXELS + BOX_SHARE * max(other[2:])
    corners = [(one[0], one[1], one[0] + one[2], one[1] + one[3]) for one in (box, other)]
    return all(abs(a - b) <= slack for a, b in zip(*corners, strict=True))


def _hole_hint(segmentation: object, area: float) -> str:
    """Words for outlines of several rings whose stated area leaves some of them out."""
    if not isinstance(segmentation, list) or len(segmentation) < 2:
        return ""
    sizes = [abs(_shoelace(ring)) for ring in segmentation]
    holes = 2 * max(sizes) - sum(sizes)
    return (
        "; a ring may be a hole, but COCO's polygons have none: it is filled"
        if abs(area - holes) <= 1 + 0.02 * area
        else ""
    )


def _shoelace(ring: list[float]) -> float:
    x, y = ring[0::2], ring[1::2]
    return sum(x[k - 1] * y[k] - x[k] * y[k - 1] for k in range(len(x))) / 2


def _same_objects(shapes: list[Shape]) -> Iterator[Finding]:
    first: dict[tuple, object] = {}
    for shape in shapes:
        if shape.usable and not is_crowd(shape.annotation):
            key = (short(shape.annotation.get("category_id")), shape.whole.counts, shape.seen.counts)
            other = first.setdefault(key, shape.annotation.get("id"))
            if other != shape.annotation.get("id"):
                what = f"is the same object as annotation {short(other)}"
                yield Finding(f"annotation {short(shape.annotation.get('id'))}", what, advice=True)


_MISSING = "is missing"


def _photo_problem(path: Path | None, image: dict) -> str:
    """What is wrong with a picture file, or nothing. Its header is believed before its pixels are unpacked."""
    if path is None:
        return _MISSING
    size = (image["height"], image["width"])
    try:
        with Image.open(path) as photo:
            width, height = photo.size
            stored, turned = fits(photo, size)
            if not (stored or turned):
                return f"is {height} high and {width} wide, the file says {size[0]} and {size[1]}"
            if height * width > MAX_PIXELS:
                return f"has {height} x {width} pixels, more than can be checked"
            # A JPEG can be looked through at an eighth of its size, in a fraction of the time.
            photo.draft(photo.mode, (max(1, width // 8), max(1, height // 8)))
            photo.load()
            if fault := mode_problem(photo):
                return fault
            if stored and turned:
                return "carries a turn in its EXIF data; save it without, the way up that its masks were drawn"
    except FileNotFoundError:
        return _MISSING
    except PHOTO_ERRORS as error:
        return f"cannot be read: {error}"
    return ""
