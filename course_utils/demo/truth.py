"""What really lies on an example plate, beside what the model found there."""

from typing import Any

import numpy as np

from course_utils.calories import nutrition
from course_utils.dataset.scene import Scene
from course_utils.demo.outlines import outlines
from course_utils.metrics.instances import Detections
from course_utils.metrics.matching import match
from course_utils.metrics.regions import as_regions, pairwise_iou


def truth_of(scene: Scene, found: Detections) -> dict[str, Any]:
    """The pieces of a plate, its sums, and which piece each detection outlines.

    Returns:
        ``grams``, ``kcal`` of the plate; ``pieces``, each with name, grams, kcal and outline;
        ``piece_of``, for each detection its piece, whatever its name, at an IoU of at least 0.5; -1 for none.
    """
    kcal = nutrition.kcal(scene.labels, scene.weights_g)
    pieces = [
        {"name": one.name, "grams": one.weight_g, "kcal": float(energy), "outline": outlines(one.mask)}
        for one, energy in zip(scene.instances, kcal, strict=True)
    ]
    matching = match(pairwise_iou(found.regions, as_regions(scene.masks)), found.scores)
    total = {"grams": float(np.sum(scene.weights_g)), "kcal": float(kcal.sum())}
    return total | {"pieces": pieces, "piece_of": matching.truth_of.tolist()}
