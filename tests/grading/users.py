"""Running a program as root, or as a plain user, whoever runs the tests."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

PLAIN = 2000  # a user id that nobody has


def as_user(user: str, command: list[str], **options: object) -> subprocess.CompletedProcess:
    """Run a command as "root" or as a "plain" user, and skip the test where that cannot be.

    A Python that lies in a folder closed to other users (root's home, say) is shown to the plain user in a mount
    namespace of its own, without anything else of that folder.
    """
    root = os.getuid() == 0
    if user == "root" and not root:
        pytest.skip("the tests do not run as root")
    if user == "plain" and root:
        if not (shutil.which("bwrap") and shutil.which("setpriv")):
            pytest.skip("no bwrap or setpriv to become another user with")
        setpriv = ["setpriv", "--reuid", str(PLAIN), "--regid", str(PLAIN), "--clear-groups"]
        command = ["bwrap", "--dev-bind", "/", "/", *_opened(), "--", *setpriv, *command]
    return subprocess.run(command, text=True, capture_output=True, **options)


def _opened() -> list[str]:
    views = []
    for path in dict.fromkeys(Path(path).resolve() for path in (sys.base_prefix, sys.prefix)):
        closed = [folder for folder in path.parents if not folder.stat().st_mode & stat.S_IXOTH]
        if closed:
            folders = [folder for folder in reversed(path.parents) if closed[-1] in (folder, *folder.parents)]
            views += ["--perms", "0755", "--tmpfs", str(closed[-1])]
            views += [word for folder in folders[1:] for word in ("--perms", "0755", "--dir", str(folder))]
            views += ["--ro-bind", str(path), str(path)]
    return views
