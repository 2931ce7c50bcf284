"""Figures of lesson 10: losses while a model learns, and the way from its last numbers to masks in the photo."""

import numpy as np
from IPython.display import clear_output
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor
from torch.nn import functional as F

from course_utils.dataset.classes import CLASSES
from course_utils.dataset.scene import Scene
from course_utils.mask_rcnn.model import LOSSES
from course_utils.mask_rcnn.parity import LIMIT, Difference
from course_utils.mask_rcnn.postprocess import grow, paste
from course_utils.plots.scenes import draw_box, draw_fill, draw_labels, draw_outline, draw_photo, draw_scene
from course_utils.plots.style import INK, MUTED, RIGHT, WRONG, class_colour, hide_axes, new_figure, show
from course_utils.translation.say import N_, _

NAMES = (N_("background"), *CLASSES)
LOSS_LOOKS = {
    "loss_objectness": (N_("objectness (RPN)"), "#0072B2", "-"),
    "loss_rpn_box_reg": (N_("box (RPN)"), "#0072B2", "--"),
    "loss_classifier": (N_("class"), "#E69F00", "-"),
    "loss_box_reg": (N_("box"), "#E69F00", "--"),
    "loss_mask": (N_("mask"), "#009E73", "-"),
}


class LossPlot:
    """The five losses while training runs: one figure that is drawn again every few steps."""

    def __init__(self, steps: int, every: int = 30):
        """``steps`` of the whole training; ``every``: how many steps between two drawings."""
        self.steps, self.every = steps, every
        self.history: list[list[float]] = []

    def add(self, losses: dict[str, Tensor]) -> None:
        """Note the losses of one step, and draw when it is time."""
        self.history.append([losses[name].item() for name in LOSSES])
        if len(self.history) % self.every == 0 or len(self.history) == self.steps:
            clear_output(wait=True)
            self.draw()

    def draw(self) -> None:
        """The five curves, each the mean of five steps, and their sum."""
        values = np.array(self.history)
        smooth = np.array([values[max(k - 4, 0) : k + 1].mean(axis=0) for k in range(len(values))])
        figure, axes = new_figure(1, 2, width=9.0, height=3.2)
        steps = np.arange(1, len(values) + 1)
        for (label, colour, style), curve in zip((LOSS_LOOKS[name] for name in LOSSES), smooth.T, strict=True):
            axes[0, 0].plot(steps, curve, color=colour, linestyle=style, label=_(label))
        axes[0, 0].set(
            title=_("Five losses, each its own pace"), xlabel=_("step"), xlim=(0, self.steps), ylim=(0, None)
        )
        axes[0, 0].legend(fontsize=8)
        total = smooth.sum(axis=1)
        axes[0, 1].plot(steps, total, color=INK)
        axes[0, 1].set(
            title=_("Their sum after {steps} steps").format(steps=len(values)),
            xlabel=_("step"),
            xlim=(0, self.steps),
            ylim=(0, None),
        )
        show(
            figure,
            _("Five losses over {steps} steps of training, and their sum, which falls.").format(steps=len(values)),
        )


def detections(axes: Axes, photo: np.ndarray, found: dict[str, Tensor], title: str, min_score: float = 0.5) -> None:
    """The surer detections of a photo: filled masks, each with its class."""
    draw_photo(axes, photo, title)
    kept = found["scores"] > min_score
    masks, labels = (found["masks"][kept] > 0.5).numpy(), found["labels"][kept].tolist()
    colours = list(map(class_colour, labels))
    for mask, colour in zip(masks, colours, strict=True):
        draw_fill(axes, mask, colour)
        draw_outline(axes, mask, colour)
    draw_labels(axes, masks, [NAMES[label] for label in labels], colours)


def before_and_after(scene: Scene, before: dict[str, Tensor], after: dict[str, Tensor]) -> None:
    """What a model says about one plate before and after it has learnt it, beside the truth."""
    figure, axes = new_figure(1, 3, width=9.8, height=3.5)
    surest = before["scores"][:5].min().item() - 1e-6 if len(before["scores"]) else 0.5
    detections(axes[0, 0], scene.image, before, _("Random weights: its five surest"), surest)
    detections(axes[0, 1], scene.image, after, _("After training on this plate"))
    draw_scene(axes[0, 2], scene, _("The annotation"), amodal=True)
    show(
        figure,
        _(
            "One plate three times: with random weights the masks are noise; after training they follow the "
            "pieces; on the right the annotation."
        ),
    )


def mask_channels(logits: Tensor, label: int) -> None:
    """All seven masks of one detection ``(7, 28, 28)``: by sigmoid, and by a softmax over the classes."""
    figure, axes = new_figure(2, len(logits), width=1.4 * len(logits), height=3.7)
    for row, masks, kind in ((0, logits.sigmoid(), "sigmoid"), (1, logits.softmax(0), "softmax")):
        for k, (panel, mask) in enumerate(zip(axes[row], masks, strict=True)):
            panel.imshow(mask.numpy(), cmap="gray", vmin=0, vmax=1)
            hide_axes(panel)
            panel.set_title(_(NAMES[k]) if row == 0 else "", fontsize=9, color=class_colour(k) if k == label else INK)
            if k == label:
                panel.add_patch(_frame(mask.shape, class_colour(label)))
        axes[row, 0].set_ylabel(kind)
    figure.suptitle(
        _("Seven masks for one {food}; the class branch has chosen the framed one").format(food=NAMES[label]),
        x=0.02,
        ha="left",
    )
    show(
        figure,
        _(
            "The mask branch's seven masks of one detection. Only that of its own food was trained on pieces like "
            "this. In the upper row each goes through a sigmoid, in the lower they compete in a softmax."
        ),
    )


def _frame(shape: tuple[int, int], colour: str) -> Rectangle:
    return Rectangle((-0.5, -0.5), shape[1], shape[0], fill=False, edgecolor=colour, linewidth=4)


def pasting(scene: Scene, mask: Tensor, box: Tensor, label: int) -> None:
    """The four steps from a raw mask ``(28, 28)`` to the photo, cut out around its ``box`` (4,)."""
    framed = F.pad(mask, (1, 1, 1, 1))
    grown = grow(box[None], framed.shape[-1] / mask.shape[-1])[0]
    pasted = paste(mask[None], box[None], *scene.size)[0]
    figure, axes = new_figure(1, 4, width=10.2, height=3.0)
    for panel, picture, title in (
        (axes[0, 0], mask, _("1. raw, 28 x 28")),
        (axes[0, 1], framed, _("2. a frame of zeros, 30 x 30")),
    ):
        panel.imshow(picture.numpy(), cmap="gray", vmin=0, vmax=1)
        panel.set_title(title, fontsize=10)
        hide_axes(panel)
    draw_photo(axes[0, 2], scene.image, _("3. the box grown to match"))
    draw_box(axes[0, 2], box.numpy(), INK, 1.5, "--")
    draw_box(axes[0, 2], grown.numpy(), class_colour(label), 2.0)
    draw_photo(axes[0, 3], scene.image, _("4. stretched, cut at one half"))
    draw_fill(axes[0, 3], (pasted > 0.5).numpy(), class_colour(label), 0.55)
    draw_outline(axes[0, 3], (pasted > 0.5).numpy(), class_colour(label))
    x1, y1, x2, y2 = grown.tolist()
    for panel in axes[0, 2:]:
        panel.set(xlim=(x1 - 12, x2 + 12), ylim=(y2 + 12, y1 - 12))
    show(
        figure,
        _("A raw mask of 28 by 28, the same with a frame of zeros, its box and the grown one, and the pasted mask."),
    )


def differences(rows: list[Difference]) -> None:
    """Largest difference of every stage on a logarithmic axis, with the limit."""
    smallest = 1e-9
    values = np.array([max(row.largest, smallest) for row in rows])
    exact = np.array([row.largest == 0 for row in rows])
    figure, axes = new_figure(1, 1, width=8.0, height=0.24 * len(rows) + 1.1)
    panel = axes[0, 0]
    places = np.arange(len(rows))
    panel.hlines(places, smallest, values, color=MUTED, linewidth=0.8)
    panel.scatter(values[~exact], places[~exact], color=RIGHT, zorder=3, label=_("rounding of the last digits"))
    panel.scatter(
        values[exact], places[exact], color=INK, marker="|", zorder=3, label=_("not the slightest difference")
    )
    panel.axvline(LIMIT, color=WRONG, linestyle="--", label=_("what would count as different"))
    panel.set(xscale="log", xlim=(smallest * 0.7, 1e-3), xlabel=_("largest difference, relative to the largest number"))
    panel.set(yticks=places, yticklabels=[row.stage for row in rows])
    panel.set_title(
        _("Every stage gives what torchvision's gives") if all(row.equal for row in rows) else _("They differ")
    )
    panel.tick_params(axis="y", labelsize=8)
    panel.invert_yaxis()
    figure.legend(fontsize=8, loc="outside lower center", ncols=3)
    show(
        figure,
        _("Largest difference to torchvision at each stage, on a logarithmic axis: all well below the limit."),
    )
