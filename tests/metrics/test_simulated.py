"""The made-up detector: the same for the same seed, sensible, and worse where more is hidden."""

import numpy as np

from course_utils import masks
from course_utils.metrics.simulated import shifted, simulate, swollen


def discs(count: int) -> np.ndarray:
    """(count, 96, 96) discs of radius 20 beside the middle."""
    rows, columns = np.mgrid[:96, :96]
    return np.array([(rows - 40) ** 2 + (columns - 40 - k) ** 2 <= 400 for k in range(count)])


def mean_overlap(hidden: float) -> float:
    """Mean of the best IoU that any detection has with a piece, over many seeds."""
    truth = discs(1)
    found = [simulate(truth, np.array([2]), np.array([hidden]), [1, seed]).regions.masks for seed in range(150)]
    return float(np.mean([masks.iou(one, truth).max(initial=0) for one in found]))


def test_a_seed_says_it_all():
    truth, labels, hidden = discs(4), np.array([1, 3, 5, 6]), np.array([0.0, 0.3, 0.6, 0.0])
    first, again, other = (simulate(truth, labels, hidden, [seed, 4]) for seed in (1, 1, 2))
    assert np.array_equal(first.regions.masks, again.regions.masks) and np.array_equal(first.scores, again.scores)
    assert not np.array_equal(first.scores, other.scores)


def test_an_image_without_pieces_has_no_detections():
    assert len(simulate(np.zeros((0, 96, 96), bool), np.zeros(0, int), np.zeros(0), 1)) == 0


def test_hidden_pieces_are_found_worse():
    assert mean_overlap(0.0) > 0.85 > 0.65 > mean_overlap(0.7)


def test_shift_loses_what_leaves_the_picture():
    disc = discs(1)[0]
    assert shifted(disc, 5, -3)[37, 65] and not shifted(disc, 5, -3)[37, 19]
    assert shifted(disc, 0, 50).sum() < disc.sum() and not shifted(disc, 96, 0).any()


def test_swelling_grows_and_shrinks_by_a_radius():
    disc = discs(1)[0]
    assert masks.to_box(swollen(disc, 4)).tolist() == [16, 16, 65, 65]
    assert masks.to_box(swollen(disc, -4)).tolist() == [24, 24, 57, 57]
