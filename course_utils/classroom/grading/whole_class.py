"""Grading many submissions at once."""

import hashlib
import json
import os
import secrets
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import joblib
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import BrokenProcessPool
from tqdm import tqdm

from course_utils.classroom.grading.learners import Learner
from course_utils.classroom.grading.results import LearnerResult, as_json, from_json
from course_utils.classroom.grading.submission import Grader, key_of
from course_utils.errors import CourseError
from course_utils.exercises.sentences import Sentence
from course_utils.files import replacing
from course_utils.paths import repo_root
from course_utils.translation.catalogue import LOCALE
from course_utils.translation.say import N_

STATE = "state"
"""Folder, below that of the reports, of what a later run goes on from."""
_watched = threading.Event()


@dataclass(frozen=True)
class _Task:
    grader: Grader
    learner: Learner
    key: str
    boss: int

    def run(self) -> LearnerResult:
        _end_with(self.boss)
        try:
            return replace(self.grader.grade(self.learner), key=self.key)
        except Exception as error:  # one odd submission must not cost the class its marks
            words = Sentence("the grader failed on it: {kind}: {why}", kind=type(error).__name__, why=error)
            return self.lost(words[:300])

    def lost(self, reason: str) -> LearnerResult:
        return self.grader.lost(self.learner, reason)


def _end_with(boss: int) -> None:
    """Have this worker, and with it the sandbox, end when the process that started it does, however that ends.

    Ctrl-C reaches all processes of a terminal; what it means is decided by the one that started them.
    """
    if os.getppid() != boss or _watched.is_set():
        return  # a cluster's worker has a boss of its own
    _watched.set()
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == boss:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def seed_of(folder: Path, wish: int | None) -> int:
    """The seed that was asked for, or that of an earlier run with the same folder, or one that nobody can foresee.

    Raises:
        CourseError: the folder cannot be written to.
    """
    path = folder / STATE / "seed.json"
    try:
        seed = wish if wish is not None else json.loads(path.read_text())["seed"]
        if type(seed) is not int or seed < 0:
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError):
        seed = secrets.randbits(62)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as beside:
            beside.write_text(json.dumps({"seed": seed}))
    except OSError as error:
        raise CourseError(f"{folder}: cannot write reports here ({error.strerror}); choose another --out") from error
    return seed


def course_key(lessons: Sequence[str], more: Path | None = None) -> str:
    """Changes with the lessons that are graded, an instructor's own too, and with the grader's code and words."""
    package = repo_root() / "course_utils"
    digest = hashlib.sha256(json.dumps(list(lessons)).encode())
    sources = sorted((more or repo_root() / "solutions").glob("*.py"))
    sources += [*sorted((package / "exercises").glob("*.py")), *sorted((package / "classroom/grading").rglob("*.py"))]
    for path in [*sources, *sorted(LOCALE.rglob("*.po"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def grade_class(
    learners: Sequence[Learner], grader: Grader, jobs: int, folder: Path, key: str = ""
) -> Iterator[LearnerResult]:
    """Grade every learner, `jobs` at a time, under a progress bar, and keep each result on the disk as it comes.

    Learners whose result is there already, of the same submission, are not graded again. Results come in any order. The
    work goes through joblib, so `joblib.parallel_config(backend="dask")` around this call spreads it over a cluster.

    Raises:
        OSError: a result could not be written.
    """
    tasks = [_Task(grader, learner, key_of(learner, grader, key), os.getpid()) for learner in learners]
    with tqdm(total=len(tasks), desc="grading", unit="learner") as bar:
        left = []
        for task in tasks:
            done = _kept(folder, task)
            if done:
                bar.update()
                yield done
            else:
                left.append(task)
        for result in _run_all(left, jobs):
            _keep(folder, result)
            bar.update()
            yield result


def file_name(learner: str) -> str:
    """A name for a learner's files that any file system takes and no two learners share."""
    plain = "".join(letter if letter.isalnum() or letter in " ._-[]()@+," else "_" for letter in learner).strip(". ")
    if plain == learner and len(plain.encode()) <= 150 and plain.lower() not in ("con", "nul", "aux", "prn"):
        return plain
    short = plain.encode()[:100].decode(errors="ignore")
    return f"{short}-{hashlib.sha256(learner.encode('utf-8', 'replace')).hexdigest()[:8]}"


def _kept(folder: Path, task: _Task) -> LearnerResult | None:
    """What an earlier run has found, if it is of the same submission."""
    try:
        result = from_json(json.loads((folder / STATE / f"{file_name(task.learner.name)}.json").read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return result if result.key == task.key and result.learner == task.learner.name else None


def _keep(folder: Path, result: LearnerResult) -> None:
    path = folder / STATE / f"{file_name(result.learner)}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as beside:
        beside.write_text(json.dumps(as_json(result), ensure_ascii=False), encoding="utf-8", errors="replace")


def _run_all(tasks: Sequence[_Task], jobs: int) -> Iterator[LearnerResult]:
    """Results as they come. When a worker dies, what was lost is done again one by one, and the culprit named."""
    if jobs == 1:  # what is dangerous runs in the sandbox; another process here would only import everything again
        yield from (task.run() for task in tasks)
        return
    left = {task.learner.name: task for task in tasks}
    try:
        for result in _in_parallel(tasks, jobs):
            left.pop(result.learner)
            yield result
    except BrokenProcessPool:
        for task in left.values():
            try:
                yield from _in_parallel([task], jobs)
            except BrokenProcessPool:
                yield task.lost(N_("it brought the grader's own worker down"))
    except BaseException:
        end_workers()
        raise


def end_workers() -> None:
    """Kill the workers; their sandboxes die with them."""
    # Without both flags joblib's pool would be taken for another one, and politely waited for until its tasks end.
    with suppress(Exception):
        get_reusable_executor(reuse=True, kill_workers=True).shutdown(kill_workers=True)


def _in_parallel(tasks: Sequence[_Task], jobs: int) -> Iterator[LearnerResult]:
    # At least two jobs, so that joblib works in other processes; no files for large arguments.
    parallel = joblib.Parallel(
        n_jobs=max(jobs, 2),
        return_as="generator_unordered",
        pre_dispatch=max(jobs, 1),
        batch_size=1,
        max_nbytes=None,
    )
    yield from parallel(joblib.delayed(_Task.run)(task) for task in tasks)
