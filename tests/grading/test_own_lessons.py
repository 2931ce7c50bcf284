"""An instructor's own lesson outside of the package: written, answered, graded."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from course_utils.classroom.grading.released import load_course
from course_utils.commands.build import build
from course_utils.errors import CourseError

DECLARED = """
from course_utils.exercises.core import Exercise, Lesson

TABLE = {"a": 1}

LESSON = Lesson(50, [Exercise(id="double", title="Twice a number", points=1, reference=lambda x: 2 * x,
                              edges=lambda: [(0,), (3,)], random=lambda rng: [(int(rng.integers(9)),)])])
check = LESSON.check
"""
SOURCE = """# %% [markdown]
# # 50 · My lesson

# %% setup=true
from lesson_50 import TABLE, check


# %% exercise="double"
def double(x):
    # BEGIN SOLUTION
    return x + x
    # END SOLUTION


# %% check="double"
check("double", double)
"""
ANSWERS = {"ana": "def double(x):\n    return x * 2 * TABLE['a']", "ben": "def double(x):\n    return x"}
ANSWERS["eve"] = "import lesson_50\ndouble = lesson_50.LESSON['double'].reference"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/lesson_50.py").write_text(DECLARED)
    (tmp_path / "mine/50_my_lesson.py").write_text(SOURCE, encoding="utf-8")
    return tmp_path / "mine"


def course(*arguments: object) -> subprocess.CompletedProcess:
    command = [str(Path(sys.executable).with_name("course")), *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def test_it_is_written_answered_and_graded(fence: object, folder: Path, tmp_path: Path) -> None:
    assert course("build", "--exercises", folder).returncode == 0
    released = nbformat.read(folder / "50_my_lesson.ipynb", as_version=4)
    assert "x + x" not in json.dumps(released)
    for name, answer in ANSWERS.items():
        (tmp_path / "in" / name).mkdir(parents=True)
        next(cell for cell in released.cells if cell.id == "double").source = answer
        nbformat.write(released, tmp_path / "in" / name / "50_my_lesson.ipynb")
    done = course("grade", tmp_path / "in", "--exercises", folder, "--out", tmp_path / "out", "--jobs", "2")
    assert done.returncode == 0, done.stderr
    rows = {row["learner"]: row for row in csv.DictReader((tmp_path / "out/scores.csv").open(encoding="utf-8-sig"))}
    assert [(row["50_my_lesson"], row["needs_review"]) for row in rows.values()] == [("1", "0"), ("0", "0"), ("0", "1")]


def test_what_is_missing_is_named(folder: Path, tmp_path: Path) -> None:
    (folder / "51_x.py").write_text(SOURCE, encoding="utf-8")
    with pytest.raises(CourseError, match="lesson_51.py: missing; it declares the exercises of 51_x.py"):
        load_course((), folder)
    (folder / "lesson_51.py").write_text("1 / 0")
    with pytest.raises(CourseError, match="lesson_51.py: cannot be used: ZeroDivisionError"):
        load_course((), folder)
    with pytest.raises(CourseError, match="no lessons here; a lesson's source is called NN_slug.py"):
        CliRunner().invoke(build, ["--exercises", str(tmp_path)], catch_exceptions=False)
