"""The page that a learner gets back: every exercise, its verdict, its points, and the words of the check.

It speaks the languages of the notebooks that were handed in; the instructor's own reports are in English.
"""

import html
from collections import Counter
from collections.abc import Iterable

from course_utils.classroom.grading.results import ExerciseResult, LearnerResult, LessonResult
from course_utils.classroom.grading.summary import SIGNS
from course_utils.classroom.grading.tables import number
from course_utils.paths import repo_root
from course_utils.translation.current import speaking, spoken
from course_utils.translation.language import SOURCE, Language
from course_utils.translation.retold import retold
from course_utils.translation.say import N_, _

# The pair of colours of the check's cards, legible on light and dark.
_COLOURS = {"passed": "0,158,115", "reviewed": "0,158,115", "failed": "213,94,0", "partly": "213,94,0"}
STATUSES = (
    *(N_("passed"), N_("partly"), N_("failed"), N_("not attempted")),
    *(N_("not handed in"), N_("not read"), N_("needs review"), N_("reviewed")),
)
_AGAIN = N_("Open the file in JupyterLab. If it shows the lesson with your answers, save it and hand it in again.")
_WAIT = N_("No points yet: your instructor will look at it.")
_STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52em; margin: 2em auto; padding: 0 1em }
section { border-left: 6px solid; border-radius: 4px; padding: .4em 1em; margin: .6em 0 }
h3 { font-size: 1em; margin: 0 } section p { margin: .3em 0 }
pre { white-space: pre-wrap; margin: .3em 0; font-size: .9em }
""".strip()


def most_spoken(codes: Iterable[str], otherwise: str = SOURCE) -> str:
    """The commonest of some languages' codes, empty ones aside; of two as common the one that is a translation."""
    counts = Counter(filter(None, codes))
    return max(counts, key=lambda code: (counts[code], code != SOURCE), default=otherwise)


def languages_of(result: LearnerResult) -> list[str]:
    """The code of each lesson that could be read."""
    return [lesson.language for lesson in result.lessons if lesson.language]


def page(result: LearnerResult, otherwise: str = SOURCE) -> str:
    """A page of HTML that needs nothing else; whatever comes from the learner is shown as plain text.

    A lesson speaks its notebook's language, all else that of most of them.

    Args:
        otherwise: code of the language for a learner of whom no notebook could be read.
    """
    code = most_spoken(languages_of(result), otherwise)
    with speaking(code):
        words = _("{learner}: {earned} of {points} points")
        title = words.format(learner=result.learner, earned=number(result.earned), points=result.points)
        lessons = "".join(_lesson(lesson, code) for lesson in result.lessons)
        notes = "".join(map(_paragraph, map(retold, result.notes)))
        return (
            f'<!doctype html>\n<html lang="{code}"><head><meta charset="utf-8"><title>{_safe(title)}</title>'
            f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>\n'
            f"<body><h1>{_safe(title)}</h1>{_late(result)}{_problems(result)}{notes}\n{lessons}</body></html>\n"
        )


def _late(result: LearnerResult) -> str:
    if not result.late:
        return ""
    when = result.handed_in.replace("T", " ")
    words = _("Handed in late, on {when}.").format(when=when) if when else _("Handed in late.")
    counted = _("Its points count {percent} %.").format(percent=number(100 * result.factor))
    return _paragraph(f"{words} {counted}" if result.factor != 1 else words)


def _problems(result: LearnerResult) -> str:
    """What could not be graded, and what to do about it."""
    if not result.problems:
        return ""
    # Without any lesson it is the grader that has failed, not the file.
    advice = _(_AGAIN if result.lessons else _WAIT)
    words = _("Could not be graded: {problem}")
    told = "".join(_paragraph(words.format(problem=retold(problem))) for problem in result.problems)
    return told + _paragraph(advice)


def _lesson(lesson: LessonResult, frame: str) -> str:
    """A lesson's part, marked where its language is not the frame's."""
    code = lesson.language or frame
    with speaking(code):
        part = _heading_and_exercises(lesson)
    return part if code == frame else f'<div lang="{code}">{part}</div>\n'


def _heading_and_exercises(lesson: LessonResult) -> str:
    first = lesson.exercises[0]
    if first.status in ("not handed in", "not read"):  # then all of them are
        words = _("{title} ({status}, {earned} of {points})")
        heading = words.format(title=_title(lesson), status=_(first.status), earned=0, points=lesson.points)
        why = [retold(first.reason)] if first.reason else []
        why += [_("Please hand it in again.")] if first.status == "not read" else []
        return f"<h2>{_safe(heading)}</h2>{_paragraph('. '.join(why)) if why else ''}\n"
    words = _("{title} ({earned} of {points})")
    heading = words.format(title=_title(lesson), earned=number(lesson.earned), points=lesson.points)
    notes = "".join(map(_paragraph, map(retold, lesson.notes)))
    return f"<h2>{_safe(heading)}</h2>{notes}\n{''.join(map(_exercise, lesson.exercises))}"


def _title(lesson: LessonResult) -> str:
    """The lesson's title in the language that is spoken; of an instructor's own its name."""
    source = repo_root() / "solutions" / f"{lesson.lesson}.py"
    return Language(spoken()).title(source) if source.exists() else lesson.lesson


def _exercise(exercise: ExerciseResult) -> str:
    colour = _COLOURS.get(exercise.status, "86,130,180")
    heading = _("{title}: {status}, {earned} of {points}").format(
        title=_(exercise.title), status=_(exercise.status), earned=number(exercise.earned), points=exercise.points
    )
    reason = exercise.said or retold(exercise.reason)
    told = ""
    if reason not in ("", exercise.status):
        told = f"<pre>{_safe(reason)}</pre>" if "\n" in reason else _paragraph(reason)
    if exercise.status == "needs review":
        told += _paragraph(_(_WAIT))
    style = f"border-color:rgb({colour});background:rgba({colour},.1)"
    return f'<section style="{style}"><h3>{SIGNS[exercise.status]} {_safe(heading)}</h3>{told}</section>\n'


def _paragraph(text: str) -> str:
    return f"<p>{_safe(text)}</p>"


def _safe(text: str) -> str:
    return html.escape(text)
