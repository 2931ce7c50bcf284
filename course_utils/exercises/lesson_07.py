"""Exercises of lesson 07: anchors, their grid, matching, deltas, and non-maximum suppression."""

import numpy as np
import torch
from numpy.random import Generator

from course_utils import boxes as box_algebra
from course_utils.exercises.core import Case, Exercise, Lesson
from course_utils.exercises.rpn_07 import RPN
from course_utils.mask_rcnn import anchors, losses


def _centred(width: float, height: float) -> np.ndarray:
    return np.round(np.array([-width, -height, width, height]) / 2)


def _anchor(size: float, ratio: float) -> np.ndarray:
    return anchors.cell_anchors([size], [ratio])[0].numpy()


def _anchor_inverted(size: float, ratio: float) -> np.ndarray:
    return _anchor(size, 1 / ratio)


def _anchor_by_area(size: float, ratio: float) -> np.ndarray:
    return _anchor(size**0.5, ratio)


def _anchor_one_side(size: float, ratio: float) -> np.ndarray:
    return _centred(size, size * ratio)


def _anchor_not_rounded(size: float, ratio: float) -> np.ndarray:
    width, height = size / ratio**0.5, size * ratio**0.5
    return np.array([-width, -height, width, height]) / 2


def _anchor_from_corner(size: float, ratio: float) -> np.ndarray:
    return np.round([0, 0, size / ratio**0.5, size * ratio**0.5])


def _anchor_edges() -> list[Case]:
    cases: list[Case] = [(32, 1.0), (100, 0.5), (64, 2.0)]
    return cases


def _anchor_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    while len(cases) < 7:
        size, ratio = int(rng.integers(20, 100)) * 2, float(rng.choice([1 / 3, 0.5, 2, 3]))
        # A corner close to half a pixel would be rounded by luck.
        if (np.abs(_anchor_not_rounded(size, ratio) % 1 - 0.5) > 0.05).all():
            cases.append((size, ratio))
    return cases


def _grid(cell: np.ndarray, grid: tuple[int, int], image_size: tuple[int, int]) -> np.ndarray:
    stride = (image_size[0] // grid[0], image_size[1] // grid[1])
    return anchors.grid_anchors(torch.from_numpy(cell), grid, stride).numpy()


def _grid_half_a_cell(cell: np.ndarray, grid: tuple[int, int], image_size: tuple[int, int]) -> np.ndarray:
    half_y, half_x = image_size[0] // grid[0] / 2, image_size[1] // grid[1] / 2
    return _grid(cell, grid, image_size) + [half_x, half_y, half_x, half_y]


def _grid_swapped(cell: np.ndarray, grid: tuple[int, int], image_size: tuple[int, int]) -> np.ndarray:
    return _grid(cell[:, [1, 0, 3, 2]], grid, image_size)[:, [1, 0, 3, 2]]


def _grid_by_columns(cell: np.ndarray, grid: tuple[int, int], image_size: tuple[int, int]) -> np.ndarray:
    by_rows = _grid(cell, grid, image_size).reshape(*grid, len(cell), 4)
    return by_rows.transpose(1, 0, 2, 3).reshape(-1, 4)


def _grid_by_shape(cell: np.ndarray, grid: tuple[int, int], image_size: tuple[int, int]) -> np.ndarray:
    return np.concatenate([_grid(one[None], grid, image_size) for one in cell])


def _grid_one_stride(cell: np.ndarray, grid: tuple[int, int], image_size: tuple[int, int]) -> np.ndarray:
    return _grid(cell, grid, (image_size[0], image_size[0] // grid[0] * grid[1]))


def _grid_edges() -> list[Case]:
    square, tall_and_wide = np.array([[-8.0, -8, 8, 8]]), np.array([[-6.0, -12, 6, 12], [-11.0, -5, 11, 5]])
    cases: list[Case] = [(square, (1, 2), (16, 32)), (tall_and_wide, (2, 3), (32, 48)), (square, (3, 4), (101, 128))]
    return cases


def _grid_random(rng: Generator) -> list[Case]:
    tall_and_wide = np.array([[-6.0, -12, 6, 12], [-11.0, -5, 11, 5]])
    cases: list[Case] = []
    for _ in range(2):
        rows, columns = (int(n) for n in rng.integers(2, 4, 2))
        cases.append((tall_and_wide, (rows, columns), (16 * rows, 32 * columns)))
    return cases


def _match(iou: np.ndarray, low_quality: bool = True) -> np.ndarray:
    return losses.match(torch.from_numpy(iou), 0.7, 0.3, low_quality).numpy()


def _match_without_rescue(iou: np.ndarray) -> np.ndarray:
    return _match(iou, low_quality=False)


def _match_without_limbo(iou: np.ndarray) -> np.ndarray:
    matches = _match(iou)
    return np.where(matches == losses.IGNORED, losses.BACKGROUND, matches)


def _match_everything(iou: np.ndarray) -> np.ndarray:
    return iou.argmax(axis=0)


def _match_to_caller(iou: np.ndarray) -> np.ndarray:
    matches = _match_without_rescue(iou)
    for piece, overlaps in enumerate(iou):
        matches[overlaps == overlaps.max()] = piece
    return matches


def _match_first_of_equals(iou: np.ndarray) -> np.ndarray:
    matches = _match_without_rescue(iou)
    best = iou.argmax(axis=1)
    matches[best] = iou.argmax(axis=0)[best]
    return matches


def _match_strictly(iou: np.ndarray) -> np.ndarray:
    return _match(np.where(np.isin(iou, [0.3, 0.7]), iou - 1e-9, iou))


def _match_no_background(iou: np.ndarray) -> np.ndarray:
    matches = _match(iou)
    return np.where(matches == losses.BACKGROUND, losses.IGNORED, matches)


def _match_background_last(iou: np.ndarray) -> np.ndarray:
    """What is below 0.3 becomes background after the pieces have been saved."""
    return np.where(iou.max(axis=0) < 0.3, losses.BACKGROUND, _match(iou))


def _match_saving_the_bare(iou: np.ndarray) -> np.ndarray:
    """A piece is not saved when it has got an anchor already, be it one that saved another piece."""
    matches = _match_without_rescue(iou)
    for piece, overlaps in enumerate(iou):
        if piece not in matches:
            saved = overlaps == overlaps.max()
            matches[saved] = iou.argmax(axis=0)[saved]
    return matches


def _match_edges() -> list[Case]:
    cases: list[Case] = [
        (np.array([[0.8, 0.2, 0.5]]),),
        (np.array([[0.75, 0.1, 0.2, 0.0], [0.1, 0.2, 0.55, 0.4]]),),
        (np.array([[0.7, 0.3, 0.29, 0.9]]),),
        (np.array([[0.62, 0.1, 0.0], [0.5, 0.2, 0.1]]),),
        (np.array([[0.5, 0.5, 0.2]]),),
        (np.array([[0.8, 0.1, 0.0], [0.1, 0.2, 0.25]]),),  # the best that there is for a piece is below 0.3
        (np.array([[0.4, 0.1, 0.0], [0.5, 0.6, 0.1]]),),  # the anchor that saves piece 0 is one of piece 1
    ]
    return cases


def _match_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    # In the last one every piece is covered poorly.
    for scale in (1, 1, 1, 0.35):
        # All different, so that "the piece it overlaps most" is never a tie; the second piece has no good anchor.
        values = rng.permutation(np.arange(1, 37)).reshape(3, 12) / 37
        cases.append((values * np.array([[1.0], [0.61], [0.83]]) * scale,))
    return cases


def _encode(boxes: np.ndarray, anchors: np.ndarray, weights: tuple) -> np.ndarray:
    return box_algebra.encode(boxes, anchors, weights)


def _encode_unweighted(boxes: np.ndarray, anchors: np.ndarray, weights: tuple) -> np.ndarray:
    return _encode(boxes, anchors, (1, 1, 1, 1))


def _encode_divided(boxes: np.ndarray, anchors: np.ndarray, weights: tuple) -> np.ndarray:
    return _encode_unweighted(boxes, anchors, weights) / weights


def _encode_without_log(boxes: np.ndarray, anchors: np.ndarray, weights: tuple) -> np.ndarray:
    deltas = _encode_unweighted(boxes, anchors, weights)
    return np.concatenate([deltas[:, :2], np.exp(deltas[:, 2:])], axis=1) * weights


def _encode_in_pixels(boxes: np.ndarray, anchors: np.ndarray, weights: tuple) -> np.ndarray:
    deltas = _encode(boxes, anchors, weights)
    deltas[:, :2] *= anchors[:, 2:] - anchors[:, :2]
    return deltas


def _encode_corners(boxes: np.ndarray, anchors: np.ndarray, weights: tuple) -> np.ndarray:
    deltas = _encode(boxes, anchors, weights)
    deltas[:, :2] = (boxes - anchors)[:, :2] / (anchors[:, 2:] - anchors[:, :2]) * weights[:2]
    return deltas


def _encode_xywh(boxes: np.ndarray, anchors: np.ndarray, weights: tuple) -> np.ndarray:
    return _encode(box_algebra.from_xywh(boxes), box_algebra.from_xywh(anchors), weights)


def _encode_edges() -> list[Case]:
    anchor, plain, weights = np.array([[10.0, 20, 50, 100]]), (1, 1, 1, 1), (10, 10, 5, 5)
    cases: list[Case] = [
        (anchor + [8, 8, 8, 8], anchor, plain),
        (np.array([[10.0, 20, 90, 60]]), anchor, plain),
        (np.array([[14.0, 16, 54, 112]]), anchor, weights),
    ]
    return cases


def _encode_random(rng: Generator) -> list[Case]:
    weights = (10, 10, 5, 5)
    cases: list[Case] = []
    for _ in range(3):
        starts, sizes = rng.uniform(5, 60, (2, 3, 2)), rng.uniform(10, 80, (2, 3, 2))
        boxes, anchors = np.concatenate([starts, starts + sizes], axis=2)
        cases.append((boxes, anchors, weights))
    return cases


def _suppress(overlaps: np.ndarray, scores: np.ndarray, threshold: float, groups: np.ndarray) -> list[int]:
    strikes = (overlaps > threshold) & (groups[:, None] == groups[None, :])
    keep: list[int] = []
    for box in np.argsort(-scores, kind="stable").tolist():
        if not strikes[box, keep].any():
            keep.append(box)
    return keep


def _suppress_ascending(overlaps: np.ndarray, scores: np.ndarray, threshold: float, groups: np.ndarray) -> list[int]:
    return _suppress(overlaps, -scores, threshold, groups)


def _suppress_across(overlaps: np.ndarray, scores: np.ndarray, threshold: float, groups: np.ndarray) -> list[int]:
    return _suppress(overlaps, scores, threshold, np.zeros_like(groups))


def _suppress_by_struck(overlaps: np.ndarray, scores: np.ndarray, threshold: float, groups: np.ndarray) -> list[int]:
    strikes = (overlaps > threshold) & (groups[:, None] == groups[None, :])
    order = np.argsort(-scores, kind="stable")
    return [int(box) for place, box in enumerate(order) if not strikes[box, order[:place]].any()]


def _suppress_equals(overlaps: np.ndarray, scores: np.ndarray, threshold: float, groups: np.ndarray) -> list[int]:
    return _suppress(overlaps, scores, threshold - 1e-9, groups)


def _suppress_ties_reversed(
    overlaps: np.ndarray, scores: np.ndarray, threshold: float, groups: np.ndarray
) -> list[int]:
    order = np.argsort(scores)[::-1]
    kept = _suppress(overlaps[np.ix_(order, order)], scores[order], threshold, groups[order])
    return order[kept].tolist()


def _suppress_in_order(overlaps: np.ndarray, scores: np.ndarray, threshold: float, groups: np.ndarray) -> list[int]:
    return sorted(_suppress(overlaps, scores, threshold, groups))


def _crowd(rng: Generator, count: int) -> Case:
    """Boxes around two objects in two groups, their scores all different."""
    centres = np.array([[40.0, 40], [70, 50]])[rng.integers(0, 2, count)] + rng.normal(0, 4, (count, 2))
    half = rng.uniform(16, 24, (count, 2))
    overlaps = box_algebra.iou(*[np.concatenate([centres - half, centres + half], axis=1)] * 2)
    scores = rng.permutation(np.arange(1, count + 1)) / (count + 1)
    return overlaps.round(3), scores.round(3), 0.5001, rng.integers(0, 2, count)


def _suppress_edges() -> list[Case]:
    twins = np.array([[1, 0.8, 0.0], [0.8, 1, 0.1], [0.0, 0.1, 1]])
    chain = np.array([[1, 0.6, 0.2], [0.6, 1, 0.6], [0.2, 0.6, 1]])
    one, two = np.zeros(3, dtype=int), np.array([0, 1, 1])
    return [
        (twins, np.array([0.6, 0.9, 0.3]), 0.5, one),
        (chain, np.array([0.9, 0.8, 0.7]), 0.5, one),
        (twins, np.array([0.6, 0.9, 0.7]), 0.8, one),
        (twins, np.array([0.6, 0.6, 0.3]), 0.5, one),  # on a tie the earlier one comes first
        (chain, np.array([0.8, 0.9, 0.7]), 0.5, two),
    ]


def _suppress_random(rng: Generator) -> list[Case]:
    return [_crowd(rng, 9) for _ in range(3)]


LESSON = Lesson(
    7,
    [
        Exercise(
            id="anchor-box",
            title="The corners of one anchor",
            points=1,
            reference=_anchor,
            edges=_anchor_edges,
            random=_anchor_random,
            misconceptions={
                "Your anchor lies down where it should stand. The ratio is height over width: 2 is twice as high as "
                "wide. (Or did you give y before x? The order is x1, y1, x2, y2.)": _anchor_inverted,
                "You took the size for the area. It is the side of the square of the same area: the area is size * "
                "size.": _anchor_by_area,
                "You stretched the height alone, so the area changed too. Height and width share the "
                "ratio: times its square root, divided by its square root.": _anchor_one_side,
                "The corners are right but not yet rounded to whole pixels.": _anchor_not_rounded,
                "Your anchor begins at 0, 0. Its middle has to lie there: half of it to the left and above.": (
                    _anchor_from_corner
                ),
            },
            hints=(
                "height = size * sqrt(ratio), width = size / sqrt(ratio); the corners are half of them away from 0. "
                "Round last, all four corners, with np.round: int() and floor cut off instead.",
            ),
        ),
        Exercise(
            id="anchor-grid",
            title="The anchors of a whole map",
            points=2,
            reference=_grid,
            edges=_grid_edges,
            random=_grid_random,
            misconceptions={
                "All your anchors are half a cell too far to the right and too low. Cell (0, 0) has its anchors around "
                "the corner 0, 0 of the image, as in torchvision.": _grid_half_a_cell,
                "You moved x with the row and y with the column. It is the column that says how far to the right "
                "a cell lies.": _grid_swapped,
                "You went through the map column by column. Finish a row before you begin the next one.": (
                    _grid_by_columns
                ),
                "You listed all places of the first shape, then all of the second. All shapes of one cell come "
                "together.": _grid_by_shape,
                "You used the stride of the rows for the columns as well. Each direction has its own.": (
                    _grid_one_stride
                ),
            },
            hints=(
                "For each row, for each column, for each anchor of the cell: add column * stride_x to x1 and x2, "
                "row * stride_y to y1 and y2. A stride is the image's size // the number of cells.",
            ),
        ),
        Exercise(
            id="match-anchors",
            title="Object, background, or neither",
            points=3,
            reference=_match,
            edges=_match_edges,
            random=_match_random,
            misconceptions={
                "Some piece has been left without any anchor. For each piece the anchor that overlaps it most counts "
                "as well, however little that is.": _match_without_rescue,
                "Between 0.3 and 0.7 an anchor is neither an object nor background: -2.": _match_without_limbo,
                "You gave every anchor its nearest piece and never asked whether that is near enough: below 0.3 it is "
                "background, below 0.7 undecided.": _match_everything,
                "An anchor that saves a piece may overlap another piece more. It then goes to that other one: the "
                "rule says that the anchor counts, not for whom.": _match_to_caller,
                "When several anchors overlap a piece equally much, all of them count, not only the first.": (
                    _match_first_of_equals
                ),
                "The best anchor of a badly covered piece became background again. Write -1 for what is below 0.3 "
                "before you save the pieces: the third rule has the last word.": _match_background_last,
                "You left out a piece that had got an anchor already, one that saved another piece. Do not ask "
                "who has one: of every piece the best anchor counts.": _match_saving_the_bare,
                "All anchors without a piece became -2, also those below 0.3. Write -2 for what is below 0.7 first, "
                "then -1 for what is below 0.3.": _match_no_background,
                "Look at the two borders: exactly 0.7 is an object already, exactly 0.3 no longer background.": (
                    _match_strictly
                ),
            },
            hints=(
                "best = iou.max(axis=0) and nearest = iou.argmax(axis=0) answer for every anchor; "
                "iou.max(axis=1) says for every piece how much its best anchors overlap it.",
            ),
        ),
        Exercise(
            id="encode-deltas",
            title="From an anchor to its box in four numbers",
            points=2,
            reference=_encode,
            edges=_encode_edges,
            random=_encode_random,
            misconceptions={
                "The weights are missing. Multiply each of the four deltas by its own.": _encode_unweighted,
                "You divided by the weights. They stretch the deltas, so multiply; it is decoding that divides.": (
                    _encode_divided
                ),
                "For the size you gave the quotient itself. Take its logarithm, so that no change is 0.": (
                    _encode_without_log
                ),
                "Your shifts are in pixels. Divide them by the width and the height of the anchor.": _encode_in_pixels,
                "You measured from corner to corner. dx and dy lead from the centre of the anchor to the centre of "
                "the box.": _encode_corners,
                "You took x2 and y2 for width and height. A box here is x1, y1, x2, y2; its width is x2 - x1.": (
                    _encode_xywh
                ),
            },
            hints=(
                "Work out centre, width and height of both. Then (centre - anchor's centre) / anchor's size, "
                "log(size / anchor's size), and the weights.",
            ),
        ),
        Exercise(
            id="suppress-doubles",
            title="Non-maximum suppression",
            points=3,
            shortcuts=("torchvision.ops.nms", "torchvision.ops.batched_nms"),
            reference=_suppress,
            edges=_suppress_edges,
            random=_suppress_random,
            misconceptions={
                "You began with the lowest score. The surest box comes first and strikes out the others.": (
                    _suppress_ascending
                ),
                "A box of one group has struck out a box of another. Only boxes of the same group are doubles.": (
                    _suppress_across
                ),
                "A box that was struck out went on striking others. Only a box that is kept may do that.": (
                    _suppress_by_struck
                ),
                "An overlap of exactly the threshold is still allowed. Strike only what lies above it.": (
                    _suppress_equals
                ),
                "Boxes with equal scores changed places: np.argsort(scores)[::-1] turns ties around as well. Sort "
                '-scores, with kind="stable".': _suppress_ties_reversed,
                "The right boxes, but in the order in which they came. Give the surest first.": _suppress_in_order,
            },
            hints=(
                "Go through np.argsort(-scores, kind='stable'). Keep a box unless one that you have kept already, of "
                "the same group, overlaps it by more than the threshold.",
            ),
        ),
        *RPN,
    ],
)

check = LESSON.check
