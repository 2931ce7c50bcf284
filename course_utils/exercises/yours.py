"""Your code runs the course: a learner's own right answer where there is one, the course's part where there is none."""

import importlib
import os
from collections.abc import Mapping, Sequence
from typing import Any

from course_utils.errors import CourseError
from course_utils.exercises import saved
from course_utils.exercises.core import Exercise, status_of
from course_utils.exercises.part import SECONDS, make_part, say
from course_utils.exercises.stopwatch import Stopped, stop_after
from course_utils.translation.say import _

SWITCH = "COURSE_PARTS"
"""Environment variable; set to "course" all parts are the course's, and nothing is said of it: so in a graded run."""
_NOT_GIVEN = object()


def yours(exercise_id: str, answer: Any = _NOT_GIVEN) -> Any:
    """The part of the course that an exercise asks for: yours if it is right, else the course's own.

    A small line on the page says whose it is, and why. Used like the answer itself.

    Args:
        exercise_id: as in `check`.
        answer: your answer, when the exercise stands in this notebook. Without it the answer is taken from the saved
            notebook of its lesson, in the same folder, and checked first.

    Returns:
        A function or class to call as the exercise describes it; of an exercise that asks for a value, the value.

    Raises:
        CourseError: there is no such exercise.
    """
    part, why, lesson = _find(exercise_id, answer)
    _say([exercise_id], why, lesson)
    return part


def your_parts(exercise_ids: Sequence[str], here: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Many parts at once, with one line for yours and one for the course's.

    Args:
        exercise_ids: of other lessons.
        here: answers of this notebook, by their ids.

    Raises:
        CourseError: there is no such exercise.
    """
    wanted = dict.fromkeys(exercise_ids, _NOT_GIVEN) | dict(here or {})
    found = {exercise_id: _find(exercise_id, answer) for exercise_id, answer in wanted.items()}
    for reason in dict.fromkeys(why for _part, why, _lesson in found.values()):
        _say([each for each, (_part, why, _lesson) in found.items() if why == reason], reason)
    return {exercise_id: part for exercise_id, (part, _why, _lesson) in found.items()}


def _say(ids: Sequence[str], why: str, lesson: str = "") -> None:
    """A line that says whose parts these are: yours, from a lesson, or the course's, and why."""
    if _is_graded():
        return
    parts = ", ".join(ids)
    if why:
        say(_("with the course's {parts} ({why})").format(parts=parts, why=why))
    elif lesson:
        say(_("with your {parts} from lesson {lesson}").format(parts=parts, lesson=lesson))
    else:
        say(_("with your {parts}").format(parts=parts))


def _is_graded() -> bool:
    return os.environ.get(SWITCH) == "course"


def _find(exercise_id: str, answer: Any) -> tuple[Any, str, str]:
    """A part; if it is the course's, why; and the number of another lesson that the answer was taken from."""
    exercise, name = declared(exercise_id)
    if _is_graded():
        return exercise.reference, "", ""
    lesson = "" if answer is not _NOT_GIVEN else name[:2]
    try:
        found = saved.saved_lesson(name, saved.folder()).answer(exercise_id) if lesson else answer
        why = why_not(exercise, found)
    except saved.NotThere as reason:
        found, why = None, str(reason)
    if not exercise.is_function:
        return exercise.reference if why else found, why, lesson
    return make_part(exercise, None if why else found, why), why, lesson


def declared(exercise_id: str) -> tuple[Exercise, str]:
    """An exercise, and its lesson's name; CourseError if there is none."""
    name = saved.lesson_names().get(exercise_id)
    if name is None:
        raise CourseError(f"there is no exercise {exercise_id!r} in the course; its id stands in its check cell")
    return importlib.import_module(f"course_utils.exercises.lesson_{name[:2]}").LESSON[exercise_id], name


def why_not(exercise: Exercise, answer: Any) -> str:
    """Why an answer cannot be used, in a few words; an empty string if it is right."""
    try:
        with saved.undisturbed(), stop_after(3 * SECONDS):
            status = status_of(exercise, answer)
    except Stopped:
        return _("yours ran longer than {seconds} s").format(seconds=3 * SECONDS)
    return {"right": "", "wrong": _("yours is not right yet"), "not attempted": _("yours is not written yet")}[status]
