"""A program that Ctrl-C can be pressed on."""

import os
import signal
import subprocess
from functools import partial
from typing import Any


def start(command: list[str], **options: Any) -> subprocess.Popen[str]:
    """Start it in a session of its own, its stderr kept; ``options`` are those of `subprocess.Popen`."""
    listens = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # background jobs of a shell ignore Ctrl-C
    return subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=listens, **options
    )


def press(process: subprocess.Popen[str]) -> None:
    """Ctrl-C to the whole session, as a terminal does."""
    os.killpg(process.pid, signal.SIGINT)
