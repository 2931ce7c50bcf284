"""Shapes of known size, drawn as the data set's masks are: a pixel belongs to a shape when its middle does."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ellipe


@dataclass(frozen=True)
class Drawn:
    """A mask with what is known of it, in pixels."""

    mask: np.ndarray
    area: float
    perimeter: float
    length: float
    width: float


def _turned(size: int, angle: float, centre: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[:size, :size].astype(float)
    x, y = x - size / 2 - centre[0], y - size / 2 - centre[1]
    return x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)


def ellipse(a: float, b: float, angle: float = 0.0, centre: tuple[float, float] = (0.0, 0.0), size: int = 160) -> Drawn:
    """Half axes a >= b."""
    u, v = _turned(size, angle, centre)
    return Drawn((u / a) ** 2 + (v / b) ** 2 <= 1, np.pi * a * b, 4 * a * ellipe(1 - (b / a) ** 2), 2 * a, 2 * b)


def rectangle(
    a: float, b: float, angle: float = 0.0, centre: tuple[float, float] = (0.0, 0.0), size: int = 160
) -> Drawn:
    """Half sides a >= b."""
    u, v = _turned(size, angle, centre)
    return Drawn((abs(u) <= a) & (abs(v) <= b), 4 * a * b, 4 * (a + b), 2 * a, 2 * b)
