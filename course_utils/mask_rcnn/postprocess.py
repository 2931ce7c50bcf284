"""From the heads' numbers to what is seen in the image: boxes without doubles, masks in their place."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from course_utils import boxes


def candidates(class_logits: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    """Which classes of which RoIs are sure enough: ``(R, classes) -> (K,), (K,)`` int64, RoIs and labels.

    The background, class 0, takes part in the softmax and is dropped. Row by row, in each row by label.
    """
    roi, label = torch.where(class_logits.softmax(dim=1)[:, 1:] > threshold)
    return roi, label + 1


def own_box(deltas: Tensor, rois: Tensor, labels: Tensor, weights: tuple[float, float, float, float]) -> Tensor:
    """Each RoI moved by the deltas of its label: ``(K, classes, 4), (K, 4), (K,) -> (K, 4)``."""
    return boxes.decode(deltas[torch.arange(len(labels), device=labels.device), labels], rois, weights)


def filter_detections(
    found: Tensor,
    scores: Tensor,
    labels: Tensor,
    image_size: tuple[int, int],
    nms_threshold: float,
    limit: int,
    nms: Callable[..., Tensor],
) -> tuple[Tensor, Tensor]:
    """Which of the candidates of one image are detections: clipped, without slivers, after NMS within each class.

    Args:
        found: ``(K, 4)`` boxes. scores: ``(K,)``. labels: ``(K,)``.
        image_size: height and width to clip to.
        nms_threshold: see `course_utils.boxes.nms`.
        limit: how many detections to keep, the surest.
        nms: `course_utils.boxes.nms` or the compiled one.

    Returns:
        The clipped boxes of the detections ``(D, 4)``, and their numbers among the candidates ``(D,)``, best first.
    """
    found = boxes.clip(found, *image_size)
    large = torch.where(boxes.large_enough(found, 1e-2))[0]
    kept = large[nms(found[large], scores[large], nms_threshold, labels[large])[:limit]]
    return found[kept], kept


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
