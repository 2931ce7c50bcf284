"""What the kernel of a graded run can reach."""

import sys

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course_utils.classroom.grading.runner import Run, run_notebook
from course_utils.classroom.grading.sandbox import Limits

# Each cell raises if what it tries is possible; the name is the fence that must stand for it, or "always".
ATTEMPTS = {
    "always: no secrets in the environment": "import os; assert 'hidden' not in str(os.environ)",
    "always: an empty desk": (
        "import os; assert not [n for n in os.listdir('.') if not n.startswith(('fontlist', 'profile_default', '.'))]"
    ),
    "always: a module beside is not imported": (
        "open('course_utils.py', 'w').close()\n"
        "import course_utils; assert course_utils.__file__.endswith('__init__.py')"
    ),
    "always: no learner's startup files": (
        "import IPython, os\nassert IPython.paths.get_ipython_dir().startswith(os.getcwd())"
    ),
    "always: files stay small": (
        "import os, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "try:\n    os.truncate(os.open('big', os.O_CREAT | os.O_RDWR), 2**30)\n"
        "except OSError:\n    pass\nelse:\n    raise AssertionError"
    ),
    "read-only course: the course cannot be changed": (
        "import course_utils, errno\n"
        "try:\n    open(course_utils.__file__, 'a')\nexcept OSError:\n    pass\nelse:\n    raise AssertionError"
    ),
    "separate processes: no other process in sight": (
        "import os; assert sum(name.isdigit() for name in os.listdir('/proc')) == 1 == os.getpid()"
    ),
    "no network: none": (
        "import socket\ntry:\n    socket.create_connection(('127.0.0.1', 9), 1)\n"
        "except OSError as error:\n    assert error.errno == 101, error\nelse:\n    raise AssertionError"
    ),
    "another user: not root": "import os; assert os.getuid() >= 60000 and os.getgroups() == []",
}


@pytest.fixture(scope="module")
def run() -> Run:
    cells = [new_code_cell(source) for source in ATTEMPTS.values()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRET", "hidden")
        return run_notebook(new_notebook(cells=cells), Limits(cell_seconds=20))


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_fence(attempt: str, run: Run) -> None:
    fence = attempt.split(":")[0]
    if fence != "always" and fence not in run.fences:
        pytest.skip(f"this system does not offer: {fence}")
    assert not run.broken
    result = run.cells[list(ATTEMPTS).index(attempt)]
    assert result.passed, result.error


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces and capabilities are Linux's")
def test_root_gives_the_kernel_another_user(run: Run) -> None:
    import os

    if os.getuid() != 0:
        pytest.skip("the tests do not run as root")
    assert "another user" in run.fences or "separate processes" not in run.fences


def test_nbval_compares_and_a_pass_is_a_pass() -> None:
    """Guards against a run that passes everything: one cell of each kind."""

    def compared(source: str, expected: str) -> object:
        output = new_output("stream", name="stdout", text=expected)
        return new_code_cell(source, execution_count=1, outputs=[output])

    cells = [compared("print(1)", "1\n"), compared("print(1)", "2\n"), new_code_cell("1 / 0")]
    run = run_notebook(new_notebook(cells=cells), Limits())
    assert [run.cells[number].passed for number in range(3)] == [True, False, False]
    assert run.cells[2].error == ("ZeroDivisionError", "division by zero")
