"""Short, exact descriptions of values, for the feedback a learner reads."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from course_utils.exercises.drawing import draw_masks
from course_utils.translation.say import _

_LONGEST = 400  # characters
_MOST_ITEMS = 24
_MOST_ROWS = 8
_DIGITS = 5
Index = tuple[int, ...]


def as_plain(value: Any) -> Any:
    """Torch tensors as numpy arrays; arrays without axes and numpy scalars as Python's numbers; named tuples, counters
    and their like as the tuple, list or dictionary that they are. Everything else as it is.
    """
    if hasattr(value, "detach") and hasattr(value, "to_dense"):
        value = value.detach().cpu().to_dense()
        value = (value.float() if value.is_floating_point() and value.element_size() < 4 else value).numpy()
    if isinstance(value, np.generic) or (type(value) is np.ndarray and value.ndim == 0):
        return value.item()
    for kind in (tuple, list, dict):
        if isinstance(value, kind) and type(value) is not kind:
            return kind(value)
    return value


def describe(value: Any, digits: int = _DIGITS, around: Index | None = None) -> str:
    """A value as the learner should see it: numbers to a few digits, small masks drawn, long values cut.

    Args:
        digits: significant ones of each number.
        around: of a large array, the entry that matters; what is shown of it lies around there.
    """
    if value is ...:
        return "..."
    try:
        value = as_plain(value)
        if isinstance(value, np.ndarray):
            return _describe_array(value, digits, around)
        text = _describe_object(value, digits)
    except Exception:  # whatever a learner's object does when it is looked at
        return _("a {kind} that cannot be shown").format(kind=type(value).__name__)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " ..."


def describe_apart(one: Any, other: Any, around: Index | None = None) -> tuple[str, str]:
    """Two values that differ, with as many digits as it takes to see that they do."""
    texts = "", ""
    for digits in (_DIGITS, 8, 12, 17):
        texts = describe(one, digits, around), describe(other, digits, around)
        if texts[0] != texts[1]:
            break
    return texts


def _describe_array(array: np.ndarray, digits: int, around: Index | None) -> str:
    if type(array) is not np.ndarray:
        return _("a {kind} of shape {shape}").format(kind=type(array).__name__, shape=array.shape)
    kind = whole = _("shape {shape}, {dtype}").format(shape=array.shape, dtype=array.dtype)
    if array.dtype == bool and array.ndim in (2, 3) and array.size:
        return draw_masks(array, around)
    tall = array.ndim > 1 and array[..., 0].size > _MOST_ROWS
    if (array.size > _MOST_ITEMS or tall) and array.dtype.kind in "biufc":
        window = _window(array.shape, around)
        part = f"[{', '.join(map(_slice_text, window))}]"
        kind = _("{part} of  shape {shape}, {dtype}").format(part=part, shape=array.shape, dtype=array.dtype)
        array = array[window]
    body = np.array2string(array, threshold=60, separator=", ", formatter={"float_kind": f"{{:.{digits}g}}".format})
    body = body.replace("\n\n", "\n")
    return f"{body}  {kind}" if len(body) <= 2 * _LONGEST else f"{body[:_LONGEST]} ...  {whole}"


def _window(shape: Index, around: Index | None) -> tuple[slice, ...]:
    """A small part of an array that holds one entry: up to 4 x 6 of the last two axes, one of each other axis."""
    around = around if around is not None and len(around) == len(shape) else (0,) * len(shape)
    reach = [1] * (len(shape) - 2) + [4, 6] if len(shape) > 1 else [12]
    parts = []
    for place, length, size in zip(around, shape, reach, strict=True):
        start = max(0, min(place - size // 2, length - size))
        parts.append(slice(start, min(start + size, length)))
    return tuple(parts)


def _slice_text(part: slice) -> str:
    return str(part.start) if part.stop == part.start + 1 else f"{part.start}:{part.stop}"


def _describe_items(items: tuple | list, digits: int) -> str:
    """The items of a list, as many as there is room for."""
    shown: list[str] = []
    for item in items[:_MOST_ITEMS]:
        shown.append(describe(item, digits))
        if sum(map(len, shown)) > _LONGEST // 2:
            break
    rest = [_("... ({count} items)").format(count=len(items))] if len(items) > len(shown) else []
    return ", ".join([*shown, *rest])


def _describe_object(value: Any, digits: int) -> str:
    if isinstance(value, bool) or value is None:
        return repr(value)
    if isinstance(value, str):
        return repr(value if len(value) <= _LONGEST else value[:_LONGEST] + " ...")
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    if isinstance(value, tuple | list):
        inner = _describe_items(value, digits)
        return f"({inner}{',' if len(value) == 1 else ''})" if isinstance(value, tuple) else f"[{inner}]"
    if isinstance(value, dict):
        items = list(value.items())
        shown = [f"{describe(key)}: {describe(item, digits)}" for key, item in items[:_MOST_ITEMS]]
        rest = [_("... ({count} keys)").format(count=len(items))] if len(items) > _MOST_ITEMS else []
        return "{" + ", ".join([*shown, *rest]) + "}"
    if isinstance(value, Iterator):
        words = _("a {kind}, whose items nobody has asked for yet: make a list of it, list(...)")
        return words.format(kind=type(value).__name__)
    text = repr(value)
    return _("an object of type {kind}").format(kind=type(value).__name__) if text.startswith("<") else text
