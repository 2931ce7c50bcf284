"""Serabi: a thick pancake baked in a clay pan, its top full of holes, its rim and underside browned."""

import numpy as np
from scipy.spatial import cKDTree

from course_utils.synthetic.colour import jitter, mix, smoothstep
from course_utils.synthetic.foods.shape import FoodShape, finish
from course_utils.synthetic.mesh import cube_grid, normals, rounded_disc, to_disc, wavy_outline
from course_utils.synthetic.noise import GradientNoise

# Coconut milk twice as often as pandan and palm sugar.
_BATTERS = ((0.95, 0.90, 0.76), (0.95, 0.90, 0.76), (0.66, 0.72, 0.47), (0.80, 0.62, 0.41))


def make_serabi(rng: np.random.Generator) -> FoodShape:
    """A pancake of 6.5 to 8.5 cm, 1 cm thick in the middle."""
    noise = GradientNoise(rng)
    cube, faces = cube_grid(104, 104, 8)
    radius, half_height = rng.uniform(3.2, 4.2), rng.uniform(0.35, 0.5)
    body = rounded_disc(cube, wavy_outline(rng, radius, 0.012, 6), half_height, half_height * 0.85)
    share, _ = to_disc(cube)
    top = cube[:, 2] > 0.5
    body[:, 2] += np.where(top, 0.32 * (1 - share**2) ** 1.5 + 0.10 * share**3, 0)
    holes = _holes(rng, body, share, top, radius)
    relief = 0.06 * noise(body, 0.6, 3) - 0.16 * holes + 0.008 * noise(body, 8, 2)
    body = body + normals(body, faces) * relief[:, None]
    return finish(body, faces, _colours(rng, noise, body, share, top, holes), 0.58, 0.35)


def _holes(rng, body, share, top, radius) -> np.ndarray:
    """1 within the holes that steam left in the top: many small ones, some large, few at the rim."""
    weights = np.clip(1.05 - share[top] ** 3, 0.02, 1)
    weights /= weights.sum()
    holes = np.zeros(len(body))
    for count, size in ((int(80 * radius), rng.uniform(0.055, 0.085)), (int(20 * radius), rng.uniform(0.09, 0.15))):
        centres = body[top][rng.choice(top.sum(), count, p=weights), :2]
        distance = cKDTree(centres).query(body[:, :2])[0]
        holes = np.maximum(holes, np.where(top, np.exp(-((distance / size) ** 4)), 0))
    return holes


def _colours(rng, noise, body, share, top, holes) -> np.ndarray:
    batter = jitter(rng, _BATTERS[rng.integers(len(_BATTERS))], 0.02)
    brown, golden = jitter(rng, (0.55, 0.30, 0.10)), jitter(rng, (0.84, 0.62, 0.30))
    patches = noise(body + 4, 0.7, 4)
    colours = mix(batter, golden, smoothstep(0.64, 0.92, share + 0.10 * patches))
    colours = mix(colours, brown, smoothstep(0.82, 1.0, share + 0.09 * patches))
    colours = mix(colours, golden, 0.45 * smoothstep(0.3, 1, patches))
    colours = np.where(top[:, None], colours, mix(brown, golden, 0.5 + patches) * 0.9)
    colours = mix(colours, colours * [0.72, 0.58, 0.42], 0.8 * holes)
    return colours * (1 + 0.05 * noise(body, 5, 2))[:, None]
