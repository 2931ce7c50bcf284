"""A released lesson as the grader sees it: the cells that a graded run needs, in their order."""

import ast
import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nbformat import NotebookNode

from course_utils.classroom.editions import make_edition
from course_utils.classroom.source import read_source
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

    name: str  # the file's name without ending, for example 11_iou_and_matching
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


def slice_released(notebook: NotebookNode, name: str, lesson: Lesson) -> Released:
    """What a graded run needs of a learner's edition; CourseError when no check hands in an exercise's answer."""
    cells = tuple(cell for cell in map(_released_cell, notebook.cells) if cell)
    answers: dict[str, str] = {}
    for cell in cells:
        if cell.kind == "check":
            answers |= check_calls(cell.source)
    asked = [cell.exercise for cell in cells if cell.kind == "exercise"]
    for exercise_id in asked:
        if exercise_id not in answers:
            raise CourseError(f'{name}: exercise {exercise_id}: no cell calls check("{exercise_id}", ...)')
    return Released(name, cells, {exercise_id: lesson[exercise_id] for exercise_id in asked}, answers)


def load_course(lessons: tuple[str, ...] = ()) -> list[Released]:
    """All lessons that have exercises, or those whose number or name is given, in order.

    They are made from the sources rather than read from notebooks/, where a learner who forked the course, or an
    instructor who tried it, may have written answers.

    Raises:
        CourseError: there are none, a lesson that was asked for is not among them, or a source breaks a rule.
    """
    folder = repo_root() / "solutions"
    sources = {path.stem: path for path in sorted(folder.glob("[0-9][0-9]_*.py"))}
    if not sources:
        raise CourseError(f"{folder}: no lessons here")
    for wish in lessons:
        if not any(_means(wish, name) for name in sources):
            raise CourseError(f"no lesson {wish!r}; the lessons are: {', '.join(sources)}")
    wanted = [path for name, path in sources.items() if not lessons or any(_means(wish, name) for wish in lessons)]
    return [lesson for lesson in map(_load, wanted) if lesson.exercises]


def _load(source: Path) -> Released:
    notebook = make_edition(read_source(source), solved=False, facts={})
    lesson = importlib.import_module(f"course_utils.exercises.lesson_{source.stem[:2]}").LESSON
    return slice_released(notebook, source.stem, lesson)


def _means(wish: str, name: str) -> bool:
    """Whether 1, 01 or 01_what_is_segmentation stands for the lesson of that name."""
    return wish == name or wish.zfill(2) == name[:2]


def _released_cell(cell: NotebookNode) -> ReleasedCell | None:
    course = cell.metadata.get("course", {})
    if cell.cell_type != "code":
        return None
    if course.get("setup"):
        return ReleasedCell("setup", "", cell.source)
    for kind in ("exercise", "check"):
        if kind in course:
            return ReleasedCell(kind, course[kind], cell.source)
    return None
