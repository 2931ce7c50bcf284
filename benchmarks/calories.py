"""From mask to kilocalories: what one feature and four are worth, what is lost on the way, and how fast it goes.

usage: python benchmarks/calories.py
"""

import time
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from course_utils.calories import budget, scale
from course_utils.calories.estimator import Estimator
from course_utils.calories.features import measure_all
from course_utils.calories.nutrition import energies
from course_utils.calories.weight import (
    FOUR,
    ONE,
    Weighings,
    WeightModel,
    cross_validate,
    variance_inflation,
    weighings,
)
from course_utils.dataset import CLASSES, Scene, load
from course_utils.errors import CourseError

TESTS = ("test_occluded", "test_non_occluded")


def main() -> None:
    """Print all tables."""
    table = weighings()
    print("Weighing set, leave one piece out\n", regressions(table).to_string(float_format="%.2f"), "\n")
    estimator = Estimator(WeightModel(table))
    truth = pd.concat([budget.error_budget(load(name), estimator) for name in TESTS])
    print("Error budget, whole plates\n", budget.per_plate(truth).to_string(float_format="%.3f"), "\n")
    heaps = truth[truth["scenario"] == "occluded"]
    print("Error budget, pieces in heaps\n", budget.by_occlusion(heaps).to_string(float_format="%.3f"), "\n")
    print("Scale, whole plates from true amodal masks\n", scales(estimator).to_string(float_format="%.3f"), "\n")
    speed(estimator)


def regressions(table: Weighings) -> pd.DataFrame:
    """R² and MAE by food for each set of features, with and without a penalty; the largest VIF of the four."""
    rows = []
    for names, regularised in ((ONE, False), (ONE, True), (FOUR, False), (FOUR, True)):
        result = cross_validate(table, names, regularised)
        for label, food in enumerate(CLASSES, 1):
            grams = result.mae_g(label)
            method = f"{len(names)} {'ridge' if regularised else 'OLS'}"
            rows.append((food, method, result.r2(label), grams, grams * energies()[label]))
    wide = pd.DataFrame(rows, columns=["food", "method", "R2", "MAE g", "MAE kcal"])
    wide = wide.pivot(index="food", columns="method").reindex(CLASSES)
    wide["largest VIF", ""] = [variance_inflation(table.of_class(label).features).max() for label in range(1, 7)]
    return pd.concat([wide, wide.mean().to_frame("mean").T])


def scales(estimator: Estimator) -> pd.DataFrame:
    """MAPE a plate when the scale is the true one, comes from the plate's outline, or is corrected for tilt."""
    rows = []
    for words, change in (
        ("true, at the rim", lambda scene: scene.px_per_cm),
        ("from the plate's outline", lambda scene: scale.from_plate(scene.plate_mask, scene.plate_diameter_cm)),
        ("true, area / cos(tilt)", lambda scene: scene.px_per_cm * np.cos(np.deg2rad(scene.camera_tilt_deg)) ** 0.5),
    ):
        for name in TESTS:
            table = budget.error_budget(_rescaled(name, change), estimator)
            rows.append(budget.per_plate(table[table["source"] == budget.FROM_TRUTH[0]]).assign(scale=words))
    return pd.concat(rows).drop(columns="source").set_index("scale")


def _rescaled(name: str, change: Callable[[Scene], float]) -> Iterator[Scene]:
    for scene in load(name):
        try:
            scene.px_per_cm = change(scene)
        except CourseError:
            continue  # too little of the plate in the picture
        yield scene


def speed(estimator: Estimator) -> None:
    """Seconds for features alone, and for a whole plate."""
    scenes = list(load("val"))
    stacks = [(scene.labels, scene.masks, scene.px_per_cm) for scene in scenes]
    pieces = sum(len(labels) for labels, _, _ in stacks)
    start = time.perf_counter()
    for _, masks, px_per_cm in stacks:
        measure_all(masks, px_per_cm)
    measured = time.perf_counter() - start
    start = time.perf_counter()
    for stack in stacks:
        estimator.estimate(*stack)
    estimated = time.perf_counter() - start
    print(f"{1e3 * measured / pieces:.1f} ms to measure a mask, {1e3 * estimated / len(stacks):.1f} ms for a plate")


if __name__ == "__main__":
    main()
