"""What surrounds the grading: the roster before it; dates, reviews and the facts of the run after it."""

from collections.abc import Sequence
from pathlib import Path

from course_utils.classroom.grading import reviews
from course_utils.classroom.grading.fences import Fence
from course_utils.classroom.grading.learners import Class, Learner
from course_utils.classroom.grading.reports import handed_in_only
from course_utils.classroom.grading.results import LearnerResult
from course_utils.classroom.grading.roster import Person, matched, moment, read_roster


class Evening:
    """An instructor's own choices for one run.

    Args:
        out: folder of the reports.
        roster: the table of the class, if there is one.
        override: outcomes of reviews, if there are new ones.
        due: until when everyone may hand in, if there is such a time.
        factor: of the points of late work.

    Raises:
        CourseError: the roster or the time cannot be read.
    """

    def __init__(self, out: Path, roster: Path | None, override: Path | None, due: str | None, factor: float):
        self.out, self.override, self.factor = out, override, factor
        self.due = moment(due, "--due") if due else None
        self._roster = read_roster(roster) if roster else []
        self.people: dict[str, Person] = {}
        self.strangers: list[str] = []
        self.nothing: list[str] = []
        self._late: set[str] = set()

    def everyone(self, learners: Sequence[Learner]) -> list[Learner]:
        """The learners to be graded: those who handed in and, with a roster, those who did not."""
        if self._roster:
            learners, self.people, self.strangers = matched(learners, self._roster)
        self.nothing = [learner.name for learner in learners if not learner.files]
        self._late = {learner.name for learner in learners if learner.late}
        return list(learners)

    def finish(self, results: Sequence[LearnerResult], keep_all: bool) -> list[LearnerResult]:
        """The results with dates and reviews; lessons that nobody handed in are left out unless they were asked for.

        Raises:
            CourseError: a review is of something that there is not.
        """
        results = list(results) if keep_all else handed_in_only(results)
        known = reviews.gathered(self.override, self.out, results)
        results = [reviews.reviewed(result, known) for result in results]
        reviews.write_reviews(known, results, self.out)
        return [
            reviews.timed(one, self.people.get(one.learner), self.due, one.learner in self._late, self.factor)
            for one in results
        ]

    def facts(self, handed_in: Class, fence: Fence, seed: int) -> list[str]:
        """What a reader of the summary should know of the run."""
        facts = [f"Seed of the cases: {seed}. What was handed in: {handed_in.understood}."]
        if fence.name == "none":
            facts.append("Graded WITHOUT a sandbox: the answers could read and change all that the grader's user can.")
        else:
            facts.append(f"Sandbox: {fence.name}.")
        facts += [f"Not graded: {stray}" for stray in handed_in.strays]
        facts += [f"Not on the roster: {name}" for name in self.strangers]
        if self.nothing:
            facts.append(f"Handed in nothing: {', '.join(self.nothing)}")
        return facts
