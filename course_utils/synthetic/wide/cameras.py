"""Where phones are held: above the plate or at table height, the whole meal in view or one bite."""

from dataclasses import dataclass

import numpy as np

from course_utils.synthetic.camera import Camera


@dataclass(frozen=True)
class Range:
    """Which cameras a world has.

    Attributes:
        tilt: greatest angle between line of sight and straight down, degrees.
        field_of_view: full angles of the picture, degrees, from and to.
    """

    tilt: float
    field_of_view: tuple[float, float]


@dataclass(frozen=True)
class Stance:
    """How the phone is held, before it is known what it looks at: angles in radians."""

    tilt: float
    azimuth: float
    roll: float
    field_of_view: float
    aperture: float

    @property
    def towards_camera(self) -> np.ndarray:
        """Unit vector ``(3,)`` from what is looked at to the camera."""
        return np.array(
            [np.sin(self.tilt) * np.cos(self.azimuth), np.sin(self.tilt) * np.sin(self.azimuth), np.cos(self.tilt)]
        )

    def at(self, target: np.ndarray, width: float) -> Camera:
        """The camera that has `target` in the middle and so many cm of it across the picture."""
        distance = max(width / (2 * np.tan(np.deg2rad(self.field_of_view) / 2)), 7.0)
        back, azimuth = self.towards_camera, self.azimuth
        ahead = np.array(
            [-np.cos(self.tilt) * np.cos(azimuth), -np.cos(self.tilt) * np.sin(azimuth), np.sin(self.tilt)]
        )
        side = np.cross(back, ahead)
        up = np.cos(self.roll) * ahead + np.sin(self.roll) * side
        return Camera(target + distance * back, target, up, self.field_of_view)


def take_stance(rng: np.random.Generator, limits: Range) -> Stance:
    """A third from above, a third aslant, a third from the side, as far as the world's cameras go."""
    kind = rng.integers(3)
    steep, slant, side = abs(rng.normal(0, 9)), rng.uniform(15, 42), rng.uniform(38, 60)
    tilt = np.deg2rad(min((steep, slant, side)[kind], limits.tilt))
    roll = rng.uniform(0, 2 * np.pi) if kind == 0 else rng.normal(0, 0.12)
    blurred = kind > 0 and rng.random() < 0.4
    aperture = rng.uniform(0.05, 0.25) if blurred else 0.0
    return Stance(tilt, rng.uniform(0, 2 * np.pi), roll, rng.uniform(*limits.field_of_view), aperture)
