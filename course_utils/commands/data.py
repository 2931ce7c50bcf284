"""`course data`: render, check, import and export data sets."""

from pathlib import Path

import click

from course_utils.commands.data_check import check
from course_utils.commands.data_example import example
from course_utils.commands.data_export import export
from course_utils.commands.data_import import import_


@click.group()
def data() -> None:
    """Render, check, import and export data sets."""


data.add_command(check)
data.add_command(import_)
data.add_command(export)
data.add_command(example)


@data.command()
@click.option(
    "--split",
    required=True,
    help="train, val, test_occluded, test_non_occluded, weighing, stream, test_foreign or pairs",
)
@click.option("--count", type=click.IntRange(1), help="Pictures; the split's own number by default.")
@click.option("--seed", type=click.IntRange(0), default=2022, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the data set.")
@click.option("--size", type=click.IntRange(16, 2048), help="Side of the pictures in pixels.")
@click.option("--jobs", default=-1, show_default=True, help="Processes; -1 is one a core.")
def render(split: str, count: int | None, seed: int, out: Path, size: int | None, jobs: int) -> None:
    """Render a split, or what is missing of it.

    Stopped and started again it goes on where it was. On a cluster whose machines share the folder, call `render_split`
    within joblib's own switch (for Ray: ray.util.joblib.register_ray(), then "ray"):

    \b
        from pathlib import Path
        import joblib
        from dask.distributed import Client
        from course_utils.synthetic.engine import render_split
        client = Client("scheduler:8786")
        with joblib.parallel_config("dask"):
            render_split(Path("/shared/data"), "train", 2022, "on a cluster")
    """
    from course_utils.errors import CourseError
    from course_utils.synthetic.variant import insist_on_extra

    insist_on_extra()
    from course_utils.synthetic.engine import SPLITS, render_split

    if jobs == 0:
        raise CourseError("--jobs 0 would render nothing; give a number of processes, or -1 for one a core")
    if split not in SPLITS:
        raise CourseError(f"there is no split {split!r}; there are: {', '.join(SPLITS)}")
    options = "".join(f" --{name} {value}" for name, value in (("count", count), ("size", size)) if value)
    command = f"course data render --split {split} --seed {seed}{options} --out data"
    click.echo(render_split(out, split, seed, command, count, jobs, size))
