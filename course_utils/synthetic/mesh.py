"""Closed triangle meshes: a cube's surface to start from, and the bodies it is bent into. All lengths in cm."""

from collections.abc import Callable
from functools import cache

import numpy as np


@cache
def cube_grid(columns: int, rows: int, layers: int) -> tuple[np.ndarray, np.ndarray]:
    """The surface of the cube [-1, 1]^3 cut into so many cells an axis: ``(V, 3) float64, (F, 3) int64``, outward."""
    cells = (columns, rows, layers)
    points, faces, used = [], [], 0
    for axis in range(3):
        first, second = [(1, 2), (2, 0), (0, 1)][axis]
        for side in (-1, 1):
            u, v = np.meshgrid(
                np.linspace(-1, 1, cells[first] + 1), np.linspace(-1, 1, cells[second] + 1), indexing="ij"
            )
            face = np.empty((u.size, 3))
            face[:, axis], face[:, first], face[:, second] = side, u.ravel(), v.ravel()
            index = np.arange(u.size).reshape(u.shape) + used
            triangles = _two_triangles(index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:])
            points.append(face)
            faces.append(triangles if side > 0 else triangles[:, ::-1])
            used += u.size
    every = np.concatenate(points)
    # The six faces share their edges' points.
    _, kept, merged = np.unique(np.round(every * 1e5).astype(int), axis=0, return_index=True, return_inverse=True)
    vertices, triangles = every[kept], merged.ravel()[np.concatenate(faces)]
    vertices.flags.writeable = triangles.flags.writeable = False
    return vertices, triangles


def _two_triangles(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> np.ndarray:
    a, b, c, d = (corner.ravel() for corner in (a, b, c, d))
    return np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])


def normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Unit normals at the vertices, of the area-weighted mean of their faces: ``(V, 3)``."""
    corner = vertices[faces[:, 0]]
    flat = np.cross(vertices[faces[:, 1]] - corner, vertices[faces[:, 2]] - corner)
    total = np.stack(
        [sum(np.bincount(faces[:, k], flat[:, axis], len(vertices)) for k in range(3)) for axis in range(3)], axis=1
    )
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)


def volume(vertices: np.ndarray, faces: np.ndarray) -> float:
    """Volume inside a closed mesh, by the divergence theorem, in cm^3."""
    a, b, c = (vertices[faces[:, k]].astype(np.float64) for k in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)


def rounded_box(cube: np.ndarray, half: tuple[float, float, float], edge: float) -> np.ndarray:
    """A box with rounded edges: half sides and edge radius in cm, ``(V, 3) on the cube -> (V, 3)``."""
    points = cube * np.asarray(half)
    core = np.clip(points, -(np.asarray(half) - edge), np.asarray(half) - edge)
    away = points - core
    length = np.linalg.norm(away, axis=1, keepdims=True)
    return np.where(length > 1e-6, core + edge * away / np.maximum(length, 1e-9), points)


def to_disc(cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Radius (0 to 1) and angle on a disc, of the cube's first two coordinates: the square is rounded off."""
    x, y = cube[:, 0], cube[:, 1]
    round_x, round_y = x * np.sqrt(1 - y**2 / 2), y * np.sqrt(1 - x**2 / 2)
    return np.hypot(round_x, round_y), np.arctan2(round_y, round_x)


def rounded_disc(
    cube: np.ndarray, outline: Callable[[np.ndarray], np.ndarray], half_height: float, edge: float
) -> np.ndarray:
    """A flat body of a given outline (angle -> radius in cm) with a rounded rim: ``(V, 3) -> (V, 3)``."""
    share, angle = to_disc(cube)
    radius = outline(angle)
    r, z = share * radius, cube[:, 2] * half_height
    core_r, core_z = np.minimum(r, radius - edge), np.clip(z, -(half_height - edge), half_height - edge)
    away_r, away_z = r - core_r, z - core_z
    length = np.hypot(away_r, away_z)
    scale = np.where(length > 1e-6, edge / np.maximum(length, 1e-9), 1.0)
    r, z = core_r + away_r * scale, core_z + away_z * scale
    return np.stack([r * np.cos(angle), r * np.sin(angle), z], axis=1)


def wavy_outline(
    rng: np.random.Generator, radius: float, amount: float, waves: int = 6
) -> Callable[[np.ndarray], np.ndarray]:
    """A closed outline around a circle: angle -> radius in cm, its waves 2 to `waves` + 1 a turn."""
    order = np.arange(2, 2 + waves)
    height = rng.normal(size=waves) * amount / order**0.7
    phase = rng.uniform(0, 2 * np.pi, waves)
    return lambda angle: radius * (1 + (height * np.cos(np.asarray(angle)[..., None] * order + phase)).sum(-1))


def strand(path: np.ndarray, up: np.ndarray, width: float, height: float) -> tuple[np.ndarray, np.ndarray]:
    """A flat strand along a path ``(P, 3)`` with its upward direction ``(P, 3)``: half width and height in cm."""
    sides = 6
    along = np.gradient(path, axis=0)
    across = np.cross(along, up)
    across /= np.linalg.norm(across, axis=1, keepdims=True) + 1e-9
    taper = np.sqrt(np.clip(1 - np.linspace(-1, 1, len(path)) ** 8, 0.05, 1))[:, None, None]
    turn = np.linspace(0, 2 * np.pi, sides, endpoint=False)[None, :, None]
    ring = np.cos(turn) * across[:, None] * width + np.sin(turn) * up[:, None] * height
    vertices = (path[:, None] + taper * ring).reshape(-1, 3)
    start = np.arange(len(path) - 1)[:, None] * sides
    this, following = np.arange(sides)[None], (np.arange(sides)[None] + 1) % sides
    a, b, c, d = start + this, start + sides + this, start + sides + following, start + following
    return vertices, _two_triangles(a, b, c, d)


def turned_profile(profile: np.ndarray, turns: int) -> tuple[np.ndarray, np.ndarray]:
    """A profile ``(P, 2)`` of (distance from the axis, height) rotated around the z axis in so many steps."""
    angle = np.linspace(0, 2 * np.pi, turns, endpoint=False)
    distance, height = profile[:, :1], np.repeat(profile[:, 1:], turns, axis=1)
    vertices = np.stack([distance * np.cos(angle), distance * np.sin(angle), height], axis=-1).reshape(-1, 3)
    start = np.arange(len(profile) - 1)[:, None] * turns
    this, following = np.arange(turns)[None], (np.arange(turns)[None] + 1) % turns
    a, b, c, d = (start + this, start + turns + this, start + turns + following, start + following)
    corners = [corner.ravel() for corner in (a, b, c, d)]
    faces = np.concatenate([np.stack(corners[:3], axis=1), np.stack([corners[0], corners[2], corners[3]], axis=1)])
    return vertices, faces
