"""Gradient noise in three dimensions (Perlin 1985): the irregularity of everything that was fried by hand."""

import numpy as np

_SIDE = 32  # gradients repeat after so many cells; no piece is that large at any frequency used
_TO_UNIT = 1.6  # brings the noise, which rarely leaves +-0.6, to about +-1


class GradientNoise:
    """A smooth random field over space, one per generator state.

    Args:
        rng: draws the gradients.
    """

    def __init__(self, rng: np.random.Generator):
        gradients = rng.normal(size=(_SIDE, _SIDE, _SIDE, 3))
        self._gradients = (gradients / np.linalg.norm(gradients, axis=-1, keepdims=True)).astype(np.float32)

    def __call__(self, points: np.ndarray, frequency: float, octaves: int = 1, ridged: bool = False) -> np.ndarray:
        """Values of about -1 to 1 at points: ``(N, 3) cm -> (N,)``.

        Args:
            points: where, in cm.
            frequency: cells per cm of the first octave.
            octaves: how many times finer noise of half the height is added.
            ridged: creases, sharp at 1, instead of hills.
        """
        total = np.zeros(len(points), np.float32)
        for octave in range(octaves):
            value = self._one_octave(points * frequency * 2.03**octave + 17.3 * octave) * _TO_UNIT
            total += 0.5**octave * (1 - 2 * np.abs(value) if ridged else value)
        return total

    def _one_octave(self, points: np.ndarray) -> np.ndarray:
        points = np.asarray(points, np.float32)
        cell = np.floor(points).astype(int)
        offset = points - cell
        fade = offset**3 * (offset * (offset * 6 - 15) + 10)
        # Axis by axis: many times faster than arrays of three columns, and the same to the last bit.
        sides = [((axis % _SIDE), ((axis + 1) % _SIDE)) for axis in cell.T]
        away = [(axis, axis - np.float32(1)) for axis in np.ascontiguousarray(offset.T)]
        weights = [(1 - axis, axis) for axis in np.ascontiguousarray(fade.T)]
        gradients = self._gradients.reshape(-1, 3)
        total = np.zeros(len(points), np.float32)
        for corner in np.ndindex(2, 2, 2):
            x, y, z = (pair[side] for pair, side in zip(sides, corner, strict=True))
            slopes = gradients[(x * _SIDE + y) * _SIDE + z].T
            dx, dy, dz = (pair[side] for pair, side in zip(away, corner, strict=True))
            u, v, w = (pair[side] for pair, side in zip(weights, corner, strict=True))
            total += u * v * w * (slopes[0] * dx + slopes[1] * dy + slopes[2] * dz)
        return total

    def vector(self, points: np.ndarray, frequency: float) -> np.ndarray:
        """Three independent fields at once, to bend space with: ``(N, 3) -> (N, 3)``."""
        return np.stack([self(points + shift, frequency) for shift in (0.0, 7.0, 13.0)], axis=1)
