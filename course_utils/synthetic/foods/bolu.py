"""Bolu kukus: a steamed sponge in a fluted paper cup, burst open at the top into three or four petals."""

import numpy as np
from scipy.spatial import cKDTree

from course_utils.synthetic.colour import jitter, mix, smoothstep
from course_utils.synthetic.foods.shape import FoodShape, finish
from course_utils.synthetic.mesh import cube_grid, normals
from course_utils.synthetic.noise import GradientNoise

# Rose, pandan, chocolate, egg, plain, taro.
_SKINS = (
    (0.93, 0.52, 0.62),
    (0.52, 0.74, 0.34),
    (0.50, 0.29, 0.17),
    (0.95, 0.82, 0.42),
    (0.94, 0.88, 0.76),
    (0.70, 0.55, 0.78),
)
_FLUTES = 26


def make_bolu(rng: np.random.Generator) -> FoodShape:
    """A cake of 5 to 6 cm across and about 4 cm high, on a base wide enough to stand."""
    noise = GradientNoise(rng)
    cube, faces = cube_grid(60, 60, 60)
    sphere = cube / np.linalg.norm(cube, axis=1, keepdims=True)
    angle, side, up = np.arctan2(sphere[:, 1], sphere[:, 0]), np.hypot(sphere[:, 0], sphere[:, 1]), sphere[:, 2]
    radius, crown, cup = rng.uniform(2.4, 2.9), rng.uniform(1.5, 1.9), rng.uniform(1.6, 2.0)
    petals = int(rng.choice([3, 3, 4]))
    turn = rng.uniform(0, 2 * np.pi) + 0.22 * noise(sphere, 1.8, 2)
    from_crack = np.abs(np.sin(petals * (angle - turn) / 2)) * np.maximum(side, 0.10)
    body = _cup_and_dome(angle, side, up, radius, crown, cup)
    body, open_ = _burst(body, noise, sphere, from_crack, side, up)
    body[:, :2] *= (1 + 0.028 * np.cos(_FLUTES * angle) * smoothstep(0.02, -0.1, up))[:, None]
    above = smoothstep(-0.06, 0.04, up)
    pores = _pores(rng, body, 1500)
    relief = above * (
        0.07 * noise(body, 1.0, 2)
        + 0.012 * noise(body, 6, 2)
        - open_ * 0.07 * pores
        + open_ * 0.05 * noise(body, 3.5, 2, ridged=True)
    )
    body = body + normals(body, faces) * relief[:, None]
    return finish(body, faces, _colours(rng, noise, body, angle, above, open_, from_crack, pores), 0.74, 0.25)


def _cup_and_dome(angle, side, up, radius, crown, cup) -> np.ndarray:
    """A cup that narrows towards its flat base, with a dome on it."""
    low = up <= 0
    depth = np.clip(-up * 1.35, 0, 1)
    reach = np.where(low, np.minimum(side * 1.25, 1) * (1 - 0.28 * depth), side) * radius
    height = np.where(low, -cup * depth, up * crown)
    return np.stack([reach * np.cos(angle), reach * np.sin(angle), height], axis=1)


def _burst(body, noise, sphere, from_crack, side, up) -> tuple[np.ndarray, np.ndarray]:
    """Open the dome along its cracks and let the petals curl out; also how open each point lies, 0..1."""
    top = smoothstep(-0.02, 0.35, up)
    open_ = np.exp(-((from_crack / 0.24) ** 2)) * top
    petal = (1 - np.exp(-((from_crack / 0.50) ** 2))) * top
    body = body.copy()
    body[:, 2] += 0.75 * petal * np.exp(-(((side - 0.62) / 0.30) ** 2))
    body[:, 2] -= open_ * (1.0 + 0.25 * noise(sphere, 2)) * (1 - 0.35 * side)
    body[:, :2] *= (1 - 0.10 * open_ + 0.13 * petal * smoothstep(0, 0.5, up))[:, None]
    return body, open_


def _pores(rng, body, count) -> np.ndarray:
    """1 in the bubbles of the crumb, 0 between them."""
    centres = body[rng.integers(len(body), size=count)] + rng.normal(0, 0.05, (count, 3))
    return np.exp(-((cKDTree(centres).query(body)[0] / 0.085) ** 2))


def _colours(rng, noise, body, angle, above, open_, from_crack, pores) -> np.ndarray:
    """Coloured skin, paler towards the torn lips, cream crumb within, white paper below."""
    skin = jitter(rng, _SKINS[rng.integers(len(_SKINS))])
    crumb = jitter(rng, (0.99, 0.95, 0.84), 0.01)
    lips = np.exp(-((from_crack / 0.42) ** 4))
    colours = mix(skin, mix(skin, crumb, np.full(len(body), 0.45)), 0.8 * lips + 0.15 * noise(body, 0.9, 2))
    colours = mix(colours, crumb, 1.15 * smoothstep(0.25, 0.75, open_))
    colours *= (1 - 0.13 * pores * open_)[:, None] * (1 + 0.03 * noise(body, 3, 2))[:, None]
    paper = np.array((0.96, 0.95, 0.92)) * (1 - 0.10 * (np.cos(_FLUTES * angle) < 0))[:, None]
    return mix(paper, colours, above)
