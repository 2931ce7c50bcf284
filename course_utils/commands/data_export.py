"""`course data export`."""

from pathlib import Path

import click

from course_utils.errors import CourseError


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--format", "name", required=True, help="coco, kins-2019, cocoa (a file); labelme, yolo (a folder).")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file or folder to write.")
@click.option(
    "--images", type=click.Path(path_type=Path), help="Folder of the photos, if they are not found by themselves."
)
@click.option(
    "--truth",
    type=click.Choice(["amodal", "visible"]),
    help="Which outlines, for formats that hold one an object. For coco and yolo the visible ones by default.",
)
def export(path: Path, name: str, out: Path, images: Path | None, truth: str | None) -> None:
    """Write a COCO file, plain or the course's own, in another format. Back through `course data import`, all masks
    are the same to the pixel; of YOLO's, which only holds shares of the photo, up to the seventh decimal.
    """
    from course_utils.commands.data_import import write
    from course_utils.dataset.annotations import AnnotationFile, outline_findings
    from course_utils.dataset.exporters import FILES, FOLDERS
    from course_utils.dataset.findings import counted

    if name not in FILES | FOLDERS:
        raise CourseError(f"there is no format {name!r} to export to; there are: {', '.join(FILES | FOLDERS)}")
    if out.resolve() == path.resolve():
        raise CourseError(f"{out}: is the file to read; write to another one")
    file = AnnotationFile(path, images)
    file.findings += outline_findings(file)
    file.insist()
    which = truth or ("visible" if name in ("coco", "yolo") else "amodal")
    if name in FILES:
        content, notes = FILES[name](file, which)
        write(content, out)
    else:
        try:
            notes = FOLDERS[name](file, which, out)
        except OSError as error:
            raise CourseError(f"{out}: cannot be written: {error.strerror or error}") from None
    for note in notes:
        click.echo(f"{out}: {note}")
    click.echo(f"{out}: {counted(len(file.images), 'photo')}, {counted(len(file.annotations), 'object')} as {name}")
