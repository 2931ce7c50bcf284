"""What grading costs: one and ten submissions beside nbgrader's autograde, and a class of thirty on two processes.

usage: python benchmarks/grading.py [LESSON]     (lesson 11 unless given)

Both get the same lesson with the same right answers and grade it in programs of their own, one submission at a time.
nbgrader runs the whole notebook, without a sandbox. On a busy machine trust the processor's seconds.
"""

import csv
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import psutil

from course_utils.classroom.editions import make_edition
from course_utils.classroom.grading.released import load_course
from course_utils.classroom.source import read_source
from course_utils.paths import repo_root

CLASS = 30
GOAL = 2.0
BIN = Path(sys.executable).parent


def main(wish: str = "11") -> None:
    """Print seconds and ratios; fail where the goal is missed."""
    (lesson,) = load_course((wish,))
    with tempfile.TemporaryDirectory() as folder:
        solved = Path(folder, f"{lesson.name}.ipynb")
        nbformat.write(_edition(lesson.name, solved=True), solved)
        missed = _beside_nbgrader(lesson.name, solved, Path(folder)) if (BIN / "nbgrader").exists() else False
        if not (BIN / "nbgrader").exists():
            print("nbgrader is not installed (make bench does that): nothing to compare with")
        _hand_in(solved, Path(folder, "class"), CLASS)
        wall, processor, peak = _measured(_course(Path(folder, "class"), Path(folder, "out"), lesson.name, 2))
        _insist(Path(folder, "out/scores.csv"), CLASS)
    print(
        f"{CLASS} submissions of {lesson.name} on two processes: {wall:.0f} s, {processor:.0f} s of processor, "
        f"{peak / 2**20:.0f} MB at most"
    )
    if missed:
        sys.exit(f"course grade is not {GOAL:.0f} times as fast as nbgrader's autograde")


def _beside_nbgrader(name: str, solved: Path, folder: Path) -> bool:
    """Compare for one and for ten submissions; whether the goal is missed in processor time."""
    missed = False
    print(f"{'submissions':>11} {'':18} {'wall':>8} {'processor':>10}   seconds, {name}")
    for count in (1, 10):
        ours, theirs = folder / f"ours-{count}", folder / f"theirs-{count}"
        _hand_in(solved, ours / "in", count)
        own = _measured(_course(ours / "in", ours / "out", name, 1))
        _insist(ours / "out/scores.csv", count)
        _nbgrader_course(name, solved, theirs, count)
        other = _measured([str(BIN / "nbgrader"), "autograde", name, "--force"], theirs)
        _insist_on_nbgrader(theirs, name, count)
        print(f"{count:11} {'course grade':18} {own[0]:8.1f} {own[1]:10.1f}")
        print(f"{count:11} {'nbgrader autograde':18} {other[0]:8.1f} {other[1]:10.1f}")
        print(f"{count:11} {'ratio':18} {other[0] / own[0]:8.2f} {other[1] / own[1]:10.2f}")
        missed |= other[1] < GOAL * own[1]
    return missed


def _edition(name: str, solved: bool) -> nbformat.NotebookNode:
    return make_edition(read_source(repo_root() / "solutions" / f"{name}.py"), solved=solved, facts={})


def _hand_in(notebook: Path, folder: Path, count: int) -> None:
    for number in range(count):
        (folder / f"learner-{number:02d}").mkdir(parents=True)
        shutil.copy(notebook, folder / f"learner-{number:02d}")


def _course(handed_in: Path, out: Path, name: str, jobs: int) -> list[str]:
    return [str(BIN / "course"), "grade", str(handed_in), "--out", str(out), "--lesson", name, "--jobs", str(jobs)]


def _measured(command: list[str], folder: Path | None = None) -> tuple[float, float, int]:
    """Wall-clock seconds, seconds of processor, and most bytes that all processes of a program had at once."""
    before, start, peak = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter(), 0
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PATH": f"{BIN}:{os.environ['PATH']}"}
    with tempfile.TemporaryFile() as log:
        process = psutil.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        while process.poll() is None:
            peak = max(peak, _memory(process))
            time.sleep(0.3)
        if process.returncode:
            log.seek(0)
            sys.exit(f"{' '.join(command)}: {log.read().decode()[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, processor, peak


def _memory(process: psutil.Process) -> int:
    total = 0
    for one in [process, *process.children(recursive=True)]:
        try:
            total += one.memory_full_info().pss
        except (psutil.Error, OSError):
            continue
    return total


def _nbgrader_course(name: str, solved: Path, folder: Path, count: int) -> None:
    """A course of nbgrader's: the learner's edition as its release, the solved one handed in `count` times."""
    folder.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'course'\n")
    source = _marked(_edition(name, solved=False))
    (folder / "source" / name).mkdir(parents=True)
    nbformat.write(source, folder / "source" / name / f"{name}.ipynb")
    _measured([str(BIN / "nbgrader"), "generate_assignment", name], folder)
    answers = _marked(nbformat.read(solved, as_version=4))
    for number in range(count):
        place = folder / f"submitted/learner-{number:02d}" / name
        place.mkdir(parents=True)
        nbformat.write(answers, place / f"{name}.ipynb")


def _marked(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with nbgrader's marks on exercises and checks."""
    for cell in notebook.cells:
        course = cell.metadata.get("course", {})
        role = next((role for role in ("exercise", "check") if role in course), "")
        if role:
            is_check = role == "check"
            marks = {
                "schema_version": 3,
                "grade": is_check,
                "solution": not is_check,
                "locked": is_check,
                "task": False,
            }
            cell.metadata["nbgrader"] = marks | {"grade_id": cell.id} | ({"points": 1} if is_check else {})
    return notebook


def _insist(scores: Path, count: int) -> None:
    """A time is worth nothing if the work was not done."""
    rows = list(csv.DictReader(scores.open(encoding="utf-8-sig")))
    if len(rows) != count or any(row["points"] != row["out_of"] for row in rows):
        sys.exit(f"course grade does not give full marks: {rows[:2]}")


def _insist_on_nbgrader(folder: Path, name: str, count: int) -> None:
    done = list((folder / "autograded").glob(f"*/{name}/{name}.ipynb"))
    failed = [path for path in done if '"output_type": "error"' in json.dumps(json.loads(path.read_text()))]
    if len(done) != count or failed:
        sys.exit(f"nbgrader's autograde did not do its work: {len(done)} of {count}, {len(failed)} with errors")


if __name__ == "__main__":
    main(*sys.argv[1:2])
