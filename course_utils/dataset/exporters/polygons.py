"""Masks as polygons, for formats that know nothing else: also those with holes, and those of several parts."""

import numpy as np
from scipy.ndimage import find_objects, label
from scipy.spatial import KDTree
from skimage.measure import find_contours

from course_utils.dataset.outlines import Outline, read_outline


def exact_segmentation(outline: Outline) -> list[list[float]] | dict:
    """Polygons if they give the very same pixels, else the RLE."""
    polygons = polygons_of(outline.mask)
    height, width = outline.record["size"]
    again = read_outline(polygons, (height, width))
    return polygons if again == outline else outline.record


def polygons_of(mask: np.ndarray) -> list[list[float]]:
    """A polygon ``[x1, y1, x2, y2, ...]`` for each connected part of a mask ``(H, W) bool``.

    A hole is cut out by way of a bridge of no width: a polygon's inside is what an odd number of its lines lie before.
    """
    parts, _ = label(mask)
    polygons = []
    for number, (rows, columns) in enumerate(find_objects(parts), 1):
        corner = (columns.start, rows.start)
        polygons.append((joined_rings(rings(parts[rows, columns] == number)) + corner).ravel().tolist())
    return polygons


def one_polygon(mask: np.ndarray) -> list[float]:
    """All parts and holes of a mask ``(H, W) bool``, not empty, in a single polygon, with bridges of no width."""
    return joined_rings(rings(mask)).ravel().tolist()


def rings(mask: np.ndarray) -> list[np.ndarray]:
    """Outlines ``(N, 2)`` of a mask and of its holes, x and y; they run half-way between pixels in and out."""
    contours = find_contours(np.pad(mask, 1).astype(float), 0.5, fully_connected="low")
    # find_contours names pixel centres, rows first; COCO's (0, 0) is the corner of the first pixel.
    return [contour[:-1, ::-1] - 0.5 for contour in contours]


def joined_rings(several: list[np.ndarray]) -> np.ndarray:
    """One ring of all, each entered from the corner of the others that is nearest: ``(N, 2)``."""
    joined, *others = sorted(several, key=len, reverse=True)
    for ring in others:
        distances, nearest = KDTree(joined).query(ring)
        there = int(distances.argmin())
        here = int(nearest[there])
        detour = [ring[there:], ring[: there + 1]]
        joined = np.concatenate([joined[: here + 1], *detour, joined[here:]])
    return joined
