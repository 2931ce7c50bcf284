"""A browser for the tests that need one, and JupyterLab as `course lab` starts it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from course_utils.paths import repo_root

_START_SECONDS = 180  # JupyterLab on a slow machine that has other work


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a module's copy of the course is, and the log of its JupyterLab, lab.log."""
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def checkout(folder: Path) -> Path:
    """A copy of the course in which a test may write answers: package and lessons copied, the data by link."""
    copy = folder / "checkout"
    copy.mkdir()
    for name in ("course_utils", "notebooks", "solutions"):
        shutil.copytree(repo_root() / name, copy / name)
    (copy / "data").symlink_to(repo_root() / "data")
    return copy


@pytest.fixture(scope="module")
def lab_url(checkout: Path, folder: Path) -> Iterator[str]:
    """Address, with its token, of JupyterLab as `course lab --no-browser` starts it in the copy, for a new user."""
    home = folder / "home"
    home.mkdir()
    unset = ("COURSE_DATA", "IPYTHONDIR")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "XDG_")) and k not in unset}
    environment |= {"HOME": str(home), "PYTHONPATH": str(checkout)}
    log = folder / "lab.log"
    command = [sys.executable, "-m", "course_utils.cli", "lab", "--no-browser"]
    with log.open("w") as file:
        server = subprocess.Popen(command, cwd=checkout, env=environment, stdout=file, stderr=file)
    try:
        yield _wait_for_address(server, log)
    finally:
        server.send_signal(signal.SIGTERM)  # JupyterLab takes its kernels with it
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait_for_address(server: subprocess.Popen, log: Path) -> str:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        found = re.search(r"http://(127\.0\.0\.1|localhost):\d+/lab\S*token=\w+", log.read_text())
        if found:
            return found[0]
        time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")
