"""`course check`: run the self-check of your own notebooks."""

from pathlib import Path

import click

from course_utils.paths import repo_root


@click.command()
@click.argument("notebooks", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--language", "code", default="en", show_default=True, help="Of all lessons, if none is given: en, or id."
)
def check(notebooks: tuple[Path, ...], code: str) -> None:
    """Check NOTEBOOKS (files or folders; all lessons if none is given): what is right, what is open.

    This is plain nbval, in its lax mode, over the notebooks as they are, so it believes what they say; grading is done
    by `course grade`. Lines that begin with "grading:" say what it would leave to a person. A cell may take 300 s.
    Of each notebook it speaks in the language of that notebook.
    """
    from course_utils.classroom.grading.released import load_course
    from course_utils.classroom.grading.self_check import check_notebook
    from course_utils.classroom.navigation import START
    from course_utils.errors import CourseError
    from course_utils.translation.current import speaking
    from course_utils.translation.language import Language, language_of
    from course_utils.translation.say import _

    places = notebooks or (Language(code).folder(repo_root() / "notebooks"),)
    for place in places:
        if not place.exists():
            raise CourseError(f"{place}: no such file or folder")
    found = (path for place in places for path in ([place] if place.is_file() else sorted(place.glob("*.ipynb"))))
    paths = [path for path in found if path.name != START]  # the front page asks nothing
    if not paths:
        raise CourseError(f"{places[0]}: no notebooks here")
    done, course = True, load_course(_lessons_named(paths))
    for path in paths:
        with speaking(language_of(path)):
            click.echo(_("{name}: running ...").format(name=path.stem), err=True)
            try:
                result = check_notebook(path, course)
            except CourseError as error:  # one broken file must not keep the others from being checked
                click.echo(f"course: {error}", err=True)
                done = False
                continue
            click.echo(result)
            done &= result.is_done
    raise SystemExit(0 if done else 1)


def _lessons_named(paths: list[Path]) -> tuple[str, ...]:
    """The lessons that the files are named after; none, which stands for all, if one has another name."""
    known = {source.stem for source in (repo_root() / "solutions").glob("[0-9][0-9]_*.py")}
    stems = [path.stem for path in paths]
    return tuple(stems) if known.issuperset(stems) else ()
