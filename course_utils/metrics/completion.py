"""Amodal masks looked at where nobody can look: how well was the hidden part of each found piece completed?"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from skimage.morphology import convex_hull_image

from course_utils import masks
from course_utils.dataset.scene import Scene
from course_utils.errors import CourseError
from course_utils.metrics.instances import Detections
from course_utils.metrics.matching import NOBODY, match
from course_utils.metrics.regions import pairwise_iou

FOUND = 0.5
"""Mask IoU from which a detection stands for a piece, whatever its class: outlines are judged, not names."""


def completions(scenes: Iterable[Scene], predictions: Mapping[int, Detections], truth: str = "amodal") -> pd.DataFrame:
    """Judge the outline of every piece that was found, against the whole piece.

    Args:
        scenes: plates. predictions: detections by image id, those that count (cut off by score beforehand).
        truth: "amodal" or "visible": which true masks say what piece a detection stands for. The outlines are
            judged against whole pieces in either case.

    Returns:
        A row for each found piece: ``image``; ``piece`` and ``detection``, the indices of both; ``hidden``, its
        occlusion rate; ``area_ratio``, predicted over whole true area; ``iou`` with the whole piece; ``hidden_iou``,
        IoU behind the pieces in front of it (nan for a piece that is entirely visible).

    Raises:
        CourseError: another word for the truth.
    """
    if truth not in ("amodal", "visible"):
        raise CourseError(f'truth is "{truth}"; choose amodal or visible')
    rows = []
    for scene in scenes:
        guess = predictions.get(scene.id)
        if not guess:
            continue
        wanted = scene.masks if truth == "amodal" else scene.visible_masks
        regions = guess.regions.to_masks()
        seen = match(pairwise_iou(regions, wanted), guess.scores, FOUND).detection_of
        for piece in np.flatnonzero(seen != NOBODY).tolist():
            rows.append(_row(scene, piece, seen[piece], regions.masks[seen[piece]]))
    return _table(rows)


def hull_completions(scenes: Iterable[Scene]) -> pd.DataFrame:
    """The table of `completions` for a guesser without experience: the convex hull of the true visible part.

    It has a row for every piece; there is no detection, so that index is -1.
    """
    return _table(
        [
            _row(scene, piece, NOBODY, convex_hull_image(seen))
            for scene in scenes
            for piece, seen in enumerate(scene.visible_masks)
        ]
    )


def _row(scene: Scene, piece: int, detection: int, outline: np.ndarray) -> tuple:
    whole = scene.masks[piece]
    iou = masks.iou(outline[None], whole[None])[0, 0]
    covered = scene.in_front(piece)
    hidden = (whole & covered).any()
    hidden_iou = masks.iou((outline & covered)[None], (whole & covered)[None])[0, 0] if hidden else np.nan
    area_ratio = outline.sum() / whole.sum()
    return scene.id, int(piece), int(detection), scene.occlusion_rates[piece], area_ratio, iou, hidden_iou


def _table(rows: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["image", "piece", "detection", "hidden", "area_ratio", "iou", "hidden_iou"])
