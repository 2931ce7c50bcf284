"""`course check`: the learner's own notebooks through plain nbval, in readable words."""

from pathlib import Path

import nbformat
import pytest
import tiny_lesson
from click.testing import CliRunner

from course_utils.commands.check import check
from course_utils.errors import CourseError


def write(folder: Path, name: str, answers: dict[str, str]) -> None:
    nbformat.write(tiny_lesson.submission(answers), folder / f"{name}.ipynb")


def test_it_says_what_is_right_wrong_and_open(tmp_path: Path) -> None:
    write(tmp_path, "90_half", {"overlap": tiny_lesson.RIGHT["overlap"], "classes": "classes = 7", "unneeded": "1 / 0"})
    done = CliRunner().invoke(check, [str(tmp_path)])
    assert done.output.splitlines() == [
        "90_half: 1 of 3 right",
        "  ✗ classes: not right yet",
        "  … normalise: not attempted yet",
        "  ! cell 2: ZeroDivisionError: division by zero",
    ]
    assert done.exit_code == 1


def test_all_right_is_said_and_ends_with_0(tmp_path: Path) -> None:
    write(tmp_path, "90_done", tiny_lesson.RIGHT)
    done = CliRunner().invoke(check, [str(tmp_path / "90_done.ipynb")])
    assert (done.output, done.exit_code) == ("90_done: 3 of 3 right\n", 0)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text("{")
    with pytest.raises(CourseError, match="a.ipynb: not a readable notebook"):
        CliRunner().invoke(check, [str(tmp_path)], catch_exceptions=False)
