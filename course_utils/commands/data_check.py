"""`course data check`."""

from pathlib import Path

import click


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--images", type=click.Path(path_type=Path), help="Folder that the file names of photos are relative to.")
def check(path: Path, images: Path | None) -> None:
    """Look for what is wrong in a COCO data set: PATH is an annotation file, or a folder with such files.

    Every problem is one line with the file and the id of the image or annotation. Exit code 1 says that there are some.
    """
    from course_utils.dataset.check import Checker, annotation_files

    problems = 0
    for file in annotation_files(path):
        checker = Checker(file, images)
        found = 0
        for problem in checker.problems():
            click.echo(problem)
            found += 1
        kind = "amodal" if checker.amodal else "visible masks only, amodal ones are missing"
        seen = f"{checker.images} images, {checker.annotations} annotations"
        click.echo(f"{file}: {seen} ({kind}): {found or 'no'} {'problem' if found == 1 else 'problems'}")
        problems += found
    raise SystemExit(1 if problems else 0)
