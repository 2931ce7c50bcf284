"""Figures of lesson 12: the confusion matrix of detection, precision and recall as bars, means, and the cut-off."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from course_utils import masks
from course_utils.dataset.classes import CLASSES
from course_utils.dataset.scene import Scene
from course_utils.metrics.batch import Matches
from course_utils.metrics.instances import Detections
from course_utils.metrics.matching import Matching
from course_utils.metrics.scores import ClassScores, count_matches, f1, precision, recall
from course_utils.plots.matching import draw_verdicts, tally
from course_utils.plots.scenes import draw_photo
from course_utils.plots.style import INK, MISSED, MUTED, RIGHT, WRONG, class_colour, new_figure, show

PRECISION, RECALL, F1 = "#CC79A7", "#56B4E9", INK
CUTOFFS = np.linspace(0.05, 0.95, 19)


def cutoffs_on_plate(
    scene: Scene, kept: Sequence[Detections], matchings: Sequence[Matching], names: Sequence[str]
) -> None:
    """One plate with what is found, wrong and missed when detections are kept down to several scores."""
    x1, y1, x2, y2 = masks.to_box(np.concatenate([scene.masks, *(one.regions.masks for one in kept)]).any(axis=0))
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
    panel.imshow(np.where(diagonal, 0, table), cmap="Oranges", vmin=0, vmax=1.6 * table[~diagonal].max())
    for (row, column), count in np.ndenumerate(table):
        corner = row == column == len(names) - 1
        text, colour = ("?", MUTED) if corner else (str(count), RIGHT if row == column else INK if count else "#CCCCCC")
        panel.text(column, row, text, ha="center", va="center", color=colour, weight="bold" if row == column else None)
    panel.set_xticks(range(len(names)), names)
    panel.set_yticks(range(len(names)), names)
    panel.set(xlabel="what the detector said", ylabel="what is there")
    panel.tick_params(length=0, top=True, bottom=False, labeltop=True, labelbottom=False)
    panel.xaxis.set_label_position("top")
    panel.axhline(len(CLASSES) - 0.5, color=INK, linewidth=1.2)
    panel.axvline(len(CLASSES) - 0.5, color=INK, linewidth=1.2)
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


def per_class(scores: ClassScores) -> None:
    """Each class as a dot in the plane of precision and recall, with lines of equal F1."""
    figure, axes = new_figure(1, 1, width=5.6, height=5.0)
    panel = axes[0, 0]
    low = 0.1 * np.floor(10 * min(scores.precision.min(), scores.recall.min())) - 0.02
    p, r = np.meshgrid(np.linspace(low, 1, 200), np.linspace(low, 1, 200))
    lines = panel.contour(p, r, 2 * p * r / (p + r), levels=np.arange(0.1, 1, 0.1), colors=[MUTED], linewidths=0.7)
    panel.clabel(lines, fmt="F1 %.1f", fontsize=8)
    for label, x, y in zip(scores.classes, scores.precision, scores.recall, strict=True):
        panel.plot(x, y, "o", color=class_colour(label), markersize=11)
        panel.annotate(CLASSES[label - 1], (x, y), (9, -3), textcoords="offset points")
    panel.plot(*(scores.macro[name] for name in ("precision", "recall")), "+", color=INK, markersize=14, mew=2)
    panel.annotate(
        "mean of the six", [scores.macro[k] for k in ("precision", "recall")], (9, -3), textcoords="offset points"
    )
    panel.set(xlabel="precision", ylabel="recall", xlim=(low, 1), ylim=(low, 1), aspect="equal")
    timid, rash = (CLASSES[int(scores.classes[k.argmin()]) - 1] for k in (scores.recall, scores.precision))
    panel.set_title(f"{rash.capitalize()} is claimed too often, {timid} found too seldom")
    told = ", ".join(
        f"{CLASSES[label - 1]} {x:.2f} and {y:.2f}"
        for label, x, y in zip(scores.classes, scores.precision, scores.recall, strict=True)
    )
    show(figure, f"Precision and recall of each food: {told}. A cross marks their averages.")


def cutoff(matches: Matches, threshold: float, min_score: float) -> None:
    """Precision, recall and F1 of all foods together against the score cut-off, and the counts at one cut-off."""
    curves = np.array([list(count_matches(matches, threshold, c).micro.values()) for c in CUTOFFS])
    here = count_matches(matches, threshold, min_score)
    figure, axes = new_figure(1, 2, width=8.6, height=3.6)
    panel = axes[0, 0]
    for k, (name, colour) in enumerate((("precision", PRECISION), ("recall", RECALL), ("F1", F1))):
        panel.plot(CUTOFFS, curves[:, k], color=colour, linewidth=2.2, label=name)
    panel.axvline(min_score, color=MUTED, linestyle="--")
    panel.set(xlabel="score cut-off", ylim=(0, 1.02), xlim=(0, 1))
    panel.legend(loc="lower left")
    best = CUTOFFS[curves[:, 2].argmax()]
    panel.set_title(f"F1 is best near a cut-off of {best:.2f}")
    counts = [int(column.sum()) for column in (here.tp, here.fp, here.fn)]
    _bars(axes[0, 1], *counts)
    axes[0, 1].set_title(f"Kept: scores of {min_score:.2f} and more. F1 {f1(*counts):.2f}")
    show(
        figure,
        f"Precision, recall and F1 against the score cut-off at IoU {threshold:g}: precision rises, recall falls, F1 "
        f"is best near {best:.2f}. At {min_score:.2f} there are {counts[0]} TP, {counts[1]} FP, {counts[2]} FN.",
    )
