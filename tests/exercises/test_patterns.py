"""What wrong results have in common with right ones is said exactly, or not at all."""

import numpy as np
import pytest

from course_utils.exercises.core import Exercise, judge

RNG = np.random.default_rng(5)
TABLES = [RNG.normal(size=(3, 4)), RNG.normal(size=(2, 5))]
LABELS = [RNG.integers(1, 5, (6, 6)), RNG.integers(1, 5, (5, 7))]
LISTS = [np.array([3.5, 1.25, 2.75]), np.arange(6) + 0.5]


def hint(rights: list, change) -> str:
    exercise = Exercise("e", "E", 1, lambda k, values: rights[k], edges=lambda: [(0, LISTS[0]), (1, LISTS[1])])
    outcome = judge(exercise, lambda k, values: change(rights[k]))
    return outcome.hint if outcome.named else ""


@pytest.mark.parametrize(
    ("rights", "change", "words"),
    [
        (TABLES, lambda a: 1.7 * a, "Everywhere you have 1.7 times what is right."),
        (TABLES, lambda a: a / 7, "what is right divided by 7"),
        (TABLES, lambda a: a - 0.3, "Everywhere you have 0.3 less than what is right."),
        (LABELS, lambda a: np.where(a == 2, 9, a), "Wherever 2 is right you have 9"),
        (LABELS, lambda a: np.where(a == 2, 3, np.where(a == 3, 2, a)), "2 and 3 have changed places everywhere."),
        (LABELS, lambda a: np.where(a == 2, 3, a), "Wherever 2 is right you have 3"),
        ([(1.5, 2.5, 4.0), (3.5, 4.5, 9.0)], lambda t: (t[0], t[1] * 2 + t[0], t[2]), ""),
        ([(1.5, LISTS[0]), (3.5, LISTS[1])], lambda t: (t[0], 7 * t[1]), "Of your results only number 2 is wrong."),
        (TABLES, lambda a: a.reshape(-1, 2), "not in the shape"),
        (TABLES[:1] * 2, lambda a: a[[1, 2, 0]], "comes last"),
        ([LISTS[1], LISTS[1]], lambda a: a[[3, 1, 0, 2, 5, 4]], "another order along the first axis"),
        ([["a", "b"], ["c"]], lambda a: [*a, a[0]], "more than once"),
        ([[2, 0], [1]], lambda a: [k in a for k in range(3)], "a yes or no for each"),
        ([np.array([0, -1]), np.array([-1, 2])], lambda a: [None if k < 0 else k for k in a], "None stands where -1"),
        (TABLES, lambda a: np.zeros(a.shape, int), "Nothing but zeros"),
        (
            [LISTS[0].mean(), LISTS[1].mean()],
            lambda x: {2.5: 7.5, 3.0: 18.0}[x],
            "You add up where a mean is asked for",
        ),
        ([LISTS[0].sum(), LISTS[1].sum()], lambda x: {7.5: 2.5, 18.0: 3.0}[x], "You take a mean where a sum"),
        (TABLES, lambda a: a**3, ""),
        (LABELS, lambda a: (a + 1) % 4, ""),
    ],
)
def test_what_is_said(rights, change, words):
    said = hint(rights, change)
    assert words in said if words else said == ""


def test_where_nothing_is_recognised_it_is_said_where_the_answer_is_wrong():
    rights = [RNG.normal(size=(3, 4)), RNG.normal(size=(2, 4))]
    exercise = Exercise("e", "E", 1, lambda k: rights[k], edges=lambda: [(0,), (1,)])
    outcome = judge(exercise, lambda k: rights[k] + [0, 0.1, 0, 0.5])
    assert "only 1, 3 are ever wrong" in outcome.hint and not outcome.named
