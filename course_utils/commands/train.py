"""`course train`."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from course_utils.errors import CourseError
from course_utils.training.settings import TrainSettings

if TYPE_CHECKING:
    from course_utils.training.samples import CocoFile


def settings_options(command: Callable) -> Callable:
    """A flag for each field of `TrainSettings`, with the field's default and words."""
    for setting in reversed(fields(TrainSettings)):
        flag = "--" + setting.name.replace("_", "-")
        kind = setting.type
        if kind in (bool, bool | None):
            flag, kind = f"{flag}/--no-{flag[2:]}", bool
        help_text = setting.metadata["help"]
        command = click.option(flag, default=setting.default, show_default=True, type=kind, help=help_text)(command)
    return command


def refuse_idle_flags(coco: Path | None, folder: tuple[Path, ...], **others: object) -> None:
    """Raise a CourseError for a flag that would have no effect beside the others."""
    for flag, value in others.items():
        if value and not coco:
            name = f"--{flag.replace('_', '-')}" + ("" if value is True else f" {value}")
            raise CourseError(f"{name}: goes with a COCO file of your own; give that with --data")
    if coco and folder:
        raise CourseError(f"--folder {folder[0]}: cannot be joined with --data {coco}; choose one of them")


def small_objects(source: "CocoFile", settings: TrainSettings) -> list[str]:
    """A line on the objects of which too little can be seen to learn them; CourseError if these are all."""
    from course_utils.training.augmentation import SMALLEST_VISIBLE_AREA, SMALLEST_VISIBLE_SHARE

    small = source.not_learned(settings.size, SMALLEST_VISIBLE_AREA, SMALLEST_VISIBLE_SHARE)
    limits = f"at --size {settings.size} less than {SMALLEST_VISIBLE_AREA} pixels or {SMALLEST_VISIBLE_SHARE:.0%} of"
    if small and small == source.not_learned(settings.size, float("inf"), 1):
        raise CourseError(f"{source.path}: there is nothing to learn: {limits} each object can be seen")
    return [f"{source.path}: {small} objects are not learned: {limits} each can be seen"] if small else []


def split_to_learn(folder: Path) -> str:
    """Name of the split to learn from in a data set like the course's: "train", or the only one that it has.

    Raises:
        CourseError: there are none, or several of other names.
    """
    from course_utils.dataset.split import split_names

    names = split_names(folder / "annotations")
    if "train" in names:
        return "train"
    if len(names) != 1:
        there = ", ".join(names) or "none"
        raise CourseError(f"{folder}: one split to learn from is needed, train.json; there are: {there}")
    return names[0]


@click.command()
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder of the run; an unfinished run goes on."
)
@click.option(
    "--data", "coco", type=click.Path(path_type=Path), help="COCO file to learn from, instead of the course's."
)
@click.option("--validation", type=click.Path(path_type=Path), help="COCO file to evaluate on, when --data is given.")
@click.option(
    "--images", type=click.Path(path_type=Path), help="Folder of the photos; by default found as by `data check`."
)
@click.option("--leave-out", is_flag=True, help="With --data: leave out faulty objects, and with each its photo.")
@click.option("--boxes-as-outlines", is_flag=True, help="With --data: where an object has only a box, learn that.")
@click.option("--folder", multiple=True, type=click.Path(path_type=Path), help="More data sets like the course's.")
@settings_options
def train(
    out: Path,
    coco: Path | None,
    validation: Path | None,
    images: Path | None,
    leave_out: bool,
    boxes_as_outlines: bool,
    folder: tuple[Path, ...],
    **values: Any,
) -> None:
    """Train a Mask R-CNN, by default the course's own on its own plates.

    It begins with weights learnt on ImageNet, which are installed with the course, also on a data set of your own;
    --no-pretrained leaves them out. Photos without any object are learnt from, too: as examples of background.

    Stopped in any way and started again with the same command, it goes on and ends with the same weights. On several
    GPUs, machines or cores: torchrun --nproc-per-node 4 -m -- course_utils.cli train --out DIR
    """
    settings = TrainSettings(**values)
    own: dict[str, Any] = {"leave_out": leave_out, "boxes_as_outlines": boxes_as_outlines}
    refuse_idle_flags(coco, folder, validation=validation, images=images, **own)
    from course_utils.training.loop import Run
    from course_utils.training.samples import CocoFile, Scenes, Source

    source: Source
    judge: Source | None
    if coco:
        source = own_file = CocoFile(coco, images, settings.scenario, **own)
        judge = own_judge = CocoFile(validation, images, **own) if validation else None
        for line in [*own_file.notes, *small_objects(own_file, settings), *(own_judge.notes if own_judge else [])]:
            click.echo(line)
        if settings.visible and not any("visible_segmentation" in each for each in own_file.file.annotations):
            raise CourseError(f"{coco}: no annotation has a visible_segmentation; --visible has nothing to learn from")
    else:
        from course_utils.dataset import load

        scenes = [*load("train"), *(scene for place in folder for scene in load(split_to_learn(place), place))]
        source = Scenes(scenes, settings.scenario)
        judge = Scenes(load("val"))
    run = Run(settings, source, out)
    try:
        run.train(judge)
    except KeyboardInterrupt:
        raise click.Abort from None
    if run.rank == 0:
        click.echo(f"{out / 'weights.safetensors'}: {settings.steps} steps of {settings.batch} images")
