"""Bowls of sauce, cups and glasses."""

import numpy as np

from course_utils.synthetic.colour import jitter
from course_utils.synthetic.wide.outline import polygon_outline
from course_utils.synthetic.wide.part import Part, joined, revolve

_CLAYS = (
    (0.95, 0.95, 0.94),
    (0.95, 0.95, 0.94),
    (0.95, 0.78, 0.76),
    (0.80, 0.30, 0.14),
    (0.30, 0.30, 0.32),
    (0.70, 0.62, 0.50),
)
# Chilli, ketchup, sweet soya, palm sugar, coconut milk, peanut, green sambal, dip of vinegar.
_SAUCES = (
    (0.66, 0.14, 0.06),
    (0.78, 0.10, 0.05),
    (0.10, 0.05, 0.03),
    (0.42, 0.22, 0.09),
    (0.86, 0.74, 0.56),
    (0.55, 0.33, 0.14),
    (0.36, 0.44, 0.10),
    (0.40, 0.10, 0.03),
)
_DRINKS = ((0.45, 0.20, 0.06), (0.16, 0.08, 0.04), (0.86, 0.55, 0.20), (0.90, 0.86, 0.78))


def _vessel(radius: float, base: float, height: float, wall: float = 0.2) -> np.ndarray:
    """Profile of an open vessel, from its inner bottom over the lip to its underside."""
    rise = np.linspace(0, 1, 10)
    reach = base + (radius - base) * rise**0.6
    inner = np.stack([np.maximum(reach - wall, 0.05), wall + (height - wall) * rise], axis=1)
    outer = np.stack([reach, height * rise], axis=1)[::-1]
    return np.concatenate([[(0, wall)], inner, [(radius - wall / 2, height + wall / 3)], outer, [(0, 0)]])


def _filled(rng, radius, base, height, colour, fill: float, outline=None, bits: int = 0, **material) -> list[Part]:
    """A vessel with something liquid in it, and bits that swim in it."""
    body = revolve(_vessel(radius, base, height), colour, 64, outline, **material)
    level = 0.2 + (height - 0.2) * fill
    reach = base + (radius - base) * ((level - 0.2) / (height - 0.2)) ** 0.6 - 0.15
    sauce = jitter(rng, _SAUCES[rng.integers(len(_SAUCES))], 0.03)
    rings = np.linspace(0, reach, 8)
    surface = np.stack([rings, level + 0.02 * np.cos(rings * 3)], axis=1)
    parts = [body, revolve(surface, sauce, 48, outline, roughness=rng.uniform(0.05, 0.3), specular=0.6)]
    if bits:
        chopped = []
        for _ in range(bits):
            size, angle, distance = rng.uniform(0.10, 0.32), rng.uniform(0, 7), reach * 0.85 * np.sqrt(rng.random())
            bit = ((0.78, 0.12, 0.06), (0.30, 0.44, 0.10), (0.86, 0.74, 0.78), (0.93, 0.55, 0.10))[rng.integers(4)]
            place = np.array([distance * np.cos(angle), distance * np.sin(angle), level])
            chopped.append(
                revolve(
                    np.array([(0, 0.08), (size * 0.7, 0.07), (size, 0), (0, -0.05)]),
                    jitter(rng, bit, 0.04),
                    7,
                    roughness=0.2,
                ).moved(angle, place)
            )
        parts.append(joined(chopped))
    return parts


def sauce_bowl(rng: np.random.Generator) -> list[Part]:
    """A small bowl, round or square, with sauce; in a third of them chilli and shallot swim."""
    radius = rng.uniform(2.3, 3.8)
    outline = (
        polygon_outline(np.array([(-1.0, -1), (1, -1), (1, 1), (-1, 1)]) * 0.82, rng.uniform(5, 14))
        if rng.random() < 0.25
        else None
    )
    bits = int(rng.integers(8, 40)) if rng.random() < 0.4 else 0
    colour = jitter(rng, _CLAYS[rng.integers(len(_CLAYS))], 0.03)
    return _filled(
        rng,
        radius,
        radius * rng.uniform(0.5, 0.85),
        rng.uniform(1.3, 2.8),
        colour,
        rng.uniform(0.5, 0.85),
        outline,
        bits,
        roughness=0.18,
    )


def cup(rng: np.random.Generator) -> list[Part]:
    """A cup of coffee or tea."""
    radius = rng.uniform(3.2, 4.4)
    body = _filled(
        rng,
        radius,
        radius * 0.75,
        rng.uniform(5, 8),
        jitter(rng, _CLAYS[rng.integers(len(_CLAYS))]),
        0.85,
        roughness=0.2,
    )
    drink = jitter(rng, _DRINKS[rng.integers(len(_DRINKS))])
    return [body[0], Part(body[1].vertices, body[1].faces, np.tile(drink, (len(body[1].vertices), 1)), 0.08, 0.6)]


def glass(rng: np.random.Generator) -> list[Part]:
    """A tumbler of iced tea or milk: seen as its content with a bright rim, as glass walls are hardly seen."""
    radius, height = rng.uniform(2.6, 3.6), rng.uniform(8, 13)
    drink = jitter(rng, _DRINKS[rng.integers(len(_DRINKS))])
    pale = 0.5 * drink + 0.42

    def colour(v: np.ndarray) -> np.ndarray:
        return np.where((v[:, 2] < 0.8 * height)[:, None], drink, pale)

    return [
        revolve(_vessel(radius, radius * 0.78, height, 0.18), colour, 48, roughness=0.06, specular=0.8, clearcoat=1.0),
        *_content(radius, height, drink),
    ]


def _content(radius, height, drink) -> list[Part]:
    rings = np.linspace(0, radius * 0.9, 6)
    return [revolve(np.stack([rings, np.full(6, 0.8 * height)], axis=1), drink, 40, roughness=0.06, specular=0.6)]


def saucer(rng: np.random.Generator) -> list[Part]:
    """An empty small plate."""
    radius = rng.uniform(4.5, 8)
    return [
        revolve(
            _vessel(radius, radius * 0.6, rng.uniform(0.7, 1.6)),
            jitter(rng, _CLAYS[rng.integers(len(_CLAYS))], 0.03),
            96,
            roughness=0.2,
        )
    ]


def jug(rng: np.random.Generator) -> list[Part]:
    """A sauce boat: a bowl drawn out to a spout, with something creamy or brown in it."""
    radius, point = rng.uniform(2.4, 3.4), rng.uniform(0.25, 0.6)

    def outline(angle: np.ndarray) -> np.ndarray:
        return 1 + point * np.exp(-((np.angle(np.exp(1j * angle)) / 0.5) ** 2))

    return _filled(
        rng,
        radius,
        radius * 0.6,
        rng.uniform(2.5, 4),
        jitter(rng, _CLAYS[rng.integers(2)], 0.02),
        0.8,
        outline,
        roughness=0.15,
    )
