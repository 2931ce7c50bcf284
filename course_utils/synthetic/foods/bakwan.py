"""Bakwan: a vegetable fritter, ragged and lacy at the rim, with shreds of carrot and cabbage in its batter."""

import numpy as np
from scipy.spatial import cKDTree

from course_utils.synthetic.colour import jitter, mix, smoothstep
from course_utils.synthetic.foods.shape import FoodShape, finish
from course_utils.synthetic.mesh import cube_grid, normals, rounded_disc, strand, to_disc, wavy_outline
from course_utils.synthetic.noise import GradientNoise

# Carrot, cabbage, spring onion: colour and share of the shreds.
_SHREDS = ((0.93, 0.45, 0.08), (0.88, 0.82, 0.50), (0.42, 0.52, 0.14))
_SHARES = (0.42, 0.33, 0.25)


def make_bakwan(rng: np.random.Generator) -> FoodShape:
    """A fritter of 5 to 7.5 cm."""
    noise = GradientNoise(rng)
    cube, faces = cube_grid(76, 76, 20)
    half_height = rng.uniform(0.75, 1.05)
    body = rounded_disc(cube, wavy_outline(rng, rng.uniform(2.6, 3.5), 0.09, 9), half_height, half_height * 0.95)
    share, _ = to_disc(cube)
    body *= [1, rng.uniform(0.78, 1), 1]
    body[:, 2] *= 1 - 0.35 * share**2
    relief = 0.28 * noise(body, 0.45, 2) + 0.17 * noise(body + 5, 1.1, 2, ridged=True) - 0.1
    relief += 0.10 * noise(body, 2.6, 2) + 0.035 * noise(body + 9, 8, 2)
    relief += 0.16 * smoothstep(0.75, 1, share) * noise(body + 21, 2.2, 2)  # batter runs out in rags at the rim
    body = body + normals(body, faces) * relief[:, None]
    colours = _batter(rng, noise, body, relief, share)
    shreds = _lay_shreds(rng, body, normals(body, faces), colours)
    vertices, all_faces, srgb = [body], [faces], [colours]
    used = len(body)
    for points, triangles, colour in shreds:
        vertices.append(points)
        all_faces.append(triangles + used)
        srgb.append(colour)
        used += len(points)
    return finish(
        np.concatenate(vertices), np.concatenate(all_faces), np.concatenate(srgb), 0.40, 0.55, body_faces=len(faces)
    )


def _batter(rng, noise, body, relief, share) -> np.ndarray:
    """Pale in the hollows, golden on the flanks, brown on ridges and rim."""
    golden, brown, pale = (jitter(rng, c) for c in ((0.80, 0.52, 0.17), (0.50, 0.25, 0.06), (0.92, 0.72, 0.34)))
    patches = noise(body + 3, 0.9, 4)
    colours = mix(golden, pale, 0.5 - 1.6 * relief + 0.7 * patches - 0.5 * share**4)
    colours = mix(colours, brown, smoothstep(0.15, 0.65, relief * 0.9 + 0.45 * patches + 0.35 * share**5))
    return colours * (1 + 0.16 * noise(body, 6, 2))[:, None]


def _lay_shreds(rng, body, up, colours) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Curved strands that follow the upper skin, half sunk into it."""
    tree = cKDTree(body)
    upper = np.flatnonzero(up[:, 2] > -0.3)
    along = np.linspace(-1, 1, 12)[:, None]
    shreds = []
    for start in rng.choice(upper, int(rng.integers(55, 85))):
        direction = np.cross(up[start], rng.normal(size=3))
        direction /= np.linalg.norm(direction)
        length, bend = rng.uniform(0.7, 2.4), rng.normal() * 0.35
        guide = body[start] + direction * along * length / 2 + np.cross(up[start], direction) * bend * along**2
        _, nearest = tree.query(guide)
        lift = 0.02 + 0.10 * rng.random() * np.abs(along) ** 3
        path = body[nearest] * 0.75 + guide * 0.25 + up[nearest] * lift
        path[1:-1] = (path[:-2] + path[1:-1] + path[2:]) / 3
        width = rng.uniform(0.05, 0.13)
        points, triangles = strand(path, up[nearest], width, width * 0.55)
        vegetable = np.tile(_SHREDS[rng.choice(3, p=_SHARES)], (len(points), 1))
        fried = np.full(len(points), rng.uniform(0.1, 0.7))
        shreds.append(
            (points, triangles, mix(vegetable, colours[np.repeat(nearest, 6)], fried) * rng.uniform(0.85, 1.1))
        )
    return shreds
