"""Grading one notebook of one learner: take the answers, slice the lesson, run it, score named passes."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nbformat.v4 import new_code_cell, new_notebook, new_output

from course_utils.classroom.grading.hidden import ValueCell
from course_utils.classroom.grading.released import Released
from course_utils.classroom.grading.results import ExerciseResult, LessonResult, verdict
from course_utils.classroom.grading.runner import CellResult, Run, run_notebook
from course_utils.classroom.grading.sandbox import Limits
from course_utils.classroom.grading.screen import NotPython, suspicions
from course_utils.classroom.grading.submission import Submission, Unreadable, defines, names_used, read_submission

# The two ways in which a cell fails by its own fault; anything else means that the run itself went wrong.
_ORDINARY = ("NbCellError: Cell outputs differ", "NbCellError: Cell execution caused an exception")
_UNDEFINED = re.compile(r"name '(\w+)' is not defined")


@dataclass(frozen=True)
class Grader:
    """All that is needed to grade one lesson; the same for every learner of a run.

    Attributes:
        released: the lesson as it was handed out.
        hidden: exercise id -> its value cell, with the expected text.
        limits: of one run.
        scratch: an existing folder to work in; the system's temporary folder if None.
        screen: whether to look at answers before running them. Off only to test the fences behind.
    """

    released: Released
    hidden: Mapping[str, ValueCell]
    limits: Limits = Limits()
    scratch: Path | None = None
    screen: bool = True

    def grade(self, learner: str, paths: Sequence[Path]) -> LessonResult:
        """Grade what a learner handed in for this lesson; whatever it is, this returns a result."""
        start = time.monotonic()
        result = self._result(learner, paths)
        return replace(result, seconds=round(time.monotonic() - start, 2))

    def all_alike(self, learner: str, status: str, reason: str) -> LessonResult:
        """The same verdict on every exercise."""
        verdicts = tuple(verdict(exercise, status, reason) for exercise in self.released.exercises.values())
        return LessonResult(learner, self.released.name, verdicts)

    def _result(self, learner: str, paths: Sequence[Path]) -> LessonResult:
        if not paths:
            return self.all_alike(learner, "not handed in", "")
        if len(paths) > 1:
            names = ", ".join(path.name for path in paths)
            return self.all_alike(
                learner, "needs review", f"{len(paths)} notebooks for this lesson ({names}); keep one"
            )
        try:
            submission = read_submission(paths[0], self.released)
        except Unreadable as problem:
            return self.all_alike(learner, "needs review", str(problem))
        except OSError as error:
            return self.all_alike(learner, "needs review", f"{paths[0].name}: {error.strerror}")
        verdicts = self._before_running(submission)
        fences = self._run_rest(submission, verdicts)
        in_order = tuple(verdicts[name] for name in self.released.exercises)
        return LessonResult(learner, self.released.name, in_order, submission.notes, fences)

    def _before_running(self, submission: Submission) -> dict[str, ExerciseResult]:
        """The verdicts that need no kernel."""
        verdicts = {}
        for name, exercise in self.released.exercises.items():
            if name in submission.unclear:
                verdicts[name] = verdict(exercise, "needs review", submission.unclear[name])
            elif name not in submission.answers:
                verdicts[name] = verdict(exercise, "not handed in", "the notebook has no cell for it")
            elif submission.answers[name].strip() == self.released.stub(name).strip():
                verdicts[name] = verdict(exercise, "not attempted")
            elif self.screen and (screened := self._screened(name, submission.answers[name])):
                verdicts[name] = screened
        return verdicts

    def _screened(self, name: str, source: str) -> ExerciseResult | None:
        exercise = self.released.exercises[name]
        try:
            reasons = suspicions(source, self.released, name)
        except NotPython as error:
            return verdict(exercise, "failed", f"not valid Python: {error}")
        return verdict(exercise, "needs review", "not run: " + "; ".join(reasons)) if reasons else None

    def _run_rest(self, submission: Submission, verdicts: dict[str, ExerciseResult]) -> tuple[str, ...]:
        """Run what has no verdict yet, and again without an answer that brought the run down; the fences that stood."""
        fences: tuple[str, ...] = ()
        while rest := [name for name in self.released.exercises if name not in verdicts]:
            plan = self._plan(submission, rest)
            run = run_notebook(new_notebook(cells=[step.cell for step in plan]), self.limits, self.scratch)
            fences = run.fences or fences
            verdicts |= self._score(plan, run, rest, submission)
        for name in self.released.exercises:
            verdicts[name] = self._excused(name, verdicts, submission)
        return fences

    def _excused(self, name: str, verdicts: Mapping[str, ExerciseResult], submission: Submission) -> ExerciseResult:
        """The verdict; but what failed and uses an answer that needs review, and so stood there as a stub, does too."""
        if verdicts[name].status == "failed":
            for other, result in verdicts.items():
                used = self.released.answers[other] in names_used(submission.answers[name])
                if other != name and used and result.status == "needs review":
                    reason = f"it uses {self.released.answers[other]}, which itself needs review"
                    return verdict(self.released.exercises[name], "needs review", reason)
        return verdicts[name]

    def _plan(self, submission: Submission, wanted: Sequence[str]) -> list["Step"]:
        """The sliced lesson: set-up, answers, checks, each with its value cell. Unwanted answers stay stubs."""
        plan = []
        for cell in self.released.cells:
            asked = cell.exercise in wanted
            if cell.kind == "setup":
                plan.append(Step("setup", "", new_code_cell(cell.source)))
            elif cell.kind == "exercise":
                source = submission.answers[cell.exercise] if asked else cell.source
                plan.append(Step("exercise", cell.exercise if asked else "", new_code_cell(source)))
            elif asked:
                hidden = self.hidden[cell.exercise]
                output = new_output("stream", name="stdout", text=hidden.expected)
                plan.append(Step("check", cell.exercise, new_code_cell(cell.source)))
                value = new_code_cell(hidden.source, execution_count=1, outputs=[output])
                plan.append(Step("value", cell.exercise, value))
        return plan

    def _score(
        self, plan: Sequence["Step"], run: Run, wanted: Sequence[str], submission: Submission
    ) -> dict[str, ExerciseResult]:
        """Verdicts on all that ran before the first extraordinary cell, and on the exercise that this cell belongs to.

        The caller runs the others again. When no exercise can be blamed, all of them need review.
        """
        results = [run.cells.get(number) for number in range(len(plan))]
        stop = next((number for number, result in enumerate(results) if not _is_ordinary(result)), len(plan))
        broken_setup = [
            result
            for step, result in zip(plan[:stop], results, strict=False)
            if step.kind == "setup" and not result.passed
        ]
        stopped_in = plan[stop].exercise if stop < len(plan) else ""
        if broken_setup or (stop < len(plan) and not stopped_in) or (stop == len(plan) and run.broken):
            error = ": ".join(broken_setup[0].error or ()) if broken_setup else ""
            reason = run.broken or f"the lesson's own set-up failed; tell your instructor. {error}".strip()
            if not broken_setup and stop < len(plan) and results[stop] and results[stop].timed_out:
                reason = f"the set-up took more than {self.limits.cell_seconds} s; grade again on a less busy machine"
            return {name: verdict(self.released.exercises[name], "needs review", reason) for name in wanted}
        verdicts = {}
        if stopped_in:
            problem = run.broken or (results[stop].problem if results[stop] else "it was never run")
            verdicts[stopped_in] = verdict(self.released.exercises[stopped_in], "needs review", _in_words(problem))
        for name in wanted:
            numbers = [number for number, step in enumerate(plan) if step.exercise == name]
            if name != stopped_in and max(numbers) < stop:
                cells = {plan[number].kind: results[number] for number in numbers}
                verdicts[name] = self._judge(name, cells, submission)
        return verdicts

    def _judge(self, name: str, cells: Mapping[str, CellResult], submission: Submission) -> ExerciseResult:
        """The verdict from the three cells of an exercise, each of which was run in the ordinary way."""
        exercise = self.released.exercises[name]
        if all(cells[kind].passed for kind in ("exercise", "check", "value")):
            return verdict(exercise, "passed")
        error = next((cell.error for cell in cells.values() if not cell.passed and cell.error), None)
        undefined = _UNDEFINED.search(error[1]) if error else None
        if undefined and defines(submission.other_source, undefined.group(1)):
            missing = undefined.group(1)
            return verdict(
                exercise, "needs review", f"it uses {missing}, which is defined outside of the exercise's cell"
            )
        if cells["exercise"].passed and cells["check"].passed:
            return verdict(exercise, "failed", "right on the cases of the check, but not on fresh ones")
        if error is None:
            return verdict(exercise, "failed")
        kind, message = error
        return verdict(exercise, "failed", message if kind == "CheckFailed" else f"{kind}: {message}")


@dataclass(frozen=True)
class Step:
    """One cell of a graded run; `exercise` is empty where no answer of the learner can be blamed."""

    kind: str
    exercise: str
    cell: dict


def _is_ordinary(result: CellResult | None) -> bool:
    """Whether a cell passed or failed in its own right: in time, and with a failure that nbval names."""
    return result is not None and not result.timed_out and (result.passed or result.problem.startswith(_ORDINARY))


def _in_words(problem: str) -> str:
    """nbval's and the plugin's words without the exception's class."""
    return problem.split(": ", 1)[-1].strip()
