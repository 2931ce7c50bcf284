"""Probes that hand an answer what it needs besides its inputs; they know nothing of what is right."""

from typing import Any

from torch import Tensor
from torchvision import ops

from course_utils.mask_rcnn.roi_align import roi_levels


def with_nms(answer: Any, *arguments: Any) -> Any:
    """Call an answer with a last argument ``nms(boxes, scores, groups)``: indices kept at 0.7, best first."""
    return answer(*arguments, lambda boxes, scores, groups: ops.batched_nms(boxes, scores, groups, 0.7))


def with_align(answer: Any, *arguments: Any) -> Any:
    """Call an answer with ``level_of(boxes)``, 2 for the finest map, and ``align(maps, rois, stride, bins)``."""
    finest, coarsest = 2, 1 + len(arguments[0])
    return answer(*arguments, lambda boxes: roi_levels(boxes, finest, coarsest) + finest, align)


def align(maps: Tensor, rois: Tensor, stride: float, bins: int) -> Tensor:
    """torchvision's RoIAlign with two points along each axis of a bin."""
    return ops.roi_align(maps, rois, bins, 1 / stride, sampling_ratio=2)
