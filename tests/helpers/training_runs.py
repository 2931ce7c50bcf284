"""Small real runs of `course train` for the tests: two made-up plates at 64 pixels, one thread."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from course_utils import masks

SETTINGS = (
    "--visible",
    "--size=64",
    "--batch=4",
    "--steps=4",
    "--save-every=1",
    "--evaluate-every=0",
    "--no-bf16",
    "--warmup=2",
)


def write_coco(folder: Path, side: int = 64) -> Path:
    """A COCO file of four photos with two rectangles each; the green one lies in front."""
    import json

    rng = np.random.default_rng(3)
    images, annotations = [], []
    for number in range(1, 5):
        pixels = np.full((side, side, 3), 200, np.uint8)
        images.append({"id": number, "file_name": f"{number}.png", "width": side, "height": side})
        covered = np.zeros((side, side), bool)
        for label in (2, 1):
            x, y = rng.integers(2, side - 34, 2)
            mask = np.zeros((side, side), bool)
            mask[y : y + 30, x : x + 24] = True
            pixels[mask & ~covered] = (180, 90, 40) if label == 1 else (60, 140, 60)
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": label,
                    "segmentation": masks.encode(mask),
                    "visible_segmentation": masks.encode(mask & ~covered),
                    "bbox": [float(x), float(y), 24.0, 30.0],
                    "area": int(mask.sum()),
                    "iscrowd": 0,
                }
            )
            covered |= mask
        Image.fromarray(pixels).save(folder / f"{number}.png")
    categories = [{"id": 1, "name": "brown"}, {"id": 2, "name": "green"}]
    path = folder / "coco.json"
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return path


def environment() -> dict[str, str]:
    """One thread, so that sums are split the same way in every run."""
    return os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def command(coco: Path, out: Path, *more: str, processes: int = 1) -> list[str]:
    """``course train`` as a list of words, under torchrun for more than one process."""
    start = [sys.executable, "-m"]
    if processes > 1:
        start += ["torch.distributed.run", "--standalone", f"--nproc-per-node={processes}", "-m"]
    return [*start, "course_utils.cli", "train", "--data", str(coco), "--out", str(out), *SETTINGS, *more]


def run(coco: Path, out: Path, *more: str, processes: int = 1, **options) -> subprocess.CompletedProcess:
    """Run it to its end."""
    words = command(coco, out, *more, processes=processes)
    return subprocess.run(words, env=environment(), capture_output=True, text=True, timeout=300, **options)
