"""The lessons that ship: up to date, right where they are solved, and failing only where the learner has to answer.

Each lesson is run as a whole with its answers, and once in the grader's slices. Without them no cell but the checks can
fail, since `read_source` refuses a cell that takes an answer other than through `yours`; a sample shows that it is so,
and `course check notebooks` runs them all. The lessons are spread over the test processes (tests/conftest.py).
"""

import ast
import importlib
import inspect

import pytest
from helpers.grading import grader_or_skip

from course_utils.classroom.build import drift, find_sources, load_lesson
from course_utils.classroom.grading.learners import find_learners
from course_utils.classroom.grading.released import load_course
from course_utils.classroom.grading.self_check import check_notebook
from course_utils.paths import repo_root

SOURCES = find_sources(repo_root())
LESSONS = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
SAMPLE = pytest.mark.parametrize("source", SOURCES[::9], ids=lambda path: path.stem)
pytestmark = pytest.mark.slow


def learner_edition(source):
    return repo_root() / "notebooks" / f"{source.stem}.ipynb"


def graded(source, notebook):
    """The lesson's result of a notebook, as `course grade` finds it."""
    grader = grader_or_skip(load_course((source.stem,)))
    return grader.grade(find_learners([notebook]).learners[0]).lessons[0]


@LESSONS
def test_both_editions_belong_to_the_source(source):
    assert drift(load_lesson(source)) == "", "run: course build"


@LESSONS
def test_the_solved_edition_passes_plain_nbval_to_the_letter(source):
    result = check_notebook(source.with_suffix(".ipynb"), strict=True)
    assert result.is_done, str(result)
    assert set(result.right) == {cell.exercise for cell in load_lesson(source).cells if cell.role == "check"}


@SAMPLE
def test_the_learners_edition_fails_exactly_its_checks(source):
    result = check_notebook(learner_edition(source))
    assert (result.right, result.wrong, result.broken) == ((), (), ()), str(result)
    assert set(result.open) == {cell.exercise for cell in load_lesson(source).cells if cell.role == "check"}


@LESSONS
def test_the_solved_edition_is_graded_with_full_marks(source):
    result = graded(source, source.with_suffix(".ipynb"))
    assert result.earned == result.points > 0, result.exercises


@LESSONS
def test_the_learners_edition_is_graded_as_not_attempted(source):
    result = graded(source, learner_edition(source))
    assert {exercise.status for exercise in result.exercises} == {"not attempted"}


@LESSONS
def test_a_card_names_the_inputs_as_the_lesson_does(source):
    lesson = load_lesson(source)
    declared = importlib.import_module(f"course_utils.exercises.lesson_{source.name[:2]}").LESSON
    for cell in lesson.cells:
        if cell.role == "exercise" and declared[cell.exercise].is_function:
            asked = declared[cell.exercise]
            count = len(asked.draw_cases(1)[0])
            body = ast.parse(cell.text).body
            if any(isinstance(node, ast.ClassDef) for node in body):
                continue  # a network: its card speaks of shapes
            functions = [node for node in body if isinstance(node, ast.FunctionDef)]
            shown = list(inspect.signature(asked.reference).parameters)[:count]
            assert shown in [[one.arg for one in function.args.args][:count] for function in functions], cell.where


@LESSONS
def test_a_lesson_opens_and_closes_as_every_lesson_does(source):
    text = source.read_text(encoding="utf-8")
    for part in ("**You will be able to**", "**Time**", "**Builds on**", "**You build**"):
        assert part in text
    for heading in ("## What you now know", "## Test yourself", "## Read more"):
        assert text.count(heading) == 1
