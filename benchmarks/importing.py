"""What reading foreign files costs: 50,000 polygons on 5,000 photos, beside pycocotools' own lines by hand.

usage: python benchmarks/importing.py [POLYGONS]

`data import` is measured against polygon -> RLE, area and box; `data check` against `annToMask` of every object.
Seconds are of the processor, the best of some rounds.
"""

import contextlib
import io
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from course_utils.dataset.check import check_file
from course_utils.dataset.importers import Source, import_data

ROUNDS = 3
SIZE = (480, 640)
IMPORT_GOAL, CHECK_GOAL = 3.0, 1.0


def main(count: int) -> None:
    """Print seconds and ratios; fail where a goal is missed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "polygons.json")
        content = coco_file(count, np.random.default_rng(1))
        path.write_text(json.dumps(content))
        photo = io.BytesIO()
        Image.new("RGB", SIZE[::-1]).save(photo, "JPEG")
        for image in content["images"]:
            Path(folder, image["file_name"]).write_bytes(photo.getvalue())
        with contextlib.redirect_stdout(io.StringIO()):
            coco = COCO(str(path))
        print(f"{count:,} polygons on {len(content['images']):,} photos, seconds of the processor")
        ours = best(lambda: import_data(Source(path)))
        missed = told("data import", ours, "polygon -> RLE, area, box", best(lambda: by_hand(content)), IMPORT_GOAL)
        ours = best(lambda: check_file(path, Path(folder)))
        theirs = best(lambda: [coco.annToMask(one) is None for one in content["annotations"]])
        missed |= told("data check", ours, "annToMask", theirs, CHECK_GOAL)
    if missed:
        sys.exit("a goal is missed")


def by_hand(content: dict) -> list:
    """Run lengths, areas and boxes of all polygons, photo by photo, as one would write it."""
    found = []
    for annotation in content["annotations"]:
        rle = coco_mask.merge(coco_mask.frPyObjects(annotation["segmentation"], *SIZE))
        found.append((rle, coco_mask.area(rle), coco_mask.toBbox(rle)))
    return found


def best(action: Callable[[], object]) -> float:
    """The processor's seconds of the fastest round."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return min(times)


def told(what: str, ours: float, beside: str, theirs: float, goal: float) -> bool:
    """Say how long both take; whether the goal is missed."""
    ratio = ours / theirs
    print(f"{what:12} {ours:6.2f}   {beside:26} {theirs:6.2f}   ratio {ratio:.2f}, goal {goal}")
    return ratio > goal


def coco_file(count: int, rng: np.random.Generator) -> dict:
    """Plain COCO: ten objects a photo, each a polygon of 8 to 40 corners."""
    height, width = SIZE
    annotations = []
    for number in range(1, count + 1):
        corners = int(rng.integers(8, 40))
        angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
        radius = rng.uniform(10, 60) * rng.uniform(0.6, 1, corners)
        x, y = rng.uniform(80, width - 80), rng.uniform(80, height - 80)
        points = np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], axis=1).round(2)
        low, high = points.min(axis=0), points.max(axis=0)
        annotations.append(
            {
                "id": number,
                "image_id": 1 + (number - 1) // 10,
                "category_id": 1 + number % 3,
                "segmentation": [points.ravel().tolist()],
                "bbox": [*low.tolist(), *(high - low).tolist()],
                "area": 1.0,
                "iscrowd": 0,
            }
        )
    images = [
        {"id": k, "file_name": f"{k:06d}.jpg", "height": height, "width": width}
        for k in range(1, 2 + (count - 1) // 10)
    ]
    return {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": k, "name": f"class {k}"} for k in (1, 2, 3)],
    }


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
