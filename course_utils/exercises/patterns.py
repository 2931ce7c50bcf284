"""What all wrong results have in common, where no known slip fits: a factor, an offset, one label for another.

It says what is seen, exactly, and leaves the reason to be found.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from course_utils.exercises.evidence import Evidence
from course_utils.exercises.text import as_plain
from course_utils.translation.say import N_, _

Pair = tuple[np.ndarray, np.ndarray]

_SUM = N_("You add up where a mean is asked for: divide by how many there are.")
_MEAN = N_("You take a mean where a sum is asked for, or divide once too often by how many there are.")
_TOO_MUCH = N_(
    "Everywhere you have too much, by a factor: the length of axis {axis}. Is something added up along it where a "
    "mean is asked for, or divided by the length of one axis where both count?"
)
_TOO_LITTLE = N_(
    "Everywhere you have too little, by a factor: the length of axis {axis}. Is a mean taken along it where a "
    "sum is asked for, or is something divided by it once too often?"
)


def pattern(evidence: Evidence) -> str:
    """What the results of an answer and the right ones have in common in every case, in words; or an empty string."""
    for part, name in _parts(evidence):
        words = _first(part, (_by_count(evidence), _factor, _offset, _labels))
        if words:
            return f"{name} {words}".lstrip()
    return ""


def proportion(evidence: Evidence) -> str:
    """The same, if all results together are the right ones times a number, or with one added."""
    whole, _ = next(_parts(evidence))
    return _first(whole, (_by_count(evidence), _factor, _offset))


def _first(results: list[tuple[Any, Any]], finders: tuple[Callable[[list[Pair]], str], ...]) -> str:
    try:
        pairs = [_numbers(right, got) for right, got in results]
    except (TypeError, ValueError, OverflowError):
        return ""
    with np.errstate(all="ignore"):
        return next(filter(None, (find(pairs) for find in finders)), "")


def observation(evidence: Evidence) -> str:
    """Where results are wrong and where never, if that says something; no reason is given with it."""
    try:
        return _entries([_numbers(*pair) for pair in zip(evidence.expected, evidence.results, strict=True)])
    except Exception:  # the learner's objects may do anything
        return ""


def _parts(evidence: Evidence) -> Iterator[tuple[list[tuple[Any, Any]], str]]:
    """The results as they are; and of several results the only one that is wrong."""
    expected, results = ([as_plain(value) for value in values] for values in (evidence.expected, evidence.results))
    whole = list(zip(expected, results, strict=True))
    yield whole, ""
    lengths = {len(value) for pair in whole for value in pair if isinstance(value, list | tuple)}
    if len(lengths) != 1 or not all(isinstance(value, list | tuple) for pair in whole for value in pair):
        return
    wrong = [k for k in range(lengths.pop()) if not all(_equal(right[k], got[k]) for right, got in whole)]
    if len(wrong) == 1:
        yield (
            [(right[wrong[0]], got[wrong[0]]) for right, got in whole],
            _("Of your results only number {number} is wrong.").format(number=wrong[0] + 1),
        )


def _numbers(right: Any, got: Any) -> Pair:
    one, other = np.asarray(as_plain(right)), np.asarray(as_plain(got))
    if one.shape != other.shape or not {one.dtype.kind, other.dtype.kind} <= set("iuf"):
        raise TypeError
    return one.astype(float), other.astype(float)


def _equal(one: Any, other: Any) -> bool:
    try:
        return bool(np.allclose(*_numbers(one, other), rtol=1e-6, atol=1e-9, equal_nan=True))
    except (TypeError, ValueError):
        return False


def _telling(pairs: list[Pair]) -> Pair | None:
    """All entries in one row, if they are many enough, and different enough, to say something."""
    right, got = (np.concatenate([pair[side].ravel() for pair in pairs]) for side in (0, 1))
    finite = np.isfinite(right) & np.isfinite(got)
    return (right, got) if finite.all() and len(np.unique(right[right != got])) >= 3 else None


def _factor(pairs: list[Pair]) -> str:
    telling = _telling(pairs)
    if telling is None:
        return ""
    right, got = telling
    some = np.argmax(np.abs(right))
    factor = got[some] / right[some]
    if factor in (0, 1) or not np.allclose(got, factor * right, rtol=1e-5, atol=1e-9):
        return ""
    if abs(factor) < 1:
        words = _("Everywhere you have what is right divided by {factor:.5g}. Where does this factor get lost?")
        return words.format(factor=1 / factor)
    words = _("Everywhere you have {factor:.5g} times what is right. Where does this factor come from?")
    return words.format(factor=factor)


def _offset(pairs: list[Pair]) -> str:
    telling = _telling(pairs)
    if telling is None:
        return ""
    right, got = telling
    offset = (got - right)[0]
    if offset == 0 or not np.allclose(got, right + offset, rtol=1e-6, atol=1e-9):
        return ""
    more = _("Everywhere you have {offset:.5g} more than what is right. Where does it come from?")
    less = _("Everywhere you have {offset:.5g} less than what is right. Where does it come from?")
    return (more if offset > 0 else less).format(offset=abs(offset))


def _labels(pairs: list[Pair]) -> str:
    """One value that stands everywhere for another, or two that have changed places."""
    right, got = (np.concatenate([pair[side].ravel() for pair in pairs]) for side in (0, 1))
    wrong = ~((right == got) | (np.isnan(right) & np.isnan(got)))
    kinds = {(float(one), float(other)) for one, other in zip(right[wrong], got[wrong], strict=True)}
    if wrong.sum() < 2 or len(kinds) > 2 or any(((right == one) & ~wrong).any() for one, _ in kinds):
        return ""
    (one, other), *more = sorted(kinds)
    if more == [(other, one)]:
        return _("{one:g} and {other:g} have changed places everywhere.").format(one=one, other=other)
    if more:
        return ""
    words = _("Wherever {one:g} is right you have {other:g}, and all else is right. What does {one:g} stand for?")
    return words.format(one=one, other=other)


def _entries(pairs: list[Pair]) -> str:
    """Of the last axis, always of one length, some entries are always right and others are not."""
    lengths = {right.shape[-1] for right, _ in pairs if right.ndim > 0}
    if len(lengths) != 1 or not 2 <= (length := lengths.pop()) <= 6 or any(right.ndim == 0 for right, _ in pairs):
        return ""
    wrong = [k for k in range(length) if not all(_equal(right[..., k], got[..., k]) for right, got in pairs)]
    if len(wrong) == length or not wrong:
        return ""
    listed = ", ".join(map(str, wrong))
    one = _("Along the last axis, whose entries are 0 to {last}, only {listed} is ever wrong.")
    several = _("Along the last axis, whose entries are 0 to {last}, only {listed} are ever wrong.")
    return (one if len(wrong) == 1 else several).format(last=length - 1, listed=listed)


def _by_count(evidence: Evidence) -> Callable[[list[Pair]], str]:
    """A sum for a mean, or the other way round: the factor is how many entries an argument has, whatever that is."""

    def find(pairs: list[Pair]) -> str:
        counts = [_counts(case) for case in evidence.cases]
        common = set.intersection(*map(set, counts)) if counts else set()
        for name in sorted(common, key=lambda each: (each[0], each[1] is not None, each[1])):
            numbers = np.array([count[name] for count in counts], float)
            if len(set(numbers[evidence.failing])) < 2:
                continue
            scaled = list(zip(pairs, numbers, strict=True))
            one_axis = name[1] is not None and (name[0], None) in counts[0]
            if all(_equal(right * n, got) for (right, got), n in scaled):
                return _(_TOO_MUCH).format(axis=name[1]) if one_axis else _(_SUM)
            if all(_equal(right / max(n, 1), got) for (right, got), n in scaled):
                return _(_TOO_LITTLE).format(axis=name[1]) if one_axis else _(_MEAN)
        return ""

    return find


def _counts(case: tuple) -> dict[tuple[int, int | None], int]:
    """How many entries each array or list among the arguments has, along each axis and altogether."""
    counts: dict[tuple[int, int | None], int] = {}
    for number, value in enumerate(case):
        shape = getattr(value, "shape", None) or ((len(value),) if isinstance(value, list) else ())
        counts |= {(number, axis): length for axis, length in enumerate(shape)}
        if len(shape) > 1:
            counts[number, None] = int(np.prod(shape))
    return counts
