"""The four reports of a graded class: JSON for each learner, JUnit XML, a Markdown summary and a CSV."""

import csv
import html
import io
import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree

from course_utils.classroom.grading.results import ExerciseResult, LessonResult
from course_utils.errors import CourseError
from course_utils.files import make_writable, replacing

_SIGNS = {"passed": "✓", "failed": "✗", "not attempted": "…", "not handed in": "–", "needs review": "?"}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST_REASON = 300  # characters of a reason in the summary; the JSON holds all of it


def prepare_folder(folder: Path) -> None:
    """Make sure that reports can be written, before any time is spent on grading; CourseError if not."""
    try:
        make_writable(folder)
        make_writable(folder / "learners")
    except OSError as error:
        raise CourseError(f"{folder}: cannot write reports here ({error.strerror}); choose another --out") from error


def write_reports(results: Sequence[LessonResult], seed: int, folder: Path) -> None:
    """Write all four into a prepared folder; each file appears complete or not at all.

    Raises:
        CourseError: one could not be written; all others have been.
    """
    texts = {"junit.xml": junit(results), "summary.md": markdown(results, seed), "scores.csv": scores_csv(results)}
    for learner, lessons in _by_learner(results):
        text = json.dumps(_as_json(learner, lessons, seed), indent=2, ensure_ascii=False)
        texts[f"learners/{learner}.json"] = text + "\n"
    problems = []
    for name, text in texts.items():
        try:
            with replacing(folder / name) as beside:
                beside.write_text(text, encoding="utf-8", errors="replace")
        except OSError as error:
            problems.append(f"{folder / name}: {error.strerror}")
    if problems:
        raise CourseError(f"all reports were written but {len(problems)}: {problems[0]}")


def junit(results: Sequence[LessonResult]) -> str:
    """A test suite for each learner's lesson, a test case for each exercise; needs review is an error, never a pass."""
    root = ElementTree.Element("testsuites", name="course grade")
    for result in results:
        statuses = [exercise.status for exercise in result.exercises]
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=_xml(f"{result.learner} {result.lesson}"),
            tests=str(len(statuses)),
            failures=str(statuses.count("failed")),
            errors=str(statuses.count("needs review")),
            skipped=str(statuses.count("not attempted") + statuses.count("not handed in")),
            time=str(result.seconds),
        )
        for exercise in result.exercises:
            case = ElementTree.SubElement(suite, "testcase", classname=_xml(suite.get("name")), name=exercise.id)
            kind = {"passed": None, "failed": "failure", "needs review": "error"}.get(exercise.status, "skipped")
            if kind:
                ElementTree.SubElement(case, kind, message=exercise.status).text = _xml(exercise.reason)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def scores_csv(results: Sequence[LessonResult]) -> str:
    """One row a learner: points by lesson, their sum, what was to be had, how many answers a person must look at."""
    lessons = list(dict.fromkeys(result.lesson for result in results))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["learner", *lessons, "points", "out_of", "needs_review"])
    for learner, own in _by_learner(results):
        by_lesson = {result.lesson: result.earned for result in own}
        sums = (sum(r.earned for r in own), sum(r.points for r in own), sum(r.to_review for r in own))
        # A spreadsheet would take a name that begins so for a formula.
        name = f"'{learner}" if learner[:1] in "=+-@\t" else learner
        writer.writerow([name, *(by_lesson.get(lesson, 0) for lesson in lessons), *sums])
    return text.getvalue()


def markdown(results: Sequence[LessonResult], seed: int) -> str:
    """The class at a glance, what a person must look at, each learner's exercises (folded if there are several)."""
    lessons = list(dict.fromkeys(result.lesson for result in results))
    learners = _by_learner(results)
    lines = ["# Grades", "", f"Seed of the hidden cases: {seed}.", ""]
    lines += [_row(["Learner", *lessons, "Points", "Needs review"]), _row(["---"] * (len(lessons) + 3))]
    for learner, own in learners:
        by_lesson = {result.lesson: f"{result.earned}/{result.points}" for result in own}
        total = f"{sum(r.earned for r in own)}/{sum(r.points for r in own)}"
        lines.append(
            _row([_safe(learner), *(by_lesson.get(name, "") for name in lessons), total, sum(r.to_review for r in own)])
        )
    lines += ["", *_to_review(results)]
    for learner, own in learners:
        body = [line for result in own for line in _details(result)]
        single = len(learners) == 1
        lines += body if single else ["<details>", f"<summary>{_safe(learner)}</summary>", "", *body, "</details>", ""]
    return "\n".join(lines).rstrip() + "\n"


def _to_review(results: Sequence[LessonResult]) -> list[str]:
    found = [
        (result, exercise) for result in results for exercise in result.exercises if exercise.status == "needs review"
    ]
    if not found:
        return []
    items = [f"- {_safe(r.learner)}, {r.lesson}, {e.id}: {_safe(_short(e))}" for r, e in found]
    return ["## Needs review", "", "These earned no points yet: a person has to look at them.", "", *items, ""]


def _details(result: LessonResult) -> list[str]:
    rows = [
        _row([f"{_SIGNS[e.status]} {e.status}", e.id, f"{e.earned}/{e.points}", _safe(_short(e))])
        for e in result.exercises
    ]
    fences = f"Fences: {', '.join(result.fences)}." if result.fences else "Nothing had to be run, or no fence stood."
    notes = [f"- {_safe(note)}" for note in result.notes]
    table = [_row(["Result", "Exercise", "Points", "Why"]), _row(["---"] * 4), *rows]
    return [f"### {result.lesson}: {result.earned}/{result.points}", "", *table, "", *notes, fences, ""]


def _short(exercise: ExerciseResult) -> str:
    """The reason on one line; a check's card begins with a heading that the status already says."""
    lines = [line.strip() for line in exercise.reason.split("\n")]
    text = " ".join(lines[1:] if exercise.status == "failed" and len(lines) > 1 else lines)
    return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON] + " ..."


def _safe(text: object) -> str:
    """Text that neither Markdown nor HTML takes for markup."""
    return re.sub(r"([\\`*_{}\[\]()#|~!@])", r"\\\1", html.escape(" ".join(str(text).split()), quote=False))


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def _xml(text: str) -> str:
    return _NOT_XML.sub("?", text)


def _by_learner(results: Sequence[LessonResult]) -> list[tuple[str, list[LessonResult]]]:
    return [(learner, list(own)) for learner, own in groupby(results, key=lambda result: result.learner)]


def _as_json(learner: str, lessons: Sequence[LessonResult], seed: int) -> dict:
    return {
        "learner": learner,
        "seed": seed,
        "earned": sum(lesson.earned for lesson in lessons),
        "points": sum(lesson.points for lesson in lessons),
        "lessons": [{**asdict(lesson), "earned": lesson.earned, "points": lesson.points} for lesson in lessons],
    }
