"""`course data example`."""

from pathlib import Path

import click

from course_utils.errors import CourseError


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to draw into.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
def example(out: Path, seed: int) -> None:
    """Draw a small set to practise on: a few dozen photos of leaves of three kinds, with exact amodal masks."""
    from course_utils.dataset.leaves import write_leaves

    try:
        splits = write_leaves(out, seed)
    except OSError as error:
        raise CourseError(f"{out}: cannot be written: {error.strerror or error}") from None
    for split, count in splits.items():
        click.echo(f"{out / 'annotations' / split}.json: {count} photos")
