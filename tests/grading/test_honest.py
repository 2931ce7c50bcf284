"""Honest work gets what it deserves."""

from collections.abc import Callable

import pytest
import tiny_lesson

from course_utils.classroom.grading.results import ExerciseResult

Grade = Callable[[dict[str, str]], dict[str, ExerciseResult]]


def test_right_answers_pass_even_if_they_print(grade_answers: Grade) -> None:
    assert [result.status for result in grade_answers(tiny_lesson.RIGHT).values()] == ["passed"] * 3


def test_nothing_done_is_not_attempted(grade_answers: Grade) -> None:
    assert [result.status for result in grade_answers({}).values()] == ["not attempted"] * 3


def test_wrong_answers_fail_with_the_words_of_the_check(grade_answers: Grade) -> None:
    results = grade_answers(
        {
            "overlap": "def overlap(a, b):\n    return int((a | b).sum())",
            "normalise": "def normalise(values)\n    return values",
            "classes": "classes = 7",
        }
    )
    assert [result.status for result in results.values()] == ["failed"] * 3
    assert "You counted the union." in results["overlap"].reason
    assert "not valid Python: line 1" in results["normalise"].reason
    assert "your answer is not right" in results["classes"].reason


def test_a_raising_answer_costs_no_other_exercise(grade_answers: Grade) -> None:
    results = grade_answers(tiny_lesson.RIGHT | {"overlap": "1 / 0"})
    assert [result.status for result in results.values()] == ["failed", "passed", "passed"]
    assert "ZeroDivisionError" in results["overlap"].reason


def test_a_hanging_answer_costs_no_other_exercise(grade_answers: Grade) -> None:
    results = grade_answers(tiny_lesson.RIGHT | {"normalise": "while True:\n    pass"})
    assert [result.status for result in results.values()] == ["passed", "needs review", "passed"]
    assert "Timeout" in results["normalise"].reason


def test_a_helper_in_another_cell_needs_review(grade_answers: Grade) -> None:
    results = grade_answers(
        {"unneeded": "def both(a, b):\n    return a & b", "overlap": "overlap = lambda a, b: both(a, b).sum()"}
    )
    assert results["overlap"].status == "needs review"
    assert "both, which is defined outside" in results["overlap"].reason


def test_an_answer_that_uses_one_under_review_needs_review_too(grade_answers: Grade) -> None:
    results = grade_answers(
        {
            "overlap": "def overlap(a, b):\n    open('x')\n    return int((a & b).sum())",
            "normalise": "def normalise(v):\n    overlap(v > 0, v > 0) + 0\n    return v - v.mean()",
            "classes": "classes = 7",
        }
    )
    assert [result.status for result in results.values()] == ["needs review", "needs review", "failed"]
    assert results["normalise"].reason == "it uses overlap, which itself needs review"


@pytest.mark.parametrize("source", ["def normalise(values):\n    return values - values.mean() * 1.0001"])
def test_a_little_wrong_is_wrong(grade_answers: Grade, source: str) -> None:
    assert grade_answers({"normalise": source})["normalise"].status == "failed"
