"""Two boxes or two masks, dragged over each other, and their IoU."""

import numpy as np

from course_utils.explorables.page import numbers, show
from course_utils.plots.overlap import FOUND, TRUTH, paper_box, squared_paper
from course_utils.plots.style import new_figure
from course_utils.translation.say import _

_LONGEST_SIDE = 40  # pixels of the mask as it is drawn


def two_shapes(mask: np.ndarray) -> None:
    """Show two boxes on squared paper and, on demand, a mask ``(H, W)`` bool and its copy."""
    question = _("How far may a box go sideways before the IoU falls below 0.5? And a mask: further, or less far?")
    rows, columns = np.nonzero(mask)
    cut = mask[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    step = -(-max(cut.shape) // _LONGEST_SIDE)
    figure, axes = new_figure(1, 1, width=5.2, height=4.2)
    squared_paper(axes[0, 0], 16, 12)
    paper_box(axes[0, 0], np.array([3, 3, 9, 7]), TRUTH, fill=0.18)
    paper_box(axes[0, 0], np.array([5, 4, 11, 8]), FOUND, fill=0.25)
    axes[0, 0].set_title(_("12 squares shared, 36 in all: IoU 0.33"))
    alt = _("Two boxes of 6 by 4 squares that share 12 squares and cover 36 together: IoU 0.33.")
    show("iou", {"mask": numbers(cut[::step, ::step], 0)}, question, figure, alt)
