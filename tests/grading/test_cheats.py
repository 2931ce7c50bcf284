"""Every cheat passes plain nbval, or it is said why not; the grader refuses each, with and without its screen."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import cheats
import pytest
from nbformat.v4 import new_notebook

from course_utils.classroom.grading.lesson import Grader
from course_utils.classroom.grading.submission import Submission

# These steer a whole run of pytest, so each needs one of its own; all others share one.
ALONE = {"edited stored output": "--nbval", "conftest.py": "--nbval-lax", "pytest.ini": "--nbval-lax"}
FOOLING = [name for name, cheat in cheats.CHEATS.items() if cheat.fools_nbval]


def plain_nbval(path: Path, mode: str = "--nbval-lax", *options: str) -> int:
    """Exit code of pytest as a learner or an unsuspecting instructor would run it, in the submission's own folder."""
    command = [sys.executable, "-m", "pytest", mode, "-p", "no:cacheprovider", "-q", path.name, *options]
    return subprocess.run(command, cwd=path.parent, capture_output=True, timeout=200).returncode


@pytest.fixture(scope="session")
def plain_failures(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Which submissions plain nbval failed, in one run over all cheats that can share it and one honest mistake."""
    folder = tmp_path_factory.mktemp("plain") / "class"
    shared = {name: cheats.CHEATS[name] for name in FOOLING if name not in ALONE} | {"honest": cheats.Cheat()}
    for name, cheat in shared.items():
        (folder / name).mkdir(parents=True)
        cheats.write(cheat.notebook(), folder / name, cheat.files)
    report = folder.parent / "report.xml"
    assert plain_nbval(folder, "--nbval-lax", f"--junitxml={report}") == 1
    cases = list(ElementTree.parse(report).iter("testcase"))
    assert {name for name in shared if any(f".{name}." in case.get("classname") for case in cases)} == set(shared)
    bad = [
        case.get("classname") for case in cases if case.find("failure") is not None or case.find("error") is not None
    ]
    return {name for name in shared if any(f".{name}." in classname for classname in bad)}


@pytest.mark.xdist_group("plain-nbval")
@pytest.mark.parametrize("name", [name for name in FOOLING if name not in ALONE])
def test_plain_nbval_is_fooled(name: str, plain_failures: set[str]) -> None:
    assert name not in plain_failures


@pytest.mark.xdist_group("plain-nbval")
def test_plain_nbval_fails_what_is_honestly_wrong(plain_failures: set[str]) -> None:
    assert plain_failures == {"honest"}


@pytest.mark.parametrize("name", ALONE)
def test_plain_nbval_is_fooled_by_what_lies_beside(name: str, tmp_path: Path) -> None:
    cheat = cheats.CHEATS[name]
    assert plain_nbval(cheats.write(cheat.notebook(), tmp_path, cheat.files), ALONE[name]) == 0


@pytest.mark.parametrize("name", cheats.CHEATS)
def test_refused_without_the_screen(name: str, grader: Grader, tmp_path: Path) -> None:
    cheat = cheats.CHEATS[name]
    path = cheats.write(cheat.notebook(), tmp_path, cheat.files)
    result = replace(grader, screen=False).grade("eve", [path])
    assert result.earned == 0
    assert result.exercises[0].status == "failed"


@pytest.mark.parametrize("name", [name for name, cheat in cheats.CHEATS.items() if cheat.in_source])
def test_screened_for_review(name: str, grader: Grader, tmp_path: Path) -> None:
    path = cheats.write(cheats.CHEATS[name].notebook(), tmp_path, {})
    verdict = grader.grade("eve", [path]).exercises[0]
    assert verdict.status == "needs review"
    assert verdict.reason.startswith("not run: it ")


@pytest.mark.parametrize("name", cheats.ATTACKS)
def test_an_attack_is_survived(name: str, grader: Grader, tmp_path: Path) -> None:
    path = cheats.write(cheats.Cheat(cheats.ATTACKS[name]).notebook(), tmp_path, {})
    verdict = replace(grader, screen=False).grade("eve", [path]).exercises[0]
    # Some do not bring the run down (process 1 of a namespace cannot be killed from inside) and are merely wrong.
    assert verdict.status in ("failed", "needs review")
    assert verdict.reason


def test_expected_text_on_the_disk_fools_plain_nbval_but_is_gone_in_a_graded_run(
    grader: Grader, tmp_path: Path
) -> None:
    answer = cheats.read_expected_from_disk()
    plan = grader._plan(Submission({"overlap": answer}), ["overlap"])
    naive = cheats.write(new_notebook(cells=[step.cell for step in plan]), tmp_path, {})
    assert plain_nbval(naive, "--nbval") == 0
    naive.unlink()  # or the graded run below could find it
    path = cheats.write(cheats.Cheat(answer).notebook(), tmp_path, {})
    assert replace(grader, screen=False).grade("eve", [path]).exercises[0].status == "failed"
