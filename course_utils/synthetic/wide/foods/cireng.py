"""Cireng: tapioca dough, white to glassy grey, its skin a fine foam; discs, torn pieces, and filled half-moons."""

from dataclasses import dataclass

import numpy as np

from course_utils.synthetic.colour import jitter, mix, smoothstep
from course_utils.synthetic.foods.shape import FoodShape, finish
from course_utils.synthetic.mesh import cube_grid, normals, rounded_disc, to_disc, wavy_outline
from course_utils.synthetic.noise import GradientNoise
from course_utils.synthetic.wide.outline import spots

_DOUGHS = ((0.94, 0.91, 0.82), (0.90, 0.86, 0.74), (0.82, 0.77, 0.63), (0.93, 0.87, 0.72))


@dataclass(frozen=True)
class CirengStyle:
    """One batch: radius and half height in cm, whether it is folded, its raggedness, colours, and flecks of leek."""

    radius: float
    half_height: float
    folded: bool
    ragged: float
    dough: tuple
    fried: float
    foam: float
    leek: int
    gloss: float


def draw_style(rng: np.random.Generator) -> CirengStyle:
    """A batch of fritters of 5 to 8 cm."""
    return CirengStyle(
        rng.uniform(2.4, 3.7),
        rng.uniform(0.36, 0.75),
        bool(rng.random() < 0.3),
        rng.uniform(0.015, 0.07),
        tuple(jitter(rng, _DOUGHS[rng.integers(len(_DOUGHS))], 0.015)),
        rng.uniform(0.05, 0.75),
        rng.uniform(0.5, 1.4),
        int(rng.integers(2, 14)) if rng.random() < 0.6 else 0,
        rng.uniform(0.35, 0.7),
    )


def make_cireng(rng: np.random.Generator, style: CirengStyle) -> FoodShape:
    """One fritter of the batch."""
    noise = GradientNoise(rng)
    cube, faces = cube_grid(76, 76, 10)
    half_height = style.half_height * rng.normal(1, 0.08)
    outline = wavy_outline(rng, style.radius * rng.normal(1, 0.07), style.ragged, 9)
    body = rounded_disc(cube, outline, half_height, half_height * 0.9)
    share, _ = to_disc(cube)
    top = np.abs(cube[:, 2]) > 0.9
    body = _folded(body) if style.folded else body * [1, rng.uniform(0.78, 1), 1]
    if style.folded:
        crimp = smoothstep(0.80, 0.94, share) * (body[:, 1] > 0.1)
        body[:, 2] *= 1 - 0.62 * crimp
    bubbles = spots(rng, body, np.ones(len(body), bool), int(rng.integers(25, 70)), 0.24)
    foam = noise(body, 2.6, 3, ridged=True)
    relief = 0.13 * noise(body, 0.55, 3) + 0.08 * bubbles + style.foam * (0.035 * foam + 0.018 * noise(body, 7, 2))
    body = body + normals(body, faces) * relief[:, None]
    body[:, 2] += 0.28 * noise(body * [1, 1, 0], 0.22)
    colours = _colours(rng, noise, style, body, share, bubbles, foam)
    leek = spots(rng, body, top, style.leek, 0.17)
    colours = mix(colours, jitter(rng, (0.33, 0.48, 0.14), 0.04), 0.75 * leek)
    return finish(body, faces, colours, 0.33, style.gloss)


def _folded(body: np.ndarray) -> np.ndarray:
    """A half-moon: one half pressed against the fold, thick with filling behind it."""
    body = body.copy()
    body[:, 1] = np.where(body[:, 1] < 0, body[:, 1] * 0.14, body[:, 1] * 1.02)
    body[:, 2] *= 1 + 0.9 * np.exp(-(((body[:, 1] - 1.0) / 1.1) ** 2))
    return body * [1.12, 1.12, 1]


def _colours(rng, noise, style, body, share, bubbles, foam) -> np.ndarray:
    dough = jitter(rng, style.dough, 0.015)
    glassy, golden, brown = dough * [0.86, 0.83, 0.70], jitter(rng, (0.86, 0.68, 0.36)), jitter(rng, (0.70, 0.44, 0.15))
    patches = noise(body + 4, 0.7, 3)
    colours = mix(dough, glassy, 0.5 + 0.8 * noise(body + 14, 0.5, 2))
    colours = mix(colours, np.clip(dough * 1.05, 0, 1), 0.45 * bubbles + 0.25 * smoothstep(0.2, 0.8, foam))
    gold = smoothstep(0.80, 1.04, share + 0.18 * patches) * 0.7 + 0.8 * smoothstep(0.35, 0.95, patches)
    colours = mix(colours, golden, style.fried * gold)
    colours = mix(colours, brown, style.fried * 0.7 * smoothstep(0.65, 1.05, noise(body + 8, 1.1, 3)))
    return colours * (1 + 0.035 * noise(body, 6, 2))[:, None]
