"""Order and hidden shares are judged on the pieces that were found, and on nothing else."""

import numpy as np
import pytest
from helpers import tiny_set

from course_utils import masks
from course_utils.dataset import load
from course_utils.errors import CourseError
from course_utils.metrics.instances import Detections
from course_utils.metrics.visibility import hidden_table, order_table, visibility_scores


@pytest.fixture
def plate(tmp_path):
    """A bakwan under a tempe: they share 24 pixels, of 100 and of 48."""
    tiny_set.write(tmp_path)
    return load("tiny", tmp_path)[0]


def seen_as(plate, whole, visible) -> dict[int, Detections]:
    scores = np.linspace(0.9, 0.8, len(whole))
    return {plate.id: Detections(plate.labels[: len(whole)], np.array(whole), scores, visible=np.array(visible))}


def indices(plate) -> tuple[int, int]:
    """Of the piece in front and the one behind."""
    behind = int(plate.occlusion_rates.argmax())
    return 1 - behind, behind


def test_the_truth_is_right(plate):
    truth = seen_as(plate, plate.masks, plate.visible_masks)
    order = order_table([plate], truth, smallest_overlap=24)
    front, behind = indices(plate)
    assert order.to_dict("records") == [{"image": plate.id, "front": front, "back": behind, "right": True}]
    hidden = hidden_table([plate], truth)
    assert hidden.predicted.tolist() == pytest.approx(hidden.hidden.tolist()) and hidden.close.all()
    assert hidden.hidden[behind] == pytest.approx(0.24)


def test_pairs_that_hardly_overlap_do_not_count(plate):
    assert order_table([plate], seen_as(plate, plate.masks, plate.visible_masks), smallest_overlap=25).empty
    assert order_table([plate], seen_as(plate, plate.masks, plate.visible_masks)).empty


def test_where_nothing_was_found_there_is_no_row(plate):
    """As RLEs, which know no height and width where there are none."""
    stray = [[masks.encode(~plate.masks.any(axis=0))] for _ in range(2)]
    guess = {plate.id: Detections(plate.labels[:1], stray[0], [0.9], visible=stray[1])}
    assert order_table([plate], guess).empty and hidden_table([plate], guess).empty
    unsure = visibility_scores([plate], guess, min_score=0.95)
    assert (unsure["pairs"], unsure["pieces"]) == (0, 0)


def test_the_wrong_one_in_front(plate):
    front, behind = indices(plate)
    visible = plate.masks.copy()
    visible[front] &= ~plate.masks[behind]
    guess = seen_as(plate, plate.masks, visible)
    assert order_table([plate], guess, 24).right.tolist() == [False]
    hidden = hidden_table([plate], guess)
    assert hidden.predicted[front] == pytest.approx(0.5) and hidden.predicted[behind] == 0
    assert not hidden.close.any()


def test_no_answer_is_not_right(plate):
    assert order_table([plate], seen_as(plate, plate.masks, plate.masks), 24).right.tolist() == [False]
    assert order_table([plate], seen_as(plate, plate.visible_masks, plate.visible_masks), 24).right.tolist() == [False]


def test_detections_in_another_order_and_of_another_class_stand_for_the_same_pieces(plate):
    labels = np.roll(plate.labels, 1)
    turned = Detections(labels, plate.masks[::-1].copy(), np.array([0.9, 0.8]), visible=plate.visible_masks[::-1])
    assert order_table([plate], {plate.id: turned}, 24).right.tolist() == [True]
    assert hidden_table([plate], {plate.id: turned}).close.all()


def test_a_share_may_be_off_by_ten_points(plate):
    _, behind = indices(plate)
    for more, close in ((10, True), (11, False)):
        visible = plate.visible_masks.copy()
        rows, columns = np.nonzero(visible[behind])
        visible[behind][rows[:more], columns[:more]] = False
        table = hidden_table([plate], seen_as(plate, plate.masks, visible))
        assert table.close[behind] == close


def test_what_was_not_found_is_left_out(plate):
    for guess in ({}, {plate.id: Detections([], [], [])}):
        assert order_table([plate], guess, 1).empty and hidden_table([plate], guess).empty
    one = seen_as(plate, plate.masks[:1], plate.visible_masks[:1])
    assert order_table([plate], one, 1).empty and hidden_table([plate], one).piece.tolist() == [0]


def test_a_model_without_the_branch_is_named(plate):
    guess = {plate.id: Detections(plate.labels, plate.masks, np.full(2, 0.9))}
    for table in (order_table, hidden_table):
        with pytest.raises(CourseError, match="image 1 have no visible masks; only a model with a visible branch"):
            table([plate], guess)


def test_the_summary_counts_what_is_sure_enough(plate):
    """Of two found pieces one is below the score: no pair is left, and one hidden share."""
    guess = seen_as(plate, plate.masks, plate.masks)
    both = visibility_scores([plate], guess, min_score=0.8)
    assert both["pieces"] == 2 and both["hidden"] == 0.5 and both["pairs"] == 0 and np.isnan(both["front"])
    assert visibility_scores([plate], guess, min_score=0.85)["pieces"] == 1
