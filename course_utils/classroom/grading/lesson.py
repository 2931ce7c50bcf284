"""Grading one notebook: its answers run in the sandbox, results compared and put into words out here."""

import copy
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from course_utils.classroom.grading.judging import compared, crashed, in_language, read_result, verdict
from course_utils.classroom.grading.released import Released
from course_utils.classroom.grading.results import ExerciseResult, LessonResult, Status
from course_utils.classroom.grading.room.wire import NotOnTheWire, dumps
from course_utils.classroom.grading.rooms import WORDS, NoRoom, Room
from course_utils.errors import CourseError
from course_utils.exercises.core import Case, Exercise
from course_utils.exercises.sentences import Sentence
from course_utils.exercises.stopwatch import Stopped
from course_utils.translation.language import SOURCE
from course_utils.translation.say import N_

_DRAWS = 3  # how often an exercise's cases are drawn: a nearly right answer should meet the case that it gets wrong


def case_seed(seed: int, learner: str, content: bytes, exercise_id: str) -> int:
    """Seed of the cases of one exercise in one notebook of one learner.

    Others have others, and so has the same learner who hands in again after having seen a case that failed; the same
    run gives the same again.
    """
    text = json.dumps([seed, learner, hashlib.sha256(content).hexdigest(), exercise_id])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def draw(exercise: Exercise, seed: int) -> tuple[list[Case], list[bytes]]:
    """Cases of several draws without repetition, and the messages that take them into the sandbox.

    Raises:
        CourseError: an input is of a kind that cannot be sent.
    """
    cases: dict[bytes, Case] = {}
    for number in range(_DRAWS if exercise.is_function else 1):
        for case in exercise.draw_cases((seed + number) % 2**32):
            try:
                # A copy is what an answer gets in the learner's own check.
                cases.setdefault(dumps(copy.deepcopy(case), strict=True, with_networks=True), case)
            except NotOnTheWire as problem:
                raise CourseError(f"exercise {exercise.id}: a case cannot be handed to an answer: {problem}") from None
    return list(cases.values()), list(cases)


@dataclass
class LessonGrader:
    """Grades one learner's notebook of one lesson.

    Attributes:
        lender: the sandbox that holds what the course lends to answers; none of them ever gets there.
        time_left: seconds that the learner's answers may still take together; counts down.
        content: the notebook.
        language: that the notebook speaks; the check's words are said in it, too.
    """

    released: Released
    room: Room
    lender: Room
    seed: int
    learner: str
    time_left: float
    content: bytes = b""
    language: str = SOURCE

    def grade(self, content: bytes, source: str) -> LessonResult:
        """The verdicts on a notebook, whatever is in it."""
        self.room.modules, self.content = self.released.modules(), content
        if b"torch" in content and "torch" not in self.room.modules:
            self.room.modules.append("torch")  # in an answer's own process it would not fit into the memory
        status, found = self.room.ask("read", {"content": content, "lesson": self.released.facts()}, 60)
        if status != "done" or not isinstance(found, dict) or "unreadable" in found:
            words = WORDS[status].format(seconds=60) if status != "done" else str(found.get("unreadable", "unreadable"))
            return self.all_alike("needs review", f"{source}: {words}", source)
        results = [self._exercise(name, found.get(name)) for name in self.released.exercises]
        return LessonResult(self.released.name, tuple(results), source)

    def all_alike(self, status: Status, reason: str, source: str = "") -> LessonResult:
        """The same verdict on every exercise."""
        answer = _fingerprint(reason, hashlib.sha256(self.content).hexdigest()) if source else ""
        every = (verdict(exercise, status, reason) for exercise in self.released.exercises.values())
        return LessonResult(self.released.name, tuple(replace(one, answer=answer) for one in every), source)

    def _exercise(self, name: str, found: Any) -> ExerciseResult:
        exercise = self.released.exercises[name]
        return replace(
            self._judged(exercise, found), answer=_fingerprint(*map((found or {}).get, ("state", "text", "reason")))
        )

    def _judged(self, exercise: Exercise, found: Mapping[str, Any]) -> ExerciseResult:
        try:
            return self._found(exercise, found)
        except CourseError as problem:
            return verdict(exercise, "needs review", str(problem))
        except NoRoom:
            raise
        except Stopped:
            return verdict(exercise, "needs review", N_("its results take too long to look at"))
        except Exception as error:  # results may be anything, and some trip up whatever looks at them
            words = Sentence("it could not be judged ({kind})", kind=type(error).__name__)
            return verdict(exercise, "needs review", words)

    def _found(self, exercise: Exercise, found: Mapping[str, Any]) -> ExerciseResult:
        states: dict[str, Status] = {"stub": "not attempted", "broken": "failed", "unclear": "needs review"}
        if found["state"] in states:
            return verdict(exercise, states[found["state"]], str(found["reason"])[:500])
        result = self._run(exercise, found, found["run"])
        if result.status in ("failed", "not attempted", "partly") and found["wide"] != found["run"]:
            wide = self._run(exercise, found, found["wide"], in_words=False)
            if wide.earned > result.earned:
                wide = wide if wide.status == "passed" else self._run(exercise, found, found["wide"])
                note = "right only together with all other cells that the learner has written"
                result = replace(wide, notes=(note,))
                found = {**found, "shortcuts": found["shortcuts_wide"], "unusual": found["unusual_wide"]}
        return replace(result, notes=(*result.notes, *_notes(found)), alike=str(found["alike"])[:40])

    def _run(
        self, exercise: Exercise, found: Mapping[str, Any], statements: list, in_words: bool = True
    ) -> ExerciseResult:
        """The verdict on statements; the words of what is wrong take the longest to find."""
        if self.time_left <= 0:
            words = N_("not run: the answers before it took all of the learner's time")
            return verdict(exercise, "needs review", words)
        cases, messages = draw(exercise, case_seed(self.seed, self.learner, self.content, exercise.id))
        probe = exercise.probe
        job = {
            "statements": statements,
            "expression": self.released.text.answers[exercise.id],
            "futures": bool(found["futures"]),
            "course": found["course"],
            "helpers": list(exercise.helpers),
            "values": self.released.values(found["given"]),
            "cases": messages,
            "probe": (probe.__module__, probe.__name__) if probe else None,
        }
        seconds = min(self.room.limits.seconds, self.time_left)
        start = time.monotonic()
        status, answer = self._ask(job, exercise.lent, seconds)
        self.time_left -= time.monotonic() - start
        if status != "done":
            return verdict(exercise, "needs review", WORDS[status].format(seconds=round(seconds)))
        if "error" in answer:
            return crashed(exercise, *map(str, answer["error"]))
        got = [read_result(message) for message in answer["results"]]
        result = compared(exercise, cases, got, answer["callable"] is True, in_words)
        if in_words and self.language != SOURCE and result.status in ("failed", "partly"):
            said = in_language(self.language, exercise, cases, got, answer["callable"] is True)
            return replace(result, said=said)
        return result

    def _ask(self, job: dict[str, Any], lent: tuple[str, ...], seconds: float) -> tuple[str, Any]:
        """Have a job done, while another sandbox calls for it what is lent."""
        if not lent:
            return self.room.ask("run", job, seconds)
        status, _ = self.lender.begin("lend", {"functions": list(lent)}, seconds)
        if status != "call":
            return status if status in WORDS else "closed", None
        try:
            return self.room.ask("run", job, seconds, self.lender.go_on)
        finally:
            self.lender.go_on(b"")


def _fingerprint(*what: str | None) -> str:
    """The same for the same answer alone, by which a review is known to be of this very one."""
    return hashlib.sha256(json.dumps([one or "" for one in what]).encode()).hexdigest()[:16]


def _notes(found: Mapping[str, Any]) -> tuple[str, ...]:
    notes = [f"uses {one}, which is the exercise itself" for one in found["shortcuts"]]
    notes += [f"unusual: {', '.join(found['unusual'])}"] if found["unusual"] else []
    notes += [f"taken from cell {found['place']}, not from the exercise's own"] if found["place"] else []
    return tuple(str(note)[:300] for note in notes)
