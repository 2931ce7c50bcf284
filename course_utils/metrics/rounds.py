"""Greedy matching in rounds: the first choice of every image and class, then every second one, and so on."""

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
    pairs: Pairs, thresholds: np.ndarray, crowd: np.ndarray, ignored: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The detections (C,) that are in a pair, and the ground truth (A, T, C) that each takes, or -1.

    `ignored` is (A, G).
    """
    areas, steps = len(ignored), len(thresholds)
    area, step = np.ogrid[:areas, :steps]
    chooser = pairs.detection[pairs.starts[:-1]]
    column = np.argsort(np.argsort(chooser))
    result = np.full((areas, steps, len(chooser)), NOBODY, np.int32)
    # One row more than there are ground truths: what is taken without being used up, crowds and nobody, is noted there.
    used_up = np.zeros((len(crowd) + 1, areas, steps), bool)
    row = np.append(np.where(crowd, len(crowd), np.arange(len(crowd))), len(crowd))
    required = np.minimum(thresholds, ALMOST_ONE)
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
        result[..., column[first:last]] = took.transpose(1, 2, 0)
    return np.sort(chooser), result
