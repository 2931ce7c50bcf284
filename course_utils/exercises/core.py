"""What an exercise is, and how an answer to it is judged.

An exercise is declared once. From the declaration come the learner's check, the words for a recognised mistake,
the hints, the cases of the grader, and the tests.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from course_utils.errors import CourseError
from course_utils.exercises.cards import CheckFailed, show_card
from course_utils.exercises.feedback import Outcome, Status, assess, examine
from course_utils.exercises.frontend import offer_hint, runs_on
from course_utils.exercises.running import SECONDS, Case, Changed, Probe, Raised, run, run_all
from course_utils.exercises.stopwatch import Stopped, stop_after
from course_utils.exercises.text import describe
from course_utils.exercises.words import words_in
from course_utils.translation.current import speaking, spoken
from course_utils.translation.say import _

__all__ = ["Case", "Changed", "Exercise", "Lesson", "Outcome", "Raised", "assess", "judge", "run", "status_of"]

CHECK_SEED = 20170320  # the day the Mask R-CNN paper was posted; the grader draws its own seeds


@dataclass(frozen=True)
class Exercise:
    """One exercise: what is right, on which inputs it is tried, and what people get wrong.

    Attributes:
        id: kebab-case, unique in the course; it names the cell in the lesson.
        title: what the learner is asked for, in a few words.
        points: what a right answer is worth.
        reference: the right answer: a function, or a plain value when the answer is a number, a word or an array.
        edges: for functions: the inputs that decide, each a tuple of positional arguments, the smallest and clearest
            first. They are the same for every check and every grade, and alone they refuse every wrong answer that can
            be told apart: one of real size, empty ones, ties, values on a threshold, borders.
        random: for functions: more inputs, drawn from the generator it is given, against learning by heart.
        misconceptions: for each mistake, the words to tell whoever makes it, and the mistake itself as a
            function or value.
        hints: three steps of help: a question that leads on, the structure of an answer, the algorithm in words.
            None is the finished code. Where fewer are given they are the last ones.
        tolerance: largest relative and absolute difference of numbers that still counts as equal.
        whole: whether the docstring asks for whole numbers, or indices: a float such as 3.0 is none, and is told so.
        choices: the words that an answer consists of, where they are more than those of a reference that is a value.
        parts: what the items of a value that is a list are called in the text, such as "question 1".
        probe: how an answer is tried when calling it is not enough: ``probe(answer, *case)`` gives what is compared.
            It must be importable by its name and know nothing of what is right.
        shortcuts: library routines that are the exercise, by their dotted names: an answer that uses one counts, but
            the instructor is told.
        helpers: functions of the course that an answer may call, by their dotted names. While it is graded nothing of
            the course is there: they are called elsewhere, with copies, and give no gradients.
        shares: for partial points: what kinds of cases are worth by themselves; by default it is all or nothing.
    """

    id: str
    title: str
    points: int
    reference: Any
    edges: Callable[[], list[Case]] | None = None
    random: Callable[[np.random.Generator], list[Case]] | None = None
    misconceptions: Mapping[str, Any] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    tolerance: float = 1e-6
    whole: bool = False
    choices: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    probe: Probe | None = None
    shortcuts: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()
    shares: tuple["Share", ...] = ()

    @property
    def is_function(self) -> bool:
        """Whether the answer is a function, tried on cases, rather than a value."""
        return self.edges is not None

    @property
    def words(self) -> tuple[str, ...]:
        """The words that an answer may consist of; none where it is no matter of words."""
        return self.choices or (() if self.is_function else words_in(self.reference))

    @property
    def lent(self) -> tuple[str, ...]:
        """All functions of the course that are called for an answer: its helpers, and what its probe hands it."""
        return (*self.helpers, *getattr(self.probe, "lends", ()))

    def draw_cases(self, seed: int) -> list[Case]:
        """The inputs for one seed, the fixed ones first; a value exercise has one empty case."""
        if not self.edges:
            return [()]
        return self.edges() + (self.random(np.random.default_rng(seed)) if self.random else [])


@dataclass(frozen=True)
class Share:
    """Some of the cases of an exercise, and what an answer that is right on all of them earns.

    The points of an exercise's shares add up to the exercise's own.
    """

    title: str
    points: int
    holds: Callable[[Case], bool]


def status_of(exercise: Exercise, answer: Any, seed: int = CHECK_SEED) -> Status:
    """The verdict on an answer alone, for whoever needs no words: it takes no longer than the answer."""
    if exercise.is_function and not callable(answer) and answer is not ...:
        return "wrong"
    cases = exercise.draw_cases(seed)
    return examine(exercise, cases, run_all(answer, cases, exercise.probe))[1]


def judge(exercise: Exercise, answer: Any, seed: int = CHECK_SEED) -> Outcome:
    """Try an answer on the cases of one seed and say what came out."""
    if exercise.is_function and not callable(answer) and answer is not ...:
        reason = _("expected a function, got {value}").format(value=describe(answer))
        return Outcome(exercise, "wrong", reason=reason, hint=_("Hand in the function itself, without calling it."))
    cases = exercise.draw_cases(seed)
    got = run_all(answer, cases, exercise.probe)
    try:
        # Thousands of comparisons are put into words: they do not ask the notebook each time what it speaks.
        with stop_after(SECONDS), speaking(spoken()):
            return assess(exercise, cases, got)
    except Stopped:
        return Outcome(exercise, "wrong", reason=_("your result is of a kind that takes too long to look at"))


class Lesson:
    """The exercises of one lesson, and how the learner has fared with them in this session.

    Raises:
        ValueError: two exercises share an id.
    """

    def __init__(self, number: int, exercises: list[Exercise]):
        self.number = number
        self.exercises = {exercise.id: exercise for exercise in exercises}
        self._right: set[str] = set()
        self._hints_given: dict[str, int] = {}
        if len(self.exercises) != len(exercises):
            raise ValueError(f"lesson {number} declares an exercise id twice")

    def __getitem__(self, exercise_id: str) -> Exercise:
        """The exercise of that id; CourseError when the lesson has none such."""
        if exercise_id not in self.exercises:
            known = ", ".join(self.exercises)
            raise CourseError(f"lesson {self.number:02d} has no exercise {exercise_id!r}; it has: {known}")
        return self.exercises[exercise_id]

    def check(self, exercise_id: str, answer: Any) -> None:
        """Tell the learner whether an answer is right.

        In JupyterLab, VS Code and Colab the card is all, so that "Run All" runs on; for every other runner an answer
        that is not right is an error.

        Raises:
            CheckFailed: the answer is wrong or missing, and nobody is looking at the card.
            CourseError: this lesson has no such exercise.
        """
        outcome = judge(self[exercise_id], answer)
        (self._right.add if outcome.status == "right" else self._right.discard)(exercise_id)
        hints = self[exercise_id].hints
        if hints and _(hints[0]) in outcome.hint:
            self._hints_given.setdefault(exercise_id, 1)
        offer_hint(self.hint)
        words = _("{right} of {asked} right in this session")
        show_card(outcome, words.format(right=len(self._right), asked=len(self.exercises)))
        if outcome.status != "right" and not runs_on():
            raise CheckFailed(outcome)

    def hint(self, exercise_id: str) -> None:
        """Print the next of an exercise's hints: a question, the structure, the algorithm; then the last one again.

        Raises:
            CourseError: this lesson has no such exercise.
        """
        hints = self[exercise_id].hints
        number = min(self._hints_given.get(exercise_id, 0) + 1, len(hints))
        self._hints_given[exercise_id] = number
        if hints:
            words = _("Hint {number} of {count}: {hint}")
            print(words.format(number=number, count=len(hints), hint=_(hints[number - 1])))
        else:
            print(_("There is no hint for this one."))
