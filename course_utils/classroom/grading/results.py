"""What the grader found, as plain records that every report is written from."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from course_utils.translation.language import SOURCE, languages

Status = Literal["passed", "partly", "failed", "not attempted", "not handed in", "not read", "needs review", "reviewed"]


@dataclass(frozen=True)
class ExerciseResult:
    """The verdict on one answer; `reason` and `said` may hold the learner's own words: never to be trusted as markup.

    Attributes:
        reason: why, in English.
        said: the check's words in the notebook's own language; empty where that is English, or where it is the reason
            that is told again.
        earned: points, by the verdict or by the person who reviewed it.
        notes: what an instructor should know besides, one line each.
        alike: the same text in answers that are equal up to names and spaces; empty for short ones.
        answer: a fingerprint of the answer, by which a review is known to be of this very one.
    """

    id: str
    title: str
    points: int
    status: Status
    reason: str = ""
    earned: float = 0
    notes: tuple[str, ...] = ()
    alike: str = ""
    answer: str = ""
    said: str = ""


@dataclass(frozen=True)
class LessonResult:
    """One learner's lesson.

    Attributes:
        exercises: in the lesson's order.
        source: what was graded, or could not be read, as it was handed in; empty if nothing was.
        notes: what the grader had to assume, one line each.
        language: code of the language that the notebook speaks; empty if none was read.
    """

    lesson: str
    exercises: tuple[ExerciseResult, ...]
    source: str = ""
    notes: tuple[str, ...] = ()
    language: str = ""

    @property
    def earned(self) -> float:
        """Points for passed exercises."""
        return sum(exercise.earned for exercise in self.exercises)

    @property
    def points(self) -> int:
        """What the lesson is worth."""
        return sum(exercise.points for exercise in self.exercises)


@dataclass(frozen=True)
class LearnerResult:
    """All that became of one learner's submission.

    Attributes:
        problems: what was handed in but cannot be graded, one line each; each needs a person.
        notes: what the grader left aside, one line each.
        handed_in: when, as an ISO time; empty if unknown.
        late: whether that was after the time set.
        factor: what the points are multiplied by for being late.
        fence: what separated the answers from the machine; "none" for nothing, empty if nothing had to be run.
        seconds: wall-clock time of grading.
        key: tells whether the result is still of what lies there.
    """

    learner: str
    lessons: tuple[LessonResult, ...]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    handed_in: str = ""
    late: bool = False
    factor: float = 1.0
    fence: str = ""
    seconds: float = 0.0
    key: str = ""

    @property
    def earned(self) -> float:
        """Points of all lessons, less what being late costs."""
        return round(sum(lesson.earned for lesson in self.lessons) * self.factor, 2)

    @property
    def points(self) -> int:
        """What all lessons are worth."""
        return sum(lesson.points for lesson in self.lessons)

    @property
    def to_review(self) -> int:
        """How many things a person has to look at."""
        waiting = (exercise.status == "needs review" for lesson in self.lessons for exercise in lesson.exercises)
        return sum(waiting) + len(self.problems)


def as_json(result: LearnerResult) -> dict[str, Any]:
    """The record as plain values, its sums among them."""
    record = asdict(result)
    for lesson, plain in zip(result.lessons, record["lessons"], strict=True):
        plain |= {"earned": lesson.earned, "points": lesson.points}
    return record | {"earned": result.earned, "points": result.points, "to_review": result.to_review}


def from_json(record: dict[str, Any]) -> LearnerResult:
    """The record that `as_json` gave; ValueError, KeyError or TypeError if it is none."""
    lessons = []
    for lesson in record["lessons"]:
        exercises = tuple(_known(ExerciseResult, exercise) for exercise in lesson["exercises"])
        if any(exercise.status not in get_args(Status) for exercise in exercises):
            raise ValueError("unknown status")
        if lesson["language"] not in ("", SOURCE, *languages()):
            raise ValueError("unknown language")
        lessons.append(_known(LessonResult, lesson | {"exercises": exercises}))
    return _known(LearnerResult, record | {"lessons": tuple(lessons)})


def _known(kind: type, record: dict[str, Any]) -> Any:
    """A dataclass from those items of a record that are its fields; lists become tuples."""
    fields = {name: record[name] for name in vars(kind)["__dataclass_fields__"]}
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()})
