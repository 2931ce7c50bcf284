"""`course check`: the learner's own notebooks through plain nbval, in readable words."""

import json
from pathlib import Path

import nbformat
import pytest
import tiny_lesson
from click.testing import CliRunner

from course_utils.commands.check import check
from course_utils.errors import CourseError


def write(folder: Path, name: str, answers: dict[str, str]) -> None:
    nbformat.write(tiny_lesson.submission(answers), folder / f"{name}.ipynb")


def test_it_says_what_is_right_wrong_and_open_and_broken_files_do_not_stop_it(tmp_path: Path) -> None:
    write(tmp_path, "90_half", {"overlap": tiny_lesson.RIGHT["overlap"], "classes": "classes = 7", "unneeded": "1 / 0"})
    (tmp_path / "1.ipynb").write_text("{")
    (tmp_path / "2.ipynb").open("wb").truncate(200 * 2**20)
    done = CliRunner().invoke(check, [str(tmp_path)])
    assert done.stdout.splitlines() == [
        "90_half: 1 of 3 right",
        "  ✗ classes: not right yet",
        "  … normalise: not attempted yet",
        "  ! cell 2: ZeroDivisionError: division by zero",
    ]
    broken, huge = done.stderr.splitlines()
    assert "1.ipynb: no readable notebook (NotJSONError)" in broken
    assert "2.ipynb: 200 MB; clear its outputs" in huge
    assert done.exit_code == 1


def test_all_right_is_said_and_ends_with_0_also_when_an_old_jupyter_saved_it(tmp_path: Path) -> None:
    notebook = tiny_lesson.submission(tiny_lesson.RIGHT)
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]
    (tmp_path / "90_old.ipynb").write_text(json.dumps(notebook))
    done = CliRunner().invoke(check, [str(tmp_path / "90_old.ipynb")])
    assert (done.output, done.exit_code) == ("90_old: 3 of 3 right\n", 0)


def test_a_place_without_notebooks_is_named(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="absent: no such file or folder"):
        CliRunner().invoke(check, [str(tmp_path / "absent")], catch_exceptions=False)
    with pytest.raises(CourseError, match="no notebooks here"):
        CliRunner().invoke(check, [str(tmp_path)], catch_exceptions=False)
