"""What the plate stands on: wood, plain woven cloth, or stone, in the muted colours of a kitchen."""

import numpy as np

from course_utils.synthetic.colour import jitter, to_linear

SIZE = 512
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
    row, column = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    maker = (_wood, _cloth, _cloth, _stone)[rng.integers(4)]
    return to_linear(maker(rng, row, column)).astype(np.float32)


def hills(rng: np.random.Generator, across: float, along: float, octaves: int) -> np.ndarray:
    """Random hills of so many waves a side, and finer ones of half the height each: ``(512, 512)``, about -1 to 1.

    White noise shaped in the frequency domain, so that it repeats without a seam.
    """
    white = np.fft.rfft2(rng.normal(size=(SIZE, SIZE)))
    waves_along, waves_across = np.fft.fftfreq(SIZE, 1 / SIZE)[:, None], np.fft.rfftfreq(SIZE, 1 / SIZE)[None]
    total = np.zeros((SIZE, SIZE))
    for octave in range(octaves):
        reach = (waves_across / (across * 2**octave)) ** 2 + (waves_along / (along * 2**octave)) ** 2
        shaped = np.fft.irfft2(white * reach * np.exp(-reach), s=(SIZE, SIZE))
        total += 0.5**octave * shaped / shaped.std() * 0.5
    return total


def _wood(rng, row, column) -> np.ndarray:
    """Boards with long grain and dark joints between them."""
    colour = jitter(rng, _WOODS[rng.integers(len(_WOODS))])
    boards = int(rng.integers(3, 6))
    board = np.floor(row * boards).astype(int)
    shade = rng.uniform(0.88, 1.12, boards)[board]
    grain = np.sin(hills(rng, 2, 16, 3) * 5 + row * 90 + 9 * rng.random(boards)[board])
    fine = hills(rng, 4, 32, 2)
    joint = np.abs(row * boards - np.round(row * boards)) < 0.012
    light = shade * (1 + 0.09 * grain + 0.06 * fine) * np.where(joint, 0.45, 1)
    return np.clip(colour * light[..., None], 0.02, 0.95)


def _cloth(rng, row, column) -> np.ndarray:
    """Plain weave; now and then with one quiet stripe."""
    colour = jitter(rng, _CLOTHS[rng.integers(len(_CLOTHS))], 0.04)
    threads = 128
    weave = np.sin(column * np.pi * threads) * np.sin(row * np.pi * threads)
    light = 1 + 0.05 * weave + 0.05 * hills(rng, 4, 4, 3) + 0.03 * hills(rng, 32, 32, 1)
    image = colour * light[..., None]
    if rng.random() < 0.4:
        period = int(rng.integers(4, 10))
        stripe = (np.sin(column * 2 * np.pi * period) > rng.uniform(0.3, 0.9))[..., None]
        image = np.where(stripe, image * rng.uniform(0.72, 0.9), image)
    return np.clip(image, 0.02, 0.95)


def _stone(rng, row, column) -> np.ndarray:
    """Honed stone with faint veins and specks."""
    colour = jitter(rng, _STONES[rng.integers(len(_STONES))])
    veins = np.exp(-((hills(rng, 3, 3, 4) / 0.06) ** 2))
    light = 1 + 0.07 * hills(rng, 6, 6, 4) + 0.05 * hills(rng, 32, 32, 1) - 0.10 * veins
    return np.clip(colour * light[..., None], 0.02, 0.95)
