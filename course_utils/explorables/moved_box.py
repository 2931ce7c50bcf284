"""A box moved by its four deltas."""

import numpy as np

from course_utils import boxes
from course_utils.explorables.page import numbers, photo, show
from course_utils.plots.scenes import draw_box, draw_photo
from course_utils.plots.style import INK, WRONG, new_figure
from course_utils.translation.say import _

_SHOWN = (0.3, 0.0, 0.0, -0.4)


def moved_box(image: np.ndarray, roi: np.ndarray) -> None:
    """Show a RoI, ``(4,)`` xyxy, on a photo ``(H, W, 3)`` uint8, and the box that deltas without weights make of it."""
    question = _("What do dw = 0.7 and dw = -0.7 make of the box: is it as much wider as it is narrower?")
    data = {"photo": photo(image), "size": image.shape[1::-1], "roi": numbers(roi, 1)}
    figure, axes = new_figure(1, 1, width=4.4, height=4.6)
    draw_photo(axes[0, 0], image, "dx 0.30, dy 0.00, dw 0.00, dh -0.40")
    draw_box(axes[0, 0], roi, INK, 1.8, "--")
    draw_box(axes[0, 0], boxes.decode(np.array(_SHOWN), roi), WRONG, 2.6)
    alt = _("A dashed box, and one moved to the right and flattened by its deltas.")
    show("deltas", data, question, figure, alt)
