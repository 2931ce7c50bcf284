"""Figures of lesson 13: a ranking, the curve it makes, and the ways to take the area under it."""

from collections.abc import Sequence

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

from course_utils.dataset.classes import CLASSES
from course_utils.metrics import average_precision as ap
from course_utils.metrics.batch import Matches
from course_utils.metrics.evaluation import Evaluation
from course_utils.metrics.instances import Detections, GroundTruth
from course_utils.metrics.scores import count_matches
from course_utils.plots.overlap import FOUND, TRUTH, paper_box, squared_paper
from course_utils.plots.style import INK, MUTED, RIGHT, WRONG, class_colour, new_figure, show
from course_utils.translation.say import _

PAPER = (9, 7)
AREA = "#56B4E9"


def toy(images: Sequence[tuple[GroundTruth, Detections]]) -> None:
    """Small plates on squared paper with their truths (blue) and scored detections (orange)."""
    figure, axes = new_figure(3, (len(images) + 2) // 3, width=9.0, height=5.9)
    for k, (panel, (truth, found)) in enumerate(zip(axes.ravel(), images, strict=True)):
        squared_paper(panel, *PAPER)
        panel.set_xticklabels([])
        panel.set_yticklabels([])
        panel.set_title(_("Plate {number}").format(number=k + 1), fontsize=9)
        for box in truth.regions.corners:
            paper_box(panel, box, TRUTH, fill=0.22, width=1.2)
        for box, score in zip(found.regions.corners, found.scores, strict=True):
            paper_box(panel, box, FOUND, width=2)
            panel.text(box[2], box[3] + 0.1, f"{score:.2f}", ha="right", va="top", fontsize=8, weight="bold")
    pieces, detections = (sum(map(len, side)) for side in zip(*images, strict=True))
    figure.suptitle(
        _("{pieces} pieces of tahu (blue), {detections} detections (orange)").format(
            pieces=pieces, detections=detections
        ),
        x=0.01,
        ha="left",
        fontsize=11,
    )
    show(
        figure,
        _("{plates} small plates with {pieces} pieces of tahu and {detections} detections with scores.").format(
            plates=len(images), pieces=pieces, detections=detections
        ),
    )


def ranking(right: np.ndarray, scores: np.ndarray, objects: int) -> None:
    """The list of detections, best first, and the curve that they make."""
    order = np.argsort(-scores, kind="stable")
    right, scores = right[order], scores[order]
    precision, recall = ap.precision_recall_curve(right, scores, objects)
    figure, axes = new_figure(1, 2, width=8.8, height=4.2)
    _draw_list(axes[0, 0], right, scores, objects)
    panel = axes[0, 1]
    _unit_square(panel)
    panel.plot(recall, precision, color=MUTED, linewidth=1.4, zorder=1)
    for k in range(len(right)):
        panel.scatter(recall[k], precision[k], s=150, color=RIGHT if right[k] else WRONG, zorder=2)
        panel.text(recall[k], precision[k], str(k + 1), ha="center", va="center", fontsize=8, color="white", zorder=3)
    panel.set_title(_("Right: up and to the right. Wrong: straight down"))
    told = _("after all of them precision is {precision:.3f} and recall {recall:.3f}").format(
        precision=precision[-1], recall=recall[-1]
    )
    show(
        figure,
        _("{detections} detections ranked by score, and the precision-recall curve they make: {told}.").format(
            detections=len(right), told=told
        ),
    )


def _draw_list(panel: Axes, right: np.ndarray, scores: np.ndarray, objects: int) -> None:
    """Rows of rank, score, verdict, precision and recall."""
    panel.axis("off")
    panel.set(xlim=(0, 10), ylim=(len(right) + 0.6, -0.8))
    for x, head in ((0.5, _("rank")), (2.5, _("score")), (4.5, ""), (6.6, _("precision")), (9.0, _("recall"))):
        panel.text(x, -0.3, head, ha="center", color=MUTED, fontsize=9)
    found = np.cumsum(right)
    for k in range(len(right)):
        colour = RIGHT if right[k] else WRONG
        cells = [(0.5, str(k + 1)), (2.5, f"{scores[k]:.2f}"), (4.5, _("right") if right[k] else _("wrong"))]
        cells += [(6.6, f"{found[k]}/{k + 1} = {found[k] / (k + 1):.3f}")]
        cells += [(9.0, f"{found[k]}/{objects} = {found[k] / objects:.3f}")]
        for x, text in cells:
            panel.text(x, k + 0.6, text, ha="center", fontsize=9, color=colour)


def steps(precision: np.ndarray, recall: np.ndarray) -> None:
    """The deck's sum as area: a rectangle of width R(k) - R(k + 1) and height P(k) for each step of the recall."""
    figure, axes = new_figure(1, 1, width=5.6, height=4.0)
    panel = axes[0, 0]
    _unit_square(panel)
    _draw_steps(panel, precision, recall)
    panel.plot(recall, precision, "o", color=INK, markersize=4)
    area = float((np.diff(recall, prepend=0.0) * precision).sum())
    panel.set_title(_("The sum is the area of the steps: AP = {area:.3f}").format(area=area))
    show(
        figure,
        _("Rectangles under the precision-recall curve, one for each detection that is right; area {area:.3f}.").format(
            area=area
        ),
    )


def _draw_steps(panel: Axes, precision: np.ndarray, recall: np.ndarray) -> None:
    left = np.concatenate([[0.0], recall[:-1]])
    panel.bar(left, precision, recall - left, align="edge", color=AREA, alpha=0.55, edgecolor="white", linewidth=1.2)


def envelope(precision: np.ndarray, recall: np.ndarray, eleven: Sequence[float] | None = None) -> None:
    """A zigzag curve with the eleven recalls of VOC 2007 as dotted lines; with eleven numbers also its envelope."""
    figure, axes = new_figure(1, 1, width=6.6, height=4.2)
    panel = axes[0, 0]
    _unit_square(panel)
    for r in ap.VOC_RECALLS:
        panel.axvline(r, color=MUTED, linestyle=":", linewidth=1)
    panel.plot(recall, precision, color=INK, linewidth=1.2, marker="o", markersize=5)
    for k in np.flatnonzero(np.diff(recall, prepend=0.0) > 0):
        panel.text(recall[k] + 0.012, precision[k] + 0.025, f"{precision[k]:.3g}", fontsize=8)
    panel.set_xticks(ap.VOC_RECALLS)
    told = ", ".join(f"({r:.3f}, {p:.3f})" for r, p in zip(recall, precision, strict=True))
    alt = _(
        "The toy's precision-recall curve over eleven dotted lines. Its points (recall, precision): {told}."
    ).format(told=told)
    panel.set_title(_("A zigzag, asked at eleven recalls (dotted)"))
    if eleven is not None:
        reached = np.concatenate([[0.0], recall, recall[-1:], [1.0]])
        panel.plot(reached, [ap.envelope(precision)[0], *ap.envelope(precision), 0, 0], color=AREA, linewidth=2.2,
                   drawstyle="steps-pre")  # fmt: skip
        panel.plot(ap.VOC_RECALLS, eleven, "o", color=WRONG, markersize=7, clip_on=False, zorder=3)
        panel.set_title(
            _("The envelope (blue) and its eleven numbers: their mean is {mean:.3f}").format(mean=np.mean(eleven))
        )
        alt += " " + _("Over it its envelope, which never rises, and eleven dots on it.")
    show(figure, alt)


def conventions(precision: np.ndarray, recall: np.ndarray) -> None:
    """Four ways to take the area under one curve."""
    best = ap.envelope(precision)
    ways = (
        (_("Step (the deck)"), float((np.diff(recall, prepend=0.0) * precision).sum())),
        (_("VOC 2010: all points"), ap.voc_2010_ap(precision, recall)),
        (_("VOC 2007: 11 points"), ap.voc_2007_ap(precision, recall)),
        (_("COCO: 101 points"), ap.coco_ap(precision, recall)),
    )
    figure, axes = new_figure(1, 4, width=10.6, height=3.1)
    for k, (panel, (name, value)) in enumerate(zip(axes[0], ways, strict=True)):
        _unit_square(panel)
        panel.plot(recall, precision, color=MUTED, linewidth=1)
        if k < 2:
            _draw_steps(panel, precision if k == 0 else best, recall)
        else:
            points = ap.VOC_RECALLS if k == 2 else ap.COCO_RECALLS
            values = ap.precision_at(points, best, recall)
            panel.vlines(points, 0, values, color=AREA, linewidth=4 if k == 2 else 1.2)
            panel.plot(points, values, "o", color=INK, markersize=4 if k == 2 else 1.2)
        panel.set_title(f"{name}\n{value:.3f}", fontsize=10)
        panel.set_ylabel(_("precision") if k == 0 else "")
    told = ", ".join(f"{name} {value:.3f}" for name, value in ways)
    show(figure, _("One curve and four areas under it: {told}.").format(told=told))


def walk_or_bar(matches: Matches, label: int, cutoffs: Sequence[float]) -> None:
    """Left: one curve made by walking down the ranking. Right: the points of the literal reading for two cut-offs."""
    figure, axes = new_figure(1, 2, width=8.8, height=4.1)
    members = matches.label == label
    objects = int((matches.truth_label == label).sum())
    curve = ap.precision_recall_curve(matches.true_positive[0, 0, members], matches.score[members], objects)
    left, right = axes[0]
    _unit_square(left)
    left.plot(curve[1], curve[0], color=class_colour(label), linewidth=2)
    left.set_title(_("One IoU threshold, all scores:\nprecision falls while recall grows"))
    _unit_square(right)
    for cutoff, marker, colour in zip(cutoffs, "os", (INK, WRONG), strict=True):
        points = [count_matches(matches, threshold, cutoff) for threshold in matches.thresholds]
        row = int(np.searchsorted(matches.classes, label))
        recall, precision = [p.recall[row] for p in points], [p.precision[row] for p in points]
        right.plot(
            recall, precision, marker, color=colour, markersize=5, label=_("scores ≥ {cutoff:g}").format(cutoff=cutoff)
        )
        if cutoff == cutoffs[0]:
            _draw_steps(right, np.array(precision)[::-1], np.array(recall)[::-1])
    right.legend(loc="lower right")
    right.set_title(
        _("{thresholds} IoU thresholds, each of {cutoffs} cut-offs:\nboth fall together").format(
            thresholds=len(matches.thresholds), cutoffs=len(cutoffs)
        )
    )
    name = CLASSES[label - 1]
    show(
        figure,
        _(
            "For {name}: on the left a precision-recall curve that falls as recall grows; on the right ten points, "
            "some of which coincide, on a straight line through 0, on which both rise and fall together; one line "
            "a cut-off."
        ).format(name=name),
    )


def by_threshold(matches: Matches, label: int) -> None:
    """The curves of one class at every IoU threshold, each with its AP."""
    members = matches.label == label
    objects = int((matches.truth_label == label).sum())
    figure, axes = new_figure(1, 1, width=6.4, height=4.2)
    panel = axes[0, 0]
    _unit_square(panel)
    values = []
    for step, threshold in enumerate(matches.thresholds):
        right = matches.true_positive[0, step, members]
        precision, recall = ap.precision_recall_curve(right, matches.score[members], objects)
        values.append(ap.coco_ap(precision, recall))
        shade = 1 - 0.085 * step
        panel.plot(recall, ap.envelope(precision), color=class_colour(label), alpha=shade, linewidth=2)
        if step in (0, 6, 8, 9):
            panel.text(recall[-1] + 0.01, ap.envelope(precision)[-1], f"IoU {threshold:.2f}", fontsize=8, va="center")
    panel.set_xlim(0, 1.12)
    name = CLASSES[label - 1]
    panel.set_title(
        _("{name}: AP from {first:.2f} at IoU 0.50 to {last:.2f} at 0.95").format(
            name=name, first=values[0], last=values[-1]
        )
    )
    show(
        figure,
        _("Ten precision-recall envelopes of {name}, one for each IoU threshold, lower for stricter ones.").format(
            name=name
        ),
    )


def ap_table(evaluation: Evaluation) -> None:
    """AP of every class at every IoU threshold, with the means at the margins; the corner is mAP."""
    classes, thresholds = evaluation.classes.tolist(), evaluation.thresholds.tolist()
    table = np.array([[evaluation.average_precision(t, label=label) for t in thresholds] for label in classes])
    with_means = np.vstack([np.column_stack([table, table.mean(axis=1)]), np.append(table.mean(axis=0), table.mean())])
    figure, axes = new_figure(1, 1, width=8.6, height=3.6)
    panel = axes[0, 0]
    sns.heatmap(
        with_means, annot=True, fmt=".2f", annot_kws={"fontsize": 9}, cmap="Blues", vmin=0, vmax=1.3, cbar=False,
        ax=panel, xticklabels=[*(f"{t:.2f}" for t in thresholds), _("mean")],
        yticklabels=[*(CLASSES[label - 1] for label in classes), _("mean")],
    )  # fmt: skip
    panel.tick_params(length=0, top=True, bottom=False, labeltop=True, labelbottom=False, rotation=0)
    panel.axhline(len(classes), color="white", linewidth=3)
    panel.axvline(len(thresholds), color="white", linewidth=3)
    panel.set_title(_("AP of each food at each IoU threshold; the corner is the mAP"), pad=10)
    show(
        figure,
        _("Average precision of six foods at ten IoU thresholds. The mean of all is {mean:.2f}.").format(
            mean=table.mean()
        ),
    )


def _unit_square(panel: Axes) -> None:
    panel.set(xlim=(0, 1.03), ylim=(0, 1.08), xlabel=_("recall"), ylabel=_("precision"))
