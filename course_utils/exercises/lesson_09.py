"""Exercises of lesson 09: the heads' three answers, class, box and mask, and the conventions about the background."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator
from scipy.special import expit, softmax

from course_utils import boxes
from course_utils.exercises.core import Case, Exercise, Lesson
from course_utils.exercises.networks_09 import NETWORKS

WEIGHTS = (10.0, 10.0, 5.0, 5.0)
"""Weights of the box head's deltas in the paper and in torchvision."""


Answer = tuple[np.ndarray, np.ndarray]


def _classify(logits: np.ndarray) -> Answer:
    foods = softmax(logits, axis=1)[:, 1:]
    return foods.argmax(axis=1) + 1, foods.max(axis=1)


def _classify_all_columns(logits: np.ndarray) -> Answer:
    """The best of all columns, and its label one too large."""
    labels, scores = _classify_background_wins(logits)
    return labels + 1, scores


def _classify_last_dropped(logits: np.ndarray) -> Answer:
    others = softmax(logits, axis=1)[:, :-1]
    return others.argmax(axis=1) + 1, others.max(axis=1)


def _classify_background_named(logits: np.ndarray) -> Answer:
    labels, scores = _classify(logits)
    return np.where(logits.argmax(axis=1) == 0, 0, labels), scores


def _classify_where_food_wins(logits: np.ndarray) -> Answer:
    labels, scores = _classify(logits)
    food = logits.argmax(axis=1) > 0
    return labels[food], scores[food]


def _classify_foods_only(logits: np.ndarray) -> Answer:
    foods = softmax(logits[:, 1:], axis=1)
    return foods.argmax(axis=1) + 1, foods.max(axis=1)


def _classify_background_wins(logits: np.ndarray) -> Answer:
    scores = softmax(logits, axis=1)
    return scores.argmax(axis=1), scores.max(axis=1)


def _one_less(classify: Callable[[np.ndarray], Answer]) -> Callable[[np.ndarray], Answer]:
    """The labels of another mistake, one too small."""

    def answer(logits: np.ndarray) -> Answer:
        labels, scores = classify(logits)
        return labels - 1, scores

    return answer


def _classify_score_before(logits: np.ndarray) -> Answer:
    labels, _ = _classify(logits)
    return labels, softmax(logits, axis=1)[np.arange(len(labels)), labels - 1]


def _classify_not_nothing(logits: np.ndarray) -> Answer:
    return _classify(logits)[0], 1 - softmax(logits, axis=1)[:, 0]


def _classify_logits(logits: np.ndarray) -> Answer:
    return _classify(logits)[0], logits[:, 1:].max(axis=1)


def _classify_powers(logits: np.ndarray) -> Answer:
    return _classify(logits)[0], np.exp(logits[:, 1:].max(axis=1))


def _classify_over_rois(logits: np.ndarray) -> Answer:
    foods = softmax(logits, axis=0)[:, 1:]
    return foods.argmax(axis=1) + 1, foods.max(axis=1)


def _classify_over_all(logits: np.ndarray) -> Answer:
    foods = softmax(logits)[:, 1:]
    return foods.argmax(axis=1) + 1, foods.max(axis=1)


def _classify_sigmoid(logits: np.ndarray) -> Answer:
    labels, _ = _classify(logits)
    return labels, expit(logits[:, 1:].max(axis=1))


def _logits(rng: Generator, rois: int, classes: int) -> np.ndarray:
    """Logits of which every other RoI is background."""
    logits = rng.normal(0, 1.5, (rois, classes + 1))
    logits[::2, 0] = logits[::2].max(axis=1) + 1
    return logits


def _classify_edges() -> list[Case]:
    first = np.array([[0.0, 1.0, 3.0, 0.0, 0.0, 0.0, 0.0], [4.0, 0.0, 0.0, 2.0, 0.0, 0.0, 1.0]])
    rng = np.random.default_rng(9)
    tie = np.array([[1.0, 0.5, 2.0, 2.0]])  # of two equal foods argmax takes the first
    return [(first,), (tie,), (_logits(rng, 5, 3),), (2 * _logits(rng, 300, 6),), (np.zeros((0, 7)),)]


def _classify_random(rng: Generator) -> list[Case]:
    return [(_logits(rng, rois, classes),) for rois, classes in ((3, 6), (5, 3), (8, 6))]


def _own(deltas: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return deltas[np.arange(len(labels)), labels]


def _own_box(deltas: np.ndarray, rois: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return boxes.decode(_own(deltas, labels), rois, WEIGHTS)


def _box_no_weights(deltas: np.ndarray, rois: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return boxes.decode(_own(deltas, labels), rois)


def _decoded(
    deltas: np.ndarray,
    rois: np.ndarray,
    labels: np.ndarray,
    weights: tuple[float, ...] = WEIGHTS,
    shift: Callable[[np.ndarray, np.ndarray], np.ndarray] = lambda size, new: size,
    start: Callable[[np.ndarray, np.ndarray], np.ndarray] = lambda size, new: size / 2,
    grow: Callable[[np.ndarray], np.ndarray] = np.exp,
    order: tuple[int, ...] = (0, 1, 2, 3),
) -> np.ndarray:
    """The decoding step by step, so that one of them can be another: the unit of the shift, the way to the centre, "
    "..."""
    own = (_own(deltas, labels) / weights)[:, order]
    size = rois[:, 2:] - rois[:, :2]
    new = size * grow(own[:, 2:])
    centre = rois[:, :2] + start(size, new) + own[:, :2] * shift(size, new)
    return np.concatenate([centre - new / 2, centre + new / 2], axis=1)


def _decoding(**other: Any) -> Callable[..., np.ndarray]:
    return lambda deltas, rois, labels: _decoded(deltas, rois, labels, **other)


def _box_background(deltas: np.ndarray, rois: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return boxes.decode(deltas[:, 0], rois, WEIGHTS)


def _box_shifted(deltas: np.ndarray, rois: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return boxes.decode(_own(deltas, labels - 1), rois, WEIGHTS)


def _box_linear(deltas: np.ndarray, rois: np.ndarray, labels: np.ndarray) -> np.ndarray:
    deltas = _own(deltas, labels)
    scale = np.log1p(np.maximum(deltas[:, 2:] / WEIGHTS[2:], -0.99)) * WEIGHTS[2:]
    return boxes.decode(np.concatenate([deltas[:, :2], scale], axis=1), rois, WEIGHTS)


def _box_in_pixels(deltas: np.ndarray, rois: np.ndarray, labels: np.ndarray) -> np.ndarray:
    deltas = _own(deltas, labels)
    found = boxes.decode(np.concatenate([np.zeros_like(deltas[:, :2]), deltas[:, 2:]], axis=1), rois, WEIGHTS)
    return found + np.tile(deltas[:, :2] / WEIGHTS[:2], 2)


def _box_with(dx: float, dy: float, dw: float, dh: float) -> Callable[..., np.ndarray]:
    return lambda deltas, rois, labels: boxes.decode(_own(deltas, labels), rois, (dx, dy, dw, dh))


def _box_shifted_no_weights(deltas: np.ndarray, rois: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return boxes.decode(_own(deltas, labels - 1), rois)


def _box_from_corner(deltas: np.ndarray, rois: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return _own_box(deltas, rois, labels) - np.tile((rois[:, 2:] - rois[:, :2]) / 2, 2)


def _box_twice_as_large(deltas: np.ndarray, rois: np.ndarray, labels: np.ndarray) -> np.ndarray:
    found = _own_box(deltas, rois, labels)
    half = (found[:, 2:] - found[:, :2]) / 2
    return found + np.concatenate([-half, half], axis=1)


def _box_without_exp(deltas: np.ndarray, rois: np.ndarray, labels: np.ndarray) -> np.ndarray:
    own = _own(deltas, labels) / WEIGHTS
    size = rois[:, 2:] - rois[:, :2]
    centre, half = (rois[:, :2] + rois[:, 2:]) / 2 + own[:, :2] * size, own[:, 2:] * size / 2
    return np.concatenate([centre - half, centre + half], axis=1)


def _box_moved_in_new_sizes(deltas: np.ndarray, rois: np.ndarray, labels: np.ndarray) -> np.ndarray:
    own = _own(deltas, labels) / WEIGHTS
    size = (rois[:, 2:] - rois[:, :2]) * np.exp(own[:, 2:])
    centre = (rois[:, :2] + rois[:, 2:]) / 2 + own[:, :2] * size
    return np.concatenate([centre - size / 2, centre + size / 2], axis=1)


def _box_of_first_label(deltas: np.ndarray, rois: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return _own_box(deltas, rois, 0 * labels + labels[:1].sum())


def _box_edges() -> list[Case]:
    roi = np.array([[100.0, 50.0, 200.0, 130.0]])
    deltas = np.zeros((1, 7, 4))
    deltas[0, 3] = [1.0, -2.0, 0.5, -1.0]
    deltas[0, 2], deltas[0, 0] = [-1.0, 1.0, 1.0, 0.0], [2.0, 2.0, 0.0, 0.0]
    beyond = np.array([[1.0, 4.0, 7.5, 9.25]])  # moved over the edge of the photo, to negative coordinates
    far = np.zeros((1, 7, 4))
    far[0, 3] = [-12.0, -9.0, 3.0, 1.5]
    several, whole = _box_random(np.random.default_rng(9))[:2], _boxes_of(np.random.default_rng(10), 300, 6)
    return [
        (deltas, roi, np.array([3])),
        (far, beyond, np.array([3])),
        *several,
        whole,
        (np.zeros((0, 7, 4)), np.zeros((0, 4)), np.zeros(0, dtype=int)),
    ]


def _boxes_of(rng: Generator, rois: int, classes: int) -> Case:
    corner, size = rng.uniform(0, 200, (rois, 2)), rng.uniform(20, 150, (rois, 2))
    found = np.concatenate([corner, corner + size], axis=1)
    return rng.normal(0, 1, (rois, classes + 1, 4)), found, rng.integers(1, classes + 1, rois)


def _box_random(rng: Generator) -> list[Case]:
    return [_boxes_of(rng, rois, classes) for rois, classes in ((3, 6), (4, 2), (5, 6))]


Layers = tuple[np.ndarray, np.ndarray, np.ndarray]


def _convert(class_weights: np.ndarray, box_weights: np.ndarray, mask_weights: np.ndarray) -> Layers:
    return np.concatenate([class_weights[1:], class_weights[:1]]), box_weights[4:], mask_weights[1:]


def _converted(
    which: Callable[[np.ndarray], np.ndarray] | None = None,
    where: Callable[[np.ndarray], np.ndarray] | None = None,
    mask: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Callable[..., Layers]:
    """The right conversion but for what is done to one of the layers."""

    def convert(class_weights: np.ndarray, box_weights: np.ndarray, mask_weights: np.ndarray) -> Layers:
        right = _convert(class_weights, box_weights, mask_weights)
        given = class_weights, box_weights, mask_weights
        changes = zip((which, where, mask), given, right, strict=True)
        classes, corners, masks = (kept if change is None else change(layer) for change, layer, kept in changes)
        return classes, corners, masks

    return convert


def _by_number(box_weights: np.ndarray) -> np.ndarray:
    """The background taken from rows sorted by dx, dy, dw, dh instead of by class."""
    width = box_weights.shape[1]
    return box_weights.reshape(4, -1, width)[:, 1:].reshape(-1, width)


def _convert_random(rng: Generator) -> list[Case]:
    def layer(rows: int, width: int) -> np.ndarray:
        return rng.permutation(rows * width).reshape(rows, width).astype(float)

    return [(layer(c + 1, w), layer(4 * (c + 1), w), layer(c + 1, w + 1)) for c, w in ((2, 1), (6, 2), (3, 4))]


def _convert_edges() -> list[Case]:
    return _convert_random(np.random.default_rng(0))


def _all_rolled(class_weights: np.ndarray, box_weights: np.ndarray, mask_weights: np.ndarray) -> Layers:
    return np.roll(class_weights, -1, axis=0), np.roll(box_weights, -4, axis=0), np.roll(mask_weights, -1, axis=0)


def _swapped_ends(layer: np.ndarray) -> np.ndarray:
    return np.concatenate([layer[-1:], layer[1:-1], layer[:1]])


def _own_mask(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return expit(_own(logits, labels))


def _mask_softmax(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return _own(softmax(logits, axis=1), labels)


def _mask_shifted(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return expit(_own(logits, labels - 1))


def _mask_strongest(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return expit(logits.max(axis=1))


def _mask_logits(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return _own(logits, labels)


def _mask_spread(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    chosen = _own(logits, labels)
    return softmax(chosen, axis=(1, 2))


def _mask_of_all_labels(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return expit(logits[:, labels])


def _mask_softmax_shifted(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return _own(softmax(logits, axis=1), labels - 1)


def _mask_of_next(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return expit(_own(logits, (labels + 1) % logits.shape[1]))


def _mask_of_first_alone(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return expit(np.stack([logits[0, label] for label in labels]) if len(labels) else _own(logits, labels))


def _mask_of_first_detection(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return expit(logits[0, labels])


def _mask_edges() -> list[Case]:
    first = np.array([[[[-2.0, -2.0]], [[3.0, 3.0]], [[3.0, -1.0]]]])
    rng = np.random.default_rng(9)
    return [
        (first, np.array([2])),
        (rng.normal(0, 2, (3, 4, 2, 2)), np.array([1, 3, 1])),
        (rng.normal(0, 3, (2, 7, 28, 28)), np.array([6, 2])),
        (np.zeros((0, 3, 2, 2)), np.zeros(0, dtype=int)),
    ]


def _mask_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for count, classes, side in ((2, 6, 3), (3, 2, 4), (4, 6, 2)):
        labels = rng.integers(1, classes + 1, count)
        cases.append((rng.normal(0, 2, (count, classes + 1, side, side)), labels))
    return cases


LESSON = Lesson(
    9,
    [
        Exercise(
            id="class-and-score",
            title="The food of a RoI, and how sure it is",
            points=2,
            reference=_classify,
            edges=_classify_edges,
            random=_classify_random,
            misconceptions={
                "You left the background out of the softmax. Then the scores of the foods add up to 1 even where there "
                "is none: take the softmax over all columns first, and drop column 0 after it.": _classify_foods_only,
                "The background won where it is the likeliest. Nobody orders background: look for the best among the "
                "foods, whose score will then be low.": _classify_background_wins,
                "The background takes part in your choice of the best, and labels are one too large: cut off its "
                "column "
                "0 after the softmax.": _classify_all_columns,
                "You cut off the last column, which is a food. The background is column 0.": _classify_last_dropped,
                "Where the background is the likeliest your label is 0. Its best food is asked for there, too: its "
                "score "
                "will be low.": _classify_background_named,
                "RoIs in which the background is the likeliest are missing. Every RoI gets a label and a score.": (
                    _classify_where_food_wins
                ),
                "Your labels are one too small. When column 0 is cut off, the first food stands at index 0; its label "
                "is 1.": _one_less(_classify),
                "Your scores belong to the column before the best food: with column 0 cut off, its index is label "
                "- 1, but in all the scores it is the label itself.": _classify_score_before,
                "Your labels are one too small. (That is not all: the background is missing in the softmax.)": (
                    _one_less(_classify_foods_only)
                ),
                "Your labels are one too small. (That is not all: scores come from a softmax here, not from a "
                "sigmoid.)": _one_less(_classify_sigmoid),
                "You give the score of 'not nothing', all foods together. What is asked for is that of the best "
                "one.": _classify_not_nothing,
                "Your scores are logits still. A softmax makes probabilities of them.": _classify_logits,
                "Your scores are exp(logit), but nothing divides them by the sum of their row.": _classify_powers,
                "Your softmax adds up to 1 over the RoIs. It is the classes of one RoI that compete: axis=1.": (
                    _classify_over_rois
                ),
                "Your softmax adds up to 1 over all RoIs together. It is the classes of one RoI that compete: axis=1, "
                "with keepdims=True in the sum.": _classify_over_all,
                "You used a sigmoid. The classes exclude each other here, so their scores come from one softmax.": (
                    _classify_sigmoid
                ),
            },
            hints=(
                "Who takes part in the contest for the score, and who may win it?",
                "A softmax over each row, all columns; then the largest among the columns of the foods, and where it "
                "stands.",
                "np.exp of all logits, divided by its sum along axis=1 with keepdims=True. Cut off column 0 only then; "
                "argmax and max along the rows. What is cut off must be added to the argmax again.",
            ),
        ),
        Exercise(
            id="own-box",
            title="The box of each RoI's own class",
            points=2,
            shortcuts=(
                "torchvision.models.detection._utils.BoxCoder",
                "torchvision.models.detection.roi_heads.RoIHeads",
            ),
            reference=_own_box,
            edges=_box_edges,
            random=_box_random,
            tolerance=1e-5,  # as near as float32 comes
            misconceptions={
                "The weights are missing: the network's deltas are 10, 10, 5 and 5 times too large. Divide first.": (
                    _box_no_weights
                ),
                "You used the background's deltas, number 0. Each RoI has its own label: deltas[number of the RoI, "
                "its label].": _box_background,
                "You took the deltas of the class before. The background is number 0 here, so a label is its own "
                "index.": _box_shifted,
                "The size changes by exp(dw), not by 1 + dw. The two are nearly equal only for small changes.": (
                    _box_linear
                ),
                "dx and dy are not pixels. They count in widths and heights of the RoI.": _box_in_pixels,
                "You multiply by the weights. The network's deltas are 10, 10, 5 and 5 times too large: divide.": (
                    _decoding(weights=(0.1, 0.1, 0.2, 0.2))
                ),
                "You divide all four deltas by 10. Those of the size have a weight of 5.": _box_with(10, 10, 10, 10),
                "You divide all four deltas by 5. Those of the shift have a weight of 10.": _box_with(5, 5, 5, 5),
                "The weights are the wrong way round: 10 for dx and dy, 5 for dw and dh.": _box_with(5, 5, 10, 10),
                "You took the deltas of the class before: a label is its own index. (That is not all: the weights are "
                "missing.)": _box_shifted_no_weights,
                "You move the corner x1, y1 as if it were the centre. The centre lies half a width and half a height "
                "away.": _box_from_corner,
                "Your box is twice as large as it should be. From the centre to a corner it is half a width and half a "
                "height.": _box_twice_as_large,
                "The size changes by a factor of exp(dw): exp is missing.": _box_without_exp,
                "You shift by the new width and height. The shift counts in those of the RoI, before they change.": (
                    _box_moved_in_new_sizes
                ),
                "You overwrite width and height before you work out the centre. It lies in the middle of the RoI as it "
                "was.": _decoding(shift=lambda size, new: new, start=lambda size, new: new / 2),
                "The centre is half a width and half a height away from the corner, not a whole one.": (
                    _decoding(start=lambda size, new: size)
                ),
                "You shift both ways in widths. dy counts in heights of the RoI.": (
                    _decoding(shift=lambda size, new: size[:, [0, 0]])
                ),
                "You shift x in heights and y in widths. It is the other way round.": (
                    _decoding(shift=lambda size, new: size[:, ::-1])
                ),
                "The size changes by exp(dw), a power of e. You took powers of 2.": _decoding(grow=np.exp2),
                "The four numbers are dx, dy, dw, dh: both shifts first.": _decoding(order=(0, 2, 1, 3)),
                "You added the deltas to the corners. They move the centre, and stretch the size.": (
                    lambda deltas, rois, labels: rois + _own(deltas, labels)
                ),
                "All your RoIs take the deltas of the first one's label. Two lists of indices side by side, "
                "np.arange(len(labels)) and labels, pick one row for each RoI.": _box_of_first_label,
            },
            hints=(
                "Which four of the numbers belong to a RoI with a certain label? And what has been done to them?",
                "Pick, divide by the weights; centre and size of the RoI; the new centre, the new size; back to "
                "corners.",
                "deltas[np.arange(len(labels)), labels] / (10, 10, 5, 5). The new centre is cx + dx * width, "
                "cy + dy * height; the new size width * exp(dw), height * exp(dh). The corners lie half a size to both "
                "sides of the centre; np.stack(..., axis=1) puts the four together.",
            ),
        ),
        Exercise(
            id="other-convention",
            title="From one convention to the other",
            points=2,
            shortcuts=("torchvision.ops.box_convert",),
            reference=_convert,
            edges=_convert_edges,
            random=_convert_random,
            misconceptions={
                "The class layer still has the background first. In the other convention it comes last: move its row "
                "to the end.": _converted(which=lambda layer: layer),
                "The row of the last food has come first. It is the background's row, the first one, that goes to the "
                "end: np.roll by -1.": _converted(which=lambda layer: np.roll(layer, 1, axis=0)),
                "The background has moved to the end of all three layers. It is a class still; its box and its mask "
                "go.": (_all_rolled),
                "First and last row of the class layer have changed places. Only the background moves; the last food "
                "stays behind the others.": _converted(which=_swapped_ends),
                "Without axis=0 np.roll moves single numbers, not rows.": (
                    _converted(which=lambda layer: np.roll(layer, -1))
                ),
                "You took three rows from the box layer. The background's box has four: dx, dy, dw, dh.": (
                    _converted(where=lambda layer: layer[3:])
                ),
                "Your classes are all the wrong way round. Only the background moves; the foods keep their order.": (
                    _converted(which=lambda layer: layer[::-1])
                ),
                "You took one row from the box layer. The background's box has four: dx, dy, dw, dh.": (
                    _converted(where=lambda layer: layer[1:])
                ),
                "You took the last four rows of the box layer, which belong to the last food. Here the background "
                "comes first.": _converted(where=lambda layer: layer[:-4]),
                "The background's box has moved to the end of its layer. In the other convention it has none: leave "
                "its four rows out.": _converted(where=lambda layer: np.roll(layer, -4, axis=0)),
                "The rows of the box layer are sorted by class: four of the background, four of the first food, and so "
                "on. You took every fourth part of them for dx, dy, dw, dh.": _converted(where=_by_number),
                "The box layer still holds the background's four rows. In the other convention it has no box.": (
                    _converted(where=lambda layer: layer)
                ),
                "The class layer has lost the background. Only its box and its mask go; to say 'nothing here' it is "
                "needed in both.": _converted(which=lambda layer: layer[1:]),
                "The mask layer still holds the background's channel. In the other convention there is none.": (
                    _converted(mask=lambda layer: layer)
                ),
                "The background's mask has moved to the end. In the other convention there is none: leave it out.": (
                    _converted(mask=lambda layer: np.roll(layer, -1, axis=0))
                ),
                "You took the last food's channel from the mask layer. Here the background comes first.": (
                    _converted(mask=lambda layer: layer[:-1])
                ),
                "You took four rows from the mask layer. A class has four numbers for its box, but one mask.": (
                    _converted(mask=lambda layer: layer[4:])
                ),
            },
            hints=(
                "In which of the three layers does the background have something to say after the change?",
                "In the class layer its row moves, in the box layer and in the mask layer its rows go.",
                "Rows 1 to C and then row 0 for the classes, by np.concatenate or np.roll along axis 0. For the boxes "
                "all rows but the first four, for the masks all but the first.",
            ),
        ),
        Exercise(
            id="own-mask",
            title="The mask of each detection's own class",
            points=2,
            shortcuts=("torchvision.models.detection.roi_heads.maskrcnn_inference",),
            reference=_own_mask,
            edges=_mask_edges,
            random=_mask_random,
            misconceptions={
                "You made the classes compete in every pixel, with a softmax over the channels. In Mask R-CNN the "
                "class is settled already: a sigmoid on the own channel alone.": _mask_softmax,
                "This is the channel of the class before. Channel 0 is the background's, so a label is its own "
                "index.": _mask_shifted,
                "You took the strongest channel in every pixel. That may be another food's: take the channel that the "
                "label names.": _mask_strongest,
                "These are still logits. A sigmoid makes probabilities of them.": _mask_logits,
                "For each detection you took the channels of *all* labels. logits[:, labels] has an axis too many: two "
                "lists of indices side by side, np.arange(len(labels)) and labels, pick one each.": _mask_of_all_labels,
                "This is the channel of the class behind. A label is its own index, without a + 1.": _mask_of_next,
                "All your masks come from detection 0. The first index is the detection's own number.": (
                    _mask_of_first_alone
                ),
                "You put tanh where a sigmoid belongs: probabilities lie between 0 and 1.": (
                    lambda logits, labels: np.tanh(_own(logits, labels))
                ),
                "All your masks come from the first detection. Two lists of indices side by side, "
                "np.arange(len(labels)) and labels, pick one from each.": _mask_of_first_detection,
                "This is the channel of the class before: a label is its own index. (That is not all: each pixel asks "
                "for a sigmoid, not for a softmax over the channels.)": _mask_softmax_shifted,
                "Your probabilities add up to 1 over the pixels. Each pixel is a yes or no of its own: sigmoid, not "
                "softmax.": _mask_spread,
            },
            hints=(
                "Which of the channels counts for a detection, and do the others have a say?",
                "Pick one channel of each detection, as you picked the deltas; then a sigmoid for each pixel.",
                "logits[np.arange(len(labels)), labels] has shape (D, M, M). The sigmoid of a logit z is "
                "1 / (1 + exp(-z)).",
            ),
        ),
        *NETWORKS,
    ],
)

check = LESSON.check
