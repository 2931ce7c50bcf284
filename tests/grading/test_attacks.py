"""Answers that attack the run are survived, and the expected texts stay out of reach."""

from dataclasses import replace
from pathlib import Path

import cheats
import pytest
from nbformat.v4 import new_notebook

from course_utils.classroom.grading.lesson import Grader
from course_utils.classroom.grading.submission import Submission


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
    assert cheats.plain_nbval(naive, "--nbval") == 0
    naive.unlink()  # or the graded run below could find it
    path = cheats.write(cheats.Cheat(answer).notebook(), tmp_path, {})
    assert replace(grader, screen=False).grade("eve", [path]).exercises[0].status == "failed"
