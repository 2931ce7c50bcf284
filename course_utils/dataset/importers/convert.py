"""What all importers share: from objects as a foreign file names them to the course's own COCO."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import binary_dilation
from tqdm import tqdm

from course_utils import masks
from course_utils.dataset.faults import box_problem, collect, file_name_problem, is_id, read_mask, short, stated_size
from course_utils.dataset.importers.depth import front_to_back, who_hides_whom
from course_utils.dataset.importers.found import Found, Imported
from course_utils.dataset.safe_json import read_json
from course_utils.errors import CourseError

BORDER = 2
"""Pixels by which a visible mask may reach over the whole one: outlines drawn twice differ at their borders."""

_SIGNS = {
    "regions": "cocoa",
    "inmodal_seg": "kins-2019",
    "a_segm": "kins-2020",
    "visible_segmentation": "the course's own",
    "visible_mask": "COCOA-cls or D2SA, which cannot be read",
}


@dataclass
class Record:
    """A sound object: what was found of it, and its masks ``(H, W) bool``."""

    found: Found
    whole: np.ndarray
    visible: np.ndarray


def convert(
    path: Path, sign: str, find: Callable[[dict, list[dict]], tuple[list[dict], Iterator[Found]]], amodal: bool = True
) -> Imported:
    """Read a foreign file.

    Args:
        path: of it.
        sign: a key that annotations of this format have and those of others do not.
        find: from the file's content and its annotations to its categories and objects.
        amodal: whether it knows of hidden parts.

    Raises:
        CourseError: it cannot be read, or is of another format altogether.
    """
    content = read_json(path)
    if not isinstance(content, dict):
        raise CourseError(f"{path}: not a COCO file: a JSON object with images and annotations is needed")
    return _Conversion(path, content, amodal).run(sign, find)


class _Conversion:
    def __init__(self, path: Path, content: dict, amodal: bool):
        self.path, self.content, self.amodal = path, content, amodal
        info = {"description": f"imported from {path.name}", "amodal": amodal}
        self.result = Imported({"info": info, "licenses": content.get("licenses") or []})
        self.cut = self.rings = 0

    def fault(self, who: str, what: str) -> None:
        self.result.faults.append(f"{self.path}: {who}: {what}" if who else f"{self.path}: {what}")

    def records(self, kind: str) -> list[dict]:
        found: list[dict] = []
        for problem in collect(self.content, kind, found):
            self.fault("", problem)
        return found

    def run(self, sign: str, find: Callable) -> Imported:
        annotations = self.records("annotations")
        self.insist_on(sign, annotations)
        try:
            categories, objects = find(self.content, annotations)
        except CourseError as error:
            raise CourseError(f"{self.path}: {error}") from None
        known = {one["id"] for one in categories}
        images = {image["id"]: image for image in self.sound_images()}
        of_image: dict[int, list[Found]] = defaultdict(list)
        seen: set[int] = set()
        for found in objects:
            if fault := found.fault or _reference_problem(found, seen, images, known):
                self.fault(found.who, fault)
            else:
                of_image[found.image_id].append(found)
            if is_id(found.id):
                seen.add(found.id)
        written = []
        for number, image in tqdm(images.items(), desc=self.path.name, unit="image", disable=None):
            size = (image["height"], image["width"])
            written += self.annotations_of(number, [r for f in of_image[number] if (r := self.record(f, size))])
        self.result.coco |= {"categories": categories, "images": list(images.values()), "annotations": written}
        self.start_ids_at_one()
        self.say_what_was_changed()
        return self.result

    def insist_on(self, sign: str, annotations: list[dict]) -> None:
        """One line instead of one for each annotation when the whole file is of another format."""
        keys = set().union(*annotations)
        other = next((key for key in _SIGNS if key in keys and key != sign), "")
        if sign in keys and not (sign == "segmentation" and other):
            return
        reason = f"its annotations have {other}" if sign in keys else f"no annotation has {sign}"
        looks = f"; it looks like {_SIGNS[other]}" if other else ""
        raise CourseError(f"{self.path}: is not of this format: {reason}{looks}")

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
                self.fault(f"image {short(number)}", fault)
            else:
                seen.add(number)
                yield dict(image)

    def record(self, found: Found, size: tuple[int, int]) -> Record | None:
        """The object with its masks, or None after its fault was noted."""
        faults = [fault for box in found.boxes.values() if (fault := box_problem(box, None))]
        whole, fault = read_mask(found.whole, size)
        faults += [f"whole outline: {fault}"] if fault else []
        visible = whole
        if found.visible is not None:
            visible, fault = read_mask(found.visible, size)
            faults += [f"visible part: {fault}"] if fault else []
        elif found.invisible is not None:
            hidden, fault = read_mask(found.invisible, size)
            faults += [f"invisible part: {fault}"] if fault else []
            visible = None if whole is None or hidden is None else whole & ~hidden
        if not faults and (outside := np.count_nonzero(visible & ~whole)):
            if (visible & ~binary_dilation(whole, iterations=BORDER)).any() or not (visible & whole).any():
                faults = [f"{outside} visible pixels lie outside of the whole outline"]
            visible = visible & whole
            self.cut += not faults
        for fault in faults:
            self.fault(found.who, fault)
        return None if faults else Record(found, whole, visible)

    def annotations_of(self, image: int, records: list[Record]) -> list[dict]:
        if not records:
            return []
        whole, visible = (np.stack([getattr(r, key) for r in records]) for key in ("whole", "visible"))
        places = [r.found.place for r in records]
        hides = who_hides_whom(whole, visible, places)
        order, possible = front_to_back(hides, places)
        self.rings += not possible
        ids = [r.found.id for r in records]
        return [
            _annotation(record, image, order[k] if self.amodal else 0, [ids[i] for i in np.flatnonzero(hides[:, k])])
            | ({} if self.amodal else {"occlusion_rate": None})
            for k, record in enumerate(records)
        ]

    def start_ids_at_one(self) -> None:
        """Move ids up where a file counts from 0: pycocotools takes it for no match, networks for background."""
        coco = self.result.coco
        for kind, reference in (("images", "image_id"), ("categories", "category_id"), ("annotations", "")):
            if all(record["id"] != 0 for record in coco[kind]):
                continue
            lowest = min(record["id"] for record in coco[kind])
            up = 1 - lowest
            self.result.notes.append(f"ids of {kind} begin at {lowest} and were moved up by {up}")
            for record in coco[kind]:
                record["id"] += up
            for annotation in coco["annotations"]:
                if reference:
                    annotation[reference] += up
                else:
                    annotation["occluded_by"] = [number + up for number in annotation["occluded_by"]]

    def say_what_was_changed(self) -> None:
        notes = self.result.notes
        if not self.amodal:
            notes.append("amodal masks are missing: visible masks stand in for the whole outlines")
        if self.cut:
            notes.append(f"{self.cut} visible masks reached over their whole outline by up to {BORDER} pixels; cut off")
        if self.rings:
            notes.append(f"in {self.rings} images objects hide each other in a ring; their depth order is a guess")


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


def _annotation(record: Record, image: int, order: int, occluded_by: list[int]) -> dict:
    found, whole, visible = record.found, record.whole, record.visible
    x1, y1, x2, y2 = (int(side) for side in masks.to_box(whole))
    return {
        "id": found.id,
        "image_id": image,
        "category_id": found.category_id,
        "segmentation": masks.encode(whole),
        "bbox": [x1, y1, x2 - x1, y2 - y1],
        "area": int(whole.sum()),
        "iscrowd": found.crowd,
        "visible_segmentation": masks.encode(visible),
        "visible_area": int(visible.sum()),
        "occlusion_rate": round(1 - float(visible.sum() / whole.sum()), 4),
        "depth_order": order,
        "occluded_by": occluded_by,
    } | ({"source_id": found.source_id} if found.source_id else {})
