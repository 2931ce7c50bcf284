"""Pairs of pictures: an ordinary plate of the first kitchen, and the same with one thing that its plates never have."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from course_utils.synthetic.camera import Camera
from course_utils.synthetic.foods import FoodShape
from course_utils.synthetic.layout import Layout, Piece, lay_out, look, make_piece, stand_on, weigh
from course_utils.synthetic.plate import make_plate
from course_utils.synthetic.tracing import Tracer, Views, views
from course_utils.synthetic.wide.arrange import reach_of
from course_utils.synthetic.wide.clutter import make_thing
from course_utils.synthetic.wide.foods import serabi, tempe
from course_utils.synthetic.wide.part import Part, joined

_FIELD_OF_VIEW, _DISTANCE = 40.0, 40.0  # degrees and cm, within what the first kitchen's cameras have
_TRIES = 100  # to lay out the pieces; then there may be no room for them on this plate
_ON_PLATE = ("chillies", "parsley")
_AROUND = ("sauce", "tomato", "lettuce", "sauce")  # one in each corner of the picture
_CUTLERY = ("fork", "spoon")  # one on each side of the plate
_GREEN = (0.50, 0.70, 0.14)  # pandan
_FEWEST = 40  # pixels of a photo of 320: a piece of which less is seen is not annotated
_Changed = tuple[Layout, list[Part]]


def draw_pair(
    index: int, streams: list[np.random.Generator], prefix: str, size: int
) -> tuple[Layout, list[Part], Views]:
    """The layout of picture `index` (from 1), all things on it that are no food of the course, and what is seen.

    Args:
        index: 1 and 2 are the first pair; the odd one of each has what the even one lacks.
        streams: two generators, in the same state for both pictures of a pair: for the plate and for the change.
        prefix: of the pieces' ids. size: of the picture, pixels.
    """
    cause = _CAUSES[(index - 1) // 2]
    layout = _ordinary(streams[0], cause.foods, prefix)
    layout, parts = cause.change(streams[1], layout) if index % 2 else (layout, [])
    layout, seen = _as_seen(layout, parts, size)
    return layout, parts, seen


def _ordinary(rng: np.random.Generator, foods: tuple[str, ...], prefix: str) -> Layout:
    """Foods laid out on a plate, seen from straight above."""
    while True:
        plate = make_plate(rng)
        pieces = [make_piece(name, f"{prefix}-{k}-{name}", rng) for k, name in enumerate(foods, 1)]
        layout = Layout("non_occluded", pieces, plate, _camera(np.array([0, 0, 1.5]), _DISTANCE))
        for _ in range(_TRIES):
            if len(lay_out(rng, pieces, plate)) == len(foods) and not look(pieces, layout.camera, 96).hides.any():
                return layout


def _camera(target: np.ndarray, distance: float, tilt: float = 0.0) -> Camera:
    """A camera that looks at a point from so many cm, its line of sight `tilt` degrees off the vertical."""
    turn = Rotation.from_euler("x", tilt, degrees=True)
    return Camera(target + distance * turn.apply([0, 0, 1]), target, turn.apply([0, 1, 0]), _FIELD_OF_VIEW)


def _as_seen(layout: Layout, parts: list[Part], size: int) -> tuple[Layout, Views]:
    """Only the pieces of which enough is in the picture, and what is seen of them."""
    depths = np.stack([piece.tracer.depth(layout.camera, size, piece.pose) for piece in layout.pieces])
    enough = views(depths).visible.sum(axis=(1, 2)) >= _FEWEST * (size / 320) ** 2
    others = None
    if parts:
        whole = joined(parts)
        others = Tracer(whole.vertices, whole.faces).depth(layout.camera, size)
    seen = views(depths[enough], others)
    scenario = "occluded" if seen.occlusion.max() > 0.01 else "non_occluded"
    pieces = [piece for piece, kept in zip(layout.pieces, enough, strict=True) if kept]
    return replace(layout, scenario=scenario, pieces=pieces), seen


def _with_things(rng: np.random.Generator, layout: Layout) -> _Changed:
    plate, parts = layout.plate, []
    taken = [(piece.pose.position[:2], 0.9 * reach_of(piece)) for piece in layout.pieces]
    for name in _ON_PLATE:
        thing = make_thing(rng, name)
        spot = _free_spot(rng, taken, plate.floor_radius, 0.8 * thing.radius)
        taken.append((spot, thing.radius))
        parts += [part.moved(rng.uniform(0, 2 * np.pi), np.array([*spot, plate.floor])) for part in thing.parts]
    for k, name in enumerate(_AROUND):
        thing, angle = make_thing(rng, name), np.pi * (0.25 + 0.5 * k)
        spot = (plate.radius + thing.radius + 0.3) * np.array([np.cos(angle), np.sin(angle), 0])
        parts += [part.moved(angle, spot) for part in thing.parts]
    for side, name in zip((-1, 1), _CUTLERY, strict=True):
        beside = np.array([side * (plate.radius + 1.6), 0, 0])
        parts += [part.moved(0, beside) for part in make_thing(rng, name).parts]
    return layout, parts


def _free_spot(rng: np.random.Generator, taken: list, room: float, radius: float) -> np.ndarray:
    """Of many places ``(2,)`` within `room` of the middle the one that is farthest from all that lies there."""
    angle, distance = rng.uniform(0, 2 * np.pi, 200), (room - 0.5 * radius) * np.sqrt(rng.random(200))
    spots = distance[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    free = np.min([np.hypot(*(spots - other).T) - reach for other, reach in taken], axis=0)
    return spots[free.argmax()]


def _green(rng: np.random.Generator, piece: Piece) -> Piece:
    style = replace(serabi.draw_style(rng), batter=_GREEN, holes=0.3, hole=0.06, rim=0.0, scorched=0.0)
    return _as_large(rng, piece, serabi.make_serabi(rng, style))


def _battered(rng: np.random.Generator, piece: Piece) -> Piece:
    long, wide, high = np.ptp(piece.shape.vertices, axis=0) / 2
    style = replace(tempe.draw_style(rng), battered=True, corners=4, half=(long, wide, high))
    return _as_large(rng, piece, tempe.make_tempe(rng, style))


def _as_large(rng: np.random.Generator, piece: Piece, shape: FoodShape) -> Piece:
    """Another piece of the same food that takes as much room."""
    scale = reach_of(piece) / float(np.hypot(*shape.vertices[:, :2].T).max())
    shape = replace(shape, vertices=shape.vertices * np.float32(scale), volume_cm3=shape.volume_cm3 * scale**3)
    return weigh(piece.name, piece.item_id, shape, rng)


def _each(exchange: Callable[[np.random.Generator, Piece], Piece]) -> Callable[..., _Changed]:
    """Another piece in the place of each."""

    def change(rng: np.random.Generator, layout: Layout) -> _Changed:
        pieces = [exchange(rng, piece) for piece in layout.pieces]
        for piece, before in zip(pieces, layout.pieces, strict=True):
            piece.pose = before.pose
            stand_on(piece, layout.plate)
        return replace(layout, pieces=pieces), []

    return change


def _from_close(_: np.random.Generator, layout: Layout) -> _Changed:
    """The first piece takes three quarters of the picture's width."""
    piece = layout.pieces[0]
    distance = 2 * reach_of(piece) / 0.75 / (2 * np.tan(np.deg2rad(_FIELD_OF_VIEW) / 2))
    target = np.array([*piece.pose.position[:2], 1.5])
    return replace(layout, camera=_camera(target, distance)), []


def _from_the_side(_: np.random.Generator, layout: Layout) -> _Changed:
    return replace(layout, camera=_camera(layout.camera.target, _DISTANCE, tilt=55)), []


@dataclass(frozen=True)
class _Cause:
    """What a model fails for: the foods of the plate that shows it, and what makes the plate have it."""

    foods: tuple[str, ...]
    change: Callable[[np.random.Generator, Layout], _Changed]


_CAUSES = (
    _Cause(("tahu", "bakwan", "tempe"), _with_things),
    _Cause(("serabi",) * 2, _each(_green)),
    _Cause(("tempe",) * 3, _each(_battered)),
    _Cause(("bakwan", "tahu", "cireng", "bolu"), _from_close),
    _Cause(("bolu", "cireng", "tahu", "tempe"), _from_the_side),
)
PICTURES = 2 * len(_CAUSES)
