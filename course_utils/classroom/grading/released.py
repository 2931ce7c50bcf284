"""A released lesson as the grader sees it: its exercises, and what its set-up gives to answers."""

import ast
import contextlib
import functools
import importlib
import io
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from course_utils.classroom.editions import make_edition
from course_utils.classroom.grading.contents import refuse_the_course
from course_utils.classroom.grading.own_lessons import declarations_beside
from course_utils.classroom.grading.room.reading import LessonText
from course_utils.classroom.grading.room.statements import lies_in, statements_of
from course_utils.classroom.grading.room.wire import NotOnTheWire, dumps
from course_utils.classroom.source import read_source
from course_utils.errors import CourseError
from course_utils.exercises.core import Exercise, Lesson
from course_utils.paths import repo_root


@dataclass(frozen=True)
class Released:
    """A released notebook: its exercises, in its order, and what learners have seen of it."""

    exercises: dict[str, Exercise]
    text: LessonText

    @property
    def name(self) -> str:
        """The file's name without ending, for example 11_iou_and_matching."""
        return self.text.name

    @property
    def points(self) -> int:
        """What the whole lesson is worth."""
        return sum(exercise.points for exercise in self.exercises.values())

    def probes(self) -> set[str]:
        """Modules of the functions by which answers are called where calling them is not enough."""
        return {exercise.probe.__module__ for exercise in self.exercises.values() if exercise.probe}

    def facts(self) -> dict[str, Any]:
        """The text as plain values, to be handed into the sandbox."""
        return asdict(self.text)

    def modules(self) -> list[str]:
        """Libraries that the set-up imports, and what of them: imported once for all answers."""
        found: dict[str, None] = {}
        for one in _setup_statements(self.text.setup):
            for dotted in one.origin.values():
                if not lies_in(dotted, self.text.packages):
                    found |= dict.fromkeys([dotted.rpartition(".")[0] or dotted, dotted])
        return list(found)

    def values(self, names: Iterable[str]) -> dict[str, Any]:
        """Of the names that the set-up makes from the course's package, those that are plain data, such as a table."""
        made = _run_setup(self.text.setup) if names else {}
        plain = {}
        for name in names:
            with contextlib.suppress(NotOnTheWire, KeyError):
                dumps(made[name], strict=True)
                plain[name] = made[name]
        return plain


def probes_of(course: Iterable[Released]) -> tuple[str, ...]:
    """Modules of all probes, which lie in the sandbox of the answers.

    Raises:
        CourseError: one needs what must not be there.
    """
    found = sorted(set().union(*(lesson.probes() for lesson in course)))
    for module in found:
        refuse_the_course(module)
    return tuple(found)


def lent_modules(course: Iterable[Released]) -> tuple[str, ...]:
    """Modules of all functions that answers may call but that do not lie in their sandbox."""
    exercises = (exercise for lesson in course for exercise in lesson.exercises.values())
    return tuple(sorted({dotted.rpartition(".")[0] for exercise in exercises for dotted in exercise.lent}))


def _setup_statements(setup: tuple[str, ...]) -> list:
    return [one for source in setup for one in statements_of(ast.parse(source), -1)]


@functools.cache
def _run_setup(setup: tuple[str, ...]) -> dict[str, Any]:
    """What the set-up cells make; the course's own code, run in the grader's own process."""
    space: dict[str, Any] = {"__name__": "setup"}
    with contextlib.redirect_stdout(io.StringIO()):
        for source in setup:
            exec(compile(source, "<set-up>", "exec"), space)
    return space


def check_calls(source: str) -> dict[str, str]:
    """Exercise id -> answer expression of every `check("id", answer)` in a cell; empty if the cell is not Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {
        call.args[0].value: ast.unparse(call.args[1])
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id == "check"
        and len(call.args) == 2
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def read_released(
    notebook: NotebookNode, name: str, lesson: Lesson, packages: tuple[str, ...] = ("course_utils",)
) -> Released:
    """What grading needs of a learner's edition.

    Args:
        lesson: its declarations.
        packages: that hold the course's own parts, which are out of an answer's reach.

    Raises:
        CourseError: no check hands in an exercise's answer.
    """
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    marks = [cell.metadata.get("course", {}) for cell in code]
    stubs = {mark["exercise"]: cell.source for cell, mark in zip(code, marks, strict=True) if "exercise" in mark}
    answers = {key: text for cell in code for key, text in check_calls(cell.source).items() if key in stubs}
    for exercise_id in stubs:
        if exercise_id not in answers:
            raise CourseError(f'{name}: exercise {exercise_id}: no cell calls check("{exercise_id}", ...)')
    setup = tuple(cell.source for cell, mark in zip(code, marks, strict=True) if mark.get("setup"))
    exercises = {exercise_id: lesson[exercise_id] for exercise_id in stubs}
    text = LessonText(
        name=name,
        answers={exercise_id: answers[exercise_id] for exercise_id in stubs},
        stubs=stubs,
        setup=setup,
        given=tuple(sorted(_given(setup, packages))),
        packages=packages,
        cells=tuple(cell.source for cell in code),
        shortcuts={exercise_id: exercise.shortcuts for exercise_id, exercise in exercises.items()},
        helpers={exercise_id: exercise.helpers for exercise_id, exercise in exercises.items()},
    )
    return Released(exercises, text)


def _given(setup: tuple[str, ...], packages: tuple[str, ...]) -> set[str]:
    """Names that the set-up makes by importing from the course, or by any work of its own."""
    return {
        name
        for one in _setup_statements(setup)
        for name in one.makes
        if not one.origin or lies_in(one.origin.get(name, "-"), packages)
    }


def load_course(lessons: tuple[str, ...] = (), more: Path | None = None) -> list[Released]:
    """All lessons that have exercises, or those whose number or name is given, in order.

    They are made from the sources rather than read from notebooks/, where a learner who forked the course, or an
    instructor who tried it, may have written answers.

    Args:
        more: a folder with an instructor's own lessons, each NN_slug.py beside its declarations, lesson_NN.py; they
            are graded instead of the course's.

    Raises:
        CourseError: there are none, a lesson that was asked for is not among them, or a source breaks a rule.
    """
    folder = more or repo_root() / "solutions"
    sources = {path.stem: path for path in sorted(folder.glob("[0-9][0-9]_*.py"))}
    if not sources:
        raise CourseError(f"{folder}: no lessons here; a lesson's source is called NN_slug.py")
    for wish in lessons:
        if not any(_means(wish, name) for name in sources):
            raise CourseError(f"no lesson {wish!r}; the lessons are: {', '.join(sources)}")
    wanted = [path for name, path in sources.items() if not lessons or any(_means(wish, name) for wish in lessons)]
    return [lesson for lesson in (_load(path, own=more is not None) for path in wanted) if lesson.exercises]


def _load(source: Path, own: bool) -> Released:
    lesson = declarations_beside(source) if own else None
    cells = read_source(source, set(lesson.exercises) if lesson else None)
    notebook = make_edition(cells, solved=False, facts={})
    lesson = lesson or importlib.import_module(f"course_utils.exercises.lesson_{source.stem[:2]}").LESSON
    return read_released(notebook, source.stem, lesson, ("course_utils", f"lesson_{source.stem[:2]}"))


def _means(wish: str, name: str) -> bool:
    """Whether 1, 01 or 01_what_is_segmentation stands for the lesson of that name."""
    return wish == name or wish.zfill(2) == name[:2]
