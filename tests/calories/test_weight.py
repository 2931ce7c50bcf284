import numpy as np
import pytest
from helpers import tiny_set
from made_up import made_up

from course_utils.calories import weight
from course_utils.calories.weight import FOUR, ONE, WeightModel, cross_validate, variance_inflation
from course_utils.dataset import Scene, load
from course_utils.errors import CourseError


def test_the_weighing_set_as_a_table(real):
    assert real.features.shape == (720, 4) and len(set(real.items)) == 72
    assert np.unique(real.labels, return_counts=True)[1].tolist() == [120] * 6
    area, perimeter, length, width = real.features.T
    assert (length >= width).all() and (length * width >= 0.97 * area).all()
    # The circle has the least perimeter of all shapes of its area.
    assert (perimeter >= 0.98 * np.sqrt(4 * np.pi * area)).all()


@pytest.mark.parametrize("regularised", [False, True])
def test_a_straight_line_is_found_again(regularised):
    table = made_up(noise=0.0, classes=(3,))
    model = weight.fit(table.columns(ONE), table.weights_g, table.items, regularised)
    assert model.predict([[30.0]]) == pytest.approx(90.0, rel=0.03)


def test_no_piece_is_in_train_and_test(monkeypatch):
    table, seen = made_up(classes=(2,)), []
    fit = weight.fit
    monkeypatch.setattr(weight, "fit", lambda x, y, items, regularised: seen.append(set(items)) or fit(x, y, items))
    cross_validate(table)
    assert len(seen) == 12 and all(len(items) == 11 for items in seen)
    assert set.intersection(*seen) == set()


def test_a_split_by_photos_flatters_the_model():
    # The thickness of a piece cannot be seen; whoever has met the piece knows it by its size.
    table = made_up(noise=0.3)
    honest = cross_validate(table, FOUR)
    leaky = cross_validate(table, FOUR, whole_pieces=False)
    assert np.abs(leaky.residuals_g).mean() < 0.97 * np.abs(honest.residuals_g).mean()


def test_scores_of_a_cross_validation():
    result = weight.CrossValidation(
        np.array([1, 1, 1, 2, 2]), np.array([10.0, 20, 30, 5, 7]), np.array([12.0, 18, 30, 6, 6])
    )
    assert result.residuals_g.tolist() == [2, -2, 0, 1, -1]
    assert result.mae_g(1) == pytest.approx(4 / 3) and result.mae_g(2) == 1
    assert result.r2(1) == pytest.approx(1 - 8 / 200) and result.r2(2) == 0


def test_variance_inflation_of_features_that_share_nothing_and_of_twins():
    rng = np.random.default_rng(0)
    apart = rng.normal(size=(4000, 2))
    assert variance_inflation(apart) == pytest.approx([1, 1], abs=0.01)
    assert variance_inflation(apart[:, :1]) == pytest.approx([1])
    # A column of correlation r with the only other one has the factor 1 / (1 - r²).
    mixed = np.stack([apart[:, 0], 0.8 * apart[:, 0] + 0.6 * apart[:, 1]], axis=1)
    assert variance_inflation(mixed) == pytest.approx([1 / (1 - 0.64)] * 2, rel=0.05)
    assert (variance_inflation(np.stack([apart[:, 0], 2 * apart[:, 0]], axis=1)) > 1e6).all()


def test_our_features_measure_the_same_thing(real):
    for label in range(1, 7):
        assert variance_inflation(real.of_class(label).features).min() > 5


def test_our_weighing_set_says_what_the_thesis_says(real):
    one, four = cross_validate(real, ONE), cross_validate(real, FOUR)
    assert np.abs(four.residuals_g).mean() > 1.03 * np.abs(one.residuals_g).mean()
    leaky_one, leaky_four = (cross_validate(real, names, whole_pieces=False) for names in (ONE, FOUR))
    assert np.abs(leaky_four.residuals_g).mean() < 0.95 * np.abs(leaky_one.residuals_g).mean()


def test_the_model_predicts_each_class_by_its_own_line():
    model = WeightModel(made_up(noise=0.0, classes=(2, 5)))
    features = np.array([[20.0, 18, 5, 4], [30.0, 22, 6, 5]])
    assert model.predict(2, features) == pytest.approx([40, 60], rel=0.03)
    assert model.predict(5, features) == pytest.approx([100, 150], rel=0.03)
    assert model.labels == (2, 5)


def test_the_usual_error_is_that_of_unseen_pieces():
    table = made_up(noise=0.3)
    unseen = cross_validate(table)
    for label in (1, 6):
        mine = table.labels == label
        relative = unseen.true_g[mine] / unseen.predicted_g[mine] - 1
        assert WeightModel(table).usual_error[label] == pytest.approx(np.sqrt(np.mean(relative**2)))


def test_a_crumb_does_not_weigh_less_than_nothing(real):
    model = WeightModel(real)
    assert all(model.predict(label, np.full((1, 4), 0.01))[0] > 0 for label in model.labels)


def test_a_class_that_was_never_weighed():
    with pytest.raises(CourseError, match="no piece of class 4 was weighed"):
        WeightModel(made_up(classes=(1, 2))).predict(4, np.ones((1, 4)))


def test_a_scene_without_scale(tmp_path):
    scene = Scene({"id": 1, "file_name": "x.jpg", "height": 4, "width": 4}, [], tmp_path, "x.json")
    with pytest.raises(CourseError, match=r"x\.jpg: has no px_per_cm"):
        weight.weighings([scene])


def few(pieces: int) -> weight.Weighings:
    """The made-up table with only so many pieces of food 2, and all of food 1."""
    table = made_up(classes=(1, 2))
    kept = (table.labels == 1) | np.isin(table.items, [f"2-{k}" for k in range(pieces)])
    return weight.Weighings(table.features[kept], table.labels[kept], table.weights_g[kept], table.items[kept])


@pytest.mark.parametrize(
    ("pieces", "regularised", "words"),
    [(1, False, "bolu: 1 weighed piece by item_id; at least 2"), (3, True, "bolu: 3 weighed pieces .*; at least 4")],
)
def test_too_few_pieces_of_a_food_are_named(pieces, regularised, words):
    with pytest.raises(CourseError, match=words):
        WeightModel(few(pieces), regularised=regularised)


def test_just_enough_pieces():
    assert set(WeightModel(few(2)).usual_error) == {1, 2}
    assert set(WeightModel(few(4), regularised=True).usual_error) == {1, 2}


def test_unseen_pieces_do_not_weigh_less_than_nothing_either():
    # Without the light piece, the line through the other two falls below zero where it lies.
    area, grams = np.array([10.0, 30, 32]), np.array([5.0, 60, 90])
    table = weight.Weighings(
        np.repeat(area[:, None], 4, axis=1), np.ones(3, np.int64), grams, np.array(["a", "b", "c"])
    )
    assert cross_validate(table).predicted_g.min() < 0
    model = WeightModel(table)
    predicted = np.maximum(cross_validate(table).predicted_g, 0.25 * 5)
    assert predicted[0] == 0.25 * 5
    assert model.usual_error[1] == pytest.approx(np.sqrt(np.mean((grams / predicted - 1) ** 2)))


def test_weighings_without_pieces_or_weights(tmp_path):
    with pytest.raises(CourseError, match="weighing set: there is no piece on its photos"):
        weight.weighings([])
    coco = tiny_set.content()
    coco["annotations"][1]["weight_g"] = None
    with pytest.raises(CourseError, match=r"00001\.jpg: annotation 2: weight_g is nan; a positive number"):
        weight.weighings(load("tiny", tiny_set.write(tmp_path, coco)))
