import numpy as np
import pytest
from conftest import made_up
from drawn import rectangle

from course_utils.calories.budget import coverage
from course_utils.calories.estimator import Estimator, course_estimator
from course_utils.calories.features import measure
from course_utils.calories.nutrition import energies
from course_utils.calories.weight import WeightModel
from course_utils.dataset import load
from course_utils.errors import CourseError

MASKS = np.array([rectangle(30, 20).mask, rectangle(25, 22, 0.5).mask, rectangle(20, 15, 1.0).mask])


def test_a_plate_is_the_sum_of_its_pieces(exact_estimator):
    meal = exact_estimator.estimate([1, 6, 3], MASKS, 8.0, [0.9, 0.8, 0.7])
    areas = [measure(mask, 8.0).area_cm2 for mask in MASKS]
    assert [piece.name for piece in meal.pieces] == ["bakwan", "tempe", "cireng"]
    assert [piece.weight_g for piece in meal.pieces] == pytest.approx([areas[0], 6 * areas[1], 3 * areas[2]], rel=0.03)
    assert meal.pieces[1].kcal == pytest.approx(meal.pieces[1].weight_g * energies()[6])
    assert meal.kcal == pytest.approx(sum(piece.kcal for piece in meal.pieces))
    assert meal.weight_g == pytest.approx(sum(piece.weight_g for piece in meal.pieces))
    assert [piece.score for piece in meal.pieces] == [0.9, 0.8, 0.7] and not meal.problems


def test_intervals_hold_the_estimate_and_narrow_with_pieces(real_estimator):
    one, many = (real_estimator.estimate([4] * count, np.repeat(MASKS[:1], count, 0), 8.0) for count in (1, 8))
    for meal in (one, many):
        assert meal.interval[0] < meal.kcal < meal.interval[1]
    assert np.ptp(many.interval) / many.kcal < 0.6 * np.ptp(one.interval) / one.kcal


def test_the_same_plate_has_one_answer(real_estimator):
    assert real_estimator.estimate([4], MASKS[:1], 8.0) == real_estimator.estimate([4], MASKS[:1], 8.0)


def test_more_confidence_wider_interval(real):
    model = WeightModel(real)
    narrow, wide = (Estimator(model, confidence=c).estimate([4], MASKS[:1], 8.0).interval for c in (0.5, 0.95))
    assert wide[0] < narrow[0] and narrow[1] < wide[1]


def test_an_unknown_class_has_a_message_and_no_number(exact_estimator):
    meal = exact_estimator.estimate([9, 1], MASKS[:2], 8.0)
    assert np.isnan(meal.pieces[0].kcal) and meal.pieces[0].shape is not None
    assert meal.problems == ["class 9: no piece of this food was weighed, so its weight is unknown"]
    assert meal.kcal == meal.pieces[1].kcal


def test_a_food_that_was_never_weighed():
    meal = Estimator(WeightModel(made_up(classes=(1,)))).estimate([2], MASKS[:1], 8.0)
    assert meal.problems == ["bolu: no piece of this food was weighed, so its weight is unknown"]


def test_an_unknown_scale_has_a_message_and_no_number(exact_estimator):
    meal = exact_estimator.estimate([1, 2], MASKS[:2], None)
    assert all(np.isnan(piece.kcal) for piece in meal.pieces) and meal.kcal == 0
    assert meal.problems[0] == "bakwan: its scale is unknown; give the plate's diameter in cm"


def test_a_mask_without_pixels(exact_estimator):
    meal = exact_estimator.estimate([1], np.zeros((1, 9, 9), dtype=bool), 8.0)
    assert meal.problems == ["bakwan: an empty mask has no size"]


def test_an_empty_plate(exact_estimator):
    meal = exact_estimator.estimate([], np.zeros((0, 9, 9), dtype=bool), 8.0)
    assert (meal.kcal, meal.interval, meal.pieces) == (0, (0, 0), [])


@pytest.mark.parametrize("split", ["val", "test_occluded", "test_non_occluded"])
def test_ninety_percent_intervals_hold_about_as_often(real_estimator, split):
    of_pieces, of_plates = coverage(load(split), real_estimator)
    assert 0.84 < of_pieces < 0.94 and 0.86 < of_plates < 0.96


def test_an_interval_without_the_photos_own_error_is_too_narrow(real):
    naive = Estimator(WeightModel(real), photo_error=0.0)
    assert coverage(load("val"), naive)[1] < 0.9 <= coverage(load("val"), Estimator(WeightModel(real)))[1]


def test_the_courses_estimator_is_fitted_once(real_estimator):
    assert course_estimator() is course_estimator()
    assert course_estimator().estimate([4], MASKS[:1], 8.0) == real_estimator.estimate([4], MASKS[:1], 8.0)


@pytest.mark.parametrize("confidence", [90, 1, 0, -0.5, float("nan")])
def test_a_confidence_that_is_no_share(confidence, exact_estimator):
    with pytest.raises(CourseError, match=f"confidence is {confidence}; a share between 0 and 1 is needed"):
        Estimator(exact_estimator.weights, confidence)
