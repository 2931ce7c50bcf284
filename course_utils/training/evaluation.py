"""How good is a run so far: precision, recall and F1 of the masks at several IoU thresholds."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import torch
from tqdm import tqdm

from course_utils.mask_rcnn.model import MaskRCNN
from course_utils.metrics.instances import Detections, GroundTruth
from course_utils.metrics.matching import match_image
from course_utils.training.samples import Sample, Source

THRESHOLDS = (0.5, 0.75, 0.85, 0.9)


@torch.no_grad()
def predict(model: MaskRCNN, sample: Sample) -> Detections:
    """Detections of one photo, masks cut at 0.5; the model must be in evaluation mode."""
    device = next(model.parameters()).device
    found = {name: value.float().cpu() for name, value in model([sample.image.to(device)])[0].items()}
    return Detections(found["labels"].long().numpy(), (found["masks"] > 0.5).numpy(), found["scores"].numpy())


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
        ``{"f1_50": 0.71, ..., "f1_50_occluded": ..., ...}``; a class without objects or detections is left out of the
        mean.
    """
    training = model.training
    model.eval()
    counts = defaultdict(lambda: np.zeros((len(source.classes) + 1, 3)))
    for k in tqdm(range(len(source)), "evaluation", leave=False, disable=None if progress else True):
        sample = source[k]
        right = GroundTruth(sample.labels.numpy(), (sample.whole if truth == "amodal" else sample.visible).numpy())
        found = predict(model, sample)
        for threshold in thresholds:
            matching = match_image(right, found, threshold, min_score=min_score)
            for scenario in {"", sample.scenario}:
                add(counts[threshold, scenario], right.labels, found.labels, matching)
    model.train(training)
    return {name(*key): macro_f1(table) for key, table in sorted(counts.items(), key=lambda c: (c[0][1], c[0][0]))}


def add(table: np.ndarray, right: np.ndarray, found: np.ndarray, matching) -> None:
    """Count one photo into ``table``: for each class the true positives, false positives, false negatives."""
    np.add.at(table[:, 0], found[matching.true_positives], 1)
    np.add.at(table[:, 1], found[matching.false_positives], 1)
    np.add.at(table[:, 2], right[matching.false_negatives], 1)


def macro_f1(table: np.ndarray) -> float:
    """Mean over the classes that occur of 2 TP / (2 TP + FP + FN)."""
    table = table[table.sum(axis=1) > 0]
    return float((2 * table[:, 0] / (2 * table[:, 0] + table[:, 1] + table[:, 2])).mean()) if len(table) else 0.0


def name(threshold: float, scenario: str) -> str:
    """Column of the log: f1_85_occluded."""
    return "_".join(["f1", str(round(100 * threshold)), *([scenario] if scenario else [])])
