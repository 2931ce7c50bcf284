"""A learner's answers, taken from their saved notebooks: set-up and exercise cells, run in a namespace of their own."""

import ast
import builtins
import json
import os
import random
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from IPython import get_ipython
from IPython.utils.capture import capture_output

from course_utils.exercises.docstrings import without_docstrings
from course_utils.exercises.stopwatch import Stopped, stop_after
from course_utils.paths import repo_root
from course_utils.translation.current import spoken
from course_utils.translation.say import _

SECONDS = 20
"""How long the cells of one answer may run."""
_START = os.getcwd()  # where the kernel was started: a cell may change the folder later
_MARKER = re.compile(r"# %%(?P<markdown> \[markdown\])?(?: (?P<role>setup|exercise|check)=\"?(?P<id>[\w-]+)\"?)?")
_MARKS = ("# BEGIN SOLUTION", "# END SOLUTION")


class NotThere(Exception):
    """An answer cannot be taken from a notebook; the message says why, in a few words."""


@dataclass(frozen=True)
class SavedCell:
    """One code cell: its role ("setup", "exercise", "check" or ""), its exercise, its code."""

    role: str
    exercise: str
    source: str


def folder() -> Path:
    """Where the learner's notebooks lie: beside the one that is open, or else the course's own in its language."""
    shell = get_ipython()
    opened = shell.user_ns.get("__vsc_ipynb_file__") if shell else None  # VS Code says which file it is
    here = Path(opened).parent if opened else Path(_START)
    if any(here.glob("[0-9][0-9]_*.ipynb")):
        return here
    # Only a notebook that lies elsewhere needs it, and it brings what reads the catalogues.
    from course_utils.translation.language import Language

    return Language(spoken()).folder(repo_root() / "notebooks")


@cache
def lesson_names() -> dict[str, str]:
    """Exercise id -> file name of its lesson, without ending, for all exercises of the course in their order."""
    sources = sorted((repo_root() / "solutions").glob("[0-9][0-9]_*.py"))
    return {cell.exercise: path.stem for path in sources for cell in read_source(path) if cell.role == "exercise"}


def read_source(path: Path) -> list[SavedCell]:
    """Code cells of a lesson's source; answers are part of it."""
    cells: list[SavedCell] = []
    lines: list[str] = []
    for line in [*path.read_text(encoding="utf-8").splitlines(), "# %%"]:
        marker = _MARKER.match(line)
        if not marker:
            lines.append(line)
            continue
        if cells:
            kept = "\n".join(text for text in lines if text.strip() not in _MARKS)
            cells[-1] = SavedCell(cells[-1].role, cells[-1].exercise, kept)
        role = "markdown" if marker["markdown"] else marker["role"] or ""
        cells.append(SavedCell(role, "" if role == "setup" else marker["id"] or "", ""))
        lines = []
    return [cell for cell in cells[:-1] if cell.role != "markdown"]


def read_notebook(path: Path) -> list[SavedCell]:
    """Code cells of a notebook; what the course knows of a cell stands in its metadata and its id.

    Raises:
        NotThere: not a readable notebook.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return [_saved(cell) for cell in raw if cell["cell_type"] == "code"]
    except Exception as error:  # a broken file may be broken anywhere
        words = _("{file} cannot be read: {kind}").format(file=path.name, kind=type(error).__name__)
        raise NotThere(words) from None


def _saved(cell: dict[str, Any]) -> SavedCell:
    source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
    role = next(iter(cell.get("metadata", {}).get("course", {}).items()), ("", ""))
    if not role[0] and cell.get("id") in lesson_names():  # an editor that drops metadata keeps the id
        role = ("exercise", cell["id"])
    return SavedCell(role[0], role[1] if isinstance(role[1], str) else "", source)


class SavedLesson:
    """One lesson's cells in one folder, and what running them has given."""

    def __init__(self, name: str, cells: list[SavedCell]):
        """``name``: the file's, without ending."""
        released = read_source(repo_root() / "solutions" / f"{name}.py")
        known = {_bare(cell.source) for cell in released}
        # Besides set-up and exercises, what the learner has added: a helper may stand in a cell of its own.
        self.cells = [c for c in cells if c.role in ("setup", "exercise") or _bare(c.source) not in known]
        self.asked = {cell.exercise: _handed_in(cell.source) for cell in released if cell.role == "check"}
        self.namespace: dict[str, Any] = {"__name__": f"lesson_{name[:2]}", "__builtins__": builtins}
        self.done: set[int] = set()

    def answer(self, exercise_id: str) -> Any:
        """The learner's answer, not yet checked.

        Raises:
            NotThere: its cells are missing, or stop with an error.
        """
        wanted = [k for k, cell in enumerate(self.cells) if (cell.role, cell.exercise) == ("exercise", exercise_id)]
        if not wanted:
            raise NotThere(_("its cell is gone"))
        set_up = [k for k, cell in enumerate(self.cells) if cell.role == "setup"]
        try:
            with undisturbed(), stop_after(SECONDS):
                for k in sorted({*set_up, *self._needed(wanted)} - self.done):
                    exec(compile(_python(self.cells[k].source), f"<{exercise_id}>", "exec"), self.namespace)
                    self.done.add(k)
                return eval(self.asked[exercise_id], self.namespace)
        except Stopped:
            raise NotThere(_("its cells ran longer than {seconds} s").format(seconds=SECONDS)) from None
        except (Exception, SystemExit) as error:  # the learner's code may raise anything
            raise NotThere(_("its cells stop with {kind}").format(kind=type(error).__name__)) from None

    def _needed(self, wanted: list[int]) -> set[int]:
        """The wanted cells and those that define what they use."""
        needed: set[int] = set()
        waiting = list(wanted)
        while waiting:
            k = waiting.pop()
            needed.add(k)
            used = _names(self.cells[k].source)[1]
            others = [j for j, cell in enumerate(self.cells) if j not in needed and cell.role != "setup"]
            waiting += [j for j in others if used & _names(self.cells[j].source)[0]]
        return needed


def _handed_in(check: str) -> str:
    """The answer in a check cell: ``f`` of ``check("id", f)``."""
    call = next(node for node in ast.walk(ast.parse(check)) if isinstance(node, ast.Call) and len(node.args) == 2)
    return ast.unparse(call.args[1])


@cache
def _names(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """Names that a cell defines at its top level, and all names that it reads."""
    try:
        tree = ast.parse(_python(source))
    except SyntaxError:
        return frozenset(), frozenset()
    defined: set[str] = set()
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            defined.add(statement.name)
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            defined |= {alias.asname or alias.name.split(".")[0] for alias in statement.names}
        else:
            defined |= {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return frozenset(defined), frozenset(used)


@cache
def _bare(source: str) -> str:
    """The code without comments and docstrings, in which editions in different languages differ."""
    try:
        return ast.dump(without_docstrings(ast.parse(_python(source))))
    except SyntaxError:
        return source.strip()


def _python(source: str) -> str:
    """Code without the lines that only IPython understands."""
    return "\n".join("pass" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines())


@contextmanager
def undisturbed() -> Iterator[None]:
    """Random numbers, torch's threads and the page are afterwards as if the block had not run."""
    torch: Any = sys.modules.get("torch")
    state = random.getstate(), np.random.get_state()
    kept = (torch.get_rng_state(), torch.get_num_threads()) if torch else None
    try:
        with capture_output():
            yield
    finally:
        random.setstate(state[0])
        np.random.set_state(state[1])
        if kept:
            torch.set_rng_state(kept[0])
            torch.set_num_threads(kept[1])


_read: dict[Path, tuple[int, SavedLesson]] = {}


def saved_lesson(name: str, where: Path) -> SavedLesson:
    """The lesson as it is saved in a folder; read anew when the file has changed.

    In the course's solutions/ the sources themselves are read: notebooks there may be about to be built.

    Raises:
        NotThere: no such notebook, or an unreadable one.
    """
    is_source = where.resolve() == (repo_root() / "solutions").resolve()
    path = where / f"{name}{'.py' if is_source else '.ipynb'}"
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        raise NotThere(_("lesson {number} is not in this folder").format(number=name[:2])) from None
    if path not in _read or _read[path][0] != changed:
        _read[path] = changed, SavedLesson(name, read_source(path) if is_source else read_notebook(path))
    return _read[path][1]
