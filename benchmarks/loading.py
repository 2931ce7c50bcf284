"""How fast scenes are read, photo and both kinds of masks, beside pycocotools and Pillow by hand.

usage: python benchmarks/loading.py [SPLIT]     (val by default)
"""

import contextlib
import io
import sys
import time
from collections.abc import Callable

import numpy as np
from PIL import Image
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from course_utils.dataset import load
from course_utils.paths import data_dir

ROUNDS = 7


def main(split: str) -> None:
    """Print scenes a second of both, and the median ratio over rounds in which they take turns."""
    scenes = load(split)
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = load(split).file.content
        coco.createIndex()
    assert ours(scenes) == by_hand(coco), "both must have read the same pixels"
    times = np.array([(timed(lambda: ours(scenes)), timed(lambda: by_hand(coco))) for _ in range(ROUNDS)])
    mine, hand = len(scenes) / np.median(times, axis=0)
    ratio = np.median(times[:, 1] / times[:, 0])
    print(f"{split}, {len(scenes)} scenes with photo, amodal and visible masks, {ROUNDS} rounds of CPU time:")
    print(f"course_utils.dataset {mine:.0f} scenes/s, pycocotools and Pillow {hand:.0f} scenes/s; ratio {ratio:.2f}")


def ours(scenes) -> tuple[int, int, int]:
    """Sums over all pixels of photos, amodal and visible masks."""
    sums = np.zeros(3, dtype=np.int64)
    for scene in scenes:
        sums += [int(scene.image.sum()), np.count_nonzero(scene.masks), np.count_nonzero(scene.visible_masks)]
    return tuple(sums.tolist())


def by_hand(coco: COCO) -> tuple[int, int, int]:
    """The same sums, as one would write it without the course."""
    sums = np.zeros(3, dtype=np.int64)
    for number in coco.getImgIds():
        with Image.open(data_dir() / "images" / coco.imgs[number]["file_name"]) as photo:
            image = np.asarray(photo.convert("RGB"))
        annotations = coco.imgToAnns[number]
        whole, visible = (
            coco_mask.decode([one[key] for one in annotations]).transpose(2, 0, 1).astype(bool)
            for key in ("segmentation", "visible_segmentation")
        )
        sums += [int(image.sum()), np.count_nonzero(whole), np.count_nonzero(visible)]
    return tuple(sums.tolist())


def timed(action: Callable[[], object]) -> float:
    """CPU seconds, which other programs on the machine do not lengthen."""
    start = time.process_time()
    action()
    return time.process_time() - start


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "val")
