"""Putting a split on disk, picture by picture, so that an interrupted render goes on where it stopped."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from course_utils.dataset.classes import CLASSES
from course_utils.dataset.foods import load_foods
from course_utils.dataset.safe_json import read_json
from course_utils.errors import CourseError
from course_utils.files import replacing

JPEG_QUALITY = 85
_LICENCE = {"id": 1, "name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"}


class SplitWriter:
    """One split under a folder: `images/<split>/00001.jpg` ... and `annotations/<split>.json`.

    Each finished picture leaves a part file with its annotations; `finish` puts all parts into the one COCO file.
    Pictures that a COCO file already describes count as finished; where that is compressed, it stays so.

    Args:
        folder: of the data set. split: its name.

    Raises:
        CourseError: the folder cannot be written to.
    """

    def __init__(self, folder: Path, split: str):
        self.split = split
        self._images = folder / "images" / split
        self._parts = folder / ".parts" / split
        plain = folder / "annotations" / f"{split}.json"
        compressed = plain.with_suffix(".json.gz")
        self._file = compressed if compressed.exists() and not plain.exists() else plain
        try:
            for path in (self._images, self._parts, self._file.parent):
                path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CourseError(f"{error.filename}: cannot be written: {error.strerror}") from None

    def is_done(self, index: int) -> bool:
        """Whether the picture of that number (from 1) is on disk with its annotations."""
        return self._part(index).exists() and self._image(index).exists()

    def recover(self) -> None:
        """Take an earlier COCO file apart again, so that more pictures can join it."""
        if not self._file.exists():
            return
        stored = read_json(self._file)
        pieces: dict[int, list[dict]] = {image["id"]: [] for image in stored["images"]}
        for annotation in stored["annotations"]:
            pieces[annotation["image_id"]].append(annotation)
        for image in stored["images"]:
            own = pieces[image["id"]]
            first = own[0]["id"] - 1 if own else 0
            facts = {key: value for key, value in image.items() if key not in ("id", "file_name")}
            local = [_shift(annotation, -first) for annotation in own]
            for annotation in local:
                del annotation["image_id"]
            if not self._part(image["id"]).exists():
                _replace(self._part(image["id"]), json.dumps({"image": facts, "annotations": local}).encode())

    def add(self, index: int, photo: np.ndarray, image: dict, annotations: list[dict]) -> None:
        """Store one picture, ``(H, W, 3) uint8``, and then its part."""
        with replacing(self._image(index)) as beside:
            Image.fromarray(photo).save(beside, "JPEG", quality=JPEG_QUALITY, subsampling="4:2:0", optimize=True)
        _replace(self._part(index), json.dumps({"image": image, "annotations": annotations}).encode())

    def finish(self, seed: int, command: str) -> Path:
        """Write the COCO file of all pictures that are done, and remove the parts."""
        images: list[dict[str, Any]] = []
        annotations: list[dict[str, Any]] = []
        parts = sorted(self._parts.glob("*.json"))
        for path in parts:
            part, number = json.loads(path.read_text(encoding="utf-8")), int(path.stem)
            name = f"{self.split}/{self._image(number).name}"
            images.append({"id": number, "file_name": name} | part["image"])
            shift = len(annotations)
            annotations += [_shift(a, shift) | {"image_id": number} for a in part["annotations"]]
        content = {"info": _info(seed, command), "licenses": [_LICENCE], "categories": _categories()}
        content |= {"images": images, "annotations": annotations}
        text = (json.dumps(content, separators=(",", ":")) + "\n").encode()
        _replace(self._file, gzip.compress(text, mtime=0) if self._file.suffix == ".gz" else text)
        for path in parts:
            path.unlink()
        return self._file

    def _image(self, index: int) -> Path:
        return self._images / f"{index:05d}.jpg"

    def _part(self, index: int) -> Path:
        return self._parts / f"{index:05d}.json"


def _shift(annotation: dict, by: int) -> dict:
    """The annotation with its id, and the ids it refers to, moved on."""
    return annotation | {"id": annotation["id"] + by, "occluded_by": [i + by for i in annotation["occluded_by"]]}


def _replace(path: Path, content: bytes) -> None:
    with replacing(path) as beside:
        beside.write_bytes(content)


def _info(seed: int, command: str) -> dict:
    return {
        "description": "From Pixels to Calories: rendered plates of Indonesian street food with exact amodal masks",
        "version": "1.0",
        "license": _LICENCE["name"],
        "seed": seed,
        "command": command,
    }


def _categories() -> list[dict]:
    foods = load_foods()
    return [
        {"id": k, "name": name, "english": foods[name].english, "supercategory": "food"}
        for k, name in enumerate(CLASSES, 1)
    ]
