"""The plate's diameter, the scale that follows from it, and the kilocalories."""

from collections.abc import Callable

import numpy as np

from course_utils import masks
from course_utils.calories.estimator import Meal
from course_utils.dataset.scene import Scene
from course_utils.explorables.page import numbers, photo, show
from course_utils.plots.style import WRONG, new_figure
from course_utils.translation.say import _

_DIAMETERS = np.arange(14, 30.25, 0.5)  # cm


def ruler(scene: Scene, estimate: Callable[[float], Meal]) -> None:
    """Show a plate whose diameter can be changed; ``estimate(diameter_cm)`` gives the meal."""
    question = _("The plate is 10 % larger than you say. By how much are your kilocalories off: 10 %, 21 %, 33 %?")
    assert scene.plate_diameter_cm is not None, "a plate of known size is needed"
    meals = [estimate(float(cm)) for cm in _DIAMETERS]
    rows = [[float(cm), *numbers([meal.kcal, *meal.interval], 0)] for cm, meal in zip(_DIAMETERS, meals, strict=True)]
    x1, y1, x2, y2 = masks.to_box(scene.plate_mask).tolist()
    start = int(np.abs(_DIAMETERS - scene.plate_diameter_cm).argmin())
    data = {
        "photo": photo(scene.image),
        "size": scene.size[::-1],
        "rim": [x1, x2, (y1 + y2) / 2],
        "truth": float(_DIAMETERS[start]),
        "rows": rows,
        "start": start,
    }
    figure, axes = new_figure(1, 1, width=5.4, height=3.2)
    axes[0, 0].plot(_DIAMETERS, [row[1] for row in rows], color=WRONG, linewidth=2)
    axes[0, 0].set(xlabel=_("diameter of the plate, cm"), ylabel="kcal", title=_("A wider plate makes a richer meal"))
    alt = _("Kilocalories against the plate's diameter, from {least} at 14 cm to {most} at 30 cm.")
    show("diameter", data, question, figure, alt.format(least=rows[0][1], most=rows[-1][1]))
