"""The error budget: kilocalories of the same plates from the truth down to the model, each time with one more error.

1. `true amodal masks`: all that is left is scale, regression and food table.
2. `true visible masks`: what it costs not to think behind the occluder.
3. `predicted masks`: found pieces by the model's outline; class, and pieces that were missed, by the truth.
4. `predicted classes`: found pieces by the model's outline and class; missed ones by the truth.
5. `end to end`: what was found and nothing else: missed pieces count nothing, invented ones count in full.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from course_utils.calories.estimator import Estimator
from course_utils.calories.features import measure_all
from course_utils.calories.nutrition import kcal
from course_utils.calories.scale import of_scene
from course_utils.calories.weight import WeightModel, weights_of
from course_utils.dataset import Scene
from course_utils.metrics.completion import FOUND
from course_utils.metrics.instances import Detections
from course_utils.metrics.matching import NOBODY, match
from course_utils.metrics.occlusion import OCCLUSION_BINS, bin_names
from course_utils.metrics.regions import pairwise_iou
from course_utils.translation.say import N_

FROM_TRUTH = (N_("true amodal masks"), N_("true visible masks"))
FROM_MODEL = (N_("predicted masks"), N_("predicted classes"), N_("end to end"))


@dataclass(frozen=True)
class Sight:
    """What one source sees on a plate: labels ``(N,)``, masks ``(N, H, W)``, and which true piece each is (or -1)."""

    source: str
    labels: np.ndarray
    masks: np.ndarray
    truth: np.ndarray


def error_budget(
    scenes: Iterable[Scene], estimator: Estimator, predictions: Mapping[int, Detections] | None = None
) -> pd.DataFrame:
    """Kilocalories of every piece by every source.

    Args:
        scenes: plates with scale and weights. estimator: see `Estimator`.
        predictions: detections by image id, those that count (cut off by score beforehand); none, and
            the sources of FROM_MODEL are left out. An image without an entry is one on which nothing was found.

    Returns:
        One row for each source and piece: ``source``, ``image``, ``scenario``, ``piece`` (index), ``food`` (its true
        name), ``occlusion`` (hidden share), ``kcal`` (estimated), ``true_kcal``. An invented piece has index -1, no
        food, occlusion nan and 0 true kcal.

    Raises:
        CourseError: a scene without scale or weights.
    """
    rows = []
    for scene in scenes:
        px_per_cm, truth = of_scene(scene), true_kcal(scene)
        found = None if predictions is None else predictions.get(scene.id, _nothing(scene))
        for sight in _sights(scene, found):
            meal = estimator.estimate(sight.labels, sight.masks, px_per_cm)
            estimated = np.nan_to_num([piece.kcal for piece in meal.pieces])
            rows += _rows(sight, scene, estimated, truth)
    columns = ["source", "image", "scenario", "piece", "food", "occlusion", "kcal", "true_kcal"]
    return pd.DataFrame(rows, columns=columns)


def true_kcal(scene: Scene) -> np.ndarray:
    """The true kilocalories of a plate's pieces, ``(N,)``; CourseError where a weight is missing."""
    return kcal(scene.labels, weights_of(scene))


def per_plate(table: pd.DataFrame) -> pd.DataFrame:
    """Errors of whole plates by source and scenario.

    Columns: ``plates``; ``mape``, mean of |error| / true kcal; ``mae_kcal``, mean of |error|; ``bias``, mean of
    error / true kcal with its sign.
    """
    plates = table.groupby(["source", "scenario", "image"], sort=False)[["kcal", "true_kcal"]].sum()
    return _errors(plates, ["source", "scenario"], "plates")


def mae_of_plates(
    scenes: Iterable[Scene],
    predictions: Mapping[int, Detections],
    regressions: Mapping[str, WeightModel],
    min_score: float = 0.5,
) -> dict[str, float]:
    """Mean absolute error of plates in kilocalories, end to end, by each of several regressions.

    Args:
        scenes: plates with scale and weights. predictions: detections by image id, an entry for each plate.
        regressions: for instance with one feature and with four.
        min_score: detections below do not count.
    """
    errors: dict[str, list[float]] = {name: [] for name in regressions}
    for scene in scenes:
        found = predictions[scene.id]
        sure = found.select((found.scores >= min_score) & (found.areas > 0))
        shapes = measure_all(sure.regions.to_masks().masks, of_scene(scene))
        for name, model in regressions.items():
            each = zip(sure.labels, shapes, strict=True)
            grams = np.array([model.predict(int(label), shape[None])[0] for label, shape in each])
            errors[name].append(abs(kcal(sure.labels, grams).sum() - true_kcal(scene).sum()))
    return {name: float(np.mean(some)) for name, some in errors.items()}


def by_occlusion(table: pd.DataFrame) -> pd.DataFrame:
    """Errors of single pieces by source and how far they are hidden; invented pieces are left out.

    Columns as in `per_plate`, ``pieces`` in place of ``plates``.
    """
    pieces = table[table["piece"] >= 0].copy()
    pieces["hidden"] = pd.cut(pieces["occlusion"], OCCLUSION_BINS, include_lowest=True, labels=bin_names())
    return _errors(pieces.sort_values("hidden", kind="stable"), ["source", "hidden"], "pieces")


def by_food(table: pd.DataFrame) -> pd.DataFrame:
    """Errors of single pieces by source and true food; invented pieces are left out. Columns as in `by_occlusion`."""
    return _errors(table[table["piece"] >= 0], ["source", "food"], "pieces")


def _sights(scene: Scene, found: Detections | None) -> Iterator[Sight]:
    """A plate as each source sees it."""
    all_pieces = np.arange(len(scene.labels))
    yield Sight(FROM_TRUTH[0], scene.labels, scene.masks, all_pieces)
    yield Sight(FROM_TRUTH[1], scene.labels, scene.visible_masks, all_pieces)
    if found is None:
        return
    found = found if len(found) else _nothing(scene)
    regions = found.regions.to_masks()
    matching = match(pairwise_iou(regions, scene.masks), found.scores, FOUND)
    seen = matching.detection_of
    masks, labels = scene.masks.copy(), scene.labels.copy()
    for piece in np.flatnonzero(seen != NOBODY):
        masks[piece], labels[piece] = regions.masks[seen[piece]], found.labels[seen[piece]]
    yield Sight(FROM_MODEL[0], scene.labels, masks, all_pieces)
    yield Sight(FROM_MODEL[1], labels, masks, all_pieces)
    yield Sight(FROM_MODEL[2], found.labels, regions.masks, matching.truth_of)


def _rows(sight: Sight, scene: Scene, estimated: np.ndarray, true_kcal: np.ndarray) -> list[tuple]:
    """One row a piece; a missed piece has 0 kcal, an invented one 0 true kcal."""
    of_piece = np.zeros(len(true_kcal))
    invented = sight.truth == NOBODY
    of_piece[sight.truth[~invented]] = estimated[~invented]
    common = (sight.source, scene.id, scene.scenario)
    rows = [
        (*common, k, piece.name, piece.occlusion_rate, of_piece[k], true_kcal[k])
        for k, piece in enumerate(scene.instances)
    ]
    return rows + [(*common, NOBODY, "", np.nan, one, 0.0) for one in estimated[invented]]


def _errors(table: pd.DataFrame, by: list[str], counted: str) -> pd.DataFrame:
    error = table["kcal"] - table["true_kcal"]
    relative = error / table["true_kcal"]
    columns = table.assign(absolute=error.abs(), relative=relative, share=relative.abs())
    groups = columns.groupby(by, sort=False, observed=True)
    result = pd.DataFrame({counted: groups.size(), "mape": groups["share"].mean()})
    result["mae_kcal"], result["bias"] = groups["absolute"].mean(), groups["relative"].mean()
    return result.reset_index()


def _nothing(scene: Scene) -> Detections:
    return Detections(np.zeros(0, np.int64), np.zeros((0, *scene.size), bool), np.zeros(0))
