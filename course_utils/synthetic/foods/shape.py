"""What every food's maker returns."""

from dataclasses import dataclass

import numpy as np

from course_utils.synthetic.colour import to_linear
from course_utils.synthetic.mesh import volume


@dataclass(frozen=True)
class FoodShape:
    """One piece of food, standing on the plane z = 0 with its middle above the origin.

    Attributes:
        vertices: ``(V, 3) float32``, cm.
        faces: ``(F, 3) int64``.
        colours: ``(V, 3) float32``, linear red, green, blue, 0..1.
        volume_cm3: of the body.
        roughness: of its surface: 0 a mirror, 1 chalk.
        specular: how much of the light its surface mirrors: the sheen of oil.
    """

    vertices: np.ndarray
    faces: np.ndarray
    colours: np.ndarray
    volume_cm3: float
    roughness: float
    specular: float


def finish(
    vertices: np.ndarray,
    faces: np.ndarray,
    srgb: np.ndarray,
    roughness: float,
    specular: float,
    body_faces: int | None = None,
) -> FoodShape:
    """Stand a body on z = 0 and close its books.

    Args:
        vertices, faces: the mesh. srgb: a colour for each vertex, 0..1.
        roughness, specular: see `FoodShape`.
        body_faces: how many of the first faces are the closed body whose volume counts; all by default. Shreds on its
            skin lie half in it and weigh next to nothing.
    """
    low = vertices.min(axis=0)
    middle = (low + vertices.max(axis=0)) / 2
    vertices = vertices - [middle[0], middle[1], low[2]]
    return FoodShape(
        vertices.astype(np.float32),
        faces.astype(np.int64),
        to_linear(np.clip(srgb, 0.02, 0.97)).astype(np.float32),
        volume(vertices, faces[:body_faces]),
        roughness,
        specular,
    )
