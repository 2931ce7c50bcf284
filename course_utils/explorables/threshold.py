"""A threshold moved by hand over a grey photo, its histogram, and Otsu's criterion."""

import numpy as np

from course_utils.explorables.page import numbers, photo, show
from course_utils.plots.first_look import draw_threshold
from course_utils.translation.say import _


def threshold(gray: np.ndarray, start: int = 128, otsu: bool = False) -> None:
    """Show a threshold to move.

    Args:
        gray: photo, ``(H, W)``, uint8.
        start: where it begins, 0 to 254.
        otsu: whether Otsu's criterion is drawn over the histogram, too.
    """
    question = (
        _("Where does the line peak: in the valley between two hills, or elsewhere?")
        if otsu
        else _("Is there a threshold whose mask keeps the food and nothing else? Guess from the histogram first.")
    )
    alt = _("A grey photo, the pixels brighter than {start} in white, and the histogram of the grey values.")
    data = {"photo": photo(gray, quality=95), "criterion": numbers(_criterion(gray), 4) if otsu else [], "start": start}
    show("threshold", data, question, draw_threshold(gray, start), alt.format(start=start))


def _criterion(gray: np.ndarray) -> np.ndarray:
    """Otsu's between-class variance for the thresholds 0 to 254, ``(255,)``, as a share of its maximum."""
    shares = np.bincount(gray.ravel(), minlength=256) / gray.size
    below = np.cumsum(shares)[:-1]
    mass = np.cumsum(shares * np.arange(256))
    spread = (mass[-1] * below - mass[:-1]) ** 2
    both = below * (1 - below)
    variance = np.divide(spread, both, out=np.zeros(255), where=both > 1e-12)
    return variance / max(variance.max(), 1e-12)
