"""Which of two overlapping pieces lies in front? An amodal model does not say, but the photo does."""

import numpy as np
from skimage import color, filters, morphology, segmentation

_INNER = morphology.disk(3)
"""Where one outline crosses the other there is an edge in any case, so the border of the overlap does not count."""


def edges(image: np.ndarray) -> np.ndarray:
    """Strength of the colour edges of a photo: ``(H, W, 3) uint8 -> (H, W) float64``."""
    lab = color.rgb2lab(image)
    return np.sqrt(sum(filters.sobel(lab[..., channel]) ** 2 for channel in range(3)))


def lies_in_front(edge_strength: np.ndarray, piece: np.ndarray, other: np.ndarray) -> bool:
    """Whether of two overlapping amodal masks ``(H, W) bool`` the first lies in front.

    The outline of the piece in front can be seen as an edge all along, also inside the other piece; that of the hidden
    one cannot.
    """
    return _outline_strength(edge_strength, piece, other) > _outline_strength(edge_strength, other, piece)


def visible_parts(image: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """The visible part of each amodal mask ``(N, H, W) bool``, by the photo ``(H, W, 3) uint8`` alone."""
    strength = edges(image)
    visible = masks.copy()
    for j in range(len(masks)):
        for k in range(j):
            overlap = masks[j] & masks[k]
            if overlap.any():
                hidden = k if lies_in_front(strength, masks[j], masks[k]) else j
                visible[hidden] &= ~overlap
    return visible


def _outline_strength(edge_strength: np.ndarray, piece: np.ndarray, other: np.ndarray) -> float:
    inside = segmentation.find_boundaries(piece, mode="thick") & morphology.erosion(other, _INNER)
    return float(edge_strength[inside].mean()) if inside.any() else 0.0
