"""Honest work gets what it deserves, in whatever form it comes."""

import json
from collections.abc import Callable
from pathlib import Path

import honest
import pytest
import tiny_lesson

from course_utils.classroom.grading.files import files_below
from course_utils.classroom.grading.learners import Learner
from course_utils.classroom.grading.results import ExerciseResult, LearnerResult
from course_utils.classroom.grading.submission import Grader

Grade = Callable[[dict[str, str]], dict[str, ExerciseResult]]


def grade(grader: Grader, folder: Path, content: bytes) -> LearnerResult:
    (folder / "a.ipynb").write_bytes(content)
    return grader.grade(Learner("ana", tuple(files_below(folder)[0])))


def overlap(result: LearnerResult) -> ExerciseResult:
    assert not result.problems
    return result.lessons[0].exercises[0]


@pytest.mark.parametrize("name", honest.SOURCES)
def test_a_right_answer_passes_however_it_is_written(name: str, grader: Grader, tmp_path: Path) -> None:
    made = json.dumps(tiny_lesson.submission({"overlap": honest.SOURCES[name]})).encode()
    verdict = overlap(grade(grader, tmp_path, made))
    assert (verdict.status, verdict.earned) == ("passed", 1), verdict


@pytest.mark.parametrize("name", honest.CHANGES)
def test_a_right_answer_passes_wherever_its_parts_stand(name: str, grader: Grader, tmp_path: Path) -> None:
    made = json.dumps(honest.notebook(honest.CHANGES[name])).encode()
    verdict = overlap(grade(grader, tmp_path, made))
    assert (verdict.status, verdict.earned) == ("passed", 1), verdict


@pytest.mark.parametrize("name", honest.FILES)
def test_a_right_answer_passes_whatever_saved_it(name: str, grader: Grader, tmp_path: Path) -> None:
    verdict = overlap(grade(grader, tmp_path, honest.FILES[name]))
    assert (verdict.status, verdict.earned) == ("passed", 1), verdict


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


def test_a_part_of_the_cases_earns_a_part_of_the_points(grade_answers: Grade) -> None:
    half = "def normalise(values):\n    return values - values.mean() if values.ndim == 1 else values * 2"
    result = grade_answers({"normalise": half})["normalise"]
    assert (result.status, result.earned, result.points) == ("partly", 1, 2)
    assert grade_answers({"normalise": "def normalise(v):\n    return v * 2"})["normalise"].status == "failed"


WRONG = {
    "1 / 0": ("failed", "the cell does not define overlap"),
    "overlap = 3": ("failed", "expected a function, got 3"),
    "x = 1 / 0\noverlap = lambda a, b: x": ("failed", "ZeroDivisionError: division by zero"),
    "def overlap(a, b):\n    return missing(a)": ("failed", "name 'missing' is not defined"),
    "async def overlap(a, b):\n    return int((a & b).sum())": ("failed", "coroutine"),
    "def overlap(a, b):\n    return union(a, b)": ("needs review", "it uses union, the course's own"),
    "def overlap(a, b):\n    return len(open('x').read())": ("needs review", "it reads a file, and none is there"),
    "import not_there\ndef overlap(a, b):\n    return not_there.f(a)": ("needs review", "it imports what is not there"),
    "%%writefile x.py\nx = 1": ("needs review", "not Python but %%writefile"),
    "x = 1\nreturn 3": ("failed", "not valid Python"),
    "a = 1\n" * 60_000: ("needs review", "longer than 200000 characters"),
    "while True:\n    pass\noverlap = lambda a, b: 1": ("failed", ""),
}


@pytest.mark.parametrize("source", WRONG, ids=lambda source: source[:30])
def test_what_cannot_pass_is_told_why(source: str, grade_answers: Grade) -> None:
    status, words = WRONG[source]
    verdict = grade_answers({"overlap": source})["overlap"]
    assert verdict.status == status, verdict
    assert words in verdict.reason


@pytest.mark.parametrize("source", ["def normalise(values):\n    return values - values.mean() * 1.0001"])
def test_a_little_wrong_is_wrong(grade_answers: Grade, source: str) -> None:
    assert grade_answers({"normalise": source})["normalise"].status == "failed"


def test_a_library_routine_that_is_the_exercise_passes_with_a_note(grade_answers: Grade) -> None:
    for source in (
        "def overlap(a, b):\n    return np.count_nonzero(a & b)",
        "from numpy import count_nonzero as c\noverlap = lambda a, b: c(a & b)",
        "def overlap(a, b):\n    import numpy\n    return numpy.count_nonzero(a & b)",
    ):
        verdict = grade_answers({"overlap": source})["overlap"]
        assert verdict.status == "passed"
        assert verdict.notes == ("uses numpy.count_nonzero, which is the exercise itself",)
    assert grade_answers({"overlap": honest.RIGHT})["overlap"].notes == ()


def test_an_unusual_answer_passes_with_a_note(grade_answers: Grade) -> None:
    verdict = grade_answers({"overlap": "overlap = eval('lambda a, b: int((a & b).sum())')"})["overlap"]
    assert (verdict.status, verdict.notes) == ("passed", ("unusual: eval",))


FORGED = {
    "a number for an argument": "running.Changed(0, 'x')",
    "an error without words": "running.Raised(3, ['x'] * 5)",
    "a list within itself": "running.Changed(running.Changed(running.Raised('', {}), -9), None)",
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_results_cost_their_own_exercise_at_most(name: str, grade_answers: Grade) -> None:
    source = (
        "import importlib\nrunning = importlib.import_module('course_utils.exercises.running')\n"
        f"running.run = lambda *anything: {FORGED[name]}\noverlap = lambda a, b: 1\nrunning.used = overlap"
    )
    results = grade_answers(tiny_lesson.RIGHT | {"overlap": source})
    assert results["overlap"].earned == 0 and results["overlap"].status in ("failed", "needs review")
    assert [results[name].status for name in ("normalise", "classes")] == ["passed"] * 2
