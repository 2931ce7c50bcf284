"""What is taken from a notebook, and what is said about one that cannot be read."""

import json
from pathlib import Path

import nbformat
import pytest
import tiny_lesson

from course_utils.classroom.grading.lesson import Grader
from course_utils.classroom.grading.released import Released
from course_utils.classroom.grading.submission import Learner, by_lesson, defines, find_learners, read_submission
from course_utils.errors import CourseError


def write(path: Path, change: object = None) -> Path:
    """A right submission as plain JSON, changed by a function of its dictionary."""
    notebook = json.loads(nbformat.writes(tiny_lesson.submission(tiny_lesson.RIGHT)))
    if change:
        change(notebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook))
    return path


def test_answers_are_found_by_cell_id(tmp_path: Path, released: Released) -> None:
    submission = read_submission(write(tmp_path / "a.ipynb"), released)
    assert submission.answers == tiny_lesson.RIGHT
    assert not submission.notes


def without_ids(notebook: dict) -> None:
    notebook["nbformat_minor"] = 4
    for cell in notebook["cells"]:
        del cell["id"]


def without_markers(notebook: dict) -> None:
    without_ids(notebook)
    for cell in notebook["cells"]:
        cell["metadata"] = {}


@pytest.mark.parametrize(
    "change, how", [(without_ids, "by its exercise marker"), (without_markers, 'before check("overlap", ...)')]
)
def test_an_old_notebook_is_matched_otherwise_and_it_is_said_how(
    tmp_path: Path, released: Released, change: object, how: str
) -> None:
    submission = read_submission(write(tmp_path / "a.ipynb", change), released)
    assert submission.answers == tiny_lesson.RIGHT
    assert submission.notes[0] == f"overlap: the cell has no id of ours; found {how}"


def two_claims(notebook: dict) -> None:
    notebook["cells"][2]["metadata"] = {"course": {"exercise": "overlap"}}


def test_two_cells_for_one_exercise_are_for_a_person(tmp_path: Path, released: Released) -> None:
    submission = read_submission(write(tmp_path / "a.ipynb", two_claims), released)
    assert "2 cells claim to be the answer to overlap" in submission.unclear["overlap"]
    assert "normalise" in submission.answers


def test_a_split_source_and_a_lone_surrogate_are_read(tmp_path: Path, released: Released) -> None:
    def change(notebook: dict) -> None:
        notebook["cells"][3]["source"] = ["overlap = 1\n", "# \ud800"]

    submission = read_submission(write(tmp_path / "a.ipynb", change), released)
    assert submission.answers["overlap"] == "overlap = 1\n# ?"


def same_ids(notebook: dict) -> None:
    notebook["cells"][3]["id"] = notebook["cells"][5]["id"]


BROKEN = {
    "not JSON": (lambda path: path.write_text("{"), "not a notebook (not JSON: "),
    "not UTF-8": (lambda path: path.write_bytes(b"\xff\xfe\xfa"), "not a notebook (not JSON: "),
    "JSON of something else": (lambda path: path.write_text("[1]"), "it has no list of cells"),
    "format 3": (lambda path: path.write_text('{"nbformat": 3, "worksheets": []}'), "it has no list of cells"),
    "deep nesting": (lambda path: path.write_text("[" * 200_000), "not a notebook (not JSON: "),
    "200 MB": (lambda path: path.open("wb").truncate(200 * 2**20), "200 MB; a notebook may have 20 MB at most"),
    "duplicate ids": (lambda path: write(path, same_ids), "several cells have the id 'normalise'"),
    "a folder": (lambda path: path.mkdir(), "not a plain file"),
    "a link": (lambda path: path.symlink_to("/etc/passwd"), "not a plain file"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_needs_review_in_one_line(name: str, tmp_path: Path, grader: Grader) -> None:
    make, words = BROKEN[name]
    path = tmp_path / f"{tiny_lesson.NAME}.ipynb"
    make(path)
    result = grader.grade("ana", [path])
    assert {exercise.status for exercise in result.exercises} == {"needs review"}
    assert words in result.exercises[0].reason
    assert "\n" not in result.exercises[0].reason


def test_two_notebooks_for_one_lesson_need_review(tmp_path: Path, grader: Grader) -> None:
    result = grader.grade("ana", [write(tmp_path / "a.ipynb"), write(tmp_path / "b.ipynb")])
    assert result.exercises[0].reason == "2 notebooks for this lesson (a.ipynb, b.ipynb); keep one"


def test_learners_are_files_folders_or_folders_of_folders(tmp_path: Path) -> None:
    ana = write(tmp_path / "class/ana/90_tiny.ipynb")
    write(tmp_path / "class/ana/.ipynb_checkpoints/90_tiny-checkpoint.ipynb")
    ben = write(tmp_path / "class/ben/deeper/90_tiny.ipynb")
    (tmp_path / "class/cem").mkdir()
    class_ = [Learner("ana", (ana,)), Learner("ben", (ben,)), Learner("cem", ())]
    assert find_learners([tmp_path / "class"]) == class_
    assert find_learners([tmp_path / "class/ana"]) == class_[:1]
    assert find_learners([ana]) == [Learner("90_tiny", (ana,))]


@pytest.mark.parametrize(
    "names, words",
    [(["missing"], "no such file or folder"), (["empty"], "no notebook in it"), (["a.ipynb"] * 2, "2 submissions")],
)
def test_bad_paths_are_named(tmp_path: Path, names: list[str], words: str) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path / "a.ipynb")
    with pytest.raises(CourseError, match=words):
        find_learners([tmp_path / name for name in names])


def test_a_renamed_notebook_is_told_by_its_exercises(tmp_path: Path, released: Released) -> None:
    renamed = write(tmp_path / "final (2).ipynb")
    other = tmp_path / "shopping.ipynb"
    other.write_text('{"cells": []}')
    assert by_lesson(Learner("ana", (renamed, other)), [released]) == {"90_tiny": [renamed]}


@pytest.mark.parametrize("source", ["def f(x): pass", "  f = 1", "f, g = 1, 2", "from m import f", "class f: pass"])
def test_defines(source: str) -> None:
    assert defines(source, "f")
    assert not defines(source, "h")
