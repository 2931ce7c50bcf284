"""Colours of carriers as functions of place: glazes, wicker, wood, leaves, steel."""

from collections.abc import Callable

import numpy as np

from course_utils.synthetic.colour import jitter, mix, smoothstep
from course_utils.synthetic.noise import GradientNoise

_GLAZES = (
    (0.95, 0.95, 0.94),
    (0.95, 0.95, 0.94),
    (0.95, 0.95, 0.94),
    (0.93, 0.90, 0.82),
    (0.80, 0.86, 0.87),
    (0.56, 0.68, 0.60),
    (0.16, 0.17, 0.19),
    (0.80, 0.64, 0.50),
    (0.52, 0.28, 0.18),
    (0.42, 0.60, 0.20),
    (0.25, 0.38, 0.62),
    (0.90, 0.55, 0.55),
    (0.62, 0.64, 0.66),
)
_INKS = (
    (0.18, 0.28, 0.58),
    (0.62, 0.16, 0.13),
    (0.20, 0.42, 0.26),
    (0.68, 0.54, 0.26),
    (0.55, 0.30, 0.14),
    (0.1, 0.1, 0.1),
)
# Of a flat and a radius: vertices (V, 3) -> sRGB (V, 3).
Colouring = Callable[[float, float], Callable[[np.ndarray], np.ndarray]]


def ceramic(rng: np.random.Generator) -> Colouring:
    """Glaze, plain or with a line, flowers on the rim, or speckles; with traces of oil."""
    noise, base = GradientNoise(rng), jitter(rng, _GLAZES[rng.integers(len(_GLAZES))], 0.02)
    ink, kind, oil = jitter(rng, _INKS[rng.integers(len(_INKS))], 0.04), rng.integers(5), rng.uniform(0, 0.7)
    start, width, waves = rng.uniform(0.82, 0.96), rng.uniform(0.02, 0.08), int(rng.integers(8, 22))

    def colouring(inner: float, radius: float):
        def colours(v: np.ndarray) -> np.ndarray:
            share, angle = np.hypot(v[:, 0], v[:, 1]) / radius, np.arctan2(v[:, 1], v[:, 0])
            shade = mix(
                base * (1 + 0.015 * noise(v, 0.7, 3))[:, None],
                base * [0.93, 0.86, 0.66],
                oil * smoothstep(0.2, 0.7, noise(v + 11, 0.35, 3)) * (share < inner / radius),
            )
            if kind == 0:
                return mix(shade, ink, ((share > start) & (share < start + width)).astype(float))
            if kind == 1:
                flowers = np.sin(waves * angle) * np.sin((share - 0.7) * 24) + 0.6 * noise(v, 1.5, 2)
                return mix(shade, ink, smoothstep(0.35, 0.5, flowers) * (share > inner / radius))
            if kind == 2:
                return mix(shade, base * 0.35, 0.7 * smoothstep(0.62, 0.8, noise(v, 3.5, 1)))
            return shade

        return colours

    return colouring


def wicker(rng: np.random.Generator) -> Colouring:
    """Strips of bamboo over and under each other."""
    base = jitter(rng, ((0.80, 0.62, 0.36), (0.66, 0.44, 0.22), (0.86, 0.74, 0.52))[rng.integers(3)], 0.03)
    noise, width = GradientNoise(rng), rng.uniform(1.3, 2.2)

    def colouring(inner: float, radius: float):
        def colours(v: np.ndarray) -> np.ndarray:
            x, y = v[:, 0] / width, v[:, 1] / width
            over = (np.floor(x) + np.floor(y)) % 2 == 0
            round_ = np.where(over, np.sin(np.pi * (x % 1)), np.sin(np.pi * (y % 1)))
            light = 0.6 + 0.45 * round_ + 0.08 * noise(v, 2, 2)
            rim = np.hypot(v[:, 0], v[:, 1]) > inner
            stripes = 0.8 + 0.25 * np.sin(np.arctan2(v[:, 1], v[:, 0]) * 16 + 5 * v[:, 2])
            return base * np.where(rim, stripes, light)[:, None]

        return colours

    return colouring


def wood(rng: np.random.Generator) -> Colouring:
    """Long grain."""
    base = jitter(
        rng, ((0.80, 0.62, 0.40), (0.58, 0.38, 0.22), (0.88, 0.76, 0.56), (0.30, 0.19, 0.12))[rng.integers(4)], 0.03
    )
    noise, fine = GradientNoise(rng), rng.uniform(2, 5)

    def colouring(inner: float, radius: float):
        def colours(v: np.ndarray) -> np.ndarray:
            rings = np.sin(v[:, 1] * fine + 3 * noise(v * [0.12, 1, 1], 0.5, 2) + v[:, 2])
            return base * (1 + 0.10 * rings + 0.06 * noise(v * [0.2, 1, 1], 4, 2))[:, None]

        return colours

    return colouring


def leaf_green(rng: np.random.Generator) -> Colouring:
    """Banana leaf: veins side by side off a pale midrib that may lie outside of the piece."""
    base = jitter(rng, ((0.22, 0.46, 0.14), (0.34, 0.56, 0.18), (0.14, 0.34, 0.12))[rng.integers(3)], 0.03)
    noise, midrib, veins = GradientNoise(rng), rng.choice([-20.0, rng.uniform(-3, 3)]), rng.uniform(4, 7)

    def colouring(inner: float, radius: float):
        def colours(v: np.ndarray) -> np.ndarray:
            light = 1 + 0.10 * np.sin(veins * (v[:, 0] + 0.35 * np.abs(v[:, 1] - midrib))) + 0.15 * noise(v, 0.2, 2)
            return mix(base * light[:, None], np.array((0.66, 0.76, 0.42)), np.exp(-(((v[:, 1] - midrib) / 0.35) ** 2)))

        return colours

    return colouring


def steel(rng: np.random.Generator) -> Colouring:
    """Brushed steel."""
    base, noise = jitter(rng, (0.78, 0.78, 0.79), 0.04), GradientNoise(rng)
    return lambda inner, radius: lambda v: base * (1 + 0.05 * noise(v * [0.1, 3, 1], 2, 2))[:, None]
