"""What an answer gave beside what is right, case by case."""

from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.exercises.compare import difference, unequal_entry
from course_utils.exercises.running import Case, Raised
from course_utils.exercises.text import Index, as_plain
from course_utils.exercises.whole import float_for_whole
from course_utils.translation.say import _

if TYPE_CHECKING:
    from course_utils.exercises.core import Exercise

_EMPTY = 40  # an input without entries says less than a small one


def why_wrong(exercise: "Exercise", right: Any, result: Any) -> str:
    """Why a result is not the right one, or an empty string; also of objects that fail when they are looked at."""
    if isinstance(result, Raised):
        same = isinstance(right, Raised) and right == result
        words = _("your code raised {kind}: {message}")
        return "" if same else words.format(kind=result.kind, message=result.message)
    try:
        unlike = difference(right, result, exercise.tolerance)
        return unlike or (float_for_whole(right, result) if exercise.whole else "")
    except Exception as error:  # the learner's objects may do anything
        return _("it is of a kind that cannot be compared ({kind})").format(kind=type(error).__name__)


def is_same(one: Any, other: Any, tolerance: float) -> bool:
    """Whether two results are equal, crashes included: those are when they are of one kind."""
    if isinstance(one, Raised) or isinstance(other, Raised):
        return isinstance(one, Raised) and isinstance(other, Raised) and one.kind == other.kind
    try:
        return difference(one, other, tolerance) == ""
    except Exception:  # the learner's objects may do anything
        return False


class Evidence:
    """All that is known of an answer.

    Attributes:
        exercise, cases: what was asked, and on which inputs.
        expected, results: the right results, and those of the answer.
        failing: numbers of the cases on which they differ.
        floats: those of them where a right number comes as a float, and that is all.
    """

    def __init__(self, exercise: "Exercise", cases: list[Case], expected: list[Any], results: list[Any]):
        self.exercise, self.cases, self.expected, self.results = exercise, cases, expected, results
        pairs = enumerate(zip(expected, results, strict=True))
        self.failing = [k for k, pair in pairs if why_wrong(exercise, *pair)]
        self.floats = [k for k in self.failing if exercise.whole and self.agrees(k, expected[k])]

    def within(self, key: str) -> "Evidence | None":
        """What is known of one entry of results that are dictionaries, if all of them are."""
        values = [*self.expected, *self.results]
        if not all(isinstance(value, dict) and key in value for value in values):
            return None
        expected, results = ([value[key] for value in side] for side in (self.expected, self.results))
        return Evidence(self.exercise, self.cases, expected, results)

    def clearest(self, numbers: list[int]) -> int:
        """Of some failing cases the one that is easiest to understand: the smallest, the earliest of equals."""
        return min(numbers, key=lambda k: (size_of(self.cases[k]), k))

    def agrees(self, k: int, other: Any) -> bool:
        """Whether another way to get a result gives the same as the answer in case `k`."""
        return is_same(other, self.results[k], self.exercise.tolerance)

    def entry(self, k: int) -> Index | None:
        """Of a case whose results are arrays, an entry in which they differ."""
        return entry_of_difference(self.expected[k], self.results[k], self.exercise.tolerance)


def entry_of_difference(right: Any, result: Any, tolerance: float) -> Index | None:
    """Of two arrays of one shape an entry in which they differ; None for anything else."""
    try:
        return unequal_entry(as_plain(right), np.asarray(as_plain(result)), tolerance)
    except Exception:  # no arrays, or not of one shape
        return None


def size_of(value: Any) -> int:
    """How much there is to read of a value."""
    if isinstance(value, list | tuple | dict):
        items = value.values() if isinstance(value, dict) else value
        return sum(map(size_of, items)) if value else _EMPTY
    if hasattr(value, "shape"):
        return int(np.prod(value.shape)) or _EMPTY
    return 1
