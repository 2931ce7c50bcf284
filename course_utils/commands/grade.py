"""`course grade`: grade a class of submissions."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from course_utils.errors import CourseError

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("submissions", nargs=-1, required=True, type=_PATH)
@click.option("--out", required=True, type=_PATH, help="Folder for the reports; a run that was stopped goes on there.")
@click.option("--lesson", "lessons", multiple=True, metavar="NN", help="Grade only this lesson; may be repeated.")
@click.option("--exercises", type=_PATH, help="Folder of lessons of your own, graded instead of the course's.")
@click.option("--roster", type=_PATH, help="Who is in the class: a CSV with a column `learner`, and others (README).")
@click.option("--override", type=_PATH, help="Points from your reviews: the filled-in reviews.csv of an earlier run.")
@click.option("--due", metavar="WHEN", help="What comes after 2026-05-01T23:59 is marked as late.")
@click.option("--late-percent", type=click.IntRange(0, 100), default=100, help="Late points count so much.")
@click.option("--seed", type=click.IntRange(min=0), help="Of the cases; kept in --out, drawn anew for a new folder.")
@click.option("--jobs", type=click.IntRange(min=1), help="Learners graded at a time; one a processor unless given.")
@click.option(
    "--dask", metavar="ADDRESS", help="Scheduler of a Dask cluster that shares all folders with this machine."
)
@click.option("--sandbox", type=click.Choice(["bubblewrap", "docker", "podman"]), help="Unless given: bubblewrap.")
@click.option("--no-sandbox", is_flag=True, help="Run learners' code on this machine as if it were your own.")
def grade(
    submissions: tuple[Path, ...],
    out: Path,
    lessons: tuple[str, ...],
    exercises: Path | None,
    jobs: int | None,
    dask: str | None,
    **options: Any,
) -> None:
    """Grade SUBMISSIONS: notebooks, zip archives, learners' folders, or folders of learners' files or folders.

    Only the answers are taken from a submission. They run in a sandbox that holds nothing of what is right, each in a
    process of its own; their results are compared out here.
    """
    import joblib

    from course_utils.classroom.grading import reports, whole_class
    from course_utils.classroom.grading.choice import choose_fence
    from course_utils.classroom.grading.evening import Evening
    from course_utils.classroom.grading.learners import find_learners
    from course_utils.classroom.grading.released import load_course, probes_of
    from course_utils.classroom.grading.submission import Grader
    from course_utils.dataset.findings import counted

    evening = Evening(out, options["roster"], options["override"], options["due"], options["late_percent"] / 100)
    course = tuple(load_course(lessons, exercises))
    handed_in = find_learners(submissions)
    learners = evening.everyone(handed_in.learners)
    click.echo(f"{counted(len(learners), 'learner')} ({handed_in.understood})")
    for stray in handed_in.strays:
        click.echo(f"not graded: {stray}")
    reports.prepare_folder(out)
    fence = choose_fence(options["sandbox"], options["no_sandbox"], probes_of(course))
    grader = Grader(
        course, whole_class.seed_of(out, options["seed"]), fence, partial=bool(lessons or exercises), own=exercises
    )
    names = [lesson.name for lesson in course]
    results = {}
    try:
        with _cluster(dask) if dask else nullcontext():
            jobs = min(jobs or joblib.cpu_count(only_physical_cores=False), len(learners)) if not dask else 2
            for result in whole_class.grade_class(
                learners, grader, jobs, out, whole_class.course_key(names, exercises)
            ):
                results[result.learner] = result
    except KeyboardInterrupt:
        whole_class.end_workers()
        told = f"{len(results)} of {counted(len(learners), 'learner')} graded; the same command goes on from there"
        click.echo(f"course: stopped; {told}", err=True)
        raise SystemExit(130) from None
    except OSError as error:
        raise CourseError(f"{error.filename or out}: {error.strerror or error}") from error
    finished = evening.finish([results[learner.name] for learner in learners], keep_all=bool(lessons))
    reports.write_reports(finished, evening.people, evening.facts(handed_in, fence, grader.seed), out)
    _tell(finished, evening, out)


def _cluster(address: str) -> Any:
    """joblib's work handed to the workers of a Dask cluster."""
    import joblib

    try:
        from dask.distributed import Client
    except ImportError:
        raise CourseError('--dask needs: pip install "dask[distributed]"') from None
    try:
        client = Client(address, timeout=20)
    except (OSError, ValueError, TimeoutError) as error:
        raise CourseError(f"--dask {address}: no scheduler answers ({type(error).__name__})") from None
    return joblib.parallel_config("dask", client=client, wait_for_workers_timeout=30)


def _tell(results: list, evening: Any, out: Path) -> None:
    """The class's table, what is left to do, and 1 for the shell where something could not be read."""
    from course_utils.classroom.grading.tables import scores_csv

    click.echo(scores_csv(results, evening.people), nl=False)
    to_review = sum(result.to_review for result in results)
    if to_review:
        click.echo(f"{to_review} {'thing needs' if to_review == 1 else 'things need'} review: see {out / 'summary.md'}")
    click.echo(f"Reports: {out}")
    if not any(lesson.source for result in results for lesson in result.lessons):
        raise CourseError("none of what was handed in answers a released lesson; lessons are told by their exercises")
    if any(result.problems for result in results):
        raise SystemExit(1)
