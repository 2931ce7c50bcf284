"""Spoons, forks and knives."""

from functools import partial

import numpy as np

from course_utils.synthetic.colour import jitter
from course_utils.synthetic.wide.part import Part, joined, revolve, sheet

# Steel twice, brass, wood's brown.
_METALS = ((0.80, 0.80, 0.81), (0.80, 0.80, 0.81), (0.85, 0.70, 0.42), (0.46, 0.30, 0.18))


def _steel(rng) -> dict:
    return {"roughness": rng.uniform(0.15, 0.35), "specular": 0.5, "metallic": 1.0}


def _handle(length: float, half: float) -> tuple:
    """A handle along y, from 0 to -length, wider at its end and bent up in the middle."""

    def height(x, y):
        return 0.25 + 0.5 * np.exp(-(((y + 0.3 * length) / (0.35 * length)) ** 2)) - 0.25 * (x / half) ** 2 * 0.3

    def outline(flat: np.ndarray) -> np.ndarray:
        down = (flat[:, 1] - 1) / 2
        return np.stack([flat[:, 0] * (0.35 + 0.65 * down**2), down], axis=1)

    return (half, length), height, outline


def _metal(rng) -> np.ndarray:
    return jitter(rng, _METALS[rng.integers(4)], 0.03)


def spoon(rng: np.random.Generator) -> list[Part]:
    """A spoon of 15 to 20 cm."""
    metal, look, length = _metal(rng), _steel(rng), rng.uniform(9, 13)
    half, height, outline = _handle(length, 0.7)
    handle = sheet(half, height, metal, 14, outline, **look)
    size = rng.uniform(1.6, 2.2)
    bowl = revolve(
        np.array([(0, 0.1), (0.5, 0.15), (0.85, 0.45), (1.0, 0.7), (1.0, 0.62), (0.8, 0.3), (0, 0)]) * [size, 1],
        metal,
        32,
        **look,
    )
    oval = Part(bowl.vertices * [0.75, 1.15, 1] + [0, size * 1.05, 0], bowl.faces, bowl.colours, **look)
    return [_centred([handle, oval])]


def fork(rng: np.random.Generator) -> list[Part]:
    """A fork with four tines."""
    metal, look, length = _metal(rng), _steel(rng), rng.uniform(9, 13)
    half, height, outline = _handle(length, 0.7)

    def taper(flat: np.ndarray) -> np.ndarray:
        return np.stack([flat[:, 0] * (0.65 + 0.35 * flat[:, 1]), flat[:, 1] + 0.9], axis=1)

    def tine(flat: np.ndarray, place: float) -> np.ndarray:
        return np.stack([flat[:, 0] * (1 - 0.3 * flat[:, 1]) + 4.0 * place, flat[:, 1] + 1.9], axis=1)

    neck = sheet((1.1, 1.0), lambda x, y: 0.3 + 0.06 * y**2, metal, 8, taper, **look)
    tines = [
        sheet((0.16, 2.0), lambda x, y: 0.4 + 0.05 * (y - 2) ** 2, metal, 6, partial(tine, place=place), **look)
        for place in (-1.4, -0.48, 0.48, 1.4)
    ]
    return [_centred([sheet(half, height, metal, 14, outline, **look), neck, *tines])]


def knife(rng: np.random.Generator) -> list[Part]:
    """A table knife."""
    metal, look = _metal(rng), _steel(rng)
    half, height, outline = _handle(rng.uniform(8, 10), 0.8)

    def edge(flat: np.ndarray) -> np.ndarray:
        x, y = flat.T
        round_ = np.sqrt(np.clip(1 - np.clip(y, 0, 1) ** 4, 0, 1))
        return np.stack([np.where(x > 0, x * round_, x), y + 1], axis=1)

    blade = sheet((0.95, 5.5), lambda x, y: 0.3 + 0 * x, metal, 16, edge, **look)
    return [_centred([sheet(half, height, metal, 14, outline, **look), blade])]


def _centred(parts: list[Part]) -> Part:
    whole = joined(parts)
    middle = (whole.vertices.min(axis=0) + whole.vertices.max(axis=0)) / 2
    return whole.moved(0, -np.array([middle[0], middle[1], whole.vertices[:, 2].min()]))
