"""Masks: hand-known answers, and byte for byte what pycocotools says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from pycocotools import mask as coco_mask

from course_utils import masks
from course_utils.errors import CourseError

MASKS = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=40))


def stack(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((n, 9, 13)) < 0.4


@given(MASKS)
def test_rle_is_pycocotools_byte_for_byte(mask):
    theirs = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    ours = masks.encode(mask)
    assert ours == {"size": theirs["size"], "counts": theirs["counts"].decode()}
    assert np.array_equal(masks.decode(ours), mask)
    assert np.array_equal(masks.decode(theirs), mask)
    assert np.array_equal(masks.decode({"size": mask.shape, "counts": masks.run_lengths(mask)}), mask)


@given(st.lists(st.integers(0, 2**20), min_size=1, max_size=30))
def test_compressed_counts_come_back(counts):
    assert masks.decompress(masks.compress(counts)) == counts


def test_run_lengths_go_down_the_columns():
    mask = np.array([[0, 1], [0, 1], [1, 0]], dtype=bool)
    assert masks.run_lengths(mask) == [2, 3, 1]
    assert masks.run_lengths(np.ones((2, 2), bool)) == [0, 4]


@pytest.mark.parametrize(
    ("rle", "words"),
    [
        ({"size": [2, 2], "counts": [1, 2]}, "cover 3 pixels"),
        ({"size": [2, 2], "counts": [5, -1]}, "cover 4 pixels"),
        ({"size": [24, 32], "counts": [2**62] * 4 + [768]}, "cover 18446744073709552384 pixels"),
        ({"size": [2, 2], "counts": "\n"}, "no character"),
        ({"size": [2, 2], "counts": "P"}, "ends within a number"),
        ({"counts": "4"}, "size"),
        ({"size": [2], "counts": "4"}, "size"),
    ],
)
def test_broken_rle_is_named(rle, words):
    with pytest.raises(CourseError, match=words):
        masks.decode(rle)


@pytest.mark.parametrize(
    "broken", [b"04", b"04<4", b"04<0000", b"0", b"!!", b"zzzz", b"PPPP", b"", "04<\u00e9", b"o" * 20]
)
def test_a_broken_text_among_good_ones_is_found(broken):
    good = masks.encode(np.eye(4, dtype=bool))["counts"]
    assert masks.text_areas([good, good.encode(), broken, good], 16).tolist() == [4, 4, -1, 4]


def test_good_texts_are_all_right():
    rng = np.random.default_rng(3)
    stack = [np.zeros((7, 9), bool), np.ones((7, 9), bool), *(rng.random((60, 7, 9)) < rng.random((60, 1, 1)))]
    texts = [masks.encode(mask)["counts"] for mask in stack]
    assert masks.text_areas(texts, 63).tolist() == [int(mask.sum()) for mask in stack]
    assert masks.text_areas([], 63).tolist() == []
    assert masks.text_areas([masks.compress([0, 2**70])], 63).tolist() == [masks.BROKEN]
    assert (masks.text_areas(texts, 64) == masks.BROKEN).all()


def test_a_cut_off_number_harms_no_other_text():
    large = masks.compress([10**7, 5, 3, 2, 10**7 - 10])  # begins with a number of five characters
    for cut_off in (b"P", b"P" * 11, b"0P" * 2, b"P" * 30):
        assert masks.text_areas([large, cut_off, large, cut_off, "0" + large], 2 * 10**7).tolist() == [7, -1, 7, -1, -1]


@pytest.mark.parametrize("pixels", [12, 480 * 640, 60_000**2, 2**45])
def test_texts_at_the_edges_and_of_huge_images(pixels):
    runs = {
        "nothing": [pixels],
        "everything": [0, pixels],
        "the first pixel": [0, 1, pixels - 1],
        "the last pixel": [pixels - 1, 1],
        "differences below zero": [pixels - 9, 4, 1, 2, 1, 1],
        "the middle": [pixels // 2, 2, pixels - pixels // 2 - 2],
    }
    texts = [masks.compress(counts) for counts in runs.values()]
    areas = [sum(counts[1::2]) for counts in runs.values()]
    assert masks.text_areas(texts, pixels).tolist() == areas
    for text, area in zip(texts, areas, strict=True):  # whatever stands before or after
        assert masks.text_areas([text], pixels).tolist() == [area]
        assert masks.text_areas([text, "P", text], pixels).tolist() == [area, masks.BROKEN, area]
    assert masks.text_areas(texts, [pixels, pixels + 1] * 3).tolist() == [
        area if k % 2 == 0 else masks.BROKEN for k, area in enumerate(areas)
    ]


def changed(text: str, place: int, character: str) -> str:
    place %= len(text)
    return text[:place] + character + text[place + 1 :]


SMALL = arrays(bool, (3, 4)).map(lambda mask: masks.encode(mask)["counts"])
CHANGED = st.builds(
    changed, SMALL, st.integers(0, 99), st.sampled_from(["", "0", "1", "3", "4", "<", "N", "O", "P", "~"])
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(SMALL | CHANGED, max_size=6))
def test_a_text_has_an_area_exactly_if_it_is_a_mask(texts):
    def area(text: str) -> int:
        try:
            return int(masks.decode({"size": [3, 4], "counts": text}).sum()) if text else masks.BROKEN
        except CourseError:
            return masks.BROKEN

    assert masks.text_areas(texts, 12).tolist() == [area(text) for text in texts]


def test_iou_equals_pycocotools():
    first, second = stack(5, 1), stack(4, 2)
    first[0] = second[0] = False

    def rles(group):
        return [masks.encode(mask) for mask in group]

    theirs = coco_mask.iou(rles(first), rles(second), [0] * 4)
    assert np.array_equal(masks.iou(first, second)[1:, 1:], theirs[1:, 1:])
    assert masks.iou(first, second)[0, 0] == 0
    assert masks.iou(first[:0], second).shape == (0, 4)
    with pytest.raises(ValueError, match="cannot be compared"):
        masks.iou(first, second[:, :3])


@given(MASKS)
def test_box_holds_the_mask_and_nothing_more(mask):
    x, y, width, height = coco_mask.toBbox(masks.encode(mask))
    assert masks.to_box(mask).tolist() == [x, y, x + width, y + height]


def test_boxes_of_a_stack():
    group = stack(3, 5)
    assert masks.to_boxes(group).shape == (3, 4)
    assert masks.to_boxes(group[:0]).shape == (0, 4)
    assert masks.area(group).tolist() == [int(mask.sum()) for mask in group]


@given(arrays(bool, (12, 15)))
def test_polygons_of_a_filled_mask_come_back(mask):
    filled = masks.from_polygons(masks.to_polygons(mask), 12, 15)
    assert np.array_equal(filled | mask, filled)  # holes may be filled, nothing is lost
    again = masks.from_polygons(masks.to_polygons(filled), 12, 15)
    assert np.array_equal(again, filled)


@pytest.mark.parametrize(
    ("polygon", "words"),
    [
        ([float("nan"), 0, 3, 0, 3, 3], "holds NaN or infinity"),
        ([float("inf"), 0, 3, 0, 3, 3], "holds NaN or infinity"),
        ([0, 0, 1e9, 0, 3, 3], "far out of the picture"),
        ([0, 0, "x", 0, 3, 3], "no list of numbers"),
        (3, "no list of numbers"),
        ([0, 0, 1, 0, 3, 3, 4], "7 numbers"),
    ],
)
def test_what_cannot_be_drawn_is_refused(polygon, words):
    with pytest.raises(CourseError, match=words):
        masks.from_polygons([polygon], 5, 5)


@pytest.mark.parametrize("counts", [[5.9, 4.9], ["5", "4"], [[5], [4]], [2**70, 9 - 2**70]])
def test_run_lengths_are_whole_numbers(counts):
    with pytest.raises(CourseError, match="not a list of whole numbers"):
        masks.from_run_lengths(counts, 3, 3)


@pytest.mark.parametrize("size", [[float("inf"), 3], [-3, -3], [3.5, 2]])
def test_sizes_are_whole_numbers(size):
    with pytest.raises(CourseError, match="broken RLE"):
        masks.decode({"size": size, "counts": [9]})


def test_broken_polygon_is_named():
    with pytest.raises(CourseError, match="three points"):
        masks.from_polygons([[0, 0, 3, 3]], 5, 5)
    assert not masks.from_polygons([], 3, 4).any()
