"""Plates: a profile turned around the z axis, glazed, sometimes with a rim line and always with traces of oil."""

from dataclasses import dataclass

import numpy as np

from course_utils.synthetic.colour import jitter, mix, smoothstep, to_linear
from course_utils.synthetic.mesh import turned_profile
from course_utils.synthetic.noise import GradientNoise

THICKNESS = 0.28
_FOOT = 0.3  # the plate's underside stands so high above the table
_TURNS = 192

# White twice: most plates are.
_GLAZES = (
    (0.95, 0.95, 0.94),
    (0.95, 0.95, 0.94),
    (0.93, 0.90, 0.82),
    (0.80, 0.86, 0.87),
    (0.66, 0.75, 0.66),
    (0.36, 0.38, 0.41),
    (0.80, 0.64, 0.50),
    (0.62, 0.45, 0.30),
)
_RIM_LINES = ((0.18, 0.28, 0.58), (0.62, 0.16, 0.13), (0.20, 0.42, 0.26), (0.68, 0.54, 0.26))


@dataclass(frozen=True)
class Plate:
    """A plate standing on the table z = 0 around the origin; lengths in cm.

    Attributes:
        radius: of its rim. floor_radius: of its flat middle.
        floor: height of the flat middle. rim: height of the rim.
        vertices, faces, colours: its mesh, as in `FoodShape`.
    """

    radius: float
    floor_radius: float
    floor: float
    rim: float
    vertices: np.ndarray
    faces: np.ndarray
    colours: np.ndarray


def make_plate(rng: np.random.Generator) -> Plate:
    """A plate of 19 to 23 cm."""
    radius = rng.uniform(9.5, 11.5)
    floor_radius, depth = radius * rng.uniform(0.60, 0.72), rng.uniform(1.0, 1.8)
    profile = _profile(radius, floor_radius, depth)
    vertices, faces = turned_profile(profile, _TURNS)
    vertices = vertices.astype(np.float32)
    floor = _FOOT + THICKNESS
    return Plate(
        radius, floor_radius, floor, floor + depth, vertices, faces, _glaze(rng, vertices, radius, floor_radius)
    )


def _profile(radius: float, floor_radius: float, depth: float) -> np.ndarray:
    """Points ``(P, 2)`` of (distance from the axis, height): out along the top, back along the underside."""
    rise = np.linspace(0, 1, 28)
    distance = np.concatenate([np.linspace(0, floor_radius, 34)[:-1], floor_radius + (radius - floor_radius) * rise])
    height = np.concatenate([np.zeros(33), depth * (1 - np.cos(np.pi * rise)) / 2]) + THICKNESS
    lip = np.array([(radius + 0.10, depth + THICKNESS - 0.04), (radius + 0.10, depth + THICKNESS - 0.16)])
    top = np.stack([distance, height], axis=1)
    underside = top[:-1][::-1] - [0, THICKNESS]
    return np.concatenate([top, lip, underside]) + [0, _FOOT]


def _glaze(rng: np.random.Generator, vertices: np.ndarray, radius: float, floor_radius: float) -> np.ndarray:
    noise = GradientNoise(rng)
    distance = np.hypot(vertices[:, 0], vertices[:, 1])
    base = jitter(rng, _GLAZES[rng.integers(len(_GLAZES))], 0.015)
    colours = np.tile(base, (len(vertices), 1)) * (1 + 0.015 * noise(vertices, 0.7, 3))[:, None]
    if rng.random() < 0.45:
        inner = rng.uniform(0.90, 0.97) * radius
        on_line = (distance > inner) & (distance < inner + rng.uniform(0.25, 0.7))
        colours[on_line] = _RIM_LINES[rng.integers(len(_RIM_LINES))]
    oily = smoothstep(0.15, 0.75, noise(vertices + 11, 0.35, 3)) * smoothstep(
        floor_radius * 1.1, floor_radius * 0.8, distance
    )
    colours = mix(colours, colours * [0.93, 0.86, 0.66], rng.uniform(0.1, 0.8) * oily)
    return to_linear(colours).astype(np.float32)
