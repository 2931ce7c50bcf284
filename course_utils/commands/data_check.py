"""`course data check`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from course_utils.dataset.check import Report


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--images", type=click.Path(path_type=Path), help="Folder of the photos, if they are not found by themselves."
)
@click.option("--all", "show_all", is_flag=True, help="A line for each record, also where many say the same.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON list for programs instead: an entry for each file."
)
def check(path: Path, images: Path | None, show_all: bool, as_json: bool) -> None:
    """Look for what is wrong in a COCO data set: PATH is an annotation file, or a folder with such files.

    An error is what training and evaluation refuse; advice is what they can do with but you should know. Every line
    names the file and the id of the image or annotation. Exit code 1 says that there are errors.
    """
    from course_utils.dataset.check import annotation_files, check_file

    files = annotation_files(path)
    reports = []
    for file in files:
        report = check_file(file, images, beside_others=len(files) > 1)
        reports.append(report)
        if not as_json:
            say(report, show_all)
    if as_json:
        click.echo(json.dumps([as_entry(report) for report in reports], indent=1))
    raise SystemExit(1 if any(report.of(advice=False) for report in reports) else 0)


def say(report: "Report", show_all: bool) -> None:
    """Print the lines of one file."""
    from course_utils.dataset.findings import counted, grouped, marked

    for is_advice in (False, True):
        found = report.of(advice=is_advice)
        for line in marked(map(str, found) if show_all else grouped(found), is_advice, report.path):
            click.echo(line)
    for offer in report.offers:
        click.echo(f"{report.path}: course data import --repair would mend: {offer}")
    if not report.images and not report.annotations and report.findings:
        return  # the file could not be read at all
    truth = "amodal" if report.amodal else "visible masks only, amodal ones are missing"
    seen = f"{counted(report.images, 'image')}, {counted(report.annotations, 'annotation')} ({truth})"
    errors, advice = len(report.of(advice=False)), len(report.of(advice=True))
    numbers = [counted(errors, "error")] * bool(errors) + [f"{advice:,} of advice"] * bool(advice)
    click.echo(f"{report.path}: {seen}: {', '.join(numbers) or 'no problems'}")


def as_entry(report: "Report") -> dict[str, Any]:
    """One file for a program."""
    lists = {
        name: [{"record": one.who, "what": one.what} for one in report.of(advice)]
        for name, advice in (("errors", False), ("advice", True))
    }
    counts = {"file": str(report.path), "images": report.images, "annotations": report.annotations}
    return counts | {"amodal": report.amodal} | lists
