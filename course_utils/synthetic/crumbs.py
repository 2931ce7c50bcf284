"""A few crumbs on the plate: too small to be annotated, and what a detector must not mistake for food."""

import numpy as np

from course_utils.synthetic.colour import to_linear
from course_utils.synthetic.mesh import cube_grid
from course_utils.synthetic.plate import Plate

_COLOURS = ((0.72, 0.48, 0.20), (0.55, 0.32, 0.12), (0.88, 0.76, 0.50))


def make_crumbs(rng: np.random.Generator, plate: Plate) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vertices, faces and linear colours of 2 to 24 crumbs of 0.5 to 2.5 mm on the flat of a plate."""
    cube, cube_faces = cube_grid(2, 2, 2)
    ball = cube / np.linalg.norm(cube, axis=1, keepdims=True)
    count = int(rng.integers(2, 25))
    angle, reach = rng.uniform(0, 2 * np.pi, count), plate.floor_radius * np.sqrt(rng.random(count))
    vertices, faces, colours = [], [], []
    for k in range(count):
        half = rng.uniform(0.025, 0.125) * rng.uniform(0.6, 1.3, 3)
        place = [reach[k] * np.cos(angle[k]), reach[k] * np.sin(angle[k]), plate.floor + half[2] * 0.8]
        vertices.append(ball * half * rng.uniform(0.75, 1.2, (len(ball), 1)) + place)
        faces.append(cube_faces + k * len(ball))
        colours.append(np.tile(_COLOURS[rng.integers(3)], (len(ball), 1)) * rng.uniform(0.8, 1.1))
    srgb = np.clip(np.concatenate(colours), 0, 1)
    return np.concatenate(vertices).astype(np.float32), np.concatenate(faces), to_linear(srgb).astype(np.float32)
