"""All that is written down of a graded class."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from course_utils.classroom.grading.pages import languages_of, most_spoken, page
from course_utils.classroom.grading.results import LearnerResult, as_json
from course_utils.classroom.grading.roster import Person
from course_utils.classroom.grading.summary import markdown
from course_utils.classroom.grading.tables import canvas_csv, junit, moodle_csv, scores_csv
from course_utils.classroom.grading.whole_class import file_name
from course_utils.errors import CourseError
from course_utils.files import make_writable, replacing


def prepare_folder(folder: Path) -> None:
    """Make sure that reports can be written, before any time is spent on grading; CourseError if not."""
    try:
        make_writable(folder)
        make_writable(folder / "learners")
    except OSError as error:
        raise CourseError(f"{folder}: cannot write reports here ({error.strerror}); choose another --out") from error


def handed_in_only(results: Sequence[LearnerResult]) -> list[LearnerResult]:
    """The results without lessons that nobody handed in."""
    there = {lesson.lesson for result in results for lesson in result.lessons if lesson.source}
    return [replace(one, lessons=tuple(le for le in one.lessons if le.lesson in there)) for one in results]


def write_reports(
    results: Sequence[LearnerResult], people: Mapping[str, Person], facts: Sequence[str], folder: Path
) -> None:
    """Write a page and a JSON file for each learner and the class's tables; each appears complete or not at all.

    Args:
        people: learner -> their line of the roster; without any, the learning platforms' tables are left out.
        facts: what to say of the run as a whole, one line each.

    Raises:
        CourseError: one could not be written; all others have been.
    """
    texts = {
        "junit.xml": junit(results),
        "summary.md": markdown(results, facts),
        "scores.csv": scores_csv(results, people),
    }
    if people:
        texts |= {"moodle.csv": moodle_csv(results, people), "canvas.csv": canvas_csv(results, people)}
    problems = []
    of_the_class = most_spoken(code for result in results for code in languages_of(result))
    for result in results:
        name = f"learners/{file_name(result.learner)}"
        texts[f"{name}.json"] = json.dumps(as_json(result), indent=2, ensure_ascii=False) + "\n"
        try:
            texts[f"{name}.html"] = page(result, of_the_class)
        except CourseError as error:  # a broken catalogue costs only the pages in its language
            problems.append(str(error))
    for name, text in texts.items():
        try:
            with replacing(folder / name) as beside:
                # A mark in front tells spreadsheets that it is UTF-8.
                encoding = "utf-8-sig" if name == "scores.csv" else "utf-8"
                beside.write_text(text, encoding=encoding, errors="replace")
        except OSError as error:
            problems.append(f"{folder / name}: {error.strerror}")
    if problems:
        raise CourseError(f"all reports were written but {len(problems)}: {problems[0]}")
