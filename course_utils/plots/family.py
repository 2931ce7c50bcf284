"""Drawings of lesson 04: the family of Mask R-CNN, and its data flow with every shape."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from course_utils.plots.style import INK, MUTED, hide_axes, new_figure, show

OUTSIDE, LEARNT, NEW = "#E4E0D6", "#CFE3F3", "#F7D9B5"

FAMILY = {
    "R-CNN\n2014": [
        ("proposals from\noutside", OUTSIDE),
        ("crop and warp\nevery region", OUTSIDE),
        ("CNN, once\nper region", NEW),
    ],
    "Fast R-CNN\n2015": [("CNN, once\nper photo", NEW), ("proposals from\noutside", OUTSIDE), ("RoIPool", NEW)],
    "Faster R-CNN\n2015": [("CNN, once\nper photo", LEARNT), ("RPN: learnt\nproposals", NEW), ("RoIPool", LEARNT)],
    "Mask R-CNN\n2017": [("CNN, once\nper photo", LEARNT), ("RPN: learnt\nproposals", LEARNT), ("RoIAlign", NEW)],
}


def block(axes: Axes, x: float, y: float, text: str, colour: str, width: float = 1.7, height: float = 0.72) -> None:
    """A rounded box with words, its middle at (x, y)."""
    corner = (x - width / 2, y - height / 2)
    look = {"boxstyle": "round,pad=0,rounding_size=0.08", "facecolor": colour, "edgecolor": INK, "linewidth": 0.8}
    axes.add_patch(FancyBboxPatch(corner, width, height, **look))
    axes.text(x, y, text, ha="center", va="center", fontsize=8.5)


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A thin arrow from one point to another."""
    axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": MUTED, "linewidth": 1.2})


def family() -> None:
    """The four models of the family as rows of blocks; what each brought is coloured."""
    figure, axes = new_figure(1, 1, width=9.4, height=4.3)
    panel = axes[0, 0]
    for row, (name, blocks) in enumerate(FAMILY.items()):
        y = -row
        panel.text(-1.2, y, name, ha="center", va="center", fontsize=9.5, weight="bold")
        for k, (text, colour) in enumerate([*blocks, ("class and box", LEARNT)]):
            block(panel, 2.1 * k + 0.7, y, text, colour)
            if k:
                arrow(panel, (2.1 * k - 0.55, y), (2.1 * k - 0.15, y))
        if row == len(FAMILY) - 1:
            block(panel, 2.1 * 4 + 0.7, y, "mask", NEW)
            arrow(panel, (2.1 * 4 - 0.55, y), (2.1 * 4 - 0.15, y))
    panel.set(xlim=(-2.2, 10.2), ylim=(-3.6, 0.6))
    panel.set_title("Each generation takes one more step into the network (orange: what was new)")
    hide_axes(panel)
    show(
        figure,
        "R-CNN sends every region through the CNN by itself. Fast R-CNN runs the CNN once and pools regions from its "
        "maps. Faster R-CNN also proposes the regions. Mask R-CNN adds RoIAlign and a mask.",
    )


def flow(trace: dict[str, Any]) -> None:
    """The way of one photo through the model, with the shape of what is handed on."""
    figure, axes = new_figure(1, 1, width=9.8, height=4.5)
    panel = axes[0, 0]

    def shape(name: str) -> str:
        return " x ".join(map(str, trace[name].shape))

    finest, coarsest = (" x ".join(map(str, trace["features"][k].shape)) for k in ("0", "pool"))
    top = [
        ("photo,\nscaled", shape("image"), NEW),
        ("backbone", f"C2 to C5\nC5: {' x '.join(map(str, trace['body']['3'].shape))}", LEARNT),
        ("feature pyramid", f"P2: {finest}\nP6: {coarsest}", LEARNT),
        ("region proposal\nnetwork", f"{len(trace['anchors'])} anchors", LEARNT),
        ("NMS", f"proposals\n{shape('proposals')}", NEW),
    ]
    bottom = [
        ("RoIAlign", f"{shape('roi_features')}", NEW),
        ("class and box", f"{shape('class_logits')}\n{shape('box_deltas')}", LEARNT),
        ("NMS per class", f"boxes\n{shape('mask_rois')}", NEW),
        ("mask branch", f"after RoIAlign again\n{shape('mask_logits')}", LEARNT),
        ("paste", " x ".join(map(str, trace["detections"]["masks"].shape)), NEW),
    ]
    for y, blocks in ((0, top), (-2, bottom)):
        for k, (name, text, colour) in enumerate(blocks):
            block(panel, 2.2 * k, y, name, colour)
            panel.text(2.2 * k, y - 0.46, text, ha="center", va="top", fontsize=8, color=INK)
            if k:
                arrow(panel, (2.2 * k - 1.3, y), (2.2 * k - 0.9, y))
    panel.plot([8.8, 8.8, -1.3, -1.3], [-0.95, -1.35, -1.35, -2], color=MUTED, linewidth=1.2)
    arrow(panel, (-1.3, -2), (-0.9, -2))
    panel.set(xlim=(-1.5, 9.9), ylim=(-3.0, 0.6))
    panel.set_title("One photo on its way: blue is learnt, orange is fixed arithmetic")
    hide_axes(panel)
    show(figure, "The stages of Mask R-CNN in order, each with the shape of what it hands on.")
