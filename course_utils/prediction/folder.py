"""Many photos into a folder of results, which a stopped run goes on with."""

import glob
import json
import os
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from course_utils.dataset.importers.yolo import PHOTOS
from course_utils.dataset.outlines import outline_of
from course_utils.errors import CourseError
from course_utils.files import replacing
from course_utils.plots.predicted import colour_of, predicted_photo
from course_utils.prediction.predict import Prediction


def find_photos(places: Sequence[str]) -> list[Path]:
    """The photos that files, folders and patterns mean, each once.

    Raises:
        CourseError: a place that means none.
    """
    found: dict[Path, None] = {}
    for place in places:
        path = Path(place)
        files = [path] if path.is_file() else sorted(path.rglob("*")) if path.is_dir() else []
        if not path.exists():
            files = [Path(one) for one in sorted(glob.glob(place, recursive=True))]
        photos = [one for one in files if one == path or one.suffix.lower() in PHOTOS and one.is_file()]
        if not photos:
            raise CourseError(f"{place}: there is no photo")
        found |= dict.fromkeys(photos)
    return list(found)


def names_of(photos: Sequence[Path]) -> dict[Path, str]:
    """For each photo a name for its files: its path from the folder that all share, without its ending."""
    root = _common_folder(photos)
    names = {photo: photo.resolve().relative_to(root).with_suffix("").as_posix() for photo in photos}
    count = Counter(names.values())
    return {
        photo: name if count[name] == 1 else f"{name}{photo.suffix.replace('.', '_')}" for photo, name in names.items()
    }


def _common_folder(photos: Sequence[Path]) -> Path:
    folder = photos[0].resolve().parent
    while not all(photo.resolve().is_relative_to(folder) for photo in photos):
        folder = folder.parent
    return folder


class Results:
    """The folder: a file for each photo as it comes, pictures and maps; at the end all of it as COCO.

    `photos/NAME.json` keeps what was found on one photo. `results.json` is a COCO results list,
    `annotations/predictions.json` the same as a COCO file that can be looked at, corrected and trained on.
    """

    def __init__(self, out: Path, settings: dict[str, Any], classes: Sequence[str]):
        """Begin, or go on. ``settings``: what the results depend on.

        Raises:
            CourseError: the folder has results of other settings, or takes no files.
        """
        self.out, self.classes = out, classes
        path = out / "settings.json"
        try:
            if path.exists() and json.loads(path.read_text(encoding="utf-8")) != settings:
                raise CourseError(f"{out}: has results of another model or of other settings; choose another folder")
            self._write(path, settings)
        except ValueError:
            raise CourseError(f"{path}: cannot be read; choose another folder") from None

    def has(self, name: str) -> bool:
        """Whether a photo was looked at already."""
        return self._record(name).exists()

    def add(self, name: str, photo: Path, found: Prediction) -> None:
        """Write what was found on a photo: its pictures and maps first, so that a record means that all are there."""
        self._picture(name, found)
        for kind, pixels in (("classes", found.class_map), ("objects", found.object_map)):
            self._map(self.out / kind / f"{name}.png", pixels)
        rows = [
            self._row(*each) for each in zip(found.labels, found.scores, found.masks, found.visible_masks, strict=True)
        ]
        height, width = found.image.shape[:2]
        place = Path(os.path.relpath(photo.resolve(), self.out.resolve())).as_posix()
        self._write(self._record(name), {"file_name": place, "height": height, "width": width, "objects": rows})

    def finish(self, names: Sequence[str]) -> int:
        """Write all photos into two COCO files; how many objects there are."""
        images: list[dict[str, Any]] = []
        annotations: list[dict[str, Any]] = []
        for number, name in enumerate(names, 1):
            record = json.loads(self._record(name).read_text(encoding="utf-8"))
            images.append({"id": number} | {key: record[key] for key in ("file_name", "width", "height")})
            for row in record["objects"]:
                annotations.append({"id": len(annotations) + 1, "image_id": number} | row)
        keys = ("image_id", "category_id", "score", "segmentation", "bbox")
        results = [{key: one[key] for key in keys} for one in annotations]
        categories = [{"id": k, "name": name} for k, name in enumerate(self.classes, 1)]
        self._write(self.out / "results.json", results)
        coco = {"images": images, "categories": categories, "annotations": annotations}
        self._write(self.out / "annotations" / "predictions.json", coco)
        return len(annotations)

    def _record(self, name: str) -> Path:
        return self.out / "photos" / f"{name}.json"

    def _row(self, label: int, score: float, whole: np.ndarray, visible: np.ndarray) -> dict[str, Any]:
        outline, seen = outline_of(whole), outline_of(visible)
        rles = [one.record for one in (outline, seen)]
        return {
            "category_id": int(label),
            "score": round(float(score), 4),
            "segmentation": rles[0],
            "bbox": list(outline.box),
            "area": outline.area,
            "iscrowd": 0,
            "visible_segmentation": rles[1],
        }

    def _picture(self, name: str, found: Prediction) -> None:
        words = [f"{one} {score:.2f}" for one, score in zip(found.names, found.scores, strict=True)]
        colours = [colour_of(one, label) for one, label in zip(found.names, found.labels.tolist(), strict=True)]
        figure = predicted_photo(found.image, found.masks, found.visible_masks, words, colours)
        path = self.out / "pictures" / f"{name}.jpg"
        with _beside(path) as beside:
            figure.savefig(beside, format="jpg", dpi=120)

    def _map(self, path: Path, pixels: np.ndarray) -> None:
        deep = pixels.max() > 255
        with _beside(path) as beside:
            Image.fromarray(pixels.astype(np.uint16 if deep else np.uint8)).save(beside, "PNG")

    def _write(self, path: Path, content: Any) -> None:
        with _beside(path) as beside:
            beside.write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")


def _beside(path: Path) -> AbstractContextManager[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return replacing(path)
