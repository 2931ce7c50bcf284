"""pycocotools' evaluator on the same content, and data sets written the way it reads them."""

import contextlib
import io

import numpy as np
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from random_sets import CLASSES, SIZE

KINDS = {"masks": "segm", "boxes": "bbox"}


def content(images: list, size: tuple[int, int] = SIZE, classes=CLASSES) -> tuple[dict, list[dict]]:
    """(GroundTruth, Detections) of each image -> COCO annotations and COCO results."""
    annotations, results = [], []
    for number, (truth, found) in enumerate(images, 1):
        for k, region in enumerate(_fields(truth.regions)):
            facts = {"category_id": int(truth.labels[k]), "iscrowd": int(truth.crowd[k]), "area": float(truth.areas[k])}
            annotations.append({"id": len(annotations) + 1, "image_id": number, **facts, **region})
        for k, region in enumerate(_fields(found.regions)):
            facts = {"category_id": int(found.labels[k]), "score": float(found.scores[k])}
            results.append({"image_id": number, **facts, **region})
    records = [{"id": number, "height": size[0], "width": size[1]} for number in range(len(images), 0, -1)]
    categories = [{"id": label, "name": f"class {label}"} for label in classes]
    return {"images": records, "annotations": annotations, "categories": categories}, results


def evaluate(annotations: dict, results: list[dict], kind: str) -> tuple[COCOeval, str]:
    """pycocotools' evaluation, and what it printed as a summary."""
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = annotations
        truth.createIndex()
        found = truth.loadRes([dict(result) for result in results]) if results else _nothing(truth)
        theirs = COCOeval(truth, found, KINDS[kind])
        theirs.evaluate()
        theirs.accumulate()
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        theirs.summarize()
    return theirs, printed.getvalue()


def _nothing(truth: COCO) -> COCO:
    """No results at all, which `loadRes` cannot read."""
    empty = COCO()
    empty.dataset = {"images": truth.dataset["images"], "categories": truth.dataset["categories"], "annotations": []}
    empty.createIndex()
    return empty


def _fields(regions) -> list[dict]:
    if regions.kind == "boxes":
        corners = regions.corners
        return [{"bbox": box} for box in np.hstack([corners[:, :2], corners[:, 2:] - corners[:, :2]]).tolist()]
    stack = np.asfortranarray(regions.masks.transpose(1, 2, 0).astype(np.uint8))
    return [{"segmentation": {**rle, "counts": rle["counts"].decode()}} for rle in coco_mask.encode(stack)]
