"""Probes that hand an answer what it needs besides its inputs, made of libraries alone: nothing of what is right."""

from typing import Any

from torch import Tensor
from torchvision import ops

from course_utils.exercises.probes import with_gradient


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
    coarsest = 1 + len(arguments[0])

    def level_of(boxes: Tensor) -> Tensor:
        width, height = (boxes[:, 2:] - boxes[:, :2]).unbind(dim=1)
        return (4 + ((width * height).sqrt() / 224).log2()).floor().clamp(2, coarsest).long()

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


def _of_levels(case: tuple) -> str:
    """A case of `with_nms` for people."""
    counts = [len(level) for level in case[0]]
    return f"levels of {', '.join(map(str, counts))} anchors; size = {case[3]}, before = {case[4]}, after = {case[5]}"


vars(with_nms)["words"] = _of_levels
