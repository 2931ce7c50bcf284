"""Short, exact descriptions of values, for the feedback a learner reads."""

from typing import Any

import numpy as np

_LONGEST = 600
_WIDEST_MASK = 24
_MOST_MASKS = 5


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


def describe(value: Any) -> str:
    """A value as the learner should see it: numbers to five digits, small masks drawn, long values cut."""
    if value is ...:
        return "..."
    try:
        value = as_plain(value)
        text = _describe_array(value) if isinstance(value, np.ndarray) else _describe_object(value)
    except Exception:  # whatever a learner's object does when it is looked at
        return f"a {type(value).__name__} that cannot be shown"
    drawn = "#" in text and isinstance(value, np.ndarray)
    return text if drawn or len(text) <= _LONGEST else text[:_LONGEST] + " ..."


def _describe_array(array: np.ndarray) -> str:
    if array.dtype == bool and array.ndim == 2 and 0 < max(array.shape) <= _WIDEST_MASK:
        return f"{array.shape[0]} x {array.shape[1]} mask\n" + _draw(array)
    if array.dtype == bool and array.ndim == 3 and array.size and max(array.shape[1:]) <= _WIDEST_MASK:
        drawn = "\n\n".join(_draw(mask) for mask in array[:_MOST_MASKS])
        more = "\n\n  ..." if len(array) > _MOST_MASKS else ""
        return f"{array.shape[0]} masks of {array.shape[1]} x {array.shape[2]}\n{drawn}{more}"
    body = np.array2string(array, precision=4, threshold=100, suppress_small=True, separator=", ")
    return f"{body}  shape {array.shape}, {array.dtype}"


def _draw(mask: np.ndarray) -> str:
    return "\n".join("  " + "".join("#" if pixel else "." for pixel in row) for row in mask)


def _describe_object(value: Any) -> str:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return repr(value)
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, tuple | list):
        inner = ", ".join(describe(item) for item in value)
        return f"({inner})" if isinstance(value, tuple) else f"[{inner}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {describe(item)}" for key, item in value.items()) + "}"
    return repr(value)
