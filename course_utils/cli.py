"""The `course` command: each subcommand is imported only when it is called."""

import importlib
import sys
from typing import Any

import click

from course_utils.errors import CourseError

COMMANDS = {
    "lab": "open JupyterLab on the first lesson",
    "build": "turn the sources in solutions/ into the two editions of each lesson",
    "check": "run the self-check of your own notebooks",
    "progress": "count what is your own code by now, lesson by lesson",
    "grade": "grade a class of submissions",
    "train": "train a Mask R-CNN, the course's own or one on your data",
    "evaluate": "precision, recall and F1 of a trained model",
    "blend": "average the weights of two trainings",
    "predict": "outline the objects on photos of your own",
    "translate": "look after the course's editions in other languages",
    "demo": "open a page that counts the kilocalories on a plate",
    "data": "check, import, export and render data sets",
    "doctor": "look for what is missing or broken in this installation",
}


class LazyGroup(click.Group):
    """A group that imports `course_utils.commands.<name>` when <name> is asked for: `course --help` is instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all subcommands, in the order of a learner's day."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The subcommand of that name, or None."""
        if name not in COMMANDS:
            return None
        return getattr(importlib.import_module(f"course_utils.commands.{name}"), name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand; a Ctrl-C that it does not answer in its own words becomes one line and exit code 130."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("\ncourse: stopped; what was finished is kept, and no file is half-written", err=True)
            ctx.exit(130)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup)
def cli() -> None:
    """From Pixels to Calories: the course's own commands."""


def main() -> None:
    """Run the command line; a CourseError becomes one line and exit code 2."""
    try:
        cli(standalone_mode=True)
    except CourseError as error:
        click.echo(f"course: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
