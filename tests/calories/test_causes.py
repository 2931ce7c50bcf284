"""What became of the pieces of a picture, and masks that their box cuts off."""

import numpy as np
import pytest

from course_utils.calories.causes import CAUSES, Verdict, cut_and_whole, cut_length, judge, totals
from course_utils.dataset import load
from course_utils.metrics.instances import Detections, GroundTruth


def square(top: int, left: int, bottom: int, right: int) -> np.ndarray:
    mask = np.zeros((40, 40), bool)
    mask[top:bottom, left:right] = True
    return mask


WHOLE = square(5, 5, 25, 25)


@pytest.mark.parametrize(
    ("drawn", "cut"),
    [
        (WHOLE, 0),
        (square(5, 5, 15, 25), 20),  # 10 rows are missing below
        (square(15, 5, 25, 25), 20),
        (square(5, 9, 25, 25), 20),  # it goes on for exactly 4 columns
        (square(5, 8, 25, 25), 0),  # by 3 an outline may be off
        (square(10, 10, 20, 20), 40),
        (square(0, 0, 40, 40), 0),
        (np.zeros_like(WHOLE), 0),
    ],
)
def test_a_cut_is_as_long_as_the_side_behind_which_the_piece_goes_on(drawn, cut):
    assert cut_length(drawn, WHOLE) == cut


def test_a_mask_at_the_border_of_the_picture_is_not_cut_by_its_box():
    assert cut_length(square(20, 5, 40, 25), square(20, 5, 40, 25)) == 0
    assert cut_length(square(20, 5, 38, 25), square(20, 5, 40, 25)) == 0  # what is left has only 2 rows


def test_the_most_cut_and_of_its_food_the_best():
    truths = {k: GroundTruth(np.array([label]), WHOLE[None]) for k, label in ((1, 2), (2, 2), (3, 2), (4, 5))}
    drawn = {1: square(5, 5, 21, 25), 2: square(5, 5, 24, 25), 3: WHOLE, 4: WHOLE}
    found = {k: Detections(truths[k].labels, mask[None], np.array([0.9])) for k, mask in drawn.items()}
    assert cut_and_whole(truths, found) == ((1, 0), (3, 0))
    unsure = found | {3: Detections(truths[3].labels, WHOLE[None], np.array([0.4]))}
    assert cut_and_whole(truths, unsure) == ((1, 0), (2, 0))


def test_each_piece_is_right_wrong_or_missed():
    scene = load("pairs")[0]
    labels = np.array([piece.label for piece in scene.instances])
    ones = np.ones(len(labels))
    assert judge(scene, Detections(labels, scene.masks, ones)) == Verdict(len(labels), len(labels), 0, 0)
    labels[0] = labels[0] % 6 + 1
    elsewhere = np.concatenate([scene.masks[:-1], ~scene.masks[-1:]])
    assert judge(scene, Detections(labels, elsewhere, ones)) == Verdict(len(labels), len(labels) - 2, 1, 1)


def test_verdicts_come_to_the_columns_of_the_real_photos():
    told = totals([Verdict(4, 1, 1, 2), Verdict(4, 1, 0, 0), Verdict(0, 0, 0, 1)])
    assert told == {"pieces": 8, "precision": 0.5, "recall": 0.375, "name_right": 2 / 3, "f1_with_name": 4 / 14}
    told = totals([Verdict(2, 0, 0, 0)])
    assert told["recall"] == 0 and np.isnan([told["precision"], told["name_right"]]).all()


def test_the_pairs_are_what_the_lesson_says():
    """Same plate in both; things and other foods change no outline's place, the camera does."""
    pairs = load("pairs")
    assert len(pairs) == 2 * len(CAUSES)
    for has, lacks in zip(list(pairs)[::2], list(pairs)[1::2], strict=True):
        assert has.plate_diameter_cm == lacks.plate_diameter_cm
        assert [piece.name for piece in has.instances] == [piece.name for piece in lacks.instances]
        assert lacks.camera_tilt_deg == 0
    things, green, batter, close, side = list(pairs)[::2]
    assert (things.masks == pairs[1].masks).all()
    assert {piece.name for piece in green.instances} == {"serabi"}
    assert {piece.name for piece in batter.instances} == {"tempe"}
    assert close.px_per_cm > 2 * pairs[7].px_per_cm and close.plate_mask[0].any() > pairs[7].plate_mask[0].any()
    assert side.camera_tilt_deg == pytest.approx(55, abs=0.01)
