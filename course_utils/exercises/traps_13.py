"""The four strange numbers of lesson 13: each the same measurement twice, once with a trap in it."""

import contextlib
import copy
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from course_utils import masks
from course_utils.exercises.lesson_13 import TAHU, ranked, toy, validation
from course_utils.metrics import average_precision as ap
from course_utils.metrics.batch import match_images
from course_utils.metrics.coco import results
from course_utils.paths import data_dir

AP50, MEDIUM = 1, 4  # of the twelve lines: AP at IoU 0.5, and AP of objects between 32² and 96² px


def val_file() -> dict[str, Any]:
    """The annotations of the validation split as they lie on disk."""
    return json.loads((data_dir() / "annotations" / "val.json").read_text(encoding="utf-8"))


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


def strange_numbers() -> list[tuple[str, float, float]]:
    """What was measured, what one program says, and what another says."""
    return [
        ("A  mAP of a copy of the truth, one plate", *_numbered_from_zero()),
        ("B  AP50 of one list of detections", *_other_order()),
        ("C  AP of medium-sized pieces", *_box_beside_mask()),
        ("D  F1 of the toy, scores from 0.6", *_smoothed_f1()),
    ]


def _numbered_from_zero() -> tuple[float, float]:
    """One plate, copied as detections; annotation ids from 1 and from 0."""
    content = val_file()
    image = content["images"][0]
    pieces = [piece for piece in content["annotations"] if piece["image_id"] == image["id"]]
    fields = ("image_id", "category_id", "segmentation")
    rows = [{field: piece[field] for field in fields} | {"score": 1.0} for piece in pieces]
    values = []
    for start in (1, 0):
        renumbered = [piece | {"id": number} for number, piece in enumerate(pieces, start)]
        plate = content | {"images": [image], "annotations": renumbered}
        values.append(float(pycocotools_lines(plate, rows)[0]))
    return values[0], values[1]


def _other_order() -> tuple[float, float]:
    """All scores equal, as if they had got lost; photos numbered forwards and backwards."""
    content = val_file()
    rows = [row | {"score": 1.0} for row in results(validation()[1])]
    ids = [image["id"] for image in content["images"]]
    backwards = dict(zip(ids, reversed(ids), strict=True))
    images = [image | {"id": backwards[image["id"]]} for image in content["images"]]
    pieces, turned = (
        [each | {"image_id": backwards[each["image_id"]]} for each in part] for part in (content["annotations"], rows)
    )
    once = pycocotools_lines(content, rows)
    again = pycocotools_lines(content | {"images": images, "annotations": pieces}, turned)
    return float(once[AP50]), float(again[AP50])


def _box_beside_mask() -> tuple[float, float]:
    """Masks alone, and with the box of each mask beside it."""
    rows, content = results(validation()[1]), val_file()
    boxed = []
    for row in rows:
        x1, y1, x2, y2 = masks.to_box(masks.decode(row["segmentation"])).tolist()
        boxed.append(row | {"bbox": [x1, y1, x2 - x1, y2 - y1]})
    return tuple(float(pycocotools_lines(content, each)[MEDIUM]) for each in (rows, boxed))


def _smoothed_f1() -> tuple[float, float]:
    """F1 from the counts, and from the precision of the envelope."""
    right, scores, objects = ranked(match_images(toy(), [0.5]), TAHU, 0)
    precision, recall = ap.precision_recall_curve(right, scores, objects)
    last = int((scores >= 0.6).sum()) - 1
    return tuple(
        float(2 * p[last] * recall[last] / (p[last] + recall[last])) for p in (precision, ap.envelope(precision))
    )
