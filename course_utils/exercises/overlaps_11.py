"""The first two exercises of lesson 11: IoU of two boxes, and of every predicted mask with every true one."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from course_utils import boxes, masks
from course_utils.exercises.core import Case, Exercise

Pair = Callable[[np.ndarray, np.ndarray], float | np.number]


def _box_iou(a: np.ndarray, b: np.ndarray) -> float:
    return float(boxes.iou(np.array([a], float), np.array([b], float))[0, 0])


def _sides(a: np.ndarray, b: np.ndarray, extra: float = 0) -> np.ndarray:
    """Width and height of the overlap, negative where the boxes are apart."""
    return np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]) + extra


def _shared(a: np.ndarray, b: np.ndarray) -> float:
    return np.maximum(_sides(a, b), 0).prod()


def _over(denominator: Callable[[np.ndarray, np.ndarray], float]) -> Pair:
    """The shared area over something else than the union."""
    return lambda a, b: float(_shared(a, b) / denominator(a, b))


def _with_sides(change: Callable[[np.ndarray], np.ndarray], extra_overlap: float = 0, extra: float = 0) -> Pair:
    """IoU from sides of the overlap that were treated in some way, with some pixels added to sides."""

    def answer(a, b):
        shared = change(_sides(a, b, extra_overlap)).prod()
        areas = (a[2:] - a[:2] + extra).prod() + (b[2:] - b[:2] + extra).prod()
        return float(shared / (areas - shared))

    return answer


def _cut_off(sides: np.ndarray) -> np.ndarray:
    return np.maximum(sides, 0)


def _enclosing(a: np.ndarray, b: np.ndarray) -> float:
    return (np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2])).prod()


def _box_iou_outer(a: np.ndarray, b: np.ndarray) -> float:
    """Larger and smaller confused: the box around both in the place of the one that they share."""
    union = boxes.area(a) + boxes.area(b) - _enclosing(a, b)
    return float(_enclosing(a, b) / union) if union else float("inf")


def _box_iou_xywh(a: np.ndarray, b: np.ndarray) -> float:
    return _box_iou(boxes.from_xywh(a), boxes.from_xywh(b))


def _box_iou_upside_down(a: np.ndarray, b: np.ndarray) -> float:
    return 1 / _box_iou(a, b)


def _box_edges() -> list[Case]:
    edges = [
        ([0, 0, 4, 4], [2, 1, 6, 5]),
        ([1, 2, 5, 6], [1, 2, 5, 6]),
        ([0, 0, 3, 3], [5, 7, 9, 9]),  # apart in both directions
        ([0, 0, 3, 4], [5, 1, 9, 3]),  # one beside the other
        ([5, 1, 9, 3], [0, 0, 3, 4]),
        ([1, 0, 4, 3], [0, 5, 3, 9]),  # one below the other
        ([0, 5, 3, 9], [1, 0, 4, 3]),
        ([2, 2, 6, 5], [6, 2, 9, 5]),  # one edge in common
        ([1, 1, 9, 7], [3, 2, 5, 6]),  # one inside the other
        ([0, 3, 10, 4], [4, 0, 5, 9]),  # a cross
        ([0.25, 0.5, 0.75, 1.0], [0.5, 0.75, 1.0, 1.5]),  # shares of a picture
        ([103.2, 40.7, 251.9, 188.4], [96.8, 55.1, 240.3, 201.6]),  # pieces on a photo
    ]
    return [(np.array(a, float), np.array(b, float)) for a, b in edges]


def _box_random(rng: Generator) -> list[Case]:
    def box() -> np.ndarray:
        corner = rng.integers(0, 8, 2)
        return np.concatenate([corner, corner + rng.integers(3, 10, 2)]).astype(float)

    return [(box(), box()) for _ in range(5)]


BOX_IOU = Exercise(
    id="box-iou",
    title="IoU of two boxes",
    points=2,
    shortcuts=("torchvision.ops.box_iou", "torchvision.ops.generalized_box_iou", "pycocotools.mask.iou"),
    reference=_box_iou,
    edges=_box_edges,
    random=_box_random,
    misconceptions={
        "You divided by the sum of the two areas. The shared part lies in both and so was counted twice: "
        "subtract the intersection once.": _over(lambda a, b: boxes.area(a) + boxes.area(b)),
        "You added the intersection where it has to be subtracted: the two areas count it twice already.": _over(
            lambda a, b: boxes.area(a) + boxes.area(b) + _shared(a, b)
        ),
        "Boxes that are apart share nothing, yet your overlap is not 0: a negative width times a negative "
        "height looks like an area. Cut both off at 0 before you multiply.": _with_sides(lambda sides: sides),
        "You cut the area of the overlap off at 0, but two negative sides make a positive area: cut off width "
        "and height, each for itself.": _with_sides(lambda sides: np.array([max(sides.prod(), 0)])),
        "The width of your overlap never gets negative, but its height does, where one box lies below the other.": (
            _with_sides(lambda sides: np.array([max(sides[0], 0), sides[1]]))
        ),
        "The height of your overlap never gets negative, but its width does, where one box lies beside the other.": (
            _with_sides(lambda sides: np.array([sides[0], max(sides[1], 0)]))
        ),
        "You took absolute values. Where boxes are apart, width or height of the overlap comes out negative: "
        "that means 0.": _with_sides(np.abs),
        "Larger and smaller have changed places: you found the box around both. The shared part begins at the larger "
        "of the two left edges.": _box_iou_outer,
        "You took the boxes for x, y, width, height. Here they are x1, y1, x2, y2: the last two numbers "
        "are the far corner.": _box_iou_xywh,
        "You added 1 to widths and heights. Our boxes are half-open: x2 - x1 is the width already.": (
            _with_sides(_cut_off, 1, 1)
        ),
        "You added 1 to the sides of the overlap. Our boxes are half-open: no 1 is missing anywhere.": (
            _with_sides(_cut_off, 1)
        ),
        "That is the Dice coefficient, twice the intersection over the sum of the areas. It is always kinder "
        "than IoU; divide the intersection by the union.": _over(lambda a, b: (boxes.area(a) + boxes.area(b)) / 2),
        "That is the intersection, in squares. IoU is the share that it has of the union.": _over(lambda a, b: 1),
        "You divided by the area of the first box alone. Then a detection that is too large would cost nothing: divide "
        "by the union.": _over(lambda a, b: boxes.area(a)),
        "You divided by the area of the second box alone. Then a detection that is too large would cost nothing: "
        "divide by the union.": _over(lambda a, b: boxes.area(b)),
        "You divided by the smaller of the two areas. A tiny box inside a large one would be perfect then; divide by "
        "the union.": _over(lambda a, b: min(boxes.area(a), boxes.area(b))),
        "You divided by the larger of the two areas. What lies in the smaller box alone belongs to the union, too.": (
            _over(lambda a, b: max(boxes.area(a), boxes.area(b)))
        ),
        "You divided by the box around both. Its corners belong to neither; the union is what lies in at least one.": (
            _over(_enclosing)
        ),
        "`//` drops what comes after the point: nearly every IoU becomes 0. Divide with `/`.": (
            lambda a, b: _box_iou(a, b) // 1
        ),
        "The fraction is upside down: the intersection belongs above the line.": _box_iou_upside_down,
    },
    hints=(
        "The shared part is a box as well. Where does it begin, and where does it end? And what becomes of its width "
        "when the two lie apart?",
        "Four steps: width and height of the shared part, its area, the areas of the two boxes, the division.",
        "The shared part goes from the larger of the two left edges to the smaller of the two right edges, likewise "
        "from top to bottom; a side that comes out negative is 0. The union is both areas less the shared one.",
    ),
)


def _table(measure: Pair) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Some measure of every prediction with every truth, 0 for two masks without pixels."""

    def answer(predictions, truths):
        result = np.zeros((len(predictions), len(truths)))
        for (d, g), _ in np.ndenumerate(result):
            if (predictions[d] | truths[g]).any():
                result[d, g] = measure(predictions[d], truths[g])
        return result

    return answer


def _mask_iou(predictions: np.ndarray, truths: np.ndarray) -> np.ndarray:
    return masks.iou(predictions, truths)


def _both(a: np.ndarray, b: np.ndarray) -> np.integer:
    return np.count_nonzero(a & b)


def _share_of(denominator: Callable[[np.ndarray, np.ndarray], float]) -> Pair:
    return lambda a, b: _both(a, b) / max(denominator(a, b), 1)


def _mask_iou_transposed(predictions: np.ndarray, truths: np.ndarray) -> np.ndarray:
    return masks.iou(truths, predictions)


def _mask_iou_of_boxes(predictions: np.ndarray, truths: np.ndarray) -> np.ndarray:
    return boxes.iou(masks.to_boxes(predictions), masks.to_boxes(truths))


def _mask_iou_or(value: float) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Something else than 0 for two masks without pixels."""

    def answer(predictions, truths):
        empty = ~(predictions[:, None] | truths[None]).any(axis=(2, 3))
        return np.where(empty, value, masks.iou(predictions, truths))

    return answer


def _in_bytes(union_too: bool) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Pixels counted by a product of uint8, which goes round at 256."""

    def answer(predictions, truths):
        x, y = (stack.reshape(len(stack), np.prod(stack.shape[1:])).astype(np.uint8) for stack in (predictions, truths))
        kind = np.uint8 if union_too else None
        shared = x @ y.T
        union = x.sum(axis=1, dtype=kind)[:, None] + y.sum(axis=1, dtype=kind) - shared
        return shared / np.maximum(union, 1)

    return answer


def _mask_iou_pairwise(predictions: np.ndarray, truths: np.ndarray) -> np.ndarray:
    return np.array([_mask_iou(p[None], t[None])[0, 0] for p, t in zip(predictions, truths, strict=False)])


def _mask_iou_in_whole_numbers(predictions: np.ndarray, truths: np.ndarray) -> np.ndarray:
    return np.trunc(_mask_iou(predictions, truths))


def _mask_edges() -> list[Case]:
    small = np.zeros((3, 3, 4), dtype=bool)
    small[0, :2, :2], small[1, 1:, 1:], small[2, 0, 3] = True, True, True
    empty = np.zeros((1, 3, 4), dtype=bool)
    plate = np.zeros((3, 320, 320), dtype=bool)
    plate[0, 20:290, 15:300], plate[1, 100:180, 60:101], plate[2, 31:290, 40:320] = True, True, True
    plate[0, 150:170, 150:170] = False  # a hole: the box around it is fuller than the mask
    return [
        (small[:2], small),
        (np.concatenate([empty, small[:1]]), np.concatenate([small[1:2], empty, empty])),
        (small[2:], small[2:]),  # one pixel
        (small[:2], small[:0]),  # a plate without pieces
        (small[:0], small[:2]),  # nothing was detected
        (np.ones((1, 20, 20), dtype=bool), np.ones((2, 20, 20), dtype=bool)),
        (plate[[0, 2]], plate),
    ]


def _patch(rng: Generator) -> np.ndarray:
    """A mask (8, 10): a rectangle with pixels knocked out of it, so that its box is larger than it."""
    mask = np.zeros((8, 10), dtype=bool)
    y, x = rng.integers(0, 4, 2)
    height, width = rng.integers(3, 6, 2)
    mask[y : y + height, x : x + width] = rng.random((8, 10))[y : y + height, x : x + width] < 0.8
    return mask


def _mask_random(rng: Generator) -> list[Case]:
    sizes = ((1, 3), (3, 2), (4, 5))  # never as many predictions as truths
    return [(np.array([_patch(rng) for _ in range(d)]), np.array([_patch(rng) for _ in range(g)])) for d, g in sizes]


_TOO_SMALL_A_TYPE = (
    "Right on small masks. But uint8 counts to 255 and begins again at 0, and a piece on a photo has thousands of "
    "pixels: count in int or float."
)

MASK_IOU = Exercise(
    id="mask-iou",
    title="IoU of every predicted mask with every true one",
    points=2,
    shortcuts=("pycocotools.mask.iou", "sklearn.metrics.jaccard_score"),
    reference=_mask_iou,
    edges=_mask_edges,
    random=_mask_random,
    misconceptions={
        "Your table lies on its side: a row for each prediction, a column for each truth.": _mask_iou_transposed,
        "You divided by the pixels of the truth. Then a prediction that covers the whole picture would be "
        "perfect; divide by the pixels of the union.": _table(_share_of(lambda a, b: b.sum())),
        "You divided by the pixels of the prediction. Then one pixel inside the piece would be perfect; divide by the "
        "pixels of the union.": _table(_share_of(lambda a, b: a.sum())),
        "You divided by the pixels of the smaller mask. One pixel inside a piece would be perfect then; divide by the "
        "pixels of the union.": _table(_share_of(lambda a, b: min(a.sum(), b.sum()))),
        "You divided by the pixels of the larger mask. The union is larger still: it is what lies in at least one.": (
            _table(_share_of(lambda a, b: max(a.sum(), b.sum())))
        ),
        "You divided by the sum of the two areas. Pixels in both are counted twice there; in the union `a | b` "
        "they count once.": _table(_share_of(lambda a, b: a.sum() + b.sum())),
        "You divided by all pixels of the picture. IoU knows nothing of the picture: divide by the pixels of the "
        "union.": _table(_share_of(lambda a, b: a.size)),
        "That is the Dice coefficient, 2 |A and B| / (|A| + |B|). Here the IoU is wanted: "
        "|A and B| / |A or B|.": _table(_share_of(lambda a, b: (a.sum() + b.sum()) / 2)),
        "These are the pixels that both have, as a number. IoU is the share that they have of the union.": _table(
            _both
        ),
        "You counted the pixels in which the two agree, and the empty table agrees with everything (lesson 01). Only "
        "pixels in at least one of the masks count.": lambda predictions, truths: (
            predictions[:, None] == truths[None]
        ).mean(axis=(2, 3)),
        "`^` is true where exactly one of the two is: you counted the pixels that are wrong. Both are `&`.": _table(
            lambda a, b: np.count_nonzero(a ^ b) / np.count_nonzero(a | b)
        ),
        "You compared the boxes around the masks. A mask may fill little of its box: count its pixels.": (
            _mask_iou_of_boxes
        ),
        "Two empty masks gave you 0 / 0. Their union has no pixel: let the IoU be 0 then.": _mask_iou_or(float("nan")),
        "Two empty masks share nothing: their IoU is to be 0 here, or finding nothing where nothing is would look "
        "like a find.": _mask_iou_or(1.0),
        _TOO_SMALL_A_TYPE: _in_bytes(union_too=False),
        _TOO_SMALL_A_TYPE + " The union too.": _in_bytes(union_too=True),
        "Your table holds whole numbers, so every share became 0 or 1. np.zeros(shape) makes one of fractions; "
        "dtype=int, or np.zeros_like of an integer array, does not.": _mask_iou_in_whole_numbers,
        "You compared the first with the first, the second with the second. Every prediction meets every truth: the "
        "result is a table.": _mask_iou_pairwise,
    },
    hints=(
        "Which pixels of two masks lie in both, and which in at least one? NumPy has a sign for either.",
        "A table of zeros, two loops over its rows and columns, and one division for each place; nothing to divide "
        "by leaves the 0.",
        "For a prediction and a truth count the pixels of `a & b` and of `a | b` with np.count_nonzero; where the "
        "second count is not 0, write the first divided by the second into row d, column g.",
    ),
)
