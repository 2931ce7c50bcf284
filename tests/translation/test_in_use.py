"""A translated notebook in a learner's hands: checked, graded and drawn upon like the English one."""

import nbformat
import pytest

from course_utils.classroom.build import find_sources, load_lesson
from course_utils.classroom.editions import make_edition
from course_utils.classroom.grading.choice import choose_fence
from course_utils.classroom.grading.learners import find_learners
from course_utils.classroom.grading.released import load_course, probes_of
from course_utils.classroom.grading.self_check import check_notebook
from course_utils.classroom.grading.submission import Grader
from course_utils.errors import CourseError
from course_utils.paths import repo_root
from course_utils.translation.language import ENGLISH, Language, languages

SOURCE = find_sources(repo_root(), ("11",))[0]
INDONESIAN = Language("id")
pytestmark = pytest.mark.slow


def hand_in(folder, solved: bool, language: Language):
    """The lesson in a learner's folder, answered or not."""
    facts = {"lesson": SOURCE.stem}
    notebook = make_edition(load_lesson(SOURCE).cells, solved, facts, SOURCE, language)
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{SOURCE.stem}.ipynb")
    return folder / f"{SOURCE.stem}.ipynb"


def test_the_self_check_finds_every_exercise_open(tmp_path):
    result = check_notebook(hand_in(tmp_path / "x", False, INDONESIAN))
    assert (result.right, result.wrong, result.broken) == ((), (), ())
    assert set(result.open) == {cell.exercise for cell in load_lesson(SOURCE).cells if cell.role == "check"}


def test_both_editions_are_graded_alike_in_one_class(tmp_path):
    for name, solved, language in (
        ("ayu", True, INDONESIAN),
        ("ben", True, ENGLISH),
        ("citra", False, INDONESIAN),
    ):
        hand_in(tmp_path / name, solved, language)
    course = tuple(load_course((SOURCE.stem,)))
    try:
        fence = choose_fence("bubblewrap", False, probes_of(course))
    except CourseError as why:
        pytest.skip(f"no sandbox: {why}")
    grader = Grader(course, 7, fence)
    ayu, ben, citra = (grader.grade(learner).lessons[0] for learner in find_learners([tmp_path]).learners)
    assert ayu.earned == ben.earned == ayu.points > 0, ayu.exercises
    assert [exercise.notes for exercise in ayu.exercises] == [exercise.notes for exercise in ben.exercises]
    assert {exercise.status for exercise in citra.exercises} == {"not attempted"}


@pytest.mark.parametrize("code", languages())
def test_a_language_has_words_for_every_lesson(code):
    assert all(Language(code).title(source) for source in find_sources(repo_root()))
