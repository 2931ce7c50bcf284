"""Figures of lesson 09: two head architectures, and what their three answers look like."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from course_utils import boxes
from course_utils.dataset.classes import CLASSES
from course_utils.plots.scenes import draw_box, draw_outline, draw_photo
from course_utils.plots.style import INK, MUTED, RIGHT, WRONG, class_colour, hide_axes, new_figure, show
from course_utils.plots.words import joined
from course_utils.translation.say import _


def _node(axes: Axes, x: float, y: float, words: str, colour: str = INK) -> None:
    style = "round,pad=0.02,rounding_size=0.12"
    axes.add_patch(
        FancyBboxPatch((x - 0.82, y - 0.3), 1.64, 0.6, boxstyle=style, facecolor="#F2F2F2", edgecolor=colour)
    )
    axes.text(x, y, words, ha="center", va="center", fontsize=8.5)


def _step(axes: Axes, start: tuple[float, float], end: tuple[float, float], words: str = "") -> None:
    first, last = (start[0] + 0.88, start[1]), (end[0] - 0.88, end[1])
    axes.add_patch(FancyArrowPatch(first, last, arrowstyle="-|>", mutation_scale=10, color=INK, linewidth=1.2))
    x, y = (first[0] + last[0]) / 2, (first[1] + last[1]) / 2
    slanted, falls = first[1] != last[1], first[1] > last[1]
    axes.text(
        x - 0.12 * slanted, y + (-0.08 if falls else 0.1), words, fontsize=8.5, color=WRONG,
        ha="right" if slanted else "center", va="top" if falls else "bottom",
    )  # fmt: skip


def _c4_head(axes: Axes) -> None:
    _node(axes, 0, 1.2, "14 x 14 x 1024")
    _node(axes, 2.8, 1.2, "7 x 7 x 2048")
    _step(axes, (0, 1.2), (2.8, 1.2), _("stage 5"))
    _node(axes, 5.8, 2.1, "2048")
    _step(axes, (2.8, 1.35), (5.8, 2.1), _("mean"))
    _node(axes, 5.8, 0.3, "14 x 14 x 256")
    _step(axes, (2.8, 1.05), (5.8, 0.3), _("enlarge"))
    _node(axes, 11.6, 0.3, _("14 x 14, masks"), RIGHT)


def _fpn_head(axes: Axes) -> None:
    _node(axes, 0, 2.1, "7 x 7 x 256")
    _node(axes, 2.8, 2.1, "1024")
    _node(axes, 5.8, 2.1, "1024")
    _step(axes, (0, 2.1), (2.8, 2.1), _("fully\nconnected"))
    _step(axes, (2.8, 2.1), (5.8, 2.1), _("fully\nconnected"))
    _node(axes, 0, 0.3, "14 x 14 x 256")
    _node(axes, 2.8, 0.3, "14 x 14 x 256")
    _step(axes, (0, 0.3), (2.8, 0.3), _("four 3x3"))
    _node(axes, 5.8, 0.3, "28 x 28 x 256")
    _step(axes, (2.8, 0.3), (5.8, 0.3), _("enlarge"))
    _node(axes, 11.6, 0.3, _("28 x 28, masks"), RIGHT)


def two_heads() -> None:
    """The C4 head and the FPN head, with the shapes of their maps as height x width x channels."""
    figure, axes = new_figure(2, 1, width=9.8, height=5.6)
    c4, fpn = axes[:, 0]
    c4.set_title(_("Head on C4: the last stage of the backbone, run on every RoI"))
    fpn.set_title(_("Head on FPN: two light branches"))
    _c4_head(c4)
    _fpn_head(fpn)
    for panel in (c4, fpn):
        panel.set(xlim=(-1, 12.6), ylim=(-0.6, 2.9))
        hide_axes(panel)
        _node(panel, 11.6, 2.5, _("class"), RIGHT)
        _node(panel, 11.6, 1.7, _("box"), RIGHT)
        _step(panel, (5.8, 2.2), (11.6, 2.5))
        _step(panel, (5.8, 2.0), (11.6, 1.7))
        _step(panel, (5.8, 0.3), (11.6, 0.3), "1x1")
    show(
        figure,
        _(
            "Two diagrams. The C4 head runs stage 5 of the backbone on each RoI and feeds class, box and mask from "
            "its result. The FPN head has two fully connected layers for class and box, and beside them four "
            "convolutions and an enlargement for the mask."
        ),
    )


def head_costs(rows: dict[str, tuple[int, int, float]]) -> None:
    """Parameters, multiply-adds and milliseconds of several heads, each for one RoI."""
    titles = (_("million parameters"), _("million multiply-adds"), _("milliseconds (this computer)"))
    figure, axes = new_figure(1, 3, width=9.8, height=2.4)
    scales = (1e6, 1e6, 1)
    for k, (panel, title, scale) in enumerate(zip(axes[0], titles, scales, strict=True)):
        values = [row[k] / scale for row in rows.values()]
        panel.barh(list(rows), values, color=[WRONG if "C4" in name else RIGHT for name in rows])
        panel.invert_yaxis()
        panel.set(xlabel=title)
        if k:
            panel.set_yticks([])
    figure.suptitle(_("As many weights, many times the work for each RoI"), x=0.02, ha="left")
    show(
        figure,
        _(
            "Bars for two box heads: they have about as many parameters, but the one on C4 needs nearly sixty "
            "times the multiply-adds of the one on FPN, and far more time."
        ),
    )


def with_and_without_background(logits: np.ndarray) -> None:
    """Scores of one RoI ``(C + 1,)``, once by a softmax over all columns and once over the foods alone."""
    figure, axes = new_figure(1, 2, width=8.4, height=2.9)
    for panel, first in zip(axes[0], (0, 1), strict=True):
        scores = np.exp(logits[first:]) / np.exp(logits[first:]).sum()
        names = [_("background"), *CLASSES][first:]
        colours = [MUTED, *(class_colour(name) for name in CLASSES)][first:]
        panel.barh(names, scores, color=colours)
        panel.set(xlim=(0, 1), xlabel=_("score"))
        panel.invert_yaxis()
        best = CLASSES[int(logits[1:].argmax())]
        title = (
            _("The background forgotten: {best} {score:.0%}") if first else _("With the background: {best} {score:.0%}")
        )
        panel.set_title(title.format(best=best, score=scores[names.index(best)]))
    show(
        figure,
        _(
            "Scores of a RoI on the bare plate. With the background in the softmax all foods score low; without it "
            "one food seems likely."
        ),
    )


def two_answers(photo: np.ndarray, roi: np.ndarray, found: dict[int, np.ndarray]) -> None:
    """One RoI, dashed, and the box that the deltas of each class make of it."""
    figure, axes = new_figure(1, 1, width=4.6, height=4.6)
    draw_photo(axes[0, 0], photo, _("One RoI, a box for each class"))
    draw_box(axes[0, 0], roi, "white", 3.6, "--")
    draw_box(axes[0, 0], roi, INK, 2.0, "--")
    for label, box in found.items():
        draw_box(axes[0, 0], box, class_colour(label), 2.8)
        axes[0, 0].text(
            box[0] + 3, box[1] + 4, CLASSES[label - 1], va="top", fontsize=9,
            bbox={"facecolor": "white", "edgecolor": class_colour(label), "alpha": 0.9, "pad": 2},
        )  # fmt: skip
    names = joined(CLASSES[label - 1] for label in found)
    show(
        figure,
        _("A plate with one dashed box that covers two pieces, and two boxes made from it, for {names}.").format(
            names=names
        ),
    )


def moved(photo: np.ndarray, roi: np.ndarray, deltas: tuple[float, float, float, float]) -> None:
    """A RoI, dashed, and the box that unweighted deltas make of it."""
    box = boxes.decode(np.array(deltas, dtype=float), roi)
    figure, axes = new_figure(1, 1, width=4.4, height=4.6)
    dx, dy, dw, dh = deltas
    draw_photo(axes[0, 0], photo, f"dx {dx:.2f}, dy {dy:.2f}, dw {dw:.2f}, dh {dh:.2f}")
    draw_box(axes[0, 0], roi, "white", 3.4, "--")
    draw_box(axes[0, 0], roi, INK, 1.8, "--")
    draw_box(axes[0, 0], box, WRONG, 2.6)
    start, end = ((b[:2] + b[2:]) / 2 for b in (roi, box))
    axes[0, 0].annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": WRONG, "linewidth": 2})
    axes[0, 0].set(xlim=(-0.5, photo.shape[1] - 0.5), ylim=(photo.shape[0] - 0.5, -0.5))
    show(
        figure,
        _("A dashed box on a plate, and the box that the deltas {dx}, {dy}, {dw}, {dh} make of it.").format(
            dx=dx, dy=dy, dw=dw, dh=dh
        ),
    )


def refined(photo: np.ndarray, before: np.ndarray, after: np.ndarray, labels: np.ndarray) -> None:
    """RoIs ``(R, 4)`` as they were proposed, and moved by the deltas of their labels ``(R,)``."""
    figure, axes = new_figure(1, 2, width=8.6, height=4.4)
    for panel, found, title in zip(axes[0], (before, after), (_("RoIs that are surely food"), _("Moved")), strict=True):
        draw_photo(panel, photo, title)
        for box, label in zip(found, labels.tolist(), strict=True):
            draw_box(panel, box, class_colour(label), 1.6)
    show(
        figure,
        _(
            "A plate with RoIs in the colours of their foods, scattered about the pieces, and the same boxes after "
            "they were moved: those on one piece nearly coincide."
        ),
    )


def mask_channels(crops: np.ndarray, masks: np.ndarray, truths: np.ndarray, labels: np.ndarray) -> None:
    """For several RoIs the photo and every channel of the mask branch; the own class is framed.

    Args:
        crops: ``(R, M, M, 3)`` from 0 to 1. masks: ``(R, C + 1, M, M)`` probabilities.
        truths: ``(R, M, M)`` bool. labels: ``(R,)``.
    """
    count = masks.shape[1]
    figure, axes = new_figure(len(crops), 1 + count, width=1.25 * (1 + count), height=1.45 * len(crops))
    for row, crop, channels, truth, label in zip(axes, crops, masks, truths, labels.tolist(), strict=True):
        draw_photo(row[0], crop, CLASSES[label - 1])
        draw_outline(row[0], truth, "white", width=2.4)
        draw_outline(row[0], truth, class_colour(label), width=1.2)
        for number, (panel, channel) in enumerate(zip(row[1:], channels, strict=True)):
            panel.imshow(channel, cmap="gray", vmin=0, vmax=1)
            hide_axes(panel)
            panel.set_title(f"{number} {CLASSES[number - 1] if number else _('nothing')}", fontsize=9)
            if number == label:
                for spine in panel.spines.values():
                    spine.set(visible=True, color=class_colour(label), linewidth=4)
    show(
        figure,
        _(
            "{pieces} pieces cut out by their boxes, and beside each the {count} channels of the mask branch, with "
            "the channel of its own food framed. The other foods' channels look much like it, channel 0 does not."
        ).format(pieces=len(crops), count=count),
    )


def mask_quality(scores: dict[str, float]) -> None:
    """Mean IoU of masks made in several ways."""
    figure, axes = new_figure(1, 1, width=7.2, height=0.5 + 0.45 * len(scores))
    colours = [WRONG if "softmax" in name else RIGHT if "own" in name else MUTED for name in scores]
    axes[0, 0].barh(list(scores), list(scores.values()), color=colours)
    axes[0, 0].invert_yaxis()
    axes[0, 0].set(xlim=(0, 1), xlabel=_("mean IoU with the true mask, on plates not trained on"))
    axes[0, 0].set_title(_("Channels that compete quarrel over the food"))
    show(
        figure,
        _(
            "Bars for the mean IoU of masks made in several ways. A sigmoid's own channel is best, another food's "
            "channel hardly worse; where channels compete in a softmax, the own one is poor, and all foods "
            "together are better."
        ),
    )
