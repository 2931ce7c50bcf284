"""Probes that hand an answer what it needs besides its inputs; they know nothing of what is right."""

from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d
from torchvision import ops

from course_utils import boxes
from course_utils.exercises.probes import with_gradient
from course_utils.mask_rcnn.bench import bench
from course_utils.mask_rcnn.model import MaskRCNN
from course_utils.mask_rcnn.proof import small_model
from course_utils.mask_rcnn.roi_align import roi_levels
from course_utils.mask_rcnn.settings import PerMode


def with_nms(answer: Any, *arguments: Any) -> Any:
    """Call an answer with a last argument ``nms(boxes, scores, groups)``: indices kept at 0.7, best first."""
    return answer(*arguments, nms)


def nms(found: Tensor, scores: Tensor, groups: Tensor) -> Tensor:
    """torchvision's NMS within each group at 0.7; wrong shapes are refused here, and not in the language it is in."""
    if found.dim() != 2 or found.shape[1:] != (4,) or not scores.shape == groups.shape == found.shape[:1]:
        raise ValueError(
            f"nms wants boxes (N, 4), scores (N,) and groups (N,), and got {_shape(found)}, {_shape(scores)} and "
            f"{_shape(groups)}"
        )
    return ops.batched_nms(found, scores, groups, 0.7)


def _shape(tensor: Tensor) -> tuple[int, ...]:
    return tuple(tensor.shape)


def with_align(answer: Any, *arguments: Any) -> Any:
    """Call an answer with ``level_of(boxes)``, 2 for the finest map, and ``align(maps, rois, stride, bins)``.

    Returns:
        The result, and its gradients in the maps.
    """
    finest, coarsest = 2, 1 + len(arguments[0])

    def level_of(boxes: Tensor) -> Tensor:
        return roi_levels(boxes, finest, coarsest) + finest

    return with_gradient(lambda *given: answer(*given, level_of, align), *arguments)


def align(maps: Tensor, rois: Tensor, stride: float, bins: int) -> Tensor:
    """torchvision's RoIAlign with two points along each axis of a bin; see `nms` on wrong shapes."""
    if maps.dim() != 4 or rois.dim() != 2 or rois.shape[1] != 5:
        raise ValueError(f"align wants a map (B, C, H, W) and rois (R, 5), and got {_shape(maps)} and {_shape(rois)}")
    return ops.roi_align(maps, rois, bins, 1 / stride, sampling_ratio=2)


def with_sample(answer: Any, *arguments: Any) -> Any:
    """Call an answer with ``draw(labels, order, count, share)``: positives (labels above 0) and negatives."""

    def draw(labels: Tensor, order: Tensor, count: int, share: float) -> tuple[Tensor, Tensor]:
        in_order = labels[order]
        positive = order[in_order > 0][: int(count * share)]
        return positive, order[in_order == 0][: count - len(positive)]

    return answer(*arguments, draw)


@torch.no_grad()
def with_parts(answer: Any, photo: Tensor, seed: int) -> Any:
    """Call an answer with a photo and the parts (`bench`) of a small model whose weights are drawn from the seed.

    Returns:
        A row for each detection: box, label, score, and its mask in 8 x 8 means.
    """
    model = _small_model(seed)
    parts = bench(model)
    parts.rpn_head, parts.pool = lambda levels: model.rpn.head(levels), _pool_small
    found = answer(photo, parts)
    if found is None or found is ...:
        return found
    numbers = torch.stack([found["labels"].float(), found["scores"]], dim=1)
    masks = adaptive_avg_pool2d(found["masks"].float(), 8).flatten(1)
    return torch.cat([found["boxes"], numbers, masks], dim=1)


def _pool_small(levels: list[Tensor], found: Tensor, bins: int) -> Tensor:
    """RoIAlign over the levels with a rule for small photos: boxes of 64 pixels would all be read from the finest."""
    rois = torch.cat([found.new_zeros(len(found), 1), found], dim=1)
    level = (boxes.area(found).sqrt() / 0.9).log2().floor().clamp(0, len(levels) - 1)
    pooled = levels[0].new_zeros(len(found), levels[0].shape[1], bins, bins)
    for k, each in enumerate(levels):
        pooled[level == k] = align(each, rois[level == k], 4 * 2**k, bins)
    return pooled


@cache
def _small_model(seed: int) -> MaskRCNN:
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed)
        net = small_model().eval()
        net.configure(min_size=64, max_size=96, anchor_sizes=((10,), (16,), (24,), (40,), (60,)), detections=36)
        net.configure(rpn_candidates=PerMode(16, 16), rpn_proposals=PerMode(12, 12))
        # Random weights hardly tell one RoI from another: with sharper ones no tie decides.
        layers = *net.rpn.head.children(), *net.roi_heads.box_predictor.children()
        for layer, spread in zip(layers[1:], (0.5, 0.02, 0.06, 1.0), strict=True):
            layer.weight.normal_(std=spread)
    return net


def _of_photo(case: tuple) -> str:
    """A case of `with_parts` for people."""
    return f"photo: {tuple(case[0].shape)}; p: a small model with random weights"


def _of_levels(case: tuple) -> str:
    """A case of `with_nms` for people."""
    counts = [len(level) for level in case[0]]
    return f"levels of {', '.join(map(str, counts))} anchors; size = {case[3]}, before = {case[4]}, after = {case[5]}"


with_parts.words = _of_photo
with_nms.words = _of_levels
