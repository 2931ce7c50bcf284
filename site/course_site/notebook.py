"""One solved lesson as a page: text, code, stored outputs, and every answer folded below its task."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_site.outputs import Shelf, as_markup
from course_utils.classroom.navigation import without_ways
from course_utils.errors import CourseError
from course_utils.translation.say import _

Relink = Callable[[str, str], str]
"""Turns the links of a text into links of the site; the second argument names the place, for error messages."""


@cache
def read(path: Path) -> NotebookNode:
    """A notebook of the course.

    Raises:
        CourseError: it is missing or no notebook.
    """
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise CourseError(f"{path.name}: not in {path.parent}/; course build {path.stem[:2]} makes it") from None
    except Exception as error:  # nbformat raises whatever its JSON and schema libraries raise
        raise CourseError(f"{path}: cannot be read as a notebook ({type(error).__name__})") from None


def as_page(solved: NotebookNode, learner: NotebookNode, name: str, shelf: Shelf, relink: Relink) -> str:
    """The page's text in MyST's Markdown.

    Args:
        solved: the edition with answers and outputs. learner: the one without; its cells have the same ids.
        name: of the solved edition, for error messages.
        shelf: where pictures are put.

    Raises:
        CourseError: an output breaks a rule of `outputs`, or the editions do not belong together.
    """
    stubs = {cell.id: cell.source for cell in learner.cells}
    if not any(cell.get("outputs") for cell in solved.cells):
        raise CourseError(f"{name}: holds no outputs; course build {shelf.lesson[:2]} makes them")
    blocks: list[str] = []
    cells = list(solved.cells)
    for k, cell in enumerate(cells):
        place = f"{name}, cell {cell.id!r}"
        role = cell.metadata.get("course", {})
        following = cells[k + 1].metadata.get("course", {}) if k + 1 < len(cells) else {}
        if cell.cell_type == "markdown":
            blocks.append(relink(without_ways(cell.source), place))
        elif "exercise" in role:
            if cell.id not in stubs:
                raise CourseError(f"{place}: the learner's edition has no such cell; build the lesson again")
            blocks += _opened(stubs[cell.id]) + [code(cell.source)] + as_markup(cell.outputs, place, shelf)
            blocks += [] if following.get("check") == role["exercise"] else ["</details></div>"]
        elif "check" in role:
            blocks += [code(cell.source), *as_markup(cell.outputs, place, shelf)]
            before = cells[k - 1].metadata.get("course", {}) if k else {}
            blocks += ["</details></div>"] if before.get("exercise") == role["check"] else []
        elif "setup" in role and not cell.outputs:
            blocks += [f'<details class="setup"><summary>{_("Set-up")}</summary>', code(cell.source), "</details>"]
        else:
            blocks += [code(cell.source), *as_markup(cell.outputs, place, shelf)]
    return "\n\n".join(blocks) + "\n"


def _opened(stub: str) -> list[str]:
    """What a learner finds, and the beginning of the folded answer."""
    return [
        f'<div class="exercise"><p class="exercise-label">{_("Your turn")}</p>',
        code(stub),
        f'<details class="solution"><summary>{_("Solution")}</summary>',
    ]


def code(text: str) -> str:
    """A cell's code, in a fence that is longer than any in it."""
    return fence("python", text)


def fence(info: str, text: str) -> str:
    """A fenced block."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    return f"{'`' * (longest + 1)}{info}\n{text}\n{'`' * (longest + 1)}"
