"""What was said of plates and pieces, beside the truth: from this intervals are fitted, and then judged."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from course_utils.calories.budget import true_kcal
from course_utils.calories.estimator import HIDDEN, PIECES, PLATES, Estimator
from course_utils.calories.intervals import error_bounds
from course_utils.calories.photo import in_order
from course_utils.calories.scale import of_scene
from course_utils.dataset import Scene
from course_utils.metrics.completion import FOUND
from course_utils.metrics.instances import Detections
from course_utils.metrics.matching import NOBODY, match
from course_utils.metrics.regions import pairwise_iou


def claims(
    scenes: Iterable[Scene], estimator: Estimator, found: Mapping[int, Detections], min_score: float = 0.5
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Kilocalories end to end, with missed and invented pieces in them, and the truth.

    Args:
        scenes: plates with scale and weights. estimator: see `Estimator`.
        found: detections by image id; those below ``min_score`` do not count.

    Returns:
        A table of plates, and one of detections. Both have ``image``, ``scenario``, ``group`` (of `PLATES` or
        `PIECES`), ``kcal``, ``spread``, ``low``, ``high``, ``true_kcal``; detections also ``food`` (as detected). The
        truth of a detection that found no piece (IoU 0.5 or more, whatever its name) is 0.

    Raises:
        CourseError: a scene without scale or weights.
    """
    plates, pieces = [], []
    for scene in scenes:
        sure = in_order(found[scene.id], min_score)
        truth = true_kcal(scene)
        masks = sure.regions.to_masks()
        seen = None if sure.visible is None else sure.visible.to_masks().masks
        meal = estimator.estimate(sure.labels, masks.masks, of_scene(scene), sure.scores, seen)
        common = {"image": scene.id, "scenario": scene.scenario}
        plates.append(common | _row(meal, PLATES[meal.heaped], truth.sum()))
        truth_of = match(pairwise_iou(masks, scene.masks), sure.scores, FOUND).truth_of
        for piece, taken in zip(meal.pieces, truth_of, strict=True):
            true = 0.0 if taken == NOBODY else truth[taken]
            pieces.append(common | {"food": piece.name} | _row(piece, PIECES[piece.hidden > HIDDEN], true))
    return pd.DataFrame(plates), pd.DataFrame(pieces)


def fitted_bounds(
    plates: pd.DataFrame, pieces: pd.DataFrame, confidence: float = 0.9
) -> dict[str, tuple[float, float]]:
    """Between how many spreads the truth lies so often, by group, from the tables of `claims` on held-out plates."""
    rows = pd.concat([plates, pieces])
    rows = rows[rows["spread"] > 0]
    return {
        group: error_bounds(some["true_kcal"], some["kcal"], some["spread"], confidence)
        for group, some in rows.groupby("group")
    }


def held(table: pd.DataFrame) -> pd.Series:
    """Whether each interval of a table of `claims` holds its truth."""
    return (table["low"] <= table["true_kcal"]) & (table["true_kcal"] <= table["high"])


def _row(one, group: str, true: float) -> dict:
    """A row of a piece or a meal."""
    low, high = one.interval
    numbers = {"kcal": np.nan_to_num(one.kcal), "spread": np.nan_to_num(one.spread), "low": low, "high": high}
    return {"group": group} | numbers | {"true_kcal": float(true)}
