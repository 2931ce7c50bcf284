"""Every cheat passes plain nbval, or it is said why not; the grader refuses each, with and without its screen."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cheats
import pytest
from nbformat.v4 import new_notebook

from course_utils.classroom.grading.lesson import Grader
from course_utils.classroom.grading.submission import Submission


def plain_nbval(path: Path, mode: str = "--nbval-lax") -> int:
    """Exit code of pytest as a learner or an unsuspecting instructor would run it, in the submission's own folder."""
    command = [sys.executable, "-m", "pytest", mode, "-p", "no:cacheprovider", "-q", path.name]
    return subprocess.run(command, cwd=path.parent, capture_output=True, timeout=120).returncode


FOOLING = [name for name, cheat in cheats.CHEATS.items() if cheat.fools_nbval]


@pytest.mark.parametrize("name", FOOLING)
def test_plain_nbval_is_fooled(name: str, tmp_path: Path) -> None:
    cheat = cheats.CHEATS[name]
    path = cheats.write(cheat.notebook(), tmp_path, cheat.files)
    mode = "--nbval" if name == "edited stored output" else "--nbval-lax"
    assert plain_nbval(path, mode) == 0


def test_plain_nbval_fails_what_is_wrong_and_says_so(tmp_path: Path) -> None:
    assert plain_nbval(cheats.write(cheats.Cheat().notebook(), tmp_path, {})) == 1


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
def test_an_attack_costs_only_the_attacker(name: str, grader: Grader, tmp_path: Path) -> None:
    path = cheats.write(cheats.Cheat(cheats.ATTACKS[name]).notebook(), tmp_path, {})
    verdict = replace(grader, screen=False).grade("eve", [path]).exercises[0]
    # The memory bomb fails by a MemoryError of its own; whatever brings the run down is for a person to judge.
    assert verdict.status == ("failed" if name == "memory bomb" else "needs review"), verdict.reason


def test_expected_text_on_the_disk_fools_plain_nbval_but_is_gone_in_a_graded_run(grader: Grader, tmp_path: Path) -> None:
    answer = cheats.read_expected_from_disk()
    plan = grader._plan(Submission({"overlap": answer}), ["overlap"])
    naive = cheats.write(new_notebook(cells=[step.cell for step in plan]), tmp_path, {})
    assert plain_nbval(naive, "--nbval") == 0
    naive.unlink()  # or the graded run below could find it
    path = cheats.write(cheats.Cheat(answer).notebook(), tmp_path, {})
    assert replace(grader, screen=False).grade("eve", [path]).exercises[0].status == "failed"
