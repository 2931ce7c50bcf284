"""The precision-recall curve, walked detection by detection."""

import numpy as np

from course_utils.explorables.page import numbers, show
from course_utils.plots.style import MUTED, RIGHT, WRONG, new_figure
from course_utils.translation.say import _


def walk(right: np.ndarray, scores: np.ndarray, objects: int, start: int = 3) -> None:
    """Show a ranking and the curve that grows from it.

    Args:
        right: whether each detection found something, ``(N,)`` bool. scores: ``(N,)``.
        objects: how many there are to find. start: detections seen at first.
    """
    question = _("Where does the curve go with a right detection, and with a wrong one? Can it go back to the left?")
    order = np.argsort(-scores, kind="stable")
    right, scores = right[order], scores[order]
    data = {"scores": numbers(scores, 2), "right": numbers(right, 0), "objects": int(objects), "start": start}
    found, seen = np.cumsum(right)[:start], np.arange(1, start + 1)
    figure, axes = new_figure(1, 1, width=4.6, height=3.8)
    axes[0, 0].plot(found / objects, found / seen, color=MUTED, linewidth=1.4, zorder=1)
    colours = [RIGHT if hit else WRONG for hit in right[:start]]
    axes[0, 0].scatter(found / objects, found / seen, s=90, color=colours, zorder=2)
    axes[0, 0].set(xlim=(-0.03, 1.03), ylim=(0, 1.05), xlabel=_("recall"), ylabel=_("precision"))
    axes[0, 0].set_title(_("After {seen} of {all} detections").format(seen=start, all=len(right)))
    alt = _("The precision-recall curve after {seen} of {all} detections.").format(seen=start, all=len(right))
    show("curve", data, question, figure, alt)
