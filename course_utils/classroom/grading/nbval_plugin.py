"""A pytest plugin for graded runs: nbval compares as ever; this watches the kernel and says what became of each cell.

It takes the notebook, with the expected texts in it, off the disk before the kernel starts, notices a dead kernel at
once rather than at the timeout, stops floods of output, and writes one JSON line a cell into a pipe that no learner's
code holds.
"""

import json
import os
import resource
import sys
import time
from collections import deque
from pathlib import Path
from queue import Empty
from typing import Any

# jsonschema imports this if it can, to check international addresses; it compiles a grammar for most of a second, and
# no notebook holds such an address. None in its place says that it is not there.
sys.modules.setdefault("rfc3987_syntax", None)

import nbval.plugin  # noqa: E402
import pytest  # noqa: E402
from jupyter_client.manager import KernelManager  # noqa: E402
from nbval.kernel import NbvalKernelspecManager, RunningKernel  # noqa: E402

from course_utils.classroom.grading.launcher import Linux  # noqa: E402

OUTPUT_LIMIT = 1_000_000  # characters a cell
_OWN_MEMORY = 2 * 2**30  # bytes; of this process, against an enormous single message
_records = os.fdopen(int(os.environ.pop("COURSE_RECORDS")), "w", buffering=1)
_SETTINGS = json.loads(os.environ.pop("COURSE_SETTINGS"))


class KernelGone(RuntimeError):
    """The kernel died while a cell ran."""


class OutputFlood(RuntimeError):
    """A cell printed more than anyone would read."""


class WatchedKernel(RunningKernel):
    """nbval's kernel, watched: its death and its floods are noticed while a cell runs."""

    def __init__(self, kernel_name: str, cwd: str | None = None, startup_timeout: float = 60):
        self.km = KernelManager(
            kernel_name=kernel_name,
            kernel_spec_manager=NbvalKernelspecManager(),
            transport=_SETTINGS["transport"],
            connection_file=_SETTINGS["connection_file"],
        )
        self._waiting: deque[dict] = deque()
        self._received = 0
        self.km.start_kernel(cwd=cwd, env=dict(os.environ))
        self.kc = self.km.client()
        self.kc.start_channels()
        self.kc.wait_for_ready(timeout=startup_timeout)
        self._ensure_iopub_up()

    def execute_cell_input(self, *args: Any, **kwargs: Any) -> str:
        """Start a cell, with its output counted from nothing."""
        self._waiting.clear()
        self._received = 0
        return super().execute_cell_input(*args, **kwargs)

    def await_reply(self, msg_id: str, timeout: float | None = None) -> None:
        """Wait for the end of a cell; queue.Empty after the timeout, as nbval expects it."""
        end = time.monotonic() + (timeout or 60)
        while time.monotonic() < end:
            self._drain_iopub()
            try:
                message = self.kc.get_shell_msg(timeout=0.1)
            except Empty:
                if not self.is_alive():
                    raise KernelGone("the kernel died while this cell ran") from None
                continue
            if message["parent_header"].get("msg_id") == msg_id:
                return
        raise Empty

    def get_message(self, stream: str, timeout: float | None = None) -> dict:
        """The next message, those first that came in while the cell was running."""
        if stream == "iopub" and self._waiting:
            return self._waiting.popleft()
        message = super().get_message(stream, timeout)
        if stream == "iopub":
            self._count(message)
        return message

    def _drain_iopub(self) -> None:
        while True:
            try:
                message = self.kc.get_iopub_msg(timeout=0)
            except Empty:
                return
            self._count(message)
            self._waiting.append(message)

    def _count(self, message: dict) -> None:
        self._received += len(str(message["content"]))
        if self._received > OUTPUT_LIMIT:
            self.stop()
            raise OutputFlood(f"the cell printed more than {OUTPUT_LIMIT} characters")

    def stop(self) -> None:
        """Stop the kernel, if it was not stopped before."""
        if hasattr(self, "km"):
            super().stop()


def pytest_configure() -> None:
    """Die with the grader, hide this process's memory from the kernel, and watch the kernel from now on."""
    if sys.platform == "linux":
        Linux().die_with_parent()
        Linux().hide_memory()
    resource.setrlimit(resource.RLIMIT_DATA, (_OWN_MEMORY, resource.getrlimit(resource.RLIMIT_DATA)[1]))
    nbval.plugin.RunningKernel = WatchedKernel


def pytest_collection_finish(session: pytest.Session) -> None:
    """Take the notebook off the disk: from here on the expected texts are in this process alone."""
    for path in {item.path for item in session.items}:
        Path(path).unlink()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Any:
    """Write what became of a cell: after its run, or after its set-up if that failed."""
    report = yield
    if report.when == "call" or (report.when == "setup" and not report.passed):
        expected_failure = hasattr(report, "wasxfail")
        record = {
            "cell": item.cell_num,
            "passed": report.passed and not expected_failure,
            "problem": "" if call.excinfo is None else _problem(call.excinfo.value),
            "timed_out": bool(item.parent.timed_out),
            "error": _error(item),
            "seconds": round(call.duration, 3),
        }
        _records.write(json.dumps(record) + "\n")
    return report


def _problem(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]


def _error(item: pytest.Item) -> list[str]:
    """Name and message of the exception that the cell ended with, cut; these words are the learner's own."""
    errors = [output for output in item.test_outputs or [] if output.output_type == "error"]
    return [str(errors[-1].ename)[:100], str(errors[-1].evalue)[:4000]] if errors else []
