"""From a photo to kilocalories: a trained model in front of the estimator, and what it does not know."""

from dataclasses import replace

import numpy as np
import torch

from course_utils.calories.estimator import Estimator, Meal
from course_utils.calories.trust import Trust
from course_utils.dataset.classes import class_name
from course_utils.dataset.torch_dataset import to_tensor
from course_utils.depth import visible_parts
from course_utils.mask_rcnn.familiarity import pooled
from course_utils.mask_rcnn.looks import EightLooks
from course_utils.mask_rcnn.model import MaskRCNN, body_maps
from course_utils.metrics.calibration import with_temperature
from course_utils.metrics.instances import Detections
from course_utils.metrics.regions import pairwise_iou
from course_utils.translation.say import N_

STRANGE = N_(
    "this photo looks unlike the rendered plates that the model has learned from, so a number would be a guess"
)
"""What is said of such a photo, in place of a meal."""

_SAME_PIECE = 0.7
"""IoU from which on two outlines are of the same piece."""
_RIVAL = 0.2
"""A second name counts when its score, calibrated, has at least this share of the first one's."""


@torch.no_grad()
def detect_all(model: MaskRCNN | EightLooks, image: np.ndarray) -> Detections:
    """Run a model, in evaluation mode, on a photo ``(H, W, 3) uint8``: all it finds, however unsure, as it draws it."""
    result = {name: value.float().cpu().numpy() for name, value in model([to_tensor(image)])[0].items()}
    visible = result["visible_masks"] > 0.5 if "visible_masks" in result else None
    return Detections(result["labels"].astype(np.int64), result["masks"] > 0.5, result["scores"], visible=visible)


def detect_and_judge(model: MaskRCNN, trust: Trust, image: np.ndarray) -> tuple[Detections, bool]:
    """`detect_all`, and whether the photo ``(H, W, 3) uint8`` is unlike all that the model was trained on."""
    with body_maps(model.backbone) as body:
        everything = detect_all(model, image)
    return everything, trust.familiarity.distance(pooled(body)) > trust.farthest


def in_order(found: Detections, min_score: float = 0.5) -> Detections:
    """Detections with at least that score; of each what is visible, where the model says so, made consistent."""
    sure = found.select(found.scores >= min_score)
    if sure.visible is None:
        return sure
    return replace(sure, visible=visible_parts(sure.regions.to_masks().masks, sure.visible.to_masks().masks))


def detect(model: MaskRCNN | EightLooks, image: np.ndarray, min_score: float = 0.5) -> Detections:
    """Run a model, in evaluation mode, on a photo ``(H, W, 3) uint8``; detections below `min_score` are left out."""
    return in_order(detect_all(model, image), min_score)


def estimate_photo(
    model: MaskRCNN | EightLooks,
    estimator: Estimator,
    image: np.ndarray,
    px_per_cm: float | None,
    trust: Trust | None = None,
) -> tuple[Detections, Meal]:
    """What a model sees on a photo ``(H, W, 3) uint8``, and how many kilocalories that has.

    Detections count from a score of 0.5 on. With ``trust`` the scores of the pieces are calibrated, and pieces whose
    name is in doubt have a `rival`.
    """
    return estimate_found(detect_all(model, image), estimator, px_per_cm, trust)


def estimate_found(
    everything: Detections,
    estimator: Estimator,
    px_per_cm: float | None,
    trust: Trust | None = None,
    min_score: float = 0.5,
) -> tuple[Detections, Meal]:
    """`estimate_photo` of all that `detect_all` found; detections count from ``min_score`` on, not calibrated."""
    found = in_order(everything, min_score)
    visible = None if found.visible is None else found.visible.to_masks().masks
    meal = estimator.estimate(found.labels, found.regions.masks, px_per_cm, found.scores, visible)
    if trust:
        scores = with_temperature(found.scores, trust.temperature)
        each = zip(meal.pieces, scores, rivals(everything, trust.temperature, min_score), strict=True)
        meal = replace(meal, pieces=[replace(piece, score=float(s), rival=name) for piece, s, name in each])
    return found, meal


def rivals(found: Detections, temperature: float, min_score: float = 0.5) -> list[str]:
    """For each detection from ``min_score`` on: the food that the same outline might be instead, or an empty string.

    Args:
        found: all detections, unsure ones too. temperature: of their scores.
    """
    iou = pairwise_iou(found.regions, found.regions)
    scores = with_temperature(found.scores, temperature)
    names = []
    for one in np.flatnonzero(found.scores >= min_score):
        others = (iou[one] >= _SAME_PIECE) & (found.labels != found.labels[one]) & (scores >= _RIVAL * scores[one])
        best = int(np.argmax(np.where(others, scores, -1)))
        names.append(class_name(int(found.labels[best])) if others.any() else "")
    return names
