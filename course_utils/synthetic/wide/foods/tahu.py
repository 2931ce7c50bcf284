"""Tahu goreng as it is sold: whole blocks, halves and triangles, pale from the first oil or brown from the last."""

from dataclasses import dataclass

import numpy as np

from course_utils.synthetic.colour import jitter, mix, smoothstep
from course_utils.synthetic.foods.shape import FoodShape, finish
from course_utils.synthetic.mesh import cube_grid, normals, rounded_disc, to_disc
from course_utils.synthetic.noise import GradientNoise
from course_utils.synthetic.wide.outline import polygon_outline

# Skin, edges, hollows: from pale to twice fried.
_TONES = (
    ((0.93, 0.82, 0.56), (0.84, 0.63, 0.30), (0.97, 0.91, 0.72)),
    ((0.88, 0.68, 0.33), (0.74, 0.46, 0.15), (0.94, 0.80, 0.50)),
    ((0.82, 0.56, 0.20), (0.62, 0.36, 0.10), (0.90, 0.70, 0.35)),
    ((0.70, 0.40, 0.12), (0.48, 0.24, 0.07), (0.82, 0.56, 0.24)),
)
_CUTS = ("block", "slab", "triangle")


@dataclass(frozen=True)
class TahuStyle:
    """How one batch was cut and fried; lengths in cm, `puff` the share by which skins swell."""

    cut: str
    size: float
    height: float
    tone: tuple
    wrinkles: float
    puff: float


def draw_style(rng: np.random.Generator) -> TahuStyle:
    """A batch of blocks of 3.5 to 5 cm, of slabs, or of triangles."""
    cut = _CUTS[rng.choice(3, p=[0.35, 0.25, 0.4])]
    size = {"block": rng.uniform(1.7, 2.4), "slab": rng.uniform(1.9, 2.6), "triangle": rng.uniform(2.3, 3.2)}[cut]
    height = {"block": rng.uniform(0.75, 1.15) * size, "slab": rng.uniform(0.5, 0.8)}.get(cut, rng.uniform(0.6, 1.2))
    tone = tuple(tuple(jitter(rng, c, 0.02)) for c in _TONES[rng.integers(len(_TONES))])
    return TahuStyle(cut, size, height, tone, rng.uniform(0.4, 1.5), rng.uniform(-0.15, 0.12))


def make_tahu(rng: np.random.Generator, style: TahuStyle) -> FoodShape:
    """One piece of the batch."""
    noise = GradientNoise(rng)
    cube, faces = cube_grid(44, 44, 22)
    size, height = style.size * rng.normal(1, 0.05), style.height * rng.normal(1, 0.06)
    sides = {"block": rng.uniform(0.9, 1.1), "slab": rng.uniform(0.6, 1)}
    if style.cut == "triangle":
        corners = np.array([[-0.62, -0.55], [1.05, -0.55], [-0.62, 1.05]]) * size * rng.uniform(0.94, 1.06, (3, 2))
    else:
        corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * [size, size * sides[style.cut]]
        corners = corners * rng.uniform(0.93, 1.05, (4, 2))
    body = rounded_disc(cube, polygon_outline(corners, 26), height, rng.uniform(0.16, 0.3))
    share, _ = to_disc(cube)
    rim = smoothstep(0.72, 1, share) * smoothstep(0.55, 1, np.abs(cube[:, 2]))
    flank = smoothstep(0.93, 1, share) * (1 - np.abs(cube[:, 2]) ** 2)
    bent = body + 0.4 * noise.vector(body, 0.8)
    folds = noise(bent, 1.2, 3, ridged=True)
    relief = style.puff * ((1 - share**2) + flank) * 1.3 + 0.10 * noise(body, 0.45, 2)
    relief += style.wrinkles * (0.045 * (folds - 0.6) + 0.03 * noise(body, 3, 2, ridged=True)) + 0.012 * noise(
        body, 9, 2
    )
    body = body + normals(body, faces) * relief[:, None]
    return finish(body, faces, _colours(rng, noise, style, body, rim, folds), 0.45, rng.uniform(0.3, 0.55))


def _colours(rng, noise, style, body, rim, folds) -> np.ndarray:
    golden, brown, pale = (jitter(rng, c, 0.02) for c in style.tone)
    patches = noise(body + 3, 0.6, 3)
    colours = mix(golden, pale, smoothstep(0.2, 0.95, 0.8 * patches - 0.3 * rim + 0.25))
    colours = mix(colours, brown, 0.8 * smoothstep(0.4, 1.2, 0.8 * rim + 0.55 * noise(body + 9, 0.9, 3)))
    speckle = 1 + 0.07 * noise(body, 4, 3) + 0.05 * noise(body, 11, 1)
    return colours * (speckle * (1 - 0.12 * smoothstep(0.2, -0.6, folds)))[:, None]
