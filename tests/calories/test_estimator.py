import numpy as np
import pytest
from drawn import rectangle
from made_up import made_up

from course_utils.calories.estimator import PIECES, PLATES, Estimator, course_estimator
from course_utils.calories.features import measure
from course_utils.calories.nutrition import energies
from course_utils.calories.weight import WeightModel

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


BOUNDS = {PLATES[False]: (-1.0, 2.0), PLATES[True]: (-3.0, 4.0), PIECES[False]: (-0.5, 0.5), PIECES[True]: (-50.0, 6.0)}


def test_spreads_of_pieces_add_up_as_right_angles_do(real):
    model = WeightModel(real)
    meal = Estimator(model).estimate([4, 5], MASKS[::2], 8.0)
    for label, piece in zip([4, 5], meal.pieces, strict=True):
        assert piece.spread == pytest.approx(model.usual_error[label] * piece.kcal)
    assert meal.spread == pytest.approx(np.hypot(*(piece.spread for piece in meal.pieces)))
    assert model.usual_error[5] > 1.5 * model.usual_error[4], "tahu's height varies most"


def test_intervals_are_bounds_times_spreads_and_narrow_with_pieces(real):
    estimator = Estimator(WeightModel(real), BOUNDS)
    nine = np.repeat(MASKS[:1], 9, 0)
    one, many = (estimator.estimate([4] * len(some), some, 8.0, visible=some) for some in (nine[:1], nine))
    for meal in (one, many):
        assert meal.interval == pytest.approx((meal.kcal - meal.spread, meal.kcal + 2 * meal.spread))
        assert not meal.heaped
    assert np.ptp(many.interval) / many.kcal == pytest.approx(np.ptp(one.interval) / one.kcal / 3)
    piece = one.pieces[0]
    assert piece.interval == pytest.approx((piece.kcal - piece.spread / 2, piece.kcal + piece.spread / 2))


def test_what_is_hidden_has_its_own_bounds(real):
    estimator = Estimator(WeightModel(real), BOUNDS)
    half = MASKS[:2].copy()
    half[0, :, 80:] = False
    told = estimator.estimate([4, 4], MASKS[:2], 8.0, visible=half)
    assert told.heaped and told.interval[1] == pytest.approx(told.kcal + 4 * told.spread)
    hidden, seen = told.pieces
    assert hidden.hidden == pytest.approx(0.5, abs=0.1) and seen.hidden == 0
    assert hidden.interval == (0, pytest.approx(hidden.kcal + 6 * hidden.spread)), "no food has less than 0 kcal"
    assert seen.interval[1] == pytest.approx(seen.kcal + seen.spread / 2)
    # Without a word about it, whatever another outline covers may be hidden.
    assert estimator.estimate([4, 4], MASKS[:2], 8.0).heaped
    assert not estimator.estimate([4], MASKS[:1], 8.0).heaped


def test_without_bounds_nothing_is_promised(exact_estimator):
    meal = exact_estimator.estimate([4], MASKS[:1], 8.0)
    assert meal.interval == (0, np.inf) == meal.pieces[0].interval


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


def test_the_courses_estimator_is_fitted_once():
    assert course_estimator() is course_estimator()
    low, high = course_estimator().estimate([4], MASKS[:1], 8.0).interval
    assert 0 < low < high < np.inf
