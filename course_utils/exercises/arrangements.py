"""Right entries in a wrong arrangement: another shape or order, some twice, flags for indices, nothing but zeros."""

from typing import Any

import numpy as np

from course_utils.exercises.text import as_plain
from course_utils.translation.say import N_, _


def arrangement(rights: list[Any], results: list[Any]) -> str:
    """How the failing results of an answer arrange the right entries, if they hold them, in words; else nothing.

    Args:
        rights, results: of the failing cases.
    """
    pairs = [(as_plain(right), as_plain(result)) for right, result in zip(rights, results, strict=True)]
    for is_so, words in _ARRANGEMENTS:
        try:
            if all(is_so(right, result) for right, result in pairs):
                return _(words)
        except Exception:  # values that this has nothing to say about
            continue
    return ""


def _reshaped(right: Any, result: Any) -> bool:
    one, other = np.asarray(right), np.asarray(result)
    return one.shape != other.shape and one.size != 1 and _close(one.ravel(), other.ravel())


def _reordered(right: Any, result: Any) -> bool:
    one, other = np.asarray(right), np.asarray(result)
    rows, others = one.reshape(len(one), -1), other.reshape(len(other), -1)
    if one.shape != other.shape or len(np.unique(rows, axis=0)) < 3:
        return False
    return _close(*(values[np.lexsort(values.T)] for values in (rows, others)))


def _twice(right: Any, result: Any) -> bool:
    return len(result) > len(right) and len(right) > 0 and set(map(_key, result)) == set(map(_key, right))


def _flags(right: Any, result: Any) -> bool:
    flags = np.asarray(result)
    return (
        flags.dtype == bool and flags.ndim == 1 and np.flatnonzero(flags).tolist() == sorted(np.asarray(right).tolist())
    )


def _zeros(right: Any, result: Any) -> bool:
    one, other = np.asarray(right), np.asarray(result)
    return one.shape == other.shape and one.size > 1 and other.dtype.kind in "iuf" and not other.any()


def _none(right: Any, result: Any) -> bool:
    one, other = list(right), list(result)
    here = [k for k, value in enumerate(other) if value is None]
    rest = [k for k in range(len(one)) if k not in here]
    return bool(here) and {one[k] for k in here} == {-1} and all(one[k] == other[k] for k in rest)


def _close(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.allclose(one.astype(float), other.astype(float), rtol=1e-6, atol=1e-9))


def _key(value: Any) -> Any:
    return value if isinstance(value, str) else str(np.round(value, 6))


_ARRANGEMENTS = (
    (
        _reshaped,
        N_("The right entries, but not in the shape that is asked for: reshape, ravel or squeeze gives it to them."),
    ),
    (
        _reordered,
        N_("The right entries, but in another order along the first axis. In which order are they asked for?"),
    ),
    (_twice, N_("The right entries, but some are there more than once.")),
    (
        _flags,
        N_("You give a yes or no for each; asked for are the indices of those that are in: np.flatnonzero gives them."),
    ),
    (_none, N_("None stands where -1 is asked for.")),
    (
        _zeros,
        N_(
            "Nothing but zeros comes out. Is what you work out ever put into the array, and can its type "
            "hold fractions?"
        ),
    ),
)
