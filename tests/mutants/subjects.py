"""What is changed: the solutions in the lessons' sources, and the references of the exercises."""

import ast
import contextlib
import importlib
import inspect
import io
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from course_utils.classroom.editions import solved_text
from course_utils.classroom.grading.released import check_calls
from course_utils.classroom.source import Cell, read_source
from course_utils.exercises.core import Exercise, Lesson
from course_utils.paths import repo_root


@dataclass(frozen=True)
class Subject:
    """One program that answers an exercise.

    Attributes:
        exercise: what it answers.
        source: the program.
        build: the answer that compiled code of the program, changed or not, comes to.
        is_reference: whether it is the reference rather than the lesson's solution.
    """

    exercise: Exercise
    source: str
    build: Callable[[CodeType], Any]
    is_reference: bool = False


def sources() -> dict[str, Path]:
    """Lesson number, two digits -> its source."""
    return {path.name[:2]: path for path in sorted((repo_root() / "solutions").glob("[0-9][0-9]_*.py"))}


def subjects(number: str) -> Iterator[Subject]:
    """All programs of a lesson whose answers are functions."""
    lesson = importlib.import_module(f"course_utils.exercises.lesson_{number}").LESSON
    yield from _solutions(lesson, read_source(sources()[number]))
    for exercise in lesson.exercises.values():
        yield from _references(exercise)


def _solutions(lesson: Lesson, cells: list[Cell]) -> Iterator[Subject]:
    answers: dict[str, str] = {}
    for cell in cells:
        if cell.role == "check":
            answers |= check_calls(cell.text)
    space: dict[str, Any] = {"__name__": "lesson"}
    for cell in cells:
        if cell.role not in ("setup", "exercise"):
            continue
        source = solved_text(cell.text)
        if cell.role == "exercise" and lesson[cell.exercise].is_function:
            before = dict(space)
            yield Subject(lesson[cell.exercise], source, _in_space(before, answers[cell.exercise]))
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(source, cell.where, "exec"), space)


def _in_space(space: dict[str, Any], answer: str) -> Callable[[CodeType], Any]:
    def build(code: CodeType) -> Any:
        own = dict(space)
        exec(code, own)
        return eval(answer, own)

    return build


def _references(exercise: Exercise) -> Iterator[Subject]:
    """The reference, where it is a plain function, and the functions of its module that it calls."""
    reference = exercise.reference
    if not exercise.is_function or not _is_plain(reference):
        return
    called = {node.id for node in ast.walk(ast.parse(_source(reference))) if isinstance(node, ast.Name)}
    for name in [reference.__name__, *sorted(called - {reference.__name__})]:
        function = reference.__globals__.get(name)
        if function is reference or (_is_plain(function) and function.__module__ == reference.__module__):
            yield Subject(exercise, _source(function), _with_changed(reference, name), is_reference=True)


def _is_plain(function: Any) -> bool:
    return isinstance(function, FunctionType) and function.__name__ != "<lambda>" and not function.__closure__


def _source(function: FunctionType) -> str:
    """A function's source without its decorators and without the checks of its inputs, which no learner writes."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    tree.body[0].decorator_list = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.body = [statement for statement in node.body if not _only_raises(statement)]
    return ast.unparse(tree)


def _only_raises(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and isinstance(statement.body[-1], ast.Raise) and not statement.orelse


def _with_changed(reference: FunctionType, name: str) -> Callable[[CodeType], Any]:
    """The reference in a module of its own, in which one function is the changed one."""

    def build(code: CodeType) -> Any:
        space = dict(reference.__globals__)
        exec(code, space)
        if name == reference.__name__:
            return space[name]
        return FunctionType(reference.__code__, space, name, reference.__defaults__)

    return build
