"""Grading many submissions at once."""

import secrets
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import joblib
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import BrokenProcessPool
from tqdm import tqdm

from course_utils.classroom.grading.hidden import value_cell
from course_utils.classroom.grading.lesson import Grader
from course_utils.classroom.grading.released import Released
from course_utils.classroom.grading.results import LessonResult
from course_utils.classroom.grading.sandbox import Limits
from course_utils.classroom.grading.submission import Learner, by_lesson


@dataclass(frozen=True)
class _Task:
    grader: Grader
    learner: str
    paths: tuple[Path, ...]

    def run(self) -> tuple["_Task", LessonResult]:
        try:
            return self, self.grader.grade(self.learner, self.paths)
        except Exception as error:  # one odd submission must not cost the class its marks
            return self, self.lost(f"the grader failed on it: {type(error).__name__}: {error}")

    def lost(self, reason: str) -> LessonResult:
        return self.grader.all_alike(self.learner, "needs review", reason)


def new_seed() -> int:
    """A seed that no learner can foresee."""
    return secrets.randbits(32)


def make_grader(released: Released, seed: int, limits: Limits, scratch: Path | None = None) -> Grader:
    """Compute the hidden cells of a lesson; this is where the references run, in the grader's own process."""
    hidden = {name: value_cell(ex, released.answers[name], seed) for name, ex in released.exercises.items()}
    return Grader(released, hidden, limits, scratch)


def grade_class(
    learners: Sequence[Learner], course: Sequence[Released], seed: int, jobs: int, limits: Limits | None = None
) -> list[LessonResult]:
    """Grade every learner's lessons, `jobs` at a time, under a progress bar.

    Lessons that nobody handed in are left out. The results are ordered by learner, then by lesson. The work goes
    through joblib, so `joblib.parallel_config(backend="dask")` around this call spreads it over a cluster.
    """
    handed_in = {learner.name: by_lesson(learner, list(course)) for learner in learners}
    needed = [lesson for lesson in course if any(lesson.name in found for found in handed_in.values())]
    with tempfile.TemporaryDirectory(prefix="course-grade-", ignore_cleanup_errors=True) as scratch:
        Path(scratch).chmod(0o711)
        graders = [make_grader(lesson, seed, limits or Limits(), Path(scratch)) for lesson in needed]
        tasks = [
            _Task(grader, learner.name, tuple(handed_in[learner.name].get(grader.released.name, ())))
            for learner in learners
            for grader in graders
        ]
        done: dict[tuple[str, str], LessonResult] = {}
        with tqdm(total=len(tasks), desc="grading", unit="notebook") as bar:
            for result in _run_all(tasks, jobs):
                done[result.learner, result.lesson] = result
                bar.update()
    return [done[task.learner, task.grader.released.name] for task in tasks]


def _run_all(tasks: Sequence[_Task], jobs: int) -> Iterator[LessonResult]:
    """Results as they come. When a worker dies, what was lost is done again one by one, and the culprit named."""
    left = {id(task): task for task in tasks}
    indexed = {(task.learner, task.grader.released.name): id(task) for task in tasks}
    try:
        for task, result in _in_parallel(tasks, jobs):
            left.pop(indexed[task.learner, task.grader.released.name])
            yield result
    except BrokenProcessPool:
        for task in left.values():
            try:
                yield from (result for _, result in _in_parallel([task], jobs))
            except BrokenProcessPool:
                yield task.lost("it brought the grader's own worker down")
    except BaseException:
        _end_workers()
        raise


def _end_workers() -> None:
    """Kill the workers; their pytest and kernels die with them."""
    # Without both flags joblib's pool would be taken for another one, and politely waited for until its tasks end.
    get_reusable_executor(reuse=True, kill_workers=True).shutdown(kill_workers=True)


def _in_parallel(tasks: Sequence[_Task], jobs: int) -> Iterator[tuple[_Task, LessonResult]]:
    # At least two jobs, since with one joblib would work in this very process.
    parallel = joblib.Parallel(
        n_jobs=max(jobs, 2), return_as="generator_unordered", pre_dispatch=max(jobs, 1), batch_size=1
    )
    yield from parallel(joblib.delayed(_Task.run)(task) for task in tasks)
