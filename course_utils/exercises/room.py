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
    refuse_shapes("nms", {"boxes": "N, 4", "scores": "N", "groups": "N"}, found, scores, groups)
    return ops.batched_nms(found, scores, groups, 0.7)


def refuse_shapes(name: str, wanted: dict[str, str], *given: Any) -> None:
    """Raise a ValueError in plain words where something is not a tensor of the shape that is wanted.

    Args:
        name: of whoever wants it.
        wanted: what it is called, and its axes: a number, or a word for one that is as long wherever it stands.
    """
    sizes: dict[str, int] = {}
    pairs = zip(given, wanted.values(), strict=False)
    if len(given) != len(wanted) or not all(_fits(value, axes.split(", "), sizes) for value, axes in pairs):
        shapes = [f"{what} ({axes}{'' if ', ' in axes else ','})" for what, axes in wanted.items()]
        raise ValueError(f"{name} wants {_listed(shapes)}, and got {_listed(list(map(_shape, given)))}")


def _fits(value: Any, axes: list[str], sizes: dict[str, int]) -> bool:
    if not isinstance(value, Tensor) or value.dim() != len(axes):
        return False
    pairs = zip(axes, value.shape, strict=True)
    return all(length == (int(axis) if axis.isdigit() else sizes.setdefault(axis, length)) for axis, length in pairs)


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]])) or "nothing"


def _shape(value: Any) -> str:
    return str(tuple(value.shape)) if hasattr(value, "shape") else f"a {type(value).__name__}"


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


def _of_levels(case: tuple) -> str:
    """A case of `with_nms` for people."""
    counts = [len(level) for level in case[0]]
    return f"levels of {', '.join(map(str, counts))} anchors; size = {case[3]}, before = {case[4]}, after = {case[5]}"


vars(with_nms)["words"] = _of_levels
