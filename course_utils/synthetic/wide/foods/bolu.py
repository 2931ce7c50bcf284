"""Bolu kukus: a steamed cake in its pleated paper cup, burst into petals, coloured skin over pale crumb."""

from dataclasses import dataclass

import numpy as np

from course_utils.synthetic.colour import jitter, mix, smoothstep
from course_utils.synthetic.foods.shape import FoodShape, finish
from course_utils.synthetic.mesh import cube_grid, normals
from course_utils.synthetic.noise import GradientNoise

# Rose, pandan, brown sugar, chocolate, egg, taro, mocca, red, plain.
_SKINS = (
    (0.93, 0.48, 0.62),
    (0.55, 0.76, 0.22),
    (0.66, 0.36, 0.20),
    (0.36, 0.20, 0.12),
    (0.95, 0.80, 0.40),
    (0.55, 0.28, 0.55),
    (0.72, 0.52, 0.34),
    (0.80, 0.24, 0.26),
    (0.95, 0.90, 0.78),
)
_PAPERS = ((0.96, 0.95, 0.93), (0.96, 0.95, 0.93), (0.90, 0.86, 0.80), (0.46, 0.30, 0.20), (0.93, 0.72, 0.76))


@dataclass(frozen=True)
class BoluStyle:
    """One steaming: lengths in cm; skin colours, crumb, paper; how far the cakes burst, 0..1."""

    radius: float
    cup: float
    crown: float
    burst: float
    skins: tuple
    crumb: tuple
    paper: tuple
    flutes: int
    pleat: float


def draw_style(rng: np.random.Generator) -> BoluStyle:
    """A steaming of cakes 4.5 to 6.5 cm wide."""
    skins = [_SKINS[k] for k in rng.choice(len(_SKINS), 3, replace=False)]
    crumb = (0.97, 0.92, 0.79)
    if rng.random() < 0.25:  # dough of one colour through and through
        crumb = tuple(np.clip(np.array(skins[0]) * 0.92 + 0.06, 0, 1))
        skins = skins[:1]
    return BoluStyle(
        rng.uniform(2.3, 3.1),
        rng.uniform(1.9, 2.9),
        rng.uniform(1.4, 2.2),
        rng.uniform(0.45, 1.1),
        tuple(tuple(c) for c in skins[: rng.integers(1, 4)]),
        crumb,
        _PAPERS[rng.integers(len(_PAPERS))],
        int(rng.integers(22, 36)),
        rng.uniform(0.025, 0.05),
    )


def make_bolu(rng: np.random.Generator, style: BoluStyle) -> FoodShape:
    """One cake of the steaming."""
    noise = GradientNoise(rng)
    cube, faces = cube_grid(52, 52, 52)
    sphere = cube / np.linalg.norm(cube, axis=1, keepdims=True)
    angle, side, up = np.arctan2(sphere[:, 1], sphere[:, 0]), np.hypot(sphere[:, 0], sphere[:, 1]), sphere[:, 2]
    radius, crown = style.radius * rng.normal(1, 0.03), style.crown * rng.normal(1, 0.08)
    petals = int(rng.choice([3, 3, 4, 4, 5]))
    turn = rng.uniform(0, 2 * np.pi) + 0.35 * noise(sphere, 1.4, 2)
    crack = np.abs(np.sin(petals * (angle - turn) / 2))  # 0 in a crack, 1 in the middle of a petal
    above = smoothstep(-0.04, 0.03, up)
    body = _cup_and_dome(angle, side, up, radius, crown, style.cup)
    # Petals meet again below, where the cake swells out of its cup.
    petal = smoothstep(0.25, 0.75, crack + 0.9 * smoothstep(0.35, 0.02, up)) * smoothstep(0.25, 0.55, side) * above
    inside = np.clip(1 - petal, 0, 1) * smoothstep(0.02, 0.3, up)
    body[:, 2] += (
        style.burst * crown * (0.42 * petal * smoothstep(1, 0.75, side) - 0.38 * inside * smoothstep(0.1, 0.5, side))
    )
    body[:, :2] *= (1 + above * style.burst * (0.20 * petal * smoothstep(0.45, 0.8, side) - 0.10 * inside))[:, None]
    pleats = 1 - 2 * np.abs((angle / (2 * np.pi) * style.flutes) % 1 - 0.5) * 2
    body[:, :2] *= (1 + style.pleat * pleats * smoothstep(0.03, -0.12, up) * smoothstep(0.2, 0.6, side))[:, None]
    lumps = noise(body, 1.7, 2)
    relief = above * (
        0.16 * noise(body, 0.8, 2) + 0.16 * inside * lumps + 0.05 * noise(body, 4, 2) + 0.035 * noise(body, 8, 1)
    )
    body = body + normals(body, faces) * relief[:, None]
    colours = _colours(rng, noise, style, body, angle, above, inside, pleats)
    return finish(body, faces, colours, 0.8, 0.2)


def _cup_and_dome(angle, side, up, radius, crown, cup) -> np.ndarray:
    """A paper cup that narrows towards its flat base, and a dome that bulges a little over its edge."""
    low = up <= 0
    depth = np.clip(-up * 1.5, 0, 1)
    reach = np.where(
        low, np.minimum(side * 1.34, 1) * (0.97 - 0.27 * depth), side * (1 + 0.10 * (1 - side) * side * 4 * 0.5)
    )
    height = np.where(low, -cup * depth, up * crown)
    return np.stack([reach * radius * np.cos(angle), reach * radius * np.sin(angle), height], axis=1)


def _colours(rng, noise, style, body, angle, above, inside, pleats) -> np.ndarray:
    """Skin in swirls of its colours, crumb in the cracks, paper below."""
    skins = [jitter(rng, c, 0.025) for c in style.skins]
    if len(skins) == 3 and rng.random() < 0.5:
        skins = skins[:1]  # in one steaming, cakes of one colour beside marbled ones
    skin = np.tile(skins[0], (len(body), 1))
    for k, colour in enumerate(skins[1:], 1):
        skin = mix(skin, colour, smoothstep(-0.08, 0.12, noise(body + 7 * k, 0.45, 2)))
    skin = skin * (1 + 0.06 * noise(body, 2.5, 3) + 0.05 * noise(body, 9, 1))[:, None]
    crumb = jitter(rng, style.crumb, 0.01) * (1 + 0.05 * noise(body, 3, 3) + 0.05 * noise(body, 10, 1))[:, None]
    colours = mix(skin, crumb, smoothstep(0.36, 0.70, inside + 0.08 * noise(body, 2.2, 2)))
    paper = np.array(style.paper) * (0.90 + 0.10 * pleats)[:, None]
    stain = mix(paper, paper * 0.7 + 0.3 * skins[0], 0.5 * smoothstep(-0.2, 0.6, noise(body, 0.8, 2)))
    return mix(stain, colours, above)
