"""How high everything on the table is: where there is room for another thing, and on what it comes to lie."""

from collections.abc import Callable

import numpy as np

from course_utils.synthetic.wide.clutter import Thing

_CELL, _HALF = 0.3, 45.0  # cm
_LEAFY = ("lettuce", "parsley", "leaf", "pandan", "flowers")


class Ground:
    """Heights of a square of 90 cm around the origin, and the discs that things have taken.

    Args:
        surface: height of the carrier and table at points ``(N, 2)``, or None for the bare table.
    """

    def __init__(self, surface: Callable[[np.ndarray], np.ndarray] | None = None):
        axis = np.arange(-_HALF, _HALF, _CELL) + _CELL / 2
        self._points = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1)
        flat = self._points.reshape(-1, 2)
        self._height = (surface(flat) if surface else np.zeros(len(flat))).reshape(len(axis), -1)
        self.taken: list[tuple[np.ndarray, float]] = []

    def raise_to(self, points: np.ndarray) -> None:
        """Points ``(N, 3)`` of something that now lies there."""
        cell = np.floor((points[:, :2] + _HALF) / _CELL).astype(int)
        inside = ((cell >= 0) & (cell < len(self._height))).all(axis=1)
        np.maximum.at(self._height, tuple(cell[inside].T), points[inside, 2])

    def take(self, spot: np.ndarray, radius: float) -> None:
        """Keep other things off a disc."""
        self.taken.append((np.asarray(spot), radius))

    def is_free(self, spot: np.ndarray, radius: float) -> bool:
        """Whether nothing has taken that room."""
        return all(np.hypot(*(spot - other)) > radius + reach for other, reach in self.taken)

    def height(self, thing: Thing, spot: np.ndarray) -> float:
        """At which height a thing comes to lie; leaves sag between what is below them."""
        under = np.hypot(*(self._points - spot).transpose(2, 0, 1)) < max(0.85 * thing.radius, _CELL)
        return float(np.percentile(self._height[under], 40 if thing.name in _LEAFY else 100)) if under.any() else 0.0
