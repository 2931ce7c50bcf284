"""Mask R-CNN beside torchvision's: seconds, ratio and peak memory; the readable RoIAlign beside the compiled one.

Both models have the same sizes and weights, run on the same plates on two threads, and take turns, so that whatever
else the machine does slows down both.

usage: python benchmarks/mask_rcnn.py [ROUNDS]     (15 if none is given)
"""

import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable

import torch
from helpers import peak_memory
from torch import Tensor, nn
from torchvision import ops

from course_utils.dataset import load
from course_utils.dataset.torch_dataset import TorchDetection
from course_utils.mask_rcnn import parity, profiles
from course_utils.mask_rcnn.model import MaskRCNN
from course_utils.mask_rcnn.roi_align import roi_align

THREADS = 2
SIDE = 320
MODELS: dict[str, Callable[[], MaskRCNN]] = {
    "slim": lambda: profiles.slim(size=SIDE),
    "resnet50": lambda: profiles.build("resnet50", size=SIDE),
}
MODES = ("forward", "training step")


def main(rounds: int) -> None:
    """Print the three tables."""
    # Memory comes first: a child's peak counts from its parent's size on, which is still small now.
    memory = {(name, mode, side): _peak(name, mode, side) for name in MODELS for mode in MODES for side in _SIDES}
    print(f"two plates of {SIDE} pixels, {THREADS} threads, medians of {rounds} rounds")
    print(f"{'':26}{'ours':>9}{'torchvision':>13}{'ratio':>8}{'peak memory':>18}{'torchvision':>13}")
    for name in MODELS:
        for mode in MODES:
            ours, theirs = _medians([_job(name, mode, side) for side in _SIDES], rounds)
            peaks = "".join(
                f"{memory[name, mode, side]:{width}.0f} MB" for side, width in zip(_SIDES, (15, 10), strict=True)
            )
            print(f"{name + ', ' + mode:26}{ours:7.3f} s{theirs:11.3f} s{ours / theirs:8.2f}{peaks}")
    for size, count in ((7, 512), (14, 128)):
        for mode in ("forward", "with backward"):
            ours, theirs = _medians(
                [_align_job(align, size, count, mode) for align in (roi_align, ops.roi_align)], rounds
            )
            what = f"RoIAlign {size} x {size}, {mode}"
            print(f"{what:26}{ours:7.3f} s{theirs:11.3f} s{ours / theirs:8.2f}   readable beside compiled")


_SIDES = ("ours", "torchvision")


def _model(name: str, side: str) -> nn.Module:
    """Either model, with the same weights."""
    torch.manual_seed(0)
    ours = MODELS[name]()
    return ours if side == "ours" else parity.twin(ours)


def _job(name: str, mode: str, side: str) -> Callable[[], object]:
    """One forward pass of two plates, or one step of training on them."""
    plates = TorchDetection(load("val"))
    images, targets = zip(*(plates[k] for k in range(2)), strict=True)
    model = _model(name, side).train(mode == "training step")
    if mode == "forward":
        return torch.no_grad()(lambda: model(list(images)))
    optimiser = torch.optim.SGD(model.parameters(), lr=1e-6)

    def step() -> None:
        optimiser.zero_grad()
        torch.manual_seed(0)
        sum(model(list(images), list(targets)).values()).backward()
        optimiser.step()

    return step


def _align_job(align: Callable[..., Tensor], size: int, count: int, mode: str) -> Callable[[], object]:
    """RoIAlign of ``count`` boxes on a map of stride 4 and 128 channels."""
    rng = torch.Generator().manual_seed(0)
    maps = torch.rand(1, 128, SIDE // 4, SIDE // 4, generator=rng, requires_grad=mode == "with backward")
    corner = torch.rand(count, 2, generator=rng) * SIDE * 0.6
    extent = torch.rand(count, 2, generator=rng) * SIDE * 0.3 + 10
    rois = torch.cat([torch.zeros(count, 1), corner, corner + extent], dim=1)

    def look() -> None:
        pooled = align(maps, rois, (size, size), 0.25, 2)
        if mode == "with backward":
            pooled.sum().backward()

    return look


def _medians(jobs: list[Callable[[], object]], rounds: int) -> list[float]:
    """Median seconds of each job; they take turns, and one round before does not count."""
    times = []
    for _ in range(rounds + 1):
        row = []
        for job in jobs:
            start = time.perf_counter()
            job()
            row.append(time.perf_counter() - start)
        times.append(row)
    return [statistics.median(column) for column in zip(*times[1:], strict=True)]


def _peak(name: str, mode: str, side: str) -> float:
    """Peak memory in MB of a process of its own that runs the job twice."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measure_peak, (name, mode, side))


def _measure_peak(name: str, mode: str, side: str) -> float:
    torch.set_num_threads(THREADS)
    job = _job(name, mode, side)
    for _ in range(2):
        job()
    return peak_memory() / 1e6


if __name__ == "__main__":
    torch.set_num_threads(THREADS)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
