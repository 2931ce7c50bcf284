"""What all importers share: from objects as a foreign file names them to the course's own COCO."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import binary_dilation
from tqdm import tqdm

from course_utils.collection import without_collection
from course_utils.dataset.faults import box_problem, collect, file_name_problem, is_id, short, stated_size
from course_utils.dataset.findings import counted
from course_utils.dataset.importers.depth import front_to_back, who_hides_whom
from course_utils.dataset.importers.found import Found, Imported
from course_utils.dataset.outlines import Outline, outline_of, overlap, read_outline, read_outlines
from course_utils.errors import CourseError

BORDER = 2
"""Pixels by which a visible mask may reach over the whole one: outlines drawn twice differ at their borders."""

FOREIGN = ("whole outline", "visible part")

Find = Callable[[dict, list[dict]], tuple[list[dict], Iterator[Found]]]
"""From a file's content and its annotations to its categories and objects."""


@dataclass
class Record:
    """A sound object: what was found of it, and its outlines."""

    found: Found
    whole: Outline
    visible: Outline


def convert(
    path: Path, content: dict[str, Any], find: Find, amodal: bool, keys: tuple[str, str] = FOREIGN, clip: bool = False
) -> Imported:
    """Read what a foreign file holds.

    Args:
        path: of it, for messages.
        content: its images, annotations and categories.
        find: of its format.
        amodal: whether it knows of hidden parts.
        keys: how the whole and the visible outline are called in messages.
        clip: whether outlines that reach far out of their photo are cut at its border; otherwise they are faulty.

    Raises:
        CourseError: its categories are broken.
    """
    with without_collection():
        return _Conversion(path, content, amodal, keys, clip).run(find)


class _Conversion:
    def __init__(self, path: Path, content: dict, amodal: bool, keys: tuple[str, str], clip: bool):
        self.path, self.content, self.amodal, self.keys, self.clip = path, content, amodal, keys, clip
        info = {"description": f"imported from {path.name}", "amodal": amodal}
        self.result = Imported({"info": info, "licenses": content.get("licenses") or []})
        self.cut = self.rings = 0
        self.done_to_outlines: dict[str, int] = defaultdict(int)

    def fault(self, who: str, what: str, photo: Any = None) -> None:
        self.result.add_fault(who, what, photo)

    def records(self, kind: str) -> list[dict]:
        found: list[dict] = []
        for problem in collect(self.content, kind, found):
            self.fault("", problem)
        return found

    def run(self, find: Find) -> Imported:
        try:
            categories, objects = find(self.content, self.records("annotations"))
        except CourseError as error:
            raise CourseError(f"{self.path}: {error}") from None
        known = {one["id"] for one in categories}
        images = {image["id"]: image for image in self.sound_images()}
        of_image: dict[int, list[Found]] = defaultdict(list)
        seen: set[int] = set()
        for found in objects:
            if fault := found.fault or _reference_problem(found, seen, images, known):
                self.fault(found.who, fault, found.image_id)
            else:
                of_image[found.image_id].append(found)
            if is_id(found.id):
                seen.add(found.id)
        written = []
        for number, image in tqdm(images.items(), self.path.name, unit="photo", delay=2, leave=False, disable=None):
            size = (image["height"], image["width"])
            written += self.annotations_of(number, self.sound_records(of_image.pop(number, []), size))
        self.result.coco |= {"categories": categories, "images": list(images.values()), "annotations": written}
        self.say_what_was_changed()
        return self.result

    def sound_images(self) -> Iterator[dict]:
        seen = set()
        for image in self.records("images"):
            number = image.get("id")
            fault = stated_size(image)[1] or file_name_problem(image)
            if not is_id(number):
                fault = "its id is no whole number"
            elif number in seen:
                fault = "this id occurs more than once"
            if fault:
                self.fault(f"image {short(number)}", fault, number)
            else:
                seen.add(number)
                yield dict(image)

    def sound_records(self, founds: list[Found], size: tuple[int, int]) -> Iterator[Record]:
        """The objects of one photo with their outlines; the faults of the others are noted."""
        wholes = read_outlines([found.whole for found in founds], size, self.clip)
        shown = read_outlines([found.visible for found in founds], size, self.clip) if self.amodal else wholes
        for found, whole, visible in zip(founds, wholes, shown, strict=True):
            faults = [fault for box in found.boxes.values() if (fault := box_problem(box))]
            faults += [f"{self.keys[0]}: {whole.fault}"] if whole.fault else []
            if found.visible is None and found.invisible is not None:
                visible, fault = self.seen_beside(found.invisible, whole, size)
                faults += [f"invisible part: {fault}"] if fault else []
            elif found.visible is None:
                visible = whole
            elif self.amodal and visible.rle is None:
                faults.append(f"{self.keys[1]}: {visible.fault}")
            if not faults and visible is not whole:
                visible, fault = self.within(visible, whole, size)
                faults += [fault] if fault else []
            for fault in faults:
                self.fault(found.who, fault, found.image_id)
            if not faults:
                self.done_to_outlines[whole.advice] += bool(whole.advice)
                yield Record(found, whole, visible)

    def seen_beside(self, invisible: Any, whole: Outline, size: tuple[int, int]) -> tuple[Outline, str]:
        """What is left of the whole without its invisible part; and the fault of that."""
        hidden = read_outline(invisible, size)
        if hidden.rle is None or whole.fault:
            return whole, hidden.fault if hidden.rle is None else ""
        return outline_of(whole.mask & ~hidden.mask), ""

    def within(self, visible: Outline, whole: Outline, size: tuple[int, int]) -> tuple[Outline, str]:
        """The visible part, cut off where it reaches a little over the whole; its fault where it reaches further."""
        inside = overlap(visible, whole) if visible.area else 0
        if inside == visible.area:
            return visible, ""
        part, mask = visible.mask, whole.mask
        if not inside or (part & ~binary_dilation(mask, iterations=BORDER)).any():
            return visible, f"{visible.area - inside} visible pixels lie outside of the whole outline"
        self.cut += 1
        return outline_of(part & mask), ""

    def annotations_of(self, image: int, records: Iterator[Record]) -> list[dict]:
        found = list(records)
        orders = [0] * len(found)
        hiders: list[list[int]] = [[]] * len(found)
        if self.amodal and found:
            orders, hiders = self.depths(found)
        return [
            _annotation(record, image, order, by, self.amodal)
            for record, order, by in zip(found, orders, hiders, strict=True)
        ]

    def depths(self, records: list[Record]) -> tuple[list[int], list[list[int]]]:
        """For each object its place from front to back, and the ids of those that hide it."""
        places, count = [r.found.place for r in records], len(records)
        hides = np.zeros((count, count), bool)
        if any(r.visible.area < r.whole.area for r in records):
            whole, visible = (np.stack([getattr(r, key).mask for r in records]) for key in ("whole", "visible"))
            hides = who_hides_whom(whole, visible, places)
        order, possible = front_to_back(hides, places)
        self.rings += not possible
        return order, [[records[i].found.id for i in np.flatnonzero(hides[:, k])] for k in range(count)]

    def say_what_was_changed(self) -> None:
        notes = self.result.notes
        if not self.amodal:
            notes.append("amodal masks are missing: visible masks stand in for the whole outlines")
        if self.cut:
            notes.append(f"{self.cut} visible masks reached over their whole outline by up to {BORDER} pixels; cut off")
        if self.rings:
            notes.append(f"in {self.rings} images objects hide each other in a ring; their depth order is a guess")
        notes += [f"{counted(number, 'outline')}: {what}" for what, number in self.done_to_outlines.items() if number]


def _reference_problem(found: Found, seen: set[int], images: dict, categories: set[int]) -> str:
    if not is_id(found.id):
        return "its id is no whole number"
    if found.id in seen:
        return "this id occurs more than once"
    if not is_id(found.image_id) or found.image_id not in images:
        return f"no sound image has the id {short(found.image_id)} that it names"
    if not is_id(found.category_id) or found.category_id not in categories:
        return f"unknown category {short(found.category_id)}"
    return ""


def _annotation(record: Record, image: int, order: int, occluded_by: list[int], amodal: bool) -> dict:
    found, whole, visible = record.found, record.whole, record.visible
    rle = whole.record
    seen = rle if visible is whole else visible.record
    return (
        found.extra
        | {
            "id": found.id,
            "image_id": image,
            "category_id": found.category_id,
            "segmentation": rle,
            "bbox": list(whole.box),
            "area": whole.area,
            "iscrowd": found.crowd,
            "visible_segmentation": seen,
            "visible_area": visible.area,
            "occlusion_rate": round(1 - visible.area / whole.area, 4) if amodal else None,
            "depth_order": order,
            "occluded_by": occluded_by,
        }
        | ({"source_id": found.source_id} if found.source_id else {})
    )
