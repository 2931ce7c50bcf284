"""One thing by name: its parts around the origin, standing on z = 0, and the room that it takes."""

from dataclasses import dataclass

import numpy as np

from course_utils.synthetic.wide.clutter import crockery, cutlery, fruit, green, other
from course_utils.synthetic.wide.part import Part

_MAKERS = {
    "sauce": crockery.sauce_bowl,
    "cup": crockery.cup,
    "glass": crockery.glass,
    "saucer": crockery.saucer,
    "jug": crockery.jug,
    "spoon": cutlery.spoon,
    "fork": cutlery.fork,
    "knife": cutlery.knife,
    "chilli": green.chilli,
    "chillies": green.chillies,
    "lettuce": green.lettuce,
    "parsley": green.parsley,
    "pandan": green.pandan,
    "leaf": green.leaf,
    "flowers": green.flowers,
    "tomato": fruit.tomato,
    "cucumber": fruit.cucumber,
    "slices": fruit.slices,
    "citrus": fruit.citrus,
    "shallots": fruit.shallots,
    "garlic": fruit.garlic,
    "banana": fruit.banana,
    "rice": other.rice,
    "egg": other.egg,
    "noodles": other.noodles,
    "napkin": other.napkin,
    "card": other.card,
    "phone": other.phone,
    "pot": other.pot,
}
ON_PLATE = (
    "sauce",
    "sauce",
    "sauce",
    "chilli",
    "chillies",
    "lettuce",
    "parsley",
    "leaf",
    "slices",
    "tomato",
    "fork",
    "pandan",
    "jug",
)
ON_TABLE = (
    *("sauce", "cup", "glass", "saucer", "jug", "spoon", "fork", "knife", "chilli", "chillies", "lettuce", "parsley"),
    *("pandan", "leaf", "flowers", "tomato", "cucumber", "slices", "citrus", "shallots", "garlic", "banana", "rice"),
    *("egg", "noodles", "napkin", "napkin", "card", "phone", "pot"),
)


@dataclass(frozen=True)
class Thing:
    """A thing: its name, its meshes, the radius of the room that it takes and its height, in cm."""

    name: str
    parts: list[Part]
    radius: float
    height: float


def make_thing(rng: np.random.Generator, name: str) -> Thing:
    """The named thing, made anew; KeyError for another name."""
    parts = _MAKERS[name](rng)
    points = np.concatenate([part.vertices for part in parts])
    return Thing(name, parts, float(np.hypot(*points[:, :2].T).max()), float(points[:, 2].max()))
