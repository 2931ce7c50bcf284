"""A program that Ctrl-C can be pressed on."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any


@contextmanager
def start(command: list[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Start it in a session of its own, its stderr kept; ``options`` are those of `subprocess.Popen`.

    Whatever happens within the block, at its end the whole session is: a test that fails must not wait for it.
    """
    listens = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # background jobs of a shell ignore Ctrl-C
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=listens, **options
    )
    with process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def press(process: subprocess.Popen[str]) -> None:
    """Ctrl-C to the whole session, as a terminal does."""
    os.killpg(process.pid, signal.SIGINT)
