"""Which slip is named: the one that was made, alone or with another; and none that was not made."""

from dataclasses import replace

import numpy as np
import pytest

from course_utils.exercises.core import Exercise, judge
from course_utils.exercises.slips import OF_RESULTS

RNG = np.random.default_rng(3)


def _above(values: np.ndarray, threshold: float, factor: float) -> np.ndarray:
    """Values above a threshold, in the order in which they come, times a factor."""
    return values[values > threshold] * factor


ABOVE = Exercise(
    id="above",
    title="Values above a threshold",
    points=1,
    reference=_above,
    edges=lambda: [
        (np.array([1.5, 0.5, 2.5]), 1.0, 1.0),  # only what is kept counts
        (np.array([1.0, 3.5]), 1.0, 1.0),  # one on the threshold
        (np.array([4.5, 0.25, 2.75]), 0.0, 3.0),  # all above; only the factor counts
        (np.array([1.25, -2.5, 0.5, 7.5]), 0.5, 2.0),
    ],
    misconceptions={
        "You kept what lies below.": lambda values, threshold, factor: values[values < threshold] * factor,
        "The factor is missing.": lambda values, threshold, factor: values[values > threshold],
    },
    hints=("What is kept?", "Two steps.", "Compare, then multiply."),
)


def hint(answer, exercise: Exercise = ABOVE) -> str:
    outcome = judge(exercise, answer)
    assert outcome.status == "wrong"
    return outcome.hint if outcome.named else ""


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda v, t, f: v[v < t] * f, "You kept what lies below."),
        (lambda v, t, f: v[v >= t] * f, "exactly `threshold`"),
        (lambda v, t, f: (v[v > t] * f)[::-1], "wrong way round"),
        (lambda v, t, f: np.sort(v[v > t] * f), "sorted"),
        (lambda v, t, f: v[v > t] / f, "`factor` comes in upside down"),
        (lambda v, t, f: v[v > t] * f * 100, "percent"),
        (lambda v, t, f: v[v > t] * f * 7, "7 times what is right"),
        (lambda v, t, f: v[v > t] * f + 0.3, "0.3 more than what is right"),
        (lambda v, t, f: v[v > t] + f, "wrong operation"),
        (lambda v, t, f: (v[v > t] * f)[1:], "first one is missing"),
        (lambda v, t, f: v, "You give back `values` as it came in."),
    ],
)
def test_single_slips(answer, words):
    assert words in hint(answer)


@pytest.mark.parametrize(
    "answer",
    [
        lambda v, t, f: v[v >= t],
        lambda v, t, f: v[v > t][1:],
        lambda v, t, f: (v[v > t])[::-1],
    ],
)
def test_of_two_slips_one_is_named_and_the_other_announced_or_left_open(answer):
    said = hint(answer)
    assert said.count("(That is not all") + said.count("it may not be all") == 1


def test_a_declared_pair_with_a_third_slip_is_not_announced_twice():
    pair = "No factor. (That is not all: so much is known.)"
    paired = replace(ABOVE, misconceptions={pair: lambda v, t, f: v[v > t]})
    third = lambda v, t, f: v[v > t] * 100  # noqa: E731
    assert hint(third, paired).count("(That is not all") == 1


@pytest.mark.parametrize(
    "answer",
    [
        lambda v, t, f: v[:1] * 0 + 0.123,
        lambda v, t, f: np.cos(v),
        lambda v, t, f: 1,
        lambda v, t, f: v.no_such_thing,
        lambda v, t, f: np.array([]),
        lambda v, t, f: np.maximum(v[v > t] * f, 2.8),
    ],
)
def test_what_is_no_slip_is_not_named(answer):
    assert hint(answer) == ""


COUNTED = Exercise(
    id="counted",
    title="How many values lie above a threshold",
    points=1,
    whole=True,
    reference=lambda values, threshold: [int((values > threshold).sum()), np.flatnonzero(values > threshold)],
    edges=lambda: [
        (np.array([1.5, 0.5, 2.5]), 1.0),
        (np.array([1.0, 3.5]), 1.0),
        (np.array([0.5]), 1.0),
        (np.array([4.5, 0.25, 2.75, 9.0, 3.0]), 0.0),
    ],
    misconceptions={"Those below.": lambda v, t: [int((v < t).sum()), np.flatnonzero(v < t)]},
    hints=("What is counted?", "Two steps.", "Compare, then count."),
)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda v, t: [float((v > t).sum()), np.flatnonzero(v > t)], "they are floats"),
        (lambda v, t: [int((v > t).sum()), np.flatnonzero(v > t) * 1.0], "they are floats"),
        (lambda v, t: [float((v < t).sum()), np.flatnonzero(v < t)], "Those below."),
        (lambda v, t: [int((v > t).sum()), [float(k) for k in np.flatnonzero(v > t)]], "they are floats"),
    ],
)
def test_floats_for_whole_numbers_are_told_after_all_else(answer, words):
    assert words in hint(answer, COUNTED)


def test_an_empty_list_is_no_list_of_floats():
    outcome = judge(COUNTED, lambda v, t: [int((v > t).sum()), [k for k in range(len(v)) if v[k] > t]])
    assert outcome.status == "right"


def test_floats_may_stand_for_whole_numbers_where_nobody_asks_for_whole_ones():
    answer = lambda v, t: [float((v > t).sum()), np.flatnonzero(v > t) * 1.0]  # noqa: E731
    assert judge(replace(COUNTED, whole=False), answer).status == "right"


def test_what_is_always_the_same_does_not_show_which_input_plays_no_part():
    first = Exercise("e", "E", 1, lambda v: int(v.argmax()), edges=lambda: [(np.eye(9)[k],) for k in range(9)])
    assert judge(first, lambda v: 0).named is False


VALUES = (
    *(3.7, -2.25, 0.4, [1.5, 4.25], (7.5, 2.5), [1.5, 4.25, 3.0], [0.0, 1.0, 1.0, 0.5]),
    *(np.array([1.5, -2.25, 8.125]), np.array([1.5, -2.25, 8.125])[None], np.arange(12).reshape(3, 4) + 2),
    np.array([[0, 2, 0, 3], [1, 0, 5, 0]]),
    *(RNG.normal(size=(3, 4)), RNG.normal(size=(2, 3, 4)), RNG.normal(size=(2, 2, 3))),
    *(np.array([[1.5, 2.5, 7.25, 9.5]]), RNG.random((4, 5)) < 0.5),
)


def _recognised(change, value) -> str:
    """What is said of a value changed by a slip; nothing where the slip does not change it."""
    try:
        wrong = change(value)
    except Exception:
        return ""
    outcome = judge(Exercise("e", "E", 1, lambda k: value, edges=lambda: [(0,), (1,)]), lambda k: wrong)
    return outcome.hint if outcome.named else ""


@pytest.mark.parametrize(("words", "change"), OF_RESULTS, ids=range(len(OF_RESULTS)))
def test_every_everyday_slip_is_recognised_on_some_result(words, change):
    assert words in {_recognised(change, value) for value in VALUES}
