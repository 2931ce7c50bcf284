"""What must be the same in an entry and its translation."""

import pytest

from course_utils.translation.rules import differences, has_words

ENTRY = "See [lesson 3](03_net.ipynb): `iou` of $a_1$ is 0.85 for {name}, <b>not</b> 85 %."
RIGHT = "Untuk {name}, `iou` dari $a_1$ bernilai 0.85, <b>bukan</b> 85 % ([pelajaran 3](03_net.ipynb))."


def test_another_order_is_no_difference():
    assert differences(ENTRY, RIGHT) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("$a_1$", "$a_2$", ["the formula $a_1$ is missing", "the formula $a_2$ is not in the original"]),
        ("`iou`", "iou", ["the code `iou` is missing"]),
        ("03_net", "04_net", ["the link 03_net.ipynb is missing", "the link 04_net.ipynb is not in the original"]),
        ("</b>", "", ["the tag </b> is missing"]),
        ("{name}", "{nama}", ["the placeholder {name} is missing", "the placeholder {nama} is not in the original"]),
        ("0.85", "0,85", ["the number 0.85 is missing", "the number 0,85 is not in the original"]),
        ("85 %", "85 % dan 85 %", ["the number 85 is not in the original"]),
    ],
)
def test_what_differs_is_named(old, new, said):
    assert differences(ENTRY, RIGHT.replace(old, new)) == said


@pytest.mark.parametrize(
    ("entry", "expected"),
    [("Two words", True), ("`code`, `more`", False), ("$$ \\text{a formula} $$", False), ("(10, 4)", False)],
)
def test_formulas_and_code_alone_are_no_words(entry, expected):
    assert has_words(entry) is expected
