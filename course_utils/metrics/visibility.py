"""How well a model tells what can be seen of each piece: who lies in front, and how far each piece is hidden."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from course_utils.dataset.scene import Scene
from course_utils.depth import SMALLEST_OVERLAP, hidden_shares, lies_in_front
from course_utils.errors import CourseError
from course_utils.metrics.completion import FOUND
from course_utils.metrics.instances import Detections
from course_utils.metrics.matching import NOBODY, match
from course_utils.metrics.regions import pairwise_iou

CLOSE = 0.1
"""A hidden share that is off by no more counts as right."""


@dataclass(frozen=True)
class _Found:
    """The pieces of a plate that were found: their indices (F,), and what was drawn of them, ``(F, H, W) bool``."""

    scene: Scene
    pieces: np.ndarray
    whole: np.ndarray
    visible: np.ndarray


def hidden_table(scenes: Iterable[Scene], predictions: Mapping[int, Detections]) -> pd.DataFrame:
    """The hidden share of every piece that was found.

    Args:
        scenes: plates. predictions: detections by image id with visible masks, those that count (cut off by score
            beforehand). A detection stands for a piece from a mask IoU of `FOUND` on, whatever its class.

    Returns:
        A row for each found piece: ``image``; ``piece``, its index; ``hidden``, the true share; ``predicted``;
        ``close``, whether the two differ by at most `CLOSE`.

    Raises:
        CourseError: detections without visible masks.
    """
    rows = []
    for found in _found(scenes, predictions):
        true = hidden_shares(found.scene.masks, found.scene.visible_masks)[found.pieces]
        predicted = hidden_shares(found.whole, found.visible)
        rows += [(found.scene.id, *each) for each in zip(found.pieces, true, predicted, strict=True)]
    table = pd.DataFrame(rows, columns=["image", "piece", "hidden", "predicted"])
    # Shares that differ by exactly a tenth must not fall on either side by a rounding error.
    return table.assign(close=(table.predicted - table.hidden).abs() <= CLOSE + 1e-9)


def order_table(
    scenes: Iterable[Scene], predictions: Mapping[int, Detections], smallest_overlap: int = SMALLEST_OVERLAP
) -> pd.DataFrame:
    """Every two found pieces that truly overlap, and whether the model tells which of them lies in front.

    Args:
        scenes, predictions: see `hidden_table`.
        smallest_overlap: pixels at which the true piece in front is seen on the other, at least. The model may decide
            on fewer; where its masks leave the question open, it is not right.

    Returns:
        A row for each pair: ``image``; ``front`` and ``back``, the indices of the pieces; ``right``.

    Raises:
        CourseError: detections without visible masks.
    """
    rows = []
    for found in _found(scenes, predictions):
        true = lies_in_front(found.scene.masks, found.scene.visible_masks, smallest_overlap)
        told = lies_in_front(found.whole, found.visible, smallest_overlap=1)
        for j, k in np.argwhere(true[np.ix_(found.pieces, found.pieces)]):
            rows.append((found.scene.id, found.pieces[j], found.pieces[k], bool(told[j, k])))
    return pd.DataFrame(rows, columns=["image", "front", "back", "right"]).astype({"right": bool})


def visibility_scores(
    scenes: Iterable[Scene], predictions: Mapping[int, Detections], min_score: float = 0.5
) -> dict[str, float]:
    """How often a model is right about what can be seen, over all plates.

    Returns:
        ``front``: share of the overlapping pairs whose front piece is right, of ``pairs``; ``hidden``: share of the
        found pieces whose hidden share is off by at most `CLOSE`, of ``pieces``. NaN of none.

    Raises:
        CourseError: detections without visible masks.
    """
    scenes = list(scenes)
    sure = {image: found.select(found.scores >= min_score) for image, found in predictions.items()}
    order, hidden = order_table(scenes, sure), hidden_table(scenes, sure)
    return {
        "front": float(order.right.mean()),
        "pairs": len(order),
        "hidden": float(hidden.close.mean()),
        "pieces": len(hidden),
    }


def _found(scenes: Iterable[Scene], predictions: Mapping[int, Detections]) -> Iterator[_Found]:
    for scene in scenes:
        guess = predictions.get(scene.id)
        if not guess:
            continue
        if guess.visible is None:
            raise CourseError(
                f"the detections of image {scene.id} have no visible masks; only a model with a visible branch draws "
                "them (course train --visible)"
            )
        regions = guess.regions.to_masks()
        seen = match(pairwise_iou(regions, scene.masks), guess.scores, FOUND).detection_of
        pieces = np.flatnonzero(seen != NOBODY)
        if not len(pieces):
            continue
        chosen = seen[pieces]
        yield _Found(scene, pieces, regions.masks[chosen], guess.visible.select(chosen).to_masks().masks)
