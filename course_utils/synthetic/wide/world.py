"""Which tables, carriers, light and cameras a split draws from; the foreign split has none of the stream's."""

from dataclasses import dataclass

from course_utils.synthetic.wide.cameras import Range


@dataclass(frozen=True)
class World:
    """What may be in a picture; a family that stands twice is drawn twice as often.

    Attributes:
        tables, carriers, lights: families, by the names that `tables`, `carriers` and `lights` know.
        cameras: their range.
    """

    tables: tuple[str, ...]
    carriers: tuple[str, ...]
    lights: tuple[str, ...]
    cameras: Range


STREAM = World(
    tables=(
        "planks",
        "planks",
        "cloth",
        "stone",
        "concrete",
        "burlap",
        "checked",
        "batik",
        "plain",
        "plain",
        "terrazzo",
    ),
    carriers=("plate", "plate", "plate", "bowl", "platter", "oval", "basket", "board", "leaf", "paper"),
    lights=("window", "window", "sun", "bulb", "mixed", "clouds", "flash"),
    cameras=Range(tilt=60, field_of_view=(26, 52)),
)
FOREIGN = World(
    tables=("tiles", "newsprint", "mat"),
    carriers=("scalloped", "steel"),
    lights=("tubes", "dusk"),
    cameras=Range(tilt=60, field_of_view=(60, 72)),
)
