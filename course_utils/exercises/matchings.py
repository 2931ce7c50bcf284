"""Right and wrong ways to match detections to truths, for the exercises of lesson 11.

A table of IoUs here is (D, G): a row for each detection, a column for each truth.
"""

from collections.abc import Callable, Sequence

import numpy as np

from course_utils.metrics.matching import NOBODY, match

Choice = Callable[[np.ndarray, np.ndarray, float], int]
"""From the IoUs of one detection (G,), which truths are free (G,) and the threshold: the truth it takes, or -1."""


def greedy(
    iou: np.ndarray, scores: np.ndarray, labels: np.ndarray, truth_labels: np.ndarray, threshold: float
) -> np.ndarray:
    """The right one: (D,) int, the truth that each detection takes, or -1."""
    same_food = np.asarray(labels)[:, None] == np.asarray(truth_labels)[None, :]
    return match(np.where(same_food, iou, NOBODY), scores, threshold).truth_of


def greedy_in_order_of_score(
    iou: np.ndarray, scores: np.ndarray, labels: np.ndarray, truth_labels: np.ndarray, threshold: float
) -> np.ndarray:
    """The right matches, listed from the surest detection to the least sure."""
    return greedy(iou, scores, labels, truth_labels, threshold)[by_score(iou, scores)]


def _visit(iou: np.ndarray, order: Sequence[int], threshold: float, choose: Choice) -> np.ndarray:
    """Detections in a given order; `choose` says which truth one takes among the free ones that fit, or -1."""
    truth_of, free = np.full(len(iou), NOBODY), np.ones(iou.shape[1], dtype=bool)
    for d in order:
        truth_of[d] = choose(iou[d], free, threshold)
        if truth_of[d] != NOBODY:
            free[truth_of[d]] = False
    return truth_of


def best_free(row: np.ndarray, free: np.ndarray, threshold: float) -> int:
    """The right choice: of the free truths the one of largest IoU, if that reaches the threshold."""
    row = np.where(free, row, NOBODY)
    return int(np.argmax(row)) if row.max(initial=NOBODY) >= threshold else NOBODY


def best_above(row: np.ndarray, free: np.ndarray, threshold: float) -> int:
    """An IoU equal to the threshold does not count."""
    row = np.where(free, row, NOBODY)
    return int(np.argmax(row)) if row.max(initial=NOBODY) > threshold else NOBODY


def best_or_nothing(row: np.ndarray, free: np.ndarray, threshold: float) -> int:
    """Only the best truth is tried, taken or not, as in PASCAL VOC."""
    if not len(row):
        return NOBODY
    best = int(np.argmax(row))
    return best if free[best] and row[best] >= threshold else NOBODY


def best_of_all(row: np.ndarray, free: np.ndarray, threshold: float) -> int:
    """A truth may be taken twice."""
    return best_free(row, np.ones_like(free), threshold)


def first_that_fits(row: np.ndarray, free: np.ndarray, threshold: float) -> int:
    """The first free truth that reaches the threshold, not the best."""
    fits = np.flatnonzero(free & (row >= threshold))
    return int(fits[0]) if len(fits) else NOBODY


def greedy_with(order: Callable, choose: Choice = best_free, labels_count: bool = True) -> Callable:
    """A matching in some order and with some choice, which may be blind to labels."""

    def answer(iou, scores, labels, truth_labels, threshold):
        same_food = labels[:, None] == truth_labels[None, :]
        seen = np.where(same_food, iou, NOBODY) if labels_count else iou
        return _visit(seen, order(seen, scores), threshold, choose)

    return answer


def by_score(iou: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """The right order: the surest detection first."""
    return np.argsort(-scores, kind="stable")


def by_rising_score(iou: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """The least sure detection first."""
    return np.argsort(scores, kind="stable")


def as_listed(iou: np.ndarray, scores: np.ndarray) -> range:
    """The order of the list."""
    return range(len(scores))


def by_overlap(iou: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """The best-fitting detection first."""
    return np.argsort(-iou.max(axis=1, initial=NOBODY), kind="stable")


def by_score_ties_turned(iou: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """The surest first, but of equally sure ones the last in the list."""
    return np.argsort(scores, kind="stable")[::-1]


def by_score_unstable(iou: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """The surest first, equally sure ones in no order in particular."""
    return np.argsort(-scores)


def each_for_itself(
    iou: np.ndarray, scores: np.ndarray, labels: np.ndarray, truth_labels: np.ndarray, threshold: float
) -> np.ndarray:
    """The best-fitting truth of each detection, whoever else has it and whatever it is called."""
    if not iou.size:
        return np.full(len(iou), NOBODY)
    return np.where(iou.max(axis=1) >= threshold, iou.argmax(axis=1), NOBODY)


def truths_choose(
    iou: np.ndarray, scores: np.ndarray, labels: np.ndarray, truth_labels: np.ndarray, threshold: float
) -> np.ndarray:
    """Each truth takes the best-fitting detection that is left."""
    truth_of = np.full(len(iou), NOBODY)
    for g, label in enumerate(truth_labels):
        column = np.where((truth_of == NOBODY) & (labels == label), iou[:, g], NOBODY)
        if column.max(initial=NOBODY) >= threshold:
            truth_of[column.argmax()] = g
    return truth_of
