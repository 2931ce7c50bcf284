"""Training of the course's Mask R-CNN beside torchvision's of the same size: images a second, peak memory.

Both are trained by the same loop on the same stream of augmented plates, each run in a process of its own; the runs
take turns, so that whatever else the machine does slows down both.

usage: python benchmarks/training.py [STEPS] [ROUNDS]     (8 and 3 if none are given)
"""

import multiprocessing
import statistics
import sys
import tempfile
import time
from pathlib import Path

import torch
from helpers import peak_memory

from course_utils.dataset import load
from course_utils.mask_rcnn import parity, profiles
from course_utils.training.loop import Run
from course_utils.training.samples import Scenes
from course_utils.training.settings import TrainSettings

THREADS = 2
PROFILES = ("slim", "slim-resnext")
SIDES = ("ours", "torchvision")
WARM_UP = 2
"""Steps that are not counted."""


def main(steps: int, rounds: int) -> None:
    """Print a row for each model."""
    settings = TrainSettings()
    print(
        f"{settings.batch} plates of {settings.size} pixels a step, {THREADS} threads, {rounds} rounds of {steps} steps"
    )
    print(f"{'':14}{'ours':>14}{'torchvision':>18}{'ratio':>8}{'peak memory':>16}{'torchvision':>14}")
    for profile in PROFILES:
        runs = {side: [] for side in SIDES}
        for _ in range(rounds):
            for side in SIDES:
                with multiprocessing.get_context("spawn").Pool(1) as pool:
                    runs[side].append(pool.apply(measure, (profile, side, steps)))
        (ours, our_peak), (theirs, their_peak) = (map(statistics.median, zip(*runs[s], strict=True)) for s in SIDES)
        print(
            f"{profile:14}{ours:6.2f} images/s{theirs:9.2f} images/s{ours / theirs:8.2f}"
            f"{our_peak:13.0f} MB{their_peak:11.0f} MB"
        )


def measure(profile: str, side: str, steps: int) -> tuple[float, float]:
    """Images a second, and peak memory in MB, of one run."""
    torch.set_num_threads(THREADS)
    settings = TrainSettings(profile=profile, steps=steps + WARM_UP, evaluate_every=0)
    torch.manual_seed(0)
    model = profiles.build(profile, size=settings.size)
    ends: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        run = Run(settings, Scenes(load("train")), Path(folder), model if side == "ours" else parity.twin(model))
        run.train(progress=False, on_step=lambda step, losses: ends.append(time.perf_counter()))
    return settings.batch * steps / (ends[-1] - ends[WARM_UP - 1]), peak_memory() / 1e6


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:3]), *(8, 3)[len(sys.argv) - 1 :])
