"""YOLO's sets for segmentation: a data.yaml, and for each photo a text file with a polygon a line."""

import math
from collections.abc import Iterator
from pathlib import Path

import yaml
from PIL import Image

from course_utils.dataset.faults import short
from course_utils.dataset.findings import Finding, counted
from course_utils.dataset.photo import PHOTO_ERRORS
from course_utils.errors import CourseError

PHOTOS = {".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp", ".heic", ".avif", ".gif"}
_LARGEST = 2**22


def read_yolo(path: Path, split: str = "train") -> tuple[dict, list[Finding], list[str], dict[str, str]]:
    """One split of a YOLO set in COCO's layout; see `read.Content`.

    File names become relative to the folder of data.yaml. A line of four numbers is a box, not an outline. A photo
    without a text file has no objects.

    Args:
        path: of data.yaml, or its folder. split: train, val or test.

    Raises:
        CourseError: data.yaml cannot be read, or has no such split with photos.
    """
    file = path / "data.yaml" if path.is_dir() else path
    settings = _settings(file)
    names = _names(settings.get("names"), file)
    coco: dict[str, list] = {"images": [], "annotations": []}
    coco["categories"] = [{"id": number + 1, "name": name} for number, name in names.items()]
    faults: list[Finding] = []
    places: dict[str, str] = {}
    photos = _photos(settings, split, file)
    for number, photo in enumerate(photos, 1):
        name = photo.relative_to(file.parent).as_posix() if photo.is_relative_to(file.parent) else str(photo)
        try:
            with Image.open(photo) as opened:
                width, height = opened.size
        except PHOTO_ERRORS as error:
            faults.append(Finding(f"photo {name}", f"cannot be read as a photo: {error}"))
            continue
        coco["images"].append({"id": number, "file_name": name, "width": width, "height": height})
        labels = label_file(photo)
        for position, line in enumerate(_lines(labels), 1):
            try:
                found = _object(line, names, width, height)
            except CourseError as error:
                faults.append(Finding(f"line {position} of {labels.name}", str(error), photo=number))
                continue
            places[f"annotation {len(coco['annotations']) + 1}"] = f"line {position} of {labels.name}"
            facts = {"id": len(coco["annotations"]) + 1, "image_id": number}
            coco["annotations"].append(facts | found)
    return coco, [*faults, *_without_photo(photos)], _without_objects(photos), places


def _settings(file: Path) -> dict:
    try:
        if file.stat().st_size > _LARGEST:
            raise CourseError(f"{file}: is too large for a data.yaml")
        settings = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CourseError(f"{file}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise CourseError(f"{file}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(settings, dict):
        raise CourseError(f"{file}: is no data.yaml: names and train are needed")
    return settings


def _names(names: object, file: Path) -> dict[int, str]:
    """For each class index its name."""
    given = dict(enumerate(names)) if isinstance(names, list) else names
    if not isinstance(given, dict) or not given or not all(isinstance(k, int) and k >= 0 for k in given):
        raise CourseError(f"{file}: names are {short(names)}; a list of the classes is needed")
    return {number: str(name) for number, name in sorted(given.items())}


def _photos(settings: dict, split: str, file: Path) -> list[Path]:
    places = settings.get(split)
    places = places if isinstance(places, list) else [places]
    if not all(isinstance(place, str) and place for place in places):
        known = ", ".join(key for key in ("train", "val", "test") if settings.get(key)) or "none"
        raise CourseError(f"{file}: there is no split {split!r}; there are: {known}")
    photos = [photo for place in places for photo in _photos_of(place, settings.get("path"), file)]
    if not photos:
        raise CourseError(f"{file}: no photos of {split} were found in {', '.join(places)}")
    return photos


def _photos_of(place: str, root: object, file: Path) -> Iterator[Path]:
    base = file.parent
    roots = [base / root, base] if isinstance(root, str) else [base]
    # Roboflow's files name folders as seen from one of its subfolders.
    tries = [one / place for one in roots] + [base / place.removeprefix("../")]
    found = next((one for one in tries if one.exists()), None)
    if found and found.is_dir():
        yield from (one for one in sorted(found.rglob("*")) if _is_photo(one))
    elif found:
        for line in found.read_text(encoding="utf-8", errors="replace").split("\n"):
            if line.strip():
                yield found.parent / line.strip()


def label_file(photo: Path) -> Path:
    """The text file of a photo: where the last folder called images is, one called labels, if there is one."""
    parts = list(photo.with_suffix(".txt").parts)
    for k in range(len(parts) - 2, -1, -1):
        if parts[k] == "images":
            beside = Path(*parts[:k], "labels", *parts[k + 1 :])
            return beside if beside.is_file() else photo.with_suffix(".txt")
    return photo.with_suffix(".txt")


def _without_photo(photos: list[Path]) -> Iterator[Finding]:
    """A fault for each text file with objects that lies beside those of the photos, but has no photo."""
    folders = {photo.parent for photo in photos if photo.parent.is_dir()}
    beside = {file.stem for folder in folders for file in folder.iterdir() if _is_photo(file)}  # other splits', too
    for folder in sorted({label.parent for photo in photos if (label := label_file(photo)).is_file()}):
        for file in sorted(folder.glob("*.txt")):
            count = sum(line[0].isdecimal() and len(line) > 4 for line in _lines(file))
            if count and file.stem not in beside:
                yield Finding(f"file {file.name}", f"holds {counted(count, 'object')}, but its photo is missing")


def _is_photo(file: Path) -> bool:
    return file.suffix.lower() in PHOTOS


def _without_objects(photos: list[Path]) -> list[str]:
    bare = [photo for photo in photos if not label_file(photo).is_file()]
    what = "without a text file, taken to hold no objects"
    return [f"{counted(len(bare), 'photo')} {what}, first {bare[0].name}"] if bare else []


def _lines(path: Path) -> list[list[str]]:
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    return [line.split() for line in lines if line.strip()]


def _object(words: list[str], names: dict[int, str], width: int, height: int) -> dict:
    try:
        values = [float(word) for word in words]
    except ValueError:
        raise CourseError(f"{short(' '.join(words))}: a class and numbers from 0 to 1 are needed") from None
    if not all(map(math.isfinite, values)) or not values[0].is_integer():
        raise CourseError(f"{short(' '.join(words))}: a class and numbers from 0 to 1 are needed")
    if int(values[0]) not in names:
        raise CourseError(f"its class is {short(int(values[0]))}; data.yaml names {short(list(names))}")
    found = {"category_id": int(values[0]) + 1, "iscrowd": 0, "segmentation": []}
    sides = [side * (height if k % 2 else width) for k, side in enumerate(values[1:])]
    if len(sides) == 4:
        x, y, w, h = sides
        return found | {"bbox": [x - w / 2, y - h / 2, w, h]}
    return found | {"segmentation": [sides]}
