"""Speed and memory of the COCO evaluation beside pycocotools, faster-coco-eval and torchmetrics.

usage: python benchmarks/metrics.py

From boolean masks (encoding included for those that need it) and from RLEs that are there already; with one thread and
with as many as each tool likes; then memory, and cost against the number of images. All tools must agree. On a busy
machine trust the processor's seconds.
"""

import contextlib
import copy
import io
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import psutil
from helpers import peak_memory

IMAGES, TRUTHS, DETECTIONS, SIDE, CLASSES = 500, 8, 10, 256, range(1, 7)
REPEATS = 5
COUNTS = (100, 500, 1000, 2500, 5000)
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
GOALS = {"pycocotools": 5, "faster-coco-eval": 3, "torchmetrics": 3}

Image = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Masks and labels that are there; masks, labels and scores that were found."""


def discs(centres: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Round masks (N, SIDE, SIDE)."""
    y, x = np.mgrid[:SIDE, :SIDE]
    return np.array([(x - cx) ** 2 + (y - cy) ** 2 < r * r for (cx, cy), r in zip(centres, radii, strict=True)])


def make_images(count: int) -> list[Image]:
    """Overlapping discs, and detections that are near most of them."""
    rng, images = np.random.default_rng(0), []
    for _ in range(count):
        centres, radii = rng.uniform(40, SIDE - 40, (TRUTHS, 2)), rng.uniform(12, 40, TRUTHS)
        labels, meant = rng.choice(CLASSES, TRUTHS), rng.integers(0, TRUTHS, DETECTIONS)
        moved = centres[meant] + rng.normal(0, 3, (DETECTIONS, 2))
        found = discs(moved, radii[meant] * rng.uniform(0.85, 1.1, DETECTIONS))
        guessed = np.where(rng.random(DETECTIONS) < 0.85, labels[meant], rng.choice(CLASSES, DETECTIONS))
        images.append((discs(centres, radii), labels, found, guessed, rng.random(DETECTIONS)))
    return images


def to_coco(images: list[Image]) -> tuple[dict, list[dict]]:
    """Encode all masks: COCO annotations and COCO results."""
    annotations, results = [], []
    for number, (masks, labels, found, guessed, scores) in enumerate(images, 1):
        for rle, label in zip(_encode(masks), labels.tolist(), strict=True):
            facts = {"id": len(annotations) + 1, "image_id": number, "category_id": label, "iscrowd": 0}
            annotations.append(facts | {"segmentation": rle, "area": _area(rle)})
        for rle, label, score in zip(_encode(found), guessed.tolist(), scores.tolist(), strict=True):
            results.append({"image_id": number, "category_id": label, "score": score, "segmentation": rle})
    records = [{"id": number, "height": SIDE, "width": SIDE} for number in range(1, len(images) + 1)]
    categories = [{"id": label, "name": str(label)} for label in CLASSES]
    return {"images": records, "annotations": annotations, "categories": categories}, results


def _encode(masks: np.ndarray) -> list[dict]:
    from pycocotools import mask as coco_mask

    return coco_mask.encode(np.asfortranarray(masks.transpose(1, 2, 0).astype(np.uint8)))


def _area(rle: dict) -> float:
    from pycocotools import mask as coco_mask

    return float(coco_mask.area(rle))


def ours_from_masks(images: list[Image]) -> float:
    """The course's evaluation, from boolean masks."""
    from course_utils.metrics.evaluation import evaluate_images
    from course_utils.metrics.instances import Detections, GroundTruth

    pairs = ((GroundTruth(image[1], image[0]), Detections(image[3], image[2], image[4])) for image in images)
    return evaluate_images(pairs, classes=CLASSES).average_precision()


def ours_from_rles(annotations: dict, results: list[dict]) -> float:
    """The course's evaluation, from RLEs."""
    from course_utils.metrics.coco import read_results, read_truth
    from course_utils.metrics.evaluation import evaluate_images

    truth = read_truth(annotations)
    return evaluate_images(truth.pair(read_results(results, truth)), classes=CLASSES).average_precision()


def pycocotools_from_rles(annotations: dict, results: list[dict]) -> float:
    """The reference, from RLEs."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    truth = COCO()
    truth.dataset = annotations
    truth.createIndex()
    return _finish(COCOeval(truth, truth.loadRes(results), "segm"))


def faster_from_rles(annotations: dict, results: list[dict]) -> float:
    """faster-coco-eval, from RLEs."""
    from faster_coco_eval import COCO, COCOeval_faster

    truth = COCO(annotations)
    return _finish(COCOeval_faster(truth, truth.loadRes(results), "segm"))


def _finish(evaluation) -> float:
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return float(evaluation.stats[0])


def torchmetrics_from_masks(images: list[Image]) -> float:
    """torchmetrics with its faster backend, from boolean masks."""
    import torch
    from torchmetrics.detection import MeanAveragePrecision

    # Its own thresholds pass through float32, which moves the last digits.
    exact = {"iou_thresholds": np.linspace(0.5, 0.95, 10).tolist(), "rec_thresholds": np.linspace(0, 1, 101).tolist()}
    metric = MeanAveragePrecision(iou_type="segm", backend="faster_coco_eval", **exact)
    for masks, labels, found, guessed, scores in images:
        true = {"masks": torch.from_numpy(masks), "labels": torch.from_numpy(labels)}
        guess = {"masks": torch.from_numpy(found), "labels": torch.from_numpy(guessed)}
        metric.update([guess | {"scores": torch.from_numpy(scores)}], [true])
    return float(metric.compute()["map"])


FROM_MASKS: dict[str, Callable[[list[Image]], float]] = {
    "course_utils": ours_from_masks,
    "pycocotools": lambda images: pycocotools_from_rles(*to_coco(images)),
    "faster-coco-eval": lambda images: faster_from_rles(*to_coco(images)),
    "torchmetrics": torchmetrics_from_masks,
}
FROM_RLES = {
    "course_utils": ours_from_rles,
    "pycocotools": pycocotools_from_rles,
    "faster-coco-eval": faster_from_rles,
}


def timed(action: Callable[[], float]) -> tuple[np.ndarray, float]:
    """Seconds that an action took, by the clock and by the processor (all threads), and what it gave."""
    with contextlib.redirect_stdout(io.StringIO()):
        start = np.array([time.perf_counter(), time.process_time()])
        value = action()
        return np.array([time.perf_counter(), time.process_time()]) - start, value


def speed() -> None:
    """Print the fastest of several rounds for each tool; the tools take turns, so that a slow spell hits all."""
    images = make_images(IMAGES)
    content = to_coco(images)
    for title, tools, inputs in (("boolean masks", FROM_MASKS, (images,)), ("RLEs", FROM_RLES, content)):
        best, values = dict.fromkeys(tools, np.full(2, np.inf)), {}
        for _ in range(REPEATS):
            for name, tool in tools.items():
                # Some tools write into what they are given.
                own = inputs if name == "course_utils" or title != "RLEs" else copy.deepcopy(inputs)
                elapsed, values[name] = timed(lambda tool=tool, own=own: tool(*own))
                best[name] = np.minimum(best[name], elapsed)
        if max(values.values()) - min(values.values()) > 1e-6:  # torchmetrics answers in float32
            sys.exit(f"the tools do not agree: {values}")
        print(f"  {'from ' + title:20}     clock          processor")
        for name, elapsed in best.items():
            clock, processor = elapsed / best["course_utils"]
            goal = f"   goal {GOALS[name]} x" if title != "RLEs" and name in GOALS else ""
            print(f"    {name:18} {elapsed[0]:6.2f} s {clock:5.1f} x {elapsed[1]:6.2f} s {processor:5.1f} x{goal}")


def memory(name: str) -> None:
    """Print the MiB by which one evaluation from masks raises this process's peak, the masks themselves not counted."""
    images = make_images(IMAGES)
    timed(lambda: FROM_MASKS[name](images[:2]))  # imports
    before = psutil.Process().memory_info().rss
    timed(lambda: FROM_MASKS[name](images))
    grown = max(peak_memory() - before, 0)
    print(json.dumps({"name": name, "mib": grown / 2**20}))


def growth() -> None:
    """Print cost against the number of images, streamed from a pool so that making them costs nothing."""
    pool = make_images(100)
    print("    images   processor s   ms per image   memory, MiB")
    for count in COUNTS:
        before = psutil.Process().memory_info().rss
        elapsed = min(timed(lambda count=count: ours_from_masks(_cycle(pool, count)))[0][1] for _ in range(2))
        grown = max(psutil.Process().memory_info().rss - before, 0) / 2**20
        print(f"    {count:6d} {elapsed:13.2f} {1000 * elapsed / count:14.2f} {grown:13.0f}")


def _cycle(pool: list[Image], count: int):
    return (pool[k % len(pool)] for k in range(count))


def in_process(part: str, environment: dict[str, str]) -> str:
    """Run one part of this file in a process of its own; what it printed."""
    command = [sys.executable, __file__, *part.split()]
    return subprocess.run(command, env=os.environ | environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def main() -> None:
    """Print everything."""
    print(f"{IMAGES} images of {SIDE} x {SIDE}, {TRUTHS} truths and {DETECTIONS} detections each, best of {REPEATS}")
    for title, environment in (("one thread", ONE_THREAD), ("default threads", {})):
        print(f"{title}\n{in_process('speed', environment)}", end="")
    print("memory beyond the masks, one thread")
    for name in FROM_MASKS:
        print(f"    {name:18} {json.loads(in_process(f'memory {name}', ONE_THREAD))['mib']:7.0f} MiB")
    print(f"cost against the number of images, one thread\n{in_process('growth', ONE_THREAD)}", end="")


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    PARTS = {"speed": speed, "memory": memory, "growth": growth}
    PARTS[sys.argv[1]](*sys.argv[2:]) if sys.argv[1:] else main()
