"""Every exercise of every lesson keeps what its declaration promises."""

import importlib
from dataclasses import replace
from pathlib import Path

import pytest

from course_utils.exercises.cards import Card
from course_utils.exercises.core import Changed, Exercise, Raised, judge, run, status_of

FOLDER = Path(importlib.import_module("course_utils.exercises").__file__).parent
LESSONS = [
    importlib.import_module(f"course_utils.exercises.{path.stem}").LESSON
    for path in sorted(FOLDER.glob("lesson_[0-9][0-9].py"))
]
EXERCISES = [pytest.param(e, id=f"{lesson.number:02d}-{e.id}") for lesson in LESSONS for e in lesson.exercises.values()]
MISTAKES = [
    pytest.param(e, words, mistake, id=f"{lesson.number:02d}-{e.id}-{k}")
    for lesson in LESSONS
    for e in lesson.exercises.values()
    for k, (words, mistake) in enumerate(e.misconceptions.items(), 1)
]
NUMBERED = [(lesson.number, exercise) for lesson in LESSONS for exercise in lesson.exercises.values()]
SEEDS = (20170320, 1, 2)


def test_ids_are_unique_in_the_course():
    ids = [exercise_id for lesson in LESSONS for exercise_id in lesson.exercises]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: f"{lesson.number:02d}")
def test_a_lesson_has_three_to_nine_exercises(lesson):
    assert 3 <= len(lesson.exercises) <= 9


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_reference_is_right(exercise: Exercise):
    for seed in SEEDS:
        assert judge(exercise, exercise.reference, seed).status == "right"


@pytest.mark.parametrize("exercise", EXERCISES)
def test_two_misconceptions_and_hints(exercise: Exercise):
    assert len(exercise.misconceptions) >= 2 and exercise.hints and exercise.points >= 1


def test_hints_come_in_three_steps():
    few = [f"{number}: {exercise.id}" for number, exercise in NUMBERED if len(exercise.hints) != 3]
    assert not few, few


@pytest.mark.parametrize("exercise", EXERCISES)
def test_inputs_are_left_as_they_were_by_the_reference(exercise: Exercise):
    cases = exercise.draw_cases(1)
    assert not any(isinstance(run(exercise.reference, case, exercise.probe), Changed | Raised) for case in cases)


@pytest.mark.parametrize(("exercise", "words", "mistake"), MISTAKES)
def test_a_mistake_is_recognised_by_its_own_words(exercise: Exercise, words: str, mistake):
    """On the fixed cases alone, and on those of a check; and the card is short and shows a difference."""
    for declared in (replace(exercise, random=None), exercise):
        outcome = judge(declared, mistake)
        assert outcome.status == "wrong"
        assert outcome.hint.startswith(words), "another mistake gives the same results on these cases"
        assert len(repr(Card(outcome)).split("\n")) <= 25
        assert outcome.expected != outcome.got or not outcome.got


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_stub_is_not_attempted(exercise: Exercise):
    assert judge(exercise, (lambda *_: None) if exercise.is_function else ...).status == "not attempted"


@pytest.mark.parametrize("exercise", EXERCISES)
def test_answers_that_try_to_please_everyone_are_wrong(exercise: Exercise):
    class Agreeable:
        def __eq__(self, other):
            return True

        def __hash__(self):
            return 0

    answer = (lambda *_: Agreeable()) if exercise.is_function else Agreeable()
    assert status_of(exercise, answer) == "wrong"
