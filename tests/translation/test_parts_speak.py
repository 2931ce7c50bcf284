"""The lines that say whose part ran, the sums of the progress, and the proof's verdict, in a made-up language."""

import pytest

from course_utils.exercises import yours as module
from course_utils.exercises.progress import LessonProgress, Progress
from course_utils.mask_rcnn import proof

SPOKEN = {
    "with the course's {parts} ({why})": "{why}: kita punya {parts}",
    "with your {parts}": "{parts} milikmu",
    "yours is not written yet": "belum ditulis",
    "{right} of {asked}": "{right} dari {asked}",
    "{right} of {asked} exercises in all": "{asked} latihan, {right} benar",
    "left: {exercises}": "sisa: {exercises}",
    "next: {exercise}, in lesson {lesson}": "lalu {lesson}: {exercise}",
    "{whole}: {right} of {parts} parts are yours": "{right} dari {parts} milikmu: {whole}",
    "The evaluator": "Penilai",
    proof.EQUAL: "semua sama",
}


@pytest.fixture(autouse=True)
def language(monkeypatch):
    monkeypatch.setattr("course_utils.translation.say.spoken", lambda: "xx")
    monkeypatch.setattr("course_utils.translation.say._known", lambda code: SPOKEN)


def test_a_line_says_whose_parts_ran(monkeypatch):
    lines = []
    monkeypatch.setattr(module, "say", lines.append)
    here = {"f1-score": lambda p, r: 2 * p * r / (p + r) if p + r else 0.0, "mask-area": lambda mask: None}
    module.your_parts([], here)
    assert lines == ["f1-score milikmu", "belum ditulis: kita punya mask-area"]


def test_progress_speaks_it_too():
    lesson = LessonProgress("11_iou", "11 · IoU", ("box-iou", "mask-iou"), ("box-iou",))
    assert " ".join(str(lesson).split()) == "11 · IoU 1 dari 2 sisa: mask-iou"
    sums = Progress((lesson,)).sums()
    assert sums[:2] == ["2 latihan, 1 benar", "lalu 11 · IoU: mask-iou"]
    assert "1 dari 12 milikmu: Penilai" in sums
    assert "aria-label='1 dari 2'" in Progress((lesson,))._repr_html_()


def test_an_equal_verdict_is_equal_in_every_language():
    assert proof.Verdict("box-head", "", "semua sama").equal
    assert not proof.Verdict("box-head", "", "lain").equal
