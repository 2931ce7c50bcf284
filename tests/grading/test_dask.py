"""A class graded by a cluster: a scheduler and two workers, for real."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
import tiny_lesson
from click.testing import CliRunner
from helpers import ctrl_c
from test_class import PROGRAM

from course_utils.classroom.grading.released import Released
from course_utils.commands.grade import grade
from course_utils.errors import CourseError

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.slow
LEARNERS = 8
SLOW = "import time\ndef overlap(a, b):\n    time.sleep(0.3)\n    return int((a & b).sum())"


@contextlib.contextmanager
def program(*command: str) -> Iterator[subprocess.Popen]:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    process = subprocess.Popen(
        [sys.executable, "-m", *command], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def cluster() -> Iterator[tuple[str, list[subprocess.Popen]]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    quiet = ("--no-dashboard", "--no-nanny", "--nthreads", "1")
    scheduler = ("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    worker = ("distributed.cli.dask_worker", address, *quiet)
    with program(*scheduler), program(*worker) as one, program(*worker) as two:
        with distributed.Client(address, timeout=90) as client:
            client.wait_for_workers(2, timeout=90)
        yield address, [one, two]


def command(folder: Path, out: str, *more: str) -> list[str]:
    script = PROGRAM.format(tests=str(Path(__file__).parent))
    return [sys.executable, "-c", script, str(folder / "in"), "--out", str(folder / out), "--seed", "3", *more]


def test_it_gives_the_same_table_also_when_a_worker_dies(fence: object, cluster: tuple, tmp_path: Path) -> None:
    for number in range(LEARNERS):
        (tmp_path / f"in/learner-{number}").mkdir(parents=True)
        answers = tiny_lesson.RIGHT | {"overlap": SLOW if number else "overlap = 3"}
        nbformat.write(tiny_lesson.submission(answers), tmp_path / f"in/learner-{number}/90_tiny.ipynb")
    address, workers = cluster
    alone = subprocess.run(command(tmp_path, "alone"), capture_output=True, text=True, timeout=300)
    assert alone.returncode == 0, alone.stderr
    with ctrl_c.start(command(tmp_path, "cluster", "--dask", address), stdout=subprocess.PIPE) as process:
        while len(list((tmp_path / "cluster/state").glob("learner-*"))) < 2 and process.poll() is None:
            time.sleep(0.05)
        workers[0].kill()
        output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    tables = [(tmp_path / out / "scores.csv").read_text() for out in ("alone", "cluster")]
    assert tables[0] == tables[1]
    assert len(tables[0].splitlines()) == LEARNERS + 1


def test_a_cluster_that_is_not_there_is_named(
    fence: object, released: Released, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("course_utils.classroom.grading.released.load_course", lambda *_: [released])
    nbformat.write(tiny_lesson.submission({}), tmp_path / "90_tiny.ipynb")
    arguments = [str(tmp_path / "90_tiny.ipynb"), "--out", str(tmp_path / "out"), "--dask", "tcp://127.0.0.1:9"]
    with pytest.raises(CourseError, match="--dask tcp://127.0.0.1:9: no scheduler answers"):
        CliRunner().invoke(grade, arguments, catch_exceptions=False)
