"""Nobody earns points without a right answer, as root and as a plain user, whatever the answer tries."""

import json
import os
import sys
from pathlib import Path

import cheats
import nbformat
import pytest
import tiny_lesson
import ways_in
from users import as_user

from course_utils.classroom.grading.released import Released
from course_utils.classroom.grading.room.reading import read_answers

USERS = ["root", "plain"]
OTHERS = {name: source for name, source in tiny_lesson.RIGHT.items() if name != "overlap"}


@pytest.fixture(scope="module", params=USERS)
def graded(request: pytest.FixtureRequest, fence: object, open_folder: Path) -> dict[str, dict]:
    """Every way in and every cheat, each handed in by a learner of its own together with right answers to the rest."""
    folder = open_folder / request.param
    folder.mkdir()
    for name, source in ways_in.ALL.items():
        _hand_in(folder / name, tiny_lesson.submission({"overlap": source, **OTHERS}), {})
    for name, cheat in cheats.CHEATS.items():
        _hand_in(folder / f"cheat: {name}", cheat.notebook(), cheat.files)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755)
    command = [sys.executable, str(Path(__file__).with_name("batch.py")), str(folder)]
    done = as_user(request.param, command, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "HOME": "/nowhere"})
    assert done.returncode == 0, done.stderr[-2000:]
    return {record["learner"]: record for record in map(json.loads, done.stdout.splitlines())}


def _hand_in(folder: Path, notebook: object, files: dict[str, str]) -> None:
    folder.mkdir()
    cheats.write(notebook, folder, files)


def _verdicts(record: dict) -> dict[str, dict]:
    return {exercise["id"]: exercise for exercise in record["lessons"][0]["exercises"]}


@pytest.mark.parametrize("name", ways_in.ALL)
def test_it_earns_nothing_and_costs_the_other_exercises_nothing(name: str, graded: dict[str, dict]) -> None:
    verdicts = _verdicts(graded[name])
    assert verdicts["overlap"]["earned"] == 0
    assert verdicts["overlap"]["status"] in ("failed", "needs review", "not attempted")
    assert verdicts["overlap"]["reason"] or verdicts["overlap"]["status"] == "not attempted"
    assert [verdicts[name]["status"] for name in OTHERS] == ["passed"] * 2


@pytest.mark.parametrize("name", cheats.CHEATS)
def test_a_cheat_is_refused(name: str, graded: dict[str, dict]) -> None:
    verdict = _verdicts(graded[f"cheat: {name}"])["overlap"]
    assert verdict["earned"] == 0
    assert verdict["status"] == "failed"


HIDDEN_ROUTINES = {
    "by a star": "from numpy import *\ndef overlap(a, b):\n    return int(count_nonzero(a & b))\n",
    "by another name": "library = np\ndef overlap(a, b):\n    return int(library.count_nonzero(a & b))\n",
    "by another name of another": "one = np\ndef overlap(a, b):\n    two = one\n    return two.count_nonzero(a & b)\n",
    "on the way": "def overlap(a, b):\n    return (n := np).count_nonzero(a & b) + n.count_nonzero(a & b) * 0\n",
    "in a part of a library": "import numpy as n\ncount = n.count_nonzero\noverlap = lambda a, b: int(count(a & b))\n",
    "where PyTorch keeps it": "import torch\ndef overlap(a, b):\n    return torch.ops.numpy.count_nonzero(a & b)\n",
}


@pytest.mark.parametrize("name", HIDDEN_ROUTINES)
def test_a_routine_that_is_the_exercise_is_seen_under_any_name(name: str, released: Released) -> None:
    content = nbformat.writes(tiny_lesson.submission({"overlap": HIDDEN_ROUTINES[name]})).encode()
    assert read_answers(content, released.text)["overlap"]["shortcuts"] == ["numpy.count_nonzero"]


def test_a_name_that_only_sounds_like_a_routine_is_none(released: Released) -> None:
    own = "def count_nonzero(m):\n    return sum(m)\ndef overlap(a, b):\n    return count_nonzero(a & b)\n"
    content = nbformat.writes(tiny_lesson.submission({"overlap": own})).encode()
    assert read_answers(content, released.text)["overlap"]["shortcuts"] == []
