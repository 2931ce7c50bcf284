"""A class of thirty: marks for all, whatever one of them does; an interruption leaves nothing half-written."""

import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import cheats
import nbformat
import pytest
import tiny_lesson
from click.testing import CliRunner
from course_utils.classroom.grading.sandbox import Limits
from helpers import ctrl_c

from course_utils.classroom.grading import whole_class
from course_utils.classroom.grading.lesson import Grader
from course_utils.classroom.grading.released import Released
from course_utils.classroom.grading.reports import markdown, prepare_folder, scores_csv, write_reports
from course_utils.classroom.grading.results import ExerciseResult, LessonResult
from course_utils.classroom.grading.submission import find_learners
from course_utils.commands.grade import grade
from course_utils.errors import CourseError

SPECIAL = {
    "ana": tiny_lesson.RIGHT,
    "hana": tiny_lesson.RIGHT | {"overlap": "while True:\n    pass"},
    "kira": {"overlap": cheats.ATTACKS["leave the kernel"]},
}


def hand_in(folder: Path, answers: dict[str, str]) -> None:
    folder.mkdir(parents=True)
    nbformat.write(tiny_lesson.submission(answers), folder / f"{tiny_lesson.NAME}.ipynb")


@pytest.fixture(scope="module")
def graded(released: Released, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[LessonResult], Path, str]:
    """Thirty learners: three of them special, one with a broken file, the others have done nothing."""
    folder = tmp_path_factory.mktemp("class")
    for name, answers in SPECIAL.items():
        hand_in(folder / "in" / name, answers)
    (folder / "in/zoe").mkdir()
    (folder / "in/zoe" / f"{tiny_lesson.NAME}.ipynb").write_text("{")
    for number in range(26):
        hand_in(folder / f"in/learner-{number:02d}", {})
    limits = Limits(cell_seconds=8, lesson_seconds=120)
    bars: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        bar = whole_class.tqdm
        patch.setattr(whole_class, "tqdm", lambda **options: bars.append(options["desc"]) or bar(**options))
        results = whole_class.grade_class(find_learners([folder / "in"]), [released], 7, 2, limits)
    prepare_folder(folder / "out")
    write_reports(results, 7, folder / "out")
    return results, folder / "out", bars[0]


def test_everyone_gets_marks_under_a_progress_bar(graded: tuple) -> None:
    results, _, bar = graded
    assert bar == "grading"
    assert len(results) == 30
    statuses = {result.learner: [exercise.status for exercise in result.exercises] for result in results}
    assert statuses["ana"] == ["passed"] * 3
    assert statuses["hana"] == ["needs review", "passed", "passed"]
    assert statuses["kira"] == ["needs review", "not attempted", "not attempted"]
    assert statuses["zoe"] == ["needs review"] * 3
    assert all(statuses[f"learner-{number:02d}"] == ["not attempted"] * 3 for number in range(26))


def test_the_reports_agree(graded: tuple) -> None:
    _, folder, _ = graded
    rows = {row["learner"]: row for row in csv.DictReader((folder / "scores.csv").open())}
    assert len(rows) == 30
    assert rows["hana"] == {"learner": "hana", "90_tiny": "3", "points": "3", "out_of": "4", "needs_review": "1"}
    own = json.loads((folder / "learners/hana.json").read_text())
    assert (own["earned"], own["points"], own["seed"]) == (3, 4, 7)
    suite = ElementTree.parse(folder / "junit.xml").find("testsuite[@name='hana 90_tiny']")
    assert (suite.get("tests"), suite.get("errors"), suite.get("failures")) == ("3", "1", "0")
    assert suite.find("testcase[@name='overlap']/error") is not None
    summary = (folder / "summary.md").read_text()
    assert "| hana | 3/4 | 3/4 | 1 |" in summary
    assert "- hana, 90_tiny, overlap: Timeout of 8 seconds exceeded" in summary
    assert not list(folder.rglob(".*"))


HOSTILE = LessonResult(
    "=cmd()", "90_tiny", (ExerciseResult("overlap", "Overlap", 1, "failed", "head\n<img src=x> | [a](b) `c` \x00"),)
)


def test_the_learners_words_are_never_markup(tmp_path: Path) -> None:
    text = markdown([HOSTILE], 1)
    assert "&lt;img src=x&gt; \\| \\[a\\]\\(b\\) \\`c\\`" in text
    assert scores_csv([HOSTILE]).splitlines()[1].startswith("'=cmd()")
    prepare_folder(tmp_path)
    write_reports([HOSTILE], 1, tmp_path)
    ElementTree.parse(tmp_path / "junit.xml")


def test_an_output_that_cannot_be_written_is_named_first(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(CourseError, match="cannot write reports here"):
        prepare_folder(tmp_path / "out")


def test_one_report_that_cannot_be_written_costs_no_other(tmp_path: Path) -> None:
    prepare_folder(tmp_path)
    verdicts = (ExerciseResult("a", "A", 2, "passed"),)
    results = [LessonResult("n" * 250, "01_x", verdicts), LessonResult("o" * 240, "01_x", verdicts)]
    (tmp_path / "learners" / f"{'o' * 240}.json").mkdir()
    with pytest.raises(CourseError, match="all reports were written but 1: .*o{240}.json"):
        write_reports(results, 1, tmp_path)
    assert "n" * 250 in (tmp_path / "scores.csv").read_text() and (tmp_path / "summary.md").exists()
    assert (tmp_path / "learners" / f"{'n' * 250}.json").exists()  # as long a name as a file can have


class Deadly(Grader):
    """Brings the grader's own worker down for one learner."""

    def grade(self, learner: str, paths: object) -> LessonResult:
        if learner == "kira":
            os.kill(os.getpid(), signal.SIGKILL)
        return self.all_alike(learner, "not attempted", "")


def test_a_worker_that_dies_costs_one_learner(released: Released) -> None:
    grader = Deadly(released, {})
    tasks = [whole_class._Task(grader, name, ()) for name in ("ana", "kira", "zoe")]
    results = {result.learner: result.exercises[0].status for result in whole_class._run_all(tasks, 2)}
    assert results == {"ana": "not attempted", "kira": "needs review", "zoe": "not attempted"}


def test_the_command_grades_a_folder(released: Released, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("course_utils.classroom.grading.released.load_course", lambda lessons: [released])
    hand_in(tmp_path / "in", {})
    done = CliRunner().invoke(
        grade, [str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--seed", "3", "--jobs", "1"]
    )
    assert done.exit_code == 0, done.output
    assert "in,0,0,4,0" in done.output
    assert "Seed of the hidden cases: 3." in (tmp_path / "out/summary.md").read_text()


INTERRUPTED = """
import sys
sys.path.insert(0, {tests!r})
import tiny_exercises, tiny_lesson
from course_utils.classroom.grading import released
lesson = released.slice_released(tiny_lesson.released_notebook(), tiny_lesson.NAME, tiny_exercises.LESSON)
released.load_course = lambda lessons: [lesson]
from course_utils.commands.grade import grade
grade()
"""


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A private folder with a path short enough for sockets; other users may not look into it."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def test_ctrl_c_leaves_earlier_reports_and_no_process(tmp_path: Path, short_folder: Path) -> None:
    hand_in(tmp_path / "in/hana", SPECIAL["hana"])
    hand_in(tmp_path / "in/zora", SPECIAL["hana"])
    (tmp_path / "out").mkdir()
    (tmp_path / "out/scores.csv").write_text("earlier")
    script = INTERRUPTED.format(tests=str(Path(__file__).parent))
    command = [sys.executable, "-c", script, str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--jobs", "2"]
    environment = os.environ | {"TMPDIR": str(short_folder)}
    with ctrl_c.start(command, env=environment) as process:
        deadline = time.monotonic() + 120
        while not list(short_folder.glob("course-grade-*/grade-*/fences.json")):
            assert process.poll() is None and time.monotonic() < deadline, "no kernel was started"
            time.sleep(0.1)
        ctrl_c.press(process)
        errors = process.communicate(timeout=120)[1]
    assert process.returncode == 130
    assert errors.strip().splitlines()[-1] == "course: stopped; no report was written, earlier ones are untouched"
    assert "Traceback" not in errors
    assert (tmp_path / "out/scores.csv").read_text() == "earlier"
    assert not (tmp_path / "out/summary.md").exists()
    assert not list(short_folder.glob("course-grade-*"))
    time.sleep(1)
    alive = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    assert str(short_folder) not in alive
