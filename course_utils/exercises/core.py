"""What an exercise is, and how an answer to it is judged.

An exercise is declared once. From the declaration come the learner's check, the hint for a recognised mistake,
the hidden cases of the grader, and the tests.
"""

import copy
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from course_utils.errors import CourseError
from course_utils.exercises.cards import CheckFailed, show_card
from course_utils.exercises.compare import difference, place_of_difference
from course_utils.exercises.text import describe

CHECK_SEED = 20170320  # the day the Mask R-CNN paper was posted; the grader draws its own seeds

Case = tuple[Any, ...]


@dataclass(frozen=True)
class Exercise:
    """One exercise: what is right, on which inputs it is tried, and what people get wrong.

    Attributes:
        id: kebab-case, unique in the course; it names the cell in the lesson.
        title: what the learner is asked for, in a few words.
        points: what a right answer is worth.
        reference: the right answer: a function, or a plain value when the answer is a number, a word or an array.
        cases: for functions: draws the inputs, each a tuple of positional arguments. Edge cases come first (they make
            the clearest feedback), then random ones drawn from the generator it is given.
        misconceptions: for each mistake, the words to tell whoever makes it, and the mistake itself as a
            function or value.
        hint: what to say when a wrong answer matches no known mistake.
        tolerance: largest relative and absolute difference of numbers that still counts as equal.
        shortcuts: library routines that are the exercise, by their dotted names: an answer that uses one counts, but
            the instructor is told.
        parts: for partial points: what each kind of case is worth; by default it is all or nothing.
    """

    id: str
    title: str
    points: int
    reference: Any
    cases: Callable[[np.random.Generator], list[Case]] | None = None
    misconceptions: Mapping[str, Any] = field(default_factory=dict)
    hint: str = ""
    tolerance: float = 1e-6
    shortcuts: tuple[str, ...] = ()
    parts: tuple["Part", ...] = ()

    @property
    def is_function(self) -> bool:
        """Whether the answer is a function, tried on cases, rather than a value."""
        return self.cases is not None

    def draw_cases(self, seed: int) -> list[Case]:
        """The inputs for one seed; a value exercise has one empty case."""
        return self.cases(np.random.default_rng(seed)) if self.cases else [()]


@dataclass(frozen=True)
class Part:
    """Some of the cases of an exercise, and what an answer that is right on all of them earns.

    The points of an exercise's parts add up to the exercise's own.
    """

    title: str
    points: int
    holds: Callable[[Case], bool]


@dataclass(frozen=True)
class Outcome:
    """The verdict on one answer, in words; `case`, `expected` and `got` describe the first failing case.

    Of an answer that is a value, `expected` is empty.
    """

    exercise: Exercise
    status: Literal["right", "wrong", "not attempted"]
    reason: str = ""
    case: str = ""
    expected: str = ""
    got: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Raised:
    """Stands for the result of a call that raised, so that two crashes can be compared."""

    kind: str
    message: str


def run(answer: Any, case: Case) -> Any:
    """The answer's result on one case; inputs are copied, since a learner's function may change them in place."""
    if not callable(answer):
        return answer
    try:
        # One by one: two arguments that are the same array must not be so for the answer.
        return answer(*(copy.deepcopy(value) for value in case))
    except NotImplementedError:
        return ...
    except (Exception, SystemExit) as error:  # whatever the learner's code raises is feedback, not a crash
        return Raised(type(error).__name__, str(error))


def judge(exercise: Exercise, answer: Any, seed: int = CHECK_SEED) -> Outcome:
    """Try an answer on the cases of one seed and say what came out."""
    if exercise.is_function and not callable(answer) and answer is not ...:
        reason = f"expected a function, got {describe(answer)}"
        return Outcome(exercise, "wrong", reason=reason, hint=exercise.hint)
    cases = exercise.draw_cases(seed)
    return assess(exercise, cases, [run(answer, case) for case in cases])


def assess(exercise: Exercise, cases: list[Case], got: list[Any]) -> Outcome:
    """The verdict on results, wherever they were made.

    Args:
        exercise: what was asked.
        cases: the inputs, as `draw_cases` gives them.
        got: what the answer gave on each of them: `run`'s results.
    """
    expected = [run(exercise.reference, case) for case in cases]
    if _is_blank(got, expected):
        return Outcome(exercise, "not attempted")
    for case, right, result in zip(cases, expected, got, strict=True):
        reason = _reason(exercise, right, result)
        if reason:
            hint = _recognise(exercise, cases, got) or exercise.hint
            shown = "" if isinstance(result, Raised) else describe(result)
            # The right value of a value exercise is its whole solution: it stays to be found.
            wanted = describe(right) if exercise.is_function else ""
            return Outcome(exercise, "wrong", reason, _describe_case(exercise, case), wanted, shown, hint)
    return Outcome(exercise, "right")


def _is_blank(got: list, expected: list) -> bool:
    """Whether the stub was left as it was: it returns nothing (or `...`) where something is expected."""
    blank = all(result is None or result is ... for result in got)
    return blank and any(right is not None for right in expected)


def _reason(exercise: Exercise, right: Any, result: Any) -> str:
    """Why a result is wrong, or an empty string."""
    if isinstance(result, Raised):
        return f"your code raised {result.kind}: {result.message}"
    reason = _difference(right, result, exercise.tolerance)
    if exercise.is_function or not reason:
        return reason
    places = place_of_difference(right, result, exercise.tolerance)
    return reason if places is None else f"{', '.join(places) or 'your answer'} is not right"


def _recognise(exercise: Exercise, cases: list[Case], got: list) -> str:
    """The words of the misconception that gives the same results on every case, or an empty string.

    Code may crash for many reasons. If all cases crash, the messages must be the same too.
    """
    for words, mistake in exercise.misconceptions.items():
        pairs = [(run(mistake, case), result) for case, result in zip(cases, got, strict=True)]
        crashed = all(isinstance(mine, Raised) for mine, _ in pairs)
        if all(mine == result if crashed else _same(mine, result, exercise.tolerance) for mine, result in pairs):
            return words
    return ""


def _same(a: Any, b: Any, tolerance: float) -> bool:
    if isinstance(a, Raised) or isinstance(b, Raised):
        return isinstance(a, Raised) and isinstance(b, Raised) and a.kind == b.kind
    return _difference(a, b, tolerance) == ""


def _difference(right: Any, result: Any, tolerance: float) -> str:
    """`difference`, also of objects that fail when they are looked at."""
    try:
        return difference(right, result, tolerance)
    except Exception as error:  # the learner's objects may do anything
        return f"it is of a kind that cannot be compared ({type(error).__name__})"


def _describe_case(exercise: Exercise, case: Case) -> str:
    """The arguments by name, one a line."""
    if not exercise.is_function:
        return ""
    names = list(inspect.signature(exercise.reference).parameters)
    return "\n".join(f"{name} = {describe(value)}" for name, value in zip(names, case, strict=False))


class Lesson:
    """The exercises of one lesson.

    Raises:
        ValueError: two exercises share an id.
    """

    def __init__(self, number: int, exercises: list[Exercise]):
        self.number = number
        self.exercises = {exercise.id: exercise for exercise in exercises}
        if len(self.exercises) != len(exercises):
            raise ValueError(f"lesson {number} declares an exercise id twice")

    def __getitem__(self, exercise_id: str) -> Exercise:
        """The exercise of that id; CourseError when the lesson has none such."""
        if exercise_id not in self.exercises:
            known = ", ".join(self.exercises)
            raise CourseError(f"lesson {self.number:02d} has no exercise {exercise_id!r}; it has: {known}")
        return self.exercises[exercise_id]

    def check(self, exercise_id: str, answer: Any) -> None:
        """Tell the learner whether an answer is right; anything else raises, so that every runner sees it.

        Raises:
            CheckFailed: the answer is wrong or missing.
            CourseError: this lesson has no such exercise.
        """
        outcome = judge(self[exercise_id], answer)
        show_card(outcome)
        if outcome.status != "right":
            raise CheckFailed(outcome)
