"""Figures of lesson 07, second half: objectness, non-maximum suppression step by step, recall of each stage."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from course_utils import boxes as box_algebra
from course_utils.dataset.scene import Scene
from course_utils.plots.scenes import draw_box, draw_outline, draw_photo
from course_utils.plots.style import INK, MUTED, RIGHT, WRONG, hide_axes, new_figure, show
from course_utils.translation.say import _


def losses(history: np.ndarray) -> None:
    """Objectness and box loss ``(steps, 2)`` during training, each with its mean over twenty steps."""
    figure, axes = new_figure(1, 2, width=7.6, height=2.6)
    for panel, values, name in zip(
        axes[0], history.T, (_("Objectness: object or not?"), _("Boxes: how far to move?")), strict=True
    ):
        smooth = np.convolve(values, np.ones(20) / 20, mode="valid")
        panel.plot(values, color=MUTED, linewidth=0.6)
        panel.plot(np.arange(len(smooth)) + 9.5, smooth, color=INK, linewidth=2)
        panel.set(title=name, xlabel=_("step"), ylabel=_("loss"), ylim=(0, None))
    axes[0, 0].axhline(np.log(2), color=MUTED, linewidth=1, linestyle=":")
    axes[0, 0].annotate(_("ln 2: says one half to all"), (len(history), np.log(2)), (0, -11), ha="right", fontsize=8,
                        textcoords="offset points")  # fmt: skip
    show(
        figure,
        _("Both losses of the network fall during training, that of objectness more steeply than that of the boxes."),
    )


def objectness(scene: Scene, scores: np.ndarray, sizes: tuple[int, ...]) -> None:
    """Where anchors of each size see an object: ``scores`` is ``(rows, columns, sizes)``, from 0 to 1."""
    figure, axes = new_figure(1, 1 + len(sizes), width=10.0, height=2.9)
    draw_photo(axes[0, 0], scene.image, _("Sides in pixels"))
    for piece in scene.instances:
        side = np.sqrt(np.prod(piece.box[2:] - piece.box[:2]))
        mark = {"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
        axes[0, 0].text(*(piece.box[:2] + piece.box[2:]) / 2, f"{side:.0f}", ha="center", va="center", fontsize=8,
                        bbox=mark)  # fmt: skip
    height, width = scene.size
    half = height / scores.shape[0] / 2
    # A cell's anchors sit on its corner, so its picture is drawn half a cell up and to the left.
    extent = (-0.5 - half, width - 0.5 - half, height - 0.5 - half, -0.5 - half)
    for k, (panel, size) in enumerate(zip(axes[0, 1:], sizes, strict=True)):
        drawn = panel.imshow(scores[..., k], cmap="magma", vmin=0, vmax=1, extent=extent)
        for piece in scene.instances:
            draw_outline(panel, piece.mask, "white", width=1.0)
        panel.set(
            title=_("Square anchors of size {size}").format(size=size),
            xlim=(-0.5, width - 0.5),
            ylim=(height - 0.5, -0.5),
        )
        hide_axes(panel)
    figure.colorbar(drawn, ax=axes[0, -1], shrink=0.8, label=_("objectness"))
    show(
        figure,
        _("Objectness over a plate the network never saw, one map for each anchor size, pieces outlined in white."),
    )


def nms_steps(scene: Scene, boxes: np.ndarray, scores: np.ndarray, threshold: float, steps: int = 4) -> None:
    """Greedy suppression: the first steps one by one, and what is left in the end. Best box first."""
    figure, axes = new_figure(2, 3, width=9.0, height=6.3)
    draw_photo(axes[0, 0], scene.image, _("{candidates} candidates").format(candidates=len(boxes)))
    _draw_all(axes[0, 0], boxes, MUTED)
    overlaps = box_algebra.iou(boxes, boxes)
    waiting, kept = list(range(len(boxes))), []
    while waiting:
        best, *rest = waiting
        struck = [k for k in rest if overlaps[best, k] > threshold]
        waiting = [k for k in rest if k not in struck]
        kept.append(best)
        if len(kept) <= steps:
            panel = axes.flat[len(kept)]
            draw_photo(
                panel,
                scene.image,
                _("Step {kept}: keep {score:.2f}, strike {struck}").format(
                    kept=len(kept), score=scores[best], struck=len(struck)
                ),
            )
            _draw_all(panel, boxes[waiting], MUTED)
            _draw_all(panel, boxes[struck], WRONG)
            _draw_all(panel, boxes[kept], RIGHT, 2.6)
    draw_photo(axes[1, 2], scene.image, _("At the end {kept} are left").format(kept=len(kept)))
    _draw_all(axes[1, 2], boxes[kept], RIGHT, 1.6)
    show(
        figure,
        _(
            "Non-maximum suppression on a plate: of {candidates} candidates the surest is kept and its doubles are "
            "struck out, again and again, until {kept} are left."
        ).format(candidates=len(boxes), kept=len(kept)),
    )


def _draw_all(axes: Axes, boxes: np.ndarray, colour: str, width: float = 0.9) -> None:
    for box in boxes:
        draw_box(axes, box, colour, width)


def recall_curves(counts: list[int], curves: Mapping[str, list[float]], threshold: float) -> None:
    """Share of pieces found against boxes kept per plate; one line for each way to choose them."""
    figure, axes = new_figure(1, 1, width=6.8, height=3.6)
    panel = axes[0, 0]
    looks = ((MUTED, "o:"), ("#1B2A6B", "s--"), (RIGHT, "D-"))
    for (name, values), (colour, style) in zip(curves.items(), looks, strict=True):
        panel.plot(counts, np.array(values) * 100, style, color=colour, markersize=4, label=name)
    panel.set(xscale="log", xticks=counts, xticklabels=[str(n) for n in counts], ylim=(0, 100))
    panel.minorticks_off()
    panel.set(
        xlabel=_("boxes kept on each plate"), ylabel=_("pieces found at IoU {threshold}, %").format(threshold=threshold)
    )
    panel.set_title(_("With equally many boxes, a list without doubles finds more"))
    panel.legend(loc="lower right")
    show(
        figure, _("Recall rises with the number of boxes kept, and is highest throughout for the list without doubles.")
    )
