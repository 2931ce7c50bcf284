"""What passes between the readers of foreign formats and the conversion."""

from dataclasses import dataclass, field
from typing import Any

from course_utils.dataset.faults import collect, is_id
from course_utils.dataset.importers.depth import Place
from course_utils.errors import CourseError


@dataclass
class Imported:
    """A foreign file in the course's own COCO.

    Attributes:
        coco: what `course_utils.dataset.load`, `course data check` and `course train --data` read once it is a JSON
            file. What is faulty is not in it.
        faults: one line for each thing that could not be taken over, with the file and the id.
        notes: what was changed or is missing in the whole file, each said once.
    """

    coco: dict[str, Any]
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class Found:
    """One object as a foreign file describes it, nothing of it checked.

    Attributes:
        who: names it in messages. id, image_id, category_id: the file's own.
        whole, visible, invisible: segmentations; the last two are None where the file says that nothing is hidden.
        boxes: those that the file gives, by their keys. place: see `depth.Place`. crowd: COCO's `iscrowd`.
        source_id: an id to keep as text where `id` is not the file's own.
        fault: why it cannot be used, if that is known already.
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


def sound_categories(content: dict) -> list[dict]:
    """The categories of a file that lists them.

    Raises:
        CourseError: they are no list of ids, each once, with names.
    """
    categories: list[dict] = []
    problems = list(collect(content, "categories", categories))
    ids = [one.get("id") for one in categories]
    sound = all(is_id(number) for number in ids) and all(isinstance(one.get("name"), str) for one in categories)
    if problems or not sound or len(set(ids)) < len(ids):
        raise CourseError(
            problems[0] if problems else "categories: each needs a whole number as id, its own, and a name"
        )
    return categories
