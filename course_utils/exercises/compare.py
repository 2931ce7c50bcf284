"""Whether two values are equal, and if not, in which words to say so."""

from typing import Any

import numpy as np

from course_utils.exercises.text import Index, as_plain, describe, describe_apart
from course_utils.translation.say import N_, _

_LARGEST_INT = 2**62
# An item that differs visibly is a better example than an earlier one that differs in its fifth digit.
_VISIBLE = (0.01, 1e-4)
_ORDINALS = {1: N_("{number}st"), 2: N_("{number}nd"), 3: N_("{number}rd")}
_LATER_ORDINAL = N_("{number}th")


def difference(expected: Any, got: Any, tolerance: float) -> str:
    """Why `got` is not `expected`, in one sentence without a full stop; an empty string when they are equal.

    Numbers may differ by `tolerance`, relative or absolute. Lists and tuples count as equal when their items are, and a
    list of numbers may stand for an array; `True` never stands for 1.
    """
    expected, got = as_plain(expected), as_plain(got)
    if isinstance(expected, np.ndarray):
        return _array_difference(expected, got, tolerance)
    if isinstance(expected, dict):
        return _dict_difference(expected, got, tolerance)
    if isinstance(expected, list | tuple):
        return _sequence_difference(expected, got, tolerance)
    if isinstance(expected, set | frozenset):
        return "" if type(got) in (set, frozenset) and expected == got else _unequal(expected, got)
    if isinstance(expected, int | float) and not isinstance(expected, bool):
        return _number_difference(expected, got, tolerance)
    # Exact types, so that an object with an agreeable __eq__ is not taken for the answer.
    return "" if type(got) is type(expected) and got == expected else _unequal(expected, got)


def place_of_difference(expected: Any, got: Any, tolerance: float, parts: tuple[str, ...] = ()) -> list[str] | None:
    """The way to where a wrong value parts from the right one, such as ["answer 2", "entry [0, 1]"].

    It does not tell what is right there. An empty list stands for a lone value, which has no inside; None for a value
    of another kind, length or shape: then `difference` has more to say.

    Args:
        parts: what the items of a list are called; "answer 1" and so on by themselves.
    """
    expected, got = as_plain(expected), as_plain(got)
    if isinstance(expected, np.ndarray):
        unlike, got = _as_alike(expected, got)
        if unlike:
            return None
        name = _name(unequal_entry(expected, got, tolerance))
        return [name] if name else []
    if isinstance(expected, dict) and type(got) is dict and set(got) == set(expected):
        pairs = {repr(key): (expected[key], got[key]) for key in expected}
    elif isinstance(expected, list | tuple) and type(got) in (list, tuple) and len(got) == len(expected):
        names = parts or [_("answer {number}").format(number=k) for k in range(1, len(got) + 1)]
        pairs = dict(zip(names, zip(expected, got, strict=True), strict=True))
    else:
        alike = type(got) is type(expected) and isinstance(got, str | bool | int | float)
        return [] if alike else None
    place, (right, item) = next(pair for pair in pairs.items() if difference(*pair[1], tolerance))
    items = range(len(right)) if isinstance(right, list | tuple) else ()
    inner = tuple(_("its {ordinal} item").format(ordinal=ordinal(k)) for k in items)
    return [place, *(place_of_difference(right, item, tolerance, inner) or [])]


def unequal_entry(expected: np.ndarray, got: np.ndarray, tolerance: float) -> Index | None:
    """Index of an entry of two arrays of one shape that differs, if one does: the first that does so visibly."""
    if expected.dtype.kind not in "biuf":
        equal = np.asarray(expected == got, dtype=bool)
        return None if equal.all() else tuple(int(i) for i in np.argwhere(~equal)[0])
    for coarse in (*(limit for limit in _VISIBLE if limit > tolerance), tolerance):
        equal = np.isclose(got, expected, rtol=coarse, atol=coarse, equal_nan=True)
        if not equal.all():
            return tuple(int(i) for i in np.argwhere(~equal)[0])
    return None


def unequal_item(expected: list | tuple, got: list | tuple, tolerance: float) -> int | None:
    """Number of an item of two equally long lists that differs, if one does: the first that does so visibly."""
    for coarse in (*(limit for limit in _VISIBLE if limit > tolerance), tolerance):
        for index, (right, item) in enumerate(zip(expected, got, strict=True)):
            if difference(right, item, coarse):
                return index
    return None


def _unequal(expected: Any, got: Any) -> str:
    right, result = describe_apart(expected, got)
    return _("got {result} where {right} is right").format(result=result, right=right)


def _number_difference(expected: float, got: Any, tolerance: float) -> str:
    if type(got) not in (int, float):
        return _("expected a number, got {value}").format(value=describe(got))
    if type(got) is int and abs(got) > _LARGEST_INT:
        return _unequal(expected, got)
    return "" if np.isclose(got, expected, rtol=tolerance, atol=tolerance, equal_nan=True) else _unequal(expected, got)


def _array_difference(expected: np.ndarray, got: Any, tolerance: float) -> str:
    unlike, got = _as_alike(expected, got)
    if unlike:
        return unlike
    index = unequal_entry(expected, got, tolerance)
    if index is None:
        return ""
    right, result = describe_apart(expected[index], got[index])
    if not index:
        return _("the value is {result}, it should be {right}").format(result=result, right=right)
    words = _("entry {index} is {result}, it should be {right}")
    return words.format(index=list(index), result=result, right=right)


def _as_alike(expected: np.ndarray, got: Any) -> tuple[str, Any]:
    """Why a value cannot be compared entry by entry, or nothing; and the value, an array where it can."""
    if type(got) in (list, tuple):
        try:
            got = np.array(_plain_items(got))
        except ValueError:
            return _("expected an array, got a ragged list"), got
        if not expected.size and got.shape == expected.shape[: got.ndim]:
            got = got.reshape(expected.shape)  # a list without rows does not say how long they would be
    if type(got) is not np.ndarray:
        return _("expected an array, got {value}").format(value=describe(got)), got
    if got.shape != expected.shape:
        words = _("the shape is {result}, it should be {right}")
        return words.format(result=got.shape, right=expected.shape), got
    kinds = got.dtype.kind, expected.dtype.kind
    numbers = all(kind in "biuf" for kind in kinds)
    if (kinds[0] != kinds[1] and not numbers) or ((kinds[0] == "b") != (kinds[1] == "b") and expected.size):
        words = _("the dtype is {result}, it should be {right}")
        return words.format(result=got.dtype, right=expected.dtype), got
    return "", got


def _name(index: Index | None) -> str:
    return _("entry {index}").format(index=list(index)) if index else ""


def ordinal(index: int) -> str:
    """Which one it is: 0 -> "1st"."""
    number = index + 1
    words = _LATER_ORDINAL if number % 100 in (11, 12, 13) else _ORDINALS.get(number % 10, _LATER_ORDINAL)
    return _(words).format(number=number)


def _sequence_difference(expected: list | tuple, got: Any, tolerance: float) -> str:
    got = list(got) if type(got) is np.ndarray and (got.ndim == 1 or len(got)) else got
    if type(got) not in (list, tuple):
        one = _("expected 1 item in a list or tuple, got {value}")
        more = _("expected {count} items in a list or tuple, got {value}")
        return (one if len(expected) == 1 else more).format(count=len(expected), value=describe(got))
    if len(got) != len(expected):
        one, more = _("there should be 1 item, you have {got}"), _("there should be {count} items, you have {got}")
        return (one if len(expected) == 1 else more).format(count=len(expected), got=len(got))
    index = unequal_item(expected, got, tolerance)
    if index is None:
        return ""
    return of_item(index, difference(expected[index], got[index], tolerance))


def of_item(index: int, words: str) -> str:
    """What is said of one item of a list."""
    return _("{ordinal} item: {words}").format(ordinal=ordinal(index), words=words)


def _plain_items(value: Any) -> Any:
    """Nested lists without tensors and numpy scalars."""
    value = as_plain(value)
    return [_plain_items(item) for item in value] if type(value) in (list, tuple) else value


def _dict_difference(expected: dict, got: Any, tolerance: float) -> str:
    if type(got) is not dict:
        return _("expected a dictionary, got {value}").format(value=describe(got))
    if set(got) != set(expected):
        result, right = (describe(sorted(map(str, each))) for each in (got, expected))
        return _("the keys are {result}, they should be {right}").format(result=result, right=right)
    for key, right in expected.items():
        reason = difference(right, got[key], tolerance)
        if reason:
            return f"{key!r}: {reason}"
    return ""
