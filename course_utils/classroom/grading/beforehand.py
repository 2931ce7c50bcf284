"""What grading would leave to a person: found in a notebook without running it, so that its author can mend it."""

from collections.abc import Iterator, Sequence
from typing import Any

from course_utils.classroom.grading.released import Released
from course_utils.classroom.grading.room.notebook import Unreadable
from course_utils.classroom.grading.room.reading import read_answers, which_lesson
from course_utils.translation.retold import retold
from course_utils.translation.say import _


def warnings_of(content: bytes, course: Sequence[Released]) -> tuple[str, ...]:
    """One line for each thing that an instructor would be asked about, as "exercise: why"."""
    try:
        facts = [{"name": lesson.name, "answers": list(lesson.exercises)} for lesson in course]
        name = which_lesson(content, facts)["lesson"]
        lesson = next((lesson for lesson in course if lesson.name == name), None)
        if lesson is None:
            return ()
        answers = read_answers(content, lesson.text)
    except Unreadable:
        return ()
    return tuple(f"{name}: {words}" for name, found in answers.items() for words in _of_answer(found, lesson))


def _of_answer(found: dict[str, Any], lesson: Released) -> Iterator[str]:
    if found["state"] == "unclear":
        yield _("needs review: {reason}").format(reason=retold(found["reason"]))
    if found["state"] != "answer":
        return
    missing = sorted(set(found["uses"]) - set(lesson.values(found["given"])))
    if missing:
        names = ", ".join(missing)
        words = _("needs review if it uses {names}: the course's own is not there while answers are graded")
        yield words.format(names=names)
    for routine in found["shortcuts"]:
        words = _("your instructor is told that it uses {routine}, which is the exercise itself")
        yield words.format(routine=routine)
    if found["unusual"]:
        yield _("your instructor is told of: {what}").format(what=", ".join(map(retold, found["unusual"])))
