"""Figures of lesson 11, first half: two regions and how much of them is shared."""

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils import boxes, masks
from course_utils.dataset.scene import Scene
from course_utils.plots.scenes import draw_box, draw_fill, draw_outline, draw_photo
from course_utils.plots.style import INK, MUTED, RIGHT, WRONG, new_figure, show
from course_utils.translation.say import _

TRUTH, FOUND = "#0072B2", "#E69F00"  # in these figures: what is there, and what was detected
THRESHOLDS = (0.5, 0.85, 0.9)


def squared_paper(axes: Axes, width: int, height: int) -> None:
    """Empty squared paper, y downwards as in a photo; coordinates are the lines, not the squares."""
    axes.set(xlim=(0, width), ylim=(height, 0), aspect="equal")
    axes.set_xticks(range(width + 1))
    axes.set_yticks(range(height + 1))
    axes.tick_params(length=0, labelsize=7, labelcolor=MUTED)
    axes.grid(color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)


def paper_box(axes: Axes, box: np.ndarray, colour: str, style: str = "-", fill: float = 0.0, width: float = 2) -> None:
    """A box ``(4,)`` xyxy on squared paper."""
    x1, y1, x2, y2 = box
    corner, size = (x1, y1), (x2 - x1, y2 - y1)
    if fill:
        axes.add_patch(Rectangle(corner, *size, color=colour, alpha=fill, linewidth=0))
    axes.add_patch(Rectangle(corner, *size, fill=False, color=colour, linestyle=style, linewidth=width))


def candidates(scene: Scene, truth: np.ndarray, outlines: list[np.ndarray], ious: np.ndarray | None = None) -> None:
    """One piece and several detections of it, from good to bad; their IoUs above them if given."""
    x1, y1, x2, y2 = masks.to_box(truth).astype(int) + [-26, -26, 26, 26]
    x1, y1 = max(x1, 0), max(y1, 0)
    window = (slice(y1, y2), slice(x1, x2))
    figure, axes = new_figure(1, len(outlines), width=2.3 * len(outlines), height=2.75)
    for k, (panel, outline) in enumerate(zip(axes[0], outlines, strict=True)):
        draw_photo(panel, scene.image[window], "ABCDEFGH"[k] + ("" if ious is None else f": IoU {ious[k]:.2f}"))
        draw_outline(panel, truth[window], "white", width=1.4)
        draw_outline(panel, outline[window], WRONG, width=2.4)
    if ious is None:
        alt = _("A piece outlined in white, and {detections} detections of it in orange, worse and worse.")
        show(figure, alt.format(detections=len(outlines)))
    else:
        alt = _(
            "A piece outlined in white, and {detections} detections of it in orange, worse and worse with IoU {ious}."
        )
        show(figure, alt.format(detections=len(outlines), ious=", ".join(f"{iou:.2f}" for iou in ious)))


def two_boxes(a: np.ndarray, b: np.ndarray, counted: bool = True) -> None:
    """Two boxes on squared paper of 12 x 8 squares, their shared squares marked and, if wanted, counted."""
    figure, axes = new_figure(1, 1, width=5.2, height=0.4 + 5.2 * 8 / 12)
    panel = axes[0, 0]
    squared_paper(panel, 12, 8)
    paper_box(panel, a, TRUTH, fill=0.18)
    paper_box(panel, b, FOUND, fill=0.25)
    shared = np.concatenate([np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])])
    intersection = int(np.prod(np.maximum(shared[2:] - shared[:2], 0)))
    if intersection:
        panel.add_patch(
            Rectangle((shared[0], shared[1]), *(shared[2:] - shared[:2]), fill=False, hatch="///", edgecolor=INK, lw=0)
        )
    panel.text(a[0] + 0.15, a[1] + 0.6, "a", color=TRUTH, weight="bold", fontsize=12)
    panel.text(b[2] - 0.15, b[3] - 0.25, "b", color="#9A6700", weight="bold", fontsize=12, ha="right")
    union = int(boxes.area(a) + boxes.area(b)) - intersection
    iou = intersection / union if union else 0.0
    if not counted:
        panel.set_title(_("How many squares in both, how many in at least one?"))
        show(
            figure,
            _(
                "Two boxes on squared paper, a from {a_start} to {a_end} and b from {b_start} to {b_end}, overlap."
            ).format(a_start=a[:2], a_end=a[2:], b_start=b[:2], b_end=b[2:]),
        )
        return
    panel.set_title(
        _("{intersection} squares shared, {union} covered in all: IoU {iou:.2f}").format(
            intersection=intersection, union=union, iou=iou
        )
    )
    show(
        figure,
        _("Two boxes on squared paper share {intersection} squares and cover {union}: IoU {iou:.2f}.").format(
            intersection=intersection, union=union, iou=iou
        ),
    )


def shift_curve(box_iou: Callable[[np.ndarray, np.ndarray], float]) -> None:
    """IoU, as a function of two boxes computes it, of a box with itself, moved sideways or along the diagonal."""
    shift = np.linspace(0, 1, 101)
    moved = np.stack([shift, 0 * shift, 1 + shift, 1 + 0 * shift], axis=1)
    across = moved + np.stack([0 * shift, shift, 0 * shift, shift], axis=1)
    unit = np.array([0.0, 0.0, 1.0, 1.0])
    figure, axes = new_figure(1, 1, width=6.4, height=3.9)
    panel = axes[0, 0]
    panel.plot(100 * shift, [box_iou(box, unit) for box in moved], color=TRUTH, linewidth=2.2)
    panel.plot(100 * shift, [box_iou(box, unit) for box in across], color=WRONG, linewidth=2.2)
    panel.text(49, 0.39, _("moved sideways"), color=TRUTH)
    panel.text(26, 0.12, _("moved sideways and\ndown, each by so much"), color=WRONG, ha="center")
    for threshold in THRESHOLDS:
        limit = 100 * (1 - threshold) / (1 + threshold)  # where (1 - s) / (1 + s) falls to the threshold
        panel.plot([0, limit, limit], [threshold, threshold, 0], color=MUTED, linewidth=1, linestyle=":")
        panel.plot(limit, threshold, "o", color=TRUTH, markersize=5)
        offset = (9, 5) if threshold > 0.87 else (9, -3)
        panel.annotate(
            _("{threshold:g} at {limit:.0f}%").format(threshold=threshold, limit=limit),
            (limit, threshold),
            offset,
            textcoords="offset points",
        )
    panel.set(xlim=(0, 100), ylim=(0, 1.02), xlabel=_("shift, % of the box's side"), ylabel="IoU")
    panel.set_title(_("A tenth of a side off, and IoU is below 0.85"))
    show(
        figure,
        _(
            "IoU against how far a box is moved: 0.9 is reached at 5% of its side, 0.85 at 8%, 0.5 at 33%; along "
            "the diagonal it falls faster."
        ),
    )


def box_against_mask_iou(
    scene: Scene, truth: np.ndarray, outlines: list[tuple[str, np.ndarray]], box_iou: Callable, mask_iou: Callable
) -> None:
    """Detections of one piece for which the boxes' IoU and the masks' IoU disagree.

    Args:
        scene: the photo. truth: ``(H, W)`` bool. outlines: what each detection is called, and its mask.
        box_iou: IoU of two boxes. mask_iou: IoUs ``(D, G)`` of two stacks of masks.
    """
    outlines = [(_(name), outline) for name, outline in outlines]
    x1, y1, x2, y2 = masks.to_box(np.any([truth, *(outline for _, outline in outlines)], axis=0))
    figure, axes = new_figure(1, len(outlines), width=3.9 * len(outlines), height=3.5)
    summary = []
    for panel, (name, outline) in zip(axes[0], outlines, strict=True):
        true_box, found_box = masks.to_boxes(np.array([truth, outline]))
        by_box = box_iou(found_box, true_box)
        by_mask = mask_iou(outline[None], truth[None])[0, 0]
        colour = RIGHT if by_mask >= 0.9 else WRONG
        draw_photo(
            panel,
            scene.image,
            _("{name}:\nIoU of boxes {by_box:.3f}, of masks {by_mask:.3f}").format(
                name=name, by_box=by_box, by_mask=by_mask
            ),
        )
        draw_fill(panel, outline, colour, 0.25)
        draw_outline(panel, outline, colour, width=2.2)
        draw_box(panel, found_box, colour, 2.2, ":")
        draw_outline(panel, truth, "white", width=1.4)
        draw_box(panel, true_box, "white", 1.4, ":")
        panel.set(xlim=(x1 - 20, x2 + 20), ylim=(y2 + 20, y1 - 20))
        summary.append(
            _("{name}: IoU of the boxes {by_box:.3f}, of the masks {by_mask:.3f}").format(
                name=name, by_box=by_box, by_mask=by_mask
            )
        )
    show(
        figure,
        _("True outline and box in white, those of a detection in colour. {told}.").format(told="; ".join(summary)),
    )
