"""The surest boxes or outlines of a plate, as many as one wants."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from course_utils.explorables.page import numbers, outline, photo, show
from course_utils.plots.scenes import draw_photo
from course_utils.plots.style import new_figure
from course_utils.translation.say import _


def ranked_boxes(image: np.ndarray, boxes: np.ndarray, question: str, start: int = 10) -> None:
    """Show the first so many of boxes ``(N, 4)`` xyxy, the surest first, on a photo ``(H, W, 3)`` uint8."""
    shapes = [numbers(box, 1) for box in np.asarray(boxes)[:, [0, 1, 2, 1, 2, 3, 0, 3]]]
    facts = {"names": [], "colours": ["#D55E00"] * len(shapes)}
    _show(image, shapes, np.empty(0), facts, question, start, "count")


def ranked_masks(
    image: np.ndarray,
    masks: np.ndarray,
    scores: np.ndarray,
    names: Sequence[str],
    colours: Sequence[str],
    question: str,
    start: float = 0.5,
) -> None:
    """Show the outlines of masks ``(N, H, W)`` bool that reach a score; best first."""
    shapes = [outline(mask) for mask in masks]
    _show(image, shapes, scores, {"names": list(names), "colours": list(colours)}, question, start, "score")


def _show(
    image: np.ndarray,
    shapes: list,
    scores: np.ndarray,
    facts: dict,
    question: str,
    start: float,
    by: Literal["score", "count"],
) -> None:
    data = {"photo": photo(image), "size": image.shape[1::-1], "shapes": shapes, "scores": numbers(scores, 2)}
    kept = int((np.asarray(scores) >= start).sum()) if by == "score" else int(start)
    figure, axes = new_figure(1, 1, width=4.2, height=4.2)
    draw_photo(axes[0, 0], image, _("The surest {kept} of {all}").format(kept=kept, all=len(shapes)))
    for points, colour in zip(shapes[:kept], facts["colours"], strict=False):
        closed = np.reshape([*points, *points[:2]], (-1, 2)) - 0.5
        axes[0, 0].plot(*closed.T, color=colour, linewidth=1.8)
    alt = _("A plate with the {kept} surest of {all} detections.").format(kept=kept, all=len(shapes))
    show("ranked", data | facts | {"start": start, "by": by}, question, figure, alt)
