"""The exercise of lesson 07 that says which anchors are objects, which background, and which neither."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.random import Generator

from course_utils import boxes as box_algebra
from course_utils.exercises.core import Case, Exercise
from course_utils.mask_rcnn import anchors, losses

BACKGROUND, NEITHER = losses.BACKGROUND, losses.IGNORED


def _match(iou: np.ndarray, low_quality: bool = True) -> np.ndarray:
    return losses.match(torch.from_numpy(iou), 0.7, 0.3, low_quality).numpy()


def _match_without_rescue(iou: np.ndarray) -> np.ndarray:
    return _match(iou, low_quality=False)


def _relabelled(old: int, new: int) -> Callable[[np.ndarray], np.ndarray]:
    """The right answer, with one label given for another."""
    return lambda iou: np.where(_match(iou) == old, new, _match(iou))


def _match_everything(iou: np.ndarray) -> np.ndarray:
    return iou.argmax(axis=0)


def _match_to_caller(iou: np.ndarray) -> np.ndarray:
    matches = _match_without_rescue(iou)
    for piece, overlaps in enumerate(iou):
        matches[overlaps == overlaps.max()] = piece
    return matches


def _match_first_to_caller(iou: np.ndarray) -> np.ndarray:
    """The line that comes to mind first."""
    matches = _match_without_rescue(iou)
    matches[iou.argmax(axis=1)] = np.arange(len(iou))
    return matches


def _match_first_of_equals(iou: np.ndarray) -> np.ndarray:
    matches = _match_without_rescue(iou)
    best = iou.argmax(axis=1)
    matches[best] = iou.argmax(axis=0)[best]
    return matches


def _match_best_of_table(iou: np.ndarray) -> np.ndarray:
    """Only the largest overlap of all saves its piece."""
    matches, best = _match_without_rescue(iou), (iou == iou.max()).any(axis=0)
    matches[best] = iou.argmax(axis=0)[best]
    return matches


def _match_with(upper: float = 0.7, lower: float = 0.3, above: bool = False, below: bool = False) -> Callable:
    """Other borders, or a border that belongs to the other side."""

    def answer(iou: np.ndarray) -> np.ndarray:
        nearest, best = iou.argmax(axis=0), iou.max(axis=0)
        matches = nearest.copy()
        matches[(best < upper) | (above & (best == upper))] = NEITHER
        matches[(best < lower) | (below & (best == lower))] = BACKGROUND
        saved = (iou == iou.max(axis=1, keepdims=True)).any(axis=0)
        matches[saved] = nearest[saved]
        return matches

    return answer


def _match_background_last(iou: np.ndarray) -> np.ndarray:
    """What is below 0.3 becomes background after the pieces have been saved."""
    return np.where(iou.max(axis=0) < 0.3, BACKGROUND, _match(iou))


def _match_saving_the_bare(iou: np.ndarray) -> np.ndarray:
    """A piece is not saved when it has got an anchor already, be it one that saved another piece."""
    matches = _match_without_rescue(iou)
    for piece, overlaps in enumerate(iou):
        if piece not in matches:
            saved = overlaps == overlaps.max()
            matches[saved] = iou.argmax(axis=0)[saved]
    return matches


def _match_pieces(iou: np.ndarray) -> np.ndarray:
    """One answer for each piece, instead of each anchor."""
    best = iou.max(axis=1)
    return np.where(best < 0.3, BACKGROUND, np.where(best < 0.7, NEITHER, iou.argmax(axis=1)))


def _match_from_one(iou: np.ndarray) -> np.ndarray:
    matches = _match(iou)
    return matches + (matches >= 0)


def _match_yes_or_no(iou: np.ndarray) -> np.ndarray:
    return (_match(iou) >= 0).astype(int)


def _match_edges() -> list[Case]:
    tables = [
        [[0.8, 0.2, 0.5]],
        [[0.75, 0.1, 0.2, 0.0], [0.1, 0.2, 0.55, 0.4]],
        [[0.7, 0.3, 0.29, 0.9]],
        [[0.62, 0.1, 0.0], [0.5, 0.2, 0.1]],
        [[0.5, 0.5, 0.2]],
        [[0.8, 0.1, 0.0], [0.1, 0.2, 0.25]],  # the best that there is for a piece is below 0.3
        [[0.4, 0.1, 0.0], [0.5, 0.6, 0.1]],  # the anchor that saves piece 0 is one of piece 1
        [[0.2]],
    ]
    pieces = np.array(
        [[41.0, 60, 118, 139], [100, 71, 181, 153], [93, 118, 240, 270], [200, 40, 245, 88], [9, 6, 49, 45]]
    )
    cell = anchors.cell_anchors((50, 80, 128), (0.5, 1.0, 2.0))
    everywhere = anchors.grid_anchors(cell, (18, 18), (16, 16)).numpy()
    return [*((np.array(table),) for table in tables), (box_algebra.iou(pieces, everywhere.astype(float)),)]


def _match_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    # In the last one every piece is covered poorly.
    for scale in (1, 1, 1, 0.35):
        # All different, so that "the piece it overlaps most" is never a tie; the second piece has no good anchor.
        values = rng.permutation(np.arange(1, 37)).reshape(3, 12) / 37
        cases.append((values * np.array([[1.0], [0.61], [0.83]]) * scale,))
    return cases


MATCH = Exercise(
    id="match-anchors",
    title="Object, background, or neither",
    points=3,
    whole=True,
    shortcuts=("torchvision.models.detection._utils.Matcher",),
    reference=_match,
    edges=_match_edges,
    random=_match_random,
    misconceptions={
        "Some piece has been left without any anchor. For each piece the anchor that overlaps it most counts as well, "
        "however little that is.": _match_without_rescue,
        "Between 0.3 and 0.7 an anchor is neither an object nor background: -2.": _relabelled(NEITHER, BACKGROUND),
        "You gave every anchor its nearest piece and never asked whether that is near enough: below 0.3 it is "
        "background, below 0.7 undecided.": _match_everything,
        "An anchor that saves a piece may overlap another piece more. It then goes to that other one: the rule says "
        "that the anchor counts, not for whom.": _match_to_caller,
        "Two things about the third rule: several anchors may be equally good for a piece, argmax gives the first "
        "alone; and an anchor that saves one piece may be nearer to another, whose it then is.": _match_first_to_caller,
        "When several anchors overlap a piece equally much, all of them count, not only the first.": (
            _match_first_of_equals
        ),
        "You looked for the largest overlap of the whole table. Every piece has a best anchor of its own: the maximum "
        "of its row.": _match_best_of_table,
        "The best anchor of a badly covered piece became background again. Write -1 for what is below 0.3 before you "
        "save the pieces: the third rule has the last word.": _match_background_last,
        "You left out a piece that had got an anchor already, one that saved another piece. Do not ask who has one: "
        "of every piece the best anchor counts.": _match_saving_the_bare,
        "All anchors without a piece became -2, also those below 0.3. Write -2 for what is below 0.7 first, then -1 "
        "for what is below 0.3.": _relabelled(BACKGROUND, NEITHER),
        "Exactly 0.7 is an object already: only what is below becomes -2.": _match_with(above=True),
        "Exactly 0.3 is no longer background: only what is below becomes -1.": _match_with(below=True),
        "You ask for an IoU of 0.5. Here 0.7 makes an object.": _match_with(upper=0.5),
        "You give an answer for each piece. Asked is one for each anchor: the maximum over the pieces, axis 0.": (
            _match_pieces
        ),
        "You count the pieces from 1. Their indices begin at 0.": _match_from_one,
        "You say whether an anchor is an object. Asked is which: the index of its piece, -1 or -2.": _match_yes_or_no,
    },
    hints=(
        "Look at one column of the table: what does it say about that anchor? And one row: what about that piece?",
        "Per anchor the best overlap and whose it is; the two borders turn some into -2 and -1; then the third rule "
        "has the last word.",
        "nearest and best are argmax and max over axis 0. Begin with nearest, overwrite where best is below 0.7, then "
        "below 0.3. At last, for every row: where it equals its own maximum, write nearest again.",
    ),
)
