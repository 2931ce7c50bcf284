"""A score cut-off to move against counts, precision, recall and F1."""

import numpy as np

from course_utils.explorables.page import numbers, show
from course_utils.plots.style import MUTED, new_figure
from course_utils.translation.say import _


def cut_off(right: np.ndarray, scores: np.ndarray, objects: int, start: float = 0.5) -> None:
    """Show how a cut-off trades precision for recall.

    Args:
        right: whether each detection found something, ``(N,)`` bool. scores: ``(N,)``, 0 to 1.
        objects: how many there were to find.
        start: the cut-off to begin with.
    """
    question = _("Where would you put the cut-off for a diabetic who must miss nothing, and where for a kitchen?")
    order = np.argsort(-scores, kind="stable")
    data = {
        "scores": numbers(scores[order], 4),
        "right": numbers(right[order], 0),
        "objects": int(objects),
        "start": start,
    }
    kept = scores >= start
    tp = int(right[kept].sum())
    fp, fn = int(kept.sum()) - tp, int(objects) - tp
    figure, axes = new_figure(1, 1, width=5.0, height=2.6)
    axes[0, 0].barh(["FN", "FP", "TP"], [fn, fp, tp], color=MUTED)
    counts = {"start": start, "tp": tp, "fp": fp, "fn": fn}
    title = _("Scores of {start:.2f} and more: {tp} right, {fp} false alarms, {fn} missed").format(**counts)
    axes[0, 0].set_title(title)
    alt = _("At a cut-off of {start}: {tp} TP, {fp} FP and {fn} FN.").format(**counts)
    show("cutoff", data, question, figure, alt)
