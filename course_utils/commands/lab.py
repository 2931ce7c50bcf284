"""`course lab`."""

import os
import sys

import click

from course_utils.errors import CourseError
from course_utils.paths import repo_root

FIRST = "01_what_is_segmentation.ipynb"
# A course must not be greeted by questions about news and updates, and must open without a network.
_QUIET = (
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(arguments: tuple[str, ...]) -> None:
    """Open JupyterLab on the first lesson; ARGUMENTS go to JupyterLab, such as --no-browser or --port 9999."""
    notebooks = repo_root() / "notebooks"
    if not (notebooks / FIRST).exists():
        raise CourseError(f"{notebooks / FIRST} is missing; make it with: course build")
    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={notebooks}"]
    command += [f"--LabApp.default_url=/lab/tree/{FIRST}", *_QUIET]
    # Containers run as root, where Jupyter would otherwise refuse.
    command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    os.execv(sys.executable, [*command, *arguments])
