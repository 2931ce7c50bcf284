"""The small model of the whole forward pass, called part by part; no answer is ever where it lies."""

from functools import lru_cache
from types import SimpleNamespace
from typing import Any, cast

import torch
from torch import Tensor

from course_utils import boxes
from course_utils.errors import CourseError
from course_utils.exercises.room import align
from course_utils.mask_rcnn.bench import bench
from course_utils.mask_rcnn.proof import small_model
from course_utils.mask_rcnn.settings import PerMode


def parts(seed: int) -> dict[str, Any]:
    """Name -> value of all that lies on the bench of the model whose weights the seed draws; `...` for functions."""
    return {name: ... if callable(value) else value for name, value in vars(_bench(seed)).items()}


@torch.no_grad()
def call(seed: int, name: str, /, *arguments: Any, **named: Any) -> Any:
    """What one part gives.

    Raises:
        CourseError: there is no such part.
    """
    part = vars(_bench(seed)).get(name)
    if not callable(part):
        raise CourseError("no part of that name on the bench")
    return part(*arguments, **named)


@lru_cache(8)
def _bench(seed: int) -> SimpleNamespace:
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed)
        net = small_model().eval()
        net.configure(min_size=64, max_size=96, anchor_sizes=((10,), (16,), (24,), (40,), (60,)), detections=36)
        net.configure(rpn_candidates=PerMode(16, 16), rpn_proposals=PerMode(12, 12))
        # Random weights hardly tell one RoI from another: with sharper ones no tie decides.
        layers = *net.rpn.head.children(), *net.roi_heads.box_predictor.children()
        for layer, spread in zip(layers[1:], (0.5, 0.02, 0.06, 1.0), strict=True):
            cast(Tensor, layer.weight).normal_(std=spread)
    found = bench(net)
    found.pool = _pool_small
    return found


def _pool_small(levels: list[Tensor], found: Tensor, bins: int) -> Tensor:
    """RoIAlign over the levels with a rule for small photos: boxes of 64 pixels would all be read from the finest."""
    rois = torch.cat([found.new_zeros(len(found), 1), found], dim=1)
    level = (boxes.area(found).sqrt() / 0.9).log2().floor().clamp(0, len(levels) - 1)
    pooled = levels[0].new_zeros(len(found), levels[0].shape[1], bins, bins)
    for k, each in enumerate(levels):
        pooled[level == k] = align(each, rois[level == k], 4 * 2**k, bins)
    return pooled
