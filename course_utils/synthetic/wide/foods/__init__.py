"""The six street foods in all the ways they are sold: a batch has a style, and each of its pieces is its own."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.synthetic.foods.shape import FoodShape
from course_utils.synthetic.wide.foods import bakwan, bolu, cireng, serabi, tahu, tempe

_BATCHES: dict[str, tuple[Callable[..., Any], Callable[..., FoodShape]]] = {
    "bakwan": (bakwan.draw_style, bakwan.make_bakwan),
    "bolu": (bolu.draw_style, bolu.make_bolu),
    "cireng": (cireng.draw_style, cireng.make_cireng),
    "serabi": (serabi.draw_style, serabi.make_serabi),
    "tahu": (tahu.draw_style, tahu.make_tahu),
    "tempe": (tempe.draw_style, tempe.make_tempe),
}


class Batch:
    """Pieces of one food that were made together and look alike.

    Args:
        name: of the food; KeyError for any other. rng: draws the style.
    """

    def __init__(self, name: str, rng: np.random.Generator):
        draw_style, self._make = _BATCHES[name]
        self.name, self.style = name, draw_style(rng)

    def make(self, rng: np.random.Generator) -> FoodShape:
        """One piece of the batch; the same generator state gives the same piece."""
        return self._make(rng, self.style)
