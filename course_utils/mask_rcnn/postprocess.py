"""From the heads' numbers to what is seen in the image: boxes without doubles, masks in their place."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from course_utils import boxes


def filter_detections(
    candidates: Tensor,
    scores: Tensor,
    image_size: tuple[int, int],
    score_threshold: float,
    nms_threshold: float,
    limit: int,
    nms: Callable[..., Tensor],
) -> dict[str, Tensor]:
    """The detections of one image: every class of every RoI is a candidate, then NMS within each class.

    Args:
        candidates: ``(R, classes, 4)`` boxes; class 0 is the background and dropped.
        scores: ``(R, classes)`` softmax over all classes, background included.
        image_size: height and width to clip to.
        score_threshold: candidates must score above it.
        nms_threshold: see `course_utils.boxes.nms`.
        limit: how many detections to keep, the surest.
        nms: `course_utils.boxes.nms` or the compiled one.

    Returns:
        ``boxes`` (D, 4), ``scores`` (D,) falling, ``labels`` (D,) int64, ``rois`` (D,) int64: the RoI each
        came from.
    """
    roi, label = torch.where(scores[:, 1:] > score_threshold)
    label = label + 1
    found = boxes.clip(candidates[roi, label], *image_size)
    kept = boxes.large_enough(found, 1e-2)
    found, roi, label = found[kept], roi[kept], label[kept]
    kept = nms(found, scores[roi, label], nms_threshold, label)[:limit]
    roi, label = roi[kept], label[kept]
    return {"boxes": found[kept], "scores": scores[roi, label], "labels": label, "rois": roi}


def own_class(mask_logits: Tensor, labels: Tensor) -> Tensor:
    """Mask probabilities of each detection's own class: ``(D, classes, M, M), (D,) -> (D, M, M)``."""
    return mask_logits[torch.arange(len(labels), device=labels.device), labels].sigmoid()


def paste(masks: Tensor, found: Tensor, height: int, width: int) -> Tensor:
    """Stretch each mask over its box and lay it into an empty image.

    A frame of zeros is put around the mask first and the box grown to match, so that bilinear interpolation
    fades out at the border instead of stopping short. The grown box is cut to whole pixels.

    Args:
        masks: ``(D, M, M)`` probabilities. found: ``(D, 4)`` boxes in pixels of the image.
        height, width: of the image.

    Returns:
        ``(D, height, width)`` probabilities; a threshold of 0.5 makes masks of them.
    """
    image = masks.new_zeros(len(masks), height, width)
    padded = F.pad(masks, (1, 1, 1, 1))
    grown = grow(found, padded.shape[-1] / masks.shape[-1]).long().tolist() if len(masks) else []
    for k, (mask, (x1, y1, x2, y2)) in enumerate(zip(padded, grown, strict=True)):
        # x2 and y2 belong to the mask here: its last column and row, as in Detectron's integer boxes.
        size = (max(y2 - y1 + 1, 1), max(x2 - x1 + 1, 1))
        mask = F.interpolate(mask[None, None], size=size, mode="bilinear", align_corners=False)[0, 0]
        top, left = max(y1, 0), max(x1, 0)
        bottom, right = min(y2 + 1, height), min(x2 + 1, width)
        image[k, top:bottom, left:right] = mask[top - y1 : bottom - y1, left - x1 : right - x1]
    return image


def paste_exactly(masks: Tensor, found: Tensor, height: int, width: int) -> Tensor:
    """`paste` without rounding, as in detectron2: the centre of each pixel looks up its value between the mask's cells.

    Coordinates are those of edges: a box from 0 to 1 holds the first pixel, whose centre is at 0.5. Beyond its box a
    mask fades out over half a cell.

    Args:
        masks: ``(D, M, M)`` probabilities. found: ``(D, 4)`` boxes in pixels of the image.
        height, width: of the image.

    Returns:
        ``(D, height, width)`` probabilities.
    """
    # Bilinear interpolation is linear in each direction, so it is a matrix on either side of the mask.
    down = cell_shares(found[:, 1], found[:, 3], height, masks.shape[1])
    across = cell_shares(found[:, 0], found[:, 2], width, masks.shape[2])
    with torch.autocast(masks.device.type, enabled=False):
        return down @ masks @ across.transpose(1, 2)


def cell_shares(start: Tensor, end: Tensor, length: int, cells: int) -> Tensor:
    """What each of a row of cells from ``start`` to ``end`` (D,) adds to each pixel: ``(D, length, cells)``.

    A pixel whose centre lies on that of a cell has its value, one between two cells some of both.
    """
    centres = torch.arange(length, device=start.device) + 0.5
    place = (centres - start[:, None]) / (end - start)[:, None] * cells - 0.5
    distance = (place[:, :, None] - torch.arange(cells, device=start.device)).abs()
    return (1 - distance).clamp(min=0)


def grow(found: Tensor, factor: float) -> Tensor:
    """Boxes ``(D, 4)`` made larger around their centres."""
    centre = (found[:, 2:] + found[:, :2]) * 0.5
    half = (found[:, 2:] - found[:, :2]) * 0.5 * factor
    return torch.cat([centre - half, centre + half], dim=1)
