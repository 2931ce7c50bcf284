"""The one switch between readable and compiled versions of the two operations that Python does slowly."""

from collections.abc import Callable
from dataclasses import dataclass

import torchvision
from torch import Tensor

from course_utils import boxes
from course_utils.mask_rcnn.roi_align import roi_align


@dataclass(frozen=True)
class Kernels:
    """What a model uses for RoIAlign and for non-maximum suppression; put your own here to try them out."""

    roi_align: Callable[..., Tensor]
    """Called as `course_utils.mask_rcnn.roi_align.roi_align`."""
    nms: Callable[[Tensor, Tensor, float, Tensor], Tensor]
    """Called as `course_utils.boxes.nms`: boxes, scores, threshold, groups."""


def compiled_nms(boxes: Tensor, scores: Tensor, threshold: float, groups: Tensor) -> Tensor:
    """torchvision's NMS with the arguments in the order of `course_utils.boxes.nms`."""
    return torchvision.ops.batched_nms(boxes, scores, groups, threshold)


READABLE = Kernels(roi_align, boxes.nms)
COMPILED = Kernels(torchvision.ops.roi_align, compiled_nms)
