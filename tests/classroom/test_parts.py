"""Parts from `yours` in a lesson: where they may stand, and that a changed answer makes later lessons run again."""

import pytest

from course_utils.classroom import inputs
from course_utils.classroom.source import Cell, _check_answers, _check_yours
from course_utils.errors import CourseError
from course_utils.exercises.saved import SavedCell
from course_utils.paths import repo_root


def cells(setup="import numpy", exercise="def otsu(gray):\n    return 1", use='limit = yours("otsu", otsu)'):
    check = Cell("code", 'check("otsu", otsu)', "l.py:3", "check", "otsu")
    return [
        Cell("code", setup, "l.py:1", "setup"),
        Cell("code", exercise, "l.py:2", "exercise", "otsu"),
        check,
        Cell("code", use, "l.py:4"),
    ]


def test_a_part_under_a_name_of_its_own_is_fine():
    _check_yours(cells())
    _check_yours(cells(exercise="def otsu(limit):\n    return limit"))  # a parameter is no part


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"use": 'otsu = yours("otsu", otsu)'}, "l.py:4: .* another name than the answer: otsu"),
        ({"setup": 'iou = yours("box-iou")'}, "l.py:1: a set-up or exercise cell cannot use a part"),
        ({"exercise": "def otsu(gray):\n    return limit(gray)"}, "l.py:2: a set-up or exercise cell cannot"),
    ],
)
def test_what_would_break_a_check_or_a_graded_run_is_refused(change, line):
    with pytest.raises(CourseError, match=line):
        _check_yours(cells(**change))


@pytest.mark.parametrize(
    "use",
    [
        'limit = yours("otsu", otsu)\nlimit(3)',
        'parts = your_parts(["box-iou"], {"otsu": otsu})',
        'HERE = {"otsu": otsu}\nparts = your_parts(["box-iou"], HERE)',
        "def shown(otsu):\n    return otsu + 3",
    ],
)
def test_what_runs_without_an_answer_is_fine(use):
    _check_answers(cells(use=use))


@pytest.mark.parametrize(
    "use",
    ["otsu(3)", 'limit = yours("otsu", otsu)\notsu(3)', "def shown():\n    return otsu(3)", 'others = {"box": otsu}'],
)
def test_an_answer_that_is_taken_as_it_is_is_refused(use):
    with pytest.raises(CourseError, match="l.py:4: takes an answer as it is; .*: otsu"):
        _check_answers(cells(use=use))


def test_a_value_is_an_answer_too():
    with pytest.raises(CourseError, match="l.py:4: takes an answer as it is; .*: otsu"):
        _check_answers(cells(exercise="otsu, other = 3, 4", use="print(otsu)"))


def test_a_changed_answer_makes_the_lessons_that_use_it_run_again(monkeypatch):
    source = repo_root() / "solutions" / "01_what_is_segmentation.py"
    code = 'iou = yours("box-iou")'
    before, without = inputs.inputs_hash(source, code), inputs.inputs_hash(source, "")
    other = [SavedCell("exercise", "box-iou", "def box_iou(a, b): ...")]
    monkeypatch.setattr(inputs, "read_source", lambda path: other)
    assert len({before, without, inputs.inputs_hash(source, code)}) == 3
    with pytest.raises(CourseError, match="yours\\('volume'\\): the course has no such exercise"):
        inputs.inputs_hash(source, 'yours("volume")')


def test_a_script_of_an_explorable_counts_where_one_is_shown(tmp_path, monkeypatch):
    source = repo_root() / "solutions/01_what_is_segmentation.py"
    code = "from course_utils.explorables import threshold"
    (tmp_path / "threshold.js").write_text("// one")
    monkeypatch.setattr(inputs, "_SCRIPTS", tmp_path)
    before = [inputs.inputs_hash(source, each) for each in (code, "")]
    (tmp_path / "threshold.js").write_text("// two")
    after = [inputs.inputs_hash(source, each) for each in (code, "")]
    assert before[0] != after[0] and before[1] == after[1]
