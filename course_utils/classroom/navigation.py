"""The ways between the lessons, which each edition gets from the build: previous, contents, next, the other edition."""

import re
from pathlib import Path

from course_utils.classroom.source import Cell
from course_utils.exercises.titles import title_of

START = "start.ipynb"
"""The course's front page, among the notebooks of the learner."""
_NEXT = re.compile(r"\n+\*\*Next\*\*: \[[^\]]+\]\([^)]+\)\s*\Z")
_SOLVED = (
    "*This is the solved edition. An exercise that you have not tried yet teaches most before you read its answer; "
    "yours is [here](../notebooks/{name}.ipynb).*"
)
_WAYS = r"(?:\[← [^\]]+\]\([^)]+\) · )?\[Contents\]\([^)]+\)(?: · \[[^\]]+ →\]\([^)]+\))?"
_ADDED = re.compile(rf"^(?:{_WAYS}|\*This is the solved edition\. .*\*)$\n*", re.MULTILINE)
_WHEN = (
    "**Compare**: when your answers are right, or nothing helps any more, read "
    "[the solved edition](../solutions/{name}.ipynb)."
)


def with_ways(cells: list[Cell], source: Path, solved: bool) -> list[str]:
    """The text of each cell, the first and the last with links; a link at the end by hand gives way to them.

    Args:
        cells: of the lesson.
        source: its file; its neighbours are the lessons beside it.
        solved: for which edition.
    """
    texts = [cell.text for cell in cells]
    ways = _ways(source, solved)
    title, *rest = texts[0].split("\n")
    above = [ways, _SOLVED.format(name=source.stem)] if solved else [ways]
    texts[0] = "\n".join([title, *(f"\n{line}" for line in above), *rest])
    below = [ways] if solved else [_WHEN.format(name=source.stem), ways]
    if cells[-1].kind == "markdown" and len(cells) > 1:
        texts[-1] = "\n\n".join([_NEXT.sub("", texts[-1]).rstrip(), *below])
    return texts


def without_ways(text: str) -> str:
    """The text of a solved lesson's cell without the links that it got, for pages that have ways of their own."""
    return _ADDED.sub("", text).rstrip()


def _ways(source: Path, solved: bool) -> str:
    lessons = sorted(source.parent.glob("[0-9][0-9]_*.py"))
    place = lessons.index(source)
    links = [f"[Contents]({'../notebooks/' if solved else ''}{START})"]
    if place > 0:
        links.insert(0, f"[← {title_of(lessons[place - 1])}]({lessons[place - 1].stem}.ipynb)")
    if place + 1 < len(lessons):
        links.append(f"[{title_of(lessons[place + 1])} →]({lessons[place + 1].stem}.ipynb)")
    return " · ".join(links)
