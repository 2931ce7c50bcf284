"""The top-down way of a feature pyramid, in whole numbers."""

from collections.abc import Sequence

import numpy as np

from course_utils.explorables.page import numbers, show
from course_utils.plots.style import hide_axes, new_figure
from course_utils.translation.say import _


def top_down(levels: Sequence[np.ndarray], names: Sequence[str]) -> None:
    """Show how a cell of the finest level adds up.

    Args:
        levels: maps of whole numbers after their 1 x 1 convolutions, fine to coarse, each half as wide as the last.
        names: of the merged levels.
    """
    question = _("Which numbers add up in a cell of the fine level? Guess before you point at it.")
    figure, axes = new_figure(1, len(levels), width=2.6 * len(levels), height=2.8)
    for panel, level, name in zip(axes[0], levels, names, strict=True):
        panel.imshow(level, cmap="Blues")
        panel.set_title(_("{name}, before merging").format(name=name))
        hide_axes(panel)
    data = {"levels": [numbers(level, 0) for level in levels], "names": list(names)}
    show("pyramid", data, question, figure, _("Maps of whole numbers, each half as wide as the one before."))
