"""The lessons that ship: up to date, right where they are solved, and failing only where the learner has to answer."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

from course_utils.classroom.build import drift, find_sources, load_lesson
from course_utils.paths import repo_root

SOURCES = find_sources(repo_root())
LESSONS = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)


def failed_cells(notebook: Path, folder: Path) -> tuple[int, set[int]]:
    """Run a notebook under plain nbval: how many cells ran, and the numbers (from 0) of those that failed."""
    report = folder / "report.xml"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval-lax",
        "--nbval-cell-timeout=120",
        "-q",
        "-p",
        "no:cacheprovider",
    ]
    command += ["-c", "/dev/null", f"--rootdir={folder}", f"--junitxml={report}", str(notebook)]
    subprocess.run(command, check=False, capture_output=True, cwd=folder)
    cases = list(ElementTree.parse(report).iter("testcase"))
    failed = {int(case.get("name").split()[-1]) for case in cases if len(case)}
    return len(cases), failed


@LESSONS
def test_both_editions_belong_to_the_source(source):
    assert drift(load_lesson(source)) == "", "run: course build"


@LESSONS
def test_the_solved_edition_passes_plain_nbval(source, tmp_path):
    notebook = source.with_suffix(".ipynb")
    cells = [cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]
    assert failed_cells(notebook, tmp_path) == (len(cells), set())


@LESSONS
def test_the_learners_edition_fails_exactly_its_checks(source, tmp_path):
    notebook = repo_root() / "notebooks" / f"{source.stem}.ipynb"
    cells = [cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]
    checks = {number for number, cell in enumerate(cells) if "check" in cell.metadata.get("course", {})}
    assert checks and failed_cells(notebook, tmp_path) == (len(cells), checks)


@LESSONS
def test_a_lesson_opens_and_closes_as_every_lesson_does(source):
    text = source.read_text(encoding="utf-8")
    for part in ("**You will be able to**", "**Time**", "**Builds on**", "**You build**"):
        assert part in text
    for heading in ("## What you now know", "## Test yourself", "## Read more"):
        assert text.count(heading) == 1
