"""`course build`."""

import click
from joblib import Parallel, delayed
from tqdm import tqdm

from course_utils.errors import CourseError
from course_utils.paths import repo_root


@click.command()
@click.argument("lessons", nargs=-1)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail when an edition is out of date.")
@click.option("--jobs", default=1, show_default=True, help="Lessons to run at the same time.")
def build(lessons: tuple[str, ...], only_check: bool, jobs: int) -> None:
    """Turn the sources in solutions/ into the two editions of each lesson; all LESSONS, or those named (01, 10)."""
    from course_utils.classroom.build import drift, find_sources, load_lesson

    loaded = [load_lesson(source) for source in find_sources(repo_root(), lessons)]
    if only_check:
        reasons = [reason for lesson in loaded if (reason := drift(lesson))]
        if reasons:
            raise CourseError("; ".join(reasons) + "; run: course build")
        click.echo(f"{len(loaded)} lessons: both editions of each are up to date")
        return
    results = Parallel(n_jobs=jobs, return_as="generator")(delayed(_try)(lesson) for lesson in loaded)
    failures = []
    with tqdm(loaded, unit="lesson", disable=None) as bar:
        for lesson, (built, problem) in zip(loaded, results, strict=True):
            bar.update()
            bar.write(f"{lesson.source.stem}: {problem or ('built' if built else 'up to date')}")
            failures += [problem] if problem else []
    if failures:
        raise CourseError(f"{len(failures)} of {len(loaded)} lessons could not be built")


def _try(lesson) -> tuple[bool, str]:
    """Build one lesson; an error of one must not keep the others from being built."""
    from course_utils.classroom.build import build as build_lesson

    try:
        return build_lesson(lesson), ""
    except CourseError as error:
        return False, str(error)
