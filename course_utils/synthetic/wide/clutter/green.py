"""Chillies, leaves and herbs."""

import numpy as np

from course_utils.synthetic.colour import jitter, mix
from course_utils.synthetic.noise import GradientNoise
from course_utils.synthetic.wide.outline import ball
from course_utils.synthetic.wide.part import Part, joined, sheet, tube

_CHILLIES = (
    (0.80, 0.10, 0.05),
    (0.88, 0.30, 0.08),
    (0.25, 0.48, 0.10),
    (0.40, 0.58, 0.15),
    (0.90, 0.72, 0.20),
    (0.86, 0.48, 0.46),
)

_BLOSSOMS = ((0.86, 0.70, 0.16), (0.90, 0.88, 0.86), (0.80, 0.40, 0.55), (0.60, 0.45, 0.75))


def chilli(rng: np.random.Generator) -> list[Part]:
    """One bird's eye or long chilli with its stalk."""
    length, thick = rng.uniform(3, 9), rng.uniform(0.3, 0.6)
    t = np.linspace(0, 1, 22)
    bend = rng.uniform(-0.25, 0.25) * length
    path = np.stack([length * (t - 0.5), bend * (t - 0.5) ** 2 * 4 - bend / 2, np.full(22, thick)], axis=1)
    stalk = t > 0.78
    radius = np.where(
        stalk, 0.09 + 0.16 * np.exp(-(((t - 0.79) / 0.04) ** 2)), thick * np.clip(t / 0.5, 0.08, 1) ** 0.55
    )
    colour = jitter(rng, _CHILLIES[rng.integers(len(_CHILLIES))], 0.03)
    colours = np.where(stalk[:, None], jitter(rng, (0.36, 0.48, 0.16), 0.03), colour)
    return [tube(path, radius, colours, roughness=0.15, specular=0.6)]


def chillies(rng: np.random.Generator) -> list[Part]:
    """Several, scattered."""
    count = int(rng.integers(2, 6))
    return [
        chilli(rng)[0].moved(rng.uniform(0, 7), np.array([*rng.normal(0, 1.6, 2), 0.15 * k]), rng.uniform(0.5, 0.8))
        for k in range(count)
    ]


def lettuce(rng: np.random.Generator) -> list[Part]:
    """A leaf or two, ruffled along the rim."""
    parts = []
    for _ in range(int(rng.integers(1, 4))):
        noise, size = GradientNoise(rng), rng.uniform(2.8, 5)
        inner, rim = jitter(rng, (0.78, 0.86, 0.46), 0.03), jitter(rng, (0.38, 0.62, 0.12), 0.04)

        def height(x, y, noise=noise, size=size):
            share = np.hypot(x, y) / size
            points = np.stack([x, y, 0 * x], axis=1)
            return np.maximum(
                0.5 + 0.5 * noise(points, 0.4, 2) + 1.0 * share**2 * noise(points + 5, 1.1, 2) + 0.7 * share**2, 0.03
            )

        def colour(v, inner=inner, rim=rim, size=size, noise=noise):
            return mix(inner, rim, 1.2 * np.hypot(v[:, 0], v[:, 1]) / size + 0.3 * noise(v, 0.9, 2))

        leaf_ = sheet(
            (size, size * rng.uniform(0.6, 1)),
            height,
            colour,
            40,
            lambda f, n=noise: _rounded(f) * (1 + 0.14 * n(np.column_stack([f * 3, f[:, 0] * 0]), 1.4, 2))[:, None],
            roughness=0.4,
        )
        parts.append(leaf_.moved(rng.uniform(0, 7), np.array([*rng.normal(0, 1.2, 2), 0])))
    return parts


def _rounded(flat: np.ndarray) -> np.ndarray:
    x, y = flat.T
    return np.stack([x * np.sqrt(1 - y**2 / 2), y * np.sqrt(1 - x**2 / 2)], axis=1)


def _pointed(flat: np.ndarray) -> np.ndarray:
    x, y = flat.T
    return np.stack([x * np.sqrt(np.clip(1 - np.abs(y) ** 1.6, 0, 1)), y], axis=1)


def parsley(rng: np.random.Generator) -> list[Part]:
    """A tuft of small curled leaves."""
    noise, parts = GradientNoise(rng), []
    green = jitter(rng, ((0.16, 0.42, 0.08), (0.24, 0.52, 0.10))[rng.integers(2)], 0.03)
    spread = rng.uniform(1.0, 2.0)
    for _ in range(int(rng.integers(16, 34))):
        size = rng.uniform(0.4, 0.9)
        shift = rng.uniform(0, 99)

        def bumps(x, y, shift=shift):
            return 0.12 + 0.3 * noise(np.stack([x + shift, y, 0 * x], axis=1), 2.2, 2)

        leaf_ = sheet((size, size * 0.7), bumps, green * rng.uniform(0.7, 1.3), 9, _rounded, roughness=0.5)
        parts.append(leaf_.moved(rng.uniform(0, 7), np.array([*rng.normal(0, spread * 0.5, 2), rng.uniform(0.1, 1.1)])))
    return [joined(parts)]


def pandan(rng: np.random.Generator) -> list[Part]:
    """Two or three long pandan leaves, folded along the middle."""
    parts = []
    for k in range(int(rng.integers(1, 4))):
        length, wide, bend = rng.uniform(6, 13), rng.uniform(0.8, 1.6), rng.uniform(-0.05, 0.05)
        green = jitter(rng, (0.16, 0.38, 0.10), 0.03)

        def fold(x, y, wide=wide):
            return 0.15 + 0.45 * np.abs(x) / wide

        def stripes(v, green=green):
            return green * (1 + 0.15 * np.sin(v[:, 0] * 30))[:, None]

        def blade(f, bend=bend, length=length, wide=wide):
            taper = np.clip(1.05 - np.clip(f[:, 1], 0, 1) ** 3, 0, 1)
            return np.stack([f[:, 0] * taper + bend * (f[:, 1] * length) ** 2 / wide, f[:, 1]], axis=1)

        one = sheet((wide, length), fold, stripes, 24, blade, roughness=0.35)
        parts.append(one.moved(rng.normal(0, 0.35), np.array([rng.normal(0, 1), 0, 0.12 * k])))
    return parts


def leaf(rng: np.random.Generator) -> list[Part]:
    """Single leaves: basil, celery or a bay leaf."""
    parts = []
    for k in range(int(rng.integers(1, 5))):
        noise, green, length = GradientNoise(rng), jitter(rng, (0.22, 0.46, 0.12), 0.05), rng.uniform(1.4, 3.2)

        def curl(x, y, noise=noise):
            return 0.15 + 0.25 * np.abs(x) + 0.2 * np.abs(noise(np.stack([x, y, 0 * x], axis=1), 0.7, 1))

        def veins(v, green=green):
            side, middle = np.sin(12 * (v[:, 1] - np.abs(v[:, 0]))), np.exp(-((v[:, 0] / 0.06) ** 2))
            return green * (1 + 0.12 * side + 0.3 * middle)[:, None]

        half = (length * rng.uniform(0.35, 0.55), length)
        one = sheet(half, curl, veins, 16, _pointed, roughness=0.35)
        parts.append(one.moved(rng.uniform(0, 7), np.array([*rng.normal(0, 1.2, 2), 0.1 * k])))
    return parts


def flowers(rng: np.random.Generator) -> list[Part]:
    """A bunch of little blossoms on stalks that lie on the table."""
    points, faces = ball(2)
    colour = jitter(rng, _BLOSSOMS[rng.integers(4)], 0.04)
    blossoms = []
    for _ in range(int(rng.integers(40, 90))):
        middle = np.array([*rng.normal(0, 2.4, 2), rng.uniform(0.3, 2.2)])
        petals = points * rng.uniform(0.2, 0.5) + middle
        blossoms.append(Part(petals, faces, np.tile(colour * rng.uniform(0.7, 1.1), (len(points), 1)), 0.8))
    stalks = []
    for _ in range(6):
        t = np.linspace(0, 1, 8)[:, None]
        path = np.array([*rng.normal(0, 1.5, 2), 0.8]) * (1 - t) + np.array([*rng.normal([0, -8], 0.8), 0.3]) * t
        stalks.append(tube(path, np.full(8, 0.09), np.tile(jitter(rng, (0.35, 0.45, 0.20)), (8, 1)), 5))
    return [joined(blossoms), joined(stalks)]
