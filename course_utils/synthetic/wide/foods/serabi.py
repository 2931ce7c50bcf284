"""Serabi: pancakes white, pandan green, rose or brown with palm sugar, pierced like a sieve or nearly smooth."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from course_utils.synthetic.colour import jitter, mix, smoothstep
from course_utils.synthetic.foods.shape import FoodShape, finish
from course_utils.synthetic.mesh import cube_grid, normals, rounded_disc, to_disc, wavy_outline
from course_utils.synthetic.noise import GradientNoise

_BATTERS = (
    (0.50, 0.70, 0.14),
    (0.36, 0.62, 0.12),
    (0.55, 0.78, 0.38),
    (0.66, 0.80, 0.52),
    (0.96, 0.92, 0.80),
    (0.94, 0.86, 0.66),
    (0.93, 0.55, 0.62),
    (0.95, 0.74, 0.76),
    (0.62, 0.40, 0.20),
)
_SHARES = (0.19, 0.12, 0.12, 0.06, 0.20, 0.12, 0.06, 0.05, 0.08)


@dataclass(frozen=True)
class SerabiStyle:
    """One baking: radius and half height in cm; holes a square cm and their size in cm; how brown rim and face are."""

    radius: float
    half_height: float
    dome: float
    batter: tuple
    holes: float
    hole: float
    depth: float
    rim: float
    scorched: float
    gloss: float


def draw_style(rng: np.random.Generator) -> SerabiStyle:
    """A baking of pancakes of 6 to 9 cm."""
    colour = _BATTERS[rng.choice(len(_BATTERS), p=_SHARES)]
    kind = rng.choice(3, p=[0.45, 0.3, 0.25])  # pierced, smooth, spongy
    light = colour[0] > 0.9 and colour[1] > 0.8
    browned = rng.random() < (0.6 if light else 0.15)
    return SerabiStyle(
        rng.uniform(2.9, 4.4),
        rng.uniform(0.32, 0.62),
        rng.uniform(0.0, 0.45),
        tuple(jitter(rng, colour, 0.025)),
        (rng.uniform(2, 6), rng.uniform(0.2, 1.0), rng.uniform(7, 12))[kind],
        (rng.uniform(0.06, 0.10), rng.uniform(0.05, 0.08), rng.uniform(0.065, 0.085))[kind],
        rng.uniform(0.10, 0.2),
        rng.uniform(0.4, 1.0) if browned else rng.uniform(0, 0.12),
        rng.uniform(0.2, 0.7) if browned else rng.uniform(0, 0.1),
        rng.uniform(0.25, 0.6),
    )


def make_serabi(rng: np.random.Generator, style: SerabiStyle) -> FoodShape:
    """One pancake of the baking."""
    noise = GradientNoise(rng)
    cube, faces = cube_grid(84, 84, 8)
    radius, half_height = style.radius * rng.normal(1, 0.04), style.half_height * rng.normal(1, 0.08)
    body = rounded_disc(cube, wavy_outline(rng, radius, 0.014, 5), half_height, half_height * 0.9)
    body *= [1, rng.uniform(0.92, 1), 1]
    share, _ = to_disc(cube)
    top = cube[:, 2] > 0.5
    body[:, 2] += np.where(top, style.dome * (1 - share**2) + 0.07 * np.exp(-(((share - 0.86) / 0.08) ** 2)), 0)
    holes = _holes(rng, style, body, share, top, radius)
    relief = 0.05 * noise(body, 0.6, 3) + 0.02 * noise(body, 1.6, 2) - style.depth * holes
    body = body + normals(body, faces) * relief[:, None]
    body[:, 2] += 0.22 * noise(body * [1, 1, 0], 0.18)
    return finish(body, faces, _colours(rng, noise, style, body, share, top, holes), 0.4, style.gloss)


def _holes(rng, style, body, share, top, radius) -> np.ndarray:
    """1 in the holes that steam left in the top, fewer towards the rim."""
    count = int(style.holes * np.pi * radius**2)
    weights = np.clip(1.0 - share[top] ** 4, 0, 1)
    if count == 0:
        return np.zeros(len(body))
    middles = body[top][rng.choice(top.sum(), count, p=weights / weights.sum()), :2]
    # Bubbles keep off each other: of each close pair one goes.
    near = {second for _, second in cKDTree(middles).query_pairs(style.hole * 2.2)}
    middles = np.delete(middles, list(near), axis=0)
    distance, which = cKDTree(middles).query(body[:, :2])
    size = (style.hole * rng.uniform(0.55, 1.35, len(middles)))[which]
    return np.where(top, np.exp(-((distance / size) ** 4)), 0)


def _colours(rng, noise, style, body, share, top, holes) -> np.ndarray:
    batter = jitter(rng, style.batter, 0.012)
    brown, golden = jitter(rng, (0.50, 0.27, 0.09)), jitter(rng, (0.82, 0.58, 0.26))
    patches = noise(body + 4, 0.6, 3)
    pale = np.clip(batter * 1.06 + 0.05, 0, 1)
    colours = mix(batter, pale, 0.5 * smoothstep(0.80, 0.95, share) + 0.25 * patches)
    colours = mix(colours, golden, style.rim * smoothstep(0.72, 0.95, share + 0.10 * patches))
    colours = mix(colours, brown, style.rim * smoothstep(0.84, 1.0, share + 0.09 * patches))
    colours = mix(colours, golden, style.scorched * 0.6 * smoothstep(0.2, 0.9, patches))
    below = mix(batter * 0.85, mix(brown, golden, 0.5 + patches), np.full(len(body), max(style.rim, 0.25)))
    colours = np.where(top[:, None] | (share[:, None] > 0.93), colours, below)
    colours = mix(colours, colours * colours * [0.80, 0.72, 0.60], 0.7 * holes)
    return colours * (1 + 0.025 * noise(body, 5, 2))[:, None]
