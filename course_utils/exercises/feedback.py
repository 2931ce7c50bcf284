"""The verdict on an answer's results, in words: what came out, on which input it shows best, and which slip it was."""

import inspect
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from course_utils.exercises.compare import difference, of_item, place_of_difference, unequal_item
from course_utils.exercises.crashes import words_for_crash
from course_utils.exercises.evidence import Evidence, entry_of_difference, size_of, why_wrong
from course_utils.exercises.patterns import observation
from course_utils.exercises.pictures import pictures
from course_utils.exercises.recognise import Slip, recognise
from course_utils.exercises.running import SECONDS, Case, Changed, Raised, run
from course_utils.exercises.said import said
from course_utils.exercises.sentences import Sentence
from course_utils.exercises.text import as_plain, describe, describe_apart
from course_utils.exercises.words import as_choices, unknown_word
from course_utils.translation.say import N_, _

if TYPE_CHECKING:
    from course_utils.exercises.core import Exercise

Status = Literal["right", "wrong", "not attempted"]

_LATE = Sentence("still running after {seconds:.0f} seconds", seconds=SECONDS)
"""What `run` says of an answer that it has stopped."""
_FEW = 12  # numbers that can be shown at once
_QUESTION = N_("Take the input above and work it out by hand. At which step does your code part from you?")


@dataclass(frozen=True)
class Outcome:
    """The verdict on one answer, in words; `case`, `expected` and `got` describe the failing case that shows it best.

    `hint` names the slip where `named` says so; else it is a question that leads on. Of an answer that is a value,
    `expected` is empty. `picture`, HTML, draws what can be drawn of the case.
    """

    exercise: "Exercise"
    status: Status
    reason: str = ""
    case: str = ""
    expected: str = ""
    got: str = ""
    hint: str = ""
    named: bool = False
    picture: str = ""


def assess(exercise: "Exercise", cases: list[Case], got: list[Any]) -> Outcome:
    """The verdict on results, wherever they were made.

    Args:
        exercise: what was asked.
        cases: the inputs, as `draw_cases` gives them.
        got: what the answer gave on each of them: `run`'s results.
    """
    evidence, status = examine(exercise, cases, got)
    if status != "wrong":
        return Outcome(exercise, status)
    if evidence.failing:
        return _wrong(evidence, got)
    shown = next(k for k, result in enumerate(got) if isinstance(result, Changed))
    return _overwritten(evidence, shown, got[shown].argument)


def examine(exercise: "Exercise", cases: list[Case], got: list[Any]) -> tuple[Evidence, Status]:
    """What is known of an answer, and the verdict without any words for it; arguments as for `assess`."""
    expected = [run(exercise.reference, case, exercise.probe) for case in cases]
    results = [_in_words(_result(result), exercise.words) for result in got]
    evidence = Evidence(exercise, cases, expected, results)
    if _is_blank(results, expected):
        return evidence, "not attempted"
    changed = any(isinstance(result, Changed) for result in got)
    return evidence, "wrong" if evidence.failing or changed else "right"


def _result(result: Any) -> Any:
    return result.result if isinstance(result, Changed) else result


def _in_words(result: Any, choices: tuple[str, ...]) -> Any:
    try:
        return as_choices(result, choices)
    except RecursionError:  # a list that holds itself
        return result


def _is_blank(got: list, expected: list) -> bool:
    """Whether the stub was left as it was: it returns nothing (or `...`) where something is expected."""
    blank = all(result is None or result is ... for result in got)
    return blank and any(right is not None for right in expected)


def _wrong(evidence: Evidence, got: list[Any]) -> Outcome:
    exercise = evidence.exercise
    slip = _recognised(evidence)
    shown = evidence.clearest(slip.cases if slip else evidence.failing)
    right, result = evidence.expected[shown], evidence.results[shown]
    refused = isinstance(result, Raised) and not result.kind  # the probe has said what is wrong
    hint = slip.words if slip else _general_hint(exercise, result) or ("" if refused else _question(evidence))
    changed = [result.argument for result in got if isinstance(result, Changed)]
    if changed:
        alone = _("Leave `{name}` as it was: your code overwrites it. Work on a copy.")
        besides = _("{hint} And leave `{name}` as it was: your code overwrites it. Work on a copy.")
        hint = (besides if hint else alone).format(hint=hint, name=_names(exercise)[changed[0]])
    wanted, shown_result = _described(right, result, exercise.tolerance)
    return Outcome(
        exercise,
        "wrong",
        _reason(exercise, right, result),
        _describe_case(exercise, evidence.cases[shown]),
        # The right value of a value exercise is its whole solution: it stays to be found.
        wanted if exercise.is_function and not refused else "",
        "" if isinstance(result, Raised) else shown_result,
        hint,
        named=slip is not None or refused,
        picture=_picture(evidence, shown),
    )


def _general_hint(exercise: "Exercise", result: Any) -> str:
    """What to say of a crash, or of a word that is none of those that may be said; else nothing."""
    if unknown_word(result, exercise.words):
        return _("Is it only a matter of spelling? Write the words as they stand there.")
    return words_for_crash(result)


def _question(evidence: Evidence) -> str:
    hints = evidence.exercise.hints
    return " ".join(filter(None, [observation(evidence), _(hints[0] if len(hints) > 2 else _QUESTION)]))


def _described(right: Any, result: Any, tolerance: float) -> tuple[str, str]:
    """The right result and the learner's; of several large ones one that differs, of a large array that part."""
    try:
        right, result = as_plain(right), as_plain(result)
        if type(right) is type(result) is dict and right.keys() == result.keys() and size_of(right) > _FEW:
            key = next(k for k in right if difference(right[k], result[k], tolerance))
            one, other = _described(right[key], result[key], tolerance)
            return f"{key}: {one}", f"{key}: {other}"
        if type(right) is dict and isinstance(result, Raised):
            key = next(iter(right))
            return f"{key}: {_described(right[key], result, tolerance)[0]}", ""
        lists = all(type(value) in (list, tuple) for value in (right, result)) and len(right) == len(result)
        number = unequal_item(right, result, tolerance) if lists else None
        few = size_of(right) <= _FEW
    except Exception:  # the learner's objects may do anything
        number, few = None, True
    whole = describe_apart(right, result, entry_of_difference(right, result, tolerance))
    if number is None or (few and whole[0] != whole[1]):
        return whole
    one, other = _described(right[number], result[number], tolerance)
    return of_item(number, one), of_item(number, other)


def _recognised(evidence: Evidence) -> Slip | None:
    pairs = zip(evidence.expected, evidence.results, strict=True)
    try:
        # Far more than was asked for is no slip, and would take long to look through.
        large = any(size_of(result) > 1000 + 20 * size_of(right) for right, result in pairs)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # those of mistakes that are tried are nobody's business
            return None if large else recognise(evidence)
    except Exception:  # the learner's objects may do anything
        return None


def _picture(evidence: Evidence, shown: int) -> str:
    if not evidence.exercise.is_function:
        return ""
    inputs = dict(zip(_names(evidence.exercise), evidence.cases[shown], strict=False))
    tolerance = evidence.exercise.tolerance
    try:
        right, result = _unequal_part(evidence.expected[shown], evidence.results[shown], tolerance)
        return pictures(inputs, right, result, entry_of_difference(right, result, tolerance))
    except Exception:  # the learner's objects may do anything
        return ""


def _unequal_part(right: Any, result: Any, tolerance: float) -> tuple[Any, Any]:
    """Of results that consist of several the first that differs, with its counterpart."""
    right, result = as_plain(right), as_plain(result)
    if type(right) is type(result) is dict and right.keys() == result.keys():
        pairs = [(right[key], result[key]) for key in right]
    elif all(type(value) in (list, tuple) for value in (right, result)) and len(right) == len(result):
        pairs = list(zip(right, result, strict=True))
    else:
        return right, result
    unequal = next(pair for pair in pairs if difference(*pair, tolerance))
    return unequal if any(size_of(item) > 1 for item in unequal) else (right, result)


def _overwritten(evidence: Evidence, shown: int, argument: int) -> Outcome:
    exercise = evidence.exercise
    name = _names(exercise)[argument]
    return Outcome(
        exercise,
        "wrong",
        _("the results are right, but your code overwrites its input `{name}`").format(name=name),
        _describe_case(exercise, evidence.cases[shown]),
        hint=_(
            "Whoever calls your function still needs `{name}` as it was. Work on a copy, or make a new array instead "
            "of assigning into the old one (`+=` and `-=` write into it, too)."
        ).format(name=name),
        named=True,
    )


def _reason(exercise: "Exercise", right: Any, result: Any) -> str:
    """Why a wrong result is wrong."""
    if isinstance(result, Raised):
        if result.kind in ("", "Stopped"):
            return said(_LATE if result.message == _LATE else result.message)
        anywhere = _("your code raised {kind}: {message}")
        there = _("your code raised {kind}: {message} in the line `{line}`")
        words = there if result.where else anywhere
        return words.format(kind=result.kind, message=result.message, line=result.where)
    unknown = unknown_word(result, exercise.words)
    reason = unknown or why_wrong(exercise, right, result)
    if exercise.is_function or unknown:
        return reason
    places = place_of_difference(right, result, exercise.tolerance, tuple(map(_, exercise.parts)))
    if places is None:
        return reason
    if not places:
        return _("your answer is not right")
    place = ", ".join([*(each.rstrip(",") for each in places[:-1]), places[-1]])
    return _("{place} is not right").format(place=place)


def _names(exercise: "Exercise") -> list[str]:
    return list(inspect.signature(exercise.reference).parameters)


def _describe_case(exercise: "Exercise", case: Case) -> str:
    """The arguments by name, one a line."""
    if not exercise.is_function:
        return ""
    if in_words := getattr(exercise.probe, "words", None):
        return said(in_words(case))
    return "\n".join(f"{name} = {describe(value)}" for name, value in zip(_names(exercise), case, strict=False))
