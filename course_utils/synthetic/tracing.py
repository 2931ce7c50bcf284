"""How far away each piece is at each pixel, piece by piece: from this come the amodal and the visible masks."""

from dataclasses import dataclass

import numpy as np

from course_utils.synthetic.camera import Camera
from course_utils.synthetic.physics import Pose
from course_utils.synthetic.variant import mitsuba


class Tracer:
    """One mesh, ready to be hit by rays again and again, wherever it lies.

    Args:
        vertices: ``(V, 3)`` cm. faces: ``(F, 3)``.
    """

    def __init__(self, vertices: np.ndarray, faces: np.ndarray):
        mi = mitsuba()
        mesh = mi.Mesh("piece", len(vertices), len(faces))
        parameters = mi.traverse(mesh)
        parameters["vertex_positions"] = np.ascontiguousarray(vertices, np.float32).ravel()
        parameters["faces"] = np.ascontiguousarray(faces, np.uint32).ravel()
        parameters.update()
        self._scene = mi.load_dict({"type": "scene", "mesh": mesh})

    def depth(self, camera: Camera, size: int, pose: Pose | None = None) -> np.ndarray:
        """Distance in cm from the camera along each pixel's ray, infinite where it misses: ``(size, size) float32``."""
        origin, directions = camera.rays(size)
        if pose is not None:
            # Instead of the mesh the rays are moved, so that its search tree is built once.
            origin, directions = (origin - pose.position) @ pose.rotation, directions @ pose.rotation
        return _cast(self._scene, origin, directions.reshape(-1, 3)).reshape(size, size)


def _cast(scene, origin: np.ndarray, directions: np.ndarray) -> np.ndarray:
    mi = mitsuba()
    if mi.variant().startswith("scalar"):
        hits = [scene.ray_intersect_preliminary(mi.Ray3f(origin, direction)).t for direction in directions]
        return np.array(hits, np.float32)
    x, y, z = (mi.Float(np.ascontiguousarray(directions[:, k], np.float32)) for k in range(3))
    ray = mi.Ray3f(mi.Point3f(*(float(value) for value in origin)), mi.Vector3f(x, y, z))
    return np.array(scene.ray_intersect_preliminary(ray).t)


@dataclass(frozen=True)
class Views:
    """What the camera sees of N pieces.

    Attributes:
        amodal: ``(N, H, W) bool``, the whole outline of each. visible: what no other piece hides of it.
        hides: ``(N, N) bool``; hides[i, j] says that piece i lies in front of piece j somewhere.
    """

    amodal: np.ndarray
    visible: np.ndarray
    hides: np.ndarray

    @property
    def occlusion(self) -> np.ndarray:
        """Hidden share of each piece, 0..1; 1 for a piece that is not in the picture."""
        whole = self.amodal.sum(axis=(1, 2))
        return 1 - self.visible.sum(axis=(1, 2)) / np.maximum(whole, 1)

    def depth_order(self) -> list[int] | None:
        """For each piece its place from front to back, 1 in front; None when pieces hide each other in a ring."""
        order, left = [0] * len(self.hides), set(range(len(self.hides)))
        for place in range(1, len(order) + 1):
            free = [j for j in sorted(left) if not any(self.hides[i, j] for i in left)]
            if not free:
                return None
            order[free[0]] = place
            left.remove(free[0])
        return order


def views(depths: np.ndarray, others: np.ndarray | None = None) -> Views:
    """Masks from the depth maps ``(N, H, W)`` of N pieces, and that of all `others` ``(H, W)`` that may hide them."""
    amodal = np.isfinite(depths)
    nearest = depths == depths.min(axis=0)
    # Where two meshes touch to the last bit, the first one is in front.
    first = np.cumsum(nearest, axis=0) == 1
    visible = amodal & nearest & first
    # The piece in front at a pixel hides all others that reach there.
    hides = np.einsum("ihw,jhw->ij", visible, amodal, dtype=np.int64, casting="unsafe") > 0
    np.fill_diagonal(hides, False)
    if others is not None:
        visible &= depths <= others
    return Views(amodal, visible, hides)
