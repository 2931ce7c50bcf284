"""The sandbox from outside: starting it, handing it jobs, and ending it when it does not answer."""

import contextlib
import json
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Callable
from typing import IO, Any

from course_utils.classroom.grading.fences import Fence, Limits, free_uid
from course_utils.classroom.grading.room.wire import LARGEST, NotOnTheWire, dumps, loads
from course_utils.translation.say import N_

_GRACE = 15  # seconds beyond a job's own, until the whole sandbox is ended
_START = 120  # seconds; a busy machine needs a few to import torch
_TICK = 0.2
_OWN_MEMORY = 2**30  # bytes that the sandbox needs for itself: Python with torch, twice

WORDS = {
    "late": N_("it took more than {seconds} s"),
    "died": N_("its process was ended (it left by itself, crashed, or took more memory than there is)"),
    "flood": N_("its result is too large"),
    "memory": N_("it took more memory than an answer may"),
    "closed": N_("the sandbox was brought down while it ran"),
    "garbled": N_("its result is not of this world"),
}


Lend = Callable[[bytes], tuple[str, bytes]]


class NoRoom(Exception):
    """The sandbox cannot be started; the message says why, in one line."""


class Room:
    """One sandbox, for one learner; started when it is first needed, and again after somebody brought it down."""

    def __init__(self, fence: Fence, limits: Limits):
        self.fence, self.limits = fence, limits
        self.process: subprocess.Popen | None = None
        self.modules: list[str] = []
        self._errors: Any = None
        self._end = 0.0

    def __enter__(self) -> "Room":
        """Itself; it starts with the first job."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self, at_once: bool = False) -> None:
        """End it and everything in it; unless at once, it may first leave by itself."""
        if not self.process:
            return
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                if stream:
                    stream.close()
        if not at_once:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(2)
        self.process.kill()
        self.process.wait()
        self._errors.close()
        self.process = None

    def ask(self, kind: str, job: dict[str, Any], seconds: float, lend: Lend | None = None) -> tuple[str, Any]:
        """Have a job done: "done" and its result, or one of `WORDS` and None.

        Args:
            lend: says what to reply to a call of the job's: "call" and the reply, or what came between.

        Raises:
            NoRoom: the sandbox cannot be started.
        """
        status, content = self.begin(kind, job, seconds)
        while status == "call":
            status, content = lend(content) if lend else ("garbled", b"")
            if status == "call":
                status, content = self.go_on(content)
            else:
                self.close(at_once=True)
                status = status if status in WORDS else "closed"
        if status != "done":
            return status, None
        try:
            return "done", loads(content)
        except NotOnTheWire:
            return "garbled", None

    def begin(self, kind: str, job: dict[str, Any], seconds: float) -> tuple[str, bytes]:
        """Begin a job: "call" or "done" and what it says, or one of `WORDS` and nothing.

        Raises:
            NoRoom: the sandbox cannot be started.
        """
        body = dumps(job)
        head = {
            "kind": kind,
            "modules": self.modules,
            "seconds": max(1, round(seconds)),
            "memory": self.limits.memory,
            "file_size": self.limits.file_size,
            "largest": LARGEST,
            "length": len(body),
        }
        is_old = self.process is not None
        if not is_old:
            self._start()
        self._end = time.monotonic() + seconds + _GRACE
        status, content = self._said(head, body)
        if is_old and status == "closed":  # an old one may have been left dying by an earlier job: once more
            return self.begin(kind, job, seconds)
        return status, content

    def go_on(self, reply: bytes) -> tuple[str, bytes]:
        """Reply to a call; returns as `begin` does."""
        return self._said({"length": len(reply)}, reply)

    def _start(self) -> None:
        """Start the process and wait until it says that it is ready."""
        command, reading = [str(free_uid()) if word == "UID" else word for word in self.fence.command], -1
        if self.fence.filter:
            reading, writing = os.pipe()
            os.write(writing, self.fence.filter)
            os.close(writing)
            command[command.index("SECCOMP")] = str(reading)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self.process = subprocess.Popen(
                command,
                env=self.fence.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                pass_fds=[reading] if reading >= 0 else [],
                cwd="/",
                start_new_session=True,  # a Ctrl-C is for the grader alone, which then ends this process
            )
        except OSError as error:
            raise NoRoom(f"{command[0]}: {error.strerror}") from None
        finally:
            if reading >= 0:
                os.close(reading)
        os.set_blocking(self._pipes()[1].fileno(), False)
        answer, end = bytearray(), time.monotonic() + _START
        try:
            while not answer.endswith(b"\n"):
                if self._receive(answer, end):
                    raise NoRoom(f"the sandbox did not start within {_START} s")
        except (OSError, EOFError):
            why = self._last_words()
            self.close(at_once=True)
            raise NoRoom(why) from None

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        """What it hears and what it says, while it runs."""
        process = self.process
        if process is None or process.stdin is None or process.stdout is None:
            raise EOFError
        return process.stdin, process.stdout

    def _last_words(self) -> str:
        self._errors.seek(max(0, self._errors.seek(0, os.SEEK_END) - 2000))
        lines = self._errors.read().decode(errors="replace").strip().split("\n")
        return lines[-1][:300] or "it ended without a word"

    def _said(self, head: dict[str, Any], body: bytes) -> tuple[str, bytes]:
        """What it says next, having heard this."""
        try:
            return self._converse(head, body)
        except (OSError, EOFError, ValueError):
            self.close(at_once=True)
            return "closed", b""

    def _converse(self, head: dict[str, Any], body: bytes) -> tuple[str, bytes]:
        hearing, _ = self._pipes()
        hearing.write(json.dumps(head).encode() + b"\n" + body)
        hearing.flush()
        answer = bytearray()
        while (at := answer.find(b"\n")) < 0:
            if problem := self._receive(answer, self._end):
                return problem, b""
        answered = json.loads(answer[:at])
        while len(answer) < at + 1 + answered["length"]:
            if problem := self._receive(answer, self._end):
                return problem, b""
        return str(answered["status"]), bytes(answer[at + 1 :])

    def _receive(self, answer: bytearray, end: float) -> str:
        """Take in what has come; or end the room, and say why, when its time is up or it takes too much memory."""
        _, saying = self._pipes()
        ready = select.select([saying], [], [], _TICK)[0]
        if ready:
            part = saying.read(1 << 20)
            if not part:
                raise EOFError
            answer += part
        problem = "flood" if len(answer) > LARGEST + 10_000 else "late" if time.monotonic() > end else ""
        if not problem and not ready and self._memory() > self.limits.memory + _OWN_MEMORY:
            problem = "memory"
        if problem:
            self.close(at_once=True)
        return problem

    def _memory(self) -> int:
        """Bytes that belong to the sandbox's processes alone, as far as they can be seen from here."""
        import psutil

        total, pid = 0, self.process.pid if self.process else None
        with contextlib.suppress(psutil.Error):
            for process in psutil.Process(pid).children(recursive=True):
                with contextlib.suppress(OSError), open(f"/proc/{process.pid}/status") as file:
                    kinds = dict(line.split(":", 1) for line in file)
                    total += sum(int(kinds[name].split()[0]) for name in ("RssAnon", "RssShmem") if name in kinds)
        return total * 1024
