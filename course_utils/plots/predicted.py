"""Photos with what a model found on them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from course_utils.dataset.classes import CLASSES
from course_utils.plots.scenes import draw_fill, draw_labels, draw_outline, draw_photo
from course_utils.plots.style import class_colour, new_figure

_SMALLEST_HIDDEN_SHARE = 0.02
"""Outlines of neighbours overlap by a pixel or two without anything being hidden."""


def colour_of(name: str, label: int) -> str:
    """The colour of a class: a food's own, else one of as many, over and over."""
    return class_colour(name if name in CLASSES else 1 + (label - 1) % len(CLASSES))


def predicted_photo(
    image: np.ndarray, whole: np.ndarray, visible: np.ndarray, words: Sequence[str], colours: Sequence[str]
) -> Figure:
    """A photo ``(H, W, 3) uint8`` with objects ``(N, H, W) bool`` outlined, hidden parts dashed, a word on each."""
    height, width = image.shape[:2]
    inches = 8 / max(height, width)
    figure, axes = new_figure(1, 1, width=inches * width, height=inches * height)
    figure.set_layout_engine("constrained", w_pad=0, h_pad=0)
    panel = axes[0, 0]
    draw_photo(panel, image)
    for mask, seen, colour in zip(whole, visible, colours, strict=True):
        hidden = mask & ~seen
        draw_fill(panel, seen, colour, 0.25)
        if hidden.sum() > _SMALLEST_HIDDEN_SHARE * mask.sum():
            draw_outline(panel, mask, colour, "--")
            draw_outline(panel, seen, colour)
        else:
            draw_outline(panel, mask, colour)
    draw_labels(panel, visible, words, colours)
    return figure
