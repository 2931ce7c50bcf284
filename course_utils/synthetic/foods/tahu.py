"""Tahu goreng: deep-fried tofu, a block or a triangle with a puffed, wrinkled, golden skin."""

import numpy as np

from course_utils.synthetic.colour import jitter, mix, smoothstep
from course_utils.synthetic.foods.shape import FoodShape, finish
from course_utils.synthetic.mesh import cube_grid, normals, rounded_box
from course_utils.synthetic.noise import GradientNoise


def make_tahu(rng: np.random.Generator) -> FoodShape:
    """A block of 3 to 4.5 cm a side, or the half of a larger one."""
    noise = GradientNoise(rng)
    triangle = rng.random() < 0.4
    side = rng.uniform(1.6, 2.1)
    height = rng.uniform(0.7, 1.1) if triangle else rng.uniform(0.9, 1.5)
    half = (side * rng.uniform(0.9, 1.1), side * rng.uniform(0.9, 1.1), height)
    cube, faces = cube_grid(60, 60, 40)
    body = rounded_box(cube, half, rng.uniform(0.22, 0.4))
    edge = np.sort(np.abs(cube), axis=1)[:, 1]  # 1 on an edge of the block, 0 in the middle of a face
    if triangle:
        along = (body[:, 0] / half[0] + 1) / 2
        body[:, 1] *= 1.25 * (0.97 - 0.74 * along)
        body[:, 0] *= 1.15
    bent = body + 0.5 * noise.vector(body, 0.8)
    wrinkles = noise(bent * [1, 1, 1.6], 1.3, 3, ridged=True)
    relief = 0.12 * noise(body, 0.45, 2) - 0.13 * (1 - edge**2) + 0.055 * (wrinkles - 0.6)
    relief += 0.022 * noise(body, 4, 2, ridged=True) + 0.008 * noise(body, 12, 2)
    body = body + normals(body, faces) * relief[:, None]
    return finish(body, faces, _colours(rng, noise, body, edge, wrinkles), 0.40, 0.55)


def _colours(rng, noise, body, edge, wrinkles) -> np.ndarray:
    """Golden, pale where it touched its neighbour in the pan, brown along the edges."""
    golden, brown, pale = (jitter(rng, c) for c in ((0.84, 0.57, 0.20), (0.56, 0.30, 0.08), (0.94, 0.80, 0.48)))
    patches = noise(body + 3, 0.7, 4)
    colours = mix(golden, pale, smoothstep(0.1, 0.9, 0.8 * patches + 0.45 * (1 - edge) + 0.15))
    browned = 0.75 * edge**3 + 0.5 * patches - 0.30 * (wrinkles - 0.6)
    colours = mix(colours, brown, 0.85 * smoothstep(0.55, 1.15, browned))
    return colours * ((1 + 0.10 * noise(body, 5, 3)) * (1 - 0.14 * smoothstep(0.2, -0.6, wrinkles)))[:, None]
