"""One plate, three answers: what semantic, instance and panoptic segmentation say of the pixel one points at."""

import numpy as np

from course_utils.dataset import views
from course_utils.dataset.scene import Scene
from course_utils.explorables.page import numbers_as_png, photo, show
from course_utils.plots.scenes import draw_photo, semantic_colours
from course_utils.plots.style import new_figure
from course_utils.translation.say import _


def kinds(scene: Scene) -> None:
    """Show a plate three times, with a cross that moves over all three at once."""
    question = _(
        "Point at a piece, then at its neighbour of the same food. In which of the three pictures does nothing change?"
    )
    segments, listed = views.panoptic(scene)
    facts = {str(segment["id"]): _fact(scene, segment["id"]) for segment in listed}
    pixels = np.argwhere(scene.visible_masks[0])
    y, x = pixels[len(pixels) // 2].tolist()
    data = {
        "photo": photo(scene.image),
        "size": scene.size[::-1],
        "segments": numbers_as_png(segments),
        "facts": facts,
        "start": [x, y],
    }
    figure, axes = new_figure(1, 3, width=9.0, height=3.2)
    draw_photo(axes[0, 0], semantic_colours(views.semantic(scene)), _("Semantic: which food"))
    draw_photo(axes[0, 1], views.instance_map(scene), _("Instance: which piece"))
    draw_photo(axes[0, 2], segments, _("Panoptic: every pixel in one segment"))
    alt = _("One plate as a semantic map, as a set of pieces, and as a panoptic map.")
    show("kinds", data, question, figure, alt)


def _fact(scene: Scene, number: int) -> dict:
    """What a panoptic segment shows."""
    if number < views.FIRST_PIECE_SEGMENT:
        return {"name": _("plate") if number == views.PLATE_SEGMENT else _("table"), "piece": "", "thing": False}
    piece = number - views.FIRST_PIECE_SEGMENT
    return {"name": scene.instances[piece].name, "piece": piece + 1, "thing": True}
