"""How well a model does on photos of one's own: what lies there and what was said, counted, in a file of one's own."""

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from course_utils.dataset.classes import CLASSES
from course_utils.errors import CourseError
from course_utils.translation.say import _

_COLUMNS = ["photo", *(f"{food}_{whose}" for whose in ("there", "said") for food in CLASSES)]


def keep(path: Path | str, photo: str, there: Mapping[str, int], said: Mapping[str, int]) -> None:
    """Write down one photo; an earlier entry of the same photo gives way.

    Args:
        path: a CSV file, made when it is missing. photo: its name.
        there: how many pieces of each food really lie there. said: how many the model named so.

    Raises:
        CourseError: the file is none of this kind, or cannot be written.
    """
    row = {"photo": photo} | {f"{food}_there": there.get(food, 0) for food in CLASSES}
    row |= {f"{food}_said": said.get(food, 0) for food in CLASSES}
    table = read(path) if Path(path).exists() else pd.DataFrame(columns=_COLUMNS)
    table = pd.concat([table[table["photo"] != photo], pd.DataFrame([row])])
    try:
        table.to_csv(path, index=False, quoting=csv.QUOTE_MINIMAL)
    except OSError as error:
        raise CourseError(f"{path}: cannot be written: {error.strerror}") from None


def read(path: Path | str) -> pd.DataFrame:
    """The table that `keep` wrote.

    Raises:
        CourseError: the file is missing, or none of this kind.
    """
    try:
        table = pd.read_csv(path, dtype={"photo": str})
    except FileNotFoundError:
        raise CourseError(f"{path}: there is no such file yet; write down what lies on a photo first") from None
    except (OSError, ValueError) as error:
        raise CourseError(f"{path}: cannot be read as a table: {error}") from None
    if list(table.columns) != _COLUMNS:
        raise CourseError(f"{path}: its columns are not those that the lesson writes: {', '.join(_COLUMNS[:3])}, ...")
    counts = table[_COLUMNS[1:]].apply(pd.to_numeric, errors="coerce")
    if not (counts.ge(0) & counts.mod(1).eq(0)).all(axis=None):
        raise CourseError(f"{path}: counts are whole numbers from 0 on")
    return table.assign(**counts.astype(int))


def score(table: pd.DataFrame) -> dict[str, float]:
    """What the counts say.

    Returns:
        ``photos``; ``counted``, share of photos whose number of pieces is right within 2; ``main_food``, share of
        photos whose most frequent food is named most often; ``precision``, ``recall`` and ``f1`` of the names, where
        as many of a food are right as both there and said. (Outlines are not looked at.)
    """
    there, said = (table[[f"{food}_{whose}" for food in CLASSES]].to_numpy() for whose in ("there", "said"))
    right = np.minimum(there, said).sum()
    main = (there.argmax(axis=1) == said.argmax(axis=1)) & (said.sum(axis=1) > 0)
    with np.errstate(invalid="ignore"):
        precision, recall, f1 = right / np.array([said.sum(), there.sum(), (there.sum() + said.sum()) / 2])
    counted = np.abs(there.sum(axis=1) - said.sum(axis=1)) <= 2
    names = {"precision": precision, "recall": recall, "f1": f1}
    return {"photos": len(table), "counted": counted.mean(), "main_food": main.mean()} | names


def in_words(path: Path | str) -> str:
    """The score of a file, or that there is none yet, as one sentence."""
    if not Path(path).exists():
        return _("No photo has been written down yet.")
    told = score(read(path))
    return _(
        "{photos} photos: the main food is right on {main_food:.0%}, the count within 2 on {counted:.0%}; names have "
        "precision {precision:.2f}, recall {recall:.2f}, F1 {f1:.2f}."
    ).format(**told)
