"""How good is a run so far: F1 of the masks at several IoU thresholds."""

from collections.abc import Sequence

import numpy as np
import torch
from pycocotools import mask as coco_mask
from torch import Tensor
from tqdm import tqdm

from course_utils.depth import visible_parts
from course_utils.mask_rcnn.looks import EightLooks
from course_utils.mask_rcnn.model import MaskRCNN
from course_utils.metrics.batch import match_images
from course_utils.metrics.instances import Detections, GroundTruth
from course_utils.metrics.scores import count_matches
from course_utils.training.samples import Source

THRESHOLDS = (0.5, 0.75, 0.85, 0.9)


@torch.no_grad()
def predict(model: MaskRCNN | EightLooks, image: Tensor, name: object = None) -> Detections:
    """Detections of one photo ``(3, H, W)``, masks cut at 0.5 and kept as RLEs; the model is in evaluation mode.

    From what a visible branch draws come the visible parts, see `course_utils.depth.visible_parts`.
    """
    device = next(model.parameters()).device
    found = {key: value.float().cpu() for key, value in model([image.to(device)])[0].items()}
    whole = (found["masks"] > 0.5).numpy()
    visible = None
    if "visible_masks" in found:
        visible = rles(visible_parts(whole, (found["visible_masks"] > 0.5).numpy()))
    return Detections(found["labels"].long().numpy(), rles(whole), found["scores"].numpy(), None, name, visible)


def rles(masks: np.ndarray) -> list[dict]:
    """Masks ``(D, H, W) bool`` as compressed run lengths."""
    return coco_mask.encode(np.asfortranarray(masks.transpose(1, 2, 0).astype(np.uint8)))


def evaluate(
    model: MaskRCNN,
    source: Source,
    truth: str = "amodal",
    min_score: float = 0.5,
    thresholds: Sequence[float] = THRESHOLDS,
    progress: bool = True,
) -> dict[str, float]:
    """F1 at each IoU threshold, the mean over the classes: of all photos and of each scenario.

    Args:
        model: any Mask R-CNN; its mode is kept.
        source: what to look at.
        truth: "amodal" or "visible", which masks are right.
        min_score: detections below do not count.
        thresholds: smallest IoU of a mask that counts as found.
        progress: whether to show a bar.

    Returns:
        ``{"f1_50": 0.71, ..., "f1_50_occluded": ..., ...}``; a class without objects and detections is left out of
        the mean.
    """
    training = model.training
    model.eval()
    judged: dict[str, list[tuple[GroundTruth, Detections]]] = {}
    for k in tqdm(range(len(source)), "evaluation", leave=False, disable=None if progress else True):
        sample = source[k]
        right = GroundTruth(sample.labels.numpy(), (sample.whole if truth == "amodal" else sample.visible).numpy())
        pair = (right, predict(model, sample.image, k))
        for scenario in {"", sample.scenario}:
            judged.setdefault(scenario, []).append(pair)
    model.train(training)
    classes = range(1, len(source.classes) + 1)
    scores = {}
    for scenario, pairs in sorted(judged.items()):
        matches = match_images(pairs, thresholds, classes=classes)
        for threshold in thresholds:
            mean = count_matches(matches, threshold, min_score, zero_division=np.nan).macro["f1"]
            scores[f"f1_{round(100 * threshold)}" + (f"_{scenario}" if scenario else "")] = mean
    return scores
