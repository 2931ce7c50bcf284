"""What a learner handed in: of each notebook, the source of its exercise cells and nothing else."""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course_utils.classroom.grading.released import Released, check_calls
from course_utils.errors import CourseError

LARGEST_FILE = 20 * 2**20  # bytes; an executed lesson stays under 1.5 MB
_LONGEST_ANSWER = 100_000  # characters


class Unreadable(Exception):
    """A notebook of a submission that cannot be graded; the message says why, in one line."""


@dataclass(frozen=True)
class Learner:
    """One learner and the notebooks they handed in."""

    name: str
    notebooks: tuple[Path, ...]


@dataclass(frozen=True)
class Submission:
    """One notebook, read: answers by exercise id, what the grader should say about them, and names defined elsewhere.

    Attributes:
        answers: exercise id -> source of its cell.
        unclear: exercise id -> why its answer cannot be told from the notebook.
        notes: one line each, for the report.
        other_source: source of all other code cells; never run, only searched for names that an answer misses.
    """

    answers: dict[str, str]
    unclear: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    other_source: str = ""


def find_learners(paths: Iterable[Path]) -> list[Learner]:
    """Who handed in what.

    A notebook given by itself is a learner named after the file. A folder that holds notebooks is one learner; in a
    folder without any, every sub-folder is a learner.

    Raises:
        CourseError: a path does not exist or holds no notebook, or two learners have the same name.
    """
    learners = []
    for path in paths:
        try:
            learners += _learners_of(path)
        except OSError as error:
            raise CourseError(f"{error.filename or path}: cannot be read: {error.strerror}") from error
    names = Counter(learner.name for learner in learners)
    for name, count in names.items():
        if count > 1:
            raise CourseError(f"{name}: {count} submissions have this name; give their common folder, or rename them")
    return sorted(learners, key=lambda learner: learner.name)


def _learners_of(path: Path) -> list[Learner]:
    if path.is_file():
        return [Learner(path.stem, (path,))]
    if not path.is_dir():
        raise CourseError(f"{path}: no such file or folder")
    if any(path.glob("*.ipynb")):
        return [Learner(path.resolve().name, _notebooks_below(path))]
    folders = [folder for folder in sorted(path.iterdir()) if folder.is_dir() and not folder.name.startswith(".")]
    learners = [Learner(folder.name, _notebooks_below(folder)) for folder in folders]
    if not any(learner.notebooks for learner in learners):
        raise CourseError(f"{path}: no notebook in it; expected .ipynb files or one folder of them for each learner")
    return learners


def _notebooks_below(folder: Path) -> tuple[Path, ...]:
    """All notebooks at any depth, without Jupyter's checkpoints and other hidden folders."""
    found = sorted(folder.rglob("*.ipynb"))
    return tuple(p for p in found if not any(part.startswith(".") for part in p.relative_to(folder).parts))


def by_lesson(learner: Learner, course: list[Released]) -> dict[str, list[Path]]:
    """Lesson name -> the learner's notebooks that answer it, told by the file name, or else by the exercises inside."""
    found: dict[str, list[Path]] = {}
    for path in learner.notebooks:
        lesson = next((lesson for lesson in course if lesson.name == path.stem), None) or _lesson_inside(path, course)
        if lesson:
            found.setdefault(lesson.name, []).append(path)
    return found


def _lesson_inside(path: Path, course: list[Released]) -> Released | None:
    """The lesson whose exercises the notebook has most of; when only one lesson is graded, that one."""
    try:
        cells = _code_cells(path)
    except Unreadable:
        return course[0] if len(course) == 1 else None
    ids = {name for cell in cells for name in (cell.id, cell.exercise, *check_calls(cell.source))}
    best = max(course, key=lambda lesson: len(ids & lesson.exercises.keys()), default=None)
    return best if best and ids & best.exercises.keys() else None


def read_submission(path: Path, released: Released) -> Submission:
    """The answers in a notebook, found by cell id, else by the exercise marker, else as the cell before the check.

    Raises:
        Unreadable: the file is too large, not JSON, not a notebook of format 4, or has cells of the same id.
    """
    cells = _code_cells(path)
    repeated = [name for name, count in Counter(cell.id for cell in cells if cell.id).items() if count > 1]
    if repeated:
        raise Unreadable(f"{path.name}: several cells have the id {repeated[0]!r}")
    answers, unclear, notes, used = {}, {}, [], set()
    for name in released.exercises:
        found, how = _find(name, cells)
        used |= {id(cell) for cell in found}
        if len(found) > 1:
            unclear[name] = f"{len(found)} cells claim to be the answer to {name}; put the answer into one cell"
        elif found and len(found[0].source) > _LONGEST_ANSWER:
            unclear[name] = f"the answer is longer than {_LONGEST_ANSWER} characters"
        elif found:
            answers[name] = found[0].source
            if how:
                notes.append(f"{name}: the cell has no id of ours; found {how}")
    other_source = "\n".join(cell.source for cell in cells if id(cell) not in used)
    return Submission(answers, unclear, tuple(notes), other_source)


@dataclass(frozen=True)
class _Cell:
    id: str
    exercise: str
    source: str


def _find(name: str, cells: list[_Cell]) -> tuple[list[_Cell], str]:
    """The cells that may hold the answer to one exercise, and how they were found if not by their id."""
    by_id = [cell for cell in cells if name in (cell.id, cell.exercise)]
    if by_id:
        return by_id, "" if any(cell.id == name for cell in by_id) else "by its exercise marker"
    pairs = zip(cells, cells[1:], strict=False)
    return [before for before, cell in pairs if name in check_calls(cell.source)], f'before check("{name}", ...)'


def _code_cells(path: Path) -> list[_Cell]:
    """The code cells of a notebook, read without trusting anything in it."""
    if path.is_symlink() or not path.is_file():
        raise Unreadable(f"{path.name}: not a plain file")
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise Unreadable(f"{path.name}: {size / 2**20:.0f} MB; a notebook may have {LARGEST_FILE // 2**20} MB at most")
    try:
        notebook = json.loads(path.read_bytes())
    except OSError as error:
        raise Unreadable(f"{path.name}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{path.name}: not a notebook (not JSON: {_first_line(error)})") from error
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise Unreadable(
            f"{path.name}: not a notebook of format 4 (it has no list of cells); save it with a newer Jupyter"
        )
    return [_cell(cell) for cell in notebook["cells"] if isinstance(cell, dict) and cell.get("cell_type") == "code"]


def _cell(raw: dict[str, Any]) -> _Cell:
    source = raw.get("source", "")
    source = "".join(map(str, source)) if isinstance(source, list) else str(source)
    metadata = raw.get("metadata")
    course = metadata.get("course") if isinstance(metadata, dict) else None
    exercise = course.get("exercise", "") if isinstance(course, dict) else ""
    # Lone surrogates are legal in JSON but cannot be written to a file.
    return _Cell(str(raw.get("id", "")), str(exercise), source.encode("utf-8", "replace").decode())


def defines(source: str, name: str) -> bool:
    """Whether a piece of source seems to define, assign or import a name; a guess that need not parse."""
    word = re.escape(name)
    return bool(
        re.search(rf"^\s*(def|class)\s+{word}\b|^\s*{word}\s*[,=:]|\bimport\b.*\b{word}\b", source, re.MULTILINE)
    )


def names_used(source: str) -> set[str]:
    """The names that occur in an answer; none if it is no Python."""
    try:
        return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0][:120]
