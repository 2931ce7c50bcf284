"""The class as tables: for a spreadsheet, for Moodle's and Canvas's gradebooks, and as JUnit XML."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from course_utils.classroom.grading.results import LearnerResult
from course_utils.classroom.grading.roster import FORMULA, Person

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_KINDS = {
    **{"passed": None, "reviewed": None, "partly": "failure", "failed": "failure"},
    **{"needs review": "error", "not read": "error"},
}


def lessons_of(results: Sequence[LearnerResult]) -> dict[str, int]:
    """Lesson -> its points, in the lessons' order."""
    return {lesson.lesson: lesson.points for result in results for lesson in result.lessons}


def scores_csv(results: Sequence[LearnerResult], people: Mapping[str, Person]) -> str:
    """One row a learner: points by lesson, their sum, what was to be had, how much a person must look at."""
    lessons = lessons_of(results)
    extra = [name for name in ("name", "id", "email") if any(getattr(one, name) for one in people.values())]
    rows = [["learner", *extra, *lessons, "points", "out_of", "needs_review", "late"]]
    for result in results:
        person = people.get(result.learner, Person(result.learner))
        earned = {lesson.lesson: number(lesson.earned) for lesson in result.lessons}
        rows.append(
            [
                result.learner,
                *(getattr(person, name) for name in extra),
                *(earned.get(lesson, "0") for lesson in lessons),
                number(result.earned),
                str(sum(lessons.values())),
                str(result.to_review),
                "late" if result.late else "",
            ]
        )
    return _csv(rows)


def moodle_csv(results: Sequence[LearnerResult], people: Mapping[str, Person]) -> str:
    """For Moodle's grade import (docs.moodle.org, "Grade import"): columns that name a user, and one a lesson.

    There, map "ID number" to useridnumber or "Email address" to useremail, and each lesson to its grade item.
    """
    lessons = lessons_of(results)
    rows = [["ID number", "Email address", *lessons]]
    for result in results:
        if person := people.get(result.learner):
            rows.append([person.id, person.email, *_points(result, lessons)])
    return _csv(rows)


def canvas_csv(results: Sequence[LearnerResult], people: Mapping[str, Person]) -> str:
    """For Canvas's gradebook (Canvas Instructor Guide, "How do I import grades in the Gradebook?").

    The five columns that name a student, then an assignment a lesson; the second row says what each is worth.
    """
    lessons = lessons_of(results)
    rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *lessons]]
    rows.append(["    Points Possible", "", "", "", "", *map(str, lessons.values())])
    for result in results:
        if person := people.get(result.learner):
            named = [person.name or person.learner, person.id, person.sis_id, person.login, person.section]
            rows.append([*named, *_points(result, lessons)])
    return _csv(rows)


def _points(result: LearnerResult, lessons: Mapping[str, int]) -> list[str]:
    """Of each lesson; nothing for one that could not be read: a gradebook would take 0 for its grade."""
    unread = {lesson.lesson for lesson in result.lessons if any(one.status == "not read" for one in lesson.exercises)}
    earned = {lesson.lesson: lesson.earned * result.factor for lesson in result.lessons}
    return ["" if lesson in unread else number(earned.get(lesson, 0)) for lesson in lessons]


def number(points: float) -> str:
    """Points without zeros behind the point."""
    return f"{round(points, 2):g}"


def _csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(no_formulas(rows))
    return text.getvalue()


def no_formulas(rows: list[list[str]]) -> list[list[str]]:
    """Rows with a mark in front of every cell that a spreadsheet would take for a formula."""
    return [[f"'{cell}" if cell[:1] in FORMULA else cell for cell in row] for row in rows]


def junit(results: Sequence[LearnerResult]) -> str:
    """A test suite for each learner's lesson, a test case for each exercise; needs review is an error, never a pass."""
    root = ElementTree.Element("testsuites", name="course grade")
    for result in results:
        for lesson in result.lessons:
            suite = ElementTree.SubElement(root, "testsuite", name=_xml(f"{result.learner} {lesson.lesson}"))
            kinds = [_KINDS.get(exercise.status, "skipped") for exercise in lesson.exercises]
            counts = {"failures": "failure", "errors": "error", "skipped": "skipped"}
            suite.set("tests", str(len(kinds)))
            for name, kind in counts.items():
                suite.set(name, str(kinds.count(kind)))
            for exercise, outcome in zip(lesson.exercises, kinds, strict=True):
                case = ElementTree.SubElement(suite, "testcase", classname=str(suite.get("name")), name=exercise.id)
                if outcome:
                    ElementTree.SubElement(case, outcome, message=exercise.status).text = _xml(exercise.reason)
        if result.problems:
            suite = ElementTree.SubElement(root, "testsuite", name=_xml(f"{result.learner} files"))
            for problem in result.problems:
                case = ElementTree.SubElement(suite, "testcase", classname=str(suite.get("name")), name="file")
                ElementTree.SubElement(case, "error", message="needs review").text = _xml(problem)
            suite.set("tests", str(len(result.problems)))
            suite.set("errors", str(len(result.problems)))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _xml(text: str) -> str:
    return _NOT_XML.sub("?", text)


def look_alikes(results: Sequence[LearnerResult]) -> list[tuple[str, str, list[str]]]:
    """(lesson, exercise, learners) of answers of several learners that are equal up to names, spaces and comments."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for result in results:
        for lesson in result.lessons:
            for exercise in lesson.exercises:
                if exercise.alike:
                    groups.setdefault((lesson.lesson, exercise.id, exercise.alike), []).append(result.learner)
    return [(lesson, name, learners) for (lesson, name, _), learners in groups.items() if len(learners) > 1]
