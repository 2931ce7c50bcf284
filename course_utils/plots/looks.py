"""Figures of lesson 16, eight looks: what a network draws around one piece when the photo is turned, and the mean."""

import numpy as np
import torch

from course_utils import masks
from course_utils.dataset.scene import Scene
from course_utils.mask_rcnn.looks import turn
from course_utils.plots.scenes import draw_outline, draw_photo, zoom
from course_utils.plots.style import INK, class_colour, new_figure, show
from course_utils.translation.say import N_, _

_VIEWS = (
    N_("as it lies"),
    N_("a quarter turn"),
    N_("half a turn"),
    N_("three quarters"),
    N_("mirrored, as it lies"),
    N_("mirrored, a quarter turn"),
    N_("mirrored, half a turn"),
    N_("mirrored, three quarters"),
)


def eight_sides(scene: Scene, piece: int, drawn: np.ndarray) -> None:
    """The photo as the network got it, eight times, with its outline of one piece and the true one.

    Args:
        scene: the plate. piece: index of the piece.
        drawn: ``(8, H, W) bool``, what was drawn in each view (see `course_utils.mask_rcnn.looks`), turned back.
    """
    truth, colour = scene.masks[piece], class_colour(int(scene.labels[piece]))
    ious = masks.iou(drawn, truth[None])[:, 0]
    photo, outlines = torch.tensor(scene.image).permute(2, 0, 1), torch.tensor(np.stack([truth, *drawn]))
    figure, axes = new_figure(2, 4, width=9.2, height=5.2)
    for view, panel in enumerate(axes.flat):
        image = turn(photo, view).permute(1, 2, 0).numpy()
        right, mask = turn(outlines[[0, 1 + view]], view).numpy()
        draw_photo(panel, image, f"{_(_VIEWS[view])}\nIoU {ious[view]:.2f}")
        draw_outline(panel, right, "white", ":", 1.6)
        draw_outline(panel, mask, colour, width=2.0)
        zoom(panel, right)
    name = scene.instances[piece].name
    show(
        figure,
        _(
            "One {name} in eight views of the same photo. The IoU of the network's outline goes from {lowest:.2f} "
            "to {highest:.2f}."
        ).format(name=name, lowest=ious.min(), highest=ious.max()),
    )


def laid_together(scene: Scene, piece: int, drawn: np.ndarray, mean: np.ndarray) -> None:
    """All eight outlines turned back and laid over one another; beside them the mask that was made of them.

    Args:
        scene, piece, drawn: as in `eight_sides`. mean: ``(H, W) bool``.
    """
    truth, colour = scene.masks[piece], class_colour(int(scene.labels[piece]))
    single, together = masks.iou(drawn, truth[None]).mean(), masks.iou(mean[None], truth[None])[0, 0]
    figure, axes = new_figure(1, 2, width=8.2, height=4.3)
    titles = (
        _("Eight looks: mean IoU {single:.2f}").format(single=single),
        _("Put together: IoU {together:.2f}").format(together=together),
    )
    for panel, outlines, title in zip(axes[0], (drawn, mean[None]), titles, strict=True):
        draw_photo(panel, scene.image, title)
        for mask in outlines:
            draw_outline(panel, mask, INK, width=2.2 if len(outlines) == 1 else 1.6)
            draw_outline(panel, mask, colour, width=1.6 if len(outlines) == 1 else 0.9)
        draw_outline(panel, truth, "white", ":", 1.6)
        zoom(panel, truth)
    show(
        figure,
        _("Outlines of one {name}. {titles}.").format(name=scene.instances[piece].name, titles=". ".join(titles)),
    )
