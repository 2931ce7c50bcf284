"""What was said, beside the truth: whole plates with missed and invented pieces, and promises measured end to end."""

import json

import numpy as np
import pandas as pd
import pytest
from drawn import rectangle

from course_utils.calories.causes import judge, totals
from course_utils.calories.claims import claims, fitted_bounds, held
from course_utils.calories.estimator import PIECES, PLATES, Estimator, course_estimator
from course_utils.calories.nutrition import kcal
from course_utils.calories.trust import course_trust
from course_utils.dataset import load
from course_utils.metrics.instances import Detections
from course_utils.paths import data_dir
from course_utils.training.results import stored_results


def test_missed_and_invented_pieces_are_in_the_claim(real_estimator):
    heap, apart = (next(s for s in load(f"test_{name}") if len(s.labels) >= 3) for name in ("occluded", "non_occluded"))
    corner = np.zeros((1, *apart.size), bool)
    corner[0, :40, :40] = True
    found = {
        heap.id: Detections(heap.labels[1:], heap.masks[1:], np.full(len(heap.labels) - 1, 0.9)),
        apart.id: Detections([*apart.labels, 2], [*apart.masks, *corner], [*[0.8] * len(apart.labels), 0.7]),
    }
    told = [claims([one], real_estimator, found) for one in (heap, apart)]
    plates, pieces = (pd.concat(tables) for tables in zip(*told, strict=True))
    truth = [kcal(one.labels, one.weights_g) for one in (heap, apart)]
    assert plates["true_kcal"].tolist() == pytest.approx([one.sum() for one in truth])
    assert pieces["true_kcal"].tolist() == pytest.approx([*truth[0][1:], *truth[1], 0])
    assert plates["kcal"].tolist() == pytest.approx(pieces.groupby("image", sort=False)["kcal"].sum().tolist())
    assert plates["group"].tolist() == [PLATES[True], PLATES[False]]
    assert pieces["food"].iloc[-1] == "bolu" and not held(pieces.assign(low=1.0)).iloc[-1]


def test_unsure_detections_do_not_count(real_estimator):
    scene = load("val")[0]
    found = {scene.id: Detections(scene.labels, scene.masks, np.full(len(scene.labels), 0.4))}
    (plate,), pieces = (each.to_dict("records") for each in claims([scene], real_estimator, found))
    assert plate["kcal"] == 0 == plate["spread"] and plate["true_kcal"] > 0 and pieces == []


def test_bounds_are_fitted_group_by_group():
    rows = [
        {"group": group, "kcal": 100.0, "spread": spread, "true_kcal": 100 + spread * step}
        for group, spread in ((PLATES[True], 10.0), (PIECES[False], 2.0))
        for step in (np.arange(19) if spread == 10 else -np.arange(19))
    ]
    table = pd.DataFrame(rows)
    nothing_found = pd.DataFrame([{"group": PLATES[False], "kcal": 0.0, "spread": 0.0, "true_kcal": 50.0}])
    assert fitted_bounds(table, nothing_found) == {PLATES[True]: (0, 18), PIECES[False]: (-18, 0)}


def test_the_promise_of_the_shipped_model_holds_end_to_end():
    """On the 300 test plates, from which nothing was fitted; the stored record of it is true."""
    stored = json.loads((data_dir() / "results" / "slim" / "trust.json").read_text())["measured"]
    for split in ("test_occluded", "test_non_occluded"):
        plates, pieces = claims(load(split), course_estimator(), stored_results("slim", split)[1])
        assert 0.85 <= held(plates).mean() <= 0.95
        assert held(plates).mean() == pytest.approx(stored[f"{split}: interval holds, plates"], abs=0.005)
        assert held(pieces).mean() == pytest.approx(stored[f"{split}: interval holds, pieces"], abs=0.005)


def test_the_card_states_what_another_kitchen_costs():
    """The shares and errors on `test_foreign`, and what of the promises is left there."""
    scenes, found = load("test_foreign"), stored_results("slim", "test_foreign")[1]
    plates, pieces = claims(scenes, course_estimator(), found)
    stored = json.loads((data_dir() / "results" / "slim" / "trust.json").read_text())["measured"]
    assert held(plates).mean() == pytest.approx(stored["test_foreign: interval holds, plates"], abs=0.005)
    assert held(pieces).mean() == pytest.approx(stored["test_foreign: interval holds, pieces"], abs=0.005)
    told = totals(judge(one, found[one.id].select(found[one.id].scores >= 0.5)) for one in scenes)
    food = plates[plates["true_kcal"] > 0]
    off = (food["kcal"] - food["true_kcal"]).abs() / food["true_kcal"]
    refused = round(len(plates) * stored["test_foreign: plates refused"])
    card = " ".join((data_dir() / "results" / "slim" / "README.md").read_text(encoding="utf-8").split())
    for words in (
        f"{told['precision']:.0%} of its outlines there are a piece's",
        f"{told['recall']:.0%} of the pieces are outlined",
        f"of these {told['name_right']:.0%} bear the right name",
        f"of the {len(food)} plates with food are off by {off.mean():.0%} on average, by {off.median():.0%}",
        f"the same intervals hold on {100 * held(plates).mean():.0f} % of the plates",
        f"{refused} of the {len(plates)} are refused",
    ):
        assert words in card


def test_the_bounds_are_those_of_val():
    found = stored_results("slim", "val")[1]
    by_val = fitted_bounds(*claims(load("val"), Estimator(course_estimator().weights), found))
    for group, ends in course_trust().bounds.items():
        assert ends == pytest.approx(by_val[group], abs=0.002), group


def test_an_empty_claim_has_an_interval_of_nothing(real_estimator):
    nothing = Detections([], np.zeros((0, *rectangle(5, 5).mask.shape), bool), [])
    scene = load("val")[0]
    plates, _ = claims([scene], real_estimator, {scene.id: nothing})
    assert plates[["low", "high"]].to_numpy().tolist() == [[0, 0]]
