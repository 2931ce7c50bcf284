"""A data set of two made-up plates, written into a folder: small enough to know every number of it."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from course_utils import masks
from course_utils.dataset.classes import CLASSES

SIZE = (24, 32)


def rectangle(x1: int, y1: int, x2: int, y2: int) -> np.ndarray:
    mask = np.zeros(SIZE, dtype=bool)
    mask[y1:y2, x1:x2] = True
    return mask


# Plate 1: a tempe (front) over a bakwan. Plate 2: a tahu alone.
FRONT, BEHIND, ALONE = rectangle(12, 6, 20, 12), rectangle(6, 4, 16, 14), rectangle(10, 8, 18, 16)
PLATE = rectangle(2, 2, 30, 22)


def annotation(number: int, image: int, category: str, whole: np.ndarray, visible: np.ndarray, **more) -> dict:
    x1, y1, x2, y2 = (float(side) for side in masks.to_box(whole))
    return {
        "id": number,
        "image_id": image,
        "category_id": CLASSES.index(category) + 1,
        "segmentation": masks.encode(whole),
        "bbox": [x1, y1, x2 - x1, y2 - y1],
        "area": int(whole.sum()),
        "iscrowd": 0,
        "visible_segmentation": masks.encode(visible),
        "visible_area": int(visible.sum()),
        "occlusion_rate": round(1 - float(visible.sum() / whole.sum()), 4),
        "depth_order": 1,
        "occluded_by": [],
        "weight_g": 20.0,
        "volume_cm3": 25.0,
        "item_id": f"tiny-{number}",
    } | more


def content() -> dict:
    """The COCO file as a dictionary, to be changed by a test before it is written."""
    images = [
        {
            "id": number,
            "file_name": f"tiny/{number:05d}.jpg",
            "width": SIZE[1],
            "height": SIZE[0],
            "scenario": scenario,
            "px_per_cm": 2.0,
            "plate_diameter_cm": 14.0,
            "camera_height_cm": 30.0,
            "camera_tilt_deg": 0.0,
            "plate_segmentation": masks.encode(PLATE),
        }
        for number, scenario in ((1, "occluded"), (2, "non_occluded"))
    ]
    annotations = [
        annotation(1, 1, "bakwan", BEHIND, BEHIND & ~FRONT, depth_order=2, occluded_by=[2]),
        annotation(2, 1, "tempe", FRONT, FRONT),
        annotation(3, 2, "tahu", ALONE, ALONE),
    ]
    categories = [{"id": k, "name": name, "supercategory": "food"} for k, name in enumerate(CLASSES, 1)]
    return {"info": {}, "licenses": [], "categories": categories, "images": images, "annotations": annotations}


def write(folder: Path, coco: dict | None = None) -> Path:
    """Write the set as split "tiny" under a folder; the folder."""
    coco = coco or content()
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    (folder / "images" / "tiny").mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(0).integers(0, 255, (*SIZE, 3), dtype=np.uint8)
    for image in coco["images"]:
        Image.fromarray(pixels).save(folder / "images" / image["file_name"])
    (folder / "annotations" / "tiny.json").write_text(json.dumps(coco))
    return folder
