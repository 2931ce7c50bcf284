"""Other food, paper, and what else lies about."""

import numpy as np

from course_utils.synthetic.colour import jitter, mix, smoothstep
from course_utils.synthetic.noise import GradientNoise
from course_utils.synthetic.wide.outline import ball
from course_utils.synthetic.wide.part import Part, joined, revolve, sheet, tube

_CLOTHS = (
    (0.95, 0.94, 0.92),
    (0.75, 0.20, 0.18),
    (0.30, 0.42, 0.62),
    (0.86, 0.78, 0.62),
    (0.45, 0.52, 0.40),
    (0.20, 0.20, 0.22),
)
_JARS = (
    (0.20, 0.35, 0.55),
    (0.90, 0.90, 0.88),
    (0.55, 0.10, 0.12),
    (0.12, 0.30, 0.20),
    (0.08, 0.08, 0.09),
    (0.70, 0.72, 0.75),
)


def rice(rng: np.random.Generator) -> list[Part]:
    """A mound of cooked rice."""
    points, faces = ball(2)
    radius, height = rng.uniform(3.5, 5.5), rng.uniform(1.5, 3)
    mound = np.stack([radius * np.cos(t := np.linspace(np.pi / 2, 0, 16)), height * np.sin(t)], axis=1)
    colour = jitter(
        rng, ((0.94, 0.93, 0.90), (0.94, 0.93, 0.90), (0.93, 0.78, 0.30), (0.70, 0.46, 0.24))[rng.integers(4)], 0.02
    )
    grains = []
    for _ in range(420):
        angle, share = rng.uniform(0, 2 * np.pi), np.sqrt(rng.random())
        place = np.array(
            [radius * share * np.cos(angle), radius * share * np.sin(angle), height * np.sqrt(1 - share**2) + 0.03]
        )
        turn = rng.uniform(0, 7)
        grain = Part(
            points * [0.40, 0.13, 0.13], faces, np.tile(colour * rng.uniform(0.9, 1.04), (len(points), 1)), 0.4
        )
        grains.append(grain.moved(turn, place))
    return [revolve(mound, colour * 0.85, 40, roughness=0.5), joined(grains)]


def egg(rng: np.random.Generator) -> list[Part]:
    """A fried egg."""
    noise, radius = GradientNoise(rng), rng.uniform(3.2, 4.6)
    yolk = rng.normal(0, 0.3, 2) * radius / 3

    def height(x, y):
        dome = np.sqrt(np.clip(1 - ((x - yolk[0]) ** 2 + (y - yolk[1]) ** 2) / 2.6, 0, 1))
        return np.maximum(0.35 + 0.12 * noise(np.stack([x, y, 0 * x], axis=1), 0.7, 2) + 0.8 * dome, 0.05)

    def colour(v):
        share = np.hypot(v[:, 0], v[:, 1]) / radius
        white = mix(
            np.array((0.96, 0.95, 0.92)),
            np.array((0.72, 0.46, 0.16)),
            smoothstep(0.85, 1.0, share + 0.1 * noise(v, 1, 2)),
        )
        return mix(
            white, np.array((0.95, 0.64, 0.10)), smoothstep(1.65, 1.5, np.hypot(v[:, 0] - yolk[0], v[:, 1] - yolk[1]))
        )

    def outline(f):
        x, y = f.T
        disc = np.stack([x * np.sqrt(1 - y**2 / 2), y * np.sqrt(1 - x**2 / 2)], axis=1)
        return disc * (1 + 0.13 * noise(np.column_stack([disc * 2, disc[:, 0] * 0]), 1, 2))[:, None]

    return [sheet((radius, radius), height, colour, 44, outline, roughness=0.25)]


def noodles(rng: np.random.Generator) -> list[Part]:
    """A tangle of noodles."""
    colour = jitter(rng, ((0.90, 0.76, 0.42), (0.72, 0.42, 0.18), (0.93, 0.90, 0.82))[rng.integers(3)], 0.03)
    strands, radius = [], rng.uniform(2.5, 4)
    for _ in range(60):
        t = np.linspace(0, rng.uniform(3, 9), 26)
        reach, middle = radius * rng.uniform(0.3, 1), rng.normal(0, 0.6, 2)
        path = np.stack(
            [
                middle[0] + reach * np.cos(t) * rng.uniform(0.5, 1),
                middle[1] + reach * np.sin(t + rng.uniform(0, 1)),
                rng.uniform(0.2, 1.8) * (1.2 - reach / radius * 0.6) + 0.15 * np.sin(3 * t),
            ],
            axis=1,
        )
        strands.append(
            tube(path, np.full(26, 0.13), np.tile(colour * rng.uniform(0.85, 1.08), (26, 1)), 5, roughness=0.3)
        )
    return [joined(strands)]


def napkin(rng: np.random.Generator) -> list[Part]:
    """A cloth or a paper napkin, crumpled a little, sometimes with stripes."""
    noise, side = GradientNoise(rng), rng.uniform(5, 11)
    colours = [jitter(rng, c, 0.04) for c in _CLOTHS]
    first, second = colours[rng.integers(6)], colours[rng.integers(6)]
    width, striped = rng.uniform(1, 4), rng.random() < 0.4
    crumple = rng.uniform(0.1, 0.6)

    def folds(x, y):
        return np.maximum(0.1 + crumple * (0.5 + noise(np.stack([x, y, 0 * x], axis=1), 0.22, 3)), 0.03)

    def paint(v):
        stripe = ((v[:, 0] / width % 1) < 0.3)[:, None] & striped
        return np.where(stripe, second, first) * (1 + 0.03 * noise(v, 3, 1))[:, None]

    return [sheet((side, side * rng.uniform(0.5, 1)), folds, paint, 44, roughness=0.85, specular=0.1)]


def card(rng: np.random.Generator) -> list[Part]:
    """A printed card, menu or book: lines and blocks of colour on paper."""
    half, thick = (rng.uniform(3.5, 9), rng.uniform(5, 12)), rng.uniform(0.05, 2)
    paper, ink, block = (
        jitter(rng, c, 0.06)
        for c in (
            (0.90, 0.88, 0.84),
            (0.15, 0.15, 0.18),
            ((0.75, 0.25, 0.15), (0.20, 0.40, 0.60), (0.90, 0.75, 0.20))[rng.integers(3)],
        )
    )
    top = rng.uniform(-0.2, 0.7) * half[1]

    def paint(v):
        lines = (np.floor(v[:, 1] * 2.2) % 2 == 0) & (np.abs(v[:, 0]) < 0.8 * half[0])
        return np.where((v[:, 1] > top)[:, None], block, np.where(lines[:, None], ink * 0.4 + paper * 0.6, paper))

    return [sheet(half, _block(half, thick), paint, 60, roughness=0.5)]


def _block(half: tuple[float, float], thick: float):
    """Height of a flat block with upright sides."""
    return lambda x, y: np.where((np.abs(x) > 0.99 * half[0]) | (np.abs(y) > 0.99 * half[1]), 0.02, thick)


def phone(rng: np.random.Generator) -> list[Part]:
    """A phone, its screen dark."""
    half = (3.6, 7.6)

    def paint(v):
        frame = (np.abs(v[:, 0]) > 3.35) | (np.abs(v[:, 1]) > 7.2)
        return np.where(frame[:, None], np.array((0.55, 0.56, 0.58)), np.array((0.03, 0.03, 0.04)))

    return [sheet(half, _block(half, 0.8), paint, 60, roughness=0.08, specular=0.6)]


def pot(rng: np.random.Generator) -> list[Part]:
    """A jar, bottle or pepper mill: something turned, of any outline and colour but the foods'."""
    height, radius = rng.uniform(5, 18), rng.uniform(1.5, 4)
    t = np.linspace(0, 1, 30)
    reach = (
        radius
        * (0.75 + 0.25 * np.sin(2 * np.pi * (rng.uniform(0.3, 1.2) * t + rng.random())))
        * np.where(t > rng.uniform(0.7, 0.9), rng.uniform(0.4, 0.9), 1)
    )
    profile = np.concatenate([[(0, height)], np.stack([reach[::-1], height * t[::-1]], axis=1), [(0, 0)]])
    first, second = (jitter(rng, _JARS[k], 0.05) for k in rng.integers(0, 6, 2))

    def label(v):
        return np.where(((v[:, 2] > 0.3 * height) & (v[:, 2] < 0.6 * height))[:, None], second, first)

    return [revolve(profile, label, 48, roughness=rng.uniform(0.08, 0.6))]
