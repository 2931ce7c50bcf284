"""The whole case study, plate by plate: seconds of the model, plates a second from photo to kilocalories, peak memory.

usage: python benchmarks/plates.py [PLATES]     (40 of each test split if none is given)
"""

import statistics
import sys
import time
from collections.abc import Callable

import torch
from helpers import peak_memory

from course_utils.calories.estimator import course_estimator
from course_utils.calories.photo import detect, estimate_photo
from course_utils.dataset import Scene, load
from course_utils.mask_rcnn.looks import EightLooks
from course_utils.mask_rcnn.shipped import course_model

THREADS = 2


def main(count: int) -> None:
    """Print a row for each test split, then the peak memory."""
    model, estimator = course_model(), course_estimator()
    print(f"course_model, {THREADS} threads, medians of {count} plates")
    print(f"{'':22}{'model':>12}{'photo to kcal':>18}{'':>14}")
    for split in ("test_non_occluded", "test_occluded"):
        scenes = load(split)[:count]
        seconds = median_seconds(lambda scene: detect(model, scene.image), scenes)
        whole = median_seconds(lambda scene: estimate_photo(model, estimator, scene.image, scene.px_per_cm), scenes)
        print(f"{split:22}{seconds:10.3f} s{whole:16.3f} s{1 / whole:7.1f} plates/s")
    eyes, some = EightLooks(model), scenes[: max(count // 8, 1)]
    print(f"{'eight looks':22}{median_seconds(lambda scene: detect(eyes, scene.image), some):10.3f} s")
    print(f"peak memory {peak_memory() / 1e6:.0f} MB")


def median_seconds(job: Callable[[Scene], object], scenes: list[Scene]) -> float:
    """Median time of a job on each plate; the first one is done once before and not counted."""
    job(scenes[0])
    times = []
    for scene in scenes:
        scene.image.sum()  # reading the file is not what is measured
        start = time.perf_counter()
        job(scene)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


if __name__ == "__main__":
    torch.set_num_threads(THREADS)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
