"""Looking through a COCO file, amodal or plain, for everything that would spoil training: one line a problem."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from course_utils.dataset.faults import (
    MAX_PIXELS,
    box_problem,
    collect,
    file_name_problem,
    id_problems,
    is_id,
    read_mask,
    short,
    stated_size,
)
from course_utils.dataset.photo import PHOTO_ERRORS, fits, mode_problem
from course_utils.dataset.safe_json import read_json
from course_utils.errors import CourseError


def annotation_files(path: Path) -> list[Path]:
    """The COCO files meant by a path: itself, or those in a folder or its `annotations`.

    Raises:
        CourseError: there are none.
    """
    if not path.is_dir():
        return [path]
    folder = path / "annotations" if (path / "annotations").is_dir() else path
    files = sorted(folder.glob("*.json"))
    if not files:
        raise CourseError(f"{folder}: no .json files here; name the annotation file itself")
    return files


def photos_folder(path: Path) -> Path:
    """Where the photos of a COCO file lie: `images` beside its folder `annotations`, else its own folder."""
    beside = path.parent.parent / "images"
    return beside if path.parent.name == "annotations" and beside.is_dir() else path.parent


class Checker:
    """One COCO file under the lens. `problems` yields a line for each fault; then the counts and `amodal` are known."""

    def __init__(self, path: Path, photos: Path | None = None):
        """`photos`: folder that file names are relative to, by default `photos_folder`."""
        self.path, self.photos = path, photos or photos_folder(path)
        self.images = self.annotations = self.with_visible = 0
        self.amodal = False

    def problems(self) -> Iterator[str]:
        """One line for each problem, with the file and the id of the image or annotation."""
        for problem in self._problems():
            yield problem if problem.startswith(str(self.path)) else f"{self.path}: {problem}"

    def _problems(self) -> Iterator[str]:
        try:
            content = read_json(self.path)
        except CourseError as error:
            yield str(error)
            return
        if not isinstance(content, dict):
            yield "not a COCO file: a JSON object with images, annotations and categories is needed"
            return
        records: dict[str, list[dict]] = {}
        for kind in ("images", "annotations", "categories"):
            records[kind] = []
            yield from collect(content, kind, records[kind])
        self.images, self.annotations = len(records["images"]), len(records["annotations"])
        self.with_visible = sum("visible_segmentation" in one for one in records["annotations"])
        info = content.get("info")
        self.amodal = self.with_visible > 0 and not (isinstance(info, dict) and info.get("amodal") is False)
        for kind, name in (("categories", "category"), ("images", "image"), ("annotations", "annotation")):
            yield from id_problems(records[kind], name)

        categories = {one["id"] for one in records["categories"] if is_id(one.get("id"))}
        known = {one["id"] for one in records["images"] if is_id(one.get("id"))}
        of_image = defaultdict(list)
        for annotation in records["annotations"]:
            owner = annotation.get("image_id")
            if is_id(owner) and owner in known:
                of_image[owner].append(annotation)
            else:
                yield f"{_name(annotation)}: no image has the id {short(owner)} that it names"
                yield from self._annotation_problems(annotation, None, categories)
        for image in records["images"]:
            size, faults = self._image_problems(image)
            yield from faults
            for annotation in of_image.pop(image["id"], []) if is_id(image.get("id")) else []:
                yield from self._annotation_problems(annotation, size, categories)

    def _image_problems(self, image: dict) -> tuple[tuple[int, int] | None, list[str]]:
        """Stated (height, width) of a picture, None if they cannot be used, and what is wrong with it."""
        who = f"image {short(image.get('id'))}"
        size, fault = stated_size(image)
        faults = [fault] if fault else []
        if fault := file_name_problem(image) or _photo_problem(self.photos / image["file_name"], size):
            faults.append(fault)
        return size, [f"{who}: {fault}" for fault in faults]

    def _annotation_problems(
        self, annotation: dict, size: tuple[int, int] | None, categories: set[int]
    ) -> Iterator[str]:
        who = _name(annotation)
        category = annotation.get("category_id")
        if not is_id(category) or category not in categories:
            yield f"{who}: unknown category {short(category)}"
        if fault := box_problem(annotation.get("bbox"), size):
            yield f"{who}: {fault}"
        if size is None:
            return  # without the size of its picture a mask has no meaning, and the picture's fault is said already
        whole, fault = read_mask(annotation.get("segmentation"), size)
        if fault:
            yield f"{who}: segmentation: {fault}"
        if "visible_segmentation" not in annotation:
            if self.with_visible:
                yield f"{who}: has no visible_segmentation, others have"
            return
        visible, fault = read_mask(annotation["visible_segmentation"], size)
        if fault:
            yield f"{who}: visible_segmentation: {fault}"
        if whole is not None and visible is not None and (outside := np.count_nonzero(visible & ~whole)):
            yield f"{who}: {outside} visible pixels lie outside of the amodal mask"


def _photo_problem(path: Path, size: tuple[int, int] | None) -> str:
    """What is wrong with a picture file, or nothing. Its header is believed before its pixels are unpacked."""
    try:
        with Image.open(path) as photo:
            width, height = photo.size
            stored, turned = fits(photo, size) if size else (True, False)
            if not (stored or turned):
                return f"{path} is {height} high and {width} wide, the file says {size[0]} and {size[1]}"
            if height * width > MAX_PIXELS:
                return f"{path}: {height} x {width} pixels are more than can be checked"
            photo.load()
            if fault := mode_problem(photo):
                return f"{path} {fault}"
            if stored and turned:
                return f"{path} carries a turn in its EXIF data; save it without, the way up that its masks were drawn"
    except FileNotFoundError:
        return f"{path} is missing"
    except PHOTO_ERRORS as error:
        return f"{path} cannot be read: {error}"
    return ""


def _name(annotation: dict) -> str:
    return f"annotation {short(annotation.get('id'))}"
