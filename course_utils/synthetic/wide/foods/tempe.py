"""Tempe goreng, plain slices in which beans show, scored or not; and mendoan, its soft coat of batter with leek."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from course_utils.synthetic.colour import jitter, mix, smoothstep
from course_utils.synthetic.foods.shape import FoodShape, finish
from course_utils.synthetic.mesh import cube_grid, normals, rounded_disc, to_disc, wavy_outline
from course_utils.synthetic.noise import GradientNoise
from course_utils.synthetic.wide.outline import polygon_outline, spots

# Beans, the mycelium between them, fried edges.
_TONES = (
    ((0.80, 0.58, 0.28), (0.52, 0.29, 0.09), (0.40, 0.20, 0.06)),
    ((0.72, 0.45, 0.16), (0.46, 0.23, 0.06), (0.34, 0.16, 0.05)),
    ((0.86, 0.68, 0.40), (0.66, 0.44, 0.20), (0.52, 0.30, 0.11)),
    ((0.84, 0.72, 0.50), (0.80, 0.68, 0.48), (0.60, 0.40, 0.18)),
)


@dataclass(frozen=True)
class TempeStyle:
    """How one batch was cut and fried: half sides and height in cm, cuts scored into a side, and batter 0 or 1."""

    half: tuple[float, float, float]
    corners: int
    tone: tuple
    bean: float
    scored: int
    battered: bool
    coat: tuple
    leek: int


def draw_style(rng: np.random.Generator) -> TempeStyle:
    """A batch; three in ten are battered."""
    square = rng.random() < 0.35
    long = rng.uniform(2.2, 3.3)
    wide = long * (rng.uniform(0.88, 1) if square else rng.uniform(0.5, 0.75))
    battered = bool(rng.random() < 0.3)
    coat = ((0.90, 0.76, 0.42), (0.84, 0.62, 0.25), (0.93, 0.84, 0.58))[rng.integers(3)]
    return TempeStyle(
        (long, wide, rng.uniform(0.28, 0.6)),
        3 if rng.random() < 0.12 else 4,
        tuple(tuple(jitter(rng, c, 0.02)) for c in _TONES[rng.integers(len(_TONES))]),
        rng.uniform(0.42, 0.62),
        int(rng.integers(2, 5)) if rng.random() < 0.35 else 0,
        battered,
        tuple(jitter(rng, coat, 0.02)),
        int(rng.integers(4, 18)),
    )


def make_tempe(rng: np.random.Generator, style: TempeStyle) -> FoodShape:
    """One slice of the batch."""
    noise = GradientNoise(rng)
    cube, faces = cube_grid(78, 60, 10)
    half = np.array(style.half) * rng.normal(1, 0.04, 3)
    corners = (
        np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
        if style.corners == 4
        else np.array([(-0.8, -0.8), (1.3, -0.8), (-0.8, 1.3)])
    )
    corners = corners * half[:2] * rng.uniform(0.95, 1.05, (style.corners, 2))
    if style.corners == 4:
        corners[:, 0] += corners[:, 1] * rng.uniform(-0.12, 0.12)
    outline = polygon_outline(corners, 30)
    if style.battered:
        rags = wavy_outline(rng, 1.0, 0.05, 14)
        return _battered(rng, noise, style, cube, faces, lambda a: outline(a) * (1.08 * rags(a)), half[2])
    body = rounded_disc(cube, outline, half[2], 0.13)
    share, _ = to_disc(cube)
    edge = smoothstep(0.88, 1, share)
    bean, which, beans = _beans(rng, noise, style, body)
    cut = _scores(style, body, half) * (np.abs(cube[:, 2]) > 0.9)
    relief = 0.07 * (bean - 0.5) + 0.08 * noise(body, 0.5, 2) + 0.02 * noise(body, 2.5, 2) - 0.13 * cut
    body = body + normals(body, faces) * relief[:, None]
    body[:, 2] += 0.16 * noise(body * [1, 1, 0], 0.22)
    colours = _colours(rng, noise, style, body, edge, bean, which, beans)
    return finish(body, faces, mix(colours, colours * 0.4, 0.8 * cut), 0.42, rng.uniform(0.3, 0.6))


def _scores(style, body, half) -> np.ndarray:
    """1 within the cuts scored across a slice."""
    if not style.scored:
        return np.zeros(len(body))
    across = (body[:, 0] + 0.45 * body[:, 1]) / (half[0] * 1.5) * (style.scored + 1) / 2
    nearest = np.abs(across - np.round(across)) / (style.scored + 1) * 3 * half[0]
    return smoothstep(0.09, 0.03, nearest) * (np.abs(body[:, 1]) < 0.75 * half[1])


def _beans(rng, noise, style, body) -> tuple[np.ndarray, np.ndarray, int]:
    """How far within a bean each point lies (0..1), which bean it is, and how many there are."""
    step = style.bean
    axes = (np.arange(-4.4, 4.5, step), np.arange(-3.6, 3.7, step * 0.8), np.arange(-0.8, 0.9, step * 0.8))
    middles = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    middles = middles + rng.normal(0, 0.24 * step, middles.shape)
    stretch = rng.uniform(0.75, 1.3)
    bent = body * [stretch, 1 / stretch, 1] + 0.14 * noise.vector(body, 1.5)
    distance, index = cKDTree(middles).query(bent, k=2)
    gap = distance[:, 1] - distance[:, 0]
    return smoothstep(0.0, 0.17, gap) * smoothstep(0.55, 0.25, distance[:, 0]), index[:, 0], len(middles)


def _colours(rng, noise, style, body, edge, bean, which, beans) -> np.ndarray:
    shade = 1 + 0.10 * rng.normal(size=(beans, 1))
    colour, between, brown = (jitter(rng, c, 0.02) for c in style.tone)
    patches = noise(body + 3, 0.6, 3)
    colours = mix(np.broadcast_to(between, body.shape), (colour[None] * shade)[which], bean)
    colours = mix(colours, (colour + between) / 2, 0.25 + 0.3 * patches)
    colours = mix(colours, brown, 0.75 * smoothstep(0.6, 1.3, 0.8 * edge + 0.6 * patches))
    return colours * (1 + 0.07 * noise(body, 6, 2))[:, None]


def _battered(rng, noise, style, cube, faces, outline, half_height) -> FoodShape:
    """A slice under batter that runs out in a thin, uneven rim."""
    body = rounded_disc(cube, outline, half_height, half_height * 0.9)
    share, _ = to_disc(cube)
    body[:, 2] *= 1 - 0.6 * smoothstep(0.78, 0.98, share)
    bean, _, _ = _beans(rng, noise, style, body)
    relief = 0.05 * (bean - 0.5) * (share < 0.8) + 0.10 * noise(body, 0.8, 3) + 0.03 * noise(body, 4, 2)
    relief += 0.12 * smoothstep(0.8, 1, share) * noise(body + 20, 1.6, 2)
    body = body + normals(body, faces) * relief[:, None]
    body[:, 2] += 0.30 * noise(body * [1, 1, 0], 0.28)
    coat, fried = jitter(rng, style.coat, 0.02), jitter(rng, (0.74, 0.46, 0.14), 0.03)
    patches = noise(body + 3, 0.9, 4)
    colours = mix(coat, np.array(style.tone[0]), (0.45 * bean + 0.15) * smoothstep(0.9, 0.7, share))
    colours = mix(colours, fried, smoothstep(0.25, 1.0, 0.65 * patches + 0.5 * smoothstep(0.8, 1, share)))
    leek = spots(rng, body, np.abs(cube[:, 2]) > 0.9, style.leek, 0.16)
    colours = mix(colours, jitter(rng, (0.30, 0.46, 0.10), 0.03), 0.85 * leek)
    return finish(body, faces, colours * (1 + 0.07 * noise(body, 5, 2))[:, None], 0.38, 0.55)
