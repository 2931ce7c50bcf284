"""Who hides whom, and the order from front to back, out of whole and visible masks alone."""

from collections.abc import Sequence

import numpy as np

Place = tuple[int, int] | None
"""Cluster and number within it, smaller in front; None for an object whose place a file does not say."""


def who_hides_whom(whole: np.ndarray, visible: np.ndarray, places: Sequence[Place]) -> np.ndarray:
    """Pairs of objects where one lies in front of the other.

    An object hides another where it is seen in that one's hidden part. Two objects of one cluster are ordered by
    their places; of others that seem to hide each other, as hand-drawn borders make them, the one that hides more is in
    front.

    Args:
        whole, visible: ``(N, H, W) bool``. places: of each object.

    Returns:
        ``(N, N) bool``; [i, j] says that object i hides a part of object j.
    """
    seen = visible.reshape(len(visible), -1).astype(np.float32)
    hidden = (whole & ~visible).reshape(len(whole), -1).astype(np.float32)
    pixels = seen @ hidden.T  # exact: float32 counts to 2**24
    related, nearer = _placed(places)
    return np.where(related, (pixels > 0) & nearer, pixels > pixels.T)


def _placed(places: Sequence[Place]) -> tuple[np.ndarray, np.ndarray]:
    """``(N, N) bool`` each: pairs of one cluster, and those of them whose first is nearer."""
    pairs = [[(a, b) if a and b and a[0] == b[0] else None for b in places] for a in places]
    related = np.array([[pair is not None for pair in row] for row in pairs])
    nearer = np.array([[pair is not None and pair[0][1] < pair[1][1] for pair in row] for row in pairs])
    return related, nearer


def front_to_back(hides: np.ndarray, places: Sequence[Place]) -> tuple[list[int], bool]:
    """An order in which nobody comes before those who hide it, or have a place before it in its cluster.

    Args:
        hides: of `who_hides_whom`. places: of each object.

    Returns:
        For each object its place, 1 in front; and whether that was possible. Where objects hide each other in a ring,
        the one that the fewest hide comes first.
    """
    before = hides | _placed(places)[1]
    order, left, possible = [0] * len(hides), list(range(len(hides))), True
    for place in range(1, len(hides) + 1):
        hiders = before[np.ix_(left, left)].sum(axis=0)
        possible &= not hiders.min()
        order[left.pop(int(hiders.argmin()))] = place
    return order, possible
