"""From a photo to kilocalories: a trained model in front of the estimator."""

import numpy as np
import torch

from course_utils.calories.estimator import Estimator, Meal
from course_utils.dataset.torch_dataset import to_tensor
from course_utils.depth import visible_parts
from course_utils.mask_rcnn.looks import EightLooks
from course_utils.mask_rcnn.model import MaskRCNN
from course_utils.metrics.instances import Detections


@torch.no_grad()
def detect(model: MaskRCNN | EightLooks, image: np.ndarray, min_score: float = 0.5) -> Detections:
    """Run a model, in evaluation mode, on a photo ``(H, W, 3) uint8``; detections below `min_score` are left out."""
    result = {name: value.float().cpu().numpy() for name, value in model([to_tensor(image)])[0].items()}
    sure = result["scores"] >= min_score
    whole = result["masks"][sure] > 0.5
    visible = visible_parts(whole, result["visible_masks"][sure] > 0.5) if "visible_masks" in result else None
    labels = result["labels"][sure].astype(np.int64)
    return Detections(labels, whole, result["scores"][sure], visible=visible)


def estimate_photo(
    model: MaskRCNN, estimator: Estimator, image: np.ndarray, px_per_cm: float | None, min_score: float = 0.5
) -> tuple[Detections, Meal]:
    """What a model sees on a photo ``(H, W, 3) uint8``, and how many kilocalories that has."""
    found = detect(model, image, min_score)
    return found, estimator.estimate(found.labels, found.regions.masks, px_per_cm, found.scores)
