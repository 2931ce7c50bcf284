"""The exercise of lesson 07 about deltas, the four numbers that lead from an anchor to its box."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from course_utils import boxes as box_algebra
from course_utils.exercises.core import Case, Exercise

Array = np.ndarray


def _encode(boxes: Array, anchors: Array, weights: tuple) -> Array:
    return box_algebra.encode(boxes, anchors, weights)


def _with(
    shift: Callable[[Array, Array], Array] | None = None,
    scale: Callable[[Array, Array], Array] | None = None,
    weigh: Callable[[Array, Array], Array] = np.multiply,
) -> Callable[..., Array]:
    """Deltas with another shift or scale, both of (boxes, anchors) -> (N, 2), or another use of the weights."""

    def answer(boxes: Array, anchors: Array, weights: tuple) -> Array:
        right = box_algebra.encode(boxes, anchors, (1, 1, 1, 1))
        shifts = right[:, :2] if shift is None else shift(boxes, anchors)
        scales = right[:, 2:] if scale is None else scale(boxes, anchors)
        return weigh(np.concatenate([shifts, scales], axis=1), np.array(weights))

    return answer


def _size(boxes: Array) -> Array:
    return boxes[:, 2:] - boxes[:, :2]


def _way(boxes: Array, anchors: Array) -> Array:
    """From centre to centre, in pixels."""
    return (boxes[:, :2] + boxes[:, 2:] - anchors[:, :2] - anchors[:, 2:]) / 2


def _from_far_corner(boxes: Array, anchors: Array) -> Array:
    return (boxes - anchors)[:, 2:] / _size(anchors)


def _from_corner(boxes: Array, anchors: Array) -> Array:
    return (boxes - anchors)[:, :2] / _size(anchors)


def _quotient(boxes: Array, anchors: Array) -> Array:
    return _size(boxes) / _size(anchors)


def _unweighted(deltas: Array, weights: Array) -> Array:
    return deltas


def _in_pixels(boxes: Array, anchors: Array) -> Array:
    return _way(boxes, anchors)


def _encode_xywh(boxes: Array, anchors: Array, weights: tuple) -> Array:
    return _encode(box_algebra.from_xywh(boxes), box_algebra.from_xywh(anchors), weights)


def _encode_inclusive(boxes: Array, anchors: Array, weights: tuple) -> Array:
    return _encode(boxes + [0, 0, 1, 1], anchors + [0, 0, 1, 1], weights)


def _encode_columns(boxes: Array, anchors: Array, weights: tuple) -> Array:
    return _encode(boxes, anchors, weights).T


def _encode_by_axis(boxes: Array, anchors: Array, weights: tuple) -> Array:
    return _encode(boxes, anchors, (1, 1, 1, 1))[:, [0, 2, 1, 3]] * np.array(weights)


def _encode_edges() -> list[Case]:
    anchor, plain, weights = np.array([[10.0, 20, 50, 100]]), (1, 1, 1, 1), (10, 10, 5, 5)
    rng = np.random.default_rng(4)
    starts, sizes = rng.uniform(0, 200, (2, 40, 2)), rng.uniform(12, 130, (2, 40, 2))
    many = np.concatenate([starts, starts + sizes], axis=2)
    return [
        (anchor + [8, 8, 8, 8], anchor, plain),
        (np.array([[10.0, 20, 90, 60]]), anchor, plain),
        (np.array([[14.0, 16, 54, 112]]), anchor, weights),
        # Fractions everywhere, quotients below 1 and above, and a different weight for each delta.
        (np.array([[3.5, 8.25, 24.75, 90.5], [30.5, 41.0, 101.25, 70.75]]),
         np.array([[1.25, 20.5, 40.5, 55.0], [36.75, 22.5, 71.5, 88.25]]), (2, 3, 5, 7)),
        (anchor[:0], anchor[:0], weights),
        (*many, plain),
    ]  # fmt: skip


def _encode_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for _ in range(3):
        starts, sizes = rng.uniform(5, 60, (2, 3, 2)), rng.uniform(10, 80, (2, 3, 2))
        cases.append((*np.concatenate([starts, starts + sizes], axis=2), (10, 10, 5, 5)))
    return cases


ENCODE = Exercise(
    id="encode-deltas",
    title="From an anchor to its box in four numbers",
    points=2,
    shortcuts=(
        "torchvision.models.detection._utils.BoxCoder",
        "torchvision.models.detection._utils.encode_boxes",
    ),
    reference=_encode,
    edges=_encode_edges,
    random=_encode_random,
    misconceptions={
        "The weights are missing. Multiply each of the four deltas by its own.": _with(weigh=_unweighted),
        "You divided by the weights. They stretch the deltas, so multiply; it is decoding that divides.": (
            _with(weigh=np.divide)
        ),
        "For the size you gave the quotient itself. Take its logarithm, so that no change is 0.": (
            _with(scale=_quotient)
        ),
        "For the size you gave the share by which it grows. Asked is the logarithm of the quotient: only that treats "
        "double and half alike.": _with(scale=lambda b, a: _quotient(b, a) - 1),
        "For the size you took exp. On the way to the deltas it is the logarithm; exp leads back.": (
            _with(scale=lambda b, a: np.exp(_quotient(b, a)))
        ),
        "log1p adds 1 before it takes the logarithm. Here no change must be 0: np.log of the quotient.": (
            _with(scale=lambda b, a: np.log1p(_quotient(b, a)))
        ),
        "The logarithm has the base e here: np.log. You took that of base 2.": (
            _with(scale=lambda b, a: np.log2(_quotient(b, a)))
        ),
        "The logarithm has the base e here: np.log. You took that of base 10.": (
            _with(scale=lambda b, a: np.log10(_quotient(b, a)))
        ),
        "The quotient of sizes is upside down: the box's divided by the anchor's.": (
            _with(scale=lambda b, a: -np.log(_quotient(b, a)))
        ),
        "You took the logarithms of corners. It is width and height whose quotient is asked for.": (
            _with(scale=lambda b, a: np.log(b[:, 2:] / a[:, 2:]))
        ),
        "Your shifts are in pixels. Divide them by the width and the height of the anchor.": _with(_in_pixels),
        "You divided the shifts by the size of the box. The network knows only the anchor: measure in its sizes.": (
            _with(lambda b, a: _way(b, a) / _size(b))
        ),
        "You divided both shifts by the width. dy is measured in heights of the anchor.": (
            _with(lambda b, a: _way(b, a) / _size(a)[:, [0, 0]])
        ),
        "You divided the shift along x by the height, and that along y by the width.": (
            _with(lambda b, a: _way(b, a) / _size(a)[:, ::-1])
        ),
        "Your shifts lead from the box to the anchor. Take the box's centre minus the anchor's.": (
            _with(lambda b, a: -_way(b, a) / _size(a))
        ),
        "You measured from corner to corner. dx and dy lead from the centre of the anchor to the centre of the "
        "box.": _with(_from_corner),
        "You measured between the far corners: a centre is the corner plus *half* of the size.": (
            _with(_from_far_corner)
        ),
        "You took x2 and y2 for width and height. A box here is x1, y1, x2, y2; its width is x2 - x1.": _encode_xywh,
        "Your sides are one pixel too long: boxes are half-open, a width is x2 - x1, without a + 1.": (
            _encode_inclusive
        ),
        "You gave four rows. Asked is one row for each box, with its four deltas: stack along axis 1.": (
            _encode_columns
        ),
        "The order is dx, dy, dw, dh: both shifts first.": _encode_by_axis,
    },
    hints=(
        "The anchor fits but is 8 pixels too far to the left, and 40 pixels wide. What is dx?",
        "Width, height and centre of the boxes, and of the anchors; two shifts, two logarithms; the weights last.",
        "A centre is the near corner plus half of the size. Shifts: difference of the centres, divided by the "
        "*anchor's* size. Sizes: np.log of the box's by the anchor's. Four columns side by side, times the weights.",
    ),
)
