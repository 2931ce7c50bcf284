"""The sandbox's one process that lasts: it forks a child for each job, and cleans up behind it.

    python zygote.py ROOT ALONE PROCESSES [UID]

ROOT is the folder that course_utils lies in. ALONE is 1 where there are no other processes in sight, so that all that
a job leaves behind can be ended; it is process 1 there, which nobody inside can end, stop or look into. PROCESSES is
how many there may be, 0 for any number. As root it becomes the user UID before anything else.

A job comes in as a line of JSON (kind, modules to import before, seconds, bytes of memory, length) and as many bytes;
so does the answer go out. Before, a child may ask the grader for something, as often as it likes: that goes out with
the status "call", and what comes in next is for the child. The bytes that a child gives are never looked at here.
"""

import contextlib
import ctypes
import importlib
import json
import os
import resource
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable
from typing import IO

_OWN_FOLDERS = ("/tmp", "/dev/shm")
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4
_CALL, _RESULT = b"c", b"r"


def main(root: str, alone: str, processes: str, uid: str = "") -> None:
    """Serve jobs until there are no more."""
    if uid:
        os.setgroups([])
        os.setresgid(int(uid), int(uid), int(uid))
        os.setresuid(int(uid), int(uid), int(uid))
    if alone == "1" and os.getpid() != 1:
        sys.exit("the sandbox has no process namespace of its own")
    if int(processes):
        resource.setrlimit(resource.RLIMIT_NPROC, (int(processes), int(processes)))
    sys.path.insert(0, root)
    # The channels of the grader: no child has them, and no other process may take them out of this one.
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1) if alone == "1" else (0, 1, 2):
        os.dup2(null, descriptor)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # becoming another user has cleared it
    jobs = importlib.import_module("course_utils.classroom.grading.room.jobs")  # once for all children
    outgoing.write(b"ready\n")
    outgoing.flush()
    while line := incoming.readline():
        job = json.loads(line)
        body = incoming.read(job["length"])
        for module in job["modules"]:
            with contextlib.suppress(Exception):  # the answer that needs it will say so
                importlib.import_module(module)
        _lay_out_fonts()
        status, result = _serve(jobs.do, job, body, incoming, outgoing)
        _sweep(alone == "1")
        _say(outgoing, status, result)


def _say(outgoing: IO[bytes], status: str, content: bytes) -> None:
    outgoing.write(json.dumps({"status": status, "length": len(content)}).encode() + b"\n" + content)
    outgoing.flush()


def _lay_out_fonts() -> None:
    """matplotlib takes seconds to list the system's fonts; hand over the list that the grader's user already has."""
    fonts, folder = os.environ.get("COURSE_FONTS"), os.environ.get("MPLCONFIGDIR")
    if fonts and folder and os.path.exists(fonts):
        os.makedirs(folder, exist_ok=True)
        shutil.copy(fonts, folder)


def _serve(
    do: Callable[..., bytes], job: dict, body: bytes, incoming: IO[bytes], outgoing: IO[bytes]
) -> tuple[str, bytes]:
    """Fork a child for a job: "done" with its bytes, or how it ended instead."""
    reading, writing = os.pipe()
    hearing, telling = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            for descriptor in (incoming.fileno(), outgoing.fileno(), reading, telling):
                os.close(descriptor)
            os.dup2(0, 2)
            os.setpgid(0, 0)
            _limit(job)
            process = os.getpid()
            result = do(job["kind"], body, lambda content: _ask(writing, hearing, content))
            if os.getpid() == process:  # and not a fork of the answer's own that got this far
                _write_all(writing, _framed(_RESULT, result))
        finally:
            os._exit(0)
    os.close(writing)
    os.close(hearing)
    os.set_blocking(telling, False)
    said, end = bytearray(), time.monotonic() + job["seconds"]
    try:
        while True:
            status, content = _collect(child, reading, said, end, job["largest"])
            if status != "call":
                return status, content
            _say(outgoing, status, content)
            reply = incoming.read(json.loads(incoming.readline())["length"])
            _tell(telling, _framed(b"", reply), end)
    finally:
        os.close(reading)
        os.close(telling)
        for target in (-child, child):  # its group, and it alone where it has no group yet
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(target, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(child, 0)


def _framed(kind: bytes, content: bytes) -> bytes:
    return kind + len(content).to_bytes(8, "big") + content


def _write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def _ask(writing: int, hearing: int, content: bytes) -> bytes:
    """In the child: what the grader says to a call."""
    _write_all(writing, _framed(_CALL, content))
    size = int.from_bytes(_read_all(hearing, 8), "big")
    return _read_all(hearing, size)


def _read_all(descriptor: int, size: int) -> bytes:
    content = bytearray()
    while len(content) < size:
        part = os.read(descriptor, min(size - len(content), 1 << 20))
        if not part:
            raise EOFError
        content += part
    return bytes(content)


def _tell(telling: int, content: bytes, end: float) -> None:
    """Write to the child, for as long as it has; whether it listens is its own affair."""
    left = memoryview(content)
    with contextlib.suppress(BrokenPipeError):
        while left and time.monotonic() < end:
            if select.select([], [telling], [], 0.2)[1]:
                left = left[os.write(telling, left) :]


def _collect(child: int, reading: int, said: bytearray, end: float, largest: int) -> tuple[str, bytes]:
    """Read what the child says until there is a call or the result, at most so long and so much."""
    ended = False
    while True:
        if time.monotonic() > end:
            return "late", b""
        if len(said) >= 9 and len(said) >= (size := 9 + int.from_bytes(said[1:9], "big")):
            kind, content = bytes(said[:1]), bytes(said[9:size])
            del said[:size]
            return ("call" if kind == _CALL else "done"), content
        if select.select([reading], [], [], 0 if ended else 0.2)[0]:
            part = os.read(reading, 1 << 20)
            said += part
            if len(said) > largest:
                return "flood", b""
            if not part:
                return "died", b""
        elif ended:
            return "died", b""
        else:
            ended = _has_ended(child)


def _has_ended(child: int) -> bool:
    try:
        return bool(os.waitpid(child, os.WNOHANG)[0])
    except ChildProcessError:  # seen before
        return True


def _limit(job: dict) -> None:
    """Limits of the child: beyond what this process has in memory already, so much more."""
    soft = {"RLIMIT_CPU": job["seconds"] + 5, "RLIMIT_FSIZE": job["file_size"], "RLIMIT_NOFILE": 256, "RLIMIT_CORE": 0}
    if sys.platform == "linux":
        with open("/proc/self/statm") as file:
            pages = int(file.read().split()[0])
        soft["RLIMIT_AS"] = pages * resource.getpagesize() + job["memory"]
    for name, value in soft.items():
        hard = resource.getrlimit(getattr(resource, name))[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(getattr(resource, name), (value, value))


def _sweep(alone: bool) -> None:
    """End every process that a job has left, and empty the folders that it could write to."""
    if not alone:
        return
    if os.getpid() != 1:  # anywhere else, -1 would stand for every process of the machine
        sys.exit("the sandbox has no process namespace of its own")
    for _ in range(400):
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            break
        time.sleep(0.005)
    else:
        sys.exit("processes of a job cannot be ended")
    for folder in _OWN_FOLDERS:
        for name in os.listdir(folder):
            _remove(os.path.join(folder, name))


def _remove(path: str) -> None:
    """Remove a file or folder, also one that its owner has closed to itself."""
    if os.path.isdir(path) and not os.path.islink(path):
        os.chmod(path, 0o700)
        for name in os.listdir(path):
            _remove(os.path.join(path, name))
        os.rmdir(path)
    else:
        os.unlink(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
