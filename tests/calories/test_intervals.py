"""Intervals hold as often as they promise, on whatever errors."""

import math

import numpy as np
import pytest

from course_utils.calories.intervals import coverage, error_bounds, interval
from course_utils.errors import CourseError


def test_nineteen_plates_promise_ninety_percent_with_the_outermost():
    """(19 + 1) * 5 % = 1 plate may lie outside on either side, so the bounds are the smallest and largest error."""
    errors = np.arange(-9.0, 10)
    rng = np.random.default_rng(0)
    assert error_bounds(100 + rng.permutation(errors), np.full(19, 100.0), np.ones(19)) == (-9, 9)
    assert error_bounds(errors[1:], np.zeros(18), np.ones(18)) == (-math.inf, math.inf)
    # 39 plates: the second from either end.
    assert error_bounds(np.arange(39.0), np.zeros(39), np.ones(39)) == (1, 37)
    assert error_bounds(np.arange(3.0), np.zeros(3), np.ones(3), confidence=0.5) == (0, 2)


@pytest.mark.parametrize("plates", [60, 99, 400])
def test_the_promise_is_kept_on_new_plates_of_any_error(plates):
    """Over many repetitions: at least 90 %, and not much more. Errors are skewed; of some plates a piece was missed."""
    rng = np.random.default_rng(plates)

    def draw(count):
        predicted = rng.uniform(100, 600, count)
        missed = np.where(rng.random(count) < 0.15, rng.uniform(40, 120, count), 0)
        return predicted * rng.lognormal(0, 0.1, count) + missed, predicted

    held = []
    for _ in range(400):
        true, predicted = draw(plates)
        bounds = error_bounds(true, predicted, predicted)
        true, predicted = draw(50)
        held.append(coverage(true, *interval(predicted, predicted, bounds)))
    assert 0.9 - 0.006 <= np.mean(held) <= 0.9 + 2 / plates + 0.006


def test_an_error_is_measured_in_its_scale():
    bounds = error_bounds([110, 90, 220], [100, 100, 200], [10, 10, 20], confidence=0.5)
    assert bounds == (-1, 1)
    low, high = interval([50, 5], [10, 10], bounds)
    assert low.tolist() == [40, 0] and high.tolist() == [60, 15]


def test_coverage_counts_the_ends():
    assert coverage([1, 2, 3, 4], np.array([1, 0, 4, 4]), np.array([2, 2, 5, 4])) == 0.75
    assert math.isnan(coverage([], np.array([]), np.array([])))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([], [], []), "0 truths, 0 predictions"),
        (([1], [1, 2], [1]), "1 truths, 2 predictions and 1 scales"),
        (([1, 2], [1, 2], [1, 0]), "scales must be above 0"),
        (([1, 2], [1, 2], [1, np.nan]), "scales must be above 0"),
        (([1, 2], [1, 2], [1, 1], 1.0), "the confidence between 0 and 1"),
    ],
)
def test_what_cannot_be_calibrated_is_named(arguments, words):
    with pytest.raises(CourseError, match=words):
        error_bounds(*arguments)
