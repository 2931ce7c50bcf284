"""Whole numbers that come as floats where they are asked for as such: equal, but no index, count or label."""

from typing import Any

import numpy as np

from course_utils.exercises.text import as_plain
from course_utils.translation.say import N_, _

FLOATS = N_(
    "The numbers are right, but they are floats. Only whole numbers can be an index, a count or a label: int(...) "
    "makes one of a float, .astype(int) an array of them; `//` and dtype=int keep them whole from the start."
)


def float_for_whole(right: Any, result: Any) -> str:
    """Of a result that is right as a number, why it is not whole: in one sentence without a full stop, or nothing."""
    right, result = as_plain(right), as_plain(result)
    if isinstance(right, list | tuple):
        found = (float_for_whole(*pair) for pair in zip(right, result, strict=True))
        return next(filter(None, found), "")
    numbers = np.asarray(result) if isinstance(right, int | np.ndarray) else np.empty(0)
    if not numbers.size or np.asarray(right).dtype.kind not in "iu" or numbers.dtype.kind != "f":
        return ""
    if isinstance(result, np.ndarray):
        words = _("the right number, but it comes as an array of {dtype}; whole numbers are asked for")
        return words.format(dtype=numbers.dtype)
    words = _("the right number, but it comes as {number}, a float; whole numbers are asked for")
    return words.format(number=numbers.flat[0])
