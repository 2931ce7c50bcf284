"""Exercises of lesson 11: overlap of boxes and masks, matching, and counting what was found."""

import numpy as np
from numpy.random import Generator

from course_utils import boxes, masks
from course_utils.exercises import matchings
from course_utils.exercises.core import Case, Exercise, Lesson
from course_utils.metrics.matching import NOBODY

# Matched by hand: three truths, four detections and their scores. Each detection has a fate of its own.
ON_PAPER = (
    np.array([[1, 1, 7, 6], [9, 2, 14, 7], [3, 8, 8, 12]]),
    np.array([[1, 1, 7, 7], [2, 2, 7, 6], [10, 4, 15, 9], [10, 10, 14, 12]]),
    np.array([0.6, 0.9, 0.8, 0.4]),
)


def _box_iou(a: np.ndarray, b: np.ndarray) -> float:
    return float(boxes.iou(np.array([a], float), np.array([b], float))[0, 0])


def _sides(a: np.ndarray, b: np.ndarray, extra: float = 0) -> np.ndarray:
    """Width and height of the overlap, negative where the boxes are apart."""
    return np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]) + extra


def _ratio(a: np.ndarray, b: np.ndarray, sides: np.ndarray, extra: float = 0) -> float:
    intersection = sides.prod()
    union = (a[2:] - a[:2] + extra).prod() + (b[2:] - b[:2] + extra).prod() - intersection
    return float(intersection / union)


def _box_iou_twice(a: np.ndarray, b: np.ndarray) -> float:
    """The intersection counted twice in the union."""
    return float(np.maximum(_sides(a, b), 0).prod() / (boxes.area(a) + boxes.area(b)))


def _box_iou_unclamped(a: np.ndarray, b: np.ndarray) -> float:
    return _ratio(a, b, _sides(a, b))


def _box_iou_late(a: np.ndarray, b: np.ndarray) -> float:
    """Cut off at 0 after the sides are multiplied."""
    sides = _sides(a, b)
    return _ratio(a, b, np.array([max(sides.prod(), 0)]))


def _box_iou_absolute(a: np.ndarray, b: np.ndarray) -> float:
    return _ratio(a, b, np.abs(_sides(a, b)))


def _box_iou_xywh(a: np.ndarray, b: np.ndarray) -> float:
    return _box_iou(boxes.from_xywh(a), boxes.from_xywh(b))


def _box_iou_inclusive(a: np.ndarray, b: np.ndarray) -> float:
    return _ratio(a, b, np.maximum(_sides(a, b, 1), 0), 1)


def _box_dice(a: np.ndarray, b: np.ndarray) -> float:
    return 2 * _box_iou_twice(a, b)


def _box_edges() -> list[Case]:
    edges = [
        ([0, 0, 4, 4], [2, 1, 6, 5]),
        ([1, 2, 5, 6], [1, 2, 5, 6]),
        ([0, 0, 3, 3], [5, 7, 9, 9]),  # apart in both directions
        ([0, 0, 3, 4], [5, 1, 9, 3]),  # apart in one direction
        ([2, 2, 6, 5], [6, 2, 9, 5]),  # one edge in common
        ([1, 1, 9, 7], [3, 2, 5, 6]),  # one inside the other
    ]
    return [(np.array(a, float), np.array(b, float)) for a, b in edges]


def _box_random(rng: Generator) -> list[Case]:
    def box() -> np.ndarray:
        corner = rng.integers(0, 8, 2)
        return np.concatenate([corner, corner + rng.integers(3, 10, 2)]).astype(float)

    return [(box(), box()) for _ in range(5)]


def _pixel_counts(predictions: np.ndarray, truths: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pixels shared by each pair (D, G), and the pixels of each prediction (D, 1) and truth (1, G)."""
    shared = (predictions[:, None] & truths[None]).sum(axis=(2, 3))
    return shared, masks.area(predictions)[:, None], masks.area(truths)[None]


def _mask_iou(predictions: np.ndarray, truths: np.ndarray) -> np.ndarray:
    return masks.iou(predictions, truths)


def _mask_dice(predictions: np.ndarray, truths: np.ndarray) -> np.ndarray:
    shared, predicted, true = _pixel_counts(predictions, truths)
    return 2 * shared / np.maximum(predicted + true, 1)


def _mask_iou_twice(predictions: np.ndarray, truths: np.ndarray) -> np.ndarray:
    return _mask_dice(predictions, truths) / 2


def _mask_share_of_truth(predictions: np.ndarray, truths: np.ndarray) -> np.ndarray:
    shared, _, true = _pixel_counts(predictions, truths)
    return shared / np.maximum(true, 1)


def _mask_iou_transposed(predictions: np.ndarray, truths: np.ndarray) -> np.ndarray:
    return masks.iou(truths, predictions)


def _mask_iou_of_boxes(predictions: np.ndarray, truths: np.ndarray) -> np.ndarray:
    return boxes.iou(masks.to_boxes(predictions), masks.to_boxes(truths))


def _mask_iou_nan(predictions: np.ndarray, truths: np.ndarray) -> np.ndarray:
    shared, predicted, true = _pixel_counts(predictions, truths)
    with np.errstate(invalid="ignore"):
        return shared / (predicted + true - shared)


def _patch(rng: Generator) -> np.ndarray:
    """A mask (8, 10): a rectangle with pixels knocked out of it, so that its box is larger than it."""
    mask = np.zeros((8, 10), dtype=bool)
    y, x = rng.integers(0, 4, 2)
    height, width = rng.integers(3, 6, 2)
    mask[y : y + height, x : x + width] = rng.random((8, 10))[y : y + height, x : x + width] < 0.8
    return mask


def _mask_edges() -> list[Case]:
    small = np.zeros((3, 3, 4), dtype=bool)
    small[0, :2, :2], small[1, 1:, 1:], small[2, 0, 3] = True, True, True
    empty = np.zeros((1, 3, 4), dtype=bool)
    edges = [(small[:2], small), (np.concatenate([empty, small[:1]]), np.concatenate([small[1:2], empty, empty]))]
    return edges


def _mask_random(rng: Generator) -> list[Case]:
    stacks = [(np.array([_patch(rng) for _ in range(d)]), np.array([_patch(rng) for _ in range(g)])) for d, g in SIZES]
    return stacks


SIZES = ((1, 3), (3, 2), (4, 5))  # never as many predictions as truths


def _greedy_case(iou: list, scores: list, labels: list | None = None, truth_labels: list | None = None) -> Case:
    table = np.array(iou, float)
    labels = [5] * len(table) if labels is None else labels
    truth_labels = [5] * table.shape[1] if truth_labels is None else truth_labels
    return table, np.array(scores), np.array(labels), np.array(truth_labels), 0.5


def _greedy_edges() -> list[Case]:
    edges = [
        _greedy_case([[0.8, 0.1], [0.1, 0.7]], [0.9, 0.6]),
        _greedy_case([[0.9], [0.6]], [0.4, 0.8]),  # two on one truth; the surer one fits worse
        _greedy_case([[0.6], [0.9]], [0.8, 0.4]),  # the same, listed in order of score
        _greedy_case([[0.6, 0.8]], [0.9]),  # both would do, one is better
        _greedy_case([[0.5], [0.49]], [0.3, 0.7]),  # exactly at the threshold
        _greedy_case([[0.9, 0.0], [0.0, 0.8]], [0.9, 0.8], [5, 6], [5, 3]),  # right place, wrong food
        _greedy_case([[0.9, 0.2], [0.8, 0.6]], [0.9, 0.7]),  # the best is taken, the second best fits too
        _greedy_case([[0.9, 0.6]], [0.9], [5], [6, 5]),  # the best has another label, the second best fits too
        _greedy_case([[0.9], [0.8]], [0.9, 0.8], [6, 5], [5]),  # what has the wrong name takes nothing away
    ]
    return edges


def _greedy_random(rng: Generator) -> list[Case]:
    def random_case() -> Case:
        table = rng.permutation(np.arange(5, 95, 4))[:20].reshape(5, 4) / 100
        return _greedy_case(table, rng.permutation(9)[:5] / 10, rng.integers(5, 7, 5), rng.integers(5, 7, 4))

    return [random_case() for _ in range(4)]


def _greedy_label_last(used_up: bool):
    """The label is looked at after a truth has been chosen; one of another label may be used up all the same."""

    def answer(iou, scores, labels, truth_labels, threshold):
        truth_of, free = np.full(len(iou), NOBODY), np.ones(len(truth_labels), dtype=bool)
        for d in matchings.by_score(iou, scores):
            best = matchings.best_free(iou[d], free, threshold)
            if best != NOBODY and labels[d] == truth_labels[best]:
                truth_of[d], free[best] = best, False
            elif best != NOBODY and used_up:
                free[best] = False
        return truth_of

    return answer


def _counts(truth_of: np.ndarray, truth_count: int) -> tuple[int, int, int]:
    found = int((np.asarray(truth_of) != NOBODY).sum())
    return found, len(truth_of) - found, truth_count - found


def _counts_without_zero(truth_of: np.ndarray, truth_count: int) -> tuple[int, int, int]:
    found = int((truth_of > 0).sum())
    return found, len(truth_of) - found, truth_count - found


def _counts_zero_lost(truth_of: np.ndarray, truth_count: int) -> tuple[int, int, int]:
    found = int((truth_of > 0).sum())
    return found, int((truth_of == NOBODY).sum()), truth_count - found


def _counts_by_detections(truth_of: np.ndarray, truth_count: int) -> tuple[int, int, int]:
    found, wrong, _ = _counts(truth_of, truth_count)
    return found, wrong, wrong


def _counts_swapped(truth_of: np.ndarray, truth_count: int) -> tuple[int, int, int]:
    found, wrong, missed = _counts(truth_of, truth_count)
    return found, missed, wrong


def _counts_all_truths(truth_of: np.ndarray, truth_count: int) -> tuple[int, int, int]:
    return *_counts(truth_of, truth_count)[:2], truth_count


def _count_edges() -> list[Case]:
    edges = [(np.array([0, NOBODY, 2]), 4), (np.array([1, 0]), 2), (np.array([NOBODY, NOBODY]), 3)]
    return [*edges, (np.array([], dtype=int), 2)]


def _count_random(rng: Generator) -> list[Case]:
    def random_case() -> Case:
        truths = int(rng.integers(3, 9))
        taken = rng.permutation(truths)[: rng.integers(1, truths)]
        nobody = np.full(rng.integers(0, 4), NOBODY)
        return rng.permutation(np.concatenate([taken, nobody])), truths

    return [random_case() for _ in range(4)]


LESSON = Lesson(
    11,
    [
        Exercise(
            id="box-iou",
            title="IoU of two boxes",
            points=2,
            shortcuts=("torchvision.ops.box_iou",),
            reference=_box_iou,
            edges=_box_edges,
            random=_box_random,
            misconceptions={
                "You divided by the sum of the two areas. The shared part lies in both and so was counted twice: "
                "subtract the intersection once.": _box_iou_twice,
                "Boxes that are apart share nothing, yet your overlap is not 0: a negative width times a negative "
                "height looks like an area. Cut both off at 0 before you multiply.": _box_iou_unclamped,
                "You cut the area of the overlap off at 0, but two negative sides make a positive area: cut off width "
                "and height, each for itself.": _box_iou_late,
                "You took absolute values. Where boxes are apart, width or height of the overlap comes out negative: "
                "that means 0.": _box_iou_absolute,
                "You took the boxes for x, y, width, height. Here they are x1, y1, x2, y2: the last two numbers "
                "are the far corner.": _box_iou_xywh,
                "You added 1 to widths and heights. Our boxes are half-open: x2 - x1 is the width already.": (
                    _box_iou_inclusive
                ),
                "That is the Dice coefficient, twice the intersection over the sum of the areas. It is always kinder "
                "than IoU; divide the intersection by the union.": _box_dice,
            },
            hints=(
                "Overlap: from the larger x1 to the smaller x2, likewise in y; negative means 0. "
                "Union: both areas less the overlap.",
            ),
        ),
        Exercise(
            id="mask-iou",
            title="IoU of every predicted mask with every true one",
            points=2,
            shortcuts=("pycocotools.mask.iou",),
            reference=_mask_iou,
            edges=_mask_edges,
            random=_mask_random,
            misconceptions={
                "Your table lies on its side: a row for each prediction, a column for each truth.": (
                    _mask_iou_transposed
                ),
                "You divided by the pixels of the truth. Then a prediction that covers the whole picture would be "
                "perfect; divide by the pixels of the union.": _mask_share_of_truth,
                "You divided by the sum of the two areas. Pixels in both are counted twice there; in the union `a | b` "
                "they count once.": _mask_iou_twice,
                "That is the Dice coefficient, 2 |A and B| / (|A| + |B|). Here the IoU is wanted: "
                "|A and B| / |A or B|.": _mask_dice,
                "You compared the boxes around the masks. A mask may fill little of its box: count its pixels.": (
                    _mask_iou_of_boxes
                ),
                "Two empty masks gave you 0 / 0. Their union has no pixel: let the IoU be 0 then.": _mask_iou_nan,
            },
            hints=(
                "For masks a and b: np.count_nonzero(a & b) / np.count_nonzero(a | b). "
                "Fill np.zeros((len(predictions), len(truths))) in two loops.",
            ),
        ),
        Exercise(
            id="match-by-hand",
            title="Four detections matched by hand",
            points=2,
            reference=[[-1, 0, -1, -1], [1, 3, 2]],
            misconceptions={
                "You let A have truth 0 because it fits better. But B is surer, so B chooses first, and for B "
                "truth 0 is good enough.": [[0, -1, -1, -1], [1, 3, 2]],
                "Truth 0 is found twice. Once B has taken it, it is gone: A comes too late.": (
                    [[0, 0, -1, -1], [2, 2, 2]]
                ),
                "C does touch truth 1, but too little: its IoU is below the threshold.": [[-1, 0, 1, -1], [2, 2, 1]],
                "Only truth 2 is touched by no detection at all, but truth 1 was not found either: C overlaps it too "
                "little. Every truth that nobody took is a false negative.": [[-1, 0, -1, -1], [1, 3, 1]],
                "You counted the detections that found nothing as false negatives. False negatives are truths that "
                "nobody took: count truths, not detections.": [[-1, 0, -1, -1], [1, 3, 3]],
            },
            hints=(
                "Go from the highest score to the lowest: B, C, A, D. Each looks at its row of the table, leaves out "
                "truths that are taken, and takes the largest IoU that is left if that is 0.5 or more.",
            ),
        ),
        Exercise(
            id="greedy-match",
            title="Greedy matching in order of score",
            points=3,
            reference=matchings.greedy,
            edges=_greedy_edges,
            random=_greedy_random,
            misconceptions={
                "You wrote the answers in the order in which you visited the detections. Entry d belongs to detection "
                "d: fill an array, truth_of[d] = ...": matchings.greedy_in_order_of_score,
                "A truth was taken twice. Remember which truths are taken; each can be found only once.": (
                    matchings.greedy_with(matchings.by_score, matchings.best_of_all)
                ),
                "You began with the lowest score. np.argsort sorts upwards: sort -scores.": (
                    matchings.greedy_with(matchings.by_rising_score)
                ),
                "You visited the detections as they are listed. The surest one chooses first: "
                "go through np.argsort(-scores).": matchings.greedy_with(matchings.as_listed),
                "You let the best-fitting detection choose first. No detector knows its IoU, only its score: "
                "the order is by score.": matchings.greedy_with(matchings.by_overlap),
                "You matched different foods. A perfect outline with the wrong name is no find: only pairs with equal "
                "labels may match.": matchings.greedy_with(matchings.by_score, labels_count=False),
                "You looked at the label last: when the best free truth was of another food, your detection gave up. "
                "Leave out truths with another label first, then take the best.": _greedy_label_last(used_up=False),
                "A detection with the wrong name used up the truth, and nobody could find it any more. Only a match "
                "takes a truth: leave out those with another label before you choose.": (
                    _greedy_label_last(used_up=True)
                ),
                "An IoU equal to the threshold counts as found here, as in COCO: use >=.": (
                    matchings.greedy_with(matchings.by_score, matchings.best_above)
                ),
                "When the best truth was taken your detection gave up. (The PASCAL VOC benchmark counts so.) COCO and "
                "we let it take the best of those that are still free.": matchings.greedy_with(
                    matchings.by_score, matchings.best_or_nothing
                ),
                "You took the first truth that reaches the threshold. Among the free ones, take the one with the "
                "largest IoU.": matchings.greedy_with(matchings.by_score, matchings.first_that_fits),
            },
            hints=(
                "for d in np.argsort(-scores): copy its row of iou, write -1 where the truth is taken or has another "
                "label, and take the argmax if that entry is >= threshold.",
            ),
        ),
        Exercise(
            id="count-outcomes",
            title="Counts of TP, FP and FN",
            points=1,
            reference=_counts,
            edges=_count_edges,
            random=_count_random,
            misconceptions={
                "You missed truth number 0. Counting starts at 0 here, and only -1 means nobody.": _counts_without_zero,
                "Truth number 0 counts neither as TP nor as FP in your answer. Counting starts at 0, and only -1 means "
                "nobody.": _counts_zero_lost,
                "You counted the detections that found nothing as false negatives too. False negatives are truths: "
                "all of them less those that were found.": _counts_by_detections,
                "False positives and false negatives are the wrong way round. A detection without a truth is a false "
                "positive, a truth without a detection a false negative.": _counts_swapped,
                "You counted every truth as missed. Those that a detection took were found: subtract them.": (
                    _counts_all_truths
                ),
            },
            hints=("How many entries are not -1? Those are the TP. The other detections are FP, the other truths FN.",),
        ),
    ],
)

check = LESSON.check
