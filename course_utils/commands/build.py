"""`course build`."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor
from tqdm import tqdm

from course_utils.errors import CourseError
from course_utils.paths import repo_root


@click.command()
@click.argument("lessons", nargs=-1)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail when an edition is out of date.")
@click.option(
    "--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Lessons to run at the same time."
)
@click.option("--language", help="Make the solved editions in this language instead, in build/, for the website.")
@click.option("--exercises", type=click.Path(path_type=Path), help="Write the notebooks of your own lessons instead.")
def build(lessons: tuple[str, ...], only_check: bool, jobs: int, language: str | None, exercises: Path | None) -> None:
    """Turn the sources in solutions/ into the two editions of each lesson; all LESSONS, or those named (01, 10)."""
    if exercises:
        from course_utils.classroom.grading.own_lessons import write_learner_editions

        click.echo("\n".join(f"written: {path}" for path in write_learner_editions(exercises)))
        return
    from course_utils.classroom import build as builder
    from course_utils.translation.language import ENGLISH, Language, languages

    loaded = [builder.load_lesson(source) for source in builder.find_sources(repo_root(), lessons)]
    spoken = [ENGLISH, *map(Language, languages())]
    if only_check:
        reasons = [builder.drift(lesson) or builder.translation_drift(lesson) for lesson in loaded]
        reasons += [builder.front_drift(repo_root(), each) for each in spoken]
        if any(reasons):
            raise CourseError("; ".join(filter(None, reasons)) + "; run: course build")
        click.echo(f"{len(loaded)} lessons: all editions of each are up to date")
        return
    if language is None:
        builder.build_front(repo_root())
    make = partial(builder.build_solved, language=Language(language)) if language else builder.build
    try:
        failures = _build_all(loaded, make, jobs)
    except KeyboardInterrupt:
        get_reusable_executor().shutdown(kill_workers=True)  # the workers' kernels die with them
        raise
    if language is None:
        for each in spoken:  # last, so that a fault in a catalogue or a glossary keeps no lesson from being built
            builder.build_front(repo_root(), each)
    if failures:
        raise CourseError(f"{failures} of {len(loaded)} lessons could not be built")


def _build_all(lessons: list, make: Callable[..., bool], jobs: int) -> int:
    """Build under a progress bar and say what became of each; how many could not be built."""
    results = Parallel(n_jobs=jobs, return_as="generator")(delayed(_try)(make, lesson) for lesson in lessons)
    failures = 0
    with tqdm(lessons, unit="lesson", disable=None) as bar:
        for lesson, (built, problem) in zip(lessons, results, strict=True):
            bar.update()
            bar.write(f"{lesson.source.stem}: {problem or ('built' if built else 'up to date')}")
            failures += bool(problem)
    return failures


def _try(make: Callable[..., bool], lesson) -> tuple[bool, str]:
    """Build one lesson; an error of one must not keep the others from being built."""
    try:
        return make(lesson), ""
    except CourseError as error:
        return False, str(error)
