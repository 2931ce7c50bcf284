"""Letting pieces fall on a plate (MuJoCo), so that they lie as real ones do. Units: cm, g, s."""

from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as Xml

import mujoco
import numpy as np
from scipy.spatial.transform import Rotation

from course_utils.synthetic.foods import FoodShape
from course_utils.synthetic.plate import THICKNESS, Plate

SECONDS = 1.6
_STEP = 0.004
_RIM_BOXES = 28
# Enough directions for a hull that lies and leans as the piece would; the fine mesh itself would be forty times slower.
_DIRECTIONS = np.random.default_rng(0).normal(size=(44, 3))


# What pieces fall on, as attributes of MuJoCo's `geom`: lengths in cm.
Solid = dict[str, Any]
TABLE: Solid = {"type": "plane", "size": [60, 60, 1]}


@dataclass(frozen=True)
class Pose:
    """Where a piece lies: ``rotation`` (3, 3) and ``position`` (3,) cm, applied to its vertices in this order."""

    rotation: np.ndarray
    position: np.ndarray

    def apply(self, points: np.ndarray) -> np.ndarray:
        """Points of the piece in the world: ``(N, 3) -> (N, 3)``."""
        return points @ self.rotation.T + self.position


def hull_points(vertices: np.ndarray, directions: np.ndarray = _DIRECTIONS) -> np.ndarray:
    """The outermost vertices in each direction ``(D, 3)``: ``(H, 3)``, H <= D; 44 directions by default."""
    return vertices[np.unique(np.argmax(vertices @ directions.T, axis=0))]


def settle(
    shapes: list[FoodShape], weights_g: list[float], start: list[Pose], solids: list[Solid], hull=hull_points
) -> list[Pose] | None:
    """Let the pieces fall on `solids`; where they come to rest, or None if they do not come to rest.

    `hull` chooses the vertices ``(V, 3) -> (H, 3)`` whose convex hull stands for a piece.
    """
    hulls = [hull(shape.vertices) for shape in shapes]
    model = mujoco.MjModel.from_xml_string(_describe(hulls, weights_g, start, solids))
    data = mujoco.MjData(model)
    for _ in range(int(SECONDS / _STEP)):
        mujoco.mj_step(model, data)
    speeds = data.qvel.reshape(-1, 6)
    if not np.isfinite(speeds).all() or np.abs(speeds[:, :3]).max() > 1.0:
        return None
    poses = []
    for place in data.qpos.reshape(-1, 7):
        poses.append(Pose(Rotation.from_quat(place[[4, 5, 6, 3]]).as_matrix(), place[:3].copy()))
    return poses


def _describe(hulls: list[np.ndarray], weights_g: list[float], start: list[Pose], solids: list[Solid]) -> str:
    """The scene as MuJoCo's XML."""
    root = Xml.Element("mujoco")
    Xml.SubElement(root, "option", gravity="0 0 -981", timestep=str(_STEP), integrator="implicitfast")
    Xml.SubElement(Xml.SubElement(root, "default"), "geom", friction="0.8 0.05 0.01", condim="6", solref="0.01 1")
    assets, world = Xml.SubElement(root, "asset"), Xml.SubElement(root, "worldbody")
    for solid in solids:
        Xml.SubElement(
            world, "geom", {key: value if isinstance(value, str) else _text(value) for key, value in solid.items()}
        )
    for k, (hull, weight, pose) in enumerate(zip(hulls, weights_g, start, strict=True)):
        Xml.SubElement(assets, "mesh", name=f"piece{k}", vertex=_text(hull))
        turn = Rotation.from_matrix(pose.rotation).as_quat()[[3, 0, 1, 2]]
        body = Xml.SubElement(world, "body", pos=_text(pose.position), quat=_text(turn))
        # The drag of syrupy air: pieces are laid down, not thrown.
        Xml.SubElement(body, "joint", type="free", damping=f"{15 * weight:.4g}")
        Xml.SubElement(body, "geom", type="mesh", mesh=f"piece{k}", mass=f"{weight:.6g}")
    return Xml.tostring(root, encoding="unicode")


def plate_solids(plate: Plate) -> list[Solid]:
    """The table, the plate's flat as a cylinder, and its flank as a ring of slanted boxes."""
    half = THICKNESS / 2
    flat = {"type": "cylinder", "size": [plate.floor_radius, half], "pos": [0, 0, plate.floor - half]}
    run, rise = plate.radius - plate.floor_radius, plate.rim - plate.floor
    slope = np.arctan2(rise, run)
    middle = np.array([(plate.radius + plate.floor_radius) / 2, 0, (plate.rim + plate.floor) / 2])
    middle += np.array([np.sin(slope), 0, -np.cos(slope)]) * half
    size = [np.hypot(run, rise) / 2, plate.radius * np.tan(np.pi / _RIM_BOXES), half]
    boxes: list[Solid] = []
    for angle in np.arange(_RIM_BOXES) * 2 * np.pi / _RIM_BOXES:
        turn = Rotation.from_euler("z", angle)
        quat = (turn * Rotation.from_euler("y", -slope)).as_quat()[[3, 0, 1, 2]]
        boxes.append({"type": "box", "size": size, "pos": turn.apply(middle), "quat": quat})
    return [TABLE, flat, *boxes]


def _text(numbers: np.ndarray) -> str:
    return " ".join(f"{number:.6g}" for number in np.asarray(numbers, float).ravel())
