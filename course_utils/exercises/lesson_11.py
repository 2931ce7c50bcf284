"""Exercises of lesson 11: overlap of boxes and masks, matching, and counting what was found."""

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from course_utils.exercises import matchings, overlaps_11
from course_utils.exercises.core import Case, Exercise, Lesson
from course_utils.metrics.matching import NOBODY

# Matched by hand: three truths, four detections and their scores. Each detection has a fate of its own.
ON_PAPER = (
    np.array([[1, 1, 7, 6], [9, 2, 14, 7], [3, 8, 8, 12]]),
    np.array([[1, 1, 7, 7], [2, 2, 7, 6], [10, 4, 15, 9], [10, 10, 14, 12]]),
    np.array([0.6, 0.9, 0.8, 0.4]),
)


def _greedy_case(
    iou: ArrayLike,
    scores: ArrayLike,
    labels: ArrayLike | None = None,
    truth_labels: ArrayLike | None = None,
    threshold: float = 0.5,
) -> Case:
    table = np.array(iou, float)
    labels = [5] * len(table) if labels is None else labels
    truth_labels = [5] * table.shape[1] if truth_labels is None else truth_labels
    return table, np.array(scores, float), np.array(labels, int), np.array(truth_labels, int), threshold


def _greedy_edges() -> list[Case]:
    many = (np.arange(40)[:, None] * 37 + np.arange(9) * 101) % 97 / 100  # no two equal in a row or column of note
    return [
        _greedy_case([[0.8, 0.1], [0.1, 0.7]], [0.9, 0.6]),
        _greedy_case([[0.9], [0.6]], [0.4, 0.8]),  # two on one truth; the surer one fits worse
        _greedy_case([[0.6], [0.9]], [0.8, 0.4]),  # the same, listed in order of score
        _greedy_case([[0.6, 0.8]], [0.9]),  # both would do, one is better
        _greedy_case([[0.5], [0.49]], [0.3, 0.7]),  # exactly at the threshold
        _greedy_case([[0.9, 0.0], [0.0, 0.8]], [0.9, 0.8], [5, 6], [5, 3]),  # right place, wrong food
        _greedy_case([[0.9, 0.2], [0.8, 0.6]], [0.9, 0.7]),  # the best is taken, the second best fits too
        _greedy_case([[0.9, 0.6]], [0.9], [5], [6, 5]),  # the best has another label, the second best fits too
        _greedy_case([[0.9], [0.8]], [0.9, 0.8], [6, 5], [5]),  # what has the wrong name takes nothing away
        _greedy_case([[0.8, 0.7], [0.9, 0.7]], [0.6, 0.6]),  # equally sure: as listed
        _greedy_case([[0.7, 0.3], [0.3, 0.7]], [0.9, 0.6], threshold=0.75),
        _greedy_case([[0.4]], [0.9], threshold=0.25),
        _greedy_case(np.zeros((2, 0)), [0.9, 0.6]),  # a plate without pieces
        _greedy_case(np.zeros((0, 2)), []),  # nothing was detected
        _greedy_case([[0.1], [0.0], [0.45]], [0.9, 0.3, 0.5]),  # nothing fits
        _greedy_case(many, np.arange(40) % 4 / 5, np.arange(40) % 2, np.arange(9) % 2, 0.6),
    ]


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


def _counts_all(truth_of: np.ndarray, truth_count: int) -> tuple[int, int, int]:
    return _counts(truth_of, truth_count)[0], len(truth_of), truth_count


def _counts_all_detections(truth_of: np.ndarray, truth_count: int) -> tuple[int, int, int]:
    found, _, missed = _counts(truth_of, truth_count)
    return found, len(truth_of), missed


def _counts_by_highest(truth_of: np.ndarray, truth_count: int) -> tuple[int, int, int]:
    found, wrong, _ = _counts(truth_of, truth_count)
    return found, wrong, int(np.max(truth_of, initial=NOBODY)) + 1 - found


def _counts_by_difference(truth_of: np.ndarray, truth_count: int) -> tuple[int, int, int]:
    return *_counts(truth_of, truth_count)[:2], abs(truth_count - len(truth_of))


def _counts_added_up(truth_of: np.ndarray, truth_count: int) -> tuple[int, int, int]:
    found = int(np.sum(truth_of))
    return found, len(truth_of) - found, truth_count - found


def _counts_as_shares(truth_of: np.ndarray, truth_count: int) -> tuple[float, float, float]:
    found, wrong, missed = _counts(truth_of, truth_count)
    return found / max(len(truth_of), 1), wrong / max(len(truth_of), 1), missed / max(truth_count, 1)


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
    edges = [([0, NOBODY, 2], 4), ([1, 0], 2), ([NOBODY, NOBODY], 3), ([], 2), ([NOBODY, NOBODY], 0), ([0], 1), ([], 0)]
    edges += [([NOBODY, 3, NOBODY, NOBODY, 7, NOBODY, 1, 0], 9), ([5, 2, 8], 12)]
    return [(np.array(truth_of, dtype=int), truth_count) for truth_of, truth_count in edges]


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
        overlaps_11.BOX_IOU,
        overlaps_11.MASK_IOU,
        Exercise(
            id="match-by-hand",
            title="Four detections matched by hand",
            points=2,
            reference=[[-1, 0, -1, -1], [1, 3, 2]],
            parts=("your first list, who takes what,", "your second list, the counts,"),
            misconceptions={
                "You let A have truth 0 because it fits better. But B is surer, so B chooses first, and for B "
                "truth 0 is good enough.": [[0, -1, -1, -1], [1, 3, 2]],
                "Truth 0 is found twice. Once B has taken it, it is gone: A comes too late.": (
                    [[0, 0, -1, -1], [2, 2, 2]]
                ),
                "Your counts are right, but they do not belong to your first list: in it truth 0 is taken twice. B has "
                "it, A comes too late.": [[0, 0, -1, -1], [1, 3, 2]],
                "C does touch truth 1, but too little: its IoU is below the threshold.": [[-1, 0, 1, -1], [2, 2, 1]],
                "You looked for the truth that each of them fits best. Two rules are missing: a truth is taken once, "
                "by the surer one, and an IoU below 0.5 is no fit.": [[0, 0, 1, -1], [3, 1, 1]],
                "Two rules are missing. Who chooses first, A or B? And is C's IoU with truth 1 enough?": (
                    [[0, -1, 1, -1], [2, 2, 1]]
                ),
                "Truth 0 is found twice in your list, and truth 1, which C merely touches, was not found.": (
                    [[0, 0, -1, -1], [2, 2, 1]]
                ),
                "Only truth 2 is touched by no detection at all, but truth 1 was not found either: C overlaps it too "
                "little. Every truth that nobody took is a false negative.": [[-1, 0, -1, -1], [1, 3, 1]],
                "You counted the detections that found nothing as false negatives. False negatives are truths that "
                "nobody took: count truths, not detections.": [[-1, 0, -1, -1], [1, 3, 3]],
                "TP, FP, FN in this order: your last two have changed places.": [[-1, 0, -1, -1], [1, 2, 3]],
                "One detection is missing among your FP. Every detection is a TP or an FP: also the duplicate, and "
                "also the one that fits too little.": [[-1, 0, -1, -1], [1, 2, 2]],
                "D is not the only FP. A duplicate, and a detection that fits too little, are wrong as well; and every "
                "truth that nobody took is a false negative.": [[-1, 0, -1, -1], [1, 1, 1]],
                "Truths count from 0: B takes truth 0. And who takes nobody is -1, since 0 is somebody.": (
                    [[0, 1, 0, 0], [1, 3, 2]]
                ),
                "That is the first list, and right. The three counts are missing: a list of two lists is asked for.": (
                    [-1, 0, -1, -1]
                ),
            },
            hints=(
                "Who chooses first: who stands first in the list, who fits best, or who is surest?",
                "Sort the four by score, then go through them one by one and cross out each truth that is taken. "
                "Count at the end: of the detections TP and FP, of the truths FN.",
                "The order is B, C, A, D. Each looks at its row of the table, leaves out "
                "truths that are taken, and takes the largest IoU that is left if that is 0.5 or more.",
            ),
        ),
        Exercise(
            id="greedy-match",
            title="Greedy matching in order of score",
            points=3,
            whole=True,
            shortcuts=("pycocotools.cocoeval.COCOeval",),
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
                "You looked at each detection by itself: the truth that it fits best, taken or not, whatever its "
                "name. Go through them in order of score, and remember what is taken.": matchings.each_for_itself,
                "You let the truths choose. The detections do, the surest first.": matchings.truths_choose,
                "Two equally sure detections have changed places. They choose in the order in which they are listed: "
                'sort -scores, with kind="stable".': matchings.greedy_with(matchings.by_score_ties_turned),
                "In a long list equally sure detections changed places: np.argsort keeps their order only with "
                'kind="stable".': matchings.greedy_with(matchings.by_score_unstable),
                "When the best truth was taken your detection gave up. (The PASCAL VOC benchmark counts so.) COCO and "
                "we let it take the best of those that are still free.": matchings.greedy_with(
                    matchings.by_score, matchings.best_or_nothing
                ),
                "You took the first truth that reaches the threshold. Among the free ones, take the one with the "
                "largest IoU.": matchings.greedy_with(matchings.by_score, matchings.first_that_fits),
            },
            hints=(
                "Which truths may a detection still choose from when its turn comes? There are three reasons why one "
                "may not.",
                "A loop over the detections in falling order of score; inside it, one over the truths that remembers "
                "the best of those that are allowed. What has to be remembered from one detection to the next?",
                'np.argsort(-scores, kind="stable") gives the order. Skip a truth that is taken, that has another '
                "label, or whose IoU is below the threshold; of the rest the largest IoU wins. Write its number at the "
                "place of the detection, and note that it is taken.",
            ),
        ),
        Exercise(
            id="count-outcomes",
            title="Counts of TP, FP and FN",
            points=1,
            whole=True,
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
                "TP and FP are detections: those that found nothing are the FP, not all of them. And FN are the truths "
                "that are left.": _counts_all,
                "You counted every detection as wrong. Those that took a truth are the TP: subtract them.": (
                    _counts_all_detections
                ),
                "You took the highest number in the list for the number of truths. There may be more: truth_count "
                "says how many.": _counts_by_highest,
                "The missed truths are not truths less detections, since some detections found nothing. Take away the "
                "TP.": (_counts_by_difference),
                "You added up the numbers of the truths. A number is a name here: count the entries that are not -1.": (
                    _counts_added_up
                ),
                "These are shares. Asked for are the three counts themselves.": _counts_as_shares,
                "You counted every truth as missed. Those that a detection took were found: subtract them.": (
                    _counts_all_truths
                ),
            },
            hints=(
                "Ask of each of the three numbers whether it counts detections or truths. And is truth number 0 "
                "somebody?",
                "One number is counted, the other two are what is left: of the detections, and of the truths.",
                "How many entries are not -1? Those are the TP. The other detections are FP, the other truths FN.",
            ),
        ),
    ],
)

check = LESSON.check
