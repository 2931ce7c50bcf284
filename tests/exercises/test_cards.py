"""The box that a learner sees: the same words in a browser as in a terminal, no traceback, nothing taken for markup."""

import html
import re

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from course_utils.errors import CourseError
from course_utils.exercises.cards import Card, CheckFailed
from course_utils.exercises.core import Exercise, Lesson, Outcome, judge

AREA = Exercise(
    id="area",
    title="The area of a mask",
    points=2,
    reference=lambda mask: int(mask.sum()),
    cases=lambda rng: [(np.array([[True, False], [True, True]]),)],
    misconceptions={"You counted <every> pixel & more.": lambda mask: mask.size},
    hint="Sum it.",
)
LESSON = Lesson(90, [AREA])
ANSWERS = {
    "right": lambda mask: int(mask.sum()),
    "a known mistake": lambda mask: mask.size,
    "a value": 3,
    "an error": lambda mask: mask.no_such_thing,
    "several lines": lambda mask: mask,
    "the stub": lambda mask: None,
}


def words(text: str) -> list[str]:
    return re.sub(r"[\s:]+", " ", text).split()


@pytest.mark.parametrize("name", ANSWERS)
def test_browser_and_terminal_say_the_same(name: str) -> None:
    card = Card(judge(AREA, ANSWERS[name]))
    text = html.unescape(re.sub(r"<[^>]+>", " ", card._repr_html_()))
    assert words(text) == words(repr(card))


def test_what_a_wrong_answer_is_told() -> None:
    lines = repr(Card(judge(AREA, ANSWERS["a known mistake"]))).split("\n")
    assert lines == [
        "✗ area: not right yet",
        "  What happened: got 4 where 3 is right",
        "  Hint: You counted <every> pixel & more.",
        "  Input:",
        "    mask = 2 x 2 mask",
        "      #.",
        "      ##",
        "  Expected: 3",
        "  Got: 4",
    ]


def test_an_unknown_mistake_gets_the_general_hint() -> None:
    assert "Hint: Sum it." in repr(Card(judge(AREA, lambda mask: 7)))


def test_words_are_never_markup() -> None:
    outcome = Outcome(AREA, "wrong", reason="<script>alert(1)</script>", got="<b>\n</pre><img src=x>")
    page = Card(outcome)._repr_html_()
    assert "<script" not in page and "<img" not in page and "&lt;script&gt;" in page


def test_a_failed_check_shows_one_line_instead_of_a_traceback(capsys: pytest.CaptureFixture) -> None:
    shell = InteractiveShell()
    shell.user_ns.update(check=LESSON.check, area=ANSWERS["a known mistake"])
    result = shell.run_cell('check("area", area)')
    assert isinstance(result.error_in_exec, CheckFailed)
    printed = capsys.readouterr()
    assert printed.out.rstrip().endswith("✗ area: not right yet - see the box above")
    assert "Traceback" not in printed.out + printed.err


def test_an_unknown_exercise_is_named() -> None:
    with pytest.raises(CourseError, match="lesson 90 has no exercise 'volume'; it has: area"):
        LESSON.check("volume", 1)
