"""Who lies in front, read from the photo."""

import numpy as np

from course_utils.dataset import load
from course_utils.demo import order


def test_two_flat_squares():
    back, front = np.zeros((2, 60, 60), bool)
    back[10:40, 10:40] = True
    front[25:50, 25:50] = True
    image = np.full((60, 60, 3), 255, np.uint8)
    image[back] = (200, 120, 40)
    image[front] = (40, 120, 60)
    assert order.lies_in_front(order.edges(image), front, back)
    assert not order.lies_in_front(order.edges(image), back, front)
    assert np.array_equal(order.visible_parts(image, np.array([back, front])), [back & ~front, front])


def test_pieces_that_do_not_touch_are_wholly_visible():
    masks = np.zeros((2, 20, 20), bool)
    masks[0, 2:8, 2:8] = masks[1, 12:18, 12:18] = True
    assert np.array_equal(order.visible_parts(np.zeros((20, 20, 3), np.uint8), masks), masks)


def test_mostly_right_on_real_heaps():
    right = []
    for scene in load("val")[:20]:
        strength = order.edges(scene.image)
        for j, piece in enumerate(scene.instances):
            for other in scene.instances[:j]:
                overlap = piece.mask & other.mask
                mine, theirs = (part.visible_mask[overlap].mean() if overlap.any() else 0 for part in (piece, other))
                if overlap.sum() >= 40 and max(mine, theirs) >= 0.5 and min(mine, theirs) <= 0.2:
                    right.append(order.lies_in_front(strength, piece.mask, other.mask) == (mine > theirs))
    assert len(right) > 30 and np.mean(right) > 0.75
