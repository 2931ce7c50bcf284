"""Every number of a Mask R-CNN that is not a weight; the defaults are torchvision's."""

from dataclasses import dataclass
from typing import NamedTuple


class PerMode(NamedTuple):
    """A number that differs between evaluation and training; ``value[module.training]`` picks one."""

    evaluation: int
    training: int


@dataclass(frozen=True)
class Settings:
    """Sizes are in pixels of the network's input, after resizing."""

    min_size: int = 800
    """Length to which an image's short side is scaled,"""
    max_size: int = 1333
    """unless its long side would become longer than this."""
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    """Mean and standard deviation of ImageNet's colours (RGB, 0 to 1)."""

    anchor_sizes: tuple[tuple[float, ...], ...] = ((32,), (64,), (128,), (256,), (512,))
    """For each pyramid level the square roots of its anchors' areas."""
    anchor_ratios: tuple[float, ...] = (0.5, 1.0, 2.0)
    """Height over width."""

    rpn_candidates: PerMode = PerMode(1000, 2000)
    """Best anchors of each level that go into NMS."""
    rpn_proposals: PerMode = PerMode(1000, 2000)
    """Proposals kept per image."""
    rpn_nms: float = 0.7
    rpn_iou: tuple[float, float] = (0.7, 0.3)
    """From the first on an anchor is an object, below the second it is background."""
    rpn_samples: int = 256
    rpn_positive: float = 0.5
    """Anchors per image that the losses look at, and the largest share of positives among them."""

    roi_iou: tuple[float, float] = (0.5, 0.5)
    roi_samples: int = 512
    roi_positive: float = 0.25
    """The same for the RoIs that the heads are trained on."""
    box_weights: tuple[float, float, float, float] = (10.0, 10.0, 5.0, 5.0)
    """Weights of the box head's deltas, see `course_utils.boxes.encode`."""
    box_size: int = 7
    mask_size: int = 14
    """Bins along each side of a RoI for the box head and for the mask head."""
    exact_masks: bool = False
    """Whether masks are cut out for training and pasted to fractions of a pixel, as in detectron2. torchvision's lie
    half a pixel too far to the upper left and end on whole pixels."""

    score_threshold: float = 0.05
    nms: float = 0.5
    detections: int = 100
    """A detection must score above the first; NMS within its class; at most so many per image."""


OFFLINE_PROFILE = "lite0"
"""The profile whose ImageNet weights are installed with the course."""
