"""A piece outlined by clicking, also where it is hidden, with the score at once."""

import numpy as np

from course_utils.dataset.scene import Scene
from course_utils.explorables.page import photo, show
from course_utils.plots.scenes import draw_photo
from course_utils.plots.style import new_figure
from course_utils.translation.say import _

_AROUND = 30  # pixels around the piece that are shown


def drawing(scene: Scene, index: int) -> None:
    """Show the photo around piece number ``index`` of a plate, to be outlined by hand.

    The corners, in pixels of the whole photo, can be copied as the Python line ``my_polygon = [...]``.
    """
    question = _("Outline the whole piece, also where you cannot see it. Where will your guess be worst?")
    x1, y1, x2, y2 = (int(side) for side in scene.boxes[index])
    left, top = max(x1 - _AROUND, 0), max(y1 - _AROUND, 0)
    window = np.s_[top : y2 + _AROUND, left : x2 + _AROUND]
    crop = scene.image[window]
    data = {
        "photo": photo(crop, quality=88),
        "size": crop.shape[1::-1],
        "offset": [left, top],
        "whole": _rows(scene.masks[index][window]),
        "front": _rows(scene.in_front(index)[window]),
    }
    figure, axes = new_figure(1, 1, width=4.2, height=4.2)
    name = scene.instances[index].name
    draw_photo(axes[0, 0], crop, _("Where does the {name} go on?").format(name=name))
    alt = _("Part of a plate: a {name} that lies partly under other pieces.").format(name=name)
    show("outline", data, question, figure, alt)


def _rows(mask: np.ndarray) -> list[str]:
    return ["".join("1" if pixel else "0" for pixel in row) for row in mask]
