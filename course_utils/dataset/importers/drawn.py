"""Shapes that people draw in annotation tools, as polygons or run lengths."""

import math
from typing import Any

import numpy as np

from course_utils.dataset.faults import is_number, short
from course_utils.dataset.outlines import read_outlines, union
from course_utils.errors import CourseError


def numbers(values: Any, count: int | None = None) -> list[float]:
    """A list of finite numbers, of so many if that matters.

    Raises:
        CourseError: it is none; the message says what it is.
    """
    sound = isinstance(values, list | tuple) and all(is_number(one) and math.isfinite(one) for one in values)
    if not sound or count not in (None, len(values)):
        raise CourseError(f"{short(values)}: {count or 'a list of'} numbers are needed")
    return list(values)


def rectangle(x1: float, y1: float, x2: float, y2: float) -> list[list[float]]:
    """A rectangle by two opposite corners."""
    return [[x1, y1, x2, y1, x2, y2, x1, y2]]


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0.0) -> list[list[float]]:
    """An ellipse by its centre, its half axes and its turn in radians, as a polygon with a corner a pixel."""
    angles = np.linspace(0, 2 * math.pi, max(32, int(2 * math.pi * max(rx, ry))), endpoint=False)
    cos, sin = rx * np.cos(angles), ry * np.sin(angles)
    points = np.stack(
        [x + cos * math.cos(turn) - sin * math.sin(turn), y + cos * math.sin(turn) + sin * math.cos(turn)]
    )
    return [points.T.ravel().tolist()]


def joined(parts: list[Any], size: tuple[int, int]) -> Any:
    """The segmentation of an object of several parts, each a list of polygons or an RLE."""
    if all(isinstance(part, list) for part in parts):
        return [polygon for part in parts for polygon in part]
    outlines = read_outlines(parts, size)
    if fault := next((one.fault for one in outlines if one.fault), ""):
        raise CourseError(fault)
    rle = union([one.rle for one in outlines if one.rle])
    return {"size": list(size), "counts": rle["counts"].decode()}
