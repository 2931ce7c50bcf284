"""A translated notebook in a learner's hands: checked, graded and drawn upon like the English one."""

import json
import re

import nbformat
import pytest
from click.testing import CliRunner
from helpers.english import english_words
from helpers.grading import grader_or_skip

from course_utils.classroom.build import find_sources, load_lesson
from course_utils.classroom.editions import make_edition
from course_utils.classroom.grading import judging
from course_utils.classroom.grading.beforehand import warnings_of
from course_utils.classroom.grading.learners import find_learners
from course_utils.classroom.grading.released import load_course
from course_utils.classroom.grading.reports import prepare_folder, write_reports
from course_utils.classroom.grading.room.reading import read_answers, which_lesson
from course_utils.classroom.grading.self_check import SelfCheck, check_notebook
from course_utils.commands.check import check
from course_utils.commands.progress import progress
from course_utils.exercises.core import Raised
from course_utils.paths import repo_root
from course_utils.translation.current import speaking
from course_utils.translation.language import ENGLISH, Language, languages, spoken_here

SOURCE = find_sources(repo_root(), ("11",))[0]
INDONESIAN = Language("id")
WRONG = "def box_iou(a, b):\n    return 1.0"
pytestmark = pytest.mark.slow


def hand_in(folder, solved: bool, language: Language, **answers: str):
    """The lesson in a learner's folder, answered or not; with other answers to some exercises."""
    facts = {"lesson": SOURCE.stem} | ({} if language == ENGLISH else {"language": language.code})
    notebook = make_edition(load_lesson(SOURCE).cells, solved, facts, SOURCE, language)
    for cell in notebook.cells:
        cell.source = answers.get(cell.id.replace("-", "_"), cell.source)
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{SOURCE.stem}.ipynb")
    return folder / f"{SOURCE.stem}.ipynb"


def test_the_self_check_finds_every_exercise_open(tmp_path):
    result = check_notebook(hand_in(tmp_path / "x", False, INDONESIAN))
    assert (result.right, result.wrong, result.broken) == ((), (), ())
    assert set(result.open) == {cell.exercise for cell in load_lesson(SOURCE).cells if cell.role == "check"}


def test_what_is_only_translated_is_no_work_of_the_learner(tmp_path):
    lesson = load_course((SOURCE.stem,))[0]
    found = read_answers(hand_in(tmp_path / "x", False, INDONESIAN).read_bytes(), lesson.text)
    assert {one["state"] for one in found.values()} == {"stub"}
    both = (hand_in(tmp_path / language.code, True, language).read_bytes() for language in (ENGLISH, INDONESIAN))
    english, indonesian = (read_answers(content, lesson.text) for content in both)
    for name, answer in english.items():
        assert len(indonesian[name]["wide"]) == len(answer["wide"]) and indonesian[name]["alike"] == answer["alike"]


@pytest.fixture(scope="module")
def mixed_class(tmp_path_factory):
    """Results of a class with both editions, by learner, and the folder of its reports."""
    folder = tmp_path_factory.mktemp("class")
    grader = grader_or_skip(load_course((SOURCE.stem,)))
    hand_in(folder / "in/ayu", True, INDONESIAN, box_iou=WRONG, mask_iou="%%writefile x\n1")
    hand_in(folder / "in/ben", True, ENGLISH, box_iou=WRONG)
    hand_in(folder / "in/citra", False, INDONESIAN)
    hand_in(folder / "in/eka", True, INDONESIAN)
    (folder / "in/dewi").mkdir()
    (folder / f"in/dewi/{SOURCE.stem}.ipynb").write_text("{")
    results = [grader.grade(learner) for learner in find_learners([folder / "in"]).learners]
    prepare_folder(folder / "out")
    write_reports(results, {}, [], folder / "out")
    return {result.learner: result for result in results}, folder / "out"


def test_both_editions_are_graded_alike_in_one_class(mixed_class):
    ayu, ben, citra, eka = (mixed_class[0][name].lessons[0] for name in ("ayu", "ben", "citra", "eka"))
    assert eka.earned == eka.points > 0, eka.exercises
    assert [exercise.notes for exercise in eka.exercises[2:]] == [exercise.notes for exercise in ben.exercises[2:]]
    assert {exercise.status for exercise in citra.exercises} == {"not attempted"}
    assert [exercise.status for exercise in ayu.exercises] == ["failed", "needs review", *["passed"] * 3]
    assert ayu.exercises[0].earned == ben.exercises[0].earned == 0


def test_each_learner_gets_the_page_in_the_language_of_the_notebook(mixed_class):
    for name in ("ayu", "citra", "dewi", "eka"):
        html = (mixed_class[1] / f"learners/{name}.html").read_text(encoding="utf-8")
        assert '<html lang="id">' in html
        assert english_words(re.sub("<style>.*?</style>|<[^>]*>", "\n", html, flags=re.DOTALL)) == [], name
    ayu, dewi = ((mixed_class[1] / f"learners/{name}.html").read_text(encoding="utf-8") for name in ("ayu", "dewi"))
    assert "Yang diharapkan" in ayu and "isi selnya bukan Python, melainkan %%writefile" in ayu
    assert "tidak bisa dibaca" in dewi and "kumpulkan lagi" in dewi
    ben = (mixed_class[1] / "learners/ben.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in ben and "Expected: " in ben and "Yang" not in ben


def test_the_instructors_reports_stay_english(mixed_class):
    ayu, ben = (mixed_class[0][name].lessons[0].exercises[0] for name in ("ayu", "ben"))
    assert ayu.said.startswith("Yang terjadi: ") and ben.said == ""
    assert ayu.reason.startswith("What happened: ")
    for name in ("summary.md", "junit.xml", "scores.csv"):
        assert not re.search("Yang|belum|poin ", (mixed_class[1] / name).read_text(encoding="utf-8"))


def test_a_card_that_cannot_be_said_in_another_language_changes_no_verdict(monkeypatch):
    exercise = load_course((SOURCE.stem,))[0].exercises["box-iou"]
    cases = exercise.draw_cases(1)
    assert "Yang terjadi" in judging.in_language("id", exercise, cases, [1.0] * len(cases), True)
    monkeypatch.setattr(judging, "assess", lambda *_: 1 / 0)
    assert judging.in_language("id", exercise, cases, [1.0] * len(cases), True) == ""


def test_a_refusal_that_has_come_as_plain_text_is_said_in_the_language():
    exercise = load_course((SOURCE.stem,))[0].exercises["box-iou"]
    cases = exercise.draw_cases(1)
    refused = [Raised("", "your module lacks: a head")] * len(cases)
    assert "di modul Anda belum ada: a head" in judging.in_language("id", exercise, cases, refused, True)


@pytest.mark.parametrize("said", [None, 3, "", "xx", "id" * 50, ["id"], {"id": 1}, "../id", "en"])
def test_a_notebook_cannot_name_a_language_that_there_is_not(said):
    for course in ({"language": said}, said):
        content = json.dumps({"cells": [], "metadata": {"course": course}}).encode()
        named = which_lesson(content, [])["language"]
        assert isinstance(named, str) and len(named) <= 20 and spoken_here(named) == "en"
    assert spoken_here("id") == "id" and spoken_here(said) == "en"


def test_check_and_progress_take_the_notebooks_of_a_language(monkeypatch):
    checked, looked = [], []

    def note(path, course):
        checked.append(path)
        return SelfCheck(path.stem, (), ("box-iou",), (), ())

    monkeypatch.setattr("course_utils.classroom.grading.self_check.check_notebook", note)
    monkeypatch.setattr("course_utils.exercises.progress.look", lambda where: looked.append(where) or ())
    done = CliRunner().invoke(check, ["--language", "id"])
    assert len(checked) == 18 and {path.parent for path in checked} == {repo_root() / "notebooks/id"}
    assert "belum dikerjakan" in done.output and english_words(done.output) == []
    done = CliRunner().invoke(progress, ["--language", "id"])
    assert looked == [repo_root() / "notebooks/id"] and "latihan seluruhnya" in done.output
    assert english_words(done.output) == []
    done = CliRunner().invoke(progress, ["--language", "xx"])
    assert "no language 'xx'" in str(done.exception)


def test_what_grading_would_ask_is_said_in_the_language(tmp_path):
    path = hand_in(
        tmp_path / "x", True, INDONESIAN, box_iou="%%writefile x\n1", mask_iou="mask_iou = eval('min.__doc__')"
    )
    with speaking("id"):
        told = warnings_of(path.read_bytes(), load_course((SOURCE.stem,)))
    assert told == (
        "box-iou: perlu ditinjau: isi selnya bukan Python, melainkan %%writefile",
        "mask-iou: pengajar Anda diberi tahu tentang: eval, potongan nama di dalam teks",
    )


@pytest.mark.parametrize("code", languages())
def test_a_language_has_words_for_every_lesson(code):
    assert all(Language(code).title(source) for source in find_sources(repo_root()))
