"""What the food lies on, in families: plates of many outlines, baskets, boards, leaves and paper."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from course_utils.synthetic.colour import jitter, mix, smoothstep
from course_utils.synthetic.noise import GradientNoise
from course_utils.synthetic.physics import TABLE, Solid
from course_utils.synthetic.wide.outline import polygon_outline
from course_utils.synthetic.wide.part import Part, revolve, sheet
from course_utils.synthetic.wide.weaves import ceramic, leaf_green, steel, wicker, wood

_WALLS = 32  # boxes that stand for a rim
_WALL = 0.28  # thickness in cm


@dataclass(frozen=True)
class Carrier:
    """Something flat on the table around the origin; lengths in cm.

    Attributes:
        parts: its meshes. solids: what pieces fall on.
        reach: angle -> distance from the axis to the edge of its flat. floor: height of the flat.
        rim: height of the rim. radius: half its greatest width.
        diameter: of a round one's rim, None for others. surface: height of the top at points ``(N, 2)``.
    """

    parts: list[Part]
    solids: list[Solid]
    reach: Callable[[float | np.ndarray], np.ndarray]
    floor: float
    rim: float
    radius: float
    diameter: float | None
    surface: Callable[[np.ndarray], np.ndarray] = field(repr=False)


def make_carrier(rng: np.random.Generator, family: str, radius: float) -> Carrier:
    """A carrier of a family, about `radius` cm from its middle to its rim."""
    return _MAKERS[family](rng, radius)


def lining(rng: np.random.Generator, carrier: Carrier) -> Part:
    """Banana leaf or paper that lies on a carrier with a rim and follows its shape."""
    angle = np.linspace(0, 2 * np.pi, 60)
    room = float(carrier.reach(angle).min()) * rng.uniform(0.85, 1.1)
    half = (room * rng.uniform(0.75, 0.95), room * rng.uniform(0.55, 0.7))
    colour: Any
    if rng.random() < 0.5:
        colour, roughness = leaf_green(rng)(room, room), 0.4
    else:
        colour, roughness = jitter(rng, ((0.95, 0.95, 0.94), (0.72, 0.56, 0.38))[rng.integers(2)], 0.03), 0.8
    noise = GradientNoise(rng)

    def height(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        points = np.stack([x, y, 0 * x], axis=1)
        return carrier.surface(points[:, :2]) + 0.06 + 0.04 * noise(points, 0.5, 2)

    return sheet(half, height, colour, 44, roughness=roughness, specular=0.3)


def _circle(angle: np.ndarray) -> np.ndarray:
    return np.ones_like(np.asarray(angle, float))


def _rectangle(rng: np.random.Generator) -> Callable[[np.ndarray], np.ndarray]:
    """Outline of a rectangle, its corners a little rounded, as a factor of the radius of a circle."""
    half = np.array([1.0, rng.uniform(0.55, 1)])
    outline = polygon_outline(np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half, rng.uniform(8, 24))
    return lambda angle: outline(np.asarray(angle)) * 0.86


def _rimmed(
    rng, radius, outline, colour, flat: float, depth: float, diameter=None, thickness=_WALL, **material
) -> Carrier:
    """A profile around an outline: a flat of a share `flat` of the radius, and a flank that rises by `depth`."""
    foot, inner = rng.uniform(0.1, 0.35), radius * flat
    rise = np.linspace(0, 1, 16)
    steep = rng.uniform(0.6, 1.6)
    distance = np.concatenate([np.linspace(0, inner, 26)[:-1], inner + (radius - inner) * rise])
    height = np.concatenate([np.zeros(25), depth * ((1 - np.cos(np.pi * rise)) / 2) ** steep]) + thickness
    lip = np.array([(radius + 0.1, depth + thickness - 0.04), (radius + 0.1, depth + 0.4 * thickness)])
    top = np.stack([distance, height], axis=1)
    profile = np.concatenate([top, lip, top[:-1][::-1] - [0, thickness]]) + [0, foot]
    body = revolve(profile, colour(inner, radius), 128, outline, **material)
    floor = foot + thickness

    def surface(points: np.ndarray) -> np.ndarray:
        share = np.hypot(*points.T) / outline(np.arctan2(points[:, 1], points[:, 0]))
        return np.where(share > radius, 0, np.interp(share, distance, height) + foot)

    solids = [TABLE, *_tray(outline, inner, radius, floor, depth)]
    wide = radius * float(outline(np.linspace(0, 2 * np.pi, 90)).max())
    return Carrier([body], solids, lambda a: inner * outline(a), floor, floor + depth, wide, diameter, surface)


def _tray(outline, inner, radius, floor, depth) -> list[Solid]:
    """A slab, and a slanted box for each stretch of the flank."""
    angle = np.arange(_WALLS + 1) * 2 * np.pi / _WALLS
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1) * outline(angle)[:, None]
    half = np.abs(ring[:-1]).max(axis=0) * inner
    boxes: list[Solid] = [{"type": "box", "size": [*half, 0.14], "pos": [0, 0, floor - 0.14]}]
    for first, second in zip(ring[:-1], ring[1:], strict=True):
        middle, along = (first + second) / 2, second - first
        out = np.array([along[1], -along[0]]) / np.linalg.norm(along)
        run = (radius - inner) * float(middle @ out)
        slope = np.arctan2(depth, run)
        place = np.array([*(middle * (inner + radius) / 2), floor + depth / 2])
        place += np.array([*(out * np.sin(slope)), -np.cos(slope)]) * 0.14
        turn = Rotation.from_euler("z", np.arctan2(out[1], out[0])) * Rotation.from_euler("y", -slope)
        size = [np.hypot(run, depth) / 2, np.linalg.norm(along) * radius / 2 * 1.05, 0.14]
        boxes.append({"type": "box", "size": size, "pos": place, "quat": turn.as_quat()[[3, 0, 1, 2]]})
    return boxes


def _plate(rng, radius) -> Carrier:
    return _round(rng, radius, (0.58, 0.85), (0.5, 2.0))


def _bowl(rng, radius) -> Carrier:
    """A deep plate."""
    return _round(rng, min(radius, 11.5), (0.5, 0.62), (2.2, 3.6))


def _round(rng, radius, inner: tuple[float, float], depth: tuple[float, float]) -> Carrier:
    """A round dish; the ranges are of the share of the radius that lies within the rim, and of its depth in cm."""
    made_of, within, deep = ceramic(rng), rng.uniform(*inner), rng.uniform(*depth)
    return _rimmed(rng, radius, _circle, made_of, within, deep, 2 * radius + 0.2, **_glaze(rng))


def _platter(rng, radius) -> Carrier:
    return _rimmed(
        rng, radius * 1.1, _rectangle(rng), ceramic(rng), rng.uniform(0.8, 0.9), rng.uniform(0.5, 1.5), **_glaze(rng)
    )


def _oval(rng, radius) -> Carrier:
    ratio = rng.uniform(0.65, 0.85)

    def outline(angle: np.ndarray) -> np.ndarray:
        return 1 / np.hypot(np.cos(angle), np.sin(angle) / ratio)

    return _rimmed(
        rng, radius * 1.15, outline, ceramic(rng), rng.uniform(0.65, 0.8), rng.uniform(0.6, 1.5), **_glaze(rng)
    )


def _scalloped(rng, radius) -> Carrier:
    """A plate whose rim runs in waves like a flower."""
    petals, depth = int(rng.integers(6, 13)), rng.uniform(0.02, 0.045)

    def outline(angle: np.ndarray) -> np.ndarray:
        return 1 + depth * np.abs(np.sin(np.asarray(angle) * petals / 2))

    return _rimmed(rng, radius, outline, ceramic(rng), rng.uniform(0.58, 0.75), rng.uniform(0.8, 1.8), **_glaze(rng))


def _steel(rng, radius) -> Carrier:
    outline = _rectangle(rng) if rng.random() < 0.5 else _circle
    rounded = 2 * radius + 0.2 if outline is _circle else None
    material = {"roughness": rng.uniform(0.18, 0.4), "specular": 0.5, "metallic": 1.0}
    return _rimmed(rng, radius, outline, steel(rng), 0.88, rng.uniform(0.8, 2), rounded, 0.12, **material)


def _basket(rng, radius) -> Carrier:
    outline = _circle if rng.random() < 0.6 else _rectangle(rng)
    rounded = 2 * radius + 0.2 if outline is _circle else None
    return _rimmed(
        rng,
        radius,
        outline,
        wicker(rng),
        rng.uniform(0.84, 0.92),
        rng.uniform(1, 3),
        rounded,
        0.45,
        roughness=0.7,
        specular=0.2,
    )


def _board(rng, radius) -> Carrier:
    """A wooden board, round or square, without a rim."""
    outline = _circle if rng.random() < 0.4 else _rectangle(rng)
    return _slab(radius, outline, rng.uniform(0.8, 2.2), wood(rng), roughness=rng.uniform(0.4, 0.7), specular=0.3)


def _leaf(rng, radius) -> Carrier:
    """A piece of banana leaf on the bare table."""
    return _slab(radius, _rectangle(rng), 0.06, leaf_green(rng), roughness=0.4, specular=0.5)


def _paper(rng, radius) -> Carrier:
    """Brown or white paper on the bare table."""
    colour = jitter(rng, ((0.94, 0.93, 0.90), (0.74, 0.58, 0.40), (0.90, 0.86, 0.76))[rng.integers(3)], 0.03)
    noise = GradientNoise(rng)

    def stains(v: np.ndarray) -> np.ndarray:
        return mix(colour, colour * [0.85, 0.76, 0.58], 0.9 * smoothstep(0.2, 0.7, noise(v, 0.25, 3)))

    return _slab(radius, _rectangle(rng), 0.04, lambda inner, outer: stains, roughness=0.8, specular=0.2)


def _slab(radius, outline, height, colour, **material) -> Carrier:
    edge = min(0.15, height / 3)
    rings = np.linspace(0, radius - edge, 50)
    top = np.stack([rings, np.full(50, height)], axis=1)
    profile = np.concatenate([top, [(radius, height - edge), (radius, edge), (radius - edge, 0.0)], [(0, 0.0)]])
    body = revolve(profile, colour(radius, radius), 128, outline, **material)

    def surface(points: np.ndarray) -> np.ndarray:
        share = np.hypot(*points.T) / outline(np.arctan2(points[:, 1], points[:, 0]))
        return np.where(share > radius, 0, height)

    box: Solid = {"type": "box", "size": [60, 60, height / 2], "pos": [0, 0, height / 2]}
    wide = radius * float(outline(np.linspace(0, 2 * np.pi, 90)).max())
    return Carrier(
        [body], [TABLE, box], lambda angle: 0.92 * radius * outline(angle), height, height, wide, None, surface
    )


def _glaze(rng) -> dict:
    matt = rng.random() < 0.3
    return {"roughness": rng.uniform(0.4, 0.7) if matt else rng.uniform(0.12, 0.28), "specular": 0.5}


_MAKERS = {
    "plate": _plate,
    "bowl": _bowl,
    "platter": _platter,
    "oval": _oval,
    "basket": _basket,
    "board": _board,
    "leaf": _leaf,
    "paper": _paper,
    "scalloped": _scalloped,
    "steel": _steel,
}
