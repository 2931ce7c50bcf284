"""The first minutes: what `make` says when something is missing, and what `course doctor` finds."""

import hashlib
import importlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from unittest.mock import Mock

import pytest
from click.testing import CliRunner
from helpers import ctrl_c

from course_utils.classroom import doctor
from course_utils.commands.doctor import doctor as command
from course_utils.errors import CourseError
from course_utils.paths import repo_root

lab = importlib.import_module("course_utils.commands.lab")

# A Python that is too old, and one without venv: each fails the import or comparison that it is asked for.
TOO_OLD = '#!/bin/sh\ncase "$2" in *version_info*) exit 1;; esac\n'
WITHOUT_VENV = '#!/bin/sh\ncase "$2" in *venv*) exit 1;; esac\n'


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A clone in which nothing is set up, as far as make can see."""
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "install.py"):
        shutil.copy(repo_root() / name, tmp_path)
    return tmp_path


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "GOAL"))}
    return subprocess.run(["make", *arguments], cwd=folder, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("script", "goal", "words"),
    [
        (TOO_OLD, "lab", "Python 3.11 or newer is needed; install it, or name it: make PYTHON=python3.12 lab"),
        (TOO_OLD, "test", "Python 3.11 or newer is needed; install it, or name it: make PYTHON=python3.12 test"),
        (WITHOUT_VENV, "lab", "this Python has no venv module; on Debian and Ubuntu: apt install python3-venv"),
    ],
)
def test_a_missing_prerequisite_is_named_in_one_line(fresh: Path, script: str, goal: str, words: str) -> None:
    python = fresh / "python"
    python.write_text(script)
    python.chmod(0o755)
    done = make(fresh, goal, f"PYTHON={python}")
    assert done.returncode == 2
    own = [line for line in (done.stdout + done.stderr).splitlines() if "***" not in line]
    assert own == [f"make: {words}"]
    assert not (fresh / ".venv").exists()


def test_a_python_that_is_not_there_is_named(fresh: Path) -> None:
    assert "make: Python 3.11 or newer is needed" in make(fresh, "lab", "PYTHON=/no/such/python").stdout


def test_a_second_run_installs_nothing_and_a_new_lock_does(fresh: Path) -> None:
    (fresh / ".venv/bin").mkdir(parents=True)
    (fresh / ".venv/bin/python").touch()
    for stamp in ("lab", "test", "site"):
        (fresh / f".venv/{stamp}.stamp").touch()
    assert make(fresh, "-n", "lab", "ARGS=--no-browser").stdout == ".venv/bin/course lab --no-browser\n"
    assert "install.py" not in make(fresh, "-n", "test").stdout
    later = (fresh / ".venv/lab.stamp").stat().st_mtime + 10
    os.utime(fresh / "requirements.lock", (later, later))
    assert ".venv/bin/python install.py\n" in make(fresh, "-n", "lab").stdout
    assert ".venv/bin/python install.py test site\n" in make(fresh, "-n", "test").stdout


@pytest.fixture
def install() -> ModuleType:
    """install.py, which belongs to no package."""
    spec = importlib.util.spec_from_file_location("install", repo_root() / "install.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_uv_looks_where_pip_looks(install: ModuleType) -> None:
    """What stands in pip's files and environment, the environment last."""
    told = """:env:.find-links='/a/folder /another'
global.extra-index-url='file:///one/simple\\nfile:///two/simple'
global.find-links='/overruled'
global.timeout='180'
install.constraint='/a/cap.txt'
list.format='columns'
"""
    assert install.uv_settings(told) == {
        "UV_FIND_LINKS": "/a/folder,/another",
        "UV_INDEX": "file:///one/simple file:///two/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_CONSTRAINT": "/a/cap.txt",
    }
    assert install.uv_settings("") == {}


def test_what_uv_cannot_be_told_leaves_the_work_to_pip(install: ModuleType) -> None:
    assert install.uv_settings("global.proxy='somewhere:3128'\n") is None


@pytest.mark.parametrize(
    ("told", "codes", "done", "status"),
    [
        ("", [0, 0], ["pip uv", "uv course"], 0),
        ("", [1, 0], ["pip uv", "pip course"], 0),  # there is no uv to be had
        ("", [0, 2, 0], ["pip uv", "uv course", "pip course"], 0),  # uv cannot do it
        ("", [0, 2, 1], ["pip uv", "uv course", "pip course"], 1),  # nor can pip
        ("global.proxy='somewhere:3128'", [0], ["pip course"], 0),
    ],
)
def test_pip_installs_what_uv_does_not(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch, told: str, codes: list[int], done: list[str], status: int
) -> None:
    calls: list[str] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess:
        if "list" in command:
            return subprocess.CompletedProcess(command, 0, told)
        assert command[command.index("-c") + 1] == str(repo_root() / "requirements.lock")
        calls.append(f"{command[2]} {'uv' if command[-1] == 'uv' else 'course'}")
        return subprocess.CompletedProcess(command, codes[len(calls) - 1])

    monkeypatch.setattr(install, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(install.subprocess, "run", run)
    assert (install.main(["test"]), calls) == (status, done)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """What `course lab` would hand the terminal to, instead of doing so; it ends with exit code 3."""
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/the/users/own")
    execute = Mock(return_value=3)
    monkeypatch.setattr(lab, "hand_over", execute)
    return execute


def test_the_lab_opens_the_front_page_and_asks_nothing(started: Mock) -> None:
    result = CliRunner().invoke(lab.lab, ["--no-browser", "--port=9999"], catch_exceptions=False)
    assert result.exit_code == 3, "the code of JupyterLab"
    arguments = started.call_args.args[0]
    assert f"--notebook-dir={repo_root()}" in arguments, "the solved editions can be opened, too"
    assert "--LabApp.default_url=/lab/tree/notebooks/start.ipynb" in arguments
    assert f"--LabApp.extra_labextensions_path={lab.EXTENSIONS}" in arguments
    assert arguments[-2:] == ["--no-browser", "--port=9999"]
    first, ours = os.environ["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert first == "/the/users/own", "the user's own settings come first"
    settings = json.loads((Path(ours) / "labconfig/default_setting_overrides.json").read_text())
    assert settings["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


# Stands for JupyterLab: it answers a Ctrl-C in its own words and goes on until it is asked to end.
LAB = """
import signal, sys
signal.signal(signal.SIGINT, lambda *_: print("Shut down?", flush=True))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
print("ready", flush=True)
while True:
    signal.pause()
"""
HANDING_OVER = (
    f"import sys\nfrom course_utils.commands.lab import hand_over\nsys.exit(hand_over([sys.executable, '-c', {LAB!r}]))"
)


def test_ctrl_c_is_for_the_lab_and_a_request_to_end_reaches_it() -> None:
    with ctrl_c.start([sys.executable, "-c", HANDING_OVER], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == "ready\n"
        ctrl_c.press(process)
        assert process.stdout.readline() == "Shut down?\n" and process.poll() is None
        process.terminate()
        assert process.communicate(timeout=60) == ("", "") and process.returncode == 7


@pytest.mark.parametrize(("ending", "code"), [("sys.exit(5)", 5), ("os.kill(os.getpid(), 9)", 137)])
def test_the_terminal_learns_how_the_lab_ended(ending: str, code: int) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    assert lab.hand_over([sys.executable, "-c", f"import os, sys; {ending}"]) == code
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_lab_without_lessons_says_how_to_make_them(
    started: Mock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab, "repo_root", lambda: tmp_path)
    with pytest.raises(CourseError, match="start.ipynb is missing; make it with: course build"):
        CliRunner().invoke(lab.lab, [], catch_exceptions=False)
    assert not started.called


def test_the_doctor_recognises_a_torchvision_of_another_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens beside a CPU-only torch, acted out by a torchvision that fails with the same words."""
    (tmp_path / "torchvision.py").write_text("raise RuntimeError('operator torchvision::nms does not exist')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    finding = doctor.check_torch_pair()
    assert not finding.ok and finding.needed
    assert finding.text.startswith("torch 2.14.1")
    assert finding.text.endswith("pip install --force-reinstall -c requirements.lock torch torchvision")


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("RuntimeError: operator torchvision::nms does not exist", "built for another torch"),
        ("ImportError: _C.so: undefined symbol: _ZN5torch3jit", "built for another torch"),
        ("OSError: libcudart.so.13: cannot open shared object file", "built for another torch"),
        ("Traceback\nModuleNotFoundError: No module named 'PIL'", "cannot be imported: ModuleNotFoundError"),
        ("", "cannot be imported: no message"),
    ],
)
def test_why_torchvision_cannot_be_imported(message: str, words: str) -> None:
    assert words in doctor.explain_torch(message)


def test_the_doctor_misses_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        raise doctor.importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(doctor.importlib.metadata, "version", version)
    assert doctor.check_torch_pair() == doctor.Finding("torch", False, "torch is not installed; run: make lab")


def test_the_doctor_compares_the_data_with_its_checksums(tmp_path: Path) -> None:
    assert "SHA256SUMS is missing" in doctor.check_data(tmp_path).text
    (tmp_path / "a.json").write_text("{}")
    sums = "".join(f"{hashlib.sha256(b'{}').hexdigest()}  {name}\n" for name in ("a.json", "b.json"))
    (tmp_path / "SHA256SUMS").write_text(sums)
    finding = doctor.check_data(tmp_path)
    assert not finding.ok
    assert (
        finding.text == "1 of 2 files are missing or changed, the first: b.json; get them back with: git checkout data"
    )
    (tmp_path / "b.json").write_text("{}")
    assert doctor.check_data(tmp_path).text == "2 files, as they were released"


def test_the_doctor_finds_an_old_python(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.check_python().ok
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    assert doctor.check_python() == doctor.Finding("python", False, "3.10.4; 3.11 or newer is needed")


def test_only_what_is_needed_makes_the_doctor_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    findings = [
        doctor.Finding("python", True, "3.11"),
        doctor.Finding("renderer", False, "not installed", needed=False),
    ]
    monkeypatch.setattr(doctor, "examine", lambda: findings)
    done = CliRunner().invoke(command)
    assert (done.exit_code, done.output) == (0, "   ok  python    3.11\n    -  renderer  not installed\n")
    findings.append(doctor.Finding("data", False, "gone"))
    done = CliRunner().invoke(command)
    assert done.exit_code == 1 and done.output.endswith("WRONG  data      gone\n")
