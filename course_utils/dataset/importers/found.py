"""What passes between the readers of foreign formats and the conversion."""

from dataclasses import dataclass, field
from typing import Any

from course_utils.dataset.faults import category_problem, collect, is_id
from course_utils.dataset.findings import Finding, counted
from course_utils.dataset.importers.depth import Place
from course_utils.errors import CourseError


@dataclass
class Imported:
    """A foreign file in the course's own COCO.

    Attributes:
        coco: what `course_utils.dataset.load`, `course data check` and `course train --data` read once it is a JSON
            file. What is faulty is not in it; the photos of faulty objects are, until `leave_out_photos`.
        faults: what could not be taken over.
        notes: what was changed or is missing in the whole file, each said once.
        offers: what would be mended if one asked for it.
    """

    coco: dict[str, Any]
    faults: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)

    def add_fault(self, who: str, what: str, photo: Any = None) -> None:
        """Note what is wrong with one record, and the id of the photo it belongs to."""
        self.faults.append(Finding(who, what, photo=photo))

    def leave_out_photos(self) -> None:
        """Take out the photos of faulty objects: a model would learn these as background."""
        gone = {one.photo for one in self.faults if is_id(one.photo)}
        before = {kind: len(self.coco[kind]) for kind in ("images", "annotations")}
        self.coco["images"] = [one for one in self.coco["images"] if one["id"] not in gone]
        self.coco["annotations"] = [one for one in self.coco["annotations"] if one["image_id"] not in gone]
        photos, sound = (before[kind] - len(self.coco[kind]) for kind in ("images", "annotations"))
        if photos:
            lost = f"{counted(photos, 'photo')} with faulty objects left out"
            self.notes.append(f"{lost}, and with them {counted(sound, 'sound object')}")

    def start_ids_at_one(self) -> None:
        """Move ids up where a file counts from 0: pycocotools takes it for no match, networks for background."""
        for kind, reference in (("images", "image_id"), ("categories", "category_id"), ("annotations", "")):
            if all(record["id"] != 0 for record in self.coco[kind]):
                continue
            lowest = min(record["id"] for record in self.coco[kind])
            up = 1 - lowest
            self.notes.append(f"ids of {kind} begin at {lowest} and were moved up by {up}")
            for record in self.coco[kind]:
                record["id"] += up
            for annotation in self.coco["annotations"]:
                if reference:
                    annotation[reference] += up
                else:
                    annotation["occluded_by"] = [number + up for number in annotation["occluded_by"]]


@dataclass
class Found:
    """One object as a foreign file describes it, nothing of it checked.

    Attributes:
        who: names it in messages. id, image_id, category_id: the file's own.
        whole, visible, invisible: segmentations; the last two are None where the file says that nothing is hidden.
        boxes: those that the file gives, by their keys. place: see `depth.Place`. crowd: COCO's `iscrowd`.
        source_id: an id to keep as text where `id` is not the file's own.
        fault: why it cannot be used, if that is known already. extra: fields to keep as they are.
    """

    who: str
    id: Any
    image_id: Any
    category_id: Any
    whole: Any
    visible: Any = None
    invisible: Any = None
    boxes: dict[str, Any] = field(default_factory=dict)
    place: Place = None
    crowd: int = 0
    source_id: str = ""
    fault: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


def sound_categories(content: dict) -> list[dict]:
    """The categories of a file that lists them.

    Raises:
        CourseError: they are no list of ids, each once, with names.
    """
    categories: list[dict] = []
    problems = list(collect(content, "categories", categories))
    ids = [one.get("id") for one in categories]
    sound = all(is_id(number) for number in ids) and not any(map(category_problem, categories))
    if problems or not sound or len(set(ids)) < len(ids):
        raise CourseError(
            problems[0] if problems else "categories: each needs a whole number as id, its own, and a name"
        )
    return categories
