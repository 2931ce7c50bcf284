"""The camera: where it stands, which ray passes through which pixel, and how many pixels a centimetre has."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Camera:
    """A pinhole camera with square pictures.

    Attributes:
        origin, target, up: ``(3,)`` cm; where it stands, what it looks at, and what is up in the picture.
        field_of_view: full angle of the picture, degrees.
    """

    origin: np.ndarray
    target: np.ndarray
    up: np.ndarray
    field_of_view: float

    @property
    def _half_width(self) -> float:
        """Half the picture's width at distance 1."""
        return float(np.tan(np.deg2rad(self.field_of_view) / 2))

    @property
    def tilt_degrees(self) -> float:
        """Angle between the line of sight and straight down."""
        sight = self.target - self.origin
        return float(np.rad2deg(np.arccos(-sight[2] / np.linalg.norm(sight))))

    def rays(self, size: int) -> tuple[np.ndarray, np.ndarray]:
        """Start ``(3,)`` and unit directions ``(size, size, 3)`` of the rays through the middles of the pixels."""
        forward = _unit(self.target - self.origin)
        left = _unit(np.cross(self.up, forward))
        above = np.cross(forward, left)
        position = (np.arange(size) + 0.5) / size * 2 - 1
        across, down = np.meshgrid(position, position)
        directions = forward - self._half_width * (across[..., None] * left + down[..., None] * above)
        return self.origin, directions / np.linalg.norm(directions, axis=-1, keepdims=True)

    def sees(self, points: np.ndarray) -> bool:
        """Whether all points ``(N, 3)`` fall into the picture."""
        forward = _unit(self.target - self.origin)
        left = _unit(np.cross(self.up, forward))
        offset = points - self.origin
        limit = (offset @ forward) * self._half_width
        return bool((np.abs(offset @ left) < limit).all() and (np.abs(offset @ np.cross(forward, left)) < limit).all())

    def pixels_per_cm(self, size: int, height: float) -> float:
        """Scale at the middle of the picture on the plane z = `height`, across the line of sight."""
        sight = _unit(self.target - self.origin)
        distance = (height - self.origin[2]) / sight[2]
        return size / (2 * self._half_width * distance)


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def hand_held(rng: np.random.Generator) -> Camera:
    """A photo taken by hand: 22 to 42 cm away, tilted by up to 25 degrees, turned anyhow."""
    distance = rng.uniform(22, 42)
    tilt = np.deg2rad(min(abs(rng.normal(0, 10)), 25))
    azimuth, roll = rng.uniform(0, 2 * np.pi, 2)
    target = np.array([*rng.normal(0, 0.8, 2), 1.5])
    away = np.array([np.sin(tilt) * np.cos(azimuth), np.sin(tilt) * np.sin(azimuth), np.cos(tilt)])
    up = np.array([np.cos(roll), np.sin(roll), 0.01])
    return Camera(target + distance * away, target, up, rng.uniform(36, 42))


def on_a_stand(height: float = 30.0) -> Camera:
    """The weighing set's camera: straight down, always at the same height above the table, in cm."""
    return Camera(np.array([0, 0, height]), np.zeros(3), np.array([0, 1.0, 0]), 30.0)
