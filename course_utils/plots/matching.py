"""Figures of lesson 11, second half: detections beside ground truth, and who found what."""

from collections.abc import Sequence

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

from course_utils import masks
from course_utils.dataset.classes import CLASSES
from course_utils.dataset.scene import Scene
from course_utils.metrics.instances import Detections
from course_utils.metrics.matching import Matching
from course_utils.plots.overlap import FOUND, THRESHOLDS, TRUTH, paper_box, squared_paper
from course_utils.plots.scenes import draw_labels, draw_outline, draw_photo, label_pieces
from course_utils.plots.style import MISSED, MUTED, RIGHT, WRONG, class_colour, new_figure, show
from course_utils.translation.say import _


def truths_and_detections(scene: Scene, detections: Detections) -> None:
    """A plate twice: what is there, numbered, and what was detected, numbered and with scores."""
    figure, axes = new_figure(1, 2, width=8.6, height=4.6)
    draw_photo(axes[0, 0], scene.image, _("The truth: {pieces} pieces").format(pieces=len(scene.instances)))
    for piece in scene.instances:
        draw_outline(axes[0, 0], piece.mask, class_colour(piece.label))
    label_pieces(axes[0, 0], scene, [f"{k} {piece.name}" for k, piece in enumerate(scene.instances)])
    draw_photo(axes[0, 1], scene.image, _("The detections: {detections}").format(detections=len(detections)))
    for mask, label in zip(detections.regions.masks, detections.labels, strict=True):
        draw_outline(axes[0, 1], mask, class_colour(label))
    names = [
        f"{k} {CLASSES[label - 1]} {score:.2f}"
        for k, (label, score) in enumerate(zip(detections.labels, detections.scores, strict=True))
    ]
    colours = [class_colour(label) for label in detections.labels]
    draw_labels(axes[0, 1], detections.regions.masks, names, colours)
    show(
        figure,
        _(
            "A plate with its {pieces} pieces outlined and numbered, and the same plate with {detections} "
            "detections and their scores."
        ).format(pieces=len(scene.instances), detections=len(detections)),
    )


def iou_table(iou: np.ndarray, rows: Sequence[str], columns: Sequence[str], title: str) -> None:
    """An IoU matrix (D, G) as a table, darker where the overlap is larger; -1 is shown as a dash."""
    title = _(title)
    figure, axes = new_figure(1, 1, width=1.5 + 0.95 * len(columns), height=1.1 + 0.42 * len(rows))
    panel = axes[0, 0]
    words = np.where(iou < 0, "–", np.char.mod("%.2f", iou))
    sns.heatmap(
        np.maximum(iou, 0), annot=words, fmt="", cmap="Blues", vmin=0, vmax=1.3, cbar=False, ax=panel,
        xticklabels=columns, yticklabels=rows, annot_kws={"fontsize": 9},
    )  # fmt: skip
    panel.tick_params(length=0, top=True, bottom=False, labeltop=True, labelbottom=False, rotation=0)
    panel.set_title(title, pad=10)
    largest = f"{iou.max():.2f}" if iou.size else _("none")
    show(
        figure,
        _("{title}: a table of {rows} detections by {columns} truths; the largest IoU is {largest}.").format(
            title=title, rows=len(rows), columns=len(columns), largest=largest
        ),
    )


def on_paper(truths: np.ndarray, detections: np.ndarray, scores: np.ndarray, matching: Matching | None = None) -> None:
    """Truths and detections on squared paper, or, with a matching, what became of each of them."""
    figure, axes = new_figure(1, 1, width=5.6, height=4.6)
    panel = axes[0, 0]
    squared_paper(panel, 16, 13)
    found = set() if matching is None else set(matching.true_positives.tolist())
    missed = set() if matching is None else set(matching.false_negatives.tolist())
    for k, box in enumerate(truths):
        paper_box(panel, box, TRUTH, "--" if k in missed else "-", 0.22)
        verdict = "  FN" if k in missed else ""
        name = _("truth {number}").format(number=k)
        panel.text(*(box[[0, 3]] + [0.15, -0.2]), f"{name}{verdict}", color=TRUTH, weight="bold")
    for k, (box, score) in enumerate(zip(detections, scores, strict=True)):
        colour = "#9A6700" if matching is None else RIGHT if k in found else WRONG
        verdict = "" if matching is None else " TP" if k in found else " FP"
        paper_box(panel, box, colour if matching else FOUND, width=2.4)
        text = f"{'ABCDEFGH'[k]} {score:.1f}{verdict}"
        panel.text(box[2] - 0.15, box[3] - 0.2, text, color=colour, weight="bold", ha="right")
    panel.set_title(_("Four detections, three truths") if matching is None else tally(matching))
    alt = _("Squared paper with {truths} filled truths and {detections} detections with scores.").format(
        truths=len(truths), detections=len(detections)
    )
    show(figure, alt if matching is None else f"{alt} {tally(matching)}.")


def verdicts(scene: Scene, detections: Detections, matchings: Sequence[Matching]) -> None:
    """One plate with its true positives, false positives and false negatives, for each of several matchings."""
    x1, y1, x2, y2 = masks.to_box(np.any(np.concatenate([scene.masks, detections.regions.masks]), axis=0))
    figure, axes = new_figure(1, len(matchings), width=2.85 * len(matchings), height=3.35)
    for panel, matching in zip(axes[0], matchings, strict=True):
        draw_photo(panel, scene.image, f"IoU ≥ {matching.threshold:g}:\n{tally(matching)}")
        panel.set(xlim=(x1 - 8, x2 + 8), ylim=(y2 + 8, y1 - 8))
        draw_verdicts(panel, scene, detections, matching, [str(k) for k in range(len(detections))])
    figure.suptitle(
        _("Green: found (TP). Orange: wrong (FP). Blue, dashed: missed (FN)."), x=0.01, ha="left", fontsize=11
    )
    told = "; ".join(
        _("at IoU {threshold:g} {tally}").format(threshold=matching.threshold, tally=tally(matching))
        for matching in matchings
    )
    show(
        figure, _("The same plate and detections judged {times} times: {told}.").format(times=len(matchings), told=told)
    )


def draw_verdicts(panel: Axes, scene: Scene, detections: Detections, matching: Matching, words: Sequence[str]) -> None:
    """True positives in green, false positives in orange, each with its word; false negatives in dashed blue."""
    for group, colour in ((matching.false_positives, WRONG), (matching.true_positives, RIGHT)):
        for detection in group:
            draw_outline(panel, detections.regions.masks[detection], colour, width=2.2)
    # The missed ones last: a detection may have nearly the same outline, and another name.
    for truth in matching.false_negatives:
        draw_outline(panel, scene.masks[truth], MISSED, "--", 2.2)
    colours = [RIGHT if detection in matching.true_positives else WRONG for detection in range(len(detections))]
    draw_labels(panel, detections.regions.masks, words, colours)


def tally(matching: Matching) -> str:
    """Counts in words: "3 TP, 4 FP, 3 FN"."""
    groups = ((matching.true_positives, "TP"), (matching.false_positives, "FP"), (matching.false_negatives, "FN"))
    return ", ".join(f"{len(indices)} {name}" for indices, name in groups)


def counts_by_threshold(thresholds: np.ndarray, counts: np.ndarray) -> None:
    """TP, FP and FN of a whole split, counts (T, 3), against the IoU threshold."""
    figure, axes = new_figure(1, 1, width=6.4, height=3.8)
    panel = axes[0, 0]
    for threshold in THRESHOLDS:
        panel.axvline(threshold, color=MUTED, linewidth=1, linestyle=":")
    for column, (name, colour) in enumerate((("TP", RIGHT), ("FP", WRONG), ("FN", MISSED))):
        panel.plot(thresholds, counts[:, column], color=colour, marker="o", markersize=4, linewidth=2)
        panel.text(thresholds[0] - 0.012, counts[0, column], name, color=colour, weight="bold", ha="right", va="center")
    panel.set(xlabel=_("IoU threshold"), ylabel=_("count, all plates of the split"), ylim=(0, None))
    panel.set_xlim(thresholds[0] - 0.06, thresholds[-1] + 0.02)
    panel.set_title(_("Every find lost to a stricter threshold counts twice: one FP and one FN more"))
    first, last = counts[0], counts[-1]
    show(
        figure,
        _(
            "Counts against the IoU threshold: from {first:g} to {last:g} TP fall from {first_tp} to {last_tp}, "
            "while FP rise from {first_fp} to {last_fp} and FN from {first_fn} to {last_fn}."
        ).format(
            first=thresholds[0],
            last=thresholds[-1],
            first_tp=first[0],
            last_tp=last[0],
            first_fp=first[1],
            last_fp=last[1],
            first_fn=first[2],
            last_fn=last[2],
        ),
    )
