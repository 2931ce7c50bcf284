"""The six street foods, each made anew from a random generator."""

import numpy as np

from course_utils.synthetic.foods.bakwan import make_bakwan
from course_utils.synthetic.foods.bolu import make_bolu
from course_utils.synthetic.foods.cireng import make_cireng
from course_utils.synthetic.foods.serabi import make_serabi
from course_utils.synthetic.foods.shape import FoodShape
from course_utils.synthetic.foods.tahu import make_tahu
from course_utils.synthetic.foods.tempe import make_tempe

_MAKERS = {
    "bakwan": make_bakwan,
    "bolu": make_bolu,
    "cireng": make_cireng,
    "serabi": make_serabi,
    "tahu": make_tahu,
    "tempe": make_tempe,
}


def make_food(name: str, rng: np.random.Generator) -> FoodShape:
    """One piece of the named food; KeyError for any other name. The same generator state gives the same piece."""
    return _MAKERS[name](rng)
