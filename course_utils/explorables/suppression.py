"""Non-maximum suppression whose threshold can be moved."""

import numpy as np

from course_utils import boxes as box_algebra
from course_utils.dataset.scene import Scene
from course_utils.explorables.page import numbers, photo, show
from course_utils.plots.scenes import draw_box, draw_photo
from course_utils.plots.style import RIGHT, new_figure
from course_utils.translation.say import _


def suppression(scene: Scene, boxes: np.ndarray, scores: np.ndarray, start: float = 0.5) -> None:
    """Show what non-maximum suppression leaves of boxes.

    Args:
        scene: a plate.
        boxes: candidates, ``(N, 4)`` xyxy in pixels of its photo. scores: ``(N,)``.
        start: the threshold to begin with, 0 to 1.
    """
    question = _(
        "When you lower the threshold, when does a piece lose its last good box? And what comes back when you raise it?"
    )
    order = np.argsort(-scores, kind="stable")
    data = {
        "photo": photo(scene.image),
        "size": scene.size[::-1],
        "boxes": numbers(boxes[order], 1),
        "truths": numbers(scene.boxes, 1),
        "start": start,
    }
    kept = boxes[box_algebra.nms(boxes, scores, start)]
    figure, axes = new_figure(1, 1, width=4.2, height=4.2)
    facts = {"start": start, "kept": len(kept), "all": len(boxes)}
    title = _("Threshold {start:.2f}: {kept} of {all} are left").format(**facts)
    draw_photo(axes[0, 0], scene.image, title)
    for box in kept:
        draw_box(axes[0, 0], box, RIGHT, 1.6)
    alt = _("The {kept} of {all} boxes that a threshold of {start} leaves.").format(**facts)
    show("nms", data, question, figure, alt)
