"""The algebra of boxes: area, overlap, the deltas from one box to another, non-maximum suppression.

A box is ``(x1, y1, x2, y2)`` in pixels, half-open: it covers ``x1 <= x < x2`` and ``y1 <= y < y2``, so its
width is ``x2 - x1`` with no "+ 1". Every function takes numpy arrays or torch tensors and answers in kind, on
the same device; none of them changes its input. Products are taken in a type that holds them: of half-precision
floats in float32, of integers in int64.
"""

import math
from collections.abc import Sequence
from typing import Any

from array_api_compat import array_namespace, device

from course_utils.errors import CourseError

Array = Any
"""A numpy array or a torch tensor."""

MAX_LOG_SCALE = math.log(1000 / 16)
"""Largest ``dw`` or ``dh`` that `decode` believes: a wild delta stretches a box at most 62.5 times."""


def area(boxes: Array) -> Array:
    """Area of each box, in square pixels: ``(..., 4) -> (...)``.

    Raises:
        CourseError: no numbers, or not four to a box.
    """
    boxes = _wide(boxes)
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def iou(a: Array, b: Array) -> Array:
    """Intersection over union of every box of ``a`` with every box of ``b``: ``(N, 4), (M, 4) -> (N, M)``.

    Two boxes that do not overlap, or only touch, give 0; so do two boxes without any area.

    Raises:
        CourseError: another shape, or no numbers.
    """
    _check_shape("iou", "the first boxes", a, (None, 4))
    _check_shape("iou", "the second boxes", b, (None, 4))
    xp, a, b = array_namespace(a, b), _wide(a), _wide(b)
    top_left = xp.maximum(a[:, None, :2], b[None, :, :2])
    bottom_right = xp.minimum(a[:, None, 2:], b[None, :, 2:])
    # Boxes apart have a negative "overlap" on an axis; two such axes must not multiply to an area.
    sides = xp.clip(bottom_right - top_left, min=0)
    intersection = sides[..., 0] * sides[..., 1]
    union = area(a)[:, None] + area(b)[None, :] - intersection
    return intersection / xp.where(union > 0, union, xp.ones_like(union))


def _wide(boxes: Array) -> Array:
    """Boxes ``(..., 4)`` in a type in which an area neither overflows nor loses digits that an IoU needs."""
    _check_shape("boxes", "they", boxes, (..., 4))
    xp, kind = array_namespace(boxes), boxes.dtype
    if xp.isdtype(kind, "integral"):
        return xp.astype(boxes, xp.int64, copy=False)
    if not xp.isdtype(kind, "real floating"):
        raise CourseError(f"boxes of type {kind}; give numbers")
    return xp.astype(boxes, xp.float32) if xp.finfo(kind).bits < 32 else boxes


def _check_shape(function: str, what: str, given: Array, wanted: tuple) -> None:
    """Refuse what is no array of the wanted shape, in which None is any number and ... any numbers before the rest."""
    try:
        array_namespace(given)
    except TypeError:
        raise CourseError(f"{function}: {what} are a {type(given).__name__}; give a numpy array or a tensor") from None
    shape = tuple(given.shape)
    known = shape[-1:] if wanted[0] is ... else shape
    rest = wanted[1:] if wanted[0] is ... else wanted
    if len(known) != len(rest) or any(side not in (None, own) for side, own in zip(rest, known, strict=True)):
        words = ", ".join("N" if side is None else "..." if side is ... else str(side) for side in wanted)
        raise CourseError(f"{function}: {what} have shape {shape}; give ({words})")


def _centre_and_size(boxes: Array) -> tuple[Array, Array]:
    boxes = _wide(boxes)
    size = boxes[..., 2:] - boxes[..., :2]
    return boxes[..., :2] + 0.5 * size, size


def encode(boxes: Array, anchors: Array, weights: tuple[float, float, float, float] = (1, 1, 1, 1)) -> Array:
    """Deltas ``(dx, dy, dw, dh)`` that move each anchor onto its box (R-CNN, Girshick 2014, equations 6-9).

    The shift of the centre is measured in widths and heights of the anchor, the change of size as a
    logarithm, so that one network serves boxes of every scale. ``weights`` stretch the four deltas to about
    unit variance.

    Args:
        boxes: where to go, ``(..., 4)``.
        anchors: where from, ``(..., 4)``, of positive width and height.
        weights: one factor for each of dx, dy, dw, dh.

    Returns:
        ``(..., 4)`` deltas.
    """
    xp = array_namespace(boxes, anchors)
    centre, size = _centre_and_size(boxes)
    anchor_centre, anchor_size = _centre_and_size(anchors)
    weights = xp.asarray(weights, dtype=anchor_size.dtype, device=device(anchors))
    shift = weights[:2] * (centre - anchor_centre) / anchor_size
    scale = weights[2:] * xp.log(size / anchor_size)
    return xp.concat([shift, scale], axis=-1)


def decode(deltas: Array, anchors: Array, weights: tuple[float, float, float, float] = (1, 1, 1, 1)) -> Array:
    """Boxes that the deltas make of the anchors: the inverse of `encode`.

    Args:
        deltas: ``(..., 4)``.
        anchors: ``(..., 4)``; broadcasts, so that anchors ``(N, 1, 4)`` serve deltas ``(N, C, 4)``.
        weights: those given to `encode`.

    Returns:
        ``(..., 4)`` boxes. ``dw`` and ``dh`` are held at or below `MAX_LOG_SCALE`.
    """
    xp = array_namespace(deltas, anchors)
    anchor_centre, anchor_size = _centre_and_size(anchors)
    deltas = deltas / xp.asarray(weights, dtype=deltas.dtype, device=device(deltas))
    centre = deltas[..., :2] * anchor_size + anchor_centre
    half = 0.5 * (xp.exp(xp.clip(deltas[..., 2:], max=MAX_LOG_SCALE)) * anchor_size)
    return xp.concat([centre - half, centre + half], axis=-1)


def clip(boxes: Array, height: float, width: float) -> Array:
    """Boxes cut off at the frame of an image: ``(..., 4) -> (..., 4)``."""
    xp = array_namespace(boxes)
    x = xp.clip(boxes[..., 0::2], min=0, max=width)
    y = xp.clip(boxes[..., 1::2], min=0, max=height)
    return xp.stack([x[..., 0], y[..., 0], x[..., 1], y[..., 1]], axis=-1)


def resize(boxes: Array, old: Sequence[int], new: Sequence[int]) -> Array:
    """Boxes of an image resized from ``old`` to ``new``, both (height, width): ``(..., 4) -> (..., 4)``."""
    xp = array_namespace(boxes)
    ratios = xp.asarray([new[1], new[0]] * 2, dtype=boxes.dtype, device=device(boxes))
    return boxes * (ratios / xp.asarray([old[1], old[0]] * 2, dtype=boxes.dtype, device=device(boxes)))


def mirror(boxes: Array, width: float) -> Array:
    """Boxes of an image of that width that is mirrored left to right: ``(..., 4) -> (..., 4)``."""
    xp = array_namespace(boxes)
    return xp.stack([width - boxes[..., 2], boxes[..., 1], width - boxes[..., 0], boxes[..., 3]], axis=-1)


def turn(boxes: Array, quarters: int, size: tuple[float, float]) -> Array:
    """Boxes of an image of ``size`` (height, width) that is turned anticlockwise: ``(..., 4) -> (..., 4)``.

    ``quarters`` counts quarter turns, as in `numpy.rot90`; negative ones go clockwise.
    """
    xp = array_namespace(boxes)
    height, width = size
    for _ in range(quarters % 4):
        # The right border becomes the upper one.
        x1, y1, x2, y2 = (boxes[..., k] for k in range(4))
        boxes = xp.stack([y1, width - x2, y2, width - x1], axis=-1)
        height, width = width, height
    return boxes


def large_enough(boxes: Array, min_size: float) -> Array:
    """Whether both sides of each box are at least ``min_size`` pixels: ``(..., 4) -> (...)`` bool."""
    boxes = _wide(boxes)
    width, height = boxes[..., 2] - boxes[..., 0], boxes[..., 3] - boxes[..., 1]
    return (width >= min_size) & (height >= min_size)


def nms(boxes: Array, scores: Array, threshold: float, groups: Array | None = None) -> Array:
    """Greedy non-maximum suppression: of several boxes on one object, keep the surest.

    Boxes are visited from the highest score down (on a tie, the earlier one first); each box that is kept
    strikes out all later ones whose IoU with it is *above* the threshold.

    Args:
        boxes: ``(N, 4)``.
        scores: ``(N,)``.
        threshold: the largest IoU that two kept boxes may have.
        groups: ``(N,)`` ints; boxes of different groups (classes, pyramid levels) never strike each other.

    Returns:
        ``(K,)`` indices of the boxes kept, in falling order of score.

    Raises:
        CourseError: shapes that do not fit together, or no numbers.
    """
    _check_shape("nms", "the boxes", boxes, (None, 4))
    _check_shape("nms", "the scores", scores, (boxes.shape[0],))
    if groups is not None:
        _check_shape("nms", "the groups", groups, (boxes.shape[0],))
    xp = array_namespace(boxes, scores)
    order = xp.argsort(scores, descending=True, stable=True)
    boxes = boxes[order]
    strikes = iou(boxes, boxes) > threshold
    if groups is not None:
        groups = groups[order]
        strikes = strikes & (groups[:, None] == groups[None, :])
    keep = xp.ones(boxes.shape[0], dtype=xp.bool, device=device(boxes))
    for i in range(boxes.shape[0]):
        if keep[i]:
            keep[i + 1 :] &= ~strikes[i, i + 1 :]
    return order[keep]


def from_xywh(boxes: Array) -> Array:
    """Boxes from COCO's ``(x, y, width, height)``: ``(..., 4) -> (..., 4)``."""
    xp = array_namespace(boxes)
    return xp.concat([boxes[..., :2], boxes[..., :2] + boxes[..., 2:]], axis=-1)
