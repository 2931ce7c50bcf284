"""Probes that hand an answer what it needs besides its inputs, made of libraries alone: nothing of what is right."""

from typing import Any

from torch import Tensor
from torchvision import ops


def with_nms(answer: Any, *arguments: Any) -> Any:
    """Call an answer with a last argument ``nms(boxes, scores, groups)``: indices kept at 0.7, best first."""
    return answer(*arguments, lambda boxes, scores, groups: ops.batched_nms(boxes, scores, groups, 0.7))


def with_align(answer: Any, *arguments: Any) -> Any:
    """Call an answer with ``level_of(boxes)``, 2 for the finest map, and ``align(maps, rois, stride, bins)``."""
    coarsest = 1 + len(arguments[0])

    def level_of(boxes: Tensor) -> Tensor:
        width, height = (boxes[:, 2:] - boxes[:, :2]).unbind(dim=1)
        return (4 + ((width * height).sqrt() / 224).log2()).floor().clamp(2, coarsest).long()

    return answer(*arguments, level_of, align)


def align(maps: Tensor, rois: Tensor, stride: float, bins: int) -> Tensor:
    """torchvision's RoIAlign with two points along each axis of a bin."""
    return ops.roi_align(maps, rois, bins, 1 / stride, sampling_ratio=2)


def with_sample(answer: Any, *arguments: Any) -> Any:
    """Call an answer with ``draw(labels, order, count, share)``: positives (labels above 0) and negatives."""

    def draw(labels: Tensor, order: Tensor, count: int, share: float) -> tuple[Tensor, Tensor]:
        in_order = labels[order]
        positive = order[in_order > 0][: int(count * share)]
        return positive, order[in_order == 0][: count - len(positive)]

    return answer(*arguments, draw)


def _of_levels(case: tuple) -> str:
    """A case of `with_nms` for people."""
    counts = [len(level) for level in case[0]]
    return f"levels of {', '.join(map(str, counts))} anchors; size = {case[3]}, before = {case[4]}, after = {case[5]}"


vars(with_nms)["words"] = _of_levels
