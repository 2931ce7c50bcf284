"""Plain nbval takes every cheat for right work, and a key that lies in the room is found: the other tests can fail."""

import contextlib
import io
from pathlib import Path
from xml.etree import ElementTree

import cheats
import numpy as np
import pytest
import tiny_exercises
import ways_in

from course_utils.exercises.core import judge

# These steer a whole run of pytest, so each needs one of its own; all others share one.
ALONE = {"edited stored output": "--nbval", "conftest.py": "--nbval-lax", "pytest.ini": "--nbval-lax"}
FOOLING = [name for name, cheat in cheats.CHEATS.items() if cheat.fools_nbval]
# Ways that reach for what this process, unlike a notebook's, does not have.
NOT_HERE = ("import of the course's function", "import of the course's declarations", "source of the check")
NOT_HERE += ("frames of an error", "subclasses of object", "the judge itself", "pandas eval", "update_wrapper")
NOT_HERE += ("frames from the answer up", "inspect by dataclasses", "string annotation", "class body")


@pytest.fixture(scope="session")
def plain_failures(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Which submissions plain nbval failed, in one run over all cheats that can share it and one honest mistake."""
    folder = tmp_path_factory.mktemp("plain") / "class"
    shared = {name: cheats.CHEATS[name] for name in FOOLING if name not in ALONE} | {"honest": cheats.Cheat()}
    for name, cheat in shared.items():
        (folder / name).mkdir(parents=True)
        cheats.write(cheat.notebook(), folder / name, cheat.files)
    report = folder.parent / "report.xml"
    assert cheats.plain_nbval(folder, "--nbval-lax", f"--junitxml={report}") == 1
    cases = list(ElementTree.parse(report).iter("testcase"))
    assert {name for name in shared if any(f".{name}." in case.get("classname") for case in cases)} == set(shared)
    bad = [
        case.get("classname") for case in cases if case.find("failure") is not None or case.find("error") is not None
    ]
    return {name for name in shared if any(f".{name}." in classname for classname in bad)}


@pytest.mark.parametrize("name", [name for name in FOOLING if name not in ALONE])
def test_plain_nbval_is_fooled(name: str, plain_failures: set[str]) -> None:
    assert name not in plain_failures


def test_plain_nbval_fails_what_is_honestly_wrong(plain_failures: set[str]) -> None:
    assert plain_failures == {"honest"}


@pytest.mark.parametrize("name", ALONE)
def test_plain_nbval_is_fooled_by_what_lies_beside(name: str, tmp_path: Path) -> None:
    cheat = cheats.CHEATS[name]
    assert cheats.plain_nbval(cheats.write(cheat.notebook(), tmp_path, cheat.files), ALONE[name]) == 0


@pytest.mark.parametrize("name", [name for name in ways_in.TO_THE_REFERENCE if name not in NOT_HERE])
def test_a_way_to_the_reference_leads_there_where_the_key_is_in_the_room(name: str) -> None:
    space = {"__name__": "__main__", "np": np, "check": tiny_exercises.check}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(ways_in.TO_THE_REFERENCE[name], space)
        assert judge(tiny_exercises.LESSON["overlap"], space["overlap"]).status == "right"
