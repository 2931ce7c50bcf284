"""Probes that hand an answer what it needs besides its inputs, of libraries or lent: nothing of what is right."""

from functools import partial
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d
from torchvision import ops

from course_utils.exercises.lent import lent
from course_utils.exercises.probes import with_gradient
from course_utils.exercises.room_shapes import careful_parts, refuse_shapes, refuse_unlike_detections
from course_utils.exercises.sentences import Sentence

_PARTS = tuple(f"course_utils.exercises.room_model.{name}" for name in ("parts", "call"))


def with_nms(answer: Any, *arguments: Any) -> Any:
    """Call an answer with a last argument ``nms(boxes, scores, groups)``: indices kept at 0.7, best first."""
    return answer(*arguments, nms)


def nms(found: Tensor, scores: Tensor, groups: Tensor) -> Tensor:
    """torchvision's NMS within each group at 0.7; wrong shapes are refused here, and not in the language it is in."""
    refuse_shapes("nms", {"boxes": "N, 4", "scores": "N", "groups": "N"}, found, scores, groups)
    return ops.batched_nms(found, scores, groups, 0.7)


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
    refuse_shapes("align", {"a map": "B, C, H, W", "rois": "R, 5"}, maps, rois)
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

    The model itself is not here: each part has it called where it lies.

    Returns:
        A row for each detection: box, label, score, and its mask in 8 x 8 means.

    Raises:
        Refused: what comes back is no dictionary of detections.
        ValueError: a part was handed something of another shape than it takes.
    """
    parts, call = (lent(dotted) for dotted in _PARTS)
    on_bench = {name: partial(call, seed, name) if it is ... else it for name, it in parts(seed).items()}
    found = answer(photo, SimpleNamespace(**careful_parts(on_bench)))
    if found is None or found is ...:
        return found
    refuse_unlike_detections(found, *photo.shape[-2:])
    numbers = torch.stack([found["labels"].float(), found["scores"]], dim=1)
    masks = adaptive_avg_pool2d(found["masks"].float(), 8).flatten(1)
    return torch.cat([found["boxes"], numbers, masks], dim=1)


def _of_photo(case: tuple) -> str:
    """A case of `with_parts` for people."""
    return Sentence("photo: {shape}; p: a small model with random weights", shape=tuple(case[0].shape))


def _of_levels(case: tuple) -> str:
    """A case of `with_nms` for people."""
    counts = ", ".join(str(len(level)) for level in case[0])
    return Sentence(
        "levels of {counts} anchors; size = {size}, before = {before}, after = {after}",
        counts=counts,
        size=case[3],
        before=case[4],
        after=case[5],
    )


vars(with_nms)["words"] = _of_levels
vars(with_parts)["words"] = _of_photo
vars(with_parts)["lends"] = _PARTS
