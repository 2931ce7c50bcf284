"""Drawings of lesson 04: the family of Mask R-CNN, and its data flow with every shape."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from course_utils.plots.style import INK, MUTED, hide_axes, new_figure, show
from course_utils.translation.say import N_, _

OUTSIDE, LEARNT, NEW = "#E4E0D6", "#CFE3F3", "#F7D9B5"

FAMILY = {
    "R-CNN\n2014": [(N_("crop and warp\nevery region"), OUTSIDE), (N_("CNN, once\nper region"), NEW)],
    "Fast R-CNN\n2015": [(N_("CNN, once\nper photo"), NEW), ("RoIPool", NEW)],
    "Faster R-CNN\n2015": [(N_("CNN, once\nper photo"), LEARNT), ("RoIPool", LEARNT)],
    "Mask R-CNN\n2017": [(N_("CNN, once\nper photo"), LEARNT), ("RoIAlign", NEW)],
}
"""The main road of each model; where the regions join it is drawn by `family`."""

REGIONS = (
    (N_("proposals from\noutside"), OUTSIDE),
    (N_("proposals from\noutside"), OUTSIDE),
    (N_("RPN: learnt\nproposals"), NEW),
    (N_("RPN: learnt\nproposals"), LEARNT),
)


def block(axes: Axes, x: float, y: float, text: str, colour: str, width: float = 1.7, height: float = 0.72) -> None:
    """A rounded box with words, its middle at (x, y)."""
    corner = (x - width / 2, y - height / 2)
    look: dict[str, Any] = {
        "boxstyle": "round,pad=0,rounding_size=0.08",
        "facecolor": colour,
        "edgecolor": INK,
        "linewidth": 0.8,
    }
    axes.add_patch(FancyBboxPatch(corner, width, height, **look))
    axes.text(x, y, text, ha="center", va="center", fontsize=8.5)


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A thin arrow from one point to another."""
    axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": MUTED, "linewidth": 1.2})


def family() -> None:
    """The four models of the family: the road from photo to answer, and where regions join it; orange was new."""
    figure, axes = new_figure(1, 1, width=9.4, height=6.4)
    panel = axes[0, 0]
    panel.text(-1.3, 0.15, _("photo"), ha="center", fontsize=8.5, color=MUTED)
    for row, (name, blocks) in enumerate(FAMILY.items()):
        y = -1.75 * row
        panel.text(-2.2, y, name, ha="center", va="center", fontsize=9.5, weight="bold")
        for k, (text, colour) in enumerate(blocks):
            block(panel, 2.6 * k, y, _(text), colour)
            arrow(panel, (2.6 * k - 1.65, y), (2.6 * k - 0.9, y))
        words, colour = REGIONS[row]
        # Regions from outside come from the photo; those of the RPN from the same map that the heads read.
        joins = 0 if row == 0 else 2.6
        block(panel, joins, y - 0.85, _(words), colour, height=0.6)
        arrow(panel, (joins, y - 0.52), (joins, y - 0.38))
        if row >= 2:
            arrow(panel, (0.2, y - 0.38), (joins - 0.9, y - 0.8))
        block(panel, 5.2, y, _("class and box"), LEARNT)
        arrow(panel, (3.5, y), (4.3, y))
    block(panel, 5.2, y - 0.85, _("mask"), NEW, height=0.6)
    arrow(panel, (3.5, y - 0.1), (4.3, y - 0.8))
    panel.set(xlim=(-3.1, 6.3), ylim=(y - 1.3, 0.6))
    panel.set_title(_("Each generation takes one more step into the network (orange: what was new)"))
    hide_axes(panel)
    show(
        figure,
        _(
            "R-CNN sends every region, proposed from outside, through the CNN by itself. Fast R-CNN runs the CNN "
            "once and pools the same regions from its map. Faster R-CNN proposes the regions from that map, too. "
            "Mask R-CNN has RoIAlign, and a mask branch parallel to the one for class and box."
        ),
    )


def flow(trace: dict[str, Any]) -> None:
    """The way of one photo through the model, with the shape of what is handed on."""
    figure, axes = new_figure(1, 1, width=9.8, height=4.5)
    panel = axes[0, 0]

    def shape(name: str) -> str:
        return " x ".join(map(str, trace[name].shape))

    finest, coarsest = (" x ".join(map(str, trace["features"][k].shape)) for k in ("0", "pool"))
    top = [
        (_("photo,\nscaled"), shape("image"), NEW),
        (
            _("backbone"),
            _("C2 to C5\nC5: {shape}").format(shape=" x ".join(map(str, trace["body"]["3"].shape))),
            LEARNT,
        ),
        (_("feature pyramid"), f"P2: {finest}\nP6: {coarsest}", LEARNT),
        (_("region proposal\nnetwork"), _("{anchors} anchors").format(anchors=len(trace["anchors"])), LEARNT),
        ("NMS", _("proposals\n{shape}").format(shape=shape("proposals")), NEW),
    ]
    bottom = [
        ("RoIAlign", f"{shape('roi_features')}", NEW),
        (_("class and box"), f"{shape('class_logits')}\n{shape('box_deltas')}", LEARNT),
        (_("NMS per class"), _("boxes\n{shape}").format(shape=shape("mask_rois")), NEW),
        (_("mask branch"), _("after RoIAlign again\n{shape}").format(shape=shape("mask_logits")), LEARNT),
        (_("paste"), " x ".join(map(str, trace["detections"]["masks"].shape)), NEW),
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
    panel.set_title(_("One photo on its way: blue is learnt, orange is fixed arithmetic"))
    hide_axes(panel)
    show(figure, _("The stages of Mask R-CNN in order, each with the shape of what it hands on."))
