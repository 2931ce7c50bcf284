"""Starts the kernel of a graded run inside a sandbox; run as a script, with the standard library alone.

    launcher.py SETTINGS.json CONNECTION_FILE

Every fence that the system offers is put up, and those that stand are listed in `fences.json` beside the settings:
namespaces (no other process in sight, no network, the course and its data read-only), a user of its own, no
capabilities; and always the limits on memory, processor time, file size and processes.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path

_NEWNS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = 1 << 17, 1 << 27, 1 << 28, 1 << 29, 1 << 30
_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 1 << 5, 1 << 12, 1 << 14, 1 << 18
_MS_KEPT = 0b1110  # nosuid, nodev, noexec: a mount that has them must keep them
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38


class Linux:
    """The few system calls that Python 3.11 has no name for; each raises OSError when the system refuses it."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)

    def _call(self, name: str, *arguments: object) -> None:
        if getattr(self._libc, name)(*arguments) != 0:
            raise OSError(ctypes.get_errno(), f"{name} was refused")

    def prctl(self, option: int, value: int) -> None:
        """Set an attribute of this process."""
        self._call("prctl", option, ctypes.c_ulong(value), *[ctypes.c_ulong(0)] * 3)

    def die_with_parent(self) -> None:
        """Have this process killed when the one that started it ends."""
        self.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    def hide_memory(self) -> None:
        """Forbid other processes, also those of the same user, to read this one's memory and open files."""
        self.prctl(_PR_SET_DUMPABLE, 0)

    def unshare(self, flags: int) -> None:
        """Enter new namespaces; that of processes only with the next fork."""
        self._call("unshare", flags)

    def mount(self, source: str, target: str, kind: str, flags: int, options: str = "") -> None:
        """Mount, bind or remount; empty texts stand for what a call does not need."""
        texts = [os.fsencode(text) or None for text in (source, target, kind)]
        self._call("mount", *texts, ctypes.c_ulong(flags), os.fsencode(options) or None)


def main(settings_path: str, connection_file: str) -> None:
    """Put up the fences, then become the kernel."""
    settings = json.loads(Path(settings_path).read_text())
    fences = _fence(settings, connection_file) if sys.platform == "linux" else []
    if "another user" not in fences:
        Path(settings_path).with_name("fences.json").write_text(json.dumps(fences))
    _limit(settings["limits"])
    os.chdir(settings["desk"])
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    options = ["-f", connection_file, "--InteractiveShellApp.ignore_cwd=True", "--HistoryManager.enabled=False"]
    command = [settings["python"], "-P", "-m", "ipykernel_launcher", *options]
    os.execve(command[0], command, settings["environment"])


def _fence(settings: dict, connection_file: str) -> list[str]:
    """Put up what this system allows; the names of the fences that stand."""
    linux, fences = Linux(), []
    linux.die_with_parent()
    separate = _works(lambda: _separate(linux))
    if separate:
        _separate(linux)
        _become_first_process(linux)
        _protect(linux, settings)
        fences += ["separate processes", "no network", "read-only course"]
    if os.getuid() == 0 and settings["uid"] and (separate or not settings["lifted"]):
        fences.append("another user")
        _give_away(settings, connection_file)
        Path(settings["run"], "fences.json").write_text(json.dumps(fences))
        _drop_capabilities(linux)
        os.setgroups([])
        os.setresgid(*[settings["uid"]] * 3)
        os.setresuid(*[settings["uid"]] * 3)
        settings["limits"]["RLIMIT_NPROC"] = settings["processes"]
    elif os.getuid() == 0:
        _drop_capabilities(linux)
    linux.prctl(_PR_SET_NO_NEW_PRIVS, 1)
    linux.die_with_parent()  # again: changing the user clears it
    return fences


def _works(action: Callable[[], None]) -> bool:
    """Whether an action goes through, tried in a child so that half of it is never left behind."""
    child = os.fork()
    if child == 0:
        try:
            action()
            os._exit(0)
        except OSError:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def _separate(linux: Linux) -> None:
    """Leave the machine's process table, network and mounts; a plain user does so inside a user namespace."""
    flags = _NEWNS | _NEWIPC | _NEWPID | _NEWNET
    user, group = os.getuid(), os.getgid()
    if user == 0:
        linux.unshare(flags)
    else:
        linux.unshare(flags | _NEWUSER)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    linux.mount("", "/", "", _MS_REC | _MS_PRIVATE)


def _become_first_process(linux: Linux) -> None:
    """Go on as process 1 of the new process namespace; when it ends, so does everything it started."""
    child = os.fork()
    if child == 0:
        linux.die_with_parent()
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is meant for the kernel
    status = os.waitpid(child, 0)[1]
    os._exit(os.waitstatus_to_exitcode(status) % 256)


def _protect(linux: Linux, settings: dict) -> None:
    """Show only the own processes, let another user reach what it must read, and forbid everyone to change it."""
    linux.mount("proc", "/proc", "proc", 0)
    for ancestor, paths in settings["lifted"].items():
        handles = [os.open(path, os.O_PATH) for path in paths]  # they reach the folders even once these are covered
        linux.mount("tmpfs", ancestor, "tmpfs", 0, "mode=755,size=1m")
        for path, handle in zip(paths, handles, strict=True):
            os.makedirs(path, mode=0o755)
            linux.mount(f"/proc/self/fd/{handle}", path, "", _MS_BIND | _MS_REC)
            os.close(handle)
    for path in settings["read_only"]:
        linux.mount(path, path, "", _MS_BIND | _MS_REC)
        kept = os.statvfs(path).f_flag & _MS_KEPT
        linux.mount("", path, "", _MS_BIND | _MS_REMOUNT | _MS_RDONLY | kept)


def _give_away(settings: dict, connection_file: str) -> None:
    """Let the kernel's user own its desk and its end of the connection."""
    for path in (settings["desk"], str(Path(connection_file).parent), connection_file):
        os.chown(path, settings["uid"], settings["uid"])


def _drop_capabilities(linux: Linux) -> None:
    """After this, even root may do no more than the files' owner may."""
    for capability in range(64):
        try:
            linux.prctl(_PR_CAPBSET_DROP, capability)
        except OSError:  # beyond the last one
            return


def _limit(limits: dict[str, int]) -> None:
    """Set each limit that this system knows, no higher than it already is."""
    for name, value in {"RLIMIT_CORE": 0, **limits}.items():
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


if __name__ == "__main__":
    main(*sys.argv[1:])
