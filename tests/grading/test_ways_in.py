"""Nobody earns points without a right answer, as root and as a plain user, whatever the answer tries."""

import json
import os
import sys
from pathlib import Path

import cheats
import pytest
import tiny_lesson
import ways_in
from users import as_user

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
