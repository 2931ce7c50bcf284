"""The grader refuses every cheat, with and without its screen."""

from dataclasses import replace
from pathlib import Path

import cheats
import pytest

from course_utils.classroom.grading.lesson import Grader


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
