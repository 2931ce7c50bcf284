"""What lesson 13 springs its traps with: pycocotools, and files that say the same in another way."""

import contextlib
import copy
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from course_utils import masks
from course_utils.dataset.safe_json import read_json
from course_utils.dataset.split import annotation_file


def val_file() -> dict[str, Any]:
    """The annotations of the validation split as they lie on disk."""
    return read_json(annotation_file("val"))


def pycocotools_lines(annotations: Mapping[str, Any], rows: Sequence[Mapping]) -> np.ndarray:
    """The twelve values of pycocotools' summary for mask results, without its printing; the first one is mAP."""
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = copy.deepcopy(dict(annotations))
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(copy.deepcopy(list(rows))), "segm")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats


def in_other_order(annotations: Mapping[str, Any], rows: Sequence[Mapping]) -> tuple[dict[str, Any], list[dict]]:
    """The same annotations and results, the photos numbered the other way round."""
    ids = [image["id"] for image in annotations["images"]]
    turned = dict(zip(ids, reversed(ids), strict=True))
    images = [image | {"id": turned[image["id"]]} for image in annotations["images"]]
    pieces, found = (
        [{**each, "image_id": turned[each["image_id"]]} for each in part] for part in (annotations["annotations"], rows)
    )
    return {**annotations, "images": images, "annotations": pieces}, found


def with_boxes(rows: Sequence[Mapping]) -> list[dict]:
    """Results with the box of each mask beside it, as COCO's x, y, width, height."""
    boxed = []
    for row in rows:
        x1, y1, x2, y2 = masks.to_box(masks.decode(row["segmentation"])).tolist()
        boxed.append({**row, "bbox": [x1, y1, x2 - x1, y2 - y1]})
    return boxed
