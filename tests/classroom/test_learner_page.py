"""The page that a learner gets back speaks the languages of the notebooks; the instructor's reports stay English."""

import re
import time
from dataclasses import replace
from typing import get_args

import pytest
from helpers.english import english_words

from course_utils.classroom.grading.pages import STATUSES, page
from course_utils.classroom.grading.reports import prepare_folder, write_reports
from course_utils.classroom.grading.results import (
    ExerciseResult,
    LearnerResult,
    LessonResult,
    Status,
    as_json,
    from_json,
)
from course_utils.classroom.grading.reviews import Review, reviewed
from course_utils.errors import CourseError
from course_utils.translation import say
from course_utils.translation.catalogue import LOCALE, read_catalogue
from course_utils.translation.current import speaking
from course_utils.translation.retold import retold

LESSON = "01_what_is_segmentation"
CARD = "Yang terjadi: hasilnya 4, seharusnya 5"
GRADERS_OWN = [
    str(message.id)
    for message in read_catalogue(LOCALE / "id" / "classroom.po")
    if message.id and any(re.match(r"classroom/grading/(?!pages|self_check)", note) for note in message.auto_comments)
]
"""All sentences that the grader marks besides those of the page itself, with places to be filled in."""


def exercise(status: Status, reason: str = "", said: str = "", earned: float = 0) -> ExerciseResult:
    return ExerciseResult("mask-area", "The area of a mask in pixels", 1, status, reason, earned, said=said)


def lesson(*exercises: ExerciseResult, language: str = "id", name: str = LESSON, **more) -> LessonResult:
    return LessonResult(name, exercises, "01.ipynb", language=language, **more)


def text_of(html: str) -> str:
    """What a reader sees."""
    return re.sub(r"<style>.*?</style>|<[^>]*>", "\n", html, flags=re.DOTALL)


def filled(template: str) -> str:
    return re.sub(r"\{\w+\}", "n7", template)


def test_every_status_has_words():
    assert set(STATUSES) == set(get_args(Status))
    parts = [lesson(exercise(status, filled("it took more than {seconds} s"))) for status in STATUSES]
    text = text_of(page(LearnerResult("Ayu", tuple(parts), late=True, handed_in="2026-05-01T10:00:00", factor=0.5)))
    assert english_words(text) == []
    for word in ("benar", "sebagian benar", "belum dikerjakan", "tidak dikumpulkan", "tidak terbaca", "sudah ditinjau"):
        assert f"{word}, 0 dari 1 poin" in text
    assert "Ayu: 0 dari" in text and "Terlambat dikumpulkan, pada 2026-05-01 10:00:00. Poinnya dihitung 50%." in text


def test_nothing_that_the_grader_says_stays_english():
    told = [filled(words) for words in GRADERS_OWN if " " in words]
    parts = [lesson(*(exercise("needs review", f"01.ipynb: {words}") for words in told), notes=tuple(told))]
    text = text_of(page(LearnerResult("Ayu", tuple(parts), problems=tuple(told), notes=tuple(told))))
    assert len(told) > 50 and english_words(text) == []
    assert [words for words in told if words in text] == []


def test_a_page_says_its_language_and_a_lesson_its_own_where_it_differs():
    passed, failed = exercise("passed", earned=1), exercise("failed", "What happened: 4", CARD)
    html = page(LearnerResult("Ayu", (lesson(passed), lesson(failed, language="en", name="02_types_of_segmentation"))))
    assert '<html lang="id">' in html and html.count("<div lang=") == html.count('<div lang="en">') == 1
    indonesian, english = html.split('<div lang="en">')
    assert "01 · Apa itu segmentasi? (1 dari 1 poin)" in indonesian and "Luas mask dalam piksel: benar" in indonesian
    assert "02 · Three kinds of segmentation (0 of 1)" in english and "The area of a mask in pixels: failed" in english


def test_most_lessons_decide_on_the_frame():
    english, indonesian = lesson(exercise("passed"), language="en"), lesson(exercise("passed"))
    assert '<html lang="en">' in page(LearnerResult("Ben", (english, english, indonesian)), otherwise="id")
    assert '<html lang="id">' in page(LearnerResult("Ben", (english, indonesian)))


def test_who_handed_in_nothing_that_can_be_read_gets_the_language_of_the_class(tmp_path):
    unread = lesson(exercise("not read", "01.ipynb was handed in, but could not be read"), language="")
    results = [
        LearnerResult("Ayu", (lesson(exercise("failed", "What happened: 4", CARD)),)),
        LearnerResult("Dewi", (unread,), problems=("01.ipynb: not a plain file",)),
    ]
    prepare_folder(tmp_path)
    write_reports(results, {}, [], tmp_path)
    text = text_of((tmp_path / "learners/Dewi.html").read_text(encoding="utf-8"))
    assert "01.ipynb sudah dikumpulkan, tetapi tidak bisa dibaca. Tolong kumpulkan lagi." in text
    assert "Tidak bisa dinilai: 01.ipynb: bukan berkas biasa" in text
    assert CARD in (tmp_path / "learners/Ayu.html").read_text(encoding="utf-8")
    for name in ("summary.md", "junit.xml", "scores.csv"):
        written = (tmp_path / name).read_text(encoding="utf-8")
        assert CARD not in written and "belum benar" not in written
    assert "What happened: 4" in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_a_broken_catalogue_costs_only_the_pages_in_its_language(tmp_path, monkeypatch):
    (tmp_path / "locale/id").mkdir(parents=True)
    (tmp_path / "locale/id/classroom.po").write_text("what is this")
    monkeypatch.setattr("course_utils.translation.catalogue.LOCALE", tmp_path / "locale")
    monkeypatch.setattr("course_utils.translation.say._known", say._known.__wrapped__)
    one = exercise("passed", earned=1)
    results = [LearnerResult("Ayu", (lesson(one),)), LearnerResult("Ben", (lesson(one, language="en"),))]
    prepare_folder(tmp_path)
    with pytest.raises(CourseError, match=r"all reports were written but 1: .*classroom.po:1: not a line"):
        write_reports(results, {}, [], tmp_path)
    assert (tmp_path / "learners/Ben.html").exists() and "Ayu" in (tmp_path / "scores.csv").read_text("utf-8-sig")


def test_a_file_that_cannot_be_read_is_to_be_handed_in_again_but_not_if_the_grader_failed():
    unread = LearnerResult("Dewi", (lesson(exercise("not read"), language=""),), problems=("a: not a plain file",))
    text = text_of(page(unread))
    assert "Please hand it in again." in text and "save it and hand it in again" in text
    lost = LearnerResult("Eko", (), problems=("the grader failed on it: OSError: x",))
    assert "again" not in text_of(page(lost)) and "your instructor will look at it" in text_of(page(lost))


@pytest.mark.parametrize("code", ["xx", '"><script>', "../id", 3, None])
def test_a_result_on_the_disk_names_no_language_that_there_is_not(code):
    result = LearnerResult("Ayu", (lesson(exercise("failed", "What happened: 4", CARD)),))
    record = as_json(result)
    assert from_json(record) == result
    record["lessons"][0]["language"] = code
    with pytest.raises(ValueError, match="unknown language"):
        from_json(record)


def test_points_of_a_review_take_the_place_of_the_cards_words():
    result = LearnerResult("Ayu", (lesson(replace(exercise("failed", "What happened: 4", CARD), answer="a")),))
    text = text_of(page(reviewed(result, [Review("Ayu", LESSON, "mask-area", 1, "well done", "a")])))
    assert CARD not in text and "sudah ditinjau: well done" in text


def test_a_learners_words_are_never_markup_nor_a_template():
    hostile = ["<b>{0.__class__}</b> was handed in, but could not be read", "<img src=x>: {learner:>999999}", "{", "{}"]
    exercises = (exercise("failed", hostile[0], "<i>{x}</i>"), *(exercise("needs review", one) for one in hostile))
    html = page(
        LearnerResult("<u>{points}", (lesson(*exercises, notes=tuple(hostile)),), tuple(hostile), tuple(hostile))
    )
    assert not re.search("<(b|i|u|img)[ >]", html)
    text = text_of(html)
    assert "&lt;b&gt;{0.__class__}&lt;/b&gt; sudah dikumpulkan, tetapi tidak bisa dibaca" in text
    assert "&lt;u&gt;{points}: 0 dari" in text


@pytest.mark.parametrize("words", [": " * 50_000, "it could not be tried: " * 5_000, "a and no " * 10_000])
def test_long_words_take_no_long_time(words):
    start = time.process_time()
    with speaking("id"):
        retold(words)
    assert time.process_time() - start < 5


def test_sentences_are_known_again_wherever_they_stand():
    with speaking("id"):
        assert retold("a: b.ipynb: the archive is broken") == "a: b.ipynb: arsipnya rusak"
        assert (
            retold("it could not be tried: your module lacks: a head")
            == "tidak bisa dicoba: di modul Anda belum ada: a head"
        )
        assert retold("more than 20 MB; 20 MB at most") == "lebih dari 20 MB; paling banyak 20 MB"
    assert retold("the archive is broken") == "the archive is broken"


def test_a_name_in_somebodys_code_stays():
    with speaking("id"):
        assert retold("the cell does not define area") == "selnya tidak mendefinisikan area"
        assert retold("NameError: name 'area' is not defined") == "NameError: name 'area' is not defined"
