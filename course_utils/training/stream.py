"""The stream of training images: image number k is the same whoever prepares it, so a run can go on anywhere."""

import os
import signal
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from course_utils.errors import CourseError
from course_utils.training.augmentation import paste_pieces, recolour, to_target, warp
from course_utils.training.samples import Sample, Source
from course_utils.training.settings import TrainSettings

Image = tuple[Tensor, dict[str, Tensor]]
Batch = tuple[list[Tensor], list[dict[str, Tensor]]]


class Stream(Dataset):
    """Image number k of a run, augmented: each pass over the data set has an order of its own.

    All random choices for number k come from (seed, k) alone, not from what was drawn before.
    """

    def __init__(self, source: Source, settings: TrainSettings):
        """``source``: the data set."""
        self.source, self.settings = source, settings

    def __len__(self) -> int:
        """Images of the whole run."""
        return self.settings.steps * self.settings.batch

    def __getitem__(self, k: int) -> Image:
        """Image ``(3, H, W)`` and target of number k."""
        s, count = self.settings, len(self.source)
        order = np.random.default_rng((s.seed, 0, k // count)).permutation(count)
        rng = np.random.default_rng((s.seed, 1, k))
        sample = self.sample(int(order[k % count]))
        if rng.random() < s.copy_paste:
            sample = paste_pieces(sample, self.sample(int(rng.integers(count))), rng)
        if s.augment:
            sample = warp(sample, rng)
            sample.image = recolour(sample.image, rng)
        return sample.image, to_target(sample, s.truth)

    def sample(self, index: int) -> Sample:
        """A sample of the source at the size of training."""
        return self.source[int(index)].resized(self.settings.size)


def part_of_step(step: int, part: int, parts: int, batch: int) -> range:
    """Numbers of the images in one of the equal parts of a step's batch."""
    share = batch // parts
    return range(step * batch + part * share, step * batch + (part + 1) * share)


def make_loader(stream: Stream, first_step: int, rank: int, processes: int) -> DataLoader:
    """The parts of all steps from ``first_step`` on that fall to one of several processes, one after the other."""
    s = stream.settings
    parts = s.accumulate * processes
    mine = [
        list(part_of_step(step, rank * s.accumulate + j, parts, s.batch))
        for step in range(first_step, s.steps)
        for j in range(s.accumulate)
    ]
    return DataLoader(
        stream, batch_sampler=mine, collate_fn=together, num_workers=s.workers, worker_init_fn=begin_worker
    )


def batches(loader: DataLoader) -> Iterator[Batch]:
    """All that a loader gives.

    Raises:
        CourseError: a photo or a mask is broken; one line, whoever read it.
    """
    try:
        yield from loader
    except CourseError as error:
        # torch hands on the error of a worker as text: a whole traceback, in whose last line the error has its say.
        last = str(error).splitlines()[-1]
        raise CourseError(last.removeprefix(f"{CourseError.__module__}.{CourseError.__name__}: ")) from error


def together(items: list[Image]) -> Batch:
    """Images and targets as two lists, as the model takes them."""
    images, targets = zip(*items, strict=True)
    return list(images), list(targets)


def begin_worker(worker: int) -> None:
    """What a worker does first: it keeps to one core, and leaves it to the training process when to stop."""
    # Processes that share the cores must not each use all of them.
    torch.set_num_threads(1)
    # Ctrl-C, and torchrun's SIGTERM, go to a whole group of processes. Without its workers the training process could
    # not finish its step. To ignore SIGTERM would be too much: with it the training process ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "setpgrp"):
        os.setpgrp()
