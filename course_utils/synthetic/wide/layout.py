"""A picture of the wider world before it is lit: what lies where, and who looks at it from where."""

from dataclasses import dataclass

import numpy as np

from course_utils.dataset.classes import CLASSES
from course_utils.synthetic.camera import Camera
from course_utils.synthetic.layout import Piece, weigh
from course_utils.synthetic.physics import settle
from course_utils.synthetic.wide.arrange import body_hull, heap, laid_out, reach_of
from course_utils.synthetic.wide.cameras import Stance, take_stance
from course_utils.synthetic.wide.carriers import Carrier, lining, make_carrier
from course_utils.synthetic.wide.clutter import ON_PLATE, ON_TABLE, make_thing
from course_utils.synthetic.wide.foods import Batch
from course_utils.synthetic.wide.ground import Ground
from course_utils.synthetic.wide.part import Part
from course_utils.synthetic.wide.world import World

# One picture in ten shows no food of the course, five a heap, four pieces that are laid out.
KINDS = ("heap", "open", "heap", "open", "heap", "heap", "open", "heap", "open", "empty")
_DROPS = 7
_NEED_ROOM = ("sauce", "jug", "tomato", "slices")  # of what lies on carriers; leaves and chillies may lie on food
_TALL = 3.2  # cm; higher things stand behind the plate in views from the side


@dataclass(frozen=True)
class WideLayout:
    """Everything of a picture but its light.

    Attributes:
        pieces: with their poses; none on an empty table. carrier: None on a bare table.
        parts: meshes of all other things. camera, stance: who looks, and how the phone is held.
    """

    pieces: list[Piece]
    carrier: Carrier | None
    parts: list[Part]
    camera: Camera
    stance: Stance


def draw_layout(rng: np.random.Generator, world: World, kind: str, prefix: str) -> WideLayout | None:
    """One try at a layout; None if the pieces did not come to rest where they should."""
    stance = take_stance(rng, world.cameras)
    pieces = [] if kind == "empty" else _new_pieces(rng, kind, prefix)
    carrier = _carrier_for(rng, world, kind, pieces)
    ground, parts = Ground(carrier.surface if carrier else None), []
    if carrier and carrier.rim > carrier.floor and rng.random() < 0.3:
        parts.append(lining(rng, carrier))
    solids = _stand_on_carrier(rng, carrier, ground, parts) if carrier and rng.random() < 0.4 else []
    if kind == "open" and carrier:
        pieces = laid_out(rng, pieces, carrier, ground)
    elif kind == "heap" and not _drop(rng, pieces, carrier, solids):
        return None
    if kind != "empty" and not pieces:
        return None
    for piece in pieces:
        ground.raise_to(piece.pose.apply(piece.shape.vertices))
        ground.take(piece.pose.position[:2], 0.6 * reach_of(piece))
    _scatter(rng, carrier, ground, parts, stance, kind)
    return WideLayout(pieces, carrier, parts, frame(rng, stance, pieces, carrier), stance)


def _new_pieces(rng: np.random.Generator, kind: str, prefix: str) -> list[Piece]:
    """1 to 15 pieces, on most plates of one food, and as a rule of one batch."""
    count = (
        int(np.clip(rng.gamma(2.2, 3.4) + 2, 3, 15)) if kind == "heap" else int(np.clip(rng.gamma(1.6, 3.4) + 1, 1, 15))
    )
    foods = min(count, (1, 1, 1, 2, 2, 3, 4, 6)[rng.integers(8)])
    batches = [Batch(str(name), rng) for name in rng.choice(CLASSES, foods, replace=False)]
    if rng.random() < 0.25:
        batches.append(Batch(batches[0].name, rng))
    pieces = []
    for k in range(count):
        batch = batches[rng.integers(len(batches))]
        pieces.append(weigh(batch.name, f"{prefix}-{k + 1}-{batch.name}", batch.make(rng), rng))
    return pieces


def _carrier_for(rng, world, kind, pieces) -> Carrier | None:
    """Large enough for the pieces; one empty table in three is bare."""
    if kind == "empty" and rng.random() < 0.35:
        return None
    area = sum(reach_of(piece) ** 2 for piece in pieces)
    radius = np.sqrt(area * (rng.uniform(0.5, 1.3) if kind == "heap" else rng.uniform(1.5, 2.8)))
    family = world.carriers[rng.integers(len(world.carriers))]
    return make_carrier(rng, family, float(np.clip(radius * 1.25, 6.5, 15) if pieces else rng.uniform(8, 13)))


def _stand_on_carrier(rng, carrier: Carrier, ground: Ground, parts: list[Part]) -> list[dict]:
    """A bowl of sauce on the flat, before the food comes: its solid."""
    bowl = make_thing(rng, "sauce" if rng.random() < 0.8 else "jug")
    angle = rng.uniform(0, 2 * np.pi)
    distance = max(float(carrier.reach(angle)) - bowl.radius, 0) * (
        rng.uniform(0.7, 1.05) if rng.random() < 0.7 else rng.uniform(0, 0.3)
    )
    spot = distance * np.array([np.cos(angle), np.sin(angle)])
    ground.take(spot, bowl.radius)
    turn = rng.uniform(0, 2 * np.pi)
    moved = [part.moved(turn, np.array([*spot, carrier.floor])) for part in bowl.parts]
    parts.extend(moved)
    for part in moved:
        ground.raise_to(part.vertices)
    half = bowl.height / 2
    return [{"type": "cylinder", "size": [0.95 * bowl.radius, half], "pos": [*spot, carrier.floor + half]}]


def _drop(rng, pieces, carrier, solids) -> bool:
    """Let the pieces fall until all lie on the carrier; whether they do after a few tries."""
    for attempt in range(_DROPS):
        # A pile that does not hold is tried again, and then with a piece less each time.
        del pieces[max(len(pieces) - (attempt > 1), 2) :]
        start = heap(rng, pieces, carrier)
        shapes, weights = [p.shape for p in pieces], [p.weight_g for p in pieces]
        poses = settle(shapes, weights, start, [*carrier.solids, *solids], body_hull)
        if poses is None:
            continue
        for piece, pose in zip(pieces, poses, strict=True):
            piece.pose = pose
        if all(_lies_well(piece, carrier) for piece in pieces):
            return True
    return False


def _lies_well(piece: Piece, carrier: Carrier) -> bool:
    """On the carrier, not far over its edge; pancakes and cakes the right way up."""
    x, y, z = piece.pose.position
    inside = np.hypot(x, y) < max(1.12 * float(carrier.reach(np.arctan2(y, x))), 0.85 * carrier.radius)
    up = piece.pose.rotation[2, 2]
    right = {"serabi": up > 0.45, "bolu": up > 0.25, "bakwan": True, "tahu": True}.get(piece.name, abs(up) > 0.4)
    return bool(inside and z > 0 and right)


def _scatter(rng, carrier, ground: Ground, parts, stance: Stance, kind: str) -> None:
    """Garnish on the carrier and between the pieces, and other things around it."""
    behind = stance.azimuth + np.pi
    on_plate = int(rng.integers(1, 4)) if kind == "empty" else int(rng.choice([0, 0, 1, 1, 2, 3]))
    for name in rng.choice(ON_PLATE, on_plate if carrier else 0):
        thing = make_thing(rng, str(name))
        angle = rng.uniform(0, 2 * np.pi)
        spot = float(carrier.reach(angle)) * rng.uniform(0.55, 1.0) * np.array([np.cos(angle), np.sin(angle)])
        if name in _NEED_ROOM and not ground.is_free(spot, 0.9 * thing.radius):
            continue
        _put(rng, thing, spot, ground, parts)
    edge = carrier.radius if carrier else 0.0
    for name in rng.choice(ON_TABLE, int(rng.choice([0, 1, 2, 3, 4, 6]) + (2 if kind == "empty" else 0))):
        thing = make_thing(rng, str(name))
        tall = thing.height > _TALL and stance.tilt > 0.4
        angle = behind + rng.uniform(-1.2, 1.2) if tall else rng.uniform(0, 2 * np.pi)
        spot = (edge + 0.95 * thing.radius + 9 * rng.random() ** 1.5) * np.array([np.cos(angle), np.sin(angle)])
        if ground.is_free(spot, 0.8 * thing.radius):
            _put(rng, thing, spot, ground, parts)


def _put(rng, thing, spot, ground: Ground, parts) -> None:
    ground.take(spot, 0.8 * thing.radius)
    height, turn = ground.height(thing, spot), rng.uniform(0, 2 * np.pi)
    for part in thing.parts:
        moved = part.moved(turn, np.array([*spot, height]))
        ground.raise_to(moved.vertices)
        parts.append(moved)


def frame(rng, stance: Stance, pieces: list[Piece], carrier: Carrier | None) -> Camera:
    """The whole carrier in view, a part of it, or a close-up of one piece."""
    middle = np.array([*rng.normal(0, 1.2, 2), 1.5])
    if not pieces or carrier is None:
        return stance.at(middle, rng.uniform(14, 45))
    points = np.concatenate([piece.pose.apply(piece.shape.vertices[::40]) for piece in pieces])
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    mode = rng.random()
    if mode < 0.5:
        centre = np.array([*(middle[:2] * rng.random()), middle[2]])
        return stance.at(centre + rng.normal(0, 0.8, 3) * [1, 1, 0], 2 * carrier.radius * rng.uniform(0.95, 1.5))
    if mode < 0.8:
        wide = max(np.ptp(points[:, :2], axis=0).max() * rng.uniform(0.85, 1.25), 7)
        return stance.at(middle + rng.normal(0, 1.2, 3) * [1, 1, 0], wide)
    piece = pieces[rng.integers(len(pieces))]
    own = piece.pose.apply(piece.shape.vertices)
    return stance.at(own.mean(axis=0) + rng.normal(0, 0.7, 3) * [1, 1, 0], 2 * reach_of(piece) / rng.uniform(0.4, 0.8))
