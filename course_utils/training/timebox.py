"""A training that fits into a given time: its steps are counted out by the clock before it begins."""

import signal
import statistics
import time
from dataclasses import replace
from pathlib import Path

import torch

from course_utils.errors import CourseError
from course_utils.mask_rcnn.model import MaskRCNN
from course_utils.training.loop import Run
from course_utils.training.samples import Source
from course_utils.training.settings import TrainSettings
from course_utils.training.stream import Stream, batches, make_loader

TRIAL_STEPS = 25
"""Steps that are run and thrown away to see how long one takes; the first ten, slower ones do not count."""
SPARE = 0.07
"""Share of the time that is left free, for steps that take longer than those tried."""


def steps_that_fit(seconds_per_step: float, seconds: float) -> int:
    """How many steps fit into so many seconds, a little left free.

    Raises:
        CourseError: not a single one.
    """
    steps = int(seconds * (1 - SPARE) / seconds_per_step)
    if steps < 1:
        raise CourseError(f"a step takes {seconds_per_step:.3g} s and {seconds:.3g} s are left; nothing can be trained")
    return steps


def seconds_per_step(settings: TrainSettings, source: Source, out: Path) -> float:
    """How long a step of such a run takes on this machine; ``out``: a folder that may be thrown away."""
    run = Run(replace(settings, steps=TRIAL_STEPS), source, out)
    loader = batches(make_loader(Stream(source, run.settings), 0, 0, 1))
    run.model.train()
    seconds = []
    for _ in range(TRIAL_STEPS):
        start = time.perf_counter()
        run.one_step(run.model, loader)  # it ends with numbers on the CPU, so a GPU has finished by then
        seconds.append(time.perf_counter() - start)
        run.step += 1
    return statistics.mean(seconds[10:])


def train_until(deadline: float, settings: TrainSettings, source: Source, out: Path) -> MaskRCNN:
    """Train as many steps as there is time for, with the whole schedule of the learning rate.

    Args:
        deadline: on the clock of ``time.monotonic``. Should it come before the last step, the run is stopped there.
        settings: all but the steps. source: what to learn from. out: the run's folder, a new one.

    Returns:
        The model with averaged weights, in evaluation mode.
    """
    each = seconds_per_step(settings, source, out / "trial")
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    steps = steps_that_fit(each, deadline - time.monotonic())
    settings = replace(settings, steps=steps, save_every=steps, warmup=min(settings.warmup, steps // 10))
    run = Run(settings, source, out)

    def look_at_the_clock(step: int, losses: dict[str, float]) -> None:
        if step < steps and time.monotonic() > deadline:
            signal.raise_signal(signal.SIGTERM)  # the polite way to stop a run: it ends its step and saves

    try:
        return run.train(progress=False, on_step=look_at_the_clock)
    except KeyboardInterrupt:
        return run.average.model
