"""Cireng: a flat fritter of tapioca, white and glassy, blistered, golden only at its rim; round or a half-moon."""

import numpy as np
from scipy.spatial import cKDTree

from course_utils.synthetic.colour import jitter, mix, smoothstep
from course_utils.synthetic.foods.shape import FoodShape, finish
from course_utils.synthetic.mesh import cube_grid, normals, rounded_disc, to_disc, wavy_outline
from course_utils.synthetic.noise import GradientNoise


def make_cireng(rng: np.random.Generator) -> FoodShape:
    """A fritter of 5.5 to 7.5 cm, just under 1 cm thick."""
    noise = GradientNoise(rng)
    cube, faces = cube_grid(90, 90, 12)
    half_height = rng.uniform(0.33, 0.46)
    outline = wavy_outline(rng, rng.uniform(2.7, 3.5), 0.022, 6)
    body = rounded_disc(cube, outline, half_height, half_height * 0.8)
    share, _ = to_disc(cube)
    if rng.random() < 0.35:
        body = _folded(body)
    else:
        body *= [1, rng.uniform(0.85, 1), 1]
    blisters = _blisters(rng, body)
    relief = 0.10 * noise(body, 0.5, 2) + 0.06 * noise(body, 1.5, 2) + 0.07 * blisters + 0.012 * noise(body, 7, 2)
    body = body + normals(body, faces) * relief[:, None]
    body[:, 2] += 0.18 * noise(body * [1, 1, 0], 0.22)
    return finish(body, faces, _colours(rng, noise, body, share, blisters), 0.34, 0.6)


def _folded(body: np.ndarray) -> np.ndarray:
    """A half-moon: one half pressed flat against the fold, the other thicker for it."""
    body = body.copy()
    body[:, 1] = np.where(body[:, 1] < 0, body[:, 1] * 0.12, body[:, 1])
    body[:, 2] *= 1 + 0.35 * (1 - smoothstep(0.4, 1.2, body[:, 1]))
    return body * [1.15, 1.15, 1]


def _blisters(rng: np.random.Generator, body: np.ndarray) -> np.ndarray:
    """1 on top of a blister, 0 off it."""
    distance = cKDTree(body[rng.integers(len(body), size=60)]).query(body)[0]
    return np.exp(-((distance / rng.uniform(0.16, 0.3)) ** 2))


def _colours(rng, noise, body, share, blisters) -> np.ndarray:
    white = jitter(rng, (0.94, 0.91, 0.84), 0.015)
    golden, brown = jitter(rng, (0.88, 0.70, 0.40)), jitter(rng, (0.72, 0.47, 0.18))
    patches = noise(body + 4, 0.8, 4)
    gold = 0.75 * smoothstep(0.82, 1.02, share + 0.12 * patches) + 0.45 * smoothstep(0.4, 0.95, patches)
    colours = mix(white, golden, gold + 0.28 * blisters)
    colours = mix(
        colours, brown, 0.7 * smoothstep(0.62, 1.05, noise(body + 8, 1.4, 3) + 0.5 * smoothstep(0.88, 1, share))
    )
    return colours * (1 + 0.04 * noise(body, 5, 2))[:, None]
