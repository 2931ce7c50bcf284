"""A released lesson as the grader sees it: the cells that a graded run needs, in their order."""

import ast
import importlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import nbformat

from course_utils.errors import CourseError
from course_utils.exercises.core import Exercise, Lesson
from course_utils.paths import repo_root


@dataclass(frozen=True)
class ReleasedCell:
    """One cell of the sliced lesson; `exercise` is the exercise's id, or empty for set-up cells."""

    kind: Literal["setup", "exercise", "check"]
    exercise: str
    source: str


@dataclass(frozen=True)
class Released:
    """A released notebook: its sliced cells, its exercises, and how its check cells name the answers."""

    name: str  # the file's name without ending, for example 10_iou_and_matching
    cells: tuple[ReleasedCell, ...]
    exercises: dict[str, Exercise]  # those that the notebook asks, in its order
    answers: dict[str, str]  # exercise id -> the expression that its check cell hands in

    @property
    def points(self) -> int:
        """What the whole lesson is worth."""
        return sum(exercise.points for exercise in self.exercises.values())

    def stub(self, exercise_id: str) -> str:
        """Source of an exercise cell as it was handed out."""
        return next(cell.source for cell in self.cells if (cell.kind, cell.exercise) == ("exercise", exercise_id))


def check_calls(source: str) -> dict[str, str]:
    """Exercise id -> answer expression of every `check("id", answer)` in a cell; empty if the cell is not Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
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


def load_released(path: Path, lesson: Lesson | None = None) -> Released:
    """Read a released notebook, and the exercises of its number unless they are given.

    Raises:
        CourseError: no such file, not a notebook, or its cells and the declared exercises do not fit together.
    """
    try:
        notebook = nbformat.read(path, as_version=4)
    except (OSError, nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        raise CourseError(f"{path}: not a readable notebook ({type(error).__name__}); run `course build`") from error
    cells = tuple(cell for cell in map(_released_cell, notebook.cells) if cell)
    answers = {}
    for cell in cells:
        if cell.kind == "check":
            answers |= check_calls(cell.source)
    asked = [cell.exercise for cell in cells if cell.kind == "exercise"]
    for exercise_id in asked:
        if exercise_id not in answers:
            raise CourseError(f'{path}: exercise {exercise_id}: no cell calls check("{exercise_id}", ...)')
    declared = lesson or (_lesson_of(path) if asked else {})
    return Released(path.stem, cells, {name: declared[name] for name in asked}, answers)


def load_course(folder: Path | None = None, lessons: tuple[str, ...] = ()) -> list[Released]:
    """All released lessons that have exercises, or those whose number or name is given, in order.

    Raises:
        CourseError: there are none, or a lesson that was asked for is not among them.
    """
    folder = folder or repo_root() / "notebooks"
    paths = {path.stem: path for path in sorted(folder.glob("[0-9][0-9]_*.ipynb"))}
    if not paths:
        raise CourseError(f"{folder}: no released lessons here; run `course build` first")
    for wish in lessons:
        if not any(_means(wish, name) for name in paths):
            raise CourseError(f"no lesson {wish!r}; the lessons are: {', '.join(paths)}")
    wanted = [path for name, path in paths.items() if not lessons or any(_means(wish, name) for wish in lessons)]
    return [lesson for lesson in map(load_released, wanted) if lesson.exercises]


def _means(wish: str, name: str) -> bool:
    """Whether 1, 01 or 01_what_is_segmentation stands for the lesson of that name."""
    return wish == name or wish.zfill(2) == name[:2]


def _released_cell(cell: nbformat.NotebookNode) -> ReleasedCell | None:
    course = cell.metadata.get("course", {})
    if cell.cell_type != "code":
        return None
    if course.get("setup"):
        return ReleasedCell("setup", "", cell.source)
    for kind in ("exercise", "check"):
        if kind in course:
            return ReleasedCell(kind, course[kind], cell.source)
    return None


def _lesson_of(path: Path) -> Lesson:
    """The declared exercises of the lesson whose number begins the file's name."""
    number = re.match(r"\d\d", path.stem)
    module = f"course_utils.exercises.lesson_{number.group()}" if number else ""
    try:
        return importlib.import_module(module).LESSON
    except (ImportError, ValueError, AttributeError) as error:
        raise CourseError(f"{path}: its exercises cannot be loaded from {module or 'a module'}: {error}") from error
