"""How large a piece is: area, perimeter, length and width of a mask, in centimetres.

Pixels make simple measures wrong in ways that do not average out. The steps of a digital border are longer than the
border itself (a chain code finds 5% too much around a disc of any size), and a polygon through the middles of the
border pixels leaves out half a pixel all around (Pick's theorem). Hence two estimators only:

- area: count the pixels. A pixel belongs to the mask when its middle does, so the count is right on average.
- lengths: blur the mask a little and draw the line where it passes 0.5; the steps are gone from that outline.
"""

from dataclasses import astuple, dataclass

import numpy as np
from scipy import ndimage
from scipy.spatial import ConvexHull, QhullError
from skimage.measure import find_contours

from course_utils import masks
from course_utils.errors import CourseError
from course_utils.translation.say import _

FEATURES = ("area_cm2", "perimeter_cm", "length_cm", "width_cm")

SPECK = 0.1
"""Parts smaller than this share of the largest part are specks. Larger ones stay: a piece can be seen in two halves."""

BLUR = 1.0
"""Standard deviation in pixels. Less leaves steps (perimeter 5% too long at 0), more cuts corners."""

_FRAME = 5  # pixels of empty border, so that the blurred mask fades to nothing


@dataclass(frozen=True)
class Shape:
    """The four features of one piece: cm², cm, cm, cm.

    Length and width are the sides of the smallest rectangle around the piece, turned to fit it. Where a piece is seen
    in several parts, the area is that of all of them, perimeter, length and width are those of the largest alone.
    """

    area_cm2: float
    perimeter_cm: float
    length_cm: float
    width_cm: float


def measure(mask: np.ndarray, px_per_cm: float) -> Shape:
    """The features of one mask ``(H, W) bool`` at a scale in pixels per cm.

    Specks are left out and holes are filled first, see `clean`. Of the parts that remain, all count for the area, and
    only the largest for perimeter, length and width.

    Raises:
        CourseError: the mask is empty, or the scale is no positive number.
    """
    if not (np.isfinite(px_per_cm) and px_per_cm > 0):
        raise CourseError(f"the scale is {px_per_cm} pixels per cm; a positive number is needed")
    x1, y1, x2, y2 = masks.to_box(mask).astype(int)
    if x1 == x2:
        raise CourseError(_("an empty mask has no size"))
    whole = clean(mask[y1:y2, x1:x2])
    line = outline(whole)
    length, width = rectangle_sides(smallest_rectangle(line))
    area = float(np.count_nonzero(whole))
    return Shape(area / px_per_cm**2, line_length(line) / px_per_cm, length / px_per_cm, width / px_per_cm)


def measure_all(all_masks: np.ndarray, px_per_cm: float) -> np.ndarray:
    """The features of each mask ``(N, H, W) bool -> (N, 4) float64``, columns as in FEATURES; see `measure`."""
    return np.array([astuple(measure(mask, px_per_cm)) for mask in all_masks]).reshape(-1, len(FEATURES))


def clean(mask: np.ndarray) -> np.ndarray:
    """A mask without specks and holes: ``(H, W) bool -> (H, W) bool``.

    None of our foods has a hole; one in a mask is a gap in the segmentation, or another piece lying on this one.
    """
    parts, count = ndimage.label(mask, np.ones((3, 3)))
    if count > 1:
        sizes = np.bincount(parts.ravel())
        sizes[0] = 0
        mask = (sizes >= SPECK * sizes.max())[parts] & mask
    return ndimage.binary_fill_holes(mask)


def outline(mask: np.ndarray) -> np.ndarray:
    """The border of the largest part of a mask as a closed line ``(P, 2) float64``, x and y in pixels.

    A mask too small to survive the blur is outlined as it is.
    """
    framed = np.pad(mask, _FRAME).astype(np.float64)
    lines = find_contours(ndimage.gaussian_filter(framed, BLUR), 0.5) or find_contours(framed, 0.5)
    return max(lines, key=line_length)[:, ::-1] - _FRAME


def line_length(line: np.ndarray) -> float:
    """Length of a line through points ``(P, 2)``."""
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def smallest_rectangle(points: np.ndarray) -> np.ndarray:
    """Corners ``(4, 2)`` of the smallest rectangle around points ``(P, 2)``, one after the other.

    One of its sides lies along an edge of the points' convex hull (Freeman and Shapira 1975), so each edge is tried.

    Raises:
        CourseError: the points lie on one line.
    """
    try:
        hull = points[ConvexHull(points).vertices]
    except QhullError:
        raise CourseError("the points lie on one line; there is no rectangle around them") from None
    edges = np.roll(hull, -1, axis=0) - hull
    along = edges / np.linalg.norm(edges, axis=1, keepdims=True)
    across = along[:, ::-1] * [-1, 1]
    sides = np.ptp(hull @ along.T, axis=0) * np.ptp(hull @ across.T, axis=0)
    axes = np.stack([along[np.argmin(sides)], across[np.argmin(sides)]])
    (u1, v1), (u2, v2) = (hull @ axes.T).min(axis=0), (hull @ axes.T).max(axis=0)
    return np.array([(u1, v1), (u2, v1), (u2, v2), (u1, v2)]) @ axes


def rectangle_sides(corners: np.ndarray) -> tuple[float, float]:
    """The longer and the shorter side of a rectangle ``(4, 2)``."""
    first, second = np.linalg.norm(corners[1:3] - corners[:2], axis=1)
    return float(max(first, second)), float(min(first, second))
