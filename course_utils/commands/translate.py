"""`course translate`: the catalogues of the other languages."""

from collections.abc import Iterable
from pathlib import Path

import click

from course_utils.errors import CourseError
from course_utils.paths import repo_root


@click.command()
@click.option("--language", default="id", show_default=True, help="Code of the language, such as id.")
@click.option("--update", is_flag=True, help="Bring its catalogues in step with the sources first.")
def translate(language: str, update: bool) -> None:
    """Say what a translation of the course lacks: missing, stale and obsolete entries, each with file and line."""
    from course_utils.translation.catalogue import LOCALE, problems
    from course_utils.translation.sources import domains

    catalogues = {LOCALE / language / f"{domain}.po": entries for domain, entries in domains(repo_root()).items()}
    if update:
        for path, entries in catalogues.items():
            _update(path, entries)
    found = [line for path, entries in catalogues.items() for line in problems(path, entries)]
    if found:
        click.echo("\n".join(found))
        raise CourseError(f"{language}: {len(found)} entries to look at")
    click.echo(f"{language}: every entry of {len(catalogues)} catalogues is translated")


def _update(path: Path, entries: Iterable) -> None:
    """Bring one catalogue in step, and list what changed in it."""
    from course_utils.translation.catalogue import refresh

    changes = refresh(path, entries)
    for kind, words in (("new", changes.new), ("changed", changes.stale), ("gone", changes.gone)):
        for each in words:
            click.echo(f"{path.name}: {kind}: {each[:90]}")
