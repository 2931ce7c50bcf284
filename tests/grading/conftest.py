import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
import tiny_exercises
import tiny_lesson

from course_utils.classroom.grading.fences import Fence, Limits
from course_utils.classroom.grading.files import files_below
from course_utils.classroom.grading.learners import Learner
from course_utils.classroom.grading.released import Released, read_released
from course_utils.classroom.grading.results import ExerciseResult
from course_utils.classroom.grading.submission import Grader

# A hanging answer costs the tests this long, but a busy machine needs some time for everything.
LIMITS = Limits(seconds=10, learner_seconds=120, memory=2**29)


def tiny_released() -> Released:
    packages = ("course_utils", "tiny_exercises")
    return read_released(tiny_lesson.released_notebook(), tiny_lesson.NAME, tiny_exercises.LESSON, packages)


@pytest.fixture(scope="session")
def released() -> Released:
    return tiny_released()


@pytest.fixture(scope="session")
def fence() -> Fence:
    from helpers.grading import fence_or_skip  # not above: batch.py imports this file where there are no helpers

    return fence_or_skip()


@pytest.fixture(scope="session")
def grader(released: Released, fence: Fence) -> Grader:
    return Grader((released,), 7, fence, LIMITS)


@pytest.fixture
def grade_answers(grader: Grader, tmp_path: Path) -> Callable[[dict[str, str]], dict[str, ExerciseResult]]:
    """Grades a dictionary of answers; the verdicts by exercise."""

    def graded(answers: dict[str, str]) -> dict[str, ExerciseResult]:
        nbformat.write(tiny_lesson.submission(answers), tmp_path / f"{tiny_lesson.NAME}.ipynb")
        lesson = grader.grade(Learner("ana", tuple(files_below(tmp_path)[0]))).lessons[0]
        return {result.id: result for result in lesson.exercises}

    return graded


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that every user can look into; those of pytest are closed."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


# Notebooks and loky's workers import the tiny lesson's declarations.
@pytest.fixture(scope="session", autouse=True)
def _tests_on_the_path():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))
        if str(Path(__file__).parent) not in sys.path:
            sys.path.append(str(Path(__file__).parent))
        yield
