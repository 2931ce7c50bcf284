"""Tempe goreng: a thin fried slice in which whole soya beans lie side by side."""

import numpy as np
from scipy.spatial import cKDTree

from course_utils.synthetic.colour import jitter, mix, smoothstep
from course_utils.synthetic.foods.shape import FoodShape, finish
from course_utils.synthetic.mesh import cube_grid, normals, rounded_box
from course_utils.synthetic.noise import GradientNoise

_BEAN = 0.62  # cm between the middles of two beans


def make_tempe(rng: np.random.Generator) -> FoodShape:
    """A slice of about 5.5 by 3.5 cm, 1 cm thick, often cut askew."""
    noise = GradientNoise(rng)
    cube, faces = cube_grid(104, 68, 13)
    half = (rng.uniform(2.4, 3.2), rng.uniform(1.5, 2.0), rng.uniform(0.35, 0.55))
    body = rounded_box(cube, half, 0.16)
    edge = np.sort(np.abs(cube), axis=1)[:, 1]
    body[:, 0] += body[:, 1] * rng.uniform(-0.35, 0.35)
    bean, which, beans = _beans(rng, noise, body)
    relief = 0.075 * (bean - 0.5) + 0.09 * noise(body, 0.5, 2) + 0.03 * noise(body, 2.5, 3) + 0.012 * noise(body, 10, 2)
    body = body + normals(body, faces) * relief[:, None]
    body[:, 2] += 0.14 * noise(body * [1, 1, 0], 0.25)
    return finish(body, faces, _colours(rng, noise, body, edge, bean, which, beans), 0.42, 0.5)


def _beans(rng, noise, body) -> tuple[np.ndarray, np.ndarray, int]:
    """How far within a bean each point lies (0..1), which bean it is, and how many there are."""
    axes = (np.arange(-4, 4.1, _BEAN), np.arange(-2.6, 2.7, _BEAN * 0.85), np.arange(-0.8, 0.9, _BEAN * 0.8))
    middles = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    middles = middles + rng.normal(0, 0.13, middles.shape)
    stretch = rng.uniform(0.8, 1.25)
    bent = body * [stretch, 1 / stretch, 1] + 0.10 * noise.vector(body, 1.8)
    distance, index = cKDTree(middles).query(bent, k=2)
    gap = distance[:, 1] - distance[:, 0]
    return smoothstep(0.02, 0.20, gap) * smoothstep(0.50, 0.30, distance[:, 0]), index[:, 0], len(middles)


def _colours(rng, noise, body, edge, bean, which, beans) -> np.ndarray:
    shade = 1 + 0.13 * rng.normal(size=(beans, 1))
    bean_colours = (jitter(rng, (0.88, 0.69, 0.37))[None] * shade)[which]
    between, golden, brown = (jitter(rng, c) for c in ((0.56, 0.33, 0.10), (0.76, 0.49, 0.17), (0.42, 0.21, 0.06)))
    patches = noise(body + 3, 0.8, 4)
    colours = mix(np.broadcast_to(between, bean_colours.shape), bean_colours, bean)
    colours = mix(colours, golden, 0.38 + 0.5 * patches)
    colours = mix(colours, brown, 0.8 * smoothstep(0.7, 1.2, 0.85 * edge**4 + 0.45 * patches))
    return colours * (1 + 0.09 * noise(body, 6, 3))[:, None]
