"""From the cells of a source to the two editions: the learner's, without answers, and the solved one."""

import ast
import re
import textwrap
from collections import Counter
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_utils.classroom.navigation import with_ways, without_next
from course_utils.classroom.source import BEGIN, END, Cell
from course_utils.translation.current import mark
from course_utils.translation.language import ENGLISH, Language

STUB = "...  # your answer here"
KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
"""What every notebook of the course says of its language."""


def learner_text(text: str) -> str:
    """An exercise cell with every solution replaced by a stub.

    Inside a function the stub is one line; at the top level each name that the solution assigns gets one, so that the
    cells below find it.
    """
    return _replace_solutions(text, _stub)


def solved_text(text: str) -> str:
    """An exercise cell with the answers, but without the marks around them."""
    return _replace_solutions(text, lambda lines: lines)


def _replace_solutions(text: str, replacement) -> str:
    result: list[str] = []
    solution: list[str] | None = None
    for line in text.splitlines():
        if line.strip() == BEGIN:
            solution = []
        elif line.strip() == END:
            result += replacement(solution)
            solution = None
        else:
            (result if solution is None else solution).append(line)
    return "\n".join(result)


def _stub(solution: list[str]) -> list[str]:
    code = "\n".join(solution)
    first = next(line for line in solution if line.strip())
    indent = first[: len(first) - len(first.lstrip())]
    if indent:
        return [indent + STUB]
    names = [
        name.id
        for statement in ast.parse(textwrap.dedent(code)).body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for name in ast.walk(statement)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    ]
    return [f"{name} = {STUB}" for name in dict.fromkeys(names)]


def cell_ids(cells: list[Cell]) -> list[str]:
    """An id for every cell, which stays the same when a cell elsewhere changes.

    Exercises are named by their id, checks by "check-" and it, all others by their section's heading and their place
    in it.
    """
    counts: Counter[str] = Counter()
    section, ids = "", []
    for cell in cells:
        heading = re.match(r"#+ (.+)", cell.text) if cell.kind == "markdown" else None
        if heading:
            section = re.sub(r"[^a-z0-9]+", "-", heading[1].lower()).strip("-")[:48]
        if cell.role in ("exercise", "check"):
            ids.append(cell.exercise if cell.role == "exercise" else f"check-{cell.exercise}")
            continue
        counts[section] += 1
        ids.append(f"{section}--{counts[section]}")
    return ids


def _metadata(cell: Cell) -> dict:
    """What the builder, the grader and nbval have to know of a cell."""
    if cell.role == "uncompared":
        return {"tags": ["nbval-ignore-output"]}
    return {"course": {cell.role: cell.exercise or True}} if cell.role else {}


def make_edition(
    cells: list[Cell], solved: bool, facts: dict, source: Path | None = None, language: Language = ENGLISH
) -> NotebookNode:
    """A notebook without outputs.

    Args:
        cells: of the lesson.
        solved: with the answers.
        facts: go into its metadata under "course".
        source: the lesson's file, where the edition stands among others and gets links to them.
        language: of its prose, comments and docstrings, with a source; cells keep their ids in all of them.

    Raises:
        CourseError: a translation changes the code.
    """
    ids = cell_ids(cells)
    if source:
        cells = [language.cell(cell, source.stem) for cell in without_next(cells)]
    texts = with_ways(cells, source, solved, language) if source else [cell.text for cell in cells]
    transform = solved_text if solved else learner_text
    notebook = new_notebook()
    for cell, cell_id, said in zip(cells, ids, texts, strict=True):
        text = transform(said) if cell.role == "exercise" else said
        text = mark(text, language.code) if cell.role == "setup" else text
        make = new_code_cell if cell.kind == "code" else new_markdown_cell
        notebook.cells.append(make(text, id=cell_id, metadata=_metadata(cell)))
    notebook.metadata.update(KERNEL, course=facts)
    nbformat.validate(notebook)
    return notebook
