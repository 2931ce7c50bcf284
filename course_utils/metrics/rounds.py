"""Greedy matching of all images and classes at once.

A ground truth whose detections fit nothing else simply goes to the first of them. That is most; the others are matched
in rounds: the first choice of every image and class, then every second one, and so on.
"""

from dataclasses import dataclass

import numpy as np

from course_utils.metrics.matching import ALMOST_ONE, NOBODY, place_in_run


@dataclass(frozen=True)
class Pairs:
    """Pairs of a detection and a ground truth, sorted so that each round is one slice.

    Attributes:
        detection, truth, iou: (P,) of each pair. Within a detection the pair it likes best comes last: the one of
            highest IoU, and on a tie the last one.
        starts: (S + 1,) where the pairs of each detection begin, and the end.
        rounds: (R + 1,) where the detections of each round begin in `starts`, and the end.
    """

    detection: np.ndarray
    truth: np.ndarray
    iou: np.ndarray
    starts: np.ndarray
    rounds: np.ndarray

    @classmethod
    def in_rounds(cls, detection, truth, iou, group, rank) -> "Pairs":
        """Sort pairs; `group` and `rank` (N,) say of each detection with whom it competes, and how soon it chooses."""
        detection, truth = detection.astype(int), truth.astype(int)
        order = np.lexsort((truth, iou, rank[detection], group[detection]))
        detection, truth, iou = detection[order], truth[order], iou[order]
        first = np.flatnonzero(np.diff(detection, prepend=NOBODY))  # where the next detection begins
        sizes = np.diff(first, append=len(detection))
        turn = place_in_run(group[detection[first]])  # which round each detection is in
        by_turn = np.argsort(np.repeat(turn, sizes), kind="stable")
        starts = np.concatenate([[0], np.cumsum(sizes[np.argsort(turn, kind="stable")])])
        rounds = np.concatenate([[0], np.cumsum(np.bincount(turn, minlength=0))])
        return cls(detection[by_turn], truth[by_turn], iou[by_turn], starts, rounds)


def match_greedily(
    pairs: tuple[np.ndarray, np.ndarray, np.ndarray],
    group: np.ndarray,
    rank: np.ndarray,
    thresholds: np.ndarray,
    crowd: np.ndarray,
    ignored: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Who takes whom at each IoU threshold and in each area range.

    Args:
        pairs: detection, ground truth and IoU (P,) of all that may match.
        group, rank: (N,) int of each detection: with whom it competes, and how soon it chooses.
        thresholds: (T,) smallest IoUs.
        crowd: (G,) bool, ground truths that any number may take.
        ignored: (A, G) bool, ground truths that are second choice in an area range, crowds among them.

    Returns:
        The detections (C,) that are in a pair, ascending, and the ground truth (A, T, C) that each takes, or -1.
    """
    detection, truth, iou = pairs[0].astype(int), pairs[1].astype(int), pairs[2]
    candidates, column, choices = np.unique(detection, return_inverse=True, return_counts=True)
    taken = np.full((len(ignored), len(thresholds), len(candidates)), NOBODY, np.int32)
    required = np.minimum(thresholds, ALMOST_ONE)
    contested = np.zeros(len(crowd), bool)  # by a detection that could take another one as well
    contested[truth[choices[column] > 1]] = True
    simple = np.flatnonzero(~contested[truth])
    simple = simple[np.lexsort((rank[detection[simple]], truth[simple]))]
    step, pair = _first_to_fit(truth[simple], iou[simple], required, crowd)
    taken[:, step, column[simple[pair]]] = truth[simple[pair]]  # with no choice, areas make no difference
    rest = np.flatnonzero(contested[truth])
    if len(rest):
        ordered = Pairs.in_rounds(detection[rest], truth[rest], iou[rest], group, rank)
        chooser, took = _in_rounds(ordered, required, crowd, ignored)
        taken[..., np.searchsorted(candidates, chooser)] = took
    return candidates, taken


def _first_to_fit(truth: np.ndarray, iou: np.ndarray, required: np.ndarray, crowd: np.ndarray):
    """Thresholds and pairs (M,) that match, where pairs (P,) are sorted by truth and in it by turn to choose."""
    step, pair = np.nonzero(iou >= required[:, None])
    wanted = truth[pair]
    first = np.append(True, (np.diff(wanted) != 0) | (np.diff(step) != 0))[: len(pair)]
    matches = first | crowd[wanted]
    return step[matches], pair[matches]


def _in_rounds(
    pairs: Pairs, required: np.ndarray, crowd: np.ndarray, ignored: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The detections (C,) of pairs, and the ground truth (A, T, C) that each takes at IoUs (T,), or -1."""
    areas, steps = len(ignored), len(required)
    area, step = np.ogrid[:areas, :steps]
    result = np.full((areas, steps, len(pairs.starts) - 1), NOBODY, np.int32)
    # One row more than there are ground truths: what is taken without being used up, crowds and nobody, is noted there.
    used_up = np.zeros((len(crowd) + 1, areas, steps), bool)
    row = np.append(np.where(crowd, len(crowd), np.arange(len(crowd))), len(crowd))
    for first, last in zip(pairs.rounds[:-1], pairs.rounds[1:], strict=True):
        begin = pairs.starts[first]
        chunk = slice(begin, pairs.starts[last])
        truth, starts = pairs.truth[chunk], pairs.starts[first:last] - begin
        fits = ~used_up[truth] & (pairs.iou[chunk, None] >= required)[:, None]
        # Later pairs of a detection are better, but any that counts is better than one that is ignored.
        value = np.arange(1, len(truth) + 1, dtype=np.int32)[:, None] + np.int32(len(truth)) * ~ignored.T[truth]
        best = np.maximum.reduceat(value[:, :, None] * fits, starts, axis=0)
        took = np.where(best > 0, truth[(best - 1) % len(truth)], NOBODY)
        used_up[row[took], area, step] = True
        result[..., first:last] = took.transpose(1, 2, 0)
    return pairs.detection[pairs.starts[:-1]], result
