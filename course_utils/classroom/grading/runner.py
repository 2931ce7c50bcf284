"""One graded run: a sliced notebook through nbval in a sandbox, and what became of each of its cells."""

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import nbformat

from course_utils.classroom.grading.sandbox import Limits, grader_environment, new_sandbox

# Three small files of ours instead of whatever configuration lies about: an empty one, and the notebook's name.
_CONFIGURATION = "pytest.ini"
_NOTEBOOK = "graded.ipynb"


@dataclass(frozen=True)
class CellResult:
    """What became of one cell: passed, or the problem in the grader's words and the error in the learner's."""

    passed: bool
    problem: str
    error: tuple[str, str] | None
    timed_out: bool
    seconds: float


@dataclass(frozen=True)
class Run:
    """Results by number of the code cell, the fences that stood, and why the run ended early if it did."""

    cells: dict[int, CellResult]
    fences: tuple[str, ...]
    broken: str = ""


def run_notebook(notebook: nbformat.NotebookNode, limits: Limits, scratch: Path | None = None) -> Run:
    """Run a sliced notebook through nbval and collect what its plugin says; never raises for what the notebook does."""
    with new_sandbox(limits, scratch) as sandbox:
        (sandbox.run / _CONFIGURATION).write_text("[pytest]\n")
        nbformat.write(notebook, sandbox.run / _NOTEBOOK)
        (sandbox.run / _NOTEBOOK).chmod(0o600)
        reading, writing = os.pipe()
        with open(reading) as records, open(sandbox.run / "log.txt", "w") as log:
            os.fchmod(log.fileno(), 0o600)
            process = subprocess.Popen(
                _command(sandbox.run, limits),
                cwd=sandbox.run,
                env=grader_environment(sandbox) | {"COURSE_RECORDS": str(writing)},
                pass_fds=[writing],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C is for the grader alone, which then ends this process
            )
            os.close(writing)
            broken = _watch(process, records, limits, cells := {})
        return Run(cells, sandbox.fences, broken or _exit_problem(process.returncode, cells, sandbox.run / "log.txt"))


def _command(run: Path, limits: Limits) -> list[str]:
    return [
        *(sys.executable, "-P", "-m", "pytest", "-c", str(run / _CONFIGURATION), "--rootdir", str(run), "--noconftest"),
        *("-p", "no:cacheprovider", "-p", "course_utils.classroom.grading.nbval_plugin", "-p", "nbval.plugin"),
        *("--nbval", "--nbval-kernel-name", "graded", "--nbval-cell-timeout", str(limits.cell_seconds)),
        *("-q", "--color=no", str(run / _NOTEBOOK)),
    ]


def _watch(process: subprocess.Popen, records: object, limits: Limits, cells: dict[int, CellResult]) -> str:
    """Read records until the run ends, or end it at the time limit and say so; an interruption ends it too."""
    late = threading.Event()

    def stop() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(limits.lesson_seconds, stop)
    timer.start()
    try:
        for line in records:
            record = json.loads(line)
            number, error = record.pop("cell"), tuple(record.pop("error")) or None
            cells[number] = CellResult(error=error, **record)
        process.wait()
    finally:
        timer.cancel()
        process.kill()
        process.wait()
    return f"the lesson took more than {limits.lesson_seconds} s" if late.is_set() else ""


def _exit_problem(code: int, cells: dict[int, CellResult], log: Path) -> str:
    """Why a run that ended by itself cannot be trusted, or an empty string; 0 and 1 are pytest's ordinary ends."""
    if code in (0, 1) and cells:
        return ""
    if code < 0:
        return f"the run was killed by signal {-code}"
    last = log.read_text(errors="replace").strip().split("\n")[-1][:300]
    return f"pytest ended with exit code {code}: {last}"
