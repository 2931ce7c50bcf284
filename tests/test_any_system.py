"""What learners run works on Windows, too: nothing in the package needs what only Unix has, but for the sandboxes."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from course_utils.paths import repo_root

MODULES = {"fcntl", "grp", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty"}
NAMES = {
    "os": "fork execv execve execvp execvpe getuid geteuid getgid killpg setsid sched_getaffinity sysconf uname nice "
    "WNOHANG waitpid getloadavg mkfifo chown setuid",
    "signal": "SIGKILL SIGALRM SIGHUP SIGUSR1 SIGUSR2 setitimer pause pthread_kill",
}
UNIX = {f"{module}.{name}" for module, names in NAMES.items() for name in names.split()}
# Answers of a class are graded in sandboxes of Linux or in containers; `grading.choice` tells every other system so.
SANDBOXES = Path("classroom/grading")
# Looked for before they are used, by hasattr.
ASKED_FOR = {("exercises/stopwatch.py", name) for name in ("signal.setitimer", "signal.SIGALRM")}
ASKED_FOR |= {("commands/lab.py", "os.geteuid")}


def unix_only(text: str) -> Iterator[str]:
    """The modules and names of Unix that a piece of code uses."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            yield from ([node.module] if node.module in MODULES else [])
            yield from (name for alias in node.names if (name := f"{node.module}.{alias.name}") in UNIX)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield from ([name] if (name := f"{node.value.id}.{node.attr}") in UNIX else [])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("/proc/"):
            yield node.value


def test_nothing_but_the_sandboxes_needs_unix() -> None:
    root = repo_root() / "course_utils"
    found = set()
    for path in root.rglob("*.py"):
        inside = path.relative_to(root)
        if SANDBOXES not in inside.parents:
            found |= {(inside.as_posix(), name) for name in unix_only(path.read_text(encoding="utf-8"))}
    assert found == ASKED_FOR


def test_set_up_and_site_need_no_unix() -> None:
    paths = [repo_root() / "install.py", *(repo_root() / "site").rglob("*.py")]
    assert [name for path in paths for name in unix_only(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("import resource", "resource"),
        ("from os import fork", "os.fork"),
        ("import os\nos.execv('a', [])", "os.execv"),
        ("open('/proc/self/status')", "/proc/self/status"),
    ],
)
def test_each_kind_of_use_is_found(code: str, name: str) -> None:
    assert list(unix_only(code)) == [name]
