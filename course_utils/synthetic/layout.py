"""What lies where: pieces, plate and camera of one picture, drawn until all that was promised of it holds."""

from dataclasses import dataclass, field

import numpy as np
from scipy.spatial.transform import Rotation

from course_utils.dataset.classes import CLASSES
from course_utils.dataset.foods import load_foods
from course_utils.errors import CourseError
from course_utils.synthetic.camera import Camera, hand_held, on_a_stand
from course_utils.synthetic.foods import FoodShape, make_food
from course_utils.synthetic.physics import Pose, hull_points, plate_solids, settle
from course_utils.synthetic.plate import Plate, make_plate
from course_utils.synthetic.tracing import Tracer, Views, views

_PREVIEW = 96  # pixels; enough to judge a try by
_TRIES = 40
_GOOD_ENOUGH = 8  # tries to choose the best from
_SPREAD = (1.7, 2.9)  # cm; pieces heaped closer bury each other
_FLAT = {"serabi": 0.88, "bolu": 0.8, "cireng": 0.75, "bakwan": 0.7, "tempe": 0.6}
_FLIPPED = ("cireng", "tempe", "tahu")
_WEIGHT_NOISE = 0.04  # standard deviation of the true weight around volume x density: no two batters are alike


@dataclass
class Piece:
    """One piece of food: what it is, how it is shaped, what it weighs, and, once it is laid down, where it lies."""

    name: str
    item_id: str
    shape: FoodShape
    weight_g: float
    pose: Pose = field(init=False)
    tracer: Tracer = field(init=False)

    def __post_init__(self) -> None:
        """Build the search tree once; it is needed for every try."""
        self.tracer = Tracer(self.shape.vertices, self.shape.faces)


@dataclass(frozen=True)
class Layout:
    """Everything of a picture but its light and colours."""

    scenario: str
    pieces: list[Piece]
    plate: Plate
    camera: Camera


def make_piece(name: str, item_id: str, rng: np.random.Generator) -> Piece:
    """A new piece, with its weight."""
    return weigh(name, item_id, make_food(name, rng), rng)


def weigh(name: str, item_id: str, shape: FoodShape, rng: np.random.Generator) -> Piece:
    """A shape as a piece: its weight is volume x density, and noise of 4 % cut off at two standard deviations."""
    noise = np.clip(rng.normal(), -2, 2) * _WEIGHT_NOISE
    return Piece(name, item_id, shape, shape.volume_cm3 * load_foods()[name].density_g_per_cm3 * (1 + noise))


def look(pieces: list[Piece], camera: Camera, size: int) -> Views:
    """What the camera sees of pieces that have their poses."""
    return views(np.stack([piece.tracer.depth(camera, size, piece.pose) for piece in pieces]))


def occluded_layout(rng: np.random.Generator, prefix: str) -> Layout:
    """Pieces dropped on a heap; of several tries the one in which most are partly hidden and none is buried."""
    plate = make_plate(rng)
    pieces = _new_pieces(rng, int(rng.integers(3, 9)), prefix)
    solids, best, best_score, valid = plate_solids(plate), None, -np.inf, 0
    for _ in range(_TRIES):
        poses = settle([p.shape for p in pieces], [p.weight_g for p in pieces], _above(rng, pieces, plate), solids)
        if poses is None or not _lie_well(pieces, poses, plate):
            continue
        for piece, pose in zip(pieces, poses, strict=True):
            piece.pose = pose
        camera, seen = _find_view(rng, pieces)
        if camera is None or seen is None:
            continue
        hidden = seen.occlusion
        score = ((hidden > 0.1) & (hidden < 0.6)).sum() - 4 * (hidden > 0.75).sum()
        valid += 1
        if score > best_score:
            best, best_score = (poses, camera), score
        if valid >= _GOOD_ENOUGH or score >= 0.6 * len(pieces):
            break
    if best is None:
        # So many pieces do not fit this plate; fewer, or smaller ones, will.
        return occluded_layout(rng, prefix)
    for piece, pose in zip(pieces, best[0], strict=True):
        piece.pose = pose
    return Layout("occluded", pieces, plate, best[1])


def open_layout(rng: np.random.Generator, prefix: str) -> Layout:
    """Pieces laid out side by side, none hiding another."""
    plate = make_plate(rng)
    pieces = _new_pieces(rng, int(rng.integers(1, 7)), prefix)
    for _ in range(_TRIES):
        laid = lay_out(rng, pieces, plate)
        camera, seen = _find_view(rng, laid)
        if camera is not None and seen is not None and seen.occlusion.max() < 0.004:
            return Layout("non_occluded", laid, plate, camera)
    return open_layout(rng, prefix)


def weighing_layout(rng: np.random.Generator, piece: Piece) -> Layout:
    """One piece on a plate under a camera on a stand.

    Raises:
        CourseError: the piece does not fit into the picture.
    """
    plate = make_plate(rng)
    camera = on_a_stand()
    for _ in range(_TRIES):
        spot = rng.uniform(-2.5, 2.5, 2)
        piece.pose = Pose(_turned(rng, piece.name, tilt=0), np.array([*spot, 0]))
        stand_on(piece, plate)
        if is_promised(look([piece], camera, _PREVIEW), _PREVIEW):
            return Layout("weighing", [piece], plate, camera)
    raise CourseError(f"{piece.item_id}: does not fit into the picture")


def _new_pieces(rng: np.random.Generator, count: int, prefix: str) -> list[Piece]:
    names = rng.choice(CLASSES, count)
    return [make_piece(str(name), f"{prefix}-{k + 1}-{name}", rng) for k, name in enumerate(names)]


def _turned(rng: np.random.Generator, name: str, tilt: float) -> np.ndarray:
    """A random rotation about the vertical, a slight tilt, and for some foods either side up."""
    flip = np.pi if name in _FLIPPED and rng.random() < 0.5 else 0.0
    lean = Rotation.from_euler("xy", rng.normal(0, tilt, 2) if tilt else (0, 0))
    return (lean * Rotation.from_euler("z", rng.uniform(0, 2 * np.pi)) * Rotation.from_euler("x", flip)).as_matrix()


def _above(rng: np.random.Generator, pieces: list[Piece], plate: Plate) -> list[Pose]:
    """Starting poses over the plate, one above the other so that they fall one after the other."""
    height, spread, start = plate.floor + 0.5, rng.uniform(*_SPREAD), []
    for piece in pieces:
        rotation = _turned(rng, piece.name, tilt=0.08 if piece.name in _FLAT else 0.25)
        turned = piece.shape.vertices @ rotation.T
        spot = np.clip(rng.normal(0, spread, 2), -5.5, 5.5)
        start.append(Pose(rotation, np.array([*spot, height - turned[:, 2].min()])))
        height += np.ptp(turned[:, 2]) + 0.4
    return start


def lay_out(rng: np.random.Generator, pieces: list[Piece], plate: Plate) -> list[Piece]:
    """Put pieces on the plate's flat, apart from each other; those for which there is room."""
    taken: list[tuple[np.ndarray, float]] = []
    laid = []
    for piece in pieces:
        reach = np.hypot(*piece.shape.vertices[:, :2].T).max()
        for _ in range(60):
            distance = max(plate.floor_radius + 0.8 - reach, 0.2) * np.sqrt(rng.random())
            angle = rng.uniform(0, 2 * np.pi)
            spot = distance * np.array([np.cos(angle), np.sin(angle)])
            if all(np.hypot(*(spot - other)) > 0.95 * (reach + other_reach) for other, other_reach in taken):
                taken.append((spot, reach))
                piece.pose = Pose(_turned(rng, piece.name, tilt=0), np.array([*spot, 0]))
                stand_on(piece, plate)
                laid.append(piece)
                break
    return laid


def _find_view(rng: np.random.Generator, pieces: list[Piece]) -> tuple[Camera, Views] | tuple[None, None]:
    """A camera that sees every piece wholly, out of several; None when none does."""
    for _ in range(6):
        camera = hand_held(rng)
        if not _in_frame(camera, pieces):
            continue
        seen = look(pieces, camera, _PREVIEW)
        if is_promised(seen, _PREVIEW):
            return camera, seen
    return None, None


def _in_frame(camera: Camera, pieces: list[Piece]) -> bool:
    """Whether a few outer points of each piece fall into the picture: spares most of the tracing."""
    return all(camera.sees(piece.pose.apply(hull_points(piece.shape.vertices))) for piece in pieces)


def stand_on(piece: Piece, plate: Plate) -> None:
    """Lower or raise a piece so that it touches the flat of the plate."""
    low = piece.pose.apply(piece.shape.vertices)[:, 2].min()
    piece.pose = Pose(piece.pose.rotation, piece.pose.position + [0, 0, plate.floor - low])


def _lie_well(pieces: list[Piece], poses: list[Pose], plate: Plate) -> bool:
    """Whether all are on the plate, and flat foods lie flat."""
    for piece, pose in zip(pieces, poses, strict=True):
        upright = abs(pose.rotation[2, 2]) if piece.name in _FLIPPED else pose.rotation[2, 2]
        on_plate = np.hypot(*pose.position[:2]) < plate.radius and pose.position[2] > 0
        if not on_plate or upright < _FLAT.get(piece.name, -1):
            return False
    return True


def is_promised(seen: Views, size: int) -> bool:
    """Whether every piece is wholly in the frame and seen well enough, and none lies both before and behind another."""
    inside = seen.amodal[:, 1:-1, 1:-1].sum(axis=(1, 2)) == seen.amodal.sum(axis=(1, 2))
    enough = seen.visible.sum(axis=(1, 2)) >= 40 * (size / 320) ** 2
    return bool(inside.all() and enough.all() and seen.depth_order() is not None)
