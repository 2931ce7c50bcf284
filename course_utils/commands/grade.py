"""`course grade`: grade a class of submissions."""

from pathlib import Path

import click

from course_utils.errors import CourseError


@click.command()
@click.argument("submissions", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the reports.")
@click.option("--lesson", "lessons", multiple=True, metavar="NN", help="Grade only this lesson; may be repeated.")
@click.option("--seed", type=click.IntRange(min=0), help="Of the hidden cases; drawn anew for each run unless given.")
@click.option("--jobs", type=click.IntRange(min=1), help="Submissions graded at a time; one a processor unless given.")
def grade(
    submissions: tuple[Path, ...], out: Path, lessons: tuple[str, ...], seed: int | None, jobs: int | None
) -> None:
    """Grade SUBMISSIONS: notebooks, learners' folders, or folders of learners' folders.

    Only the answers are taken from a submission. Each is run in a sandbox on fresh cases, and compared outside of it.
    """
    import joblib

    from course_utils.classroom.grading import reports
    from course_utils.classroom.grading.released import load_course
    from course_utils.classroom.grading.submission import find_learners
    from course_utils.classroom.grading.whole_class import grade_class, new_seed

    course = load_course(lessons=lessons)
    learners = find_learners(submissions)
    reports.prepare_folder(out)
    seed = new_seed() if seed is None else seed
    try:
        results = grade_class(learners, course, seed, jobs or joblib.cpu_count(only_physical_cores=False))
        if not results:
            raise CourseError(
                "none of these notebooks answers a released lesson; they are told by file name or cell ids"
            )
        reports.write_reports(results, seed, out)
    except KeyboardInterrupt:
        click.echo("course: stopped; no report was written, earlier ones are untouched", err=True)
        raise SystemExit(130) from None
    click.echo(reports.scores_csv(results), nl=False)
    to_review = sum(result.to_review for result in results)
    if to_review:
        click.echo(
            f"{to_review} {'answer needs' if to_review == 1 else 'answers need'} review: see {out / 'summary.md'}"
        )
    click.echo(f"Reports: {out}")
