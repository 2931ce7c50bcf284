from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
import tiny_exercises
import tiny_lesson

from course_utils.classroom.grading.lesson import Grader
from course_utils.classroom.grading.released import Released, slice_released
from course_utils.classroom.grading.results import ExerciseResult
from course_utils.classroom.grading.sandbox import Limits
from course_utils.classroom.grading.whole_class import make_grader

# A hanging cell costs the tests this long, but a busy machine needs some seconds to import numpy.
LIMITS = Limits(cell_seconds=8, lesson_seconds=120, memory=2**30)


@pytest.fixture(scope="session")
def released() -> Released:
    return slice_released(tiny_lesson.released_notebook(), tiny_lesson.NAME, tiny_exercises.LESSON)


@pytest.fixture(scope="session")
def grader(released: Released) -> Grader:
    return make_grader(released, 7, LIMITS)


@pytest.fixture
def grade_answers(grader: Grader, tmp_path: Path) -> Callable[[dict[str, str]], dict[str, ExerciseResult]]:
    """Grades a dictionary of answers; the verdicts by exercise."""

    def graded(answers: dict[str, str]) -> dict[str, ExerciseResult]:
        path = tmp_path / f"{tiny_lesson.NAME}.ipynb"
        nbformat.write(tiny_lesson.submission(answers), path)
        return {result.id: result for result in grader.grade("ana", [path]).exercises}

    return graded
