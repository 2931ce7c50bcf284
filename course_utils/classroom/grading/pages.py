"""The page that a learner gets back: every exercise, its verdict, its points, and the words of the check."""

import html

from course_utils.classroom.grading.results import ExerciseResult, LearnerResult, LessonResult
from course_utils.classroom.grading.summary import SIGNS
from course_utils.classroom.grading.tables import number

# The pair of colours of the check's cards, legible on light and dark.
_COLOURS = {"passed": "0,158,115", "reviewed": "0,158,115", "failed": "213,94,0", "partly": "213,94,0"}
_STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52em; margin: 2em auto; padding: 0 1em }
section { border-left: 6px solid; border-radius: 4px; padding: .4em 1em; margin: .6em 0 }
h3 { font-size: 1em; margin: 0 } pre { white-space: pre-wrap; margin: .3em 0; font-size: .9em }
""".strip()


def page(result: LearnerResult) -> str:
    """A page of HTML that needs nothing else; whatever comes from the learner is shown as plain text."""
    title = f"{result.learner}: {number(result.earned)} of {result.points} points"
    late = ""
    if result.late:
        late = f"<p>Handed in late{f', on {_safe(result.handed_in)}' if result.handed_in else ''}"
        late += f"; points count {number(100 * result.factor)} %.</p>" if result.factor != 1 else ".</p>"
    problems = "".join(f"<p>Could not be graded: {_safe(problem)}</p>" for problem in result.problems)
    notes = "".join(f"<p>{_safe(note)}</p>" for note in result.notes)
    lessons = "".join(map(_lesson, result.lessons))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{_safe(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>\n'
        f"<body><h1>{_safe(title)}</h1>{late}{problems}{notes}\n{lessons}</body></html>\n"
    )


def _lesson(lesson: LessonResult) -> str:
    notes = "".join(f"<p>{_safe(note)}</p>" for note in lesson.notes)
    first = lesson.exercises[0]
    if first.status in ("not handed in", "not read"):  # then all of them are
        why = f"<p>{_safe(first.reason)}</p>" if first.reason else ""
        return f"<h2>{_safe(lesson.lesson)}: {first.status}, 0 of {lesson.points}</h2>{why}\n"
    heading = f"{_safe(lesson.lesson)}: {number(lesson.earned)} of {lesson.points}"
    return f"<h2>{heading}</h2>{notes}\n{''.join(map(_exercise, lesson.exercises))}"


def _exercise(exercise: ExerciseResult) -> str:
    colour = _COLOURS.get(exercise.status, "86,130,180")
    heading = f"{SIGNS[exercise.status]} {_safe(exercise.title)}: {exercise.status}, "
    heading += f"{number(exercise.earned)} of {exercise.points}"
    reason = f"<pre>{_safe(exercise.reason)}</pre>" if exercise.reason else ""
    style = f"border-color:rgb({colour});background:rgba({colour},.1)"
    return f'<section style="{style}"><h3>{heading}</h3>{reason}</section>\n'


def _safe(text: str) -> str:
    return html.escape(text)
