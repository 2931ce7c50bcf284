"""Who lies in front of whom, and how far each piece is hidden: read from whole and visible masks, without the photo."""

import numpy as np

from course_utils import masks

SMALLEST_OVERLAP = 30
"""Pixels; outlines of neighbours touch and cross by a few without anything being hidden."""


def seen_on_others(whole: np.ndarray, visible: np.ndarray) -> np.ndarray:
    """At how many pixels each piece is seen although they belong to another piece as well.

    Args:
        whole: ``(N, H, W) bool``, amodal masks. visible: ``(N, H, W) bool``, the visible part of each.

    Returns:
        ``(N, N) int64``: in row j and column k the pixels of piece k at which j can be seen; zeros on the diagonal.
    """
    pixels = whole.shape[1] * whole.shape[2]
    flat_whole, flat_visible = (part.reshape(-1, pixels).astype(np.float32) for part in (whole, visible))
    seen = (flat_visible @ flat_whole.T).astype(np.int64)  # exact: float32 counts to 2**24
    np.fill_diagonal(seen, 0)
    return seen


def lies_in_front(whole: np.ndarray, visible: np.ndarray, smallest_overlap: int = SMALLEST_OVERLAP) -> np.ndarray:
    """Of two pieces that overlap, the one that is seen where they do lies in front.

    Args:
        whole, visible: see `seen_on_others`.
        smallest_overlap: pixels of the other at which the piece in front must be seen, at least.

    Returns:
        ``(N, N) bool``: whether piece j lies in front of piece k. Neither does where they do not overlap, where a third
        piece hides all of the overlap, or where each is seen at as many pixels as the other.
    """
    seen = seen_on_others(whole, visible)
    return (seen > seen.T) & (seen >= smallest_overlap)


def visible_parts(whole: np.ndarray, visible: np.ndarray) -> np.ndarray:
    """The visible part of each piece made consistent: its whole mask less those of the pieces that lie in front of it.

    Two masks drawn independently disagree by a little nearly everywhere. Only the order is taken from the visible ones,
    where a majority of pixels decides; the outlines are those of the whole masks.

    Args:
        whole, visible: see `seen_on_others`; what is visible outside of the whole masks does not count.

    Returns:
        ``(N, H, W) bool``; no two share a pixel, save where the order of two pieces is left open.
    """
    front = lies_in_front(whole, whole & visible, smallest_overlap=1)
    parts = [mask & ~whole[above].any(axis=0) for mask, above in zip(whole, front.T, strict=True)]
    return np.array(parts, bool).reshape(whole.shape)


def hidden_shares(whole: np.ndarray, visible: np.ndarray) -> np.ndarray:
    """Share of each piece that cannot be seen: ``(N, H, W) bool`` twice ``-> (N,) float64``; 1 for an empty mask."""
    return 1 - masks.area(whole & visible) / np.maximum(masks.area(whole), 1)
