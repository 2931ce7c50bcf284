"""From an answer's results to a verdict: compared and put into words out here, where what is right is known."""

from dataclasses import replace
from typing import Any

from course_utils.classroom.grading.results import ExerciseResult, Status
from course_utils.classroom.grading.room.answers import RECORDS
from course_utils.classroom.grading.room.wire import NotOnTheWire, loads
from course_utils.classroom.grading.rooms import WORDS
from course_utils.exercises.cards import Card
from course_utils.exercises.core import Case, Exercise, Outcome, Raised, assess, judge
from course_utils.exercises.feedback import examine
from course_utils.exercises.sentences import Sentence
from course_utils.exercises.stopwatch import Stopped, stop_after
from course_utils.translation.current import speaking
from course_utils.translation.language import SOURCE
from course_utils.translation.retold import retold
from course_utils.translation.say import N_

_JUDGING = 120  # seconds for comparing, and for finding words; results may be made to take long
_LONGEST_REASON = 2_000  # characters of a learner's own words
# Errors that may come of the sandbox rather than of the answer.
_OF_THE_ROOM = {
    "NotInTheRoom": N_("it uses {words}, the course's own, which is not there while answers are graded"),
    "FileNotFoundError": N_("it reads a file, and none is there while answers are graded ({words})"),
    "PermissionError": N_("it touches what answers may not ({words})"),
    "ModuleNotFoundError": N_("it imports what is not there while answers are graded ({words})"),
    "ImportError": N_("it imports what is not there while answers are graded ({words})"),
}


def read_result(message: bytes) -> Any:
    """What an answer gave on one case; whatever cannot be read stands there as an error."""
    try:
        result = loads(message, RECORDS)
    except NotOnTheWire:
        return Raised("ResultError", "the result cannot be read")
    if isinstance(result, Raised):  # its fields may be anything, of any length
        kind, words, where = (str(part)[:_LONGEST_REASON] for part in (result.kind, result.message, result.where))
        return Raised(kind, words, where, result.for_review is True)
    return result


def crashed(exercise: Exercise, kind: str, words: str) -> ExerciseResult:
    """The verdict on an answer that could not even be made."""
    kind, words = kind[:_LONGEST_REASON], words[:_LONGEST_REASON]
    if kind in _OF_THE_ROOM:
        return verdict(exercise, "needs review", _OF_THE_ROOM[kind].format(words=words))
    return verdict(exercise, "failed", f"{kind}: {words}")


def compared(
    exercise: Exercise, cases: list[Case], got: list[Any], is_callable: bool, in_words: bool = True
) -> ExerciseResult:
    """The verdict on results: by the very rules, and in the very words, of the learner's own check; in English."""
    if len(got) != len(cases):
        return verdict(exercise, "needs review", WORDS["garbled"])
    with stop_after(_JUDGING), speaking(SOURCE):
        return _judged(exercise, cases, got, is_callable, in_words)


def in_language(code: str, exercise: Exercise, cases: list[Case], got: list[Any], is_callable: bool) -> str:
    """What the check says of wrong results in a language; nothing where it fails, since no verdict hangs on it."""
    try:
        with stop_after(_JUDGING), speaking(code):
            return _in_words(_outcome(exercise, cases, list(map(_retold, got)), is_callable))
    except (Stopped, Exception):  # results may be anything, and some trip up whatever looks at them
        return ""


def _retold(result: Any) -> Any:
    """A result of which a probe's refusal, which has come as plain text, is put into the language that is spoken."""
    refused = isinstance(result, Raised) and not result.kind
    return replace(result, message=retold(result.message)) if refused else result


def _outcome(exercise: Exercise, cases: list[Case], got: list[Any], is_callable: bool) -> Outcome:
    if exercise.is_function and not is_callable:
        return judge(exercise, got[0])
    return assess(exercise, cases, got)


def _judged(exercise: Exercise, cases: list[Case], got: list[Any], is_callable: bool, in_words: bool) -> ExerciseResult:
    if in_words or (exercise.is_function and not is_callable):
        outcome = _outcome(exercise, cases, got, is_callable)
    else:
        outcome = Outcome(exercise, examine(exercise, cases, got)[1])
    if outcome.status == "right":
        return verdict(exercise, "passed", earned=exercise.points)
    if outcome.status == "not attempted":
        return verdict(exercise, "not attempted")
    for result in got:
        if isinstance(result, Raised) and result.kind in _OF_THE_ROOM:
            return crashed(exercise, result.kind, result.message)
        if isinstance(result, Raised) and result.for_review is True:
            words = Sentence("it could not be tried: {why}", why=result.message)
            return verdict(exercise, "needs review", words)
    earned = sum(share.points for share in exercise.shares if _is_right(exercise, cases, got, share.holds))
    return verdict(exercise, "partly" if earned else "failed", _in_words(outcome), earned)


def _is_right(exercise: Exercise, cases: list[Case], got: list[Any], holds: Any) -> bool:
    """Whether the results are right on those cases that a share is for, of which there must be one."""
    chosen = [pair for pair in zip(cases, got, strict=True) if holds(pair[0])]
    return bool(chosen) and assess(exercise, *map(list, zip(*chosen, strict=True))).status == "right"


def _in_words(outcome: Outcome) -> str:
    """What the check would say, without its heading."""
    lines = repr(Card(outcome)).split("\n")[1:]
    return "\n".join(line[2:] for line in lines)


def verdict(exercise: Exercise, status: Status, reason: str = "", earned: float = 0) -> ExerciseResult:
    """The record of one exercise."""
    return ExerciseResult(exercise.id, exercise.title, exercise.points, status, str(reason), earned)
