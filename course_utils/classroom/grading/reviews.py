"""Outcomes of reviews, which are points that a person has given, and the dates of what was handed in."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from course_utils.classroom.grading.results import ExerciseResult, LearnerResult
from course_utils.classroom.grading.roster import Person, moment, read_table
from course_utils.classroom.grading.tables import no_formulas
from course_utils.errors import CourseError
from course_utils.exercises.sentences import Sentence
from course_utils.files import replacing

KEPT = "overrides.csv"
WAITING = "reviews.csv"
_COLUMNS = ("learner", "lesson", "exercise", "points", "comment", "answer")


@dataclass(frozen=True)
class Review:
    """The outcome of one review; `answer` is the fingerprint of the answer that was looked at."""

    learner: str
    lesson: str
    exercise: str
    points: float
    comment: str = ""
    answer: str = ""


def read_reviews(path: Path) -> list[Review]:
    """The outcomes in a table; lines without points are still open and left out.

    Raises:
        CourseError: the table cannot be read, or a line's points are no number.
    """
    reviews = []
    for number, row in read_table(path, _COLUMNS[:4]):
        if not row["points"]:
            continue
        try:
            points = float(row["points"].replace(",", "."))
        except ValueError:
            points = math.nan
        if not math.isfinite(points):
            raise CourseError(f"{path}: line {number}: points {row['points']!r} are no number")
        if not row["exercise"]:
            raise CourseError(f"{path}: line {number}: points for a whole file; add a line for each of its exercises")
        rest = {name: row.get(name, "") for name in _COLUMNS if name != "points"}
        reviews.append(Review(points=points, **rest))
    return reviews


def gathered(new: Path | None, folder: Path, results: Sequence[LearnerResult]) -> list[Review]:
    """Reviews of earlier runs in a folder, and new ones, which take their place; each checked against the results.

    Raises:
        CourseError: a new review names what there is not, or gives more points than there are.
    """
    kept = read_reviews(folder / KEPT) if (folder / KEPT).exists() else []
    added = read_reviews(new) if new else []
    for review in added:
        exercise = _find(review, results)
        if exercise is None:
            where = f"{review.learner}, {review.lesson}, {review.exercise}"
            raise CourseError(f"{new}: there is no {where} among the results")
        if not 0 <= review.points <= exercise.points:
            raise CourseError(
                f"{new}: {review.learner}, {review.exercise}: {review.points:g} points, of {exercise.points} at most"
            )
        if any(_of_what(review) == _of_what(other) and review.points != other.points for other in added):
            raise CourseError(f"{new}: {review.learner}, {review.exercise}: several lines give it different points")
        kept.append(replace(review, answer=review.answer or exercise.answer))
    return list({_of_what(one): one for one in kept}.values())


def _of_what(review: Review) -> tuple[str, str, str]:
    return review.learner, review.lesson, review.exercise


def _find(review: Review, results: Sequence[LearnerResult]) -> ExerciseResult | None:
    for result in results:
        for lesson in result.lessons if result.learner == review.learner else ():
            for exercise in lesson.exercises if lesson.lesson == review.lesson else ():
                if exercise.id == review.exercise:
                    return exercise
    return None


def reviewed(result: LearnerResult, reviews: Sequence[Review]) -> LearnerResult:
    """The result with the points that a person has given; not where the answer has changed since."""
    own = {(one.lesson, one.exercise): one for one in reviews if one.learner == result.learner}
    if not own:
        return result

    def mark(lesson: str, exercise: ExerciseResult) -> ExerciseResult:
        review = own.get((lesson, exercise.id))
        if review is None:
            return exercise
        if review.answer != exercise.answer:
            note = f"a review gave {review.points:g} points to an earlier answer; this one is another"
            return replace(exercise, notes=(*exercise.notes, note))
        reason = str(Sentence("reviewed: {comment}", comment=review.comment)) if review.comment else "reviewed"
        return replace(exercise, status="reviewed", earned=review.points, reason=reason, said="")

    lessons = (
        replace(lesson, exercises=tuple(mark(lesson.lesson, exercise) for exercise in lesson.exercises))
        for lesson in result.lessons
    )
    return replace(result, lessons=tuple(lessons))


def write_reviews(reviews: Sequence[Review], results: Sequence[LearnerResult], folder: Path) -> None:
    """Keep the outcomes for later runs, and lay out a table of what is still to be looked at, to be filled in."""
    rows = [[one.learner, one.lesson, one.exercise, f"{one.points:g}", one.comment, one.answer] for one in reviews]
    if rows:
        _write(folder / KEPT, [list(_COLUMNS), *rows])
    waiting = [
        [result.learner, lesson.lesson, exercise.id, "", "", exercise.answer, " ".join(exercise.reason.split())]
        for result in results
        for lesson in result.lessons
        for exercise in lesson.exercises
        if exercise.status == "needs review"
    ]
    waiting += [
        [one.learner, *[""] * (len(_COLUMNS) - 1), " ".join(problem.split())]
        for one in results
        for problem in one.problems
    ]
    _write(folder / WAITING, [[*_COLUMNS, "why"], *waiting])


def _write(path: Path, rows: list[list[str]]) -> None:
    with replacing(path) as beside, open(beside, "w", encoding="utf-8", errors="replace", newline="") as file:
        csv.writer(file).writerows(no_formulas(rows))


def timed(
    result: LearnerResult, person: Person | None, due: datetime | None, says_late: bool, factor: float
) -> LearnerResult:
    """The result with whether it came late, by the roster's dates or else by the newest notebook's own.

    Args:
        due: for everyone whose line in the roster names no other time.
        says_late: whether the learning platform has marked it as late.
        factor: of the points of late work.
    """
    if person and person.due:
        due = moment(person.due, "due")
    handed_in = person.handed_in if person and person.handed_in else result.handed_in
    late = says_late or bool(due and handed_in and moment(handed_in, "handed_in") > due)
    return replace(result, handed_in=handed_in, late=late, factor=factor if late else 1.0)
