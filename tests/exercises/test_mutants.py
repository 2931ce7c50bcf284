"""A sample of all mutants: the fixed cases notice each that `make mutants` does not list as equivalent."""

import random
import time

import pytest
from mutants.subjects import sources, subjects
from mutants.trial import EQUIVALENT, Trial, equivalent

from course_utils.exercises.mutants import mutants_of

_SECONDS = 4  # of processor time for a lesson; all mutants of all lessons: `make mutants`


@pytest.mark.parametrize("number", [number for number in sources() if (EQUIVALENT / f"{number}.toml").exists()])
def test_small_changes_are_noticed(number: str):
    listed = equivalent(number)
    rng = random.Random(number)
    drawn = [(trial, mutant) for trial in map(Trial, subjects(number)) for mutant in trial.mutants()]
    rng.shuffle(drawn)
    end = time.process_time() + _SECONDS
    for trial, mutant in drawn:
        if time.process_time() > end:
            break
        if mutant.change not in listed.get(trial.exercise.id, {}):
            assert trial.is_noticed(mutant), f"{trial.exercise.id}: no fixed case notices {mutant.change}"


def test_what_is_changed():
    source = "def f(a, b):\n    return max(a - b, 0) < 3"
    changes = {mutant.change.partition("  =>  return ")[2] for mutant in mutants_of(source)}
    assert {"max(a - b, 0) <= 3", "max(a, 0) < 3", "a - b < 3", "max(b - a, 0) < 3", "max(a - b, 0) < 2"} <= changes
    assert all(change != "max(a - b, 0) < 3" for change in changes)
