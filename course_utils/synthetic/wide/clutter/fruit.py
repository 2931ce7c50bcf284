"""Fruit and vegetables, whole and in slices."""

import numpy as np

from course_utils.synthetic.colour import jitter, mix, smoothstep
from course_utils.synthetic.noise import GradientNoise
from course_utils.synthetic.wide.part import Part, revolve, tube


def _round(radius: float, squash: float, dent: float, count: int = 26) -> np.ndarray:
    """Profile of a ball with a dent at either end."""
    t = np.linspace(0.02, np.pi - 0.02, count)
    r, z = radius * np.sin(t), radius * squash * np.cos(t)
    z = z - np.sign(z) * dent * radius * np.exp(-((r / (0.35 * radius)) ** 2))
    return np.stack([r, z + radius * squash], axis=1)


def tomato(rng: np.random.Generator) -> list[Part]:
    """A whole tomato."""
    red = jitter(rng, ((0.80, 0.12, 0.06), (0.86, 0.30, 0.10))[rng.integers(2)], 0.04)
    radius = rng.uniform(1.6, 3.2)

    def star(v: np.ndarray) -> np.ndarray:
        points = 0.35 * radius * (1 + 0.4 * np.cos(5 * np.arctan2(v[:, 1], v[:, 0])))
        on_top = (np.hypot(v[:, 0], v[:, 1]) < points) & (v[:, 2] > radius)
        return mix(red, np.array((0.25, 0.42, 0.12)), on_top.astype(float))

    profile = _round(radius, 0.85, 0.16)
    return [revolve(profile, star, 48, lambda a: 1 + 0.03 * np.cos(5 * a), roughness=0.15, specular=0.6)]


def cucumber(rng: np.random.Generator) -> list[Part]:
    """A whole cucumber, lying."""
    length, thick = rng.uniform(8, 14), rng.uniform(1.4, 2.2)
    t = np.linspace(-1, 1, 26)
    path = np.stack([t * length, 0.6 * t**2, np.full(26, thick)], axis=1)
    colours = np.tile(jitter(rng, (0.16, 0.36, 0.10), 0.03), (26, 1)) * (1 + 0.1 * rng.normal(size=(26, 1)))
    return [tube(path, thick * np.sqrt(np.clip(1 - t**6, 0.02, 1)), colours, 14, roughness=0.3)]


def slices(rng: np.random.Generator) -> list[Part]:
    """Slices of cucumber, tomato or lime, some on top of each other."""
    kind, parts = rng.integers(3), []
    radius = rng.uniform(1.5, 2.6)
    for k in range(int(rng.integers(2, 7))):
        noise, place = GradientNoise(rng), np.array([1.5 * k - 3 + rng.normal(0, 0.4), rng.normal(0, 0.7), 0.16 * k])
        parts.append(
            revolve(
                _disc(radius * rng.normal(1, 0.05)),
                lambda v, n=noise: _cut(v, kind, radius, n),
                44,
                roughness=0.15,
                specular=0.6,
            ).moved(rng.uniform(0, 7), place)
        )
    return parts


def _disc(radius: float) -> np.ndarray:
    rings = np.linspace(0, radius, 20)
    return np.concatenate([np.stack([rings, np.full(20, 0.35)], axis=1), [(radius, 0.0), (0, 0.0)]])


def _cut(v, kind, radius, noise) -> np.ndarray:
    share, angle = np.hypot(v[:, 0], v[:, 1]) / radius, np.arctan2(v[:, 1], v[:, 0])
    peel, flesh, core, chambers = (
        ((0.16, 0.36, 0.10), (0.84, 0.90, 0.66), (0.90, 0.93, 0.78), 3),
        ((0.78, 0.10, 0.05), (0.88, 0.32, 0.20), (0.84, 0.52, 0.20), 5),
        ((0.30, 0.52, 0.10), (0.78, 0.86, 0.46), (0.93, 0.95, 0.80), 9),
    )[kind]
    wet = smoothstep(0.2, 0.6, np.abs(np.sin(angle * chambers / 2))) * (share < 0.75) * (share > 0.15)
    colours = mix(np.array(flesh), np.array(core), wet * (0.7 + 0.3 * noise(v, 3, 2)))
    return mix(colours, np.array(peel), smoothstep(0.88, 0.95, share))


def citrus(rng: np.random.Generator) -> list[Part]:
    """A lime, lemon or orange."""
    noise, radius = GradientNoise(rng), rng.uniform(1.8, 3.8)
    colour = jitter(rng, ((0.92, 0.50, 0.08), (0.40, 0.56, 0.12), (0.92, 0.80, 0.20))[rng.integers(3)], 0.03)
    return [
        revolve(
            _round(radius, 0.95, 0.05),
            lambda v: colour * (1 + 0.07 * noise(v, 5, 2))[:, None],
            44,
            roughness=0.35,
            specular=0.5,
        )
    ]


def shallots(rng: np.random.Generator) -> list[Part]:
    """A few shallots with dry tips."""
    parts = []
    for _ in range(int(rng.integers(2, 6))):
        colour, radius = jitter(rng, (0.60, 0.22, 0.36), 0.05), rng.uniform(0.9, 1.5)

        def stripes(v, colour=colour, radius=radius):
            skin = colour * (1 + 0.12 * np.sin(9 * np.arctan2(v[:, 1], v[:, 0])))[:, None]
            return mix(skin, np.array((0.76, 0.58, 0.40)), smoothstep(1.7 * radius, 2.2 * radius, v[:, 2]))

        one = revolve(_onion(radius), stripes, 30, roughness=0.3)
        parts.append(one.moved(rng.uniform(0, 7), np.array([*rng.normal(0, 2, 2), 0])))
    return parts


def garlic(rng: np.random.Generator) -> list[Part]:
    """A bulb of garlic."""
    noise, radius, cloves = GradientNoise(rng), rng.uniform(1.8, 2.6), int(rng.integers(7, 11))

    def skin(v: np.ndarray) -> np.ndarray:
        stripes = 0.05 * np.sin(30 * np.arctan2(v[:, 1], v[:, 0]))
        return np.array((0.93, 0.90, 0.86)) * (1 + stripes + 0.06 * noise(v, 2, 2))[:, None]

    return [revolve(_onion(radius), skin, 60, lambda a: 1 + 0.07 * np.abs(np.sin(cloves * a / 2)), roughness=0.5)]


def _onion(radius: float) -> np.ndarray:
    t = np.linspace(0.02, np.pi - 0.02, 24)
    r = radius * np.sin(t) ** 1.1
    z = radius * 0.85 * np.cos(t) + np.where(t < 0.7, (0.7 - t) * radius * 1.2, 0)
    return np.stack([r, z + radius * 0.85], axis=1)


def banana(rng: np.random.Generator) -> list[Part]:
    """One to three bananas."""
    parts, colour = [], jitter(rng, (0.90, 0.76, 0.20), 0.04)
    for k in range(int(rng.integers(1, 4))):
        angle = np.linspace(-0.8, 0.8, 24)
        path = np.stack([9 * np.sin(angle), 9 * np.cos(angle) - 8 + 2.4 * k, np.full(24, 1.6)], axis=1)
        shape = np.clip(1 - (np.abs(angle) / 0.82) ** 5, 0.12, 1)
        ends = np.where((shape < 0.3)[:, None], np.array((0.35, 0.30, 0.12)), colour)
        parts.append(tube(path, 1.6 * shape, ends, 12, roughness=0.4))
    return parts
