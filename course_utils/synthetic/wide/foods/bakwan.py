"""Bakwan: vegetables in batter, flat and lacy, round as a fist, or a tangle of shreds; some with kernels of maize."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from course_utils.synthetic.colour import jitter, mix, smoothstep
from course_utils.synthetic.foods.shape import FoodShape, finish
from course_utils.synthetic.mesh import cube_grid, normals, rounded_disc, strand, to_disc, wavy_outline
from course_utils.synthetic.noise import GradientNoise
from course_utils.synthetic.wide.outline import ball, stack

_CARROT, _CABBAGE, _LEEK, _MAIZE = (0.93, 0.42, 0.08), (0.86, 0.80, 0.46), (0.34, 0.46, 0.12), (0.96, 0.74, 0.16)
# Batter, brown, pale.
_TONES = (
    ((0.80, 0.54, 0.18), (0.48, 0.24, 0.06), (0.90, 0.72, 0.36)),
    ((0.84, 0.62, 0.20), (0.62, 0.34, 0.08), (0.93, 0.78, 0.40)),
    ((0.78, 0.48, 0.14), (0.46, 0.21, 0.05), (0.88, 0.64, 0.26)),
    ((0.74, 0.60, 0.30), (0.50, 0.30, 0.10), (0.84, 0.76, 0.48)),
)


@dataclass(frozen=True)
class BakwanStyle:
    """One frying: radius and half height in cm, how ragged, and what is in the batter."""

    radius: float
    half_height: float
    ragged: float
    tone: tuple
    shreds: int
    carrot: float
    long: float
    maize: int


def draw_style(rng: np.random.Generator) -> BakwanStyle:
    """A frying of fritters of 5 to 9 cm."""
    kind = rng.choice(3, p=[0.4, 0.3, 0.3])  # flat, round, tangled
    return BakwanStyle(
        (rng.uniform(2.9, 4.0), rng.uniform(2.2, 2.9), rng.uniform(2.5, 3.5))[kind],
        (rng.uniform(0.5, 0.8), rng.uniform(1.2, 1.7), rng.uniform(0.8, 1.3))[kind],
        (rng.uniform(0.7, 1.3), rng.uniform(0.5, 1.0), rng.uniform(1.1, 1.7))[kind],
        tuple(tuple(jitter(rng, c, 0.02)) for c in _TONES[rng.integers(len(_TONES))]),
        (int(rng.integers(35, 70)), int(rng.integers(20, 60)), int(rng.integers(80, 130)))[kind],
        rng.uniform(0.25, 0.75),
        (1.0, 0.9, 1.5)[kind],
        int(rng.integers(15, 50)) if rng.random() < 0.35 else 0,
    )


def make_bakwan(rng: np.random.Generator, style: BakwanStyle) -> FoodShape:
    """One fritter of the frying."""
    noise = GradientNoise(rng)
    cube, faces = cube_grid(56, 56, 14)
    half_height = style.half_height * rng.normal(1, 0.1)
    outline = wavy_outline(rng, style.radius * rng.normal(1, 0.08), 0.085 * style.ragged, 12)
    body = rounded_disc(cube, outline, half_height, half_height * 0.95)
    share, _ = to_disc(cube)
    body *= [1, rng.uniform(0.78, 1), 1]
    body[:, 2] *= 1 - 0.35 * share**2
    relief = 0.24 * noise(body, 0.5, 2) + 0.22 * noise(body + 5, 1.0, 2, ridged=True) - 0.12
    relief += 0.13 * noise(body, 2.2, 2) + 0.05 * noise(body, 6, 2)
    relief += 0.30 * smoothstep(0.7, 1, share) * noise(body + 21, 1.7, 2)  # batter runs out in rags at the rim
    relief *= style.ragged**0.5
    body = body + normals(body, faces) * relief[:, None]
    colours = _batter(rng, noise, style, body, relief, share)
    up = normals(body, faces)
    parts = [(body, faces, colours)] + _lay_shreds(rng, style, body, up, colours) + _lay_maize(rng, style, body, up)
    vertices, triangles, srgb = stack(parts)
    return finish(vertices, triangles, srgb, rng.uniform(0.32, 0.48), rng.uniform(0.45, 0.65), body_faces=len(faces))


def _batter(rng, noise, style, body, relief, share) -> np.ndarray:
    """Pale in the hollows, golden on the flanks, brown on ridges and rim."""
    golden, brown, pale = (jitter(rng, c, 0.02) for c in style.tone)
    patches = noise(body + 3, 0.9, 4)
    colours = mix(golden, pale, 0.45 - 1.2 * relief + 0.7 * patches - 0.4 * share**4)
    colours = mix(colours, brown, smoothstep(0.2, 0.75, relief * 0.9 + 0.45 * patches + 0.30 * share**5))
    vegetable = smoothstep(0.45, 0.7, noise(body + 31, 1.6, 2))
    colours = mix(colours, np.array(_LEEK), 0.5 * vegetable * smoothstep(0.0, 0.5, noise(body + 40, 0.7, 1)))
    return colours * (1 + 0.14 * noise(body, 5, 2))[:, None]


def _lay_shreds(rng, style, body, up, colours) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Curved strands half sunk into the skin; some stand off at the rim."""
    tree, shreds = cKDTree(body), []
    upper = np.flatnonzero(up[:, 2] > -0.3)
    rest = (1 - style.carrot) * np.array([0.65, 0.35])
    along = np.linspace(-1, 1, 10)[:, None]
    for start in rng.choice(upper, style.shreds):
        direction = np.cross(up[start], rng.normal(size=3))
        direction /= np.linalg.norm(direction)
        length, bend = style.long * rng.uniform(0.7, 2.2), rng.normal() * 0.35
        guide = body[start] + direction * along * length / 2 + np.cross(up[start], direction) * bend * along**2
        _, nearest = tree.query(guide)
        lift = 0.03 + 0.16 * style.ragged * rng.random() * np.abs(along) ** 3
        hold = rng.uniform(0.45, 0.85)
        path = body[nearest] * hold + guide * (1 - hold) + up[nearest] * lift
        path[1:-1] = (path[:-2] + path[1:-1] + path[2:]) / 3
        width = rng.uniform(0.05, 0.13)
        points, triangles = strand(path, up[nearest], width, width * 0.6)
        vegetable = (_CARROT, _CABBAGE, _LEEK)[rng.choice(3, p=[style.carrot, *rest])]
        fried = mix(
            np.array(vegetable), np.array(style.tone[1]), np.repeat(0.75 * np.abs(along[:, 0]) ** 2 * rng.random(), 6)
        )
        skin = mix(fried, colours[np.repeat(nearest, 6)], np.full(len(points), rng.uniform(0.1, 0.75)))
        shreds.append((points, triangles, skin * rng.uniform(0.85, 1.1)))
    return shreds


def _lay_maize(rng, style, body, up) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Kernels that bulge out of the batter."""
    points, faces = ball()
    kernels = []
    for start in rng.choice(np.flatnonzero(up[:, 2] > -0.2), style.maize):
        size = rng.uniform(0.20, 0.32) * rng.uniform(0.8, 1.2, 3)
        colour = mix(np.array(_MAIZE), np.array(style.tone[0]), np.full(len(points), rng.uniform(0, 0.5)))
        kernels.append((points * size + body[start] + up[start] * 0.05, faces, colour))
    return kernels
