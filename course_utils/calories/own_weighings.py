"""Weighed pieces of one's own: outlines from any drawing program, weights from a table, the scale from the plate."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from course_utils.calories.features import measure_all
from course_utils.calories.scale import from_plate
from course_utils.calories.weight import Weighings
from course_utils.dataset.classes import CLASSES
from course_utils.errors import CourseError
from course_utils.metrics.coco import read_truth
from course_utils.metrics.instances import GroundTruth

PLATE = "plate"
COLUMNS = ("photo", "piece", "weight_g", "plate_cm")


def own_weighings(outlines: Path | str, scales: Path | str) -> Weighings:
    """The weighing set of one's own photos, each with one piece on a plate.

    Args:
        outlines: a COCO file, as `course data import` writes it. On each photo one outline is of the plate (category
            "plate") and one of a piece (category: one of the six foods).
        scales: a CSV file with a line for each photo and the columns of `COLUMNS`: the photo's file name, the piece's
            own name or number, its grams, and the plate's diameter in cm.

    Raises:
        CourseError: a file cannot be read; a photo is in one file and not in the other, or without its two outlines; a
            weight or diameter is no positive number; the plate's rim cannot be seen.
    """
    truth = read_truth(outlines)
    photos = {Path(one["file_name"]).name: one["id"] for one in json.loads(Path(outlines).read_text())["images"]}
    table = _read_table(Path(scales))
    for name in sorted(photos.keys() ^ set(table["photo"])):
        where, other = (outlines, scales) if name in photos else (scales, outlines)
        raise CourseError(f"{where}: {name} is not in {other}")
    features, labels = [], []
    for row in table.itertuples():
        found = truth.images[photos[row.photo]]
        names = [truth.categories[label] for label in found.labels]
        plate, piece = _plate_and_piece(found, names, f"{outlines}: {row.photo}")
        try:
            px_per_cm = from_plate(plate, row.plate_cm)
        except CourseError as error:
            raise CourseError(f"{outlines}: {row.photo}: {error}") from None
        features.append(measure_all(piece[None], px_per_cm)[0])
        labels.append(1 + CLASSES.index(next(name for name in names if name != PLATE)))
    items = table["piece"].astype(str) + "-" + [CLASSES[label - 1] for label in labels]
    return Weighings(np.array(features), np.array(labels), table["weight_g"].to_numpy(float), items.to_numpy(str))


def _read_table(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype={"photo": str})
    except (OSError, ValueError) as error:
        raise CourseError(f"{path}: cannot be read as a table: {error}") from None
    if missing := [name for name in COLUMNS if name not in table]:
        raise CourseError(f"{path}: has no column {missing[0]}; it needs {', '.join(COLUMNS)}")
    if table.empty or table["photo"].duplicated().any():
        raise CourseError(f"{path}: needs a line for each photo, and no two for one")
    for column in ("weight_g", "plate_cm"):
        values = pd.to_numeric(table[column], errors="coerce")
        for name, value, right in zip(table["photo"], table[column], np.isfinite(values) & (values > 0), strict=True):
            if not right:
                raise CourseError(f"{path}: {name}: {column} is {value}; a positive number is needed")
        table[column] = values
    return table


def _plate_and_piece(found: GroundTruth, names: list[str], where: str) -> tuple[np.ndarray, np.ndarray]:
    """The masks ``(H, W) bool`` of the two."""
    foods = [name for name in names if name != PLATE]
    if len(names) != 2 or len(foods) != 1 or foods[0] not in CLASSES:
        told = ", ".join(names) or "nothing"
        raise CourseError(f"{where}: one plate and one of {', '.join(CLASSES)} are needed; outlined are: {told}")
    masks = found.regions.to_masks().masks
    return masks[names.index(PLATE)], masks[names.index(foods[0])]
