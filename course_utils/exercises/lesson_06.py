"""Exercises of lesson 06: the feature pyramid, from one merge by hand to the whole."""

import numpy as np

from course_utils.exercises.core import Exercise, Lesson
from course_utils.exercises.maps_06 import LATERAL, UPSAMPLE
from course_utils.exercises.pyramid_06 import PYRAMID

FINE = np.array(
    [
        [[1, 1, 0, 0], [1, 2, 0, 1], [0, 3, 1, 0], [2, 0, 0, 1]],
        [[0, 1, 2, 0], [1, 0, 0, 3], [2, 0, 1, 0], [0, 1, 0, 2]],
    ]
)
"""The toy's fine map ``(2, 4, 4)``."""
COARSE = np.array([[[3, 0], [1, 4]], [[1, 0], [0, 1]]])
"""The toy's coarse map ``(2, 2, 2)``."""
FINE_WEIGHTS = np.array([1, 2])
COARSE_WEIGHTS = np.array([10, -10])
"""Lateral weights of the toy: one number for each channel coming in, one channel going out."""


def _twice(coarse: np.ndarray) -> np.ndarray:
    return coarse.repeat(2, axis=-2).repeat(2, axis=-1)


def _merged(fine_weights: np.ndarray = FINE_WEIGHTS, coarse_weights: np.ndarray = COARSE_WEIGHTS) -> np.ndarray:
    """The merged fine map ``(4, 4)``, with weights to choose."""
    return np.tensordot(fine_weights, FINE, 1) + _twice(np.tensordot(coarse_weights, COARSE, 1))


SIDE, ABOVE = np.tensordot(FINE_WEIGHTS, FINE, 1), np.tensordot(COARSE_WEIGHTS, COARSE, 1)
BILINEAR = np.array([[4, 0], [3, 1], [1, 3], [0, 4]]) / 4
"""How much of each coarse row or column a fine one takes, when in between is interpolated."""

MERGE = Exercise(
    id="merge-by-hand",
    title="One merge with a pencil",
    points=2,
    reference=_merged(),
    misconceptions={
        "You put the two maps on top of each other as channels. The pyramid adds them: that is why the lateral has to "
        "bring them to the same number of channels.": np.stack([SIDE, _twice(ABOVE)]),
        "You added the maps before their lateral convolutions. Each map first goes through its own, and then they are "
        "added.": np.tensordot(FINE_WEIGHTS, FINE + _twice(COARSE), 1),
        "You made the fine map smaller. The coarse one is enlarged: the result has the fine map's size, or nothing "
        "would be won.": ABOVE + SIDE[::2, ::2],
        "You took means of the fine map. The coarse one is enlarged: the result has the fine map's size.": (
            ABOVE + SIDE.reshape(2, 2, 2, 2).mean(axis=(1, 3))
        ),
        "You enlarged by bilinear interpolation. The pyramid copies the nearest neighbour.": (
            SIDE + BILINEAR @ ABOVE @ BILINEAR.T
        ),
        "You tiled the coarse map. Each of its pixels becomes a square of two by two.": SIDE + np.tile(ABOVE, (2, 2)),
        "That is the fine map after its lateral. The enlarged coarse one is still to be added.": SIDE,
        "That is the coarse map, enlarged. The fine one after its lateral is still to be added.": _twice(ABOVE),
        "That is the coarse map after its lateral. Enlarge it, and add the fine one.": ABOVE,
        "You took one map away from the other. They are added.": SIDE - _twice(ABOVE),
        "You took the fine map away from the enlarged one. They are added.": _twice(ABOVE) - SIDE,
        "You multiplied the two maps. They are added.": SIDE * _twice(ABOVE),
        "For the coarse map the second channel is taken away: 10 * coarse[0] - 10 * coarse[1].": (
            _merged(coarse_weights=np.array([10, 10]))
        ),
        "In your coarse map the second channel plays no part.": _merged(coarse_weights=np.array([10, 0])),
        "In your coarse map the tens are missing: both channels count ten times.": (
            _merged(coarse_weights=np.array([1, -1]))
        ),
        "The 2 belongs to the second channel of the fine map, not to the first.": (
            _merged(fine_weights=np.array([2, 1]))
        ),
        "In your fine map the second channel counts once. It counts twice.": _merged(fine_weights=np.array([1, 1])),
        "You took the first channels as they are, without mixing in the second ones.": (
            _merged(np.array([1, 0]), np.array([10, 0]))
        ),
    },
    hints=(
        "What does the coarse map look like after its lateral? It has four numbers, all of them tens.",
        "Three steps: the fine map to one channel; the coarse map to one channel, enlarged; the sum.",
        "The coarse map begins with 10 * 3 - 10 * 1. That number falls on four cells, those of the upper left; to each "
        "of them comes what fine[0] + 2 * fine[1] gives there.",
    ),
)

LESSON = Lesson(6, [UPSAMPLE, LATERAL, MERGE, PYRAMID])

check = LESSON.check
