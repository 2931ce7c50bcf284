"""The class on one page of Markdown, for the instructor."""

import html
import re
from collections.abc import Sequence

from course_utils.classroom.grading.results import ExerciseResult, LearnerResult, LessonResult
from course_utils.classroom.grading.tables import lessons_of, look_alikes, number

SIGNS = {
    "passed": "✓",
    "reviewed": "✓",
    "partly": "◐",
    "failed": "✗",
    "not attempted": "…",
    "not handed in": "–",
    "not read": "?",
    "needs review": "?",
}
_LONGEST_REASON = 300  # characters of a reason; the JSON holds all of it


def markdown(results: Sequence[LearnerResult], facts: Sequence[str]) -> str:
    """The class at a glance, what a person must look at, each learner's exercises (folded if there are several).

    Args:
        facts: what to say of the run as a whole, one line each.
    """
    lessons = lessons_of(results)
    lines = ["# Grades", "", *(f"- {_safe(fact)}" for fact in facts), ""]
    lines += [_row(["Learner", *lessons, "Points", "Needs review"]), _row(["---"] * (len(lessons) + 3))]
    for result in results:
        own = {one.lesson: f"{number(one.earned)}/{one.points}" for one in result.lessons}
        total = f"{number(result.earned)}/{sum(lessons.values())}{' (late)' if result.late else ''}"
        lines.append(_row([_safe(result.learner), *(own.get(name, "") for name in lessons), total, result.to_review]))
    lines += ["", *_to_review(results), *_alike(results)]
    for result in results:
        body = [line for lesson in result.lessons for line in _details(lesson)]
        body += [f"- {_safe(note)}" for note in (*result.problems, *result.notes)] + [""]
        head = ["<details>", f"<summary>{_safe(result.learner)}</summary>", ""]
        lines += body if len(results) == 1 else [*head, *body, "</details>", ""]
    return "\n".join(lines).rstrip() + "\n"


def _to_review(results: Sequence[LearnerResult]) -> list[str]:
    items = [
        f"- {_safe(result.learner)}, {lesson.lesson}, {exercise.id}: {_safe(short(exercise))}"
        for result in results
        for lesson in result.lessons
        for exercise in lesson.exercises
        if exercise.status == "needs review"
    ]
    items += [f"- {_safe(result.learner)}: {_safe(problem)}" for result in results for problem in result.problems]
    intro = "No points yet: a person has to look. Enter points in `reviews.csv`, then grade again with `--override`."
    intro += " What could not be read has to be handed in again."
    return ["## Needs review", "", intro, "", *items, ""] if items else []


def _alike(results: Sequence[LearnerResult]) -> list[str]:
    groups = look_alikes(results)
    items = [f"- {lesson}, {name}: {_safe(', '.join(learners))}" for lesson, name, learners in groups]
    intro = "Equal up to names, spaces and comments. That says nothing about how it came about."
    return ["## Look alike", "", intro, "", *items, ""] if items else []


def _details(result: LessonResult) -> list[str]:
    rows = []
    for one in result.exercises:
        why = "; ".join([*([short(one)] if one.reason else []), *one.notes])
        points = f"{number(one.earned)}/{one.points}"
        rows.append(_row([f"{SIGNS[one.status]} {one.status}", one.id, points, _safe(why)]))
    head = [f"### {result.lesson}: {number(result.earned)}/{result.points}", ""]
    table = [_row(["Result", "Exercise", "Points", "Why"]), _row(["---"] * 4), *rows]
    return [*head, *table, "", *(f"- {_safe(note)}" for note in result.notes), ""]


def short(exercise: ExerciseResult) -> str:
    """The reason on one line."""
    text = " ".join(exercise.reason.split())
    return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON] + " ..."


def _safe(text: object) -> str:
    """Text that neither Markdown nor HTML takes for markup."""
    return re.sub(r"([\\`*_{}\[\]()#|~!@])", r"\\\1", html.escape(" ".join(str(text).split()), quote=False))


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"
