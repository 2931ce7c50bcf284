"""`course data import`."""

import json
from pathlib import Path
from typing import Any

import click

from course_utils.errors import CourseError
from course_utils.files import replacing


@click.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The COCO file to write.")
@click.option("--format", "name", default="", help="Of PATH; recognised by itself when left out.")
@click.option(
    "--images", type=click.Path(path_type=Path), help="Folder of the photos, if they are not found by themselves."
)
@click.option("--split", default="train", show_default=True, help="Of a YOLO set: train, val or test.")
@click.option("--repair", is_flag=True, help="Mend what programs are known to write wrongly, and say what was mended.")
@click.option("--boxes-as-outlines", is_flag=True, help="Where an object has only a box, take that for its outline.")
@click.option(
    "--leave-out", is_flag=True, help="Write what is sound although something is not; photos of faulty objects go."
)
@click.option("--all", "show_all", is_flag=True, help="A line for each fault, also where many are alike.")
def import_(
    path: Path,
    out: Path,
    name: str,
    images: Path | None,
    split: str,
    repair: bool,
    boxes_as_outlines: bool,
    leave_out: bool,
    show_all: bool,
) -> None:
    """Turn annotations of another format into the course's own COCO.

    PATH is a file of plain COCO, KINS (2019 or 2020), COCOA, COCOA-cls, D2SA or VIA, or a folder of labelme's files or
    a YOLO set. Every fault is named with the file and the id; as long as there are any, nothing is written unless
    --leave-out is given. Photos stay where they are; `course data check` looks at them, too.
    """
    from course_utils.dataset.findings import counted, grouped
    from course_utils.dataset.importers import Source, import_data

    if out.resolve() == path.resolve():
        raise CourseError(f"{out}: is the file to read; write to another one")
    imported = import_data(Source(path, images, split, repair, boxes_as_outlines, leave_out), name)
    faults = imported.faults
    for line in map(str, faults) if show_all else grouped(faults):
        click.echo(f"{path}: error: {line}")
    for note in imported.notes:
        click.echo(f"{path}: {note}")
    if faults and not leave_out:
        for offer in imported.offers:
            click.echo(f"{path}: --repair would mend: {offer}")
        click.echo(
            f"{path}: {counted(len(faults), 'error')}, nothing was written; {ways_on(bool(imported.offers), faults)}"
        )
        raise SystemExit(1)
    write(imported.coco, out)
    photos, objects = len(imported.coco["images"]), len(imported.coco["annotations"])
    left = f"; left out for {counted(len(faults), 'error')}" if faults else ""
    click.echo(f"{out}: {counted(photos, 'photo')}, {counted(objects, 'object')}{left}")


def ways_on(offers: bool, faults: list) -> str:
    """How to go on with a file that has faults."""
    ways = ["--repair mends what it can"] if offers else []
    if any(fault.what.endswith("there is no outline") for fault in faults):
        ways.append("--boxes-as-outlines takes boxes where there is no outline")
    return "; ".join([*ways, "--leave-out goes on without the photos of faulty objects"])


def write(coco: dict[str, Any], out: Path) -> None:
    """Write a COCO file, whole or not at all; CourseError where the disk or the folder refuses."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with replacing(out) as beside:
            beside.write_text(json.dumps(coco, separators=(",", ":")) + "\n", encoding="utf-8")
    except OSError as error:
        raise CourseError(f"{out}: cannot be written: {error.strerror}") from None
