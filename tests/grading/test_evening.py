"""What surrounds the grading: roster, dates, reviews, pages to hand back, tables for learning platforms."""

import csv
import io
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from course_utils.classroom.grading import reviews
from course_utils.classroom.grading.evening import Evening
from course_utils.classroom.grading.fences import no_fence
from course_utils.classroom.grading.learners import Class, Learner
from course_utils.classroom.grading.pages import page
from course_utils.classroom.grading.reports import prepare_folder, write_reports
from course_utils.classroom.grading.results import ExerciseResult, LearnerResult, LessonResult, as_json, from_json
from course_utils.classroom.grading.summary import markdown
from course_utils.classroom.grading.tables import canvas_csv, junit, look_alikes, moodle_csv, scores_csv
from course_utils.classroom.grading.whole_class import file_name
from course_utils.errors import CourseError


def result(learner: str, status: str = "needs review", earned: float = 0, **more: object) -> LearnerResult:
    exercise = ExerciseResult("overlap", "Overlap", 2, status, "why", earned, answer="a1")
    return LearnerResult(learner, (LessonResult("90_tiny", (exercise,), "90_tiny.ipynb"),), **more)


def evening(folder: Path, roster: str = "", override: str = "", due: str | None = None, factor: float = 1) -> Evening:
    folder.mkdir(exist_ok=True)
    paths = []
    for name, text in (("students.csv", roster), ("given.csv", override)):
        (folder / name).write_text(text, encoding="utf-8-sig")
        paths.append(folder / name if text else None)
    return Evening(folder, *paths, due, factor)


ROSTER = "learner;Name;ID;Email;section\nana;Ana Silva;7;ana@x.org;A\nben;Ben Wu;8;ben@x.org;B\ncem;=cem;9;;A\n"


def test_a_roster_names_who_is_missing_and_whom_nobody_knows(tmp_path: Path) -> None:
    one = evening(tmp_path, ROSTER)
    handed_in = [Learner("Ana Silva", (object(),)), Learner("x", (object(),), id="8"), Learner("zoe", (object(),))]
    learners = one.everyone(handed_in)
    assert [(learner.name, len(learner.files)) for learner in learners] == [
        ("ana", 1),
        ("ben", 1),
        ("cem", 0),
        ("zoe", 1),
    ]
    facts = one.facts(Class((), "4 folders", ("x: a link",)), no_fence(), 3)
    assert facts[1].startswith("Graded WITHOUT a sandbox")
    assert facts[2:] == ["Not graded: x: a link", "Not on the roster: zoe", "Handed in nothing: cem"]


def test_the_tables_for_learning_platforms(tmp_path: Path) -> None:
    one = evening(tmp_path, ROSTER)
    one.everyone([])
    results = [result("ana", "passed", 2), result("ben", factor=0.5, late=True), result("cem"), result("zoe")]
    moodle = list(csv.reader(io.StringIO(moodle_csv(results, one.people))))
    assert moodle[:2] == [["ID number", "Email address", "90_tiny"], ["7", "ana@x.org", "2"]]
    assert len(moodle) == 4
    canvas = list(csv.reader(io.StringIO(canvas_csv(results, one.people))))
    assert canvas[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "90_tiny"]
    assert canvas[1] == ["    Points Possible", "", "", "", "", "2"]
    assert canvas[2] == ["Ana Silva", "7", "", "", "A", "2"]
    assert canvas[4][0] == "'=cem"
    scores = list(csv.DictReader(io.StringIO(scores_csv(results, one.people))))
    assert scores[0] == {
        **{"learner": "ana", "name": "Ana Silva", "id": "7", "email": "ana@x.org", "90_tiny": "2", "points": "2"},
        **{"out_of": "2", "needs_review": "0", "late": ""},
    }


BAD_ROSTERS = {
    "name\nana\n": "no column 'learner'; it has: name",
    "learner\n": "nobody is on it",
    "learner,due\nana,soon\n": "line 2: due: 'soon' is no date",
    "learner\nana\nAna\n": "line 3: 'Ana' is there twice",
    "learner,id\n,3\n": "line 2: no learner",
}


@pytest.mark.parametrize("text", BAD_ROSTERS)
def test_a_bad_roster_is_named_with_its_line(text: str, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=f"students.csv.*{BAD_ROSTERS[text]}"):
        evening(tmp_path, text)


def test_a_roster_that_is_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "students.csv").write_bytes(b"learner\n\xff\xfe\n")
    with pytest.raises(CourseError, match="students.csv: not in UTF-8"):
        Evening(tmp_path, tmp_path / "students.csv", None, None, 1)
    with pytest.raises(CourseError, match="missing.csv: No such file"):
        Evening(tmp_path, tmp_path / "missing.csv", None, None, 1)


@pytest.mark.parametrize(
    "due, roster, late",
    [
        ("2026-05-01", "", []),
        ("2026-04-30T12:00", "", ["ana"]),
        ("2026-04-30T12:00", "learner,due\nana,2026-06-01\nben,\n", []),
        ("2026-05-01", "learner,handed_in\nana,2026-05-02\nben,\n", ["ana"]),
        (None, "", []),
    ],
)
def test_what_comes_late_is_marked_and_costs_only_what_it_is_told_to(
    due: str | None, roster: str, late: list[str], tmp_path: Path
) -> None:
    one = evening(tmp_path, roster, due=due, factor=0.5)
    one.everyone([Learner("ana"), Learner("ben")])
    results = [result("ana", "passed", 2, handed_in="2026-05-01T10:00:00"), result("ben", "passed", 2)]
    finished = one.finish(results, keep_all=True)
    assert [learner.learner for learner in finished if learner.late] == late
    assert [learner.earned for learner in finished] == [1 if learner.late else 2 for learner in finished]


def test_a_platforms_own_mark_counts_as_late_and_deducts_nothing_by_itself(tmp_path: Path) -> None:
    one = evening(tmp_path)
    one.everyone([Learner("ana", late=True)])
    (finished,) = one.finish([result("ana", "passed", 2)], keep_all=True)
    assert (finished.late, finished.earned) == (True, 2)
    assert "Handed in late" in page(finished)


def test_the_outcome_of_a_review_is_kept_until_the_answer_changes(tmp_path: Path) -> None:
    given = "learner,lesson,exercise,points,comment\nana,90_tiny,overlap,1.5,nearly\nben,90_tiny,overlap,,\n"
    results = [result("ana"), result("ben")]
    first = evening(tmp_path, override=given).finish(results, keep_all=True)
    assert [(one.earned, one.to_review) for one in first] == [(1.5, 0), (0, 1)]
    assert first[0].lessons[0].exercises[0].reason == "reviewed: nearly"
    assert "reviewed" in page(first[0]) and "nearly" in page(first[0])
    again = evening(tmp_path).finish(results, keep_all=True)
    assert again == first
    waiting = list(csv.DictReader((tmp_path / "reviews.csv").open()))
    assert [(row["learner"], row["exercise"], row["points"], row["why"]) for row in waiting] == [
        ("ben", "overlap", "", "why")
    ]
    other = replace(results[0].lessons[0].exercises[0], answer="a2")
    changed = replace(results[0], lessons=(LessonResult("90_tiny", (other,), "x"),))
    (third,) = evening(tmp_path).finish([changed], keep_all=True)
    assert third.to_review == 1
    assert third.lessons[0].exercises[0].notes == (
        "a review gave 1.5 points to an earlier answer; this one is another",
    )


def test_the_table_of_what_waits_can_be_filled_in_and_given_back(tmp_path: Path) -> None:
    evening(tmp_path).finish([result("ana")], keep_all=True)
    filled = (tmp_path / "reviews.csv").read_text().replace("overlap,,,", 'overlap,"2,0",well done,')
    (finished,) = evening(tmp_path, override=filled).finish([result("ana")], keep_all=True)
    assert finished.earned == 2


BAD_REVIEWS = {
    "zoe,90_tiny,overlap,1": "there is no zoe, 90_tiny, overlap among the results",
    "ana,90_tiny,other,1": "there is no ana, 90_tiny, other",
    "ana,90_tiny,overlap,3": "3 points, of 2 at most",
    "ana,90_tiny,overlap,-1": "-1 points, of 2 at most",
    "ana,90_tiny,overlap,nan": "line 2: points 'nan' are no number",
    "ana,90_tiny,overlap,much": "line 2: points 'much' are no number",
}


@pytest.mark.parametrize("row", BAD_REVIEWS)
def test_a_bad_review_is_named(row: str, tmp_path: Path) -> None:
    one = evening(tmp_path, override=f"learner,lesson,exercise,points\n{row}\n")
    with pytest.raises(CourseError, match=f"given.csv.*{BAD_REVIEWS[row]}"):
        one.finish([result("ana")], keep_all=True)


HOSTILE = LearnerResult(
    "=cmd()<b>",
    (
        LessonResult(
            "90_tiny",
            (ExerciseResult("overlap", "Overlap", 1, "failed", "<img src=x> | [a](b) `c` \x00\ud800"),),
            "a.ipynb",
        ),
    ),
    problems=("<script>alert(1)</script>",),
)


def test_the_learners_words_are_never_markup(tmp_path: Path) -> None:
    text = markdown([HOSTILE], [])
    assert "&lt;img src=x&gt; \\| \\[a\\]\\(b\\) \\`c\\`" in text
    assert scores_csv([HOSTILE], {}).splitlines()[1].startswith("'=cmd()")
    assert "<script>" not in page(HOSTILE) and "<img" not in page(HOSTILE) and "<b>" not in page(HOSTILE)
    prepare_folder(tmp_path)
    write_reports([HOSTILE], {}, [], tmp_path)
    ElementTree.parse(tmp_path / "junit.xml")
    assert len(list((tmp_path / "learners").iterdir())) == 2


def test_a_page_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    text = page(result("ana", "passed", 2))
    assert "http" not in text and "src=" not in text and "ana: 2 of 2 points" in text


def test_answers_that_look_alike_are_listed() -> None:
    def alike(learner: str, mark: str) -> LearnerResult:
        one = result(learner)
        exercises = (replace(one.lessons[0].exercises[0], alike=mark),)
        return replace(one, lessons=(replace(one.lessons[0], exercises=exercises),))

    results = [alike("ana", "m1"), alike("ben", "m2"), alike("cem", "m1"), alike("dan", ""), alike("eva", "")]
    assert look_alikes(results) == [("90_tiny", "overlap", ["ana", "cem"])]
    assert "- 90_tiny, overlap: ana, cem" in markdown(results, [])


def test_a_result_comes_back_from_the_disk_as_it_was() -> None:
    one = result("ana", "partly", 0.5, problems=("x",), notes=("y",), key="k", late=True, factor=0.9)
    assert from_json(as_json(one)) == one
    for broken in ({}, as_json(one) | {"lessons": 3}, as_json(one) | {"lessons": [{"exercises": [{}]}]}):
        with pytest.raises((ValueError, KeyError, TypeError)):
            from_json(broken)


@pytest.mark.parametrize("name", ["ana", "Ana Silva", "éva", "../../x", "a/b", "CON", "x" * 300, ".", "\ud800", "a:b"])
def test_a_learners_file_name_fits_any_file_system(name: str, tmp_path: Path) -> None:
    made = file_name(name)
    assert "/" not in made and made not in ("", ".", "..") and made.upper() != "CON"
    (tmp_path / f"{made}.json").write_text("")
    assert made == name or made != file_name(f"{name}_")


def test_an_output_that_cannot_be_written_is_named_first(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(CourseError, match="cannot write reports here"):
        prepare_folder(tmp_path / "out")


def test_one_report_that_cannot_be_written_costs_no_other(tmp_path: Path) -> None:
    prepare_folder(tmp_path)
    (tmp_path / "learners/ben.json").mkdir()
    with pytest.raises(CourseError, match="all reports were written but 1: .*ben.json"):
        write_reports([result("ana"), result("ben")], {}, [], tmp_path)
    assert "ben" in (tmp_path / "scores.csv").read_text() and (tmp_path / "learners/ana.html").exists()


def test_a_whole_file_is_listed_for_review_and_has_no_points_of_its_own(tmp_path):
    unread = result("ana", "not read", 0, problems=("x.ipynb: not a notebook",))
    reviews.write_reviews([], [unread], tmp_path)
    table = tmp_path / reviews.WAITING
    assert table.read_text().splitlines()[1] == "ana,,,,,,x.ipynb: not a notebook"
    assert reviews.read_reviews(table) == []
    table.write_text(table.read_text().replace("ana,,,,", "ana,,,1,"))
    with pytest.raises(CourseError, match="line 2: points for a whole file; add a line for each of its exercises"):
        reviews.read_reviews(table)


def test_a_learners_name_and_files_cannot_write_lines_of_their_own(tmp_path: Path) -> None:
    """Neither by signs that end a line, nor by what a spreadsheet takes for a formula."""
    problem = "=HYPERLINK(1).ipynb\u2028zoe,90_tiny,overlap,2: not a notebook"
    results = [result("eve\x0bzoe,90_tiny,overlap,2"), result("=1+1", problems=(problem,)), result("zoe")]
    evening(tmp_path).finish(results, keep_all=True)
    written = (tmp_path / "reviews.csv").read_text(encoding="utf-8")
    assert len(list(csv.reader(io.StringIO(written)))) == 5
    assert not any(cell.startswith("=") for row in csv.reader(io.StringIO(written)) for cell in row)
    filled = written.replace("'=1+1,90_tiny,overlap,,", "'=1+1,90_tiny,overlap,1.5,")
    finished = evening(tmp_path, override=filled).finish(results, keep_all=True)
    assert [one.earned for one in finished] == [0, 1.5, 0]
    again = evening(tmp_path).finish(results, keep_all=True)
    assert [one.earned for one in again] == [0, 1.5, 0]


def test_lines_that_end_within_a_name_stay_one_line(tmp_path: Path) -> None:
    given = "learner,lesson,exercise,points\neve\u2028zoe,90_tiny,overlap,2\n"
    finished = evening(tmp_path, override=given).finish([result("eve\u2028zoe"), result("zoe")], keep_all=True)
    assert [one.earned for one in finished] == [2, 0]


def test_a_review_that_is_given_twice_is_no_review(tmp_path: Path) -> None:
    given = "learner,lesson,exercise,points\nana,90_tiny,overlap,2\nana,90_tiny,overlap,{}\n"
    with pytest.raises(CourseError, match="given.csv: ana, overlap: several lines give it different points"):
        evening(tmp_path, override=given.format(1)).finish([result("ana")], keep_all=True)
    assert evening(tmp_path, override=given.format(2)).finish([result("ana")], keep_all=True)[0].earned == 2


def test_what_could_not_be_read_is_no_grade_and_no_pass(tmp_path: Path) -> None:
    one = evening(tmp_path, ROSTER)
    one.everyone([])
    unread = result("ben", "not read", problems=("90_tiny.ipynb: not a notebook",))
    finished = one.finish([result("ana", "passed", 2), unread, result("cem", "not handed in")], keep_all=True)
    assert [learner.to_review for learner in finished] == [0, 1, 0]
    grades = list(csv.DictReader(io.StringIO(moodle_csv(finished, one.people))))
    assert [row["90_tiny"] for row in grades] == ["2", "", "0"]
    grades = list(csv.DictReader(io.StringIO(canvas_csv(finished, one.people))))
    assert [row["90_tiny"] for row in grades] == ["2", "2", "", "0"]
    suites = ElementTree.fromstring(junit(finished)).findall("testsuite")
    counts = {str(suite.get("name")): (suite.get("errors"), suite.get("skipped")) for suite in suites}
    assert counts["ben 90_tiny"] == ("1", "0") and counts["cem 90_tiny"] == ("0", "1")
    assert "90_tiny (not read, 0 of 2)" in page(finished[1])
    assert "? not read" in markdown(finished, [])
    assert from_json(as_json(finished[1])) == finished[1]
    given = "learner,lesson,exercise,points\nben,90_tiny,overlap,2\n"
    (_, after, _) = evening(tmp_path, ROSTER, given).finish(finished, keep_all=True)
    assert (after.earned, after.lessons[0].exercises[0].status) == (2, "reviewed")
