"""A piece that is covered further and further, and what models say of it: computed beforehand."""

from collections.abc import Mapping, Sequence

import numpy as np

from course_utils import masks
from course_utils.explorables.page import outline, photo, show
from course_utils.plots.amodal import Covering, Draw, own_outline
from course_utils.plots.scenes import draw_outline, draw_photo
from course_utils.plots.style import INK, RIGHT, WRONG, new_figure
from course_utils.translation.say import _

_COLOURS = (INK, WRONG, RIGHT)


def covering(coverings: Sequence[Covering], models: Mapping[str, Draw]) -> None:
    """Show a piece under a cover that can be pushed, its true outline dotted, with those of one to three models."""
    question = _("From which hidden share on does the outline no longer hold an IoU of 0.85?")
    around = _window(coverings[0].whole)
    steps = []
    for one in coverings:
        crop = one.photo[around]
        lines = [{"points": outline(one.whole[around]), "colour": "#fff", "dashes": "2 2"}]
        told = []
        for (name, draw), colour in zip(models.items(), _COLOURS, strict=False):
            found, iou = own_outline(draw(one.photo), one)
            if found is None:
                told.append(_("{name}: not found").format(name=name))
            else:
                told.append(_("{name}: IoU {iou:.2f}").format(name=name, iou=iou))
                lines.append({"points": outline(found[around]), "colour": colour})
        best = _("a perfect visible mask: {iou:.2f}").format(iou=1 - one.hidden)
        steps.append({"photo": photo(crop), "lines": lines, "said": "; ".join([*told, best]) + "."})
    data = {
        "label": _("hidden"),
        "names": [f"{one.hidden:.0%}" for one in coverings],
        "size": coverings[0].photo[around].shape[1::-1],
        "start": 0,
        "steps": steps,
    }
    figure, axes = new_figure(1, 1, width=3.8, height=3.8)
    hidden = coverings[-1].hidden
    draw_photo(axes[0, 0], coverings[-1].photo[around], _("{share:.0%} hidden").format(share=hidden))
    draw_outline(axes[0, 0], coverings[-1].whole[around], "white", ":", 1.6)
    alt = _("A piece of which {share:.0%} is hidden, its true outline dotted.").format(share=hidden)
    show("frames", data, question, figure, alt)


def _window(mask: np.ndarray, margin: int = 34) -> tuple[slice, slice]:
    x1, y1, x2, y2 = (int(side) for side in masks.to_box(mask))
    return np.s_[max(y1 - margin, 0) : y2 + margin, max(x1 - margin, 0) : x2 + margin]
