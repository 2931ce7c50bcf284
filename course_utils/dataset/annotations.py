"""The one reader of COCO files, plain or the course's own: `load`, the check, training and evaluation all use it."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tqdm import tqdm

from course_utils.dataset import faults
from course_utils.dataset.faults import is_id, short
from course_utils.dataset.findings import Finding, counted, grouped
from course_utils.dataset.formats import COURSE, recognise
from course_utils.dataset.outlines import read_outlines
from course_utils.dataset.photo_folder import PhotoFolder
from course_utils.dataset.safe_json import read_json
from course_utils.dataset.shape import Shape, take_boxes, with_only_boxes
from course_utils.errors import CourseError

NAMES = {"categories": "category", "images": "image", "annotations": "annotation"}


class AnnotationFile:
    """A COCO file that was read.

    Attributes:
        path: of it. content: all of it. images, annotations, categories: its records.
        amodal: whether it knows whole outlines beside visible ones. photos: where its photos are.
        findings: what is wrong or strange, outlines and photos not yet looked at.
    """

    def __init__(self, path: Path, images: Path | None = None, boxes_as_outlines: bool = False):
        """``images``: folder of the photos. ``boxes_as_outlines``: where an object has only a box, take that.

        Raises:
            CourseError: it cannot be read, or is of another format, which is named.
        """
        self.path = Path(path)
        self.content = read_json(self.path)
        insist_on_coco(self.content, self.path)
        self.findings: list[Finding] = []
        self.categories, self.images, self.annotations = (self._records(kind) for kind in NAMES)
        self.with_visible = any("visible_segmentation" in one for one in self.annotations)
        info = self.content.get("info")
        self.amodal = self.with_visible and not (isinstance(info, dict) and info.get("amodal") is False)
        if boxes_as_outlines:
            self.boxes_taken = take_boxes(self.annotations)
        self._owned: dict[int, list[dict]] = defaultdict(list)
        self._look_at_records()
        names = [image["file_name"] for image in self.images if not faults.file_name_problem(image)]
        self.photos = PhotoFolder(self.path, names, images)

    def errors(self) -> list[Finding]:
        """Those findings that make a record useless."""
        return [one for one in self.findings if not one.advice]

    def insist(self, ways: str = "") -> None:
        """Raise a CourseError of one line if there are errors; ``ways``: how else to go on with them."""
        if errors := self.errors():
            line = next(grouped(errors)).removesuffix("; --all lists them")
            lists = (
                f"course data check lists all {len(errors):,} errors" if len(errors) > 1 else "see course data check"
            )
            raise CourseError("; ".join([f"{self.path}: {line}", lists, *[ways] * bool(ways)]))

    def sized_images(self) -> Iterator[tuple[dict, tuple[int, int]]]:
        """The images whose records are sound, with height and width."""
        for image in self.images:
            size, _ = faults.stated_size(image)
            if size and is_id(image.get("id")):
                yield image, size

    def shapes(self, progress: bool = True) -> Iterator[tuple[dict, list[Shape]]]:
        """Photo by photo its record and its objects with their outlines; of those that name no photo there are none."""
        seen = set()
        bar = tqdm(
            self.sized_images(),
            self.path.name,
            len(self.images),
            unit="photo",
            delay=2,
            leave=False,
            disable=None if progress else True,
        )
        for image, size in bar:
            if image["id"] not in seen:
                seen.add(image["id"])
                yield image, self.shapes_of(image["id"], size)

    def shapes_of(self, image: int, size: tuple[int, int]) -> list[Shape]:
        """The objects of one photo, in the order of the file."""
        owned = self._owned[image]
        whole = read_outlines([one.get("segmentation") for one in owned], size)
        if not self.with_visible:
            return [Shape(one, outline, None) for one, outline in zip(owned, whole, strict=True)]
        visible = read_outlines([one.get("visible_segmentation") for one in owned], size)
        return [Shape(*three) for three in zip(owned, whole, visible, strict=True)]

    def annotations_of(self, image: int) -> list[dict]:
        """The annotations of one photo, in the order of the file."""
        return self._owned[image]

    def outlined(self) -> dict[str, Any]:
        """The content with each outline as run lengths, and with the areas and boxes that are missing; no errors left.

        What one evaluates against: plain numbers that any reader of COCO's files takes.
        """
        annotations = []
        for _, shapes in self.shapes():
            for shape in shapes:
                one, whole = shape.annotation, shape.whole
                area = one.get("area")
                annotations.append(
                    one
                    | {"segmentation": whole.record}
                    | {"iscrowd": int(faults.is_crowd(one))}
                    | {"area": area if faults.is_number(area) and area == area else whole.area}
                    | {"bbox": one.get("bbox") or list(whole.box)}
                )
        return {"images": self.images, "annotations": annotations, "categories": self.categories}

    def leave_out(self) -> list[str]:
        """Take out all that has errors, each object with its photo, so that none becomes background; say how many.

        Raises:
            CourseError: an error that leaving out cannot mend.
        """
        errors = self.errors()
        for one in errors:
            if one.who.partition(" ")[0] not in ("annotation", "image"):
                raise CourseError(f"{self.path}: {one}; this cannot be left out")
        gone = {one.photo for one in errors if is_id(one.photo)}
        images, annotations = len(self.images), len(self.annotations)
        self.images = [one for one in self.images if is_id(one.get("id")) and one["id"] not in gone]
        kept = {one["id"] for one in self.images}
        self.annotations = [one for one in self.annotations if is_id(one.get("image_id")) and one["image_id"] in kept]
        self.findings = [one for one in self.findings if one.advice]
        self._owned = defaultdict(list)
        for annotation in self.annotations:
            self._owned[annotation["image_id"]].append(annotation)
        out = counted(images - len(self.images), "photo"), counted(annotations - len(self.annotations), "object")
        return [f"left out: {out[0]} with {out[1]}, for {counted(len(errors), 'error')}"] if errors else []

    def _records(self, kind: str) -> list[dict]:
        found: list[dict] = []
        self.findings += [Finding("", problem) for problem in faults.collect(self.content, kind, found)]
        return found

    def _look_at_records(self) -> None:
        for kind, name in NAMES.items():
            records = getattr(self, kind)
            for record, fault in faults.ambiguous_ids(records):
                photo = {"images": record.get("id"), "annotations": record.get("image_id")}.get(kind)
                self._error(name, record, fault, photo)
            if any(is_id(record.get("id")) and record["id"] == 0 for record in records):
                what = "ids start at 1; pycocotools takes 0 for 'not matched'; course data import moves them"
                self.findings.append(Finding(f"{name} 0", what, advice=True))
        for category in self.categories:
            self._error("category", category, faults.category_problem(category))
        for image in self.images:
            fault = faults.stated_size(image)[1] or faults.file_name_problem(image)
            self._error("image", image, fault, image.get("id"))
        categories, images = (
            {one["id"] for one in records if is_id(one.get("id"))} for records in (self.categories, self.images)
        )
        for one in self.annotations:
            self._look_at_annotation(one, categories, images)

    def _look_at_annotation(self, one: dict, categories: set[int], images: set[int]) -> None:
        owner, category = one.get("image_id"), one.get("category_id")
        if is_id(owner) and owner in images:
            self._owned[owner].append(one)
        else:
            self._error("annotation", one, f"no image has the id {short(owner)} that it names")
        if not is_id(category) or category not in categories:
            self._error("annotation", one, f"unknown category {short(category)}", owner)
        for problem in (faults.crowd_problem, faults.fact_problem):
            self._error("annotation", one, problem(one), owner)
        self._error("annotation", one, faults.box_problem(one.get("bbox")), owner)
        if self.with_visible and "visible_segmentation" not in one:
            self._error("annotation", one, "has no visible_segmentation, others have", owner)

    def _error(self, name: str, record: dict, fault: str, photo: Any = None) -> None:
        if fault:
            self.findings.append(Finding(f"{name} {short(record.get('id'))}", fault, photo=photo))


def insist_on_coco(content: Any, path: Path) -> None:
    """Raise a CourseError that names the format of what is no COCO file, and how it becomes one."""
    looks = recognise(content)
    if looks and looks.name not in ("coco", COURSE):
        raise CourseError(f"{path}: {looks.advice(path)}")
    if not isinstance(content, dict):
        raise CourseError(f"{path}: not a COCO file: a JSON object with images, annotations and categories is needed")


def outline_findings(file: AnnotationFile) -> Iterator[Finding]:
    """What is wrong with the outlines of a file, the photos of which need not be there."""
    return (one for _, shapes in file.shapes() for shape in shapes for one in with_only_boxes(shape))
