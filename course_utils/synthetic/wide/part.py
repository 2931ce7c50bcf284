"""Anything in the picture that is not a piece of food of the course: a mesh and what it is made of."""

from dataclasses import dataclass, replace

import numpy as np

from course_utils.synthetic.colour import to_linear
from course_utils.synthetic.mesh import turned_profile
from course_utils.synthetic.wide.outline import stack


@dataclass(frozen=True)
class Part:
    """A mesh in the world.

    Attributes:
        vertices: ``(V, 3)`` cm. faces: ``(F, 3)``. colours: ``(V, 3)`` sRGB, 0..1.
        roughness, specular: as in `FoodShape`. metallic: 1 for steel. clearcoat: a layer of lacquer or water.
    """

    vertices: np.ndarray
    faces: np.ndarray
    colours: np.ndarray
    roughness: float = 0.5
    specular: float = 0.5
    metallic: float = 0.0
    clearcoat: float = 0.0

    def moved(self, angle: float, to: np.ndarray, scale: float = 1.0) -> "Part":
        """Turned about the z axis by `angle`, then moved to ``(3,)``."""
        cos, sin = np.cos(angle), np.sin(angle)
        turn = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
        return replace(self, vertices=self.vertices * scale @ turn + to)

    @property
    def linear(self) -> np.ndarray:
        """Colours as linear light, ``(V, 3) float32``."""
        return to_linear(np.clip(self.colours, 0.01, 0.97)).astype(np.float32)


def joined(parts: list[Part]) -> Part:
    """One part of several; its material is that of the first."""
    vertices, faces, colours = stack([(p.vertices, p.faces, p.colours) for p in parts])
    return replace(parts[0], vertices=vertices, faces=faces, colours=colours)


def revolve(profile: np.ndarray, colour, turns: int = 96, outline=None, **material) -> Part:
    """A profile ``(P, 2)`` of (distance, height) turned around the z axis.

    Args:
        colour: one, or a function of vertices ``(V, 3)`` that gives one each. outline: angle -> factor of the distance.
    """
    vertices, faces = turned_profile(np.asarray(profile, float), turns)
    if outline is not None:
        vertices[:, :2] *= outline(np.arctan2(vertices[:, 1], vertices[:, 0]))[:, None]
    colours = colour(vertices) if callable(colour) else np.tile(np.asarray(colour, float), (len(vertices), 1))
    return Part(vertices, faces, colours, **material)


def sheet(half: tuple[float, float], height, colour, cells: int = 48, outline=None, **material) -> Part:
    """A thin sheet around the origin, seen from both sides.

    Args:
        half: half sides in cm. height: function of x and y, cm. colour: one, or a function of vertices.
        outline: function of ``(V, 2)`` within [-1, 1]^2 that bends the square's points, before they are scaled.
    """
    u, v = np.meshgrid(np.linspace(-1, 1, cells + 1), np.linspace(-1, 1, cells + 1), indexing="ij")
    flat = np.stack([u.ravel(), v.ravel()], axis=1)
    flat = (outline(flat) if outline else flat) * half
    vertices = np.column_stack([flat, height(flat[:, 0], flat[:, 1])])
    index = np.arange(len(flat)).reshape(cells + 1, cells + 1)
    a, b, c, d = (k.ravel() for k in (index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]))
    faces = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    # The underside, a little below: light must not shine through from behind.
    both = np.concatenate([vertices, vertices - [0, 0, 0.02]])
    faces = np.concatenate([faces, faces[:, ::-1] + len(vertices)])
    colours = colour(both) if callable(colour) else np.tile(np.asarray(colour, float), (len(both), 1))
    return Part(both, faces, colours, **material)


def tube(path: np.ndarray, radius: np.ndarray, colours: np.ndarray, sides: int = 10, **material) -> Part:
    """A closed tube along a path ``(P, 3)`` with a radius ``(P,)`` and a colour ``(P, 3)`` at each point."""
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    across = np.cross(along, [0.31, 0.17, 0.94])
    across /= np.linalg.norm(across, axis=1, keepdims=True) + 1e-9
    other = np.cross(along, across)
    turn = np.linspace(0, 2 * np.pi, sides, endpoint=False)[None, :, None]
    ring = np.cos(turn) * across[:, None] + np.sin(turn) * other[:, None]
    vertices = (path[:, None] + ring * np.asarray(radius)[:, None, None]).reshape(-1, 3)
    start = np.arange(len(path) - 1)[:, None] * sides
    this, following = np.arange(sides)[None], (np.arange(sides)[None] + 1) % sides
    a, b, c, d = (k.ravel() for k in (start + this, start + sides + this, start + sides + following, start + following))
    faces = np.concatenate([np.stack([a, c, b], axis=1), np.stack([a, d, c], axis=1)])
    return Part(vertices, faces, np.repeat(colours, sides, axis=0), **material)
