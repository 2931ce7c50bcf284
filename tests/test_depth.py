"""Who lies in front, and how far each piece is hidden."""

import numpy as np

from course_utils.dataset import load
from course_utils.depth import hidden_shares, lies_in_front, seen_on_others, visible_parts


def squares():
    """Three squares in a row, each on the one before; only the last is seen whole."""
    whole = np.zeros((3, 20, 60), bool)
    for k in range(3):
        whole[k, 2:18, 2 + 12 * k : 22 + 12 * k] = True
    visible = whole.copy()
    for k in range(2):
        visible[k] &= ~whole[k + 1 :].any(axis=0)
    return whole, visible


def test_the_one_that_is_seen_where_two_overlap_lies_in_front():
    whole, visible = squares()
    assert np.array_equal(seen_on_others(whole, visible), [[0, 0, 0], [128, 0, 0], [0, 128, 0]])
    assert np.argwhere(lies_in_front(whole, visible)).tolist() == [[1, 0], [2, 1]]


def test_the_photo_s_order_not_that_of_the_list():
    whole, visible = squares()
    order = lies_in_front(whole[[2, 0, 1]], visible[[2, 0, 1]])
    assert np.argwhere(order).tolist() == [[0, 2], [2, 1]]


def test_small_overlaps_and_draws_are_left_open():
    whole, visible = squares()
    assert lies_in_front(whole, visible, 128).sum() == 2
    assert not lies_in_front(whole, visible, 129).any()
    assert not lies_in_front(whole, whole, 1).any()


def test_an_overlap_that_a_third_piece_hides_is_left_open():
    whole, visible = squares()
    lid = np.zeros_like(whole[:1])
    lid[0, :, :40] = True
    order = lies_in_front(np.concatenate([whole, lid]), np.concatenate([visible & ~lid, lid]))
    assert np.argwhere(order).tolist() == [[3, 0], [3, 1], [3, 2]]


def test_visible_parts_take_the_order_from_the_visible_masks_and_outlines_from_the_whole_ones():
    whole, visible = squares()
    ragged = visible.copy()
    ragged[:, :, ::7] = False  # a drawing with holes
    ragged[2, 2:18, 26:30] = False  # and a loss where it lies on the second
    ragged[0, 0, :] = True  # and something outside of its piece
    assert np.array_equal(visible_parts(whole, ragged), visible)
    assert not (visible_parts(whole, ragged) & ~whole).any()


def test_visible_parts_where_the_order_is_open_are_shared():
    whole, _ = squares()
    assert np.array_equal(visible_parts(whole, whole), whole)


def test_what_two_pieces_in_front_hide_is_hidden_once():
    whole, visible = squares()
    lid = np.zeros_like(whole[:1])
    lid[0, 2:18, 8:24] = True
    whole, visible = np.concatenate([whole, lid]), np.concatenate([visible & ~lid, lid])
    assert np.array_equal(visible_parts(whole, visible), visible)


def test_nothing_on_the_plate():
    nothing = np.zeros((0, 20, 60), bool)
    assert visible_parts(nothing, nothing).shape == (0, 20, 60)
    assert lies_in_front(nothing, nothing).shape == (0, 0) and hidden_shares(nothing, nothing).shape == (0,)


def test_hidden_shares():
    whole, visible = squares()
    assert np.allclose(hidden_shares(whole, visible), [0.4, 0.4, 0])
    # What is seen outside of a piece is no part of it; an empty mask shows nothing.
    assert np.allclose(hidden_shares(whole[:1], ~whole[:1]), [1])
    assert np.allclose(hidden_shares(whole[:1] & False, whole[:1]), [1])


def test_they_agree_with_the_annotations_of_the_course():
    pairs = 0
    for scene in load("val")[:15]:
        assert np.allclose(hidden_shares(scene.masks, scene.visible_masks), scene.occlusion_rates, atol=1e-4)
        for front, back in np.argwhere(lies_in_front(scene.masks, scene.visible_masks)):
            assert scene.depth_orders[front] < scene.depth_orders[back]
            assert scene.instances[front].id in scene.instances[back].occluded_by
            pairs += 1
    assert pairs > 20
