"""What one can take away from the page: the table as CSV, the outlines as a COCO file."""

import csv
import io
from typing import Any

from course_utils import masks
from course_utils.dataset.classes import CLASSES
from course_utils.metrics.instances import Detections

COLUMNS = ("piece", "name", "rival", "score", "hidden_share", "grams", "kcal", "low", "high", "true_kcal")


def table(answer: dict[str, Any]) -> str:
    """The pieces of an answer and the plate as CSV, a line each; what is not known is empty."""
    truth = answer.get("truth")
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for k, piece in enumerate(answer["pieces"]):
        true = truth["piece_of"][k] if truth else -1
        known = {"true_kcal": truth["pieces"][true]["kcal"]} if truth and true >= 0 else {}
        writer.writerow(_rounded(piece | known | {"piece": k + 1}))
    whole = answer["total"] | ({"true_kcal": truth["kcal"]} if truth else {})
    writer.writerow(_rounded(whole | {"piece": "plate"}))
    return text.getvalue()


def coco(found: Detections, pieces: list[dict[str, Any]], size: tuple[int, int], file_name: str) -> dict[str, Any]:
    """The detections of one photo as a COCO file in the course's form, whole and visible outlines as run lengths.

    Args:
        found: the detections. pieces: as the page shows them. size: (height, width) of the photo.
    """
    annotations = [_annotation(k, found, piece) for k, piece in enumerate(pieces)]
    note = "found by a model; outlines at the size at which it saw the photo"
    return {
        "info": {"description": note, "amodal": found.visible is not None},
        "images": [{"id": 1, "file_name": file_name, "height": size[0], "width": size[1]}],
        "annotations": annotations,
        "categories": [{"id": k, "name": name} for k, name in enumerate(CLASSES, 1)],
    }


def _annotation(k: int, found: Detections, piece: dict[str, Any]) -> dict[str, Any]:
    mask = found.regions.to_masks().masks[k]
    x1, y1, x2, y2 = masks.to_box(mask).tolist()
    known = {"weight_g": round(piece["grams"], 2), "kcal": round(piece["kcal"], 2)} if "grams" in piece else {}
    if found.visible is not None:
        known["visible_segmentation"] = masks.encode(found.visible.to_masks().masks[k])
    return known | {
        "id": k + 1,
        "image_id": 1,
        "category_id": int(found.labels[k]),
        "segmentation": masks.encode(mask),
        "bbox": [x1, y1, x2 - x1, y2 - y1],
        "area": int(mask.sum()),
        "iscrowd": 0,
        "score": round(piece["score"], 4),
    }


def _rounded(line: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in line.items()}
