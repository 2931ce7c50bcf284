import numpy as np
import pandas as pd
import pytest

from course_utils import masks
from course_utils.calories.budget import (
    FROM_MODEL,
    FROM_TRUTH,
    by_food,
    by_occlusion,
    error_budget,
    per_plate,
)
from course_utils.calories.claims import claims
from course_utils.calories.nutrition import kcal
from course_utils.dataset import Scene, load
from course_utils.errors import CourseError
from course_utils.metrics.instances import Detections

AMODAL, VISIBLE = FROM_TRUTH
OUTLINE, CLASS, ALL = FROM_MODEL


@pytest.fixture(scope="module")
def plates() -> list[Scene]:
    return [scene for scene in load("val") if len(scene.labels) >= 3][:4]


def perfect(scene: Scene) -> Detections:
    return Detections(scene.labels, scene.masks, np.linspace(0.9, 0.8, len(scene.labels)))


def of(table: pd.DataFrame, source: str) -> pd.DataFrame:
    return table[table["source"] == source].drop(columns="source").reset_index(drop=True)


def test_perfect_predictions_cost_nothing(plates, real_estimator):
    table = error_budget(plates, real_estimator, {scene.id: perfect(scene) for scene in plates})
    for source in FROM_MODEL:
        pd.testing.assert_frame_equal(of(table, source), of(table, AMODAL))


def test_run_lengths_are_as_good_as_masks(plates, real_estimator):
    scene = plates[0]
    rles = [masks.encode(mask) for mask in scene.masks]
    as_rles = Detections(scene.labels, rles, np.linspace(0.9, 0.8, len(rles)))
    one, other = (error_budget([scene], real_estimator, {scene.id: found}) for found in (perfect(scene), as_rles))
    pd.testing.assert_frame_equal(one, other)


def test_a_wrong_class_costs_from_the_second_row_on(plates, real_estimator):
    scene = plates[0]
    wrong = scene.labels.copy()
    wrong[0] = wrong[0] % 6 + 1
    found = Detections(wrong, scene.masks, np.ones(len(wrong)))
    table = error_budget([scene], real_estimator, {scene.id: found})
    assert of(table, OUTLINE).equals(of(table, AMODAL))
    estimated = of(table, CLASS)["kcal"].to_numpy()
    assert estimated[0] != of(table, AMODAL)["kcal"][0]
    assert np.array_equal(estimated[1:], of(table, AMODAL)["kcal"][1:]) and of(table, ALL).equals(of(table, CLASS))


def test_a_missed_piece_costs_in_the_last_row_only(plates, real_estimator):
    scene = plates[0]
    found = perfect(scene).select(np.arange(1, len(scene.labels)))
    table = error_budget([scene], real_estimator, {scene.id: found})
    assert of(table, OUTLINE).equals(of(table, AMODAL)) and of(table, CLASS).equals(of(table, AMODAL))
    assert of(table, ALL)["kcal"][0] == 0 and of(table, ALL)["true_kcal"].sum() == of(table, AMODAL)["true_kcal"].sum()


def test_an_invented_piece_costs_in_the_last_row_only(plates, real_estimator):
    scene = plates[0]
    extra = np.zeros((1, *scene.size), dtype=bool)
    extra[0, 2:40, 2:40] = True
    found = Detections(
        np.append(scene.labels, 3), np.concatenate([scene.masks, extra]), np.linspace(0.9, 0.5, len(scene.labels) + 1)
    )
    table = error_budget([scene], real_estimator, {scene.id: found})
    assert of(table, CLASS).equals(of(table, AMODAL))
    last = of(table, ALL)
    assert len(last) == len(scene.labels) + 1
    invented = last[last["piece"] == -1]
    assert invented["kcal"].item() > 0 and invented["true_kcal"].item() == 0
    assert by_occlusion(table).query("source == @ALL")["pieces"].sum() == len(scene.labels)


def test_nothing_found_on_a_plate(plates, real_estimator):
    table = error_budget(plates[:1], real_estimator, {})
    assert of(table, OUTLINE).equals(of(table, AMODAL)) and (of(table, ALL)["kcal"] == 0).all()
    assert per_plate(table).query("source == @ALL")["mape"].item() == 1


def test_true_kcal_are_grams_times_the_table(plates, real_estimator):
    scene = plates[0]
    assert of(error_budget([scene], real_estimator), AMODAL)["true_kcal"].to_numpy() == pytest.approx(
        kcal(scene.labels, scene.weights_g)
    )


def test_errors_are_taken_without_their_sign():
    table = pd.DataFrame(
        {
            "source": ["a"] * 4,
            "image": [1, 1, 2, 2],
            "scenario": ["occluded"] * 4,
            "piece": [0, 1, 0, -1],
            "food": ["tahu", "bolu", "tahu", ""],
            "occlusion": [0.0, 0.4, 0.05, np.nan],
            "kcal": [100.0, 20.0, 90.0, 30.0],
            "true_kcal": [100.0, 40.0, 100.0, 0.0],
        }
    )
    plate = per_plate(table).iloc[0]
    assert plate["plates"] == 2 and plate["mae_kcal"] == 20
    assert plate["mape"] == pytest.approx((20 / 140 + 20 / 100) / 2)
    assert plate["bias"] == pytest.approx((-20 / 140 + 20 / 100) / 2)
    pieces = by_occlusion(table)
    assert pieces["hidden"].tolist() == ["0% to 5%", "30% to 60%"] and pieces["pieces"].tolist() == [2, 1]
    assert pieces["mape"].tolist() == pytest.approx([0.05, 0.5])
    foods = by_food(table).set_index("food")
    assert foods["pieces"].to_dict() == {"tahu": 2, "bolu": 1}
    assert foods["bias"].to_dict() == pytest.approx({"tahu": -0.05, "bolu": -0.5})


@pytest.fixture(scope="module")
def budgets(real_estimator) -> pd.DataFrame:
    return per_plate(
        pd.concat([error_budget(load(f"test_{name}"), real_estimator) for name in ("occluded", "non_occluded")])
    ).set_index(["source", "scenario"])


@pytest.mark.parametrize("scenario", ["occluded", "non_occluded"])
def test_true_amodal_masks_keep_the_bar(budgets, scenario):
    assert budgets.loc[(AMODAL, scenario), "mape"] <= 0.10 and budgets.loc[(AMODAL, scenario), "plates"] == 150


def test_visible_masks_lose_what_is_hidden_in_heaps_and_nothing_elsewhere(budgets):
    assert budgets.loc[(VISIBLE, "occluded"), "mape"] > 3 * budgets.loc[(AMODAL, "occluded"), "mape"]
    assert budgets.loc[(VISIBLE, "occluded"), "bias"] < -0.15
    assert budgets.loc[(VISIBLE, "non_occluded"), "mape"] == pytest.approx(
        budgets.loc[(AMODAL, "non_occluded"), "mape"], abs=0.002
    )


def changed(scene: Scene, image: dict, piece: dict) -> Scene:
    """The same plate with other facts in its record and in that of its first piece."""
    first, *others = scene._annotations
    return Scene(scene._image | image, [first | piece, *others], scene._photo, "val.json")


@pytest.mark.parametrize(
    "judge", [error_budget, lambda scenes, by: claims(scenes, by, {one.id: perfect(one) for one in scenes})]
)
@pytest.mark.parametrize(
    ("image", "piece", "words"),
    [
        ({"px_per_cm": None}, {}, "has no px_per_cm"),
        ({"px_per_cm": "12"}, {}, "px_per_cm is '12'; a positive number is needed"),
        ({"px_per_cm": 0}, {}, "px_per_cm is 0; a positive number is needed"),
        ({"px_per_cm": -1.0}, {}, "px_per_cm is -1.0; a positive number is needed"),
        ({"px_per_cm": float("inf")}, {}, "px_per_cm is inf; a positive number is needed"),
        ({}, {"weight_g": None}, r"annotation \d+: weight_g is nan; a positive number is needed"),
        ({}, {"weight_g": 0}, r"annotation \d+: weight_g is 0; a positive number is needed"),
    ],
)
def test_a_plate_without_scale_or_weights(plates, real_estimator, judge, image, piece, words):
    with pytest.raises(CourseError, match=f"^{plates[0].file_name}: {words}$|^{plates[0].file_name}: {words}, so"):
        judge([changed(plates[0], image, piece)], real_estimator)
