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
        total = np.zeros(len(points), np.float32)
        for corner in np.ndindex(2, 2, 2):
            x, y, z = ((cell + corner) % _SIDE).T
            slope = np.einsum("ij,ij->i", self._gradients[x, y, z], offset - np.asarray(corner, np.float32))
            total += np.where(corner, fade, 1 - fade).prod(axis=1) * slope
        return total

    def vector(self, points: np.ndarray, frequency: float) -> np.ndarray:
        """Three independent fields at once, to bend space with: ``(N, 3) -> (N, 3)``."""
        return np.stack([self(points + shift, frequency) for shift in (0.0, 7.0, 13.0)], axis=1)
