"""`course data import`."""

import json
from pathlib import Path

import click

from course_utils.errors import CourseError
from course_utils.files import replacing


@click.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--format", "name", required=True, help="cocoa, kins-2019, kins-2020 or coco (visible masks only).")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file to write.")
@click.option("--leave-out", is_flag=True, help="Write what is sound although something is not.")
def import_(path: Path, name: str, out: Path, leave_out: bool) -> None:
    """Turn an annotation file of another format into the course's own COCO.

    Every fault is one line with the file and the id; as long as there are any, nothing is written unless --leave-out
    is given. Photos stay where they are; `course data check` looks at them, too.
    """
    from course_utils.dataset.importers import FORMATS

    if name not in FORMATS:
        raise CourseError(f"there is no format {name!r}; there are: {', '.join(FORMATS)}")
    imported = FORMATS[name](path)
    for line in [*imported.faults, *(f"{path}: {note}" for note in imported.notes)]:
        click.echo(line)
    if imported.faults and not leave_out:
        click.echo(f"{path}: {len(imported.faults)} faults, nothing was written; mend them, or go on with --leave-out")
        raise SystemExit(1)
    if out.resolve() == path.resolve():
        raise CourseError(f"{out}: is the file to read; write to another one")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with replacing(out) as beside:
            beside.write_text(json.dumps(imported.coco, separators=(",", ":")) + "\n", encoding="utf-8")
    except OSError as error:
        raise CourseError(f"{out}: cannot be written: {error.strerror}") from None
    images, annotations = len(imported.coco["images"]), len(imported.coco["annotations"])
    click.echo(f"{out}: {images} images, {annotations} annotations; {len(imported.faults)} faults left out")
