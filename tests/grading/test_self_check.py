"""`course check`: the learner's own notebooks through plain nbval, in readable words, and what grading would ask."""

import json
from pathlib import Path

import nbformat
import pytest
import tiny_lesson
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_notebook

from course_utils.classroom.grading.beforehand import warnings_of
from course_utils.classroom.grading.released import Released
from course_utils.commands.check import check
from course_utils.errors import CourseError


@pytest.fixture(autouse=True)
def _tiny_course(released: Released, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("course_utils.classroom.grading.released.load_course", lambda *_: [released])


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
    told = [line for line in done.stderr.splitlines() if not line.endswith("running ...")]
    assert len(told) == 2
    assert "1.ipynb: no readable notebook (NotJSONError)" in told[0]
    assert "2.ipynb: 200 MB; clear its outputs" in told[1]
    assert done.exit_code == 1


def test_all_right_is_said_and_ends_with_0_also_when_an_old_jupyter_saved_it(tmp_path: Path) -> None:
    notebook = tiny_lesson.submission(tiny_lesson.RIGHT)
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]
    (tmp_path / "90_old.ipynb").write_text(json.dumps(notebook))
    done = CliRunner().invoke(check, [str(tmp_path / "90_old.ipynb")])
    assert (done.stdout, done.exit_code) == ("90_old: 3 of 3 right\n", 0)


def test_a_notebook_without_a_check_is_not_called_done_and_a_skipped_cell_is_said_in_words(tmp_path: Path) -> None:
    skipped = new_code_cell("1", metadata={"tags": ["nbval-skip"]})
    nbformat.write(new_notebook(cells=[new_code_cell("1")]), tmp_path / "foreign.ipynb")
    nbformat.write(new_notebook(cells=[skipped]), tmp_path / "skipping.ipynb")
    done = CliRunner().invoke(check, [str(tmp_path)])
    assert done.stdout.splitlines() == [
        "foreign: no check of an exercise in it; is it the right file, and are its check cells there?",
        "skipping: 0 of 0 right",
        "  ! cell 1: skipped, by a tag or a comment",
    ]
    assert done.exit_code == 1


BEFOREHAND = {
    "def overlap(a, b):\n    return union(a, b)": "needs review if it uses union: the course's own",
    "def overlap(a, b):\n    return np.count_nonzero(a & b)": "your instructor is told that it uses numpy",
    "overlap = eval('min')": "your instructor is told of: eval",
    "%%writefile x\n1": "needs review: the cell is not Python but %%writefile",
}


@pytest.mark.parametrize("source", BEFOREHAND)
def test_it_warns_of_what_grading_would_ask_a_person(source: str, released: Released) -> None:
    content = json.dumps(tiny_lesson.submission({"overlap": source})).encode()
    (told,) = warnings_of(content, [released])
    assert told.startswith(f"overlap: {BEFOREHAND[source]}")


def _markdown(notebook: dict) -> None:
    notebook["cells"][3]["cell_type"] = "markdown"


def _gone(notebook: dict) -> None:
    del notebook["cells"][3]


def _twice(notebook: dict) -> None:
    notebook["cells"].insert(4, notebook["cells"][3] | {"source": "def overlap(a, b):\n    return 2"})


HAPPENED = {
    "its cell is a markdown cell; turn it into a code cell again": _markdown,
    "its cell is gone, and no other cell makes overlap; put it back": _gone,
    "2 different cells claim to be its answer; keep one of them": _twice,
}


@pytest.mark.parametrize("words", HAPPENED)
def test_grading_says_what_happened_to_a_cell_and_costs_no_other(
    words: str, released: Released, grader: object, tmp_path: Path
) -> None:
    from test_honest import grade

    notebook = json.loads(json.dumps(tiny_lesson.submission(tiny_lesson.RIGHT)))
    HAPPENED[words](notebook)
    content = json.dumps(notebook).encode()
    (told,) = warnings_of(content, [released])
    assert words in told
    verdicts = grade(grader, tmp_path, content).lessons[0].exercises
    assert [verdict.status for verdict in verdicts] == ["needs review", "passed", "passed"]
    assert words in verdicts[0].reason


def test_nothing_is_warned_of_in_right_work_and_foreign_files(released: Released) -> None:
    assert warnings_of(json.dumps(tiny_lesson.submission(tiny_lesson.RIGHT)).encode(), [released]) == ()
    assert warnings_of(b'{"cells": []}', [released]) == warnings_of(b"{", [released]) == ()


def test_a_place_without_notebooks_is_named(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="absent: no such file or folder"):
        CliRunner().invoke(check, [str(tmp_path / "absent")], catch_exceptions=False)
    with pytest.raises(CourseError, match="no notebooks here"):
        CliRunner().invoke(check, [str(tmp_path)], catch_exceptions=False)
