"""How pieces come onto a carrier: thrown on a heap, fanned out like tiles, in a ring, or laid side by side."""

import numpy as np
from scipy.spatial.transform import Rotation

from course_utils.synthetic.layout import Piece
from course_utils.synthetic.physics import Pose, hull_points
from course_utils.synthetic.wide.carriers import Carrier
from course_utils.synthetic.wide.ground import Ground

_FLIPPED = ("cireng", "tempe", "tahu", "bakwan")
_STANDING = ("bolu",)
# Many directions up and down, so that flat pieces lie on their faces and do not sink into what is below.
_DIRECTIONS = np.random.default_rng(1).normal(size=(90, 3)) * np.repeat([[1, 1, 1], [0.25, 0.25, 1]], 45, axis=0)


def body_hull(vertices: np.ndarray) -> np.ndarray:
    """Vertices ``(H, 3)`` whose hull stands for a piece in a heap; ends of shreds that stand off do not count."""
    low, high = np.quantile(vertices[:, 2], [0.01, 0.99])
    return hull_points(vertices[(vertices[:, 2] >= low) & (vertices[:, 2] <= high)], _DIRECTIONS)


def reach_of(piece: Piece) -> float:
    """Radius of the room that a piece takes on the flat, cm."""
    return float(np.hypot(*piece.shape.vertices[:, :2].T).max())


def turned(rng: np.random.Generator, name: str, tilt: float, about: float | None = None) -> np.ndarray:
    """A rotation about the vertical, random unless given, a lean of about `tilt`, and for some foods either side up."""
    flip = np.pi if name in _FLIPPED and rng.random() < 0.5 else 0.0
    about = rng.uniform(0, 2 * np.pi) if about is None else about
    lean = Rotation.from_euler("xy", rng.normal(0, 1, 2) * tilt)
    return (lean * Rotation.from_euler("z", about) * Rotation.from_euler("x", flip)).as_matrix()


def heap(rng: np.random.Generator, pieces: list[Piece], carrier: Carrier) -> list[Pose]:
    """Poses above each other, to fall from: scattered, or one after the other along a line or a ring."""
    spots, about = _spots(rng, pieces, carrier)
    height, start = carrier.floor + 0.4, []
    for k, (piece, spot) in enumerate(zip(pieces, spots, strict=True)):
        lean = 0.02 if piece.name in _STANDING else 0.12
        rotation = turned(rng, piece.name, lean, None if about is None else about[k] + rng.normal(0, 0.15))
        points = piece.shape.vertices @ rotation.T
        start.append(Pose(rotation, np.array([*spot, height - points[:, 2].min()])))
        # In a row the next piece starts beside, not above, so that it leans on the one before.
        height += (np.ptp(points[:, 2]) + 0.3) * (1 if about is None else 0.6)
    return start


def _spots(rng, pieces, carrier) -> tuple[np.ndarray, np.ndarray | None]:
    count, room = len(pieces), float(carrier.reach(np.linspace(0, 6, 30)).min())
    reach = np.mean([reach_of(piece) for piece in pieces])
    kind = rng.random()
    if kind < 0.55 or count < 3:
        spread = min(reach * rng.uniform(0.3, 0.55) * np.sqrt(count), 0.5 * room)
        return np.clip(rng.normal(0, spread, (count, 2)), -0.85 * room, 0.85 * room), None
    if kind < 0.8:
        rows = 1 if count <= 6 else 2
        place, direction = np.arange(count) // rows, rng.uniform(0, 2 * np.pi)
        step = min(rng.uniform(0.7, 1.2) * reach, 1.7 * room / max(place.max(), 1))
        along = (place - place.mean()) * step
        across = (np.arange(count) % rows - (rows - 1) / 2) * reach * 1.9
        spots = np.stack([along, across], axis=1) + rng.normal(0, 0.2, (count, 2))
        turn = np.array([[np.cos(direction), np.sin(direction)], [-np.sin(direction), np.cos(direction)]])
        return spots @ turn, np.full(count, direction)
    around = max(room - 0.6 * reach, 0.5 * reach)
    step = min(2 * np.pi / count, rng.uniform(0.9, 1.5) * reach / around)
    angle = np.arange(count) * step + rng.uniform(0, 2 * np.pi)
    return around * np.stack([np.cos(angle), np.sin(angle)], axis=1), angle


def laid_out(rng: np.random.Generator, pieces: list[Piece], carrier: Carrier, ground: Ground) -> list[Piece]:
    """Put pieces on the flat, apart from each other and from what stands there; those for which there is room."""
    laid, close = [], rng.uniform(0.84, 1.0)
    for piece in pieces:
        reach = reach_of(piece)
        for _ in range(50):
            angle = rng.uniform(0, 2 * np.pi)
            distance = max(float(carrier.reach(angle)) + 0.3 - reach, 0.2) * np.sqrt(rng.random())
            spot = distance * np.array([np.cos(angle), np.sin(angle)])
            if ground.is_free(spot, close * reach):
                ground.take(spot, close * reach)
                piece.pose = Pose(turned(rng, piece.name, 0), np.array([*spot, 0]))
                low = piece.pose.apply(body_hull(piece.shape.vertices))[:, 2].min()
                piece.pose = Pose(piece.pose.rotation, np.array([*spot, carrier.floor - low]))
                laid.append(piece)
                break
    return laid
