"""Figures of lesson 18 about real photos: pictures with and without what a model fails for, and what it found there."""

from collections.abc import Sequence

import numpy as np

from course_utils import masks
from course_utils.calories.causes import CAUSES, judge
from course_utils.dataset.classes import class_name
from course_utils.dataset.scene import Scene
from course_utils.metrics.instances import Detections
from course_utils.metrics.regions import pairwise_iou
from course_utils.plots.meals import draw_found
from course_utils.plots.scenes import draw_box, draw_outline, draw_photo, zoom
from course_utils.plots.style import INK, class_colour, new_figure, show
from course_utils.translation.say import _


def unmarked(scenes: Sequence[Scene]) -> None:
    """The pictures of all pairs: above those that have something, below the same without it."""
    figure, axes = new_figure(2, len(CAUSES), width=10.4, height=4.7)
    for k, scene in enumerate(scenes):
        draw_photo(axes[k % 2, k // 2], scene.image, "" if k % 2 else f"{k // 2 + 1}: {_(CAUSES[k // 2])}")
    told = ", ".join(map(_, CAUSES))
    show(
        figure, _("Five pairs of plates. Above, what is unusual: {told}. Below, the same without it.").format(told=told)
    )


def found_in_a_row(scenes: Sequence[Scene], found: Sequence[Detections]) -> None:
    """Some pictures with what was found on them, outlined and named."""
    figure, axes = new_figure(1, len(scenes), width=8, height=2.4)
    told = []
    for k, (panel, scene, some) in enumerate(zip(axes[0], scenes, found, strict=True), 1):
        verdict = str(judge(scene, some))
        draw_photo(panel, scene.image)
        panel.set_title(verdict, fontsize=7)
        draw_found(panel, some, [class_name(int(label)) for label in some.labels])
        told.append(f"{k}: {verdict}")
    show(figure, _("Plates with what the model found. {told}.").format(told="; ".join(told)))


def found_on_pairs(scenes: Sequence[Scene], found: Sequence[Detections]) -> None:
    """What was found on the pictures of all pairs, outlined and named, with and without the cause side by side."""
    figure, axes = new_figure(len(CAUSES), 2, width=6.4, height=3.5 * len(CAUSES))
    told = []
    for k, (scene, some) in enumerate(zip(scenes, found, strict=True)):
        panel, cause, verdict = axes[k // 2, k % 2], _(CAUSES[k // 2]), judge(scene, some)
        name = _("without") if k % 2 else f"{k // 2 + 1}: {cause}"
        draw_photo(panel, scene.image)
        panel.set_title(f"{name}\n{verdict}", fontsize=9)
        draw_found(panel, some, [class_name(int(label)) for label in some.labels])
        told.append(f"{cause}, {name}: {verdict}" if k % 2 else f"{name}: {verdict}")
    show(figure, _("Five pairs of plates with what the model found. {told}.").format(told="; ".join(told)))


def cut_by_box(looks: Sequence[tuple[Scene, int, Detections]]) -> None:
    """A piece whose box was too small and one whose box fits: of each the outline drawn, its box, and the true outline.

    Args:
        looks: scene, index of the piece, and what was found on the scene.
    """
    figure, axes = new_figure(1, len(looks), width=7.6, height=4.2)
    told = []
    for panel, (scene, piece, found) in zip(axes[0], looks, strict=True):
        truth = scene.masks[piece]
        overlaps = pairwise_iou(found.regions, truth[None])[:, 0]
        draw_photo(panel, scene.image)
        if overlaps.max(initial=0) > 0:
            best = found.select(np.array([overlaps.argmax()]))
            colour = class_colour(int(best.labels[0]))
            draw_outline(panel, best.regions.masks[0], colour, width=2.4)
            draw_box(panel, masks.to_box(best.regions.masks[0]), colour, 1.2)
            words = _("{name}: IoU {iou:.2f}").format(name=class_name(int(best.labels[0])), iou=overlaps.max())
        else:
            words = _("not found")
        draw_outline(panel, truth, INK, "--", 1.2)
        zoom(panel, truth)
        panel.set_title(words)
        told.append(words)
    show(
        figure,
        _("Two pieces, the outline and box that the model drew, and the true outline dashed. {told}.").format(
            told="; ".join(told)
        ),
    )
