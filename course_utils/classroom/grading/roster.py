"""The class as the instructor knows it: who is in it, their numbers and addresses, and until when they may hand in."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from course_utils.classroom.grading.learners import Learner
from course_utils.errors import CourseError

FORMULA = ("=", "+", "-", "@", "\t")
"""Beginnings of what a spreadsheet takes for a formula."""
COLUMNS = ("learner", "name", "id", "email", "section", "sis_id", "login", "due", "handed_in")


@dataclass(frozen=True)
class Person:
    """One line of the roster; what a column does not say is empty."""

    learner: str
    name: str = ""
    id: str = ""
    email: str = ""
    section: str = ""
    sis_id: str = ""
    login: str = ""
    due: str = ""
    handed_in: str = ""


def read_table(path: Path, needed: Iterable[str]) -> list[tuple[int, dict[str, str]]]:
    """Lines of a CSV with their numbers; separated by commas, semicolons or tabs, in UTF-8, with names of columns.

    Raises:
        CourseError: it cannot be read, or a needed column is missing.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CourseError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError:
        raise CourseError(f"{path}: not in UTF-8; save it as CSV UTF-8") from None
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    names = [(name or "").strip().lower() for name in reader.fieldnames or []]
    missing = [name for name in needed if name not in names]
    if missing:
        raise CourseError(f"{path}: no column {missing[0]!r}; it has: {', '.join(names)}")
    reader.fieldnames = names
    try:
        rows = [(reader.line_num, {key: _cell(value) for key, value in row.items() if key}) for row in reader]
    except csv.Error as error:
        raise CourseError(f"{path}: line {reader.line_num}: {error}") from None
    return [(number, row) for number, row in rows if any(row.values())]


def _cell(value: str | None) -> str:
    """What stands in a cell, without the mark by which the course's own tables keep it from being a formula."""
    text = (value or "").strip()
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA else text


def read_roster(path: Path) -> list[Person]:
    """The people of a roster.

    Raises:
        CourseError: a line names nobody, names somebody twice, or has a date that is none.
    """
    people: list[Person] = []
    for number, row in read_table(path, ["learner"]):
        if not row["learner"]:
            raise CourseError(f"{path}: line {number}: no learner")
        person = Person(**{name: row.get(name, "") for name in COLUMNS})
        if any(person.learner.casefold() == other.learner.casefold() for other in people):
            raise CourseError(f"{path}: line {number}: {person.learner!r} is there twice")
        for column in ("due", "handed_in"):
            if getattr(person, column):
                moment(getattr(person, column), f"{path}: line {number}: {column}")
        people.append(person)
    if not people:
        raise CourseError(f"{path}: nobody is on it")
    return people


def moment(text: str, where: str) -> datetime:
    """A date and time in ISO form, `2026-05-01` or `2026-05-01T23:59`, of this machine's zone unless it names one.

    A day alone means its end.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise CourseError(f"{where}: {text!r} is no date like 2026-05-01 or 2026-05-01T23:59") from None
    if len(text) == len("2026-05-01"):
        found = found.replace(hour=23, minute=59, second=59)
    return found if found.tzinfo else found.astimezone()


def matched(learners: Iterable[Learner], people: list[Person]) -> tuple[list[Learner], dict[str, Person], list[str]]:
    """Everyone on the roster, with what they handed in, and whoever else handed in something.

    A submission belongs to the person whose `learner`, `id`, `login` or `name` its folder or file names.

    Returns:
        The learners, named as on the roster; learner -> person; names that are not on the roster.
    """
    found: dict[str, Learner] = {}
    strangers: list[Learner] = []
    for learner in learners:
        person = next((person for person in people if _is(learner, person)), None)
        if person is None or person.learner in found:
            strangers.append(learner)
        else:
            found[person.learner] = replace(learner, name=person.learner)
    everyone = [found.get(person.learner, Learner(person.learner)) for person in people]
    known = {person.learner: person for person in people}
    strangers = [
        replace(one, name=f"{one.name} [not on the roster]") if one.name in known else one for one in strangers
    ]
    return [*everyone, *strangers], known, [learner.name for learner in strangers]


def _is(learner: Learner, person: Person) -> bool:
    if learner.id and learner.id == person.id:
        return True
    name = learner.name.casefold()
    return name in {key.casefold() for key in (person.learner, person.name, person.login, person.id) if key}
