"""The box that a learner sees: the same words in a browser as in a terminal, no traceback, nothing taken for markup."""

import html
import re
from collections import Counter, namedtuple

import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell

from course_utils.errors import CourseError
from course_utils.exercises import core
from course_utils.exercises.cards import Card, CheckFailed
from course_utils.exercises.core import Exercise, Lesson, Outcome, judge
from course_utils.exercises.running import Refused
from course_utils.exercises.text import describe

AREA = Exercise(
    id="area",
    title="The area of a mask",
    points=2,
    reference=lambda mask: int(mask.sum()),
    edges=lambda: [(np.array([[True, False], [True, True]]),)],
    misconceptions={"You counted <every> pixel & more.": lambda mask: mask.size},
    hints=("What is True worth?", "One sum.", "Sum it."),
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
    card = Card(judge(AREA, ANSWERS[name]), "1 of 4 right")
    page = re.sub(r"<details.*</details>", "", card._repr_html_())
    plain = re.sub(r"\n  Next hint: .*", "", repr(card))
    if card.outcome.picture:  # the browser draws what the terminal shows in characters
        page = re.sub(r"<figcaption>.*?</figcaption>", "", page)
        plain = re.sub(r"\n +[#.]+", "", plain)
    assert words(html.unescape(re.sub(r"<[^>]+>", " ", page))) == words(plain)


def test_what_a_wrong_answer_is_told() -> None:
    lines = repr(Card(judge(AREA, ANSWERS["a known mistake"]), "1 of 4 right")).split("\n")
    assert lines == [
        "✗ area: not right yet (worth 2 points; 1 of 4 right)",
        "  What happened: got 4 where 3 is right",
        "  Hint: You counted <every> pixel & more.",
        "  Input:",
        "    mask = 2 x 2 mask",
        "      #.",
        "      ##",
        "  Expected: 3",
        "  Got: 4",
        '  Next hint: hint("area")',
    ]


def test_further_hints_are_folded_one_inside_the_other() -> None:
    page = Card(judge(AREA, ANSWERS["a known mistake"]))._repr_html_()
    assert re.findall(r"<details|What is True worth\?|One sum\.|Sum it\.|</details>", page) == [
        *("<details", "What is True worth?", "<details", "One sum.", "<details", "Sum it."),
        *["</details>"] * 3,
    ]
    unknown = Card(judge(AREA, lambda mask: 7))._repr_html_()
    assert unknown.index("What is True worth?") < unknown.index("<details") and unknown.count("True worth") == 1


def test_a_right_answer_says_the_same_whatever_was_before() -> None:
    assert repr(Card(judge(AREA, ANSWERS["right"]), "1 of 4 right")) == "✓ area: right (2 points)"


def test_hints_come_one_by_one(capsys: pytest.CaptureFixture) -> None:
    lesson = Lesson(90, [AREA])
    for _ in range(4):
        lesson.hint("area")
    assert capsys.readouterr().out.split("\n")[:-1] == [
        "Hint 1 of 3: What is True worth?",
        "Hint 2 of 3: One sum.",
        *["Hint 3 of 3: Sum it."] * 2,
    ]


def test_a_hint_that_the_card_has_shown_does_not_come_again(capsys: pytest.CaptureFixture) -> None:
    lesson = Lesson(90, [AREA])
    with pytest.raises(CheckFailed):
        lesson.check("area", lambda mask: 7)
    lesson.hint("area")
    assert capsys.readouterr().out.endswith("Hint 2 of 3: One sum.\n")


def test_an_unknown_mistake_gets_the_question() -> None:
    assert "Hint: What is True worth?" in repr(Card(judge(AREA, lambda mask: 7)))


@pytest.mark.parametrize(
    ("right", "answer", "reason"),
    [
        (["a", "b", "c"], ["A ", "c", "Cs"], "answer 2 is not right"),
        ([[0, 1], [2, 3]], [[0, 1], [2, 4]], "answer 2, its 2nd item is not right"),
        ({"x": 1.5, "y": (2, 3)}, {"x": 1.5, "y": (2, 7)}, "'y', its 2nd item is not right"),
        (np.eye(2), [[1, 0], [0, 7]], "entry [1, 1] is not right"),
        (6, 7, "your answer is not right"),
        (6, "six", "expected a number, got 'six'"),
        (np.eye(2), np.eye(3), "the shape is (3, 3), it should be (2, 2)"),
        (["a", "b", "c"], ["a"], "there should be 3 items, you have 1"),
    ],
)
def test_the_answer_to_a_value_exercise_is_not_given_away(right, answer, reason) -> None:
    outcome = judge(Exercise("value", "A value", 1, right, hints=("Think.",)), answer)
    assert (outcome.reason, outcome.expected) == (reason, "")
    assert judge(Exercise("value", "A value", 1, right), right).status == "right"


@pytest.mark.parametrize("number", [3, 3.0, np.float32(3), np.array(3), torch.tensor(3.0)])
def test_a_number_may_stand_for_a_tensor_without_axes(number) -> None:
    one = Exercise("one", "One number", 1, lambda x: torch.tensor(3.0), edges=lambda: [(0,)])
    assert judge(one, lambda x: number).status == "right"


class Unshowable:
    def __repr__(self):
        raise ValueError


class Agreeable:
    def __eq__(self, other):
        return True


class Fighting:
    """Raises whatever is asked of it."""

    def __eq__(self, other):
        raise RuntimeError

    __len__ = __iter__ = __array__ = __float__ = __getitem__ = __bool__ = __repr__ = __eq__
    __hash__ = None


ENDLESS: list = [1]
ENDLESS.append(ENDLESS)
ODD_ANSWERS = [
    10**30,
    10**400,
    ENDLESS,
    Unshowable(),
    [Agreeable(), Agreeable()],
    np.array([1, 2], dtype=object),
    np.array([1 + 0j, 2]),
    np.array([(1, 2)], dtype="i4,i4"),
    np.array([1, 2], dtype="m8[s]"),
    torch.eye(2).to_sparse(),
    (k for k in range(2)),
    np.ma.array([1.0, 2.0], mask=[False, True]),
    torch.empty(2, device="meta"),
    np.array([np.nan, np.nan]),
    float("nan"),
    Fighting(),
    [Fighting()] * 2,
    np.zeros((1000, 1000)),
    ["x" * 10_000] * 1000,
    list(range(100_000)),
]


@pytest.mark.parametrize("odd", ODD_ANSWERS, ids=lambda odd: type(odd).__name__)
@pytest.mark.parametrize("right", [3.5, np.array([1.0, 2.0]), [1.0, "a"], {"a": 1}, True, "word"], ids=str)
def test_odd_answers_are_wrong_and_get_a_card(odd, right) -> None:
    one = Exercise("odd", "Odd", 1, lambda x: right, edges=lambda: [(0,)])
    outcome = judge(one, lambda x: odd)
    assert outcome.status == "wrong" and Card(outcome)._repr_html_()
    lines = repr(Card(outcome)).split("\n")
    assert len(lines) <= 25 and max(map(len, lines)) < 1_000


def test_a_result_that_takes_for_ever_to_look_at(monkeypatch) -> None:
    class Slow(dict):
        def __iter__(self):
            while True:
                pass

        __len__ = keys = items = values = __iter__

    monkeypatch.setattr(core, "SECONDS", 0.2)
    one = Exercise("slow", "Slow", 1, lambda x: {"a": 1}, edges=lambda: [(0,)])
    assert judge(one, lambda x: Slow(a=1)).reason == "your result is of a kind that takes too long to look at"


def test_leaving_python_is_a_wrong_answer() -> None:
    assert "SystemExit" in judge(AREA, lambda mask: exit()).reason


@pytest.mark.parametrize(
    ("right", "answer"),
    [
        ((2, 1), namedtuple("Counts", "tp fp")(2, 1)),
        ({"a": 2}, Counter("aa")),
        (True, torch.tensor(True)),
        (np.array([1.0, 2.0]), [torch.tensor(1.0, requires_grad=True), torch.tensor(2.0)]),
        (np.array([1.0, 2.0]), torch.tensor([1.0, 2.0], dtype=torch.bfloat16)),
    ],
)
def test_other_spellings_of_the_right_answer(right, answer) -> None:
    assert judge(Exercise("same", "Same", 1, lambda x: right, edges=lambda: [(0,)]), lambda x: answer).status == "right"


def test_overwritten_inputs_are_seen_and_spoil_nothing() -> None:
    """Also where a case gives one array twice."""
    twice = np.ones(2)
    both = Exercise("both", "Both", 1, lambda a, b: a + b, edges=lambda: [(twice, twice)])

    def in_place(a, b):
        a += b
        return a

    def spoilt(a, b):
        a[:] = 0
        return a + b

    assert judge(both, spoilt).got == "[1, 1]  shape (2,), float64"
    assert twice.tolist() == [1, 1]
    outcome = judge(both, in_place)
    assert (
        outcome.status == "wrong" and outcome.reason == "the results are right, but your code overwrites its input `a`"
    )


def test_crashes_on_every_case_are_told_apart_by_their_messages() -> None:
    def crash(words):
        def answer(mask):
            raise RuntimeError(words)

        return answer

    exercise = Exercise("e", "E", 1, AREA.reference, AREA.edges, None, {"You concatenated.": crash("4 channels")})
    assert judge(exercise, crash("4 channels")).hint == "You concatenated."
    assert judge(exercise, crash("another")).named is False


def test_a_forgotten_return_is_thought_of() -> None:
    assert "`return`" in repr(Card(judge(AREA, ANSWERS["the stub"])))


def test_stacks_of_masks_are_drawn() -> None:
    assert describe(np.eye(2, dtype=bool)[None]) == "1 mask of 2 x 2\n  #.\n  .#"


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


def test_a_long_argument_does_not_push_the_others_out_of_sight() -> None:
    long = Exercise(
        id="long",
        title="Long",
        points=1,
        reference=lambda image, mask, number: image,
        edges=lambda: [(np.arange(24).reshape(2, 4, 3), np.eye(5, dtype=bool), 7)],
    )
    lines = repr(Card(judge(long, lambda image, mask, number: image + 1))).split("\n")
    assert len(lines) <= 25 and [line.split(" = ")[0].strip() for line in lines if " = " in line] == [
        *("image", "mask", "number")
    ]
    assert not [line for line in lines if not line.strip()]


def test_what_a_probe_has_refused_shows_no_numbers_and_asks_nothing_else() -> None:
    def probe(answer, mask):
        if answer is not AREA.reference:
            raise Refused("your module has no weights")
        return answer(mask)

    refused = Exercise("net", "A net", 1, AREA.reference, AREA.edges, probe=probe, hints=AREA.hints)
    outcome = judge(refused, lambda mask: 3)
    assert (outcome.reason, outcome.hint, outcome.expected) == ("your module has no weights", "", "")


def test_of_long_lists_the_first_items_are_shown() -> None:
    batches = [(np.ones((1, 1, 2, 2)), np.zeros((1, 1, 2, 2)))] * 6
    assert describe(batches).endswith(", ... (6 items)]") and len(describe(batches)) < 400


def test_a_column_of_numbers_is_shortened() -> None:
    assert describe(np.arange(12.0)[:, None], around=(9, 0)).count("\n") == 3


def test_of_two_results_the_masks_that_differ_are_drawn() -> None:
    two = Exercise("two", "Two", 1, lambda mask: (3, mask), edges=AREA.edges)
    page = Card(judge(two, lambda mask: (3, ~mask)))._repr_html_()
    assert re.findall(r"<figcaption>(.*?)</figcaption>", page) == ["mask", "expected", "got"]


def test_beside_a_picture_the_text_names_no_part_that_the_picture_goes_beyond() -> None:
    tall = Exercise("tall", "Tall", 1, AREA.reference, lambda: [(np.eye(12, dtype=bool),)])
    card = Card(judge(tall, lambda mask: 7))
    assert "12 x 12 mask, rows 0 to 4" in repr(card) and "12 x 12 mask<" in card._repr_html_()


def test_a_part_whose_name_ends_with_a_comma_has_no_second_one() -> None:
    parts = ("your first list, who,", "your second list, the counts,")
    value = Exercise("value", "A value", 1, [[0], [1, 2]], parts=parts)
    assert judge(value, [[0], [1, 3]]).reason == "your second list, the counts, its 2nd item is not right"
    assert judge(value, [[0], 7]).reason == "your second list, the counts, is not right"


def test_of_a_list_that_is_cut_the_item_that_differs_is_shown() -> None:
    long = [np.full((1, 1, 1, 2), 1.25)] * 6
    two = Exercise("many", "Many", 1, lambda mask: long, edges=AREA.edges)
    outcome = judge(two, lambda mask: [*long[:-1], np.full((1, 1, 1, 2), 7.5)])
    assert outcome.expected.startswith("6th item: [[[[1.25") and outcome.got.startswith("6th item: [[[[7.5")
