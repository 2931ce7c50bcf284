"""What plates stand on, in families: from planks and cloths to bare concrete; each a texture that repeats."""

import numpy as np

from course_utils.synthetic.colour import jitter, to_linear
from course_utils.synthetic.table import SIZE, hills

_WOODS = (
    (0.62, 0.44, 0.27),
    (0.48, 0.32, 0.20),
    (0.80, 0.68, 0.52),
    (0.30, 0.20, 0.14),
    (0.90, 0.89, 0.86),
    (0.66, 0.70, 0.72),
    (0.20, 0.19, 0.19),
)
_CLOTHS = (
    (0.92, 0.90, 0.86),
    (0.62, 0.66, 0.66),
    (0.30, 0.36, 0.46),
    (0.72, 0.63, 0.53),
    (0.50, 0.55, 0.46),
    (0.70, 0.36, 0.32),
    (0.16, 0.16, 0.18),
    (0.80, 0.70, 0.30),
)
_PLAIN = (
    (0.93, 0.92, 0.95),
    (0.85, 0.86, 0.88),
    (0.10, 0.10, 0.11),
    (0.95, 0.80, 0.78),
    (0.66, 0.80, 0.86),
    (0.96, 0.88, 0.66),
    (0.34, 0.52, 0.42),
    (0.76, 0.36, 0.22),
    (0.30, 0.35, 0.60),
)


def make_table(rng: np.random.Generator, family: str) -> tuple[np.ndarray, float, float]:
    """A table top of a family: its texture ``(512, 512, 3) float32`` linear for about 30 cm, roughness and specular."""
    row, column = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    image = _MAKERS[family](rng, row, column)
    matt = family in ("cloth", "burlap", "checked", "batik", "newsprint", "mat")
    roughness = rng.uniform(0.7, 0.95) if matt else rng.uniform(0.18, 0.7)
    return to_linear(np.clip(image, 0.02, 0.96)).astype(np.float32), roughness, 0.2 if matt else rng.uniform(0.2, 0.5)


def _planks(rng, row, column) -> np.ndarray:
    colour = jitter(rng, _WOODS[rng.integers(len(_WOODS))], 0.03)
    boards = int(rng.integers(1, 6))
    board = np.floor(row * boards).astype(int)
    grain = np.sin(hills(rng, 2, 16, 3) * 5 + row * 90 + 9 * rng.random(boards)[board])
    joint = (np.abs(row * boards - np.round(row * boards)) < 0.012) & (boards > 1)
    light = rng.uniform(0.90, 1.1, boards)[board] * (1 + rng.uniform(0.02, 0.12) * grain + 0.05 * hills(rng, 4, 32, 2))
    image = colour * (light * np.where(joint, rng.uniform(0.3, 0.7), 1))[..., None]
    if rng.random() < 0.3:  # old paint, rubbed off in places
        bare = (hills(rng, 6, 24, 3) > rng.uniform(0.5, 0.9))[..., None]
        image = np.where(bare, image * [0.62, 0.52, 0.42], image)
    return image


def _cloth(rng, row, column) -> np.ndarray:
    colour = jitter(rng, _CLOTHS[rng.integers(len(_CLOTHS))], 0.04)
    weave = np.sin(column * np.pi * 128) * np.sin(row * np.pi * 128)
    image = colour * (1 + 0.06 * weave + 0.07 * hills(rng, 4, 4, 3) + 0.04 * hills(rng, 32, 32, 1))[..., None]
    if rng.random() < 0.4:
        stripe = (np.sin(column * 2 * np.pi * int(rng.integers(2, 12))) > rng.uniform(0.2, 0.9))[..., None]
        image = np.where(stripe, jitter(rng, _CLOTHS[rng.integers(len(_CLOTHS))], 0.03), image)
    return image


def _stone(rng, row, column) -> np.ndarray:
    colour = jitter(
        rng, ((0.92, 0.91, 0.90), (0.70, 0.69, 0.67), (0.42, 0.43, 0.45), (0.14, 0.15, 0.17))[rng.integers(4)]
    )
    veins = np.exp(-((hills(rng, 3, 3, 4) / rng.uniform(0.03, 0.10)) ** 2))
    return (
        colour
        * (1 + 0.06 * hills(rng, 6, 6, 4) + 0.04 * hills(rng, 32, 32, 1) - rng.uniform(0, 0.25) * veins)[..., None]
    )


def _concrete(rng, row, column) -> np.ndarray:
    colour = jitter(rng, ((0.62, 0.61, 0.60), (0.40, 0.40, 0.41), (0.80, 0.79, 0.76))[rng.integers(3)], 0.04)
    light = 1 + 0.12 * hills(rng, 2, 2, 5) + 0.07 * hills(rng, 40, 40, 2)
    spots = hills(rng, 26, 26, 2) > rng.uniform(0.9, 1.2)
    return colour * np.where(spots, light * 0.6, light)[..., None]


def _burlap(rng, row, column) -> np.ndarray:
    threads = int(rng.integers(36, 60))
    colour = jitter(rng, ((0.76, 0.64, 0.45), (0.60, 0.47, 0.31), (0.86, 0.78, 0.62))[rng.integers(3)], 0.03)
    bent = 0.004 * hills(rng, 6, 6, 2)
    across, down = np.sin((column + bent) * 2 * np.pi * threads), np.sin((row - bent) * 2 * np.pi * threads)
    return colour * (1 + 0.20 * np.maximum(across, down) - 0.12 + 0.08 * hills(rng, 30, 30, 2))[..., None]


def _checked(rng, row, column) -> np.ndarray:
    colour = jitter(
        rng, ((0.75, 0.15, 0.15), (0.18, 0.30, 0.58), (0.20, 0.46, 0.28), (0.25, 0.25, 0.27))[rng.integers(4)], 0.04
    )
    squares = int(rng.integers(5, 14))
    dark = ((np.floor(column * 2 * squares) % 2) + (np.floor(row * 2 * squares) % 2))[..., None] / 2
    return (0.94 * (1 - dark) + colour * dark) * (1 + 0.04 * hills(rng, 24, 24, 2))[..., None]


def _batik(rng, row, column) -> np.ndarray:
    ground = jitter(
        rng, ((0.14, 0.12, 0.16), (0.36, 0.20, 0.10), (0.86, 0.78, 0.62), (0.16, 0.22, 0.38))[rng.integers(4)], 0.03
    )
    inks = [
        jitter(rng, c, 0.04) for c in ((0.84, 0.72, 0.50), (0.55, 0.30, 0.14), (0.30, 0.38, 0.50), (0.90, 0.88, 0.82))
    ]
    image = np.broadcast_to(ground, (SIZE, SIZE, 3)).copy()
    for ink in rng.permutation(inks)[:3]:
        waves = int(rng.integers(4, 14))
        lines = np.abs(np.sin(hills(rng, waves, waves, 2) * rng.uniform(3, 9) + rng.uniform(0, 6)))
        image[lines > rng.uniform(0.80, 0.95)] = ink
    return image * (1 + 0.03 * hills(rng, 40, 40, 1))[..., None]


def _plain(rng, row, column) -> np.ndarray:
    colour = jitter(rng, _PLAIN[rng.integers(len(_PLAIN))], 0.04)
    return colour * (1 + rng.uniform(0, 0.03) * hills(rng, 2, 2, 3))[..., None]


def _terrazzo(rng, row, column) -> np.ndarray:
    image = np.broadcast_to(jitter(rng, (0.86, 0.85, 0.82), 0.04), (SIZE, SIZE, 3)).copy()
    for colour in ((0.45, 0.40, 0.36), (0.72, 0.52, 0.42), (0.96, 0.95, 0.93), (0.30, 0.34, 0.36)):
        image[hills(rng, 18, 18, 2) > rng.uniform(0.75, 1.0)] = jitter(rng, colour, 0.05)
    return image


def _tiles(rng, row, column) -> np.ndarray:
    count = int(rng.integers(2, 7))
    colour = jitter(rng, ((0.90, 0.91, 0.90), (0.45, 0.62, 0.66), (0.80, 0.60, 0.42))[rng.integers(3)], 0.04)
    across, down = column * count, row * count
    shade = rng.uniform(0.9, 1.08, (count, count))[np.floor(down).astype(int), np.floor(across).astype(int)]
    grout = np.minimum(np.abs(across - np.round(across)), np.abs(down - np.round(down))) < 0.03
    return np.where(grout[..., None], 0.55, colour * (shade * (1 + 0.05 * hills(rng, 8, 8, 3)))[..., None])


def _newsprint(rng, row, column) -> np.ndarray:
    paper = jitter(rng, (0.85, 0.83, 0.77), 0.03)
    lines = (row * 60) % 1 < 0.45
    words = hills(rng, 60, 6, 1) > -0.25
    columns = (column * 4) % 1 < 0.92
    picture = (np.floor(column * 4) + 3 * np.floor(row * 3)) % 5 == rng.integers(5)
    image = paper * np.where(lines & words & columns & ~picture, 0.35, 1)[..., None]
    grey = (0.5 + 0.22 * hills(rng, 6, 6, 3))[..., None] * np.ones(3)
    return np.where((picture & columns)[..., None], np.clip(grey, 0.15, 0.9), image)


def _mat(rng, row, column) -> np.ndarray:
    """Strips plaited over and under each other, of two colours."""
    count = int(rng.integers(14, 26))
    first, second = (
        jitter(rng, (0.78, 0.64, 0.38), 0.04),
        jitter(rng, ((0.46, 0.26, 0.14), (0.40, 0.50, 0.26), (0.72, 0.56, 0.32))[rng.integers(3)], 0.04),
    )
    across, down = column * count, row * count
    over = (np.floor(across) + np.floor(down)) % 2 == 0
    round_ = np.where(over, np.sin(np.pi * (across % 1)), np.sin(np.pi * (down % 1)))
    return np.where(over[..., None], first, second) * (0.62 + 0.42 * round_ + 0.05 * hills(rng, 30, 30, 2))[..., None]


_MAKERS = {
    "planks": _planks,
    "cloth": _cloth,
    "stone": _stone,
    "concrete": _concrete,
    "burlap": _burlap,
    "checked": _checked,
    "batik": _batik,
    "plain": _plain,
    "terrazzo": _terrazzo,
    "tiles": _tiles,
    "newsprint": _newsprint,
    "mat": _mat,
}
