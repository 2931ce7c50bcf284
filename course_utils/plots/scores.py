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

PRECISION, RECALL, F1 = "#CC79A7", "#56B4E9", INK
CUTOFFS = np.linspace(0.05, 0.95, 19)


def cutoffs_on_plate(
    scene: Scene, kept: Sequence[Detections], matchings: Sequence[Matching], names: Sequence[str]
) -> None:
    """One plate with what is found, wrong and missed when detections are kept down to several scores."""
    x1, y1, x2, y2 = masks.to_box(np.any(np.concatenate([scene.masks, *(one.regions.masks for one in kept)]), axis=0))
    figure, axes = new_figure(1, len(kept), width=4.1 * len(kept), height=4.9)
    for panel, detections, matching, name in zip(axes[0], kept, matchings, names, strict=True):
        draw_photo(panel, scene.image, f"{name}:\n{tally(matching)}")
        panel.set(xlim=(x1 - 8, x2 + 8), ylim=(y2 + 8, y1 - 8))
        words = [CLASSES[label - 1] for label in detections.labels]
        draw_verdicts(panel, scene, detections, matching, words)
    figure.suptitle("Green: found (TP). Orange: wrong (FP). Blue, dashed: missed (FN).", x=0.01, ha="left", fontsize=11)
    told = "; ".join(f"{name} {tally(matching)}" for name, matching in zip(names, matchings, strict=True))
    show(figure, f"The same plate judged twice: {told}.")


def confusion_matrix(table: np.ndarray) -> None:
    """Counts (C+1, C+1), a row for what is there, a column for what was said; 0 stands for nothing."""
    names = ["nothing", *CLASSES]
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
    panel.set(xlabel="what the detector said", ylabel="what is there")
    panel.tick_params(length=0, top=True, bottom=False, labeltop=True, labelbottom=False, rotation=0)
    panel.xaxis.set_label_position("top")
    panel.axhline(len(CLASSES), color=INK, linewidth=1.2)
    panel.axvline(len(CLASSES), color=INK, linewidth=1.2)
    wrong = np.where(diagonal, 0, table)[:-1, :-1]
    row, column = np.unravel_index(int(wrong.argmax()), wrong.shape)
    panel.set_title(f"{wrong.max()} times {names[row]} was taken for {names[column]}", pad=12)
    show(
        figure,
        f"What is there against what was said, for six foods and nothing: the most frequent mix-up is {names[row]} "
        f"taken for {names[column]}, {wrong.max()} times. The cell of nothing against nothing holds a question mark.",
    )


def two_questions(matchings: Sequence[Matching], names: Sequence[str]) -> None:
    """Precision and recall of several matchings, each as the green share of two bars."""
    figure, axes = new_figure(1, len(matchings), width=4.6 * len(matchings), height=2.2)
    told = []
    for panel, matching, name in zip(axes[0], matchings, names, strict=True):
        groups = (matching.true_positives, matching.false_positives, matching.false_negatives)
        tp, fp, fn = (len(group) for group in groups)
        _bars(panel, tp, fp, fn)
        panel.set_title(f"{name}: {tp} of {tp + fp} right, {tp} of {tp + fn} found")
        told.append(f"{name}: precision {precision(tp, fp):.3f}, recall {recall(tp, fn):.3f}")
    show(
        figure, "Two bars each, the detections and the pieces, their green part what is right. " + "; ".join(told) + "."
    )


def _bars(panel: Axes, tp: int, fp: int, fn: int) -> None:
    rows = (
        ("detections", fp, "FP", WRONG, "precision", precision(tp, fp)),
        ("pieces", fn, "FN", MISSED, "recall", recall(tp, fn)),
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
        ("Arithmetic: one can make up for the other", (p + r) / 2),
        ("Harmonic: both are needed", 2 * p * r / (p + r)),
    )
    for panel, (title, values) in zip(axes[0], pictures, strict=True):
        panel.contourf(p, r, values, levels=np.linspace(0, 1, 11), cmap="Greens")
        lines = panel.contour(p, r, values, levels=[0.1, 0.3, 0.5, 0.7, 0.9], colors=[INK], linewidths=0.8)
        for word in panel.clabel(lines, fmt="%.1f", fontsize=8):
            word.set_color("white" if float(word.get_text()) > 0.6 else INK)
        panel.plot(1, 0.02, "o", color=WRONG, markersize=9, clip_on=False)
        panel.set(title=title, xlabel="precision", aspect="equal")
    axes[0, 0].set_ylabel("recall")
    show(
        figure,
        "Lines of equal mean over precision and recall. Those of the arithmetic mean are straight and reach the axes; "
        "those of the harmonic mean bend and never do. A dot marks precision 1, recall 0.02.",
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
    panel.annotate("mean of the six", middle, (9, -3), textcoords="offset points")
    panel.set(xlabel="precision", ylabel="recall", xlim=(low, 1), ylim=(low, 1), aspect="equal")
    timid, rash = (CLASSES[int(values.argmin())] for values in (recall, precision))
    panel.set_title(f"{rash.capitalize()} is claimed too often, {timid} found too seldom")
    told = ", ".join(f"{name} {x:.2f} and {y:.2f}" for name, x, y in zip(CLASSES, precision, recall, strict=True))
    show(figure, f"Precision and recall of each food: {told}. A cross marks their averages.")


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
    curves = {"precision": precision(tp, fp), "recall": recall(tp, fn), "F1": f1(tp, fp, fn)}
    figure, axes = new_figure(1, 2, width=8.6, height=3.6)
    panel = axes[0, 0]
    for (name, values), colour in zip(curves.items(), (PRECISION, RECALL, F1), strict=True):
        panel.plot(CUTOFFS, values, color=colour, linewidth=2.2, label=name)
    panel.axvline(start, color=MUTED, linestyle="--")
    panel.set(xlabel="score cut-off", ylim=(0, 1.02), xlim=(0, 1))
    panel.legend(loc="lower left")
    best = CUTOFFS[curves["F1"].argmax()]
    panel.set_title(f"F1 is best near a cut-off of {best:.2f}")
    here = counts[-1]
    _bars(axes[0, 1], *here)
    axes[0, 1].set_title(f"Kept: scores of {start:.2f} and more. F1 {f1(*here):.2f}")
    show(
        figure,
        f"Precision, recall and F1 against the score cut-off: precision rises, recall falls, F1 is best near "
        f"{best:.2f}. "
        f"At {start:.2f} there are {here[0]} TP, {here[1]} FP, {here[2]} FN.",
    )
