"""The machine that a run is on: its processes, its device and arithmetic, its signals, and how long it will take."""

import contextlib
import os
import signal
import statistics
from collections.abc import Iterator
from datetime import timedelta

import torch
from torch import Tensor, distributed

from course_utils.training.stream import Batch


def what_to_expect(seconds: list[float], left: int, device: torch.device, bf16: bool) -> str:
    """How long the rest of a run will take, from the seconds of its first steps, in a sentence.

    ``left``: steps to go. The first step is left out, since much is prepared in it.
    """
    step = statistics.median(seconds[1:])
    hours, minutes = divmod(round(step * left / 60), 60)
    time_left = f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else "less than a minute"
    numbers = "bfloat16" if bf16 else "float32"
    if not bf16 and not computes_bf16(device):
        numbers += ", for this machine has no bfloat16, with which a step takes about a third"
    return f"{step:.2g} s a step, in {numbers}; {left} steps to go: {time_left}, without evaluations"


def rank_and_processes() -> tuple[int, int]:
    """Number of this process and of all; more than one under ``torchrun``."""
    if "RANK" not in os.environ:
        return 0, 1
    if not distributed.is_initialized():
        # The others wait while the first evaluates, for longer than the half hour, or ten minutes, of torch's own.
        # Of a process that dies they hear at once from torchrun.
        backend = "nccl" if torch.cuda.is_available() else "gloo"
        distributed.init_process_group(backend, timeout=timedelta(days=1))
    return distributed.get_rank(), distributed.get_world_size()


def pick_device() -> torch.device:
    """This process's GPU, else the CPU."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", 0)))
    return torch.device("cuda", torch.cuda.current_device())


def computes_bf16(device: torch.device) -> bool:
    """Whether a device has instructions for bfloat16; a processor without them needs ten times as long for it."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    can = torch.cpu.get_capabilities()
    return any(can.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))


def to_device(batch: Batch, device: torch.device) -> Batch:
    """Images and targets moved to a device."""
    images, targets = batch

    def moved(tensor: Tensor) -> Tensor:
        return tensor.to(device, non_blocking=True)

    return [moved(i) for i in images], [{k: moved(v) for k, v in t.items()} for t in targets]


@contextlib.contextmanager
def stop_politely() -> Iterator[list[int]]:
    """A list that fills when Ctrl-C or SIGTERM asks to stop; a second time they act at once."""
    asked: list[int] = []

    def note(number: int, frame: object) -> None:
        asked.append(number)
        signal.signal(number, signal.default_int_handler)

    try:
        before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:
        # Not the main thread, as in some notebooks: signals then act as they do there.
        yield asked
        return
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
