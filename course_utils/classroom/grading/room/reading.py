"""Finding the answers of a lesson in a notebook: of each, what to run, or why there is nothing to run."""

import ast
import contextlib
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from course_utils.classroom.grading.room.notebook import Cell, cells_of, language_of, parse, read_cells, read_notebook
from course_utils.classroom.grading.room.slicing import (
    fingerprint,
    is_shortcut,
    routines_used,
    slice_for,
    unusual,
)
from course_utils.classroom.grading.room.statements import Statement, lies_in, statements_of
from course_utils.exercises.docstrings import without_docstrings
from course_utils.exercises.sentences import Sentence


@dataclass(frozen=True)
class LessonText:
    """What the sandbox may know of a released lesson: only what every learner has seen.

    Attributes:
        name: the lesson's.
        answers: exercise id -> expression that its check cell hands in.
        stubs: exercise id -> its cell as it was handed out.
        setup: sources of the set-up cells.
        given: names that the set-up makes from the course's packages.
        packages: the course's own: their parts stay out of the sandbox.
        cells: sources of all code cells.
        shortcuts: exercise id -> library routines that are the exercise.
        helpers: exercise id -> functions of the course that its answer may call.
    """

    name: str
    answers: dict[str, str]
    stubs: dict[str, str]
    setup: tuple[str, ...]
    given: tuple[str, ...]
    packages: tuple[str, ...]
    cells: tuple[str, ...]
    shortcuts: dict[str, tuple[str, ...]]
    helpers: dict[str, tuple[str, ...]]


def which_lesson(content: bytes, lessons: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The lesson whose exercises a notebook holds most of, by ids, markers and checks.

    Besides, the language that it says it speaks, and when it ran last.
    """
    notebook = read_notebook(content)
    cells = cells_of(notebook)
    names = {name for cell in cells for name in cell.names}
    source = "\n".join(cell.source for cell in cells)
    scores = {
        lesson["name"]: sum((name in names) + (f'check("{name}"' in source) for name in lesson["answers"])
        for lesson in lessons
    }
    best = max(scores, key=scores.__getitem__, default="")
    return {
        "lesson": best if scores.get(best) else "",
        "language": language_of(notebook),
        "moment": max((cell.moment for cell in cells), default=""),
    }


def read_answers(content: bytes, lesson: LessonText) -> dict[str, dict[str, Any]]:
    """Exercise id -> what the notebook says to it; see `_Reader.answer`. Unreadable if it is no notebook."""
    reader = _Reader(read_cells(content), lesson)
    return {name: reader.answer(name) for name in lesson.answers}


class _Reader:
    def __init__(self, cells: list[Cell], lesson: LessonText):
        self.cells, self.lesson = cells, lesson
        self.released = {_bare(text) for text in lesson.cells}
        self.setup = frozenset(one.text for source in lesson.setup for one in statements_of(ast.parse(source), -1))
        self.statements: list[Statement] = []
        self.broken: dict[int, str] = {}
        for source in lesson.setup:
            self.statements += statements_of(ast.parse(source), -1)
        for number, cell in enumerate(cells):
            if cell.kind == "code":
                self._add(number, parse(cell.source))

    def _add(self, number: int, tree: ast.Module | str) -> None:
        if isinstance(tree, str):
            self.broken[number] = tree
            return
        try:
            self.statements += list(statements_of(tree, number))
        except SyntaxError as error:  # such as a `return` outside of a function
            self.broken[number] = Sentence("not valid Python: {why}", why=error.msg)
        except (ValueError, RecursionError, MemoryError) as error:
            self.broken[number] = Sentence("too deep to be read ({kind})", kind=type(error).__name__)

    def answer(self, name: str) -> dict[str, Any]:
        """What is to be run, under "run"; or the "state", "stub", "broken" or "unclear", and the reason in words."""
        own = [k for k, cell in enumerate(self.cells) if name in cell.names]
        code = [k for k in own if self.cells[k].kind == "code"]
        problem = self._problem(name, own, code)
        if problem:
            return problem
        names = {node.id for node in ast.walk(ast.parse(self.lesson.answers[name])) if isinstance(node, ast.Name)}
        makers = [k for k, one in enumerate(self.statements) if names & (one.makes | one.may_make) and one.cell >= 0]
        makers = [k for k in makers if self._is_written(self.statements[k])]
        if not makers:
            return self._nothing(name, code)
        end = self._end(name, code, makers)
        return self._to_run(name, names, end, code)

    def _problem(self, name: str, own: list[int], code: list[int]) -> dict[str, Any] | None:
        if own and not code:
            kind = self.cells[own[0]].kind
            words = Sentence("its cell is a {kind} cell; turn it into a code cell again (Y in command mode)", kind=kind)
            return _state("unclear", words)
        stub = _bare(self.lesson.stubs[name])
        written = {_bare(self.cells[k].source) for k in code} - {stub}
        if len(written) > 1:
            words = Sentence("{count} different cells claim to be its answer; keep one of them", count=len(code))
            return _state("unclear", words)
        return None

    def _is_written(self, one: Statement) -> bool:
        """Whether a statement is the learner's: it stands in a cell that is not as it was handed out."""
        return _bare(self.cells[one.cell].source) not in self.released

    def _nothing(self, name: str, code: list[int]) -> dict[str, Any]:
        broken = [self.broken[k] for k in code if k in self.broken]
        if broken:
            return _state("broken" if broken[0].startswith("not valid") else "unclear", broken[0])
        stub = _bare(self.lesson.stubs[name])
        if any(_bare(self.cells[k].source) == stub for k in code):
            return _state("stub", "")
        wanted = self.lesson.answers[name]
        if code:
            return _state("broken", Sentence("the cell does not define {wanted}", wanted=wanted))
        words = Sentence("its cell is gone, and no other cell makes {wanted}; put it back", wanted=wanted)
        return _state("unclear", words)

    def _end(self, name: str, code: list[int], makers: list[int]) -> int:
        """Number of the first statement that comes too late for the answer: the check, or the next exercise."""
        first = code[0] if code else self.statements[makers[0]].cell
        start = next((k for k, one in enumerate(self.statements) if one.cell >= first), 0)
        checks = [k for k, one in enumerate(self.statements) if _checks(one) == name and k >= start]
        others = {other for other in self.lesson.answers if other != name}
        nexts = [
            k for k, one in enumerate(self.statements) if one.cell > first and others & set(self.cells[one.cell].names)
        ]
        end = min(checks or nexts or [len(self.statements)])
        # What stands there is the stub alone, but there is an answer further down: the cells ran in another order.
        return end if any(k < end for k in makers) else makers[-1] + 1

    def _to_run(self, name: str, names: set[str], end: int, code: list[int]) -> dict[str, Any]:
        given, packages = frozenset(self.lesson.given), frozenset(self.lesson.packages)
        needed = slice_for(names, end, self.statements, given, self.setup, packages)
        own = [self.statements[k] for k in needed.statements]
        learners = [one for one in own if one.cell >= 0]
        foreign = {
            k for k, cell in enumerate(self.cells) if set(cell.names) & set(self.lesson.answers) and k not in code
        }
        wide = {
            k
            for k, one in enumerate(self.statements[:end])
            if one.cell >= 0 and one.cell not in foreign and self._is_written(one) and _checks(one) is None
        }
        numbers = sorted({*needed.statements, *wide})
        origin = {made: dotted for one in self.statements for made, dotted in one.origin.items()}
        used, known = routines_used(learners, origin), self.lesson.shortcuts.get(name, ())
        everywhere = [one for k in numbers if (one := self.statements[k]).cell >= 0]
        used_wide = routines_used(everywhere, origin)
        made_in = [one.cell for one in learners if names & (one.makes | one.may_make)]
        return {
            "state": "answer",
            "run": [(one.text, one.is_call) for one in own],
            "wide": [(self.statements[k].text, True) for k in numbers if not self.statements[k].comes_from(packages)],
            "futures": any(one.text.startswith("from __future__ import annotations") for one in self.statements),
            "given": sorted(needed.given & given),
            "uses": sorted(
                _not_lent(needed.given - {"check", "yours"}, origin, used, self.lesson.helpers.get(name, ()))
            ),
            "course": dict.fromkeys(given, "") | {made: at for made, at in origin.items() if lies_in(at, packages)},
            "shortcuts": [one for one in known if is_shortcut(used, one)],
            "shortcuts_wide": [one for one in known if is_shortcut(used_wide, one)],
            "unusual": sorted(unusual(learners, origin)),
            "unusual_wide": sorted(unusual(everywhere, origin)),
            "alike": fingerprint(learners),
            "text": "\n".join(one.text for one in learners)[:20_000],
            "place": made_in[-1] + 1 if made_in and made_in[-1] not in code else 0,
        }


def _not_lent(names: set[str], origin: dict[str, str], used: set[str], helpers: tuple[str, ...]) -> set[str]:
    """Names of the course's objects, without those of which an answer uses only what it may."""
    allowed = {".".join(parts[:k]) for helper in helpers if (parts := helper.split(".")) for k in range(len(parts) + 1)}
    mentions = {name: {one for one in used if f"{one}.".startswith(f"{origin[name]}.")} for name in names & set(origin)}
    return {name for name in names if not mentions.get(name) or mentions[name] - allowed}


def _checks(one: Statement) -> str | None:
    """The exercise that a statement checks, if it is a check."""
    if not one.is_call or not one.text.startswith("check("):
        return None
    statement = ast.parse(one.text).body[0]
    call = statement.value if isinstance(statement, ast.Expr) else None
    first = call.args[0] if isinstance(call, ast.Call) and call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


@functools.cache
def _bare(source: str) -> str:
    """A source without what is no learner's work: blanks, and comments and docstrings, which translations change."""
    tree = parse(source)
    if isinstance(tree, ast.Module):
        with contextlib.suppress(RecursionError):
            return ast.dump(without_docstrings(tree))
    return "\n".join(line.rstrip() for line in source.strip().splitlines() if line.strip())


def _state(state: str, reason: str) -> dict[str, Any]:
    # Only plain text travels; outside, `heard` knows the sentence again.
    return {"state": state, "reason": str(reason)}
