"""Outlines of flat bodies with corners, and small things that lie on a skin."""

from collections.abc import Callable

import numpy as np
from scipy.spatial import cKDTree

from course_utils.synthetic.mesh import cube_grid


def polygon_outline(corners: np.ndarray, sharpness: float) -> Callable[[np.ndarray], np.ndarray]:
    """Radius over angle of a convex polygon around the origin, corners ``(K, 2)`` counter-clockwise, a little rounded.

    The smaller `sharpness`, the rounder: it is the exponent p of the p-norm that stands for the largest of the edges.
    """
    ahead = np.roll(corners, -1, axis=0) - corners
    out = np.stack([ahead[:, 1], -ahead[:, 0]], axis=1) / np.linalg.norm(ahead, axis=1, keepdims=True)
    distance = np.einsum("ij,ij->i", out, corners)

    def radius(angle: np.ndarray) -> np.ndarray:
        towards = np.cos(angle)[..., None] * out[:, 0] + np.sin(angle)[..., None] * out[:, 1]
        return (np.clip(towards / distance, 1e-3, None) ** sharpness).sum(-1) ** (-1 / sharpness)

    return radius


def ball(cells: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """A coarse unit ball: vertices and faces."""
    cube, faces = cube_grid(cells, cells, cells)
    return cube / np.linalg.norm(cube, axis=1, keepdims=True), faces


def spots(rng: np.random.Generator, body: np.ndarray, allowed: np.ndarray, count: int, size: float) -> np.ndarray:
    """How much each point of a body ``(N, 3)`` lies in one of `count` spots of about `size` cm: 0..1.

    `allowed` marks the points that may be a spot's middle.
    """
    if count == 0:
        return np.zeros(len(body))
    middles = body[rng.choice(np.flatnonzero(allowed), count)] + rng.normal(0, 0.02, (count, 3))
    distance, which = cKDTree(middles).query(body)
    return np.exp(-((distance / (size * rng.uniform(0.6, 1.3, count))[which]) ** 4))


def stack(parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One mesh of several: each vertices ``(V, 3)``, faces ``(F, 3)`` and colours ``(V, 3)``."""
    start = np.cumsum([0, *(len(vertices) for vertices, _, _ in parts)])
    faces = np.concatenate([triangles + shift for (_, triangles, _), shift in zip(parts, start, strict=False)])
    return np.concatenate([p[0] for p in parts]), faces, np.concatenate([p[2] for p in parts])
