"""Figures of lesson 04: a look inside every stage of Mask R-CNN, on one plate."""

from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.transforms import Bbox
from scipy.stats import rankdata
from torch import Tensor

from course_utils import boxes
from course_utils.dataset.classes import CLASSES
from course_utils.dataset.scene import Scene
from course_utils.explorables.ranked import ranked_boxes, ranked_masks
from course_utils.mask_rcnn.anchors import cell_anchors
from course_utils.mask_rcnn.roi_align import roi_levels
from course_utils.mask_rcnn.settings import Settings
from course_utils.plots.scenes import draw_box, draw_fill, draw_labels, draw_outline, draw_photo, draw_scene, put_label
from course_utils.plots.style import INK, class_colour, hide_axes, new_figure, show
from course_utils.translation.say import _

LEVELS = ("P2", "P3", "P4", "P5", "P6")
LEVEL_COLOURS = ("#56B4E9", "#009E73", "#E69F00", "#D55E00", "#CC79A7")


def in_photo(found: Tensor, scene: Scene, trace: dict[str, Any]) -> np.ndarray:
    """Boxes of the network's input in pixels of the photo, which the network scales to its own size first."""
    return boxes.resize(found, trace["image_size"], scene.size).numpy()


def feature_maps(trace: dict[str, Any]) -> None:
    """The photo as the network gets it, and where each level of the pyramid responds most.

    Coloured by rank: a few cells at the border respond so strongly that all others would be black beside them.
    """
    maps = list(trace["features"].values())
    figure, axes = new_figure(1, len(maps) + 1, width=10.0, height=2.2)
    image = trace["image"]
    span = image.amax() - image.amin()
    draw_photo(axes[0, 0], ((image - image.amin()) / span).permute(1, 2, 0).numpy(), _("input"))
    for panel, level, name in zip(axes[0, 1:], maps, LEVELS, strict=True):
        panel.imshow(rankdata(level.abs().mean(dim=0).numpy()).reshape(level.shape[1:]), cmap="magma")
        panel.set_title(f"{name}: {level.shape[1]} x {level.shape[2]}", fontsize=10)
        hide_axes(panel)
    show(
        figure,
        _(
            "The input and the mean response of the five pyramid levels, from {height} by {width} cells down to a "
            "few. Pieces and the plate's rim show on the fine levels; the coarse ones are a few squares."
        ).format(height=maps[0].shape[1], width=maps[0].shape[2]),
    )


def anchors_at_a_point(scene: Scene, trace: dict[str, Any], settings: Settings) -> None:
    """All anchors of one place, three shapes on every level, and the places of one level."""
    sizes, ratios = settings.anchor_sizes, settings.anchor_ratios
    figure, axes = new_figure(1, 2, width=8.4, height=3.9)
    draw_photo(
        axes[0, 0],
        scene.image,
        _("{shapes} shapes, in a size of its own on each of {levels} levels").format(
            shapes=len(ratios), levels=len(sizes)
        ),
    )
    middle = np.array([scene.size[1], scene.size[0]] * 2) / 2
    for level, colour in zip(sizes, LEVEL_COLOURS, strict=True):
        for anchor in in_photo(cell_anchors(level, ratios), scene, trace):
            draw_box(axes[0, 0], anchor + middle, colour, 1.3)
    draw_photo(
        axes[0, 1], scene.image, _("The grid of P4: its {shapes} shapes at every cross").format(shapes=len(ratios))
    )
    height, width = trace["image_size"]
    stride = 16
    y, x = np.mgrid[0:height:stride, 0:width:stride]
    x, y = x * scene.size[1] / width, y * scene.size[0] / height
    axes[0, 1].plot(x.ravel(), y.ravel(), "+", color=LEVEL_COLOURS[2], markersize=4)
    show(figure, _("Left: the anchors of every level around the middle of the photo. Right: the grid of one level."))


def draw_boxes(axes: Axes, drawn: np.ndarray, colours: Any, width: float = 0.9, alpha: float = 0.8) -> None:
    """Many boxes ``(N, 4)`` at once; ``colours``: one for all or one for each."""
    x1, y1, x2, y2 = drawn.T - 0.5
    outlines = np.stack([[x1, y1], [x2, y1], [x2, y2], [x1, y2], [x1, y1]]).transpose(2, 0, 1)
    axes.add_collection(LineCollection(list(outlines), colors=colours, linewidths=width, alpha=alpha))


def surest_anchors(scene: Scene, trace: dict[str, Any], count: int = 60) -> None:
    """The anchors with the highest objectness, before and after their deltas have moved them."""
    best = trace["objectness"].topk(count).indices
    found = trace["candidates"]
    figure, axes = new_figure(1, 2, width=8.4, height=4.0)
    draw_photo(
        axes[0, 0],
        scene.image,
        _("The {count} surest of {anchors} anchors").format(count=count, anchors=len(trace["anchors"])),
    )
    draw_boxes(axes[0, 0], in_photo(trace["anchors"][best], scene, trace), LEVEL_COLOURS[1])
    draw_photo(axes[0, 1], scene.image, _("The boxes that the RPN makes of them"))
    order = found["scores"].argsort(descending=True)[:count]
    draw_boxes(axes[0, 1], in_photo(found["boxes"][order], scene, trace), LEVEL_COLOURS[3])
    show(
        figure,
        _("The {count} anchors most likely to hold an object, and the boxes after their correction.").format(
            count=count
        ),
    )


def proposals(scene: Scene, trace: dict[str, Any]) -> None:
    """All boxes before NMS, and those that it leaves."""
    before, after = trace["candidates"]["boxes"], trace["proposals"]
    figure, axes = new_figure(1, 2, width=8.4, height=4.0)
    for panel, drawn, title in (
        (axes[0, 0], before, _("Before NMS: {before} boxes").format(before=len(before))),
        (axes[0, 1], after, _("After: the best {after}").format(after=len(after))),
    ):
        draw_photo(panel, scene.image, title)
        draw_boxes(panel, in_photo(drawn, scene, trace), INK, 0.5, 0.5)
    show(
        figure,
        _("{before} boxes before non-maximum suppression, {after} after it.").format(
            before=len(before), after=len(after)
        ),
    )


def top_proposals(scene: Scene, trace: dict[str, Any], count: int) -> None:
    """The best few proposals beside the annotation."""
    figure, axes = new_figure(1, 2, width=8.4, height=4.0)
    draw_photo(axes[0, 0], scene.image, _("The {count} best proposals").format(count=count))
    draw_boxes(axes[0, 0], in_photo(trace["proposals"][:count], scene, trace), LEVEL_COLOURS[3], 1.3, 0.9)
    draw_scene(axes[0, 1], scene, _("The annotation"), amodal=True)
    show(figure, _("The {count} best proposals, and the annotated pieces.").format(count=count))


def proposal_explorable(scene: Scene, trace: dict[str, Any]) -> None:
    """The best so many proposals, to be chosen in the page."""
    found = in_photo(trace["proposals"], scene, trace)
    question = _("How many of the best proposals does it take until every piece has one?")
    ranked_boxes(scene.image, found, question)


def by_level(scene: Scene, trace: dict[str, Any], side: int) -> None:
    """Which level of the pyramid would serve each proposal if the photo were ``side`` pixels wide."""
    rois = trace["proposals"]
    levels = roi_levels(rois * side / trace["image_size"][1], 2, 5)
    figure, axes = new_figure(1, 4, width=10.2, height=3.0)
    for k, panel in enumerate(axes[0]):
        own = rois[levels == k]
        draw_photo(panel, scene.image, _("{level}: {count} RoIs").format(level=LEVELS[k], count=len(own)))
        draw_boxes(panel, in_photo(own, scene, trace), LEVEL_COLOURS[k], 1.1)
    figure.suptitle(_("If the photo were {side} pixels wide").format(side=side), x=0.01, ha="left")
    show(
        figure,
        _("The proposals split by pyramid level for a photo of {side} pixels: the larger a box, the coarser.").format(
            side=side
        ),
    )


def corrected(scene: Scene, trace: dict[str, Any], min_score: float = 0.5) -> None:
    """The sure detections: the proposal each came from, dashed, and its final box."""
    found = trace["raw_detections"]
    final = in_photo(found["boxes"], scene, trace)
    before = in_photo(trace["rois"][found["rois"]], scene, trace)
    figure, axes = new_figure(1, 1, width=4.8, height=4.9)
    draw_photo(axes[0, 0], scene.image, _("From proposal (dashed) to final box"))
    figure.draw_without_rendering()  # places the axes, see `put_label`
    taken: list[Bbox] = []
    for k in torch.where(found["scores"] > min_score)[0].tolist():
        label = int(found["labels"][k])
        colour = class_colour(label)
        draw_box(axes[0, 0], before[k], colour, 1.2, "--")
        draw_box(axes[0, 0], final[k], colour, 2.2)
        corner = (final[k, 0] + 25, final[k, 1])
        taken.append(put_label(axes[0, 0], corner, f"{CLASSES[label - 1]} {found['scores'][k]:.2f}", colour, taken))
    show(figure, _("The detections: each proposal dashed, the corrected box solid, with class and score."))


def raw_masks(trace: dict[str, Any], limit: int = 8) -> None:
    """The masks of the surest detections as the network gives them."""
    found = trace["raw_detections"]
    count = max(min(limit, len(found["scores"])), 1)
    figure, axes = new_figure(1, count, width=1.3 * count + 0.3, height=2.0)
    for panel, mask, label, score in zip(
        axes[0], found["masks"], found["labels"].tolist(), found["scores"].tolist(), strict=False
    ):
        panel.imshow(mask.numpy(), cmap="gray", vmin=0, vmax=1)
        panel.set_title(f"{CLASSES[label - 1]} {score:.2f}", fontsize=9, color=class_colour(label))
        hide_axes(panel)
    show(figure, _("Masks of 28 by 28 of the surest detections, each in its own box, whatever the box's shape."))


def draw_found(axes: Axes, scene: Scene, found: dict[str, Tensor], min_score: float, title: str) -> None:
    """The detections above a score, with outlines and names."""
    draw_photo(axes, scene.image, title)
    kept = torch.where(found["scores"] > min_score)[0].tolist()
    masks = (found["masks"] > 0.5).numpy()
    for k in kept:
        colour = class_colour(int(found["labels"][k]))
        draw_fill(axes, masks[k], colour, 0.4)
        draw_outline(axes, masks[k], colour)
    labels = found["labels"][kept].tolist()
    draw_labels(axes, masks[kept], [CLASSES[label - 1] for label in labels], list(map(class_colour, labels)))


def result(scene: Scene, found: dict[str, Tensor], min_score: float = 0.5) -> None:
    """Photo, detections and annotation side by side."""
    figure, axes = new_figure(1, 3, width=10.2, height=3.7)
    draw_photo(axes[0, 0], scene.image, _("The photo"))
    draw_found(
        axes[0, 1], scene, found, min_score, _("Mask R-CNN, surer than {min_score:.0%}").format(min_score=min_score)
    )
    draw_scene(axes[0, 2], scene, _("The annotation"), amodal=True)
    show(figure, _("A plate, what the model finds on it each piece named, and its annotation."))


def score_explorable(scene: Scene, found: dict[str, Tensor]) -> None:
    """The detections above a score that can be moved in the page."""
    labels = [int(label) for label in found["labels"]]
    names, colours = [CLASSES[label - 1] for label in labels], [class_colour(label) for label in labels]
    masks = (found["masks"] > 0.5).numpy()
    question = _("What do you gain when you lower the limit, and what do you pay?")
    ranked_masks(scene.image, masks, found["scores"].numpy(), names, colours, question)
