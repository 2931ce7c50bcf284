"""How many pixels a centimetre has: from the plate, whose diameter one can measure with a ruler.

Nothing is corrected for tilt: a slanted view shows less of a piece's top but more of its side. Dividing areas by the
cosine of the tilt made the kilocalories of our test plates worse (`benchmarks/calories.py`).
"""

import numpy as np
from skimage.measure import EllipseModel

from course_utils.calories.features import outline
from course_utils.dataset import Scene
from course_utils.dataset.faults import is_number, short
from course_utils.errors import CourseError

SMALLEST_ARC = 0.6
"""Share of a full turn in which the rim must be seen. From there on the scale is right within 3% on our photos; with
less, the completed ellipse can be anything."""

SMALLEST_AXIS_PX = 10
"""Of the rim's ellipse. A plate that looks flatter or smaller cannot be measured."""

_MARGIN = 3  # pixels; nearer to the picture's border, the outline is the picture's and not the plate's


def of_scene(scene: Scene) -> float:
    """Pixels per cm as the annotation file states them.

    Raises:
        CourseError: it states none, or no positive number.
    """
    stated = scene.px_per_cm
    if stated is None:
        raise CourseError(f"{scene.file_name}: has no px_per_cm, so its pieces cannot be measured")
    if not (is_number(stated) and np.isfinite(stated) and stated > 0):
        raise CourseError(f"{scene.file_name}: px_per_cm is {short(stated)}; a positive number is needed")
    return stated


def from_plate(plate_mask: np.ndarray, diameter_cm: float) -> float:
    """Pixels per cm at the height of the plate's rim, from its mask ``(H, W) bool`` and its diameter.

    Where the plate runs out of the picture, the rest of its rim is completed as an ellipse; see `from_rim`.

    Raises:
        CourseError: the mask is empty, the diameter is no positive number, or too little of the rim can be seen.
    """
    if not plate_mask.any():
        raise CourseError("there is no plate in the picture: its mask is empty")
    points = outline(plate_mask)
    limit = np.array(plate_mask.shape[::-1]) - 1 - _MARGIN
    return from_rim(points[((points >= _MARGIN) & (points <= limit)).all(axis=1)], diameter_cm)


def from_rim(points: np.ndarray, diameter_cm: float) -> float:
    """Pixels per cm from points ``(P, 2)`` on the plate's rim, x and y in pixels.

    A tilted circle appears as an ellipse. Its long axis is not foreshortened, so that is the one to compare with the
    diameter.

    Raises:
        CourseError: the diameter is no positive number, too little of the rim can be seen, or it is too small.
    """
    if not (np.isfinite(diameter_cm) and diameter_cm > 0):
        raise CourseError(f"the plate's diameter is {diameter_cm} cm; a positive number is needed")
    ellipse = EllipseModel.from_estimate(points) if len(points) >= 5 else None
    if not ellipse or _arc(points - ellipse.center) < SMALLEST_ARC:
        raise CourseError("too little of the plate's rim is in the picture; give the scale in pixels per cm instead")
    if 2 * min(ellipse.axis_lengths) < SMALLEST_AXIS_PX:
        raise CourseError("the plate is only a few pixels large; give the scale in pixels per cm instead")
    return float(2 * max(ellipse.axis_lengths) / diameter_cm)


def _arc(around: np.ndarray) -> float:
    """Share of a full turn in which points ``(P, 2)`` lie around the origin: all but the widest gap."""
    turn = np.sort(np.arctan2(around[:, 1], around[:, 0])) / (2 * np.pi)
    return 1 - float(np.diff(turn, append=turn[0] + 1).max())
