"""Completed outlines are judged against whole pieces, whatever truth says which piece they stand for."""

import numpy as np
import pytest
from helpers import tiny_set

from course_utils.dataset import load
from course_utils.errors import CourseError
from course_utils.metrics.completion import completions, hull_completions
from course_utils.metrics.instances import Detections


@pytest.fixture
def plates(tmp_path):
    tiny_set.write(tmp_path)
    return load("tiny", tmp_path)


def seen_as(scene, outlines) -> dict[int, Detections]:
    return {scene.id: Detections(scene.labels, np.array(outlines), np.full(len(outlines), 0.9))}


def test_whole_pieces_are_complete(plates):
    table = completions(plates, seen_as(plates[0], plates[0].masks))
    assert len(table) == 2
    assert table["iou"].tolist() == table["area_ratio"].tolist() == [1, 1]
    covered = table["hidden"] > 0
    assert table["hidden_iou"][covered].tolist() == [1]
    assert table["hidden_iou"][~covered].isna().all()


def test_visible_parts_lack_what_is_hidden(plates):
    table = completions(plates, seen_as(plates[0], plates[0].visible_masks), truth="visible")
    for column in ("area_ratio", "iou"):
        assert table[column].tolist() == pytest.approx((1 - table["hidden"]).tolist(), abs=1e-4)
    assert table["hidden_iou"].dropna().tolist() == [0]


def test_what_was_not_found_is_left_out(plates):
    assert completions(plates, {}).empty
    assert completions(plates, {plates[0].id: Detections([], [], [])}).empty
    assert len(completions(plates, seen_as(plates[1], np.roll(plates[1].masks, 9, axis=2)))) == 0


def test_a_hull_fills_the_corner_of_a_rectangle_s_missing_piece(plates):
    """The covered rectangle lacks a piece of one side, so its hull is the whole rectangle."""
    table = hull_completions(plates)
    assert len(table) == 3
    assert table["iou"].min() > 0.95


def test_the_truth_is_one_of_two(plates):
    with pytest.raises(CourseError, match="amodal or visible"):
        completions(plates, {}, truth="modal")


def test_what_spills_over_a_visible_border_is_no_claim_about_the_hidden_part(plates):
    """The covered rectangle drawn three columns too far into the open, on the side where nothing lies in front."""
    outlines = plates[0].masks.copy()
    covered = int(plates[0].occlusion_rates.argmax())
    outlines[covered] |= tiny_set.rectangle(3, 4, 6, 14)
    row = completions(plates, seen_as(plates[0], outlines)).set_index("piece").loc[covered]
    assert row["area_ratio"] == pytest.approx(1.3)
    assert row["hidden_iou"] == 1
