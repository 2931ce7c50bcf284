"""The pictures of a card: masks with what is wrong in colour, boxes, and nothing where there is nothing to draw."""

import re

import numpy as np

from course_utils.exercises.pictures import pictures

MASK = np.array([[True, True, False], [False, True, False]])


def captions(page: str) -> list[str]:
    return re.findall(r"<figcaption>(.*?)</figcaption>", page)


def test_masks_and_what_is_wrong_with_them():
    got = np.array([[True, False, False], [False, True, True]])
    page = pictures({"mask": MASK}, MASK, got, (0, 1))
    assert captions(page) == ["mask", "expected", "got"]
    layers = re.findall(r'fill="(.*?)" fill-opacity="(.*?)" d="(.*?)"', page.split("<figure")[3])
    assert layers == [
        ("currentColor", "0.65", "M0,0h1v1h-1zM1,1h1v1h-1z"),
        ("rgb(213,94,0)", "1", "M2,1h1v1h-1z"),  # too much
        ("rgb(213,94,0)", "0.35", "M1,0h1v1h-1z"),  # missing
    ]


def test_of_a_large_mask_the_part_that_differs_is_drawn():
    right = np.zeros((300, 400), dtype=bool)
    got = right.copy()
    got[290, 10] = True
    page = pictures({}, right, got, (290, 10))
    assert page.count("M10,30h1v1h-1z") == 1 and 'viewBox="0 0 40 40"' in page


def test_of_a_stack_the_mask_that_differs():
    right = np.stack([MASK, ~MASK])
    page = pictures({"masks": right}, right, right ^ MASK, (1, 0, 0))
    assert captions(page) == ["masks[0]", "masks[1]", "expected 1", "got 1"]


def test_boxes_in_one_picture():
    page = pictures({"box": np.array([0.0, 0, 4, 4])}, np.array([1.0, 1, 2, 2]), [1, 1, 3, 2], None)
    assert captions(page) == ["boxes: expected dashed blue, got orange"]
    assert page.count("<rect") == 3 and 'viewBox="0 0 4 4"' in page


def test_nothing_to_draw():
    nan = np.array([np.nan, 0, 1, 1])
    for right, got in ((1.5, 2.5), (nan, nan), (np.zeros((0, 3), bool), np.zeros((0, 3), bool)), ("a", "b")):
        assert pictures({"value": 7}, right, got, None) == ""


def test_boxes_of_a_mask_are_drawn_upon_it():
    page = pictures({"mask": MASK}, [0, 0, 2, 2], [1, 0, 3, 1], None)
    assert captions(page) == ["mask", "boxes: expected dashed blue, got orange"]
    drawn = page.split("<figure")[2]
    assert 'viewBox="0 0 3 2"' in drawn and "M0,0h2v1h-2z" in drawn
    # The right one comes last, so that its dashes let see what lies below.
    assert drawn.index("213,94,0") < drawn.index("0,114,178")


def test_masks_of_unequal_shapes_are_drawn_each_by_itself():
    assert captions(pictures({}, MASK, MASK.T, None)) == ["expected", "got"]
    assert captions(pictures({}, MASK, 7, None)) == ["expected"]


def test_of_a_large_mask_the_part_is_named():
    right = np.zeros((300, 400), dtype=bool)
    page = pictures({}, right, ~right, (290, 10))
    assert captions(page) == ["expected, rows 260 to 299, columns 0 to 39", "got, rows 260 to 299, columns 0 to 39"]
