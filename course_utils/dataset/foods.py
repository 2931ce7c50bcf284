"""The food table: energy, density and names of the six foods, with the source of each number."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_utils.dataset.classes import CLASSES
from course_utils.errors import CourseError
from course_utils.paths import data_dir


@dataclass(frozen=True)
class Food:
    """One row of data/foods.csv.

    Attributes:
        name: the Indonesian name, one of CLASSES.
        english: what it is.
        kcal_per_100g: energy. kcal_source: where that is from, or "assumption: " and its basis.
        density_g_per_cm3: mass by volume. density_source: likewise.
        typical_weight_g: of one piece.
    """

    name: str
    english: str
    kcal_per_100g: float
    kcal_source: str
    density_g_per_cm3: float
    density_source: str
    typical_weight_g: float


def load_foods(path: Path | None = None) -> dict[str, Food]:
    """The food table by name, in the order of CLASSES.

    Raises:
        CourseError: the file is missing, or a row lacks a number or a source, or a food is missing.
    """
    path = path or data_dir() / "foods.csv"
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = {row["name"]: row for row in csv.DictReader(file)}
    except (OSError, KeyError, UnicodeDecodeError, csv.Error) as error:
        raise CourseError(f"{path.name}: cannot be read as a food table: {error}") from None
    missing = [name for name in CLASSES if name not in rows]
    if missing:
        raise CourseError(f"{path.name}: no row for {', '.join(missing)}")
    return {name: _food(rows[name], path.name) for name in CLASSES}


def _food(row: dict[str, str], file: str) -> Food:
    numbers = {}
    for field in ("kcal_per_100g", "density_g_per_cm3", "typical_weight_g"):
        try:
            numbers[field] = float(row[field])
        except (KeyError, TypeError, ValueError):
            raise CourseError(f"{file}: {row['name']}: {field} is not a number: {row.get(field)!r}") from None
        if not 0 < numbers[field] < 1e4:
            raise CourseError(f"{file}: {row['name']}: {field} is out of range: {row[field]}")
    texts = {field: (row.get(field) or "").strip() for field in ("name", "english", "kcal_source", "density_source")}
    for field, text in texts.items():
        if not text:
            raise CourseError(f"{file}: {row['name']}: {field} is empty")
    facts: dict[str, Any] = texts | numbers
    return Food(**facts)
