"""The ways between the lessons, which each edition gets from the build: previous, contents, next, the other edition."""

import re
from dataclasses import replace
from pathlib import Path

from course_utils.classroom.source import Cell
from course_utils.translation.language import CLASSROOM, ENGLISH, Language
from course_utils.translation.say import N_

START = "start.ipynb"
"""The course's front page, among the notebooks of the learner."""
_NEXT = re.compile(r"\n+\*\*Next\*\*: \[[^\]]+\]\([^)]+\)\s*\Z")
_SOLVED = N_(
    "*This is the solved edition. An exercise that you have not tried yet teaches most before you read its answer; "
    "yours is [here]({link}).*"
)
_WHEN = N_("**Compare**: when your answers are right, or nothing helps any more, read [the solved edition]({link}).")
_CONTENTS = N_("Contents")
# The line with the ways leads to the front page, the one above a solved edition to the learner's, in any language.
_ADDED = re.compile(r"^(?:.*\]\((?:[^)]*/)?start\.ipynb\).*|\*.*\]\([^)]*notebooks/[^)]*\)\.\*)$\n*", re.MULTILINE)


def without_next(cells: list[Cell]) -> list[Cell]:
    """A lesson's cells without the link to the next one, which a source gives by hand; the build makes its own."""
    return [*cells[:-1], replace(cells[-1], text=_NEXT.sub("", cells[-1].text))]


def with_ways(cells: list[Cell], source: Path, solved: bool, language: Language = ENGLISH) -> list[str]:
    """The text of each cell, the first and the last with links.

    Args:
        cells: of the lesson, in the language, `without_next`.
        source: its file; its neighbours are the lessons beside it.
        solved: for which edition.
        language: of the links' words.
    """
    say = language.lookup(CLASSROOM)
    texts = [cell.text for cell in cells]
    ways = _ways(source, solved, language)
    title, *rest = texts[0].split("\n")
    above = [ways, say(_SOLVED).format(link=f"{_to_learner(language)}{source.stem}.ipynb")] if solved else [ways]
    texts[0] = "\n".join([title, *(f"\n{line}" for line in above), *rest])
    up = "../" if language == ENGLISH else "../../"
    below = [ways] if solved else [say(_WHEN).format(link=f"{up}solutions/{source.stem}.ipynb"), ways]
    if cells[-1].kind == "markdown" and len(cells) > 1:
        texts[-1] = "\n\n".join([texts[-1].rstrip(), *below])
    return texts


def without_ways(text: str) -> str:
    """The text of a solved lesson's cell without the links that it got, for pages that have ways of their own."""
    return _ADDED.sub("", text).rstrip()


def _to_learner(language: Language) -> str:
    """The way from a solved edition to the folder of the learner's: solutions/, or build/id/ for a translated one."""
    return "../notebooks/" if language == ENGLISH else f"../../notebooks/{language.code}/"


def _ways(source: Path, solved: bool, language: Language) -> str:
    lessons = sorted(source.parent.glob("[0-9][0-9]_*.py"))
    place = lessons.index(source)
    contents = language.lookup(CLASSROOM)(_CONTENTS)
    links = [f"[{contents}]({_to_learner(language) if solved else ''}{START})"]
    if place > 0:
        links.insert(0, f"[← {language.title(lessons[place - 1])}]({lessons[place - 1].stem}.ipynb)")
    if place + 1 < len(lessons):
        links.append(f"[{language.title(lessons[place + 1])} →]({lessons[place + 1].stem}.ipynb)")
    return " · ".join(links)
