"""What stands between a learner's code and the machine: bubblewrap, a container, or, if told so, nothing."""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from course_utils.classroom.grading.contents import PACKAGE, room_files
from course_utils.errors import CourseError

_ROOM = "/room"
_ZYGOTE = "course_utils/classroom/grading/room/zygote.py"
_FIRST_UID, _UIDS = 61184, 4000  # the range that systemd keeps for users that exist only while a service runs
_SCRATCH = ("/tmp", "/dev/shm")  # empty, and all that can be written to
_DISK = 64 * 2**20  # bytes, of each of them
_SYSTEM = ("/bin", "/lib", "/lib32", "/lib64", "/libx32", "/sbin")
_SETTINGS = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime", "nsswitch.conf")
IMAGE = "course-room"


@dataclass(frozen=True)
class Limits:
    """What one answer may use; `learner_seconds` is for all of a learner's answers together.

    `memory` is in bytes, of all its processes together beyond what the sandbox needs itself.
    """

    seconds: int = 60
    learner_seconds: int = 900
    memory: int = 2 * 2**30
    file_size: int = 32 * 2**20
    processes: int = 64


@dataclass(frozen=True)
class Fence:
    """A way to start the sandbox's process.

    Attributes:
        name: as reports call it; "none" for no fence.
        command: the whole command line.
        environment: of that command.
        filter: a seccomp program to hand over.

    In the command "SECCOMP" is to become the number of the filter's descriptor, and "UID" a user whom no other sandbox
    of this machine has.
    """

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    filter: bytes | None = None


def bubblewrap(limits: Limits, modules: tuple[str, ...] = ()) -> Fence:
    """bubblewrap: namespaces, read-only views of Python alone, and a filter of system calls; for root another user."""
    root = os.getuid() == 0
    command = [shutil.which("bwrap") or "bwrap", "--die-with-parent", "--new-session", "--as-pid-1"]
    command += ["--hostname", "room"]
    if root:
        apart = ("pid", "net", "ipc", "uts")
        command += [f"--unshare-{name}" for name in apart]
        command += ["--unshare-cgroup-try", "--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-all", "--uid", "65534", "--gid", "65534"]
    command += _views(modules)
    program = seccomp_program()
    command += ["--seccomp", "SECCOMP"] if program else []
    inside = [
        sys.executable,
        "-s",
        "-P",
        f"{_ROOM}/{_ZYGOTE}",
        _ROOM,
        "1",
        str(_processes(limits, root)),
        *(["UID"] if root else []),
    ]
    return Fence("bubblewrap", (*command, "--", *inside), _environment(_ROOM), program)


def free_uid() -> int:
    """A user for the sandbox of this process."""
    return _FIRST_UID + os.getpid() % _UIDS


def seccomp_program() -> bytes | None:
    """The filter of system calls, where one is known."""
    from course_utils.classroom.grading.seccomp import program

    return program()


def _views(modules: tuple[str, ...]) -> list[str]:
    """Options for the file system: the system's and Python's files, the room's own; nothing else, and /tmp."""
    views = ["--ro-bind", "/usr", "/usr"]
    for place in _SYSTEM:
        if os.path.islink(place):
            views += ["--symlink", os.readlink(place), place]
        elif os.path.isdir(place):
            views += ["--ro-bind", place, place]
    views += _folders(Path("/etc/x"))
    for name in _SETTINGS:
        views += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    pythons = list(dict.fromkeys(Path(path).resolve() for path in (sys.base_prefix, sys.prefix)))
    for path in pythons:
        if path in (Path("/"), Path.home()) or path in PACKAGE.parents and path == PACKAGE.parent:
            raise CourseError(f"{path}: Python lies in a folder that must be hidden; install the course into a .venv")
        if any(path.is_relative_to(place) for place in _SCRATCH):
            raise CourseError(f"{path}: Python lies in a folder that is empty in the sandbox; put the course elsewhere")
        if path != Path("/usr"):
            views += [*_folders(path), "--ro-bind", str(path), str(path)]
    for path in _hidden([Path("/usr"), *pythons]):
        views += ["--tmpfs", str(path)]
    for path in pythons:  # the environment may lie in the folder of the course that was just hidden
        if PACKAGE.parent in path.parents:
            views += [*_folders(path), "--ro-bind", str(path), str(path)]
    for path in room_files(modules):
        inside = Path(_ROOM, "course_utils", path.relative_to(PACKAGE))
        views += [*_folders(inside), "--ro-bind", str(path), str(inside)]
    if fonts := _fonts():
        views += ["--ro-bind", str(fonts), f"{_ROOM}/{fonts.name}"]
    views += ["--proc", "/proc", "--dev", "/dev"]
    for place in _SCRATCH:
        views += ["--perms", "1777", "--size", str(_DISK), "--tmpfs", place]
    return [*views, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]


def _folders(path: Path) -> list[str]:
    """Options that make the folders above a path; without them it would make them for root alone."""
    return [word for folder in [*path.parents][-2::-1] for word in ("--perms", "0755", "--dir", str(folder))]


def _hidden(shown: list[Path]) -> Iterator[Path]:
    """Folders inside of those shown that must not be seen: the course itself, wherever it is installed, and homes."""
    inside = [PACKAGE, *(path / "course_utils" for path in map(Path, sys.path) if (path / "course_utils").is_dir())]
    checkout = PACKAGE.parent
    for path in dict.fromkeys([*([checkout] if (checkout / "solutions").is_dir() else []), *inside, Path.home()]):
        path = path.resolve()
        if any(folder in path.parents for folder in shown):
            yield path


def _fonts() -> Path | None:
    """matplotlib's list of this machine's fonts, if it has been made."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "matplotlib"
    return next(iter(sorted(caches.glob("fontlist-*.json"), reverse=True)), None)


def _environment(room: str) -> dict[str, str]:
    """Nothing of the grader's own; one thread a process, since several run at a time."""
    fonts = _fonts()
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": "/tmp",
        "USER": "learner",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        **({"COURSE_FONTS": f"{room}/{fonts.name}"} if fonts else {}),
    }


def _processes(limits: Limits, root: bool) -> int:
    """How many processes the sandbox's user may have.

    Kernels before 5.14 count all processes of the user who grades, those outside of the sandbox too.
    """
    major, minor = (int(part) for part in platform.release().split(".")[:2])
    if root or (major, minor) >= (5, 14):
        return limits.processes
    own = (entry for entry in os.scandir("/proc") if entry.name.isdigit() and entry.stat().st_uid == os.getuid())
    return limits.processes + sum(len(os.listdir(f"{entry.path}/task")) for entry in own)


def container(tool: str, limits: Limits, modules: tuple[str, ...] = ()) -> Fence:
    """Docker or Podman, with the image of the Dockerfile beside this file."""
    options = ["--rm", "-i", "--network", "none", "--read-only", "--user", "65534:65534", "--cap-drop", "ALL"]
    options += ["--security-opt", "no-new-privileges", "--pids-limit", str(limits.processes), "--ipc", "private"]
    options += ["--memory", str(limits.memory + 2**30), "--memory-swap", str(limits.memory + 2**30)]
    options += ["--tmpfs", f"/tmp:size={_DISK},mode=1777", "--shm-size", str(_DISK), "--workdir", "/tmp"]
    for name, value in _environment(_ROOM).items():
        options += ["--env", f"{name}={value}"] if name not in ("PATH", "COURSE_FONTS") else []
    for path in room_files(modules):
        inside = f"{_ROOM}/course_utils/{path.relative_to(PACKAGE).as_posix()}"
        options += ["--mount", f"type=bind,source={path},target={inside},readonly"]
    command = ["python", "-s", "-P", f"{_ROOM}/{_ZYGOTE}", _ROOM, "1", "0"]
    return Fence(tool, (shutil.which(tool) or tool, "run", *options, IMAGE, *command), dict(os.environ))


def with_modules(fence: Fence, limits: Limits, modules: tuple[str, ...]) -> Fence:
    """The same kind of fence around a sandbox that holds these modules of the course."""
    if fence.name == "none":
        return fence
    return bubblewrap(limits, modules) if fence.name == "bubblewrap" else container(fence.name, limits, modules)


def no_fence() -> Fence:
    """The grader's own machine, open to whatever is handed in; limits of time and memory still hold."""
    root = str(PACKAGE.parent)
    command = (sys.executable, "-s", "-P", f"{root}/{_ZYGOTE}", root, "0", "0")
    return Fence("none", command, _environment(root) | {"PATH": os.environ.get("PATH", "")})
