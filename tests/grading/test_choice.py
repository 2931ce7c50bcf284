"""Which fence a run gets, and the one line that says why there is none."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import tiny_lesson

from course_utils.classroom.grading import choice
from course_utils.classroom.grading.choice import choose_fence
from course_utils.classroom.grading.fences import IMAGE, Limits, bubblewrap, container, no_fence
from course_utils.classroom.grading.learners import find_learners
from course_utils.classroom.grading.room import zygote
from course_utils.classroom.grading.submission import Grader
from course_utils.errors import CourseError


def test_both_at_once_are_refused() -> None:
    with pytest.raises(CourseError, match="exclude each other"):
        choose_fence("docker", True)


def test_without_bubblewrap_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CourseError, match="no bubblewrap here, so no sandbox; install it .*, or --no-sandbox"):
        choose_fence(None, False)
    with pytest.raises(CourseError, match="no docker here"):
        choose_fence("docker", False)


def _fake(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{script}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_a_bubblewrap_that_may_not_work_here_is_told_in_its_own_words(tmp_path: Path, monkeypatch: object) -> None:
    _fake(tmp_path, "bwrap", "import sys; sys.exit('bwrap: setting up uid map: Permission denied')")
    monkeypatch.setenv("PATH", str(tmp_path))
    words = r"the sandbox \(bubblewrap\) does not work here: bwrap: setting up uid map: Permission denied; install it"
    with pytest.raises(CourseError, match=words):
        choose_fence("bubblewrap", False)


@pytest.mark.parametrize("place", ["/tmp", "/dev/shm"])
def test_a_python_that_the_sandbox_would_hide_is_named(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.prefix", f"{place}/course/.venv")
    with pytest.raises(CourseError, match=f"^{place}/course/.venv: Python lies in a folder that is empty"):
        bubblewrap(Limits())


def test_other_systems_are_told_kindly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice.sys, "platform", "darwin")
    with pytest.raises(CourseError, match="use --sandbox docker"):
        choose_fence(None, False)
    monkeypatch.setattr(choice.sys, "platform", "win32")
    monkeypatch.delattr(choice.os, "fork")
    for wish, no_sandbox in ((None, False), (None, True), ("docker", False)):
        with pytest.raises(CourseError, match="answers cannot be graded on win32; on Windows, use WSL"):
            choose_fence(wish, no_sandbox)


def test_the_grader_can_be_imported_where_there_is_no_fork_and_no_resource() -> None:
    script = (
        "import os, sys, jupytext\n"
        "sys.modules['resource'] = None\n"
        "del os.fork, os.getuid, os.set_blocking\n"
        "from course_utils.classroom.grading import choice, fences, rooms, submission, whole_class, evening, reports\n"
        "from course_utils.commands.grade import grade\n"
        "from course_utils.errors import CourseError\n"
        "try:\n    choice.choose_fence(None, False)\nexcept CourseError as why:\n    print(why)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "answers cannot be graded on" in done.stdout, done.stderr


def _graded(fence: object, folder: Path, released: object) -> list[str]:
    (folder / "ana").mkdir()
    nbformat.write(tiny_lesson.submission(tiny_lesson.RIGHT), folder / "ana/90_tiny.ipynb")
    grader = Grader((released,), 7, fence, Limits(seconds=10))
    result = grader.grade(find_learners([folder / "ana"]).learners[0])
    assert result.fence == fence.name
    return [exercise.status for exercise in result.lessons[0].exercises]


def test_nothing_is_swept_away_outside_of_a_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    killed = []
    monkeypatch.setattr(zygote.os, "kill", lambda *what: killed.append(what))
    with pytest.raises(SystemExit, match="no process namespace of its own"):
        zygote._sweep(True)
    with pytest.raises(SystemExit, match="no process namespace of its own"):
        zygote.main("/nowhere", "1", "0")
    assert not killed


def test_without_a_sandbox_answers_are_graded_the_same(tmp_path: Path, released: object) -> None:
    assert _graded(choose_fence(None, True), tmp_path, released) == ["passed"] * 3


# Stands for docker: checks what it is asked for, then starts the last words of the command on this machine.
DOCKER = """
import os, sys
words = sys.argv[1:]
assert words[0] == "run"
options, inside = words[1 : words.index({image!r})], words[words.index({image!r}) + 1 :]
text = " ".join(options)
for wanted in ("--network none", "--read-only", "--cap-drop ALL", "--user 65534:65534", "--pids-limit 64",
               "no-new-privileges", "--memory ", "--memory-swap ", "--tmpfs /tmp:size=", "--shm-size ", "--rm -i"):
    assert wanted in text, wanted
mounts = [word for word in options if word.startswith("type=bind")]
assert mounts and all(word.endswith(",readonly") for word in mounts)
assert not [word for word in mounts if "lesson_" in word or "solutions" in word or "/data" in word]
inside = [{root!r} if word == "/room" else word.replace("/room", {root!r}, 1) for word in inside]
assert inside[5] == "1"
inside[5] = "0"  # this machine is no sandbox: nothing of it may be swept away
os.execv({python!r}, [{python!r}, *inside[1:]])
"""


@pytest.mark.parametrize("tool", ["docker", "podman"])
def test_a_container_is_asked_for_with_all_fences(
    tool: str, tmp_path: Path, released: object, monkeypatch: object
) -> None:
    root = str(Path(no_fence().command[4]))
    _fake(tmp_path, tool, DOCKER.format(image=IMAGE, root=root, python=sys.executable))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert _graded(choose_fence(tool, False), tmp_path, released) == ["passed"] * 3


def test_a_container_that_does_not_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake(tmp_path, "docker", "import sys; sys.exit('Cannot connect to the Docker daemon. Is it running?')")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CourseError, match="Cannot connect to the Docker daemon.*start it and build the image"):
        choose_fence("docker", False)
    assert container("docker", Limits()).name == "docker"
