"""What the grader found, as plain records that every report is written from."""

from dataclasses import dataclass
from typing import Literal

from course_utils.exercises.core import Exercise

Status = Literal["passed", "failed", "not attempted", "not handed in", "needs review"]


@dataclass(frozen=True)
class ExerciseResult:
    """The verdict on one answer; `reason` may hold the learner's own words and is never to be trusted as markup."""

    id: str
    title: str
    points: int
    status: Status
    reason: str = ""

    @property
    def earned(self) -> int:
        """Only a pass earns points; what needs review may earn them once a person has read it."""
        return self.points if self.status == "passed" else 0


@dataclass(frozen=True)
class LessonResult:
    """One learner's lesson.

    Attributes:
        exercises: in the lesson's order.
        notes: what the grader had to assume, one line each.
        fences: what separated the kernel from the rest of the machine; empty if nothing had to run.
        seconds: wall-clock time of grading it.
    """

    learner: str
    lesson: str
    exercises: tuple[ExerciseResult, ...]
    notes: tuple[str, ...] = ()
    fences: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def earned(self) -> int:
        """Points for passed exercises."""
        return sum(exercise.earned for exercise in self.exercises)

    @property
    def points(self) -> int:
        """What the lesson is worth."""
        return sum(exercise.points for exercise in self.exercises)

    @property
    def to_review(self) -> int:
        """How many exercises a person has to look at."""
        return sum(exercise.status == "needs review" for exercise in self.exercises)


def verdict(exercise: Exercise, status: Status, reason: str = "") -> ExerciseResult:
    """The record of one exercise."""
    return ExerciseResult(exercise.id, exercise.title, exercise.points, status, reason)
