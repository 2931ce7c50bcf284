"""Ctrl-C: one line, exit code 130, no half-written notebook, no kernel left behind."""

import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from helpers import ctrl_c
from nbformat.v4 import new_code_cell, new_notebook

from course_utils.exercises import lesson_01

# The cell that is interrupted: it says which process it runs in, then takes its time.
SLOW = "import os, pathlib, time\npathlib.Path({mark!r}).write_text(str(os.getpid()))\ntime.sleep(100)"
COURSE = """
import sys
from pathlib import Path
import course_utils.paths
course_utils.paths.repo_root = lambda: Path({root!r})
from course_utils.cli import main
main()
"""


def source(mark: Path) -> str:
    """A lesson whose second cell is the slow one, and whose exercises are answered by their references."""
    parts = [
        "# %% [markdown]\n# # 01 · A lesson\n#\n# **Time**: about 45 minutes · **You build**: a mask",
        f"# %%\n{SLOW.format(mark=str(mark))}",
    ]
    parts += ["# %% setup=true\nfrom course_utils.exercises.lesson_01 import LESSON, check"]
    for name in lesson_01.LESSON.exercises:
        answer = f"# BEGIN SOLUTION\nanswer = LESSON['{name}'].reference\n# END SOLUTION"
        parts += [f'# %% exercise="{name}"\n{answer}', f'# %% check="{name}"\ncheck("{name}", answer)']
    return "\n\n".join(parts) + "\n"


def interrupt(root: Path, mark: Path, *arguments: str) -> tuple[int, str]:
    """Start `course` on a root of its own, press Ctrl-C when the slow cell runs; exit code and what stood on stderr."""
    command = [sys.executable, "-c", COURSE.format(root=str(root)), *arguments]
    with ctrl_c.start(command) as process:
        deadline = time.monotonic() + 120
        while not mark.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        ctrl_c.press(process)
        errors = process.communicate(timeout=60)[1]
    assert mark.exists(), errors
    return process.returncode, errors


def ends(pid: int, seconds: float = 20) -> bool:
    """Whether a process is gone, or a zombie, within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout
        if not state.strip() or state.startswith("Z"):
            return True
        time.sleep(0.2)
    return False


def insist_on_one_line(code: int, errors: str) -> None:
    assert code == 130, errors
    assert errors.strip().splitlines()[-1].startswith("course: stopped")
    assert "Traceback" not in errors


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_build(tmp_path: Path, jobs: str) -> None:
    mark = tmp_path / "running"
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions/01_a_lesson.py").write_text(source(mark))
    insist_on_one_line(*interrupt(tmp_path, mark, "build", "--jobs", jobs))
    assert ends(int(mark.read_text()))
    assert [path.name for path in (tmp_path / "solutions").iterdir()] == ["01_a_lesson.py"]
    assert {path.name for path in (tmp_path / "notebooks").rglob("*.ipynb")} == {"start.ipynb"}


def test_a_self_check(tmp_path: Path) -> None:
    mark = tmp_path / "running"
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions/01_a_lesson.py").write_text(source(mark))
    notebook = tmp_path / "notebooks/01_a_lesson.ipynb"
    notebook.parent.mkdir()
    nbformat.write(
        new_notebook(cells=[new_code_cell(SLOW.format(mark=str(mark))), new_code_cell('check("mask-area", 1)')]),
        notebook,
    )
    before = notebook.read_bytes()
    insist_on_one_line(*interrupt(tmp_path, mark, "check"))
    assert ends(int(mark.read_text()))
    assert notebook.read_bytes() == before
