"""Figures of lesson 07, first half: anchors, their grid on a plate, which of them match, and the way to the box."""

from collections.abc import Sequence

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

from course_utils import boxes as box_algebra
from course_utils.dataset.scene import Scene
from course_utils.plots.scenes import draw_box, draw_outline, draw_photo
from course_utils.plots.style import INK, MUTED, RIGHT, WRONG, class_colour, new_figure, show
from course_utils.translation.say import _

# Light to dark for small to large; told apart by lightness alone.
SIZE_COLOURS = ("#E7298A", "#7A3FB0", "#1B2A6B")


def sliding_window(
    scene: Scene,
    cell: np.ndarray,
    sizes: Sequence[float],
    ratios: Sequence[float],
    stride: int,
    position: tuple[int, int],
) -> None:
    """The anchors ``(9, 4)`` of one position (row, column) on the photo, and the nine shapes one by one.

    ``cell`` lists the shapes around the origin, of three sizes and three ratios, all sizes of the first ratio first.
    """
    figure, axes = new_figure(1, 2, width=9.2, height=4.4)
    row, column = position
    here = np.array([column, row, column, row]) * stride
    draw_photo(
        axes[0, 0],
        scene.image,
        _("One place of {rows} x {columns}: 9 boxes").format(
            rows=scene.size[0] // stride, columns=scene.size[1] // stride
        ),
    )
    for k, anchor in enumerate(cell):
        draw_box(axes[0, 0], anchor + here, SIZE_COLOURS[k % 3], 1.8)
    axes[0, 0].plot(here[0] - 0.5, here[1] - 0.5, "o", color="white", markeredgecolor=INK, markersize=6)
    _shapes(axes[0, 1], cell, sizes, ratios)
    show(
        figure,
        _(
            "A plate with the nine anchors of one position drawn around a dot, three sizes in three shapes, and "
            "the same nine side by side, a column for each size and a row for each ratio, with width and height "
            "written under them."
        ),
    )


def _shapes(axes: Axes, cell: np.ndarray, sizes: Sequence[float], ratios: Sequence[float]) -> None:
    """The nine shapes in rows of one ratio and columns of one size."""
    gap = 1.1 * (cell[:, 2:] - cell[:, :2]).max()
    for k, anchor in enumerate(cell):
        row, column = divmod(k, 3)
        centre = np.array([column, row]) * gap
        draw_box(axes, anchor + np.tile(centre, 2), SIZE_COLOURS[column], 2.4)
        width, height = anchor[2:] - anchor[:2]
        axes.text(
            centre[0], centre[1] + height / 2 + 6, f"{width:.0f} x {height:.0f}", ha="center", va="top", fontsize=8
        )
    for k, size in enumerate(sizes):
        axes.text(
            k * gap, -0.62 * gap, _("size {size:g}").format(size=size), ha="center", fontsize=10, color=SIZE_COLOURS[k]
        )
    for k, ratio in enumerate(ratios):
        axes.text(-0.5 * gap, k * gap, _("ratio {ratio:g}").format(ratio=ratio), ha="right", va="center", fontsize=10)
    axes.set_title(_("Three sizes in three ratios, width x height in pixels"))
    axes.set(xlim=(-1.05 * gap, 2.55 * gap), ylim=(2.65 * gap, -0.75 * gap), aspect="equal")
    axes.axis("off")


def grid_on_plate(scene: Scene, anchors: np.ndarray, stride: int) -> None:
    """Where the anchors' centres lie: on the whole plate, and close up on four cells."""
    figure, axes = new_figure(1, 2, width=8.2, height=4.6)
    centres = np.unique((anchors[:, :2] + anchors[:, 2:]) / 2, axis=0)
    draw_photo(
        axes[0, 0],
        scene.image,
        _("{places} places, {anchors} anchors").format(places=len(centres), anchors=len(anchors)),
    )
    axes[0, 0].plot(*(centres.T - 0.5), ".", color=SIZE_COLOURS[0], markersize=3.5, clip_on=False)
    draw_photo(axes[0, 1], scene.image, _("Close up: a place is the top left corner of its cell"))
    for line in range(0, 3 * stride, stride):
        axes[0, 1].axhline(line - 0.5, color="white", linewidth=1)
        axes[0, 1].axvline(line - 0.5, color="white", linewidth=1)
    for x, y in centres[(centres < 3 * stride).all(axis=1)]:
        axes[0, 1].plot(x - 0.5, y - 0.5, "o", color=SIZE_COLOURS[0], markersize=9, clip_on=False)
        box = {"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
        axes[0, 1].text(x + 1.2, y + 2.6, f"x {x:.0f}, y {y:.0f}", fontsize=8, bbox=box)
    axes[0, 1].set(xlim=(-2.5, 2.5 * stride), ylim=(2.5 * stride, -2.5))
    show(
        figure,
        _("Anchor centres as dots all over a plate, and close up: each dot sits on the top left corner of a cell."),
    )


def best_overlaps(
    sizes: np.ndarray, ratios: np.ndarray, overlaps: np.ndarray, threshold: float, anchor_sizes: Sequence[float]
) -> None:
    """For every piece of many plates its size, its shape, and how well its best anchor fits."""
    figure, axes = new_figure(1, 2, width=8.6, height=3.3)
    poor = overlaps < threshold
    look = {"palette": {False: RIGHT, True: WRONG}, "markers": {False: "o", True: "X"}, "s": 26, "alpha": 0.75}
    for panel, values, name in zip(
        axes[0], (sizes, ratios), (_("side of the piece in pixels"), _("height / width")), strict=True
    ):
        sns.scatterplot(x=values, y=overlaps, hue=poor, style=poor, linewidth=0, legend=False, ax=panel, **look)
        panel.axhline(threshold, color=INK, linewidth=1, linestyle="--")
        panel.set(xlabel=name, ylabel=_("IoU with its best anchor"))
    for size in anchor_sizes:
        axes[0, 0].axvline(size, color=MUTED, linewidth=0.8, zorder=0)
    axes[0, 1].set(xscale="log", xticks=[0.5, 1, 2], xticklabels=["0.5", "1", "2"])
    axes[0, 1].minorticks_off()
    axes[0, 0].set_title(_("Between two anchor sizes (grey) little fits well"))
    axes[0, 1].set_title(
        _("{share:.0%} of all pieces stay below {threshold}").format(share=poor.mean(), threshold=threshold)
    )
    show(
        figure,
        _("Overlap of each piece with its best anchor: {share:.0%} of the pieces stay below {threshold}.").format(
            share=poor.mean(), threshold=threshold
        ),
    )


def matched(scene: Scene, anchors: np.ndarray, before: np.ndarray, after: np.ndarray) -> None:
    """Close up, the anchors that count for each piece, without and with the rule for low-quality matches.

    ``before`` and ``after``: for each anchor the piece's index, or a negative number.
    """
    figure, axes = new_figure(1, 2, width=8.2, height=4.4)
    for panel, matches, title in (
        (axes[0, 0], before, _("IoU of 0.7 or more")),
        (axes[0, 1], after, _("and the best of each piece, however bad")),
    ):
        draw_photo(panel, scene.image, title)
        for k, piece in enumerate(scene.instances):
            mine = anchors[matches == k]
            colour = class_colour(piece.label)
            draw_outline(panel, piece.mask, colour, "--", 1.2)
            for anchor in mine:
                draw_box(panel, anchor, colour, 1.6)
            x, y = (piece.box[:2] + piece.box[2:]) / 2
            words = _("1 anchor") if len(mine) == 1 else _("{count} anchors").format(count=len(mine))
            box = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": colour if len(mine) else WRONG}
            panel.text(
                x,
                y,
                words,
                clip_on=True,
                ha="center",
                va="center",
                fontsize=8,
                color=INK if len(mine) else WRONG,
                bbox=box,
            )
        low, high = scene.boxes[:, :2].min(axis=0) - 25, scene.boxes[:, 2:].max(axis=0) + 25
        panel.set(xlim=(low[0], high[0]), ylim=(high[1], low[1]))
    orphans = len(set(range(len(scene.instances))) - set(before.tolist()))
    show(
        figure,
        _(
            "A plate with the anchors that count for each piece. On the left {orphans} of {pieces} pieces have "
            "none; on the right each has at least one."
        ).format(orphans=orphans, pieces=len(scene.instances)),
    )


def way_to_the_box(scene: Scene, anchor: np.ndarray, box: np.ndarray, deltas: np.ndarray) -> None:
    """An anchor beside the box that it should become, and why the change of size is a logarithm."""
    figure, axes = new_figure(1, 2, width=8.6, height=4.0)
    panel = axes[0, 0]
    overlap = float(box_algebra.iou(anchor[None], box[None])[0, 0])
    draw_photo(panel, scene.image, _("The anchor (dashed) fits with an IoU of {overlap:.2f}").format(overlap=overlap))
    draw_box(panel, anchor, SIZE_COLOURS[1], 2.2, "--")
    draw_box(panel, box, RIGHT, 2.6)
    start, end = (anchor[:2] + anchor[2:]) / 2, (box[:2] + box[2:]) / 2
    panel.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": INK, "linewidth": 2})
    low, high = np.minimum(anchor, box)[:2] - 20, np.maximum(anchor, box)[2:] + 20
    panel.set(xlim=(low[0], high[0]), ylim=(high[1], low[1]))
    panel.set_xlabel(
        "  ".join(f"{name} = {value:+.2f}" for name, value in zip(("dx", "dy", "dw", "dh"), deltas, strict=True))
    )
    _logarithm(axes[0, 1])
    show(
        figure,
        _(
            "Left: an anchor, the box of its piece, and an arrow from centre to centre. Right: the delta for the "
            "width is the logarithm of the quotient, so that twice as wide and half as wide are equally far from 0."
        ),
    )


def _logarithm(axes: Axes) -> None:
    quotient = np.linspace(0.2, 4.2, 200)
    axes.plot(quotient, np.log(quotient), color=INK)
    axes.axhline(0, color=MUTED, linewidth=0.8)
    for value, words in (
        (0.5, _("half as wide: {log:.2g}")),
        (1, _("as wide: {log:.2g}")),
        (2, _("twice as wide: +{log:.2g}")),
    ):
        axes.plot(value, np.log(value), "o", color=WRONG)
        axes.annotate(words.format(log=np.log(value)), (value, np.log(value)), (8, -12), textcoords="offset points")
    axes.set(xlabel=_("width of the box / width of the anchor"), ylabel="dw")
    axes.set_title(_("Double and half are equally far from 0"))
