"""What grading costs: a sliced run beside plain nbval on the whole notebook, and a class on two processes beside one.

usage: python benchmarks/grading.py [LESSON ...]     (all lessons that have exercises if none is given)
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
from course_utils.classroom.grading.sandbox import Limits

from course_utils.classroom.editions import make_edition
from course_utils.classroom.grading.released import load_course
from course_utils.classroom.grading.results import LessonResult
from course_utils.classroom.grading.self_check import check_notebook
from course_utils.classroom.grading.submission import Learner
from course_utils.classroom.grading.whole_class import grade_class, make_grader
from course_utils.classroom.source import read_source
from course_utils.paths import repo_root

SEED = 1
CLASS = 30


def main(lessons: tuple[str, ...]) -> None:
    """Print seconds and ratios."""
    course = load_course(lessons)
    with tempfile.TemporaryDirectory() as folder:
        solved = {lesson.name: _solved(lesson.name, Path(folder)) for lesson in course}
        print(f"{'lesson':28} {'plain nbval':>12} {'graded':>8} {'ratio':>6}   seconds for one submission")
        for lesson in course:
            plain, found = _timed(lambda name=lesson.name: check_notebook(solved[name]))
            grader = make_grader(lesson, SEED, Limits())
            sliced, result = _timed(lambda g=grader, name=lesson.name: g.grade("ana", [solved[name]]))
            _insist_on_full_marks(result, found.is_done)
            print(f"{lesson.name:28} {plain:12.1f} {sliced:8.1f} {sliced / plain:6.2f}")
        first = course[:1]
        learners = [Learner(f"learner-{k:02d}", (solved[first[0].name],)) for k in range(CLASS)]
        one, _ = _timed(lambda: grade_class(learners, first, SEED, jobs=1))
        two, _ = _timed(lambda: grade_class(learners, first, SEED, jobs=2))
    print(
        f"{CLASS} submissions of {first[0].name}: {one:.0f} s one by one, {two:.0f} s two at a time ({two / one:.2f})"
    )


def _solved(name: str, folder: Path) -> Path:
    """The solved edition, laid out as a submission."""
    path = folder / f"{name}.ipynb"
    nbformat.write(make_edition(read_source(repo_root() / "solutions" / f"{name}.py"), solved=True, facts={}), path)
    return path


def _timed(action: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    value = action()
    return time.perf_counter() - start, value


def _insist_on_full_marks(result: LessonResult, plain_is_done: bool) -> None:
    """A time is worth nothing if the work was not done."""
    if result.earned != result.points or not plain_is_done:
        sys.exit(f"{result.lesson}: the solved edition does not get full marks: {result}, plain nbval: {plain_is_done}")


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
