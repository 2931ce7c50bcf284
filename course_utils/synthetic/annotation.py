"""A layout's truth in the terms of COCO: amodal and visible masks, boxes, weights, and who hides whom."""

import numpy as np

from course_utils import masks
from course_utils.dataset.classes import CLASSES
from course_utils.synthetic.layout import Layout, Piece
from course_utils.synthetic.tracing import Tracer, Views


def describe_image(layout: Layout, size: int) -> dict:
    """The picture's own facts, without id and file name; lengths in cm, scale at the height of the plate's rim."""
    plate, camera = layout.plate, layout.camera
    outline = np.isfinite(Tracer(plate.vertices, plate.faces).depth(camera, size))
    return {
        "width": size,
        "height": size,
        "scenario": layout.scenario,
        "px_per_cm": round(camera.pixels_per_cm(size, plate.rim), 4),
        # The lip stands out a millimetre beyond the rim's middle line.
        "plate_diameter_cm": round(2 * float(np.hypot(*plate.vertices[:, :2].T).max()), 3),
        "camera_height_cm": round(float(camera.origin[2]), 2),
        "camera_tilt_deg": round(camera.tilt_degrees, 2),
        "plate_segmentation": masks.encode(outline),
    }


def describe_pieces(pieces: list[Piece], seen: Views) -> list[dict]:
    """One annotation a piece; `id` and the ids in `occluded_by` count from 1 within the picture."""
    order = seen.depth_order()
    if order is None:
        raise ValueError("the pieces hide each other in a ring: they have no depth order")
    annotations = []
    for k, piece in enumerate(pieces):
        whole, visible = seen.amodal[k], seen.visible[k]
        x1, y1, x2, y2 = (int(side) for side in masks.to_box(whole))
        annotations.append(
            {
                "id": k + 1,
                "category_id": CLASSES.index(piece.name) + 1,
                "segmentation": masks.encode(whole),
                "bbox": [x1, y1, x2 - x1, y2 - y1],
                "area": int(whole.sum()),
                "iscrowd": 0,
                "visible_segmentation": masks.encode(visible),
                "visible_area": int(visible.sum()),
                "occlusion_rate": round(1 - float(visible.sum() / whole.sum()), 4),
                "depth_order": order[k],
                "occluded_by": [int(i) + 1 for i in np.flatnonzero(seen.hides[:, k])],
                "weight_g": round(piece.weight_g, 2),
                "volume_cm3": round(piece.shape.volume_cm3, 3),
                "item_id": piece.item_id,
            }
        )
    return annotations
