"""Whether a value is still what its copy was, to the last bit."""

from typing import Any

import numpy as np


def is_unchanged(before: Any, after: Any) -> bool:
    """Whether a value and its copy, which somebody has worked with, are the same; values of any kind and depth."""
    if type(before) is not type(after):
        return False
    if isinstance(before, np.ndarray):
        return _same_array(before, after)
    if hasattr(before, "detach") and hasattr(before, "requires_grad"):
        return _same_array(before.detach().cpu().numpy(), after.detach().cpu().numpy())
    if isinstance(before, list | tuple):
        return len(before) == len(after) and all(map(is_unchanged, before, after))
    if isinstance(before, dict):
        return list(before) == list(after) and all(is_unchanged(before[key], after[key]) for key in before)
    if hasattr(before, "__dict__") and not callable(before):
        return is_unchanged(vars(before), vars(after))
    return True if callable(before) else before == after or before != before


def _same_array(before: np.ndarray, after: np.ndarray) -> bool:
    if (before.shape, before.dtype) != (after.shape, after.dtype):
        return False
    return np.array_equal(before, after, equal_nan=before.dtype.kind in "fc")
