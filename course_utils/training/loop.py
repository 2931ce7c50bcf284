"""The training loop: one process or several, stopped and resumed anywhere, always to the same weights."""

import contextlib
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel
from tqdm import tqdm

from course_utils.errors import CourseError
from course_utils.mask_rcnn.model import MaskRCNN
from course_utils.mask_rcnn.profiles import build
from course_utils.mask_rcnn.shipped import save_model, take_weights
from course_utils.mask_rcnn.weights import load_published
from course_utils.training import checkpoint
from course_utils.training.evaluation import evaluate
from course_utils.training.machine import (
    computes_bf16,
    pick_device,
    rank_and_processes,
    stop_politely,
    to_device,
    what_to_expect,
)
from course_utils.training.samples import Source
from course_utils.training.schedule import Average, learning_rate, make_optimiser
from course_utils.training.settings import TrainSettings
from course_utils.training.stream import Batch, Stream, batches, make_loader

STEPS_TO_TELL = 6
"""After so many steps a run says what to expect."""
MAY_CHANGE = ("workers", "save_every", "evaluate_every")
"""Settings that a resumed run may change: they do not touch the weights."""


class Run:
    """A training run and its folder: ``settings.json``, ``checkpoint.pt``, ``log.csv``, ``evaluation.csv``,
    ``weights.safetensors`` (the averaged weights, float16, see `course_utils.mask_rcnn.shipped`).
    """

    def __init__(self, settings: TrainSettings, source: Source, out: Path, model: MaskRCNN | None = None):
        """Begin, or go on where ``out`` was left.

        Args:
            settings: see there.
            source: what to learn from.
            out: the run's folder.
            model: to train instead of the profile's fresh one.

        Raises:
            CourseError: the folder holds a run of other settings, or its checkpoint cannot be read. Or several
                processes do not see the same folder.
        """
        if not len(source):
            of = f' of the scenario "{settings.scenario}"' if settings.scenario else ""
            raise CourseError(f"there is no photo{of} to learn from")
        self.settings, self.source, self.out = settings, source, out
        self.rank, self.processes = rank_and_processes()
        if settings.batch % (settings.accumulate * self.processes):
            parts = f"{self.processes} processes x {settings.accumulate} parts"
            raise CourseError(f"a batch of {settings.batch} cannot be split over {parts}")
        self.device = pick_device()
        torch.manual_seed(settings.seed)
        model = model or fresh_model(settings, len(source.classes) + 1)
        self.frozen = freeze(model, settings.frozen)
        self.bf16 = settings.bf16 and computes_bf16(self.device)
        # The order in memory that each kind of arithmetic is quickest with.
        layout = torch.channels_last if self.bf16 or self.device.type == "cuda" else torch.contiguous_format
        self.model = model.to(self.device).to(memory_format=layout)
        self.optimiser = make_optimiser(self.model, settings)
        self.average = Average(self.model, settings.average)
        self.step = 0
        self.resume()
        self.judged = str(self.step) in (row.get("step") for row in checkpoint.read_log(out / "evaluation.csv"))
        self.agree()
        if self.rank == 0:
            checkpoint.write_json(out / "settings.json", asdict(settings) | {"classes": list(source.classes)})
            self.log = checkpoint.Log(out / "log.csv", self.step)
            self.scores = checkpoint.Log(out / "evaluation.csv", self.step)

    def resume(self) -> None:
        """Take over the state of the folder's checkpoint, if it has one."""
        path = self.out / "checkpoint.pt"
        if not path.exists():
            return
        state = checkpoint.load_state(path)
        mine = asdict(self.settings) | {"classes": list(self.source.classes)}
        try:
            # A run of an earlier version does not know the newest settings, and did as their defaults say.
            was = (
                asdict(TrainSettings(state["settings"]["profile"])) | state["settings"] | {"classes": state["classes"]}
            )
            other = [f"{k} {was.get(k)!r}" for k in mine if k not in MAY_CHANGE and was.get(k) != mine[k]]
            if other:
                raise CourseError(f"{path}: was trained with {', '.join(other)}; use those settings or another folder")
            if (photos := state.get("photos", len(self.source))) != len(self.source):
                raise CourseError(
                    f"{path}: was trained on {photos} photos, and there are {len(self.source)} now; give it those, "
                    f"or start from its weights in another folder (--start {self.out / 'weights.safetensors'})"
                )
            self.model.load_state_dict(state["model"])
            self.average.model.load_state_dict(state["average"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.step = state["step"]
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            reason = f"{type(error).__name__}: {str(error).splitlines()[0]}"
            raise CourseError(f"{path}: is no checkpoint of this model: {reason}; start in another folder") from error

    def agree(self) -> None:
        """Make sure that all processes go on at the same place: only the first writes, on its own machine."""
        if self.processes == 1:
            return
        places: list[Any] = [None] * self.processes
        distributed.all_gather_object(places, (self.step, self.judged))
        if len(set(places)) > 1:
            steps = ", ".join(str(step) for step, _ in places)
            raise CourseError(
                f"{self.out}: the processes found different states in it, of the steps {steps}; "
                "all processes must see the same --out folder"
            )

    def save(self) -> None:
        """Write the averaged weights and the checkpoint; only the first process does."""
        if self.rank:
            return
        # The checkpoint comes last: a run that is stopped in between goes on before this step and writes both again.
        s = self.settings
        with checkpoint.whole(self.out / "weights.safetensors") as beside:
            save_model(self.average.model, beside, s.profile, s.size, self.source.classes)
        state = {
            "step": self.step,
            "settings": asdict(s),
            "classes": list(self.source.classes),
            "photos": len(self.source),
            "model": self.model.state_dict(),
            "average": self.average.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        checkpoint.save_state(self.out / "checkpoint.pt", state)

    def train(
        self,
        validation: Source | None = None,
        progress: bool = True,
        on_step: Callable[[int, dict[str, float]], None] | None = None,
    ) -> MaskRCNN:
        """Train to the last step and return the model with averaged weights, in evaluation mode.

        Args:
            validation: evaluated on now and then.
            progress: whether to show a bar with the losses, and after a few steps how long it will take.
            on_step: called after each step with its number and its losses, say to draw them.

        Raises:
            CourseError: the loss is no number any more, the disk is full, or a photo or mask is broken; the last good
                checkpoint is kept. Or the validation set has other classes.
            KeyboardInterrupt: stopped by Ctrl-C or SIGTERM, after a checkpoint was written.
        """
        s = self.settings
        if validation and tuple(validation.classes) != tuple(self.source.classes):
            raise CourseError(
                f"the validation set's classes are {', '.join(validation.classes)}, those to learn are "
                f"{', '.join(self.source.classes)}; both files must list the same categories in the same order"
            )
        learner: nn.Module = self.model.train()
        for part in self.frozen:
            # A batch norm in training would go on with its averages.
            part.eval()
        if self.processes > 1:
            learner = DistributedDataParallel(self.model)
        loader = batches(make_loader(Stream(self.source, s), self.step, self.rank, self.processes))
        bar = tqdm(
            total=s.steps, initial=self.step, unit="step", disable=(None if progress else True) or self.rank > 0 or None
        )
        with bar, stop_politely() as stopped:
            if validation and self.step and self.due() and not self.judged:
                # A kill came between the checkpoint and its evaluation.
                self.judge(validation, progress)
            seconds: list[float] = []
            while self.step < s.steps:
                start = time.perf_counter()
                losses = self.one_step(learner, loader)
                self.step += 1
                seconds.append(time.perf_counter() - start)
                self.note(losses, seconds[-1], bar)
                if progress and self.rank == 0 and len(seconds) == STEPS_TO_TELL:
                    tqdm.write(what_to_expect(seconds, s.steps - self.step, self.device, self.bf16))
                if on_step:
                    on_step(self.step, losses)
                last = self.step == s.steps
                if last or stopped or self.step % s.save_every == 0:
                    self.save()
                if stopped and not last:
                    raise KeyboardInterrupt
                if validation and self.due():
                    self.judge(validation, progress)
        return self.average.model

    def due(self) -> bool:
        """Whether the settings ask for an evaluation after this step."""
        s = self.settings
        return self.step == s.steps or (s.evaluate_every > 0 and self.step % s.evaluate_every == 0)

    def one_step(self, learner: nn.Module, loader: Iterator[Batch]) -> dict[str, float]:
        """Forward, backward and one move of the optimiser; the mean losses over all processes."""
        s = self.settings
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.step, s)
        self.optimiser.zero_grad(set_to_none=True)
        sums = torch.zeros(len(self.model.loss_names), device=self.device)
        for j in range(s.accumulate):
            images, targets = to_device(next(loader), self.device)
            # The choice of anchors and RoIs depends on the step and the part alone, so a resumed run makes the same.
            torch.manual_seed(hash((s.seed, self.step, self.rank * s.accumulate + j)))
            final = j == s.accumulate - 1
            wait = (
                contextlib.nullcontext()
                if final or not isinstance(learner, DistributedDataParallel)
                else learner.no_sync()
            )
            with wait:
                with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
                    losses = learner(images, targets)
                values = torch.stack(list(losses.values()))
                (values.sum() / s.accumulate).backward()
            sums += values.detach() / s.accumulate
        if self.processes > 1:
            distributed.all_reduce(sums)
            sums /= self.processes
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), s.clip)
        found = dict(zip(self.model.loss_names, sums.tolist(), strict=True))
        if not all(map(math.isfinite, [*found.values(), norm.item()])):
            wrong = [name for name, value in found.items() if not math.isfinite(value)] or ["the gradient"]
            raise CourseError(
                f"step {self.step + 1}: {', '.join(wrong)} is not a number; "
                f"the last good checkpoint in {self.out} is kept; try a lower learning rate or without bf16"
            )
        self.optimiser.step()
        self.average.update(self.model, self.step)
        return found

    def note(self, losses: dict[str, float], seconds: float, bar: tqdm) -> None:
        """A row in the log, a movement of the bar."""
        if self.rank:
            return
        total = sum(losses.values())
        row = {"step": self.step, "learning_rate": f"{learning_rate(self.step - 1, self.settings):.3g}"}
        row |= {name: f"{value:.4f}" for name, value in losses.items()} | {"loss": f"{total:.4f}"}
        self.log.append(row | {"seconds": f"{seconds:.3f}"})
        bar.update()
        shown = {name.removeprefix("loss_"): f"{value:.2f}" for name, value in losses.items()}
        bar.set_postfix({"loss": f"{total:.2f}"} | shown, refresh=False)

    def judge(self, validation: Source, progress: bool) -> None:
        """A row in the log of evaluations; the other processes wait."""
        if self.rank == 0:
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
                scores = evaluate(self.average.model, validation, self.settings.truth, progress=progress)
            self.scores.append({"step": self.step} | {name: f"{value:.4f}" for name, value in scores.items()})
            tqdm.write(f"step {self.step}: " + "  ".join(f"{name} {value:.3f}" for name, value in scores.items()))
        if self.processes > 1:
            distributed.barrier()


def fresh_model(settings: TrainSettings, classes: int) -> MaskRCNN:
    """The profile's model: random, with a published backbone, or as an earlier run left it."""
    model = build(settings.profile, classes, settings.size, settings.visible)
    if settings.start:
        take_weights(model, Path(settings.start))
    if settings.pretrained:
        load_published(model, settings.profile)
    return model


def freeze(model: MaskRCNN, names: str) -> list[nn.Module]:
    """Parts of a model that are not to learn, by their names with commas between them; they are marked so.

    Raises:
        CourseError: the model has no such part, or nothing is left to learn.
    """
    parts = dict(model.named_modules())
    chosen = [name.strip() for name in names.split(",") if name.strip()]
    for name in chosen:
        if name not in parts:
            near = ", ".join(part for part in parts if 0 < part.count(".") < 2)
            raise CourseError(f"frozen: the model has no part {name}; there are, say, {near}")
        parts[name].requires_grad_(False)
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise CourseError(f"frozen is {names}; that leaves nothing to learn")
    return [parts[name] for name in chosen]
