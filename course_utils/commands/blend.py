"""`course blend`."""

from pathlib import Path

import click


@click.command()
@click.argument("one", type=click.Path(path_type=Path))
@click.argument("other", type=click.Path(path_type=Path))
@click.option("--share", default=0.5, show_default=True, help="Share of OTHER in the mean, 0 to 1.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write.")
def blend(one: Path, other: Path, share: float, out: Path) -> None:
    """Average the weights of two trained models, as a rule of a run and of one that went on from it.

    Which share is best, `course evaluate` says on validation photos.
    """
    from course_utils.mask_rcnn.blend import blend
    from course_utils.training.checkpoint import whole

    with whole(out) as beside:
        blend(one, other, share, beside)
    click.echo(f"{out}: {1 - share:.0%} of {one}, {share:.0%} of {other}")
