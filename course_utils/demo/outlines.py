"""Masks as the page draws them."""

import numpy as np
from scipy.ndimage import distance_transform_edt
from skimage.measure import approximate_polygon, find_contours


def outlines(mask: np.ndarray) -> str:
    """The outlines of a mask ``(H, W) bool`` as the path of an SVG, in pixels."""
    lines = [approximate_polygon(line, 0.6) for line in find_contours(np.pad(mask, 1).astype(float), 0.5)]
    # Contours come as (row, column) from pixel middles, one pixel later because of the padding.
    return " ".join(
        "M" + " L".join(f"{x - 0.5:.1f} {y - 0.5:.1f}" for y, x in line[:-1]) + " Z" for line in lines if len(line) > 3
    )


def place_for_name(mask: np.ndarray) -> list[float]:
    """Where a name is read as that of a mask ``(H, W) bool``: ``[x, y]``, the pixel farthest from its rim."""
    depth = distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    y, x = np.unravel_index(np.argmax(depth), mask.shape)
    return [float(x), float(y)]
