"""The receptive field of a cell, layer by layer."""

from collections.abc import Sequence

import numpy as np

from course_utils.explorables.page import photo, show
from course_utils.plots.scenes import draw_box, draw_photo
from course_utils.plots.style import WRONG, new_figure
from course_utils.translation.say import _


def receptive(image: np.ndarray, layers: Sequence[tuple[str, int, int]]) -> None:
    """Show what one cell of each layer sees of a photo ``(H, W, 3)`` uint8; layers are (name, side, step) in pixels."""
    question = _("After how many layers does one cell see half of the plate?")
    data = {"photo": photo(image), "size": image.shape[1::-1], "layers": [list(layer) for layer in layers]}
    name, side, _step = layers[-1]
    centre = image.shape[0] / 2
    figure, axes = new_figure(1, 1, width=4.2, height=4.2)
    draw_photo(axes[0, 0], image, _("{name} sees {side} x {side} pixels").format(name=name, side=side))
    draw_box(axes[0, 0], np.array([-1, -1, 1, 1]) * side / 2 + centre, WRONG, 2.2)
    axes[0, 0].set(xlim=(-0.5, image.shape[1] - 0.5), ylim=(image.shape[0] - 0.5, -0.5))
    alt = _("A plate with the square of {side} pixels that one cell of {name} sees.").format(side=side, name=name)
    show("field", data, question, figure, alt)
