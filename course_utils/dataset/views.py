"""The three segmentations of one plate: semantic, instance and panoptic (Kirillov et al. 2019)."""

import numpy as np

from course_utils.dataset.classes import PLATE_ID, TABLE_ID
from course_utils.dataset.scene import Scene

TABLE_SEGMENT = 1
PLATE_SEGMENT = 2
FIRST_PIECE_SEGMENT = 3


def semantic(scene: Scene) -> np.ndarray:
    """What each pixel shows: ``(H, W) uint8``, 0 the table, 1 to 6 the foods, 7 the plate."""
    result = np.where(scene.plate_mask, PLATE_ID, TABLE_ID).astype(np.uint8)
    for mask, label in zip(scene.visible_masks, scene.labels, strict=True):
        result[mask] = label
    return result


def instance_map(scene: Scene) -> np.ndarray:
    """Which piece each pixel shows: ``(H, W) int32``, 0 none, k the k-th piece."""
    result = np.zeros(scene.size, dtype=np.int32)
    for number, mask in enumerate(scene.visible_masks, 1):
        result[mask] = number
    return result


def panoptic(scene: Scene) -> tuple[np.ndarray, list[dict]]:
    """Every pixel in exactly one segment: stuff (table 1, plate 2) and things (the pieces, from 3).

    Returns:
        ``(H, W) int32`` segment ids, and for each segment that has pixels a dict of ``id``, ``category_id``,
        ``is_thing`` and ``area`` in pixels.
    """
    result = np.where(scene.plate_mask, PLATE_SEGMENT, TABLE_SEGMENT).astype(np.int32)
    kinds = {TABLE_SEGMENT: (TABLE_ID, False), PLATE_SEGMENT: (PLATE_ID, False)}
    for number, (mask, label) in enumerate(zip(scene.visible_masks, scene.labels, strict=True), FIRST_PIECE_SEGMENT):
        result[mask] = number
        kinds[number] = (int(label), True)
    segments = []
    for number, (category, is_thing) in kinds.items():
        area = int((result == number).sum())
        if area:
            segments.append({"id": number, "category_id": category, "is_thing": is_thing, "area": area})
    return result, segments
