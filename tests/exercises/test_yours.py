"""A learner's answers live on: taken from saved notebooks, checked before use, and replaced where they fail."""

import contextlib
import time
from dataclasses import replace

import nbformat
import numpy as np
import pytest

from course_utils.classroom.editions import make_edition
from course_utils.classroom.source import read_source
from course_utils.errors import CourseError
from course_utils.exercises import fitting, saved
from course_utils.exercises import part as parts
from course_utils.exercises import yours as module
from course_utils.exercises.part import Part, make_part
from course_utils.exercises.progress import progress
from course_utils.exercises.yours import yours
from course_utils.paths import repo_root
from course_utils.translation.code import translate_code

NAME = "11_iou_and_matching"
A, B = (np.array([[row]], dtype=bool) for row in ([1, 1, 0], [0, 1, 1]))


@pytest.fixture
def lines(monkeypatch):
    said = []
    for each in (module, parts):
        monkeypatch.setattr(each, "say", said.append)
    return said


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """Writes lesson 11 into a folder that counts as the learner's, with other code in some of its cells."""
    monkeypatch.setattr(saved, "_START", str(tmp_path))
    saved._read.clear()

    def write(solved=True, before=(), **cells):
        book = make_edition(read_source(repo_root() / "solutions" / f"{NAME}.py"), solved, {"lesson": NAME})
        for cell in book.cells:
            if cell.id in (key.replace("_", "-") for key in cells):
                cell.source = cells[cell.id.replace("-", "_")]
        book.cells[2:2] = [nbformat.v4.new_code_cell(source) for source in before]
        nbformat.write(book, tmp_path / f"{NAME}.ipynb")
        return book

    write.path = tmp_path / f"{NAME}.ipynb"
    return write


IOU = """def mask_iou(predictions, truths):
    {}
    both = (predictions[:, None] & truths).sum(axis=(2, 3))
    either = (predictions[:, None] | truths).sum(axis=(2, 3))
    return {}both / np.maximum(either, 1)
"""


def test_a_right_answer_is_taken_from_the_saved_notebook(notebook, lines):
    notebook(mask_iou=IOU.format("mask_iou.calls = getattr(mask_iou, 'calls', 0) + 1", ""))
    part = yours("mask-iou")
    assert lines == ["with your mask-iou from lesson 11"] and part.is_yours
    assert part(A, B)[0, 0] == pytest.approx(1 / 3)


def test_editing_the_answer_changes_what_later_lessons_get(notebook, lines):
    notebook()
    assert yours("mask-iou").is_yours
    time.sleep(0.01)
    notebook(mask_iou=IOU.format("", "2 * "))
    assert not yours("mask-iou").is_yours
    assert lines[1] == "with the course's mask-iou (yours is not right yet)"


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        (IOU.format("", "0 * "), "yours is not right yet"),
        (IOU.format("return None", ""), "yours is not written yet"),
        ("def mask_iou(a, b:", "its cells stop with SyntaxError"),
        ("raise ValueError", "its cells stop with ValueError"),
        ("mask_iou = 3", "yours is not right yet"),
    ],
)
def test_where_there_is_no_right_answer_the_course_runs(notebook, lines, cell, why):
    notebook(mask_iou=cell)
    part = yours("mask-iou")
    assert lines == [f"with the course's mask-iou ({why})"]
    assert part(A, B)[0, 0] == pytest.approx(1 / 3)


def test_the_learners_edition_has_nothing_to_take(notebook, lines):
    notebook(solved=False)
    assert not yours("mask-iou").is_yours and lines == ["with the course's mask-iou (yours is not written yet)"]


def test_a_notebook_that_is_missing_or_broken_is_named(notebook, lines, tmp_path):
    (tmp_path / "12_precision_recall_f1.ipynb").write_text("{")
    assert yours("mask-iou")(A, B).shape == (1, 1) and yours("f1-score")(0.5, 0.5) == pytest.approx(0.5)
    assert lines == [
        "with the course's mask-iou (lesson 11 is not in this folder)",
        "with the course's f1-score (12_precision_recall_f1.ipynb cannot be read: JSONDecodeError)",
    ]


def test_cells_that_never_end_are_stopped(notebook, lines, monkeypatch):
    monkeypatch.setattr(saved, "SECONDS", 0.3)
    notebook(mask_iou="while True:\n    pass")
    yours("mask-iou")
    assert lines == ["with the course's mask-iou (its cells ran longer than 0.3 s)"]


def test_a_helper_cell_and_magics_come_along_and_other_cells_do_not_run(notebook, lines):
    helper = "%precision 3\ndef half(x):\n    return x / 2"
    answer = IOU.format("", "half(2) * ") + "\n!echo done"
    notebook(before=[helper, "raise SystemExit  # a cell that nobody needs"], mask_iou=answer)
    assert yours("mask-iou").is_yours


def test_an_editor_that_drops_metadata_keeps_the_ids(notebook, lines):
    book = notebook()
    for cell in book.cells:
        if not cell.metadata.get("course", {}).get("setup"):
            cell.metadata = {}
    nbformat.write(book, notebook.path)
    assert yours("mask-iou").is_yours


def test_random_numbers_and_the_page_are_left_alone(notebook, lines, capsys):
    notebook(mask_iou="np.random.seed(0)\nprint('loud')\n" + IOU.format("", ""))
    np.random.seed(5)
    expected = np.random.default_rng(0), np.random.RandomState(5).rand()
    yours("mask-iou")
    assert np.random.rand() == expected[1] and capsys.readouterr().out == ""


def test_an_answer_of_this_notebook_is_handed_over(lines):
    assert yours("f1-score", lambda p, r: 2 * p * r / (p + r) if p + r else 0.0).is_yours
    assert not yours("f1-score", lambda p, r: (p + r) / 2).is_yours
    assert lines == ["with your f1-score", "with the course's f1-score (yours is not right yet)"]


def test_a_part_knows_why_an_answer_was_not_taken(lines):
    assert yours("f1-score", lambda p, r: (p + r) / 2).why == "yours is not right yet"
    assert yours("f1-score", lambda p, r: 2 * p * r / (p + r) if p + r else 0.0).why == ""


def test_a_value_stays_a_value(lines):
    right = yours("match-by-hand", ...)
    assert lines == ["with the course's match-by-hand (yours is not written yet)"]
    assert yours("match-by-hand", right) is right and lines[1] == "with your match-by-hand"


def part_of(answer):
    exercise, _ = module.declared("mask-iou")
    return Part(exercise, answer)


def raising(a, b):
    raise ZeroDivisionError("no overlap")


def spoiling(a, b):
    a[:] = 0
    return np.zeros((len(a), len(b)))


def endless(a, b):
    while True:
        with contextlib.suppress(Exception):
            time.sleep(0.01)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (raising, "yours stopped with ZeroDivisionError: no overlap"),
        (spoiling, "yours changed its inputs"),
        (endless, "yours ran longer than 0.3 s"),
    ],
)
def test_a_part_that_fails_in_use_gives_way_with_one_line(lines, monkeypatch, answer, why):
    monkeypatch.setattr(parts, "SECONDS", 0.3)
    part, boxes = part_of(answer), A.copy()
    for _ in range(2):
        assert part(boxes, B)[0, 0] == pytest.approx(1 / 3)
    assert lines == [f"from here on with the course's mask-iou ({why})"]
    assert (boxes == A).all() and not part.is_yours and part.why == why


def test_a_right_result_of_another_kind_becomes_the_usual_one():
    part = part_of(lambda a, b: [[1 / 3]])
    assert isinstance(part(A, B), np.ndarray)


def test_gradients_flow_through_a_part():
    import torch

    x = torch.ones(2, requires_grad=True)
    (given,) = fitting.copies((x,))
    (given * 3).sum().backward()
    assert x.grad.tolist() == [3, 3] and not fitting.unlike((given,), (x,))
    with torch.no_grad():
        given += 1
    assert fitting.unlike((given,), (x,)) and x.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("result", "like", "kind"),
    [([1, 2], np.array([0.5]), np.ndarray), (np.float64(2), 1, int), ([[1], [2]], (np.zeros(1), np.zeros(1)), tuple)],
)
def test_kinds(result, like, kind):
    fitted = fitting.fit(result, like)
    assert type(fitted) is kind
    if kind is tuple:
        assert all(isinstance(item, np.ndarray) for item in fitted)


def test_in_a_graded_run_all_parts_are_the_courses(lines, monkeypatch, notebook):
    notebook()
    monkeypatch.setenv(module.SWITCH, "course")
    assert yours("mask-iou") is module.declared("mask-iou")[0].reference
    assert yours("f1-score", lambda p, r: 0) is module.declared("f1-score")[0].reference and lines == []


def test_an_unknown_exercise_is_named():
    with pytest.raises(CourseError, match="there is no exercise 'volume' in the course"):
        yours("volume")


def test_in_the_solved_editions_every_answer_lives_on(monkeypatch, lines):
    monkeypatch.setattr(saved, "_START", str(repo_root() / "solutions"))
    for exercise_id in ("box-iou", "greedy-match", "count-per-class"):
        assert yours(exercise_id).is_yours


def test_progress_counts_what_is_right(notebook, tmp_path):
    notebook(mask_iou="mask_iou = None")
    found = progress(tmp_path)
    lesson = next(lesson for lesson in found.lessons if lesson.title.startswith("11"))
    assert set(lesson.asked) - set(lesson.right) == {"mask-iou"} and len(found.right) == len(lesson.asked) - 1
    assert "The evaluator: 3 of 12 parts are yours" in repr(found) and "left: mask-iou" in repr(found)
    assert "lesson 01 is not in this folder" in repr(found) and "<progress" in found._repr_html_()
    assert "next: mask-area, in lesson 01 · What is segmentation?" in repr(found)
    assert "<a href='11_iou_and_matching.ipynb'>" in found._repr_html_()


def test_a_network_that_fails_in_use_goes_on_with_its_weights(lines):
    import torch
    from torch import nn

    from course_utils.exercises import modules
    from course_utils.exercises.core import Exercise

    class Doubling(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.layer = nn.Linear(width, width)

        def forward(self, x):
            return 2 * self.layer(x)

    class OnlyPairs(Doubling):
        def forward(self, x):
            if len(x) != 2:
                raise ValueError("not two")
            return super().forward(x)

    exercise = Exercise("doubling", "D", 1, Doubling, lambda: [], probe=modules.probe)
    part = make_part(exercise, OnlyPairs)
    net = part(3)
    two, three = torch.randn(2, 3), torch.randn(3, 3)
    assert net(two).shape == (2, 3) and lines == []
    assert torch.equal(net(three), 2 * net.layer(three))
    net(three).sum().backward()
    assert net.layer.weight.grad is not None and not part.is_yours
    assert lines == ["from here on with the course's doubling (yours stopped with ValueError: not two)"]
    assert isinstance(make_part(exercise, None)(3), Doubling)


def test_course_progress_prints_it(notebook, tmp_path):
    from click.testing import CliRunner

    from course_utils.cli import cli

    empty = tmp_path / "empty"
    empty.mkdir()
    notebook()
    printed = CliRunner().invoke(cli, ["progress", str(tmp_path)]).output
    assert "11 · Intersection over union, and who found what" in printed and "5 of 5   all yours" in printed
    assert "no notebooks of the course here" in str(CliRunner().invoke(cli, ["progress", str(empty)]).exception)


def test_many_parts_share_a_line(notebook, lines):
    notebook(mask_iou=IOU.format("", "2 * "))
    parts = module.your_parts(["greedy-match", "mask-iou", "box-iou"], {"f1-score": lambda p, r: None})
    assert [part.is_yours for part in parts.values()] == [True, False, True, False]
    assert lines == [
        "with your greedy-match, box-iou",
        "with the course's mask-iou (yours is not right yet)",
        "with the course's f1-score (yours is not written yet)",
    ]


def test_released_cells_in_another_language_are_not_the_learners_own():
    released = saved.read_source(repo_root() / "solutions" / f"{NAME}.py")
    translated = [replace(cell, source=translate_code(cell.source, lambda words: "Kata lain.")) for cell in released]
    assert any(old != new for old, new in zip(released, translated, strict=True) if not old.role)
    roles = [{cell.role for cell in saved.SavedLesson(NAME, cells).cells} for cells in (released, translated)]
    assert roles == [{"setup", "exercise"}] * 2
