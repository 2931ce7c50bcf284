"""Detections that a mediocre model might make of a split: shifted, doubled, misnamed, missed and invented ones."""

from collections.abc import Mapping

import numpy as np

from course_utils import masks

SHIFTS = np.array([0, 0, 0, 1, 2, 4, 9])


def detections_of(content: Mapping, kind: str, seed: int = 0) -> list[dict]:
    """COCO results for the annotations of a file, given its content."""
    rng = np.random.default_rng(seed)
    classes = [category["id"] for category in content["categories"]]
    results = []
    for annotation in content["annotations"]:
        for _ in range(rng.choice([0, 1, 1, 1, 1, 2])):
            label = annotation["category_id"] if rng.random() < 0.85 else int(rng.choice(classes))
            shift = rng.choice(SHIFTS, 2) * rng.choice([-1, 1], 2)
            score = float(rng.integers(1, 21) / 20)  # in steps, so that many are equal
            results.append({"image_id": annotation["image_id"], "category_id": label, "score": score})
            results[-1] |= _moved(annotation, shift, kind)
    for image in content["images"][::3]:
        stray = {"bbox": [5.0, 5.0, 60.0, 40.0]} if kind == "boxes" else {"segmentation": _rectangle(image)}
        results.append({"image_id": image["id"], "category_id": int(rng.choice(classes)), "score": 0.4, **stray})
    return results


def _moved(annotation: dict, shift: np.ndarray, kind: str) -> dict:
    if kind == "boxes":
        x, y, width, height = annotation["bbox"]
        return {"bbox": [x + float(shift[0]), y + 0.1 * float(shift[1]), width, height]}
    moved = np.roll(masks.decode(annotation["segmentation"]), tuple(shift), axis=(0, 1))
    return {"segmentation": masks.encode(moved)}


def _rectangle(image: dict) -> dict:
    mask = np.zeros((image["height"], image["width"]), bool)
    mask[5:45, 5:65] = True
    return masks.encode(mask)
