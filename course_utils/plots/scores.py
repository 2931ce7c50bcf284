"""Figures of lesson 12: the confusion matrix of detection, precision and recall as bars, means, and the cut-off."""

from collections.abc import Sequence

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

from course_utils import masks
from course_utils.dataset.classes import CLASSES
from course_utils.dataset.scene import Scene
from course_utils.metrics.instances import Detections
from course_utils.metrics.matching import Matching
from course_utils.metrics.scores import f1, precision, recall
from course_utils.plots.matching import draw_verdicts, tally
from course_utils.plots.scenes import draw_photo
from course_utils.plots.style import INK, MISSED, MUTED, RIGHT, WRONG, class_colour, new_figure, show
from course_utils.translation.say import _

PRECISION, RECALL, F1 = "#CC79A7", "#56B4E9", INK
CUTOFFS = np.linspace(0.05, 0.95, 19)


def cutoffs_on_plate(
    scene: Scene, kept: Sequence[Detections], matchings: Sequence[Matching], names: Sequence[str]
) -> None:
    """One plate with what is found, wrong and missed when detections are kept down to several scores."""
    names = [_(name) for name in names]
    x1, y1, x2, y2 = masks.to_box(np.any(np.concatenate([scene.masks, *(one.regions.masks for one in kept)]), axis=0))
    figure, axes = new_figure(1, len(kept), width=4.1 * len(kept), height=4.9)
    for panel, detections, matching, name in zip(axes[0], kept, matchings, names, strict=True):
        draw_photo(panel, scene.image, f"{name}:\n{tally(matching)}")
        panel.set(xlim=(x1 - 8, x2 + 8), ylim=(y2 + 8, y1 - 8))
        words = [CLASSES[label - 1] for label in detections.labels]
        draw_verdicts(panel, scene, detections, matching, words)
    figure.suptitle(
        _("Green: found (TP). Orange: wrong (FP). Blue, dashed: missed (FN)."), x=0.01, ha="left", fontsize=11
    )
    told = "; ".join(f"{name} {tally(matching)}" for name, matching in zip(names, matchings, strict=True))
    show(figure, _("The same plate judged twice: {told}.").format(told=told))


def confusion_matrix(table: np.ndarray) -> None:
    """Counts (C+1, C+1), a row for what is there, a column for what was said; 0 stands for nothing."""
    names = [_("nothing"), *CLASSES]
    order = [*range(1, len(names)), 0]
    table, names = table[np.ix_(order, order)], [names[k] for k in order]
    figure, axes = new_figure(1, 1, width=6.2, height=4.6)
    panel = axes[0, 0]
    diagonal = np.eye(len(names), dtype=bool)
    words = table.astype(str).astype(object)
    words[-1, -1] = "?"
    sns.heatmap(
        np.where(diagonal, 0, table), annot=words, fmt="", cmap="Oranges", vmin=0, vmax=1.6 * table[~diagonal].max(),
        cbar=False, ax=panel, xticklabels=names, yticklabels=names,
    )  # fmt: skip
    for text, row, column in zip(panel.texts, *np.indices(table.shape).reshape(2, -1), strict=True):
        corner, empty = row == column == len(names) - 1, table[row, column] == 0
        text.set_color(MUTED if corner else RIGHT if row == column else "#CCCCCC" if empty else INK)
        text.set_weight("bold" if row == column else "normal")
    panel.set(xlabel=_("what the detector said"), ylabel=_("what is there"))
    panel.tick_params(length=0, top=True, bottom=False, labeltop=True, labelbottom=False, rotation=0)
    panel.xaxis.set_label_position("top")
    panel.axhline(len(CLASSES), color=INK, linewidth=1.2)
    panel.axvline(len(CLASSES), color=INK, linewidth=1.2)
    wrong = np.where(diagonal, 0, table)[:-1, :-1]
    row, column = np.unravel_index(int(wrong.argmax()), wrong.shape)
    panel.set_title(
        _("{count} times {food} was taken for {said}").format(count=wrong.max(), food=names[row], said=names[column]),
        pad=12,
    )
    show(
        figure,
        _(
            "What is there against what was said, for six foods and nothing: the most frequent mix-up is {food} "
            "taken for {said}, {count} times. The cell of nothing against nothing holds a question mark."
        ).format(food=names[row], said=names[column], count=wrong.max()),
    )


def two_questions(matchings: Sequence[Matching], names: Sequence[str]) -> None:
    """Precision and recall of several matchings, each as the green share of two bars."""
    names = [_(name) for name in names]
    figure, axes = new_figure(1, len(matchings), width=4.6 * len(matchings), height=2.2)
    told = []
    for panel, matching, name in zip(axes[0], matchings, names, strict=True):
        groups = (matching.true_positives, matching.false_positives, matching.false_negatives)
        tp, fp, fn = (len(group) for group in groups)
        _bars(panel, tp, fp, fn)
        panel.set_title(
            _("{name}: {tp} of {detections} right, {tp} of {pieces} found").format(
                name=name, tp=tp, detections=tp + fp, pieces=tp + fn
            )
        )
        told.append(
            _("{name}: precision {precision:.3f}, recall {recall:.3f}").format(
                name=name, precision=precision(tp, fp), recall=recall(tp, fn)
            )
        )
    show(
        figure,
        _("Two bars each, the detections and the pieces, their green part what is right. {told}.").format(
            told="; ".join(told)
        ),
    )


def _bars(panel: Axes, tp: int, fp: int, fn: int) -> None:
    rows = (
        (_("detections"), fp, "FP", WRONG, _("precision"), precision(tp, fp)),
        (_("pieces"), fn, "FN", MISSED, _("recall"), recall(tp, fn)),
    )
    end = tp + max(fp, fn)
    for y, (name, rest, short, colour, score, value) in zip((1, 0), rows, strict=True):
        panel.barh(y, tp, 0.55, color=RIGHT)
        panel.barh(y, rest, 0.55, left=tp, color=colour)
        for start, count, word in ((0, tp, "TP"), (tp, rest, short)):
            if count > 0.06 * end:
                size = 10 if count > 0.12 * end else 8
                text = f"{count} {word}"
                panel.text(start + count / 2, y, text, ha="center", va="center", color="white", fontsize=size)
        panel.text(1.02 * end, y, f"{score}\n{value:.3f}", va="center", color=INK)
        panel.text(-0.02 * end, y, name, va="center", ha="right", color=INK)
    panel.set(xlim=(0, end), ylim=(-0.5, 1.5))
    panel.axis("off")


def two_means() -> None:
    """Arithmetic and harmonic mean over the plane of precision and recall."""
    grid = np.linspace(0.001, 1, 200)
    p, r = np.meshgrid(grid, grid)
    figure, axes = new_figure(1, 2, width=8.0, height=4.1)
    pictures = (
        (_("Arithmetic: one can make up for the other"), (p + r) / 2),
        (_("Harmonic: both are needed"), 2 * p * r / (p + r)),
    )
    for panel, (title, values) in zip(axes[0], pictures, strict=True):
        panel.contourf(p, r, values, levels=np.linspace(0, 1, 11), cmap="Greens")
        lines = panel.contour(p, r, values, levels=[0.1, 0.3, 0.5, 0.7, 0.9], colors=[INK], linewidths=0.8)
        for word in panel.clabel(lines, fmt="%.1f", fontsize=8):
            word.set_color("white" if float(word.get_text()) > 0.6 else INK)
        panel.plot(1, 0.02, "o", color=WRONG, markersize=9, clip_on=False)
        panel.set(title=title, xlabel=_("precision"), aspect="equal")
    axes[0, 0].set_ylabel(_("recall"))
    show(
        figure,
        _(
            "Lines of equal mean over precision and recall. Those of the arithmetic mean are straight and reach "
            "the axes; those of the harmonic mean bend and never do. A dot marks precision 1, recall 0.02."
        ),
    )


def per_class(precision: np.ndarray, recall: np.ndarray) -> None:
    """Each food as a dot in the plane of precision and recall, ``(6,)`` each, with lines of equal F1."""
    figure, axes = new_figure(1, 1, width=5.6, height=5.0)
    panel = axes[0, 0]
    low = 0.1 * np.floor(10 * min(precision.min(), recall.min())) - 0.02
    p, r = np.meshgrid(np.linspace(low, 1, 200), np.linspace(low, 1, 200))
    lines = panel.contour(p, r, 2 * p * r / (p + r), levels=np.arange(0.1, 1, 0.1), colors=[MUTED], linewidths=0.7)
    panel.clabel(lines, fmt="F1 %.1f", fontsize=8)
    palette = {name: class_colour(name) for name in CLASSES}
    sns.scatterplot(x=precision, y=recall, hue=CLASSES, palette=palette, s=120, legend=False, ax=panel)
    for name, x, y in zip(CLASSES, precision, recall, strict=True):
        panel.annotate(name, (x, y), (9, -3), textcoords="offset points")
    middle = precision.mean(), recall.mean()
    panel.plot(*middle, "+", color=INK, markersize=14, mew=2)
    panel.annotate(_("mean of the six"), middle, (9, -3), textcoords="offset points")
    panel.set(xlabel=_("precision"), ylabel=_("recall"), xlim=(low, 1), ylim=(low, 1), aspect="equal")
    timid, rash = (CLASSES[int(values.argmin())] for values in (recall, precision))
    panel.set_title(
        _("{rash} is claimed too often, {timid} found too seldom").format(rash=rash.capitalize(), timid=timid)
    )
    told = ", ".join(
        _("{name} {x:.2f} and {y:.2f}").format(name=name, x=x, y=y)
        for name, x, y in zip(CLASSES, precision, recall, strict=True)
    )
    show(figure, _("Precision and recall of each food: {told}. A cross marks their averages.").format(told=told))


def cutoff(scores: np.ndarray, found: np.ndarray, pieces: int, start: float) -> None:
    """Precision, recall and F1 of all foods together against the score cut-off, and the counts at one cut-off.

    Args:
        scores: ``(N,)`` of all detections. found: ``(N,)`` bool, which of them found something.
        pieces: how many there are to find. start: the cut-off of the counts.
    """
    counts = []
    for least in (*CUTOFFS, start):
        tp, kept = int(found[scores >= least].sum()), int((scores >= least).sum())
        counts.append((tp, kept - tp, pieces - tp))
    tp, fp, fn = np.transpose(counts[:-1])
    names, scored = (_("precision"), _("recall"), "F1"), (precision(tp, fp), recall(tp, fn), f1(tp, fp, fn))
    figure, axes = new_figure(1, 2, width=8.6, height=3.6)
    panel = axes[0, 0]
    for name, values, colour in zip(names, scored, (PRECISION, RECALL, F1), strict=True):
        panel.plot(CUTOFFS, values, color=colour, linewidth=2.2, label=name)
    panel.axvline(start, color=MUTED, linestyle="--")
    panel.set(xlabel=_("score cut-off"), ylim=(0, 1.02), xlim=(0, 1))
    panel.legend(loc="lower left")
    best = CUTOFFS[scored[-1].argmax()]
    panel.set_title(_("F1 is best near a cut-off of {best:.2f}").format(best=best))
    here = counts[-1]
    _bars(axes[0, 1], *here)
    axes[0, 1].set_title(_("Kept: scores of {start:.2f} and more. F1 {f1:.2f}").format(start=start, f1=f1(*here)))
    show(
        figure,
        _(
            "Precision, recall and F1 against the score cut-off: precision rises, recall falls, F1 is best near "
            "{best:.2f}. At {start:.2f} there are {tp} TP, {fp} FP, {fn} FN."
        ).format(best=best, start=start, tp=here[0], fp=here[1], fn=here[2]),
    )
