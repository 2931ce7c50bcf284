"""A box in motion over a map, as RoIPool and as RoIAlign read it."""

import numpy as np
from matplotlib.patches import Rectangle

from course_utils.explorables.page import numbers, show
from course_utils.plots.style import INK, hide_axes, new_figure
from course_utils.translation.say import _


def pooling(feature: np.ndarray, box: np.ndarray, stride: int, bins: int = 3) -> None:
    """Show a box that can be dragged over a map.

    Args:
        feature: one channel of a map, ``(H, W)``.
        box: ``(4,)`` xyxy in pixels of the photo, to begin with.
        stride: pixels a cell.
        bins: a side of the grid that is read.
    """
    question = _("Drag the box by one pixel. Which of the two readings changes: always, sometimes, never?")
    values = (feature - feature.min()) / max(float(np.ptp(feature)), 1e-9)
    data = {"map": numbers(values, 2), "stride": stride, "box": numbers(box, 1), "bins": bins}
    figure, axes = new_figure(1, 1, width=4.0, height=4.0)
    axes[0, 0].imshow(values, cmap="Blues")
    x1, y1, x2, y2 = np.asarray(box) / stride
    axes[0, 0].add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, color=INK, linewidth=2.2))
    axes[0, 0].set_title(_("A map and a box"))
    hide_axes(axes[0, 0])
    alt = _("A map of features with a box on it that does not end where its cells do.")
    show("roi", data, question, figure, alt)
