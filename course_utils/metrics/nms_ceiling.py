"""The ceiling that non-maximum suppression puts on recall: what even a perfect detector loses in a heap."""

import numpy as np
from numpy.typing import ArrayLike

from course_utils import boxes as box_algebra


def nms_survivors(boxes: np.ndarray, labels: ArrayLike, threshold: float = 0.5) -> np.ndarray:
    """The most objects of an image that can be left after non-maximum suppression, even from a perfect detector.

    Of two boxes of one class whose IoU is above the threshold, suppression removes one. In a heap that happens to
    true objects: two equal boxes less than a third of a width apart have an IoU above 0.5. So the share of survivors is
    the ceiling of recall.

    Args:
        boxes: (N, 4) xyxy, of the true objects.
        labels: (N,) int.
        threshold: of the suppression.

    Returns:
        (N,) bool, one largest set of objects that do not suppress each other.
    """
    boxes, kinds = np.asarray(boxes, float).reshape(-1, 4), np.asarray(labels)
    strikes = (box_algebra.iou(boxes, boxes) > threshold) & (kinds[:, None] == kinds)
    np.fill_diagonal(strikes, False)
    kept = np.zeros(len(kinds), bool)
    kept[_largest_peaceful(strikes, np.arange(len(kinds)))] = True
    return kept


def _largest_peaceful(strikes: np.ndarray, alive: np.ndarray) -> list[int]:
    """Largest subset of `alive` in which nobody strikes anybody (exact; heaps of food are small)."""
    degrees = strikes[np.ix_(alive, alive)].sum(axis=1)
    if not degrees.any():
        return alive.tolist()
    # Who strikes at most one other can always stay: it costs no more than it brings.
    mild = np.flatnonzero(degrees == 1)
    if len(mild):
        one = alive[mild[0]]
        return [int(one), *_largest_peaceful(strikes, alive[~strikes[one, alive] & (alive != one)])]
    fiercest = alive[degrees.argmax()]
    without = _largest_peaceful(strikes, alive[alive != fiercest])
    with_it = [int(fiercest), *_largest_peaceful(strikes, alive[~strikes[fiercest, alive] & (alive != fiercest)])]
    return max(without, with_it, key=len)
