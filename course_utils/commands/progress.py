"""`course progress`."""

from pathlib import Path

import click

from course_utils.errors import CourseError
from course_utils.paths import repo_root


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=None, required=False)
@click.option("--language", "code", default="en", show_default=True, help="Of the notebooks in notebooks/: en, or id.")
def progress(folder: Path | None, code: str) -> None:
    """How much of the course is your own code: checks all answers in your saved notebooks.

    FOLDER holds the notebooks; without it they are those in notebooks/. Their language is spoken.
    """
    from course_utils.exercises.progress import Progress, look
    from course_utils.translation.current import speaking
    from course_utils.translation.language import Language, language_of

    folder = folder or Language(code).folder(repo_root() / "notebooks")
    notebooks = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    if not notebooks:
        raise CourseError(f"{folder}: no notebooks of the course here; name the folder that holds yours")
    lessons = []
    with speaking(language_of(notebooks[0])):
        for lesson in look(folder):
            click.echo(str(lesson))
            lessons.append(lesson)
        click.echo("\n".join(Progress(tuple(lessons)).sums()))
