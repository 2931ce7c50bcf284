"""What the kernel of a graded run may see, use and reach: its folders, its environment, its limits, its user."""

import json
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from course_utils.classroom.grading import launcher
from course_utils.errors import CourseError
from course_utils.paths import data_dir, repo_root

_FIRST_UID, _UIDS = 61184, 4000  # the range that systemd keeps for users that exist only while a service runs

_LONGEST_PATH = 85  # characters; with the socket's own name it must stay under the 108 of a Unix socket


@dataclass(frozen=True)
class Limits:
    """What one graded run may use.

    `memory` bounds the kernel's private memory in bytes (RLIMIT_DATA: RLIMIT_AS would also count the address space that
    torch reserves and never touches).
    """

    cell_seconds: int = 120
    lesson_seconds: int = 600
    memory: int = 4 * 2**30
    file_size: int = 64 * 2**20
    processes: int = 256


@dataclass(frozen=True)
class Sandbox:
    """The folders of one run; everything lies in `run`, which is removed after it."""

    run: Path
    settings: dict

    @property
    def fences(self) -> tuple[str, ...]:
        """The fences that stood around the kernel, as the launcher reported them; empty if it never started."""
        try:
            return tuple(json.loads((self.run / "fences.json").read_text()))
        except (OSError, ValueError):
            return ()


@contextmanager
def new_sandbox(limits: Limits, scratch: Path | None = None) -> Iterator[Sandbox]:
    """Make the folders (below `scratch`), the kernel's specification and its settings; remove them all afterwards."""
    run = Path(tempfile.mkdtemp(prefix="grade-", dir=scratch))
    try:
        if len(str(run)) > _LONGEST_PATH:
            raise CourseError(f"{run}: too long a path for a socket; set TMPDIR to a shorter one")
        run.chmod(0o711)
        for folder in ("desk", "kernel", "jupyter/kernels/graded"):
            (run / folder).mkdir(parents=True)
        _copy_font_list(run / "desk")
        sandbox = Sandbox(run, _settings(run, limits))
        (run / "settings.json").write_text(json.dumps(sandbox.settings))
        script = [sys.executable, "-I", launcher.__file__, str(run / "settings.json"), "{connection_file}"]
        spec = {"argv": script, "display_name": "graded", "language": "python", "interrupt_mode": "signal"}
        (run / "jupyter/kernels/graded/kernel.json").write_text(json.dumps(spec))
        yield sandbox
    finally:
        shutil.rmtree(run, ignore_errors=True)


def grader_environment(sandbox: Sandbox) -> dict[str, str]:
    """Environment of the pytest process: nothing of the caller's that could steer pytest, Python or Jupyter."""
    kept = {
        name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR", "COURSE_DATA") if name in os.environ
    }
    own = {
        "HOME": str(sandbox.run),
        "JUPYTER_DATA_DIR": str(sandbox.run / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(sandbox.run / "kernel"),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONSAFEPATH": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "COURSE_SETTINGS": json.dumps(
            {"transport": sandbox.settings["transport"], "connection_file": str(sandbox.run / "kernel/k.json")}
        ),
    }
    return kept | own


def _settings(run: Path, limits: Limits) -> dict:
    """Everything that the launcher needs to know, ready for JSON."""
    course = [
        path for path in (repo_root(), Path(sys.prefix), Path(sys.base_prefix), data_dir().resolve()) if path.exists()
    ]
    lifted, reachable = _lifted([*course, run])
    return {
        "python": sys.executable,
        "run": str(run),
        "desk": str(run / "desk"),
        "environment": _kernel_environment(run / "desk"),
        # Sockets in the file system reach into a namespace without network; elsewhere TCP is what there is.
        "transport": "ipc" if sys.platform == "linux" else "tcp",
        "uid": _FIRST_UID + os.getpid() % _UIDS if reachable else 0,
        "lifted": {str(ancestor): [str(path) for path in paths] for ancestor, paths in lifted.items()},
        "read_only": [str(path) for path in course],
        "processes": limits.processes,
        "limits": {
            "RLIMIT_DATA": limits.memory,
            "RLIMIT_CPU": limits.lesson_seconds,
            "RLIMIT_FSIZE": limits.file_size,
            "RLIMIT_NOFILE": 512,
        },
    }


def _kernel_environment(desk: Path) -> dict[str, str]:
    """No home, no secrets, one thread a kernel: several run at a time."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    folders = dict.fromkeys(("HOME", "IPYTHONDIR", "MPLCONFIGDIR", "JUPYTER_RUNTIME_DIR", "TMPDIR"), str(desk))
    flags = dict.fromkeys(("PYTHONSAFEPATH", "PYTHONNOUSERSITE", "PYTHONDONTWRITEBYTECODE", "OMP_NUM_THREADS"), "1")
    return kept | folders | flags | {"COURSE_DATA": str(data_dir().resolve())}


def _copy_font_list(desk: Path) -> None:
    """matplotlib takes seconds to list the system's fonts; hand over the list that this user already has."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "matplotlib"
    for font_list in caches.glob("fontlist-*.json"):
        shutil.copy(font_list, desk)


def _lifted(paths: list[Path]) -> tuple[dict[Path, list[Path]], bool]:
    """Folders that keep other users out, each with the needed paths below it, and whether lifting them suffices.

    A checkout under /root or a private home is read-protected by a folder above it. In its own mount namespace the
    launcher puts an empty folder in that place and binds only the needed paths into it. A needed path that is private
    itself stays so.
    """
    lifted: dict[Path, list[Path]] = {}
    for path in dict.fromkeys(path.resolve() for path in paths):
        if not path.stat().st_mode & stat.S_IXOTH:
            return {}, False
        closed = [ancestor for ancestor in path.parents if not ancestor.stat().st_mode & stat.S_IXOTH]
        if closed:
            lifted.setdefault(closed[-1], []).append(path)
    return lifted, True
