"""What the plate stands on: wood, plain woven cloth, or stone, in the muted colours of a kitchen."""

import numpy as np

from course_utils.synthetic.colour import jitter, to_linear
from course_utils.synthetic.noise import GradientNoise

_SIZE = 512
_WOODS = ((0.62, 0.44, 0.27), (0.48, 0.32, 0.20), (0.74, 0.60, 0.43), (0.36, 0.25, 0.18))
_CLOTHS = (
    (0.86, 0.83, 0.77),
    (0.62, 0.66, 0.66),
    (0.42, 0.47, 0.52),
    (0.72, 0.63, 0.53),
    (0.50, 0.55, 0.46),
    (0.66, 0.46, 0.40),
)
_STONES = ((0.78, 0.77, 0.75), (0.45, 0.45, 0.46), (0.66, 0.63, 0.58), (0.25, 0.26, 0.28))


def make_table(rng: np.random.Generator) -> np.ndarray:
    """A texture that repeats: ``(512, 512, 3) float32`` linear colour, for a square of about 30 cm."""
    row, column = np.mgrid[0:_SIZE, 0:_SIZE] / _SIZE
    places = np.stack([column.ravel(), row.ravel(), np.zeros(row.size)], axis=1)
    noise = GradientNoise(rng)

    def field(across: float, along: float, octaves: int) -> np.ndarray:
        return noise(places * [across, along, 1], 1, octaves).reshape(_SIZE, _SIZE)

    maker = (_wood, _cloth, _cloth, _stone)[rng.integers(4)]
    return to_linear(maker(rng, row, column, field)).astype(np.float32)


def _wood(rng, row, column, field) -> np.ndarray:
    """Boards with long grain and dark joints between them."""
    colour = jitter(rng, _WOODS[rng.integers(len(_WOODS))])
    boards = int(rng.integers(3, 6))
    board = np.floor(row * boards).astype(int)
    shade = rng.uniform(0.88, 1.12, boards)[board]
    grain = np.sin(field(2, 16, 3) * 5 + row * 90 + 9 * rng.random(boards)[board])
    fine = field(4, 32, 2)
    joint = np.abs(row * boards - np.round(row * boards)) < 0.012
    light = shade * (1 + 0.09 * grain + 0.06 * fine) * np.where(joint, 0.45, 1)
    return np.clip(colour * light[..., None], 0.02, 0.95)


def _cloth(rng, row, column, field) -> np.ndarray:
    """Plain weave; now and then with one quiet stripe."""
    colour = jitter(rng, _CLOTHS[rng.integers(len(_CLOTHS))], 0.04)
    threads = 128
    weave = np.sin(column * np.pi * threads) * np.sin(row * np.pi * threads)
    light = 1 + 0.05 * weave + 0.05 * field(4, 4, 3) + 0.03 * field(32, 32, 1)
    image = colour * light[..., None]
    if rng.random() < 0.4:
        period = int(rng.integers(4, 10))
        stripe = (np.sin(column * 2 * np.pi * period) > rng.uniform(0.3, 0.9))[..., None]
        image = np.where(stripe, image * rng.uniform(0.72, 0.9), image)
    return np.clip(image, 0.02, 0.95)


def _stone(rng, row, column, field) -> np.ndarray:
    """Honed stone with faint veins and specks."""
    colour = jitter(rng, _STONES[rng.integers(len(_STONES))])
    veins = np.exp(-((field(3, 3, 4) / 0.06) ** 2))
    light = 1 + 0.07 * field(6, 6, 4) + 0.05 * field(32, 32, 1) - 0.10 * veins
    return np.clip(colour * light[..., None], 0.02, 0.95)
