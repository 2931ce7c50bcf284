"""Why a model fails on real photos: pairs of renders that differ in one thing, and masks that their box cuts off."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from course_utils.dataset import Scene
from course_utils.metrics.instances import Detections, GroundTruth
from course_utils.metrics.matching import NOBODY, match
from course_utils.metrics.regions import pairwise_iou
from course_utils.translation.say import N_, _

CAUSES = (
    N_("other things"),
    N_("smooth green serabi"),
    N_("battered tempe"),
    N_("a close-up"),
    N_("from the side"),
)
"""What the first picture of each pair of the split ``pairs`` has, and the second lacks."""

_OTHERWISE_RIGHT = 0.75  # IoU
_GOES_ON = 4  # px; by fewer an outline may be off anywhere


@dataclass(frozen=True)
class Verdict:
    """How the detections on one picture fare, whatever they are named: each takes a piece from IoU 0.5 on, or none.

    Attributes:
        pieces: how many there are. right, wrong: how many were outlined and named rightly, and wrongly.
        no_piece: detections whose outline is not that of a piece.
    """

    pieces: int
    right: int
    wrong: int
    no_piece: int

    def __str__(self) -> str:
        """In a few words."""
        return _("{right} of {pieces} right, {wrong} misnamed, {no_piece} no piece").format(**vars(self))


def judge(scene: Scene, found: Detections) -> Verdict:
    """What became of the pieces of a picture."""
    took = match(pairwise_iou(found.regions, scene.masks), found.scores).truth_of
    labels = np.array([piece.label for piece in scene.instances])
    right = found.labels[took != NOBODY] == labels[took[took != NOBODY]]
    return Verdict(len(labels), int(right.sum()), int((~right).sum()), int((took == NOBODY).sum()))


def totals(verdicts: Iterable[Verdict]) -> dict[str, float]:
    """What verdicts come to together, in columns of ``data/results/real_photos.csv``.

    Returns:
        ``pieces``; ``precision`` and ``recall`` of the outlines, whatever they are named; ``name_right``, a share of
        the found pieces; ``f1_with_name``, where a piece under a wrong name is not found. NaN where there is nothing.
    """
    counts = [(one.pieces, one.right, one.right + one.wrong, one.no_piece) for one in verdicts]
    pieces, right, found, strays = (int(total) for total in np.sum(counts, axis=0))
    shares = {
        "precision": (found, found + strays),
        "recall": (found, pieces),
        "name_right": (right, found),
        "f1_with_name": (2 * right, found + strays + pieces),
    }
    return {"pieces": pieces} | {name: part / of if of else np.nan for name, (part, of) in shares.items()}


def cut_length(drawn: np.ndarray, whole: np.ndarray) -> int:
    """How many pixels of a mask lie on a side of its box behind which the piece goes on: ``(H, W) bool`` both.

    On the right place of a straight edge that is none: the piece must go on for 4 pixels.
    """
    total = 0
    for turn in range(4):
        mask, piece = np.rot90(drawn, turn), np.pad(np.rot90(whole, turn), ((0, _GOES_ON), (0, 0)))
        last = int(np.flatnonzero(mask.any(axis=1)).max(initial=-1))
        if last >= 0:
            total += int((mask[last] & piece[last + 1 : last + 1 + _GOES_ON].all(axis=0)).sum())
    return total


def cut_and_whole(
    truths: Mapping[int, GroundTruth], found: Mapping[int, Detections]
) -> tuple[tuple[int, int], tuple[int, int]]:
    """The piece whose mask is cut off along most pixels, and of its food the one that is outlined best.

    Of masks that are otherwise right: their IoU is 0.75 and more.

    Args:
        truths, found: image id -> what is there, what was found. Detections count from a score of 0.5 on.

    Returns:
        Image id and index of the piece, of each.
    """
    rows = []
    for image, truth in truths.items():
        sure = found[image].select(found[image].scores >= 0.5)
        iou = np.where(sure.labels[:, None] == truth.labels, pairwise_iou(sure.regions, truth.regions), -1.0)
        drawn, whole = sure.regions.to_masks().masks, truth.regions.to_masks().masks
        for one, piece in enumerate(match(iou, sure.scores, _OTHERWISE_RIGHT).truth_of):
            if piece != NOBODY:
                length = cut_length(drawn[one], whole[piece])
                rows.append((length, float(iou[one, piece]), int(truth.labels[piece]), (image, int(piece))))
    _, _, label, most_cut = max(rows)
    whole_ones = [(iou, place) for length, iou, food, place in rows if not length and food == label]
    return most_cut, max(whole_ones)[1]
