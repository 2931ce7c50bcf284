"""What an answer can reach, and what it finds there."""

import ast
import json
import os
import sys
from pathlib import Path

import cheats
import nbformat
import pytest
import tiny_lesson
from users import as_user

from course_utils.classroom.grading.contents import room_files
from course_utils.classroom.grading.files import files_below
from course_utils.classroom.grading.learners import Learner
from course_utils.classroom.grading.released import load_course
from course_utils.classroom.grading.results import ExerciseResult
from course_utils.classroom.grading.submission import Grader
from course_utils.paths import repo_root

# Reports all that it can reach, as the text of an error, which the grader keeps.
PROBE = r"""
import gc, os, sys, socket
def overlap(a, b):
    said = []
    def say(kind, text):
        said.append(f"{kind}: {text}")
    for key, value in os.environ.items():
        say("environment", f"{key}={value}")
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] == "course_utils" or name.startswith(("tiny", "lesson")):
            say("module", name)
    for thing in gc.get_objects():
        for word in ("reference", "misconceptions", "hint", "expected"):
            try:
                found = thing[word] if isinstance(thing, dict) and word in thing else None
                kind = type(found).__name__
                if not isinstance(found, (str, type, type(None))) and kind not in ("Field", "GenericAlias"):
                    say("object", f"{word} {type(thing[word])} {str(thing)[:80]}")
            except Exception: pass
    frame = sys._getframe()
    while frame:
        say("frame", f"{frame.f_code.co_filename} {sorted(frame.f_locals)}")
        frame = frame.f_back
    for base, folders, files in os.walk("/"):
        folders[:] = [f for f in folders if os.path.join(base, f) not in SKIPPED]
        for f in files:
            path = os.path.join(base, f)
            if f.endswith((".ipynb", ".csv")) or "lesson_" in f or "course" in path and "site-packages" not in path:
                say("file", path)
            if "SECRET" in f:
                say("secret", path)
    for base in (HOME, FOLDER):
        say("exists", f"{base} {os.path.isdir(base) and os.listdir(base)}")
    for n in os.listdir("/proc"):
        if n.isdigit():
            try: say("process", open(f"/proc/{n}/cmdline").read().replace("\0", " ")[:60])
            except OSError as error: say("process", error)
            for what in ("environ", "maps", "mem", "fd"):
                try:
                    path = f"/proc/{n}/{what}"
                    os.listdir(path) if what == "fd" else open(path, "rb").read(1)
                    if int(n) != os.getpid(): say("readable", path)
                except OSError: pass
    for family, address in ((socket.AF_INET, ("1.1.1.1", 53)), (socket.AF_INET, ("127.0.0.1", 22)), (40, (2, 1))):
        try: socket.socket(family).connect(address); say("network", address)
        except OSError as error: pass
    for path in ("/x", "/usr/x", "/dev/x", "/room/x", sys.prefix + "/x", os.__file__):
        try: open(path, "a"); say("writable", path)
        except OSError: pass
    say("user", f"{os.getuid()} {os.getgroups()}")
    open("/tmp/said", "w").write("\n".join(said))
    return said
"""


@pytest.fixture(scope="module", params=["root", "plain"])
def said(request: pytest.FixtureRequest, fence: object, open_folder: Path) -> list[str]:
    """What the probe says: all of it, in the words of a right check on a list."""
    home, folder = open_folder / f"home-{request.param}", open_folder / f"probe-{request.param}"
    home.mkdir()
    (home / "SECRET").write_text("SECRET")
    skipped = repr(["/proc", "/sys", "/usr/share", f"{sys.prefix}/lib", f"{sys.base_prefix}/lib"])
    for name in ("prober", "neighbour"):
        (folder / name).mkdir(parents=True)
        source = PROBE.replace("SKIPPED", skipped).replace("HOME", repr(str(home))).replace("FOLDER", repr(str(folder)))
        nbformat.write(tiny_lesson.submission({"overlap": source}), folder / name / "90_tiny.ipynb")
    for path in [home, folder, *folder.rglob("*")]:
        path.chmod(0o777)
    command = [sys.executable, str(Path(__file__).with_name("probe.py")), str(folder / "prober")]
    hidden = {"HOME": str(home), "PASSWORD": "SECRET", "PYTHONDONTWRITEBYTECODE": "1"}
    done = as_user(request.param, command, env=os.environ | hidden)
    assert done.returncode == 0, done.stderr[-2000:]
    lines = json.loads(done.stdout)
    assert lines, "the probe has said nothing"
    return lines


def kinds(said: list[str], kind: str) -> list[str]:
    return [line.split(": ", 1)[1] for line in said if line.startswith(f"{kind}: ")]


def test_a_probe_finds_no_key(said: list[str]) -> None:
    assert not kinds(said, "object")
    modules = {name for name in kinds(said, "module") if "grading.room" not in name}
    assert "course_utils.exercises.running" in modules
    assert not [name for name in modules if "lesson" in name or "tiny" in name]
    # The command's own script lies among Python's; it imports a package that is not there.
    known = ("/room/course_utils/", f"{sys.prefix}/bin/course")
    assert not [path for path in kinds(said, "file") if not path.startswith(known)]


def test_a_probe_finds_nothing_of_home_and_of_others(said: list[str]) -> None:
    assert not kinds(said, "secret")
    assert all(line.endswith("False") for line in kinds(said, "exists"))
    assert not [line for line in said if "SECRET" in line]
    assert len(kinds(said, "process")) <= 4
    assert not kinds(said, "readable")


def test_a_probe_can_change_nothing_and_reach_nobody(said: list[str]) -> None:
    assert not kinds(said, "writable")
    assert not kinds(said, "network")
    user, groups = kinds(said, "user")[0].split(" ", 1)
    assert int(user) not in (0, os.getuid()) and groups in ("[]", "[65534]")


def test_the_room_holds_no_declaration_and_no_part_that_an_exercise_asks_for() -> None:
    names = {path.relative_to(repo_root()).as_posix() for path in room_files()}
    assert "course_utils/classroom/grading/room/zygote.py" in names
    assert not [name for name in names if "lesson_" in name or "boxes" in name or "masks" in name]
    for path in room_files():
        called = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call)]
        assert not [n for n in called if getattr(n.func, "id", "") == "Exercise"], f"{path} declares an exercise"


def test_no_plain_data_that_a_set_up_gives_is_an_answer() -> None:
    for lesson in load_course():
        values = [repr(value) for value in lesson.values(lesson.text.given).values()]
        for exercise in lesson.exercises.values():
            assert exercise.is_function or repr(exercise.reference) not in values, exercise.id


GIVES_BACK = {
    "def overlap(a, b):\n    return union(a, b)": "it uses union, the course's own",
    "from tiny_exercises import LESSON\noverlap = LESSON['overlap'].reference": "it uses LESSON",
    "from course_utils.masks import area as f\ndef overlap(a, b):\n    return f((a & b)[None])[0]": "it uses f",
    "import course_utils.masks\noverlap = lambda a, b: course_utils.masks.area(a & b)": "it uses course_utils.masks",
    "def overlap(a, b):\n    from course_utils import masks\n    return masks.area(a)": "it imports what is not there",
}


@pytest.mark.parametrize("source", GIVES_BACK)
def test_the_courses_own_is_for_review(source: str, grade_answers: object) -> None:
    verdict: ExerciseResult = grade_answers({"overlap": source})["overlap"]
    assert verdict.status == "needs review"
    assert GIVES_BACK[source] in verdict.reason


def test_learners_have_cases_of_their_own_and_new_ones_when_they_hand_in_again(grader: Grader, tmp_path: Path) -> None:
    notebook = tiny_lesson.submission({})
    answer = "def overlap(a, b):\n    return ''.join('.#'[int(x)] for x in a) if len(a) > 3 else int((a & b).sum())"

    def shown(learner: str, more: str) -> str:
        notebook.cells[3].source = answer + more
        path = cheats.write(notebook, tmp_path, {})
        result = grader.grade(Learner(learner, tuple(files_below(path)[0])))
        return result.lessons[0].exercises[0].reason

    assert shown("ana", "") == shown("ana", "") != shown("ben", "")
    assert shown("ana", "") != shown("ana", "\n# again")
