"""A class of thirty: marks for all, whatever some of them hand in; a run that is stopped goes on where it was."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
import tiny_lesson
import ways_in
from click.testing import CliRunner
from helpers import ctrl_c

from course_utils.classroom.grading import submission, whole_class
from course_utils.classroom.grading.files import files_below
from course_utils.classroom.grading.learners import Learner, find_learners
from course_utils.classroom.grading.released import Released
from course_utils.classroom.grading.reports import prepare_folder, write_reports
from course_utils.classroom.grading.results import LearnerResult
from course_utils.classroom.grading.submission import Grader
from course_utils.commands.grade import grade
from course_utils.errors import CourseError
from course_utils.paths import repo_root

NAME = f"{tiny_lesson.NAME}.ipynb"
KILLERS = {
    "minuses": "-" * 20_000 + "1",
    "attributes": "check('overlap', " + "a" + ".b" * 100_000 + ")",
    "a sum": "+".join(["1"] * 200_000),
    "attributes in a check": "check('overlap', " + "a" + ".b" * 900 + ")",
    "parentheses": "(" * 5000,
    "a zero byte": "x = '\0'",
}
SPECIAL = {
    "ana": {},
    "hog": {"overlap": ways_in.ATTACKS["memory in small pieces"]},
    "hang": {"overlap": "def overlap(a, b):\n    while True:\n        pass"},
    "fork": {"overlap": ways_in.ATTACKS["fork bomb"]},
    "dead": {"overlap": ways_in.ATTACKS["leave"]},
    **{f"killer {name}": {"overlap": source} for name, source in KILLERS.items()},
    **{f"killer beside, {name}": {"unneeded": source} for name, source in KILLERS.items()},
}
PASSED = ["passed"] * 3


def hand_in(folder: Path, answers: dict[str, str]) -> None:
    folder.mkdir(parents=True)
    nbformat.write(tiny_lesson.submission(answers), folder / NAME)


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty-three learners: special ones, broken files, and others who have done nothing."""
    folder = tmp_path_factory.mktemp("class")
    for name, answers in SPECIAL.items():
        hand_in(folder / name, tiny_lesson.RIGHT | answers)
    for name in ("bomb", "broken", "deep", "huge", "pdf", "binary"):
        (folder / name).mkdir()
    with zipfile.ZipFile(folder / "bomb/hw.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(NAME, b"\0" * 2**26)
    (folder / "broken" / NAME).write_text("{")
    (folder / "deep" / NAME).write_text("[" * 200_000)
    (folder / "huge" / NAME).open("wb").truncate(200 * 2**20)
    (folder / "pdf/homework.pdf").write_text("%PDF")
    (folder / "binary/renamed.IPYNB").write_bytes(bytes(range(256)))
    for number in range(10):
        hand_in(folder / f"learner-{number:02d}", {})
    return folder


@pytest.fixture(scope="module")
def graded(handed_in: Path, grader: Grader, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, Path, str]:
    out = tmp_path_factory.mktemp("out")
    bars: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        bar = whole_class.tqdm
        patch.setattr(whole_class, "tqdm", lambda **options: bars.append(options["desc"]) or bar(**options))
        results = list(whole_class.grade_class(find_learners([handed_in]).learners, grader, 2, out))
    prepare_folder(out)
    write_reports(sorted(results, key=lambda one: one.learner), {}, ["A class."], out)
    return {result.learner: result for result in results}, out, bars[0]


def statuses(result: LearnerResult) -> list[str]:
    return [exercise.status for lesson in result.lessons for exercise in lesson.exercises]


def test_everyone_gets_marks_under_a_progress_bar(graded: tuple) -> None:
    results, _, bar = graded
    assert bar == "grading"
    assert len(results) == 33
    assert statuses(results["ana"]) == PASSED
    for name in ("hang", "fork", "dead"):
        assert statuses(results[name]) == ["needs review", "passed", "passed"], name
    assert statuses(results["hog"])[0] in ("failed", "needs review") and statuses(results["hog"])[1:] == PASSED[1:]
    assert all(statuses(results[f"learner-{number:02d}"]) == ["not attempted"] * 3 for number in range(10))


@pytest.mark.parametrize("name", KILLERS)
def test_a_cell_that_once_ended_the_run_costs_its_own_exercise_at_most(name: str, graded: tuple) -> None:
    results, _, _ = graded
    verdicts = results[f"killer {name}"].lessons[0].exercises
    assert verdicts[0].status in ("failed", "needs review") and verdicts[0].reason
    assert [verdict.status for verdict in verdicts[1:]] == PASSED[1:]
    assert statuses(results[f"killer beside, {name}"]) == PASSED


BAD_FILES = {
    "bomb": "90_tiny.ipynb: more than 20 MB; 20 MB at most",
    "broken": "broken/90_tiny.ipynb: not a notebook (not JSON",
    "deep": "deep/90_tiny.ipynb: not a notebook (not JSON",
    "huge": "90_tiny.ipynb: 200 MB; 20 MB at most",
    "pdf": "no notebook among what was handed in: pdf/homework.pdf",
    "binary": "binary/renamed.IPYNB: not a notebook (not JSON",
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_names_itself_and_waits_for_a_person(name: str, graded: tuple) -> None:
    results, folder, _ = graded
    result = results[name]
    assert (result.earned, result.to_review) == (0, 1)
    assert result.problems[0].startswith(BAD_FILES[name])
    assert BAD_FILES[name][:20].replace("_", "\\_") in (folder / "summary.md").read_text()
    assert "\n" not in result.problems[0]


def test_the_reports_agree(graded: tuple) -> None:
    _, folder, _ = graded
    rows = {row["learner"]: row for row in csv.DictReader((folder / "scores.csv").open(encoding="utf-8-sig"))}
    assert len(rows) == 33
    wanted = {"90_tiny": "3", "points": "3", "out_of": "4", "needs_review": "1", "late": ""}
    assert rows["hang"] == {"learner": "hang"} | wanted
    own = json.loads((folder / "learners/hang.json").read_text())
    assert (own["earned"], own["points"]) == (3, 4)
    suite = ElementTree.parse(folder / "junit.xml").find("testsuite[@name='hang 90_tiny']")
    assert (suite.get("tests"), suite.get("errors"), suite.get("failures")) == ("3", "1", "0")
    assert suite.find("testcase[@name='overlap']/error") is not None
    summary = (folder / "summary.md").read_text()
    assert "| hang | 3/4 | 3/4 | 1 |" in summary
    assert "- hang, 90_tiny, overlap: it took more than 10 s" in summary
    page = (folder / "learners/hang.html").read_text()
    assert "hang: 3 of 4 points" in page and "it took more than 10 s" in page
    assert not list(folder.rglob(".*"))


def test_a_second_run_takes_up_what_is_there_and_grades_only_what_changed(
    graded: tuple, handed_in: Path, grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, folder, _ = graded
    monkeypatch.setattr(whole_class, "_in_parallel", lambda tasks, jobs: iter(task.lost("again") for task in tasks))
    learners = find_learners([handed_in]).learners
    again = {one.learner: one for one in whole_class.grade_class(learners, grader, 2, folder)}
    assert again == results
    hana = replace(learners[0], name="hana")
    assert [one.problems for one in whole_class.grade_class([hana], grader, 2, folder)] == [("again",)]
    other = replace(grader, seed=grader.seed + 1)
    assert [one.problems for one in whole_class.grade_class([learners[0]], other, 2, folder)] == [("again",)]


class Deadly(Grader):
    """Brings the grader's own worker down for one learner."""

    def grade(self, learner: Learner) -> LearnerResult:
        if learner.name == "kira":
            os.kill(os.getpid(), signal.SIGKILL)
        return LearnerResult(learner.name, ())


def test_a_worker_that_dies_costs_one_learner(grader: Grader, tmp_path: Path) -> None:
    deadly = Deadly(**vars(grader))
    results = {
        one.learner: one.problems
        for one in whole_class.grade_class([Learner(name) for name in ("ana", "kira", "zoe")], deadly, 2, tmp_path)
    }
    assert results == {"ana": (), "kira": ("it brought the grader's own worker down",), "zoe": ()}


def test_the_command_grades_a_folder(fence: object, released: Released, tmp_path: Path, monkeypatch: object) -> None:
    monkeypatch.setattr("course_utils.classroom.grading.released.load_course", lambda *_: [released])
    hand_in(tmp_path / "in", {})
    command = [str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--seed", "3", "--jobs", "1"]
    done = CliRunner().invoke(grade, command)
    assert done.exit_code == 0, done.output
    assert "in,0,0,4,0" in done.output
    summary = (tmp_path / "out/summary.md").read_text()
    assert "Seed of the cases: 3" in summary and "Sandbox: bubblewrap" in summary
    (tmp_path / "in/18_x.ipynb").write_text("{")
    done = CliRunner().invoke(grade, command)
    assert done.exit_code == 1
    assert "1 thing needs review" in done.output


def test_nothing_to_grade_is_an_error(fence: object, released: Released, tmp_path: Path, monkeypatch: object) -> None:
    monkeypatch.setattr("course_utils.classroom.grading.released.load_course", lambda *_: [released])
    (tmp_path / "shopping.ipynb").write_text('{"cells": []}')
    with pytest.raises(CourseError, match="none of what was handed in answers a released lesson"):
        command = [str(tmp_path / "shopping.ipynb"), "--out", str(tmp_path / "out")]
        CliRunner().invoke(grade, command, catch_exceptions=False)


PROGRAM = """
import sys
sys.path.insert(0, {tests!r})
from conftest import LIMITS, tiny_released
from course_utils.classroom.grading import released, submission
released.load_course = lambda *_: [tiny_released()]
from course_utils.commands.grade import grade
grade()
"""


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder for temporary files, in which nothing must be left."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def started(tmp_path: Path, temporary: Path) -> list[str]:
    """The command of a run over three learners, the last of whom hangs."""
    for name, answers in (("ana", tiny_lesson.RIGHT), ("ben", tiny_lesson.RIGHT), ("zora", SPECIAL["hang"])):
        if not (tmp_path / "in" / name).exists():
            hand_in(tmp_path / "in" / name, answers)
    script = PROGRAM.format(tests=str(Path(__file__).parent))
    return [sys.executable, "-c", script, str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--jobs", "2"]


def wait_for_results(process: subprocess.Popen, out: Path) -> None:
    deadline = time.monotonic() + 120
    while len(list((out / "state").glob("[ab]*.json"))) < 2:
        assert process.poll() is None and time.monotonic() < deadline, "no learner was graded"
        time.sleep(0.1)


@pytest.mark.parametrize("how", ["ctrl-c", "kill -9"])
def test_a_run_that_is_stopped_leaves_nothing_behind_and_goes_on(
    how: str, fence: object, tmp_path: Path, short_folder: Path
) -> None:
    environment = os.environ | {"TMPDIR": str(short_folder)}
    command = started(tmp_path, short_folder)
    with ctrl_c.start(command, env=environment) as process:
        wait_for_results(process, tmp_path / "out")
        workers = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout.split()
        assert workers
        if how == "ctrl-c":
            ctrl_c.press(process)
        else:
            process.kill()
        errors = process.communicate(timeout=120)[1]
    if how == "ctrl-c":
        assert process.returncode == 130
        told = "course: stopped; 2 of 3 learners graded; the same command goes on from there"
        assert errors.strip().splitlines()[-1] == told
        assert "Traceback" not in errors
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{worker}").exists() for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not [worker for worker in workers if Path(f"/proc/{worker}").exists()]
    left = [path for path in short_folder.iterdir() if "pymp" not in path.name]
    assert not left
    (tmp_path / "in/zora" / NAME).unlink()
    nbformat.write(tiny_lesson.submission(tiny_lesson.RIGHT), tmp_path / "in/zora" / NAME)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out/state").glob("[ab]*.json")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "zora,4,4,4,0" in done.stdout
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_the_front_page_among_the_notebooks_needs_no_review(tmp_path):
    handed_in = tmp_path / "submissions" / "ada"
    handed_in.mkdir(parents=True)
    for name in ("start.ipynb", "01_what_is_segmentation.ipynb"):
        shutil.copy(repo_root() / "notebooks" / name, handed_in)
    done = CliRunner().invoke(grade, [str(handed_in.parent), "--out", str(tmp_path / "grades"), "--no-sandbox"])
    assert done.exit_code == 0 and "needs review: see" not in done.output
    assert "start.ipynb: no exercise of the graded lessons in it" in (tmp_path / "grades" / "summary.md").read_text()


def test_a_flood_of_notebooks_costs_no_more_than_some(grader: Grader, tmp_path: Path, monkeypatch: object) -> None:
    monkeypatch.setattr(submission, "MOST_NOTEBOOKS", 2)
    with zipfile.ZipFile(tmp_path / "ana.zip", "w") as archive:
        for k in range(50):
            archive.writestr(f"{k:02}.ipynb", "{" if k else nbformat.writes(tiny_lesson.submission(tiny_lesson.RIGHT)))
    result = grader.grade(Learner("ana", tuple(files_below(tmp_path / "ana.zip")[0])))
    assert [exercise.status for exercise in result.lessons[0].exercises] == PASSED
    assert result.problems[0] == "50 notebooks; only the first 2 were looked at, up to 01.ipynb"
    assert len(result.problems) == 2


@pytest.mark.parametrize("texts", [("{", "[{"), ("[]", "{}"), ('{"cells": 1}', '{"cells": 2}')])
def test_a_review_of_a_file_that_cannot_be_read_is_of_this_file_alone(
    texts: tuple[str, str], grader: Grader, tmp_path: Path
) -> None:
    def answers(text: str) -> set[str]:
        (tmp_path / NAME).write_text(text)
        lesson = grader.grade(find_learners([tmp_path / NAME]).learners[0]).lessons[0]
        assert {exercise.status for exercise in lesson.exercises} == {"not read"}
        return {exercise.answer for exercise in lesson.exercises}

    one, other = map(answers, texts)
    assert len(one) == len(other) == 1 and one != other and one == answers(texts[0])


def test_a_review_of_results_that_trip_the_judge_is_of_this_answer_alone(grader: Grader, tmp_path: Path) -> None:
    def answer(text: str) -> str:
        hand_in(tmp_path / text, {"overlap": ways_in.FORGE.replace("-1", text)})
        verdict = grader.grade(find_learners([tmp_path / text / NAME]).learners[0]).lessons[0].exercises[0]
        assert verdict.status == "needs review"
        return verdict.answer

    assert len({"", answer("1"), answer("2")}) == 3
