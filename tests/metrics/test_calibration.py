"""Scores and what they are worth."""

import numpy as np
import pytest
from scipy.special import expit, logit

from course_utils.errors import CourseError
from course_utils.metrics.calibration import (
    expected_calibration_error,
    fit_temperature,
    reliability,
    with_temperature,
)


def drawn(temperature: float, count: int = 20_000):
    """Scores that are too sure by a known temperature, and which of them are right."""
    rng = np.random.default_rng(1)
    honest = rng.beta(3, 1.5, count)
    return expit(logit(honest) * temperature), rng.random(count) < honest


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_a_known_temperature_is_found(temperature):
    scores, right = drawn(temperature)
    assert fit_temperature(scores, right) == pytest.approx(temperature, rel=0.05)


def test_it_mends_the_scores_and_keeps_their_order():
    scores, right = drawn(2.5)
    mended = with_temperature(scores, fit_temperature(scores, right))
    before, after = (expected_calibration_error(reliability(each, right)) for each in (scores, mended))
    assert before > 0.08 and after < 0.015
    order = np.argsort(scores)
    assert (np.diff(mended[order]) >= 0).all()


def test_extreme_scores_are_finite():
    assert np.allclose(with_temperature([0, 0.5, 1], 1), [0, 0.5, 1], atol=1e-5)
    assert np.isfinite(fit_temperature([1, 1, 0.5], [True, False, True]))


def test_a_table_of_four():
    table = reliability([0.1, 0.5, 0.6, 1.0], [False, True, False, True], edges=(0, 0.5, 1))
    assert table[["low", "high", "count"]].to_numpy().tolist() == [[0, 0.5, 1], [0.5, 1, 3]]
    assert table["score"].tolist() == pytest.approx([0.1, 0.7]) and table["right"].tolist() == pytest.approx([0, 2 / 3])
    assert expected_calibration_error(table) == pytest.approx((0.1 + 3 * (0.7 - 2 / 3)) / 4)


@pytest.mark.parametrize(
    ("scores", "right", "words"),
    [
        ([0.5, 0.6], [True], "2 scores and 1 verdicts"),
        ([0.5, 0.6], [True, True], "all of these are alike"),
        ([], [], "alike"),
    ],
)
def test_what_cannot_be_calibrated_is_named(scores, right, words):
    with pytest.raises(CourseError, match=words):
        fit_temperature(scores, right)
