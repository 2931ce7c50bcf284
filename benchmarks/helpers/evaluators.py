"""Evaluators of COCO's kind, each asked in the way that its authors advise: content or files in, arrays out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from helpers.workloads import MASK_CLASSES, as_coco

Source = Any
"""COCO's content (a dictionary of annotations, a list of results), or the path of a file that holds it."""
Arrays = tuple[np.ndarray, np.ndarray] | float
"""Precision and recall, or only their mean, where a tool keeps no arrays of COCO's shape."""


def course_utils(truth: Source, results: Source, kind: str) -> Arrays:
    """The course's own."""
    from course_utils.metrics.coco import read_results, read_truth
    from course_utils.metrics.evaluation import evaluate_images

    there = read_truth(truth, kind)
    found = evaluate_images(there.pair(read_results(results, there)), classes=there.classes)
    return found.precision, found.recall


def pycocotools(truth: Source, results: Source, kind: str) -> Arrays:
    """The reference."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    return _finish(*_load(COCO, truth, results), kind, COCOeval)


def vernier(truth: Source, results: Source, kind: str) -> Arrays:
    """vernier: its own reader for files, and in pycocotools' place for content."""
    from vernier import COCOeval
    from vernier.instance import Bbox, CocoDataset, Evaluator, Segm

    if not isinstance(truth, Path):
        from pycocotools.coco import COCO

        there, found = _load(COCO, truth, results)
        for record in found.dataset["annotations"]:
            record["bbox"] = list(record["bbox"])  # pycocotools makes arrays, which vernier does not take
        return _finish(there, found, kind, COCOeval)
    there = CocoDataset.from_json(truth.read_bytes())
    region = Bbox() if kind == "boxes" else Segm()
    found = Evaluator(iou=region, parity_mode="strict").evaluate(there, results.read_bytes())
    return float(found.stats[0])


def hotcoco(truth: Source, results: Source, kind: str) -> Arrays:
    """hotcoco."""
    from hotcoco import COCO, COCOeval

    return _finish(*_load(COCO, truth, results), kind, COCOeval)


def ultrafast(truth: Source, results: Source, kind: str) -> Arrays:
    """ultrafast-pycocotools."""
    from ultrafast_pycocotools import COCO, COCOeval

    return _finish(*_load(COCO, truth, results), kind, COCOeval)


def faster(truth: Source, results: Source, kind: str) -> Arrays:
    """faster-coco-eval."""
    from faster_coco_eval import COCO, COCOeval_faster

    return _finish(*_load(COCO, truth, results), kind, COCOeval_faster)


def torchmetrics(images: list, *_: Any) -> Arrays:
    """torchmetrics with its faster backend, from boolean masks."""
    import torch
    from torchmetrics.detection import MeanAveragePrecision

    # Its own thresholds pass through float32, which moves the last digits.
    exact = {"iou_thresholds": np.linspace(0.5, 0.95, 10).tolist(), "rec_thresholds": np.linspace(0, 1, 101).tolist()}
    metric = MeanAveragePrecision(iou_type="segm", backend="faster_coco_eval", **exact)
    for masks, labels, found, guessed, scores in images:
        true = {"masks": torch.from_numpy(masks), "labels": torch.from_numpy(labels)}
        guess = {"masks": torch.from_numpy(found), "labels": torch.from_numpy(guessed)}
        metric.update([guess | {"scores": torch.from_numpy(scores)}], [true])
    return float(metric.compute()["map"])


def _load(reader: type, truth: Source, results: Source) -> tuple[Any, Any]:
    """Truth and results as a tool's own objects."""
    if isinstance(truth, Path):
        there = reader(str(truth))
        return there, there.loadRes(str(results))
    if reader.__module__ == "pycocotools.coco":  # it takes no content
        there = reader()
        there.dataset = truth
        there.createIndex()
    else:
        there = reader(truth)
    return there, there.loadRes(results)


def _finish(truth: Any, results: Any, kind: str, evaluator: type) -> Arrays:
    """What pycocotools and all that follow its interface do last."""
    found = evaluator(truth, results, {"masks": "segm", "boxes": "bbox"}[kind])
    found.evaluate()
    found.accumulate()
    return np.asarray(found.eval["precision"]), np.asarray(found.eval["recall"])


TOOLS: dict[str, Callable[[Source, Source, str], Arrays]] = {
    "course_utils": course_utils,
    "hotcoco": hotcoco,
    "ultrafast-pycocotools": ultrafast,
    "vernier": vernier,
    "faster-coco-eval": faster,
    "torchmetrics": torchmetrics,
    "pycocotools": pycocotools,
}
MODULES = {tool: tool.replace("-", "_") for tool in TOOLS}


def from_masks(tool: str) -> Callable[[list, Any, str], Arrays]:
    """How to ask a tool about boolean masks: (images, None, "masks"); most of them want RLEs."""
    if tool == "course_utils":
        return _ours_from_masks
    if tool == "torchmetrics":
        return torchmetrics
    return lambda images, _, kind: TOOLS[tool](*as_coco(images), kind)


def _ours_from_masks(images: list, *_: Any) -> Arrays:
    from course_utils.metrics.evaluation import evaluate_images
    from course_utils.metrics.instances import Detections, GroundTruth

    pairs = ((GroundTruth(image[1], image[0]), Detections(image[3], image[2], image[4])) for image in images)
    found = evaluate_images(pairs, classes=MASK_CLASSES)
    return found.precision, found.recall
