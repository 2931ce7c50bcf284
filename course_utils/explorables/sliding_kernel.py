"""A kernel slid over a grey picture by hand."""

from collections.abc import Mapping, Sequence

import numpy as np

from course_utils.explorables.page import numbers, show
from course_utils.plots.scenes import draw_photo
from course_utils.plots.style import new_figure
from course_utils.translation.say import _


def sliding_kernel(gray: np.ndarray, kernels: Mapping[str, Sequence[Sequence[int]]], start: tuple[int, int]) -> None:
    """Show a small grey picture under a 3 x 3 window.

    Args:
        gray: ``(H, W)`` uint8, some 20 pixels a side.
        kernels: whole numbers, 3 x 3, by name; the first is there at once, and each can be changed in the page.
        start: row and column of the window's corner.
    """
    question = _("Where on this picture will the sum be large, where near 0, where below 0?")
    data = {"gray": numbers(gray, 0), "kernels": [[name, [list(row) for row in k]] for name, k in kernels.items()]}
    figure, axes = new_figure(1, 1, width=3.6, height=3.6)
    draw_photo(axes[0, 0], gray, _("A picture of so few pixels that one can count them"))
    alt = _("A small grey picture, its pixels to be counted.")
    show("kernel", data | {"start": list(start)}, question, figure, alt)
