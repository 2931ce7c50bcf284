"""Exercises of lesson 13: the precision-recall curve, the deck's formula, conventions, traps, and COCO's mean."""

from functools import lru_cache

import numpy as np
from numpy.random import Generator

from course_utils.dataset import load
from course_utils.dataset.classes import CLASSES
from course_utils.exercises.core import Case, Exercise, Lesson
from course_utils.metrics import average_precision as ap
from course_utils.metrics.batch import Matches, match_images
from course_utils.metrics.instances import Detections, GroundTruth
from course_utils.metrics.simulated import simulate

Curve = tuple[np.ndarray, np.ndarray]
LABELS = range(1, len(CLASSES) + 1)
BAKWAN, TAHU = 1, 5
SEED = 12

# Twelve plates on squared paper: the pieces of tahu on each, and the detections with their scores.
_TOY: tuple[tuple[list, list, list], ...] = (
    ([[1, 1, 5, 5]], [[2, 1, 6, 5], [1, 2, 5, 6]], [0.95, 0.86]),
    ([[3, 2, 7, 6]], [[3, 2, 7, 5]], [0.91]),
    ([[4, 2, 7, 6]], [], []),
    ([[2, 1, 6, 4]], [[2, 1, 6, 5]], [0.80]),
    ([], [[4, 1, 8, 5]], [0.66]),
    ([[1, 2, 4, 6]], [[3, 2, 7, 6]], [0.72]),
    ([], [], []),
    ([[2, 2, 7, 5]], [[2, 2, 6, 5]], [0.58]),
    ([[5, 2, 8, 6]], [[5, 2, 8, 5]], [0.51]),
    ([], [[1, 3, 5, 6]], [0.43]),
    ([[1, 1, 4, 4]], [[1, 1, 4, 5]], [0.35]),
    ([], [], []),
)


def toy() -> list[tuple[GroundTruth, Detections]]:
    """Twelve plates on squared paper, boxes of whole numbers, tahu only."""
    images = []
    for truths, found, scores in _TOY:
        truth = GroundTruth([TAHU] * len(truths), np.array(truths, float).reshape(-1, 4))
        images.append((truth, Detections([TAHU] * len(found), np.array(found, float).reshape(-1, 4), scores)))
    return images


@lru_cache(maxsize=1)
def validation() -> tuple[dict[int, GroundTruth], dict[int, Detections]]:
    """The plates of the validation split, and what the simulated detector finds on them, by image id."""
    truth, found = {}, {}
    for scene in load("val"):
        truth[scene.id] = GroundTruth(scene.labels, scene.masks, image=scene.id)
        found[scene.id] = simulate(scene.masks, scene.labels, scene.occlusion_rates, seed=[SEED, scene.id])
    return truth, found


def ranked(matches: Matches, label: int, step: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Of one class at one IoU threshold: whether each detection is right, its score, and how many objects there are.

    Detections come image after image and within an image in order of score, as COCO lists them.
    """
    members = np.lexsort((matches.rank, matches.image))
    members = members[(matches.label == label)[members]]
    objects = int((matches.truth_label == label).sum())
    return matches.true_positive[0, step, members], matches.score[members], objects


def curves(matches: Matches) -> list[list[Curve] | None]:
    """For each food its precision-recall curves, one for each IoU threshold; None for a food that is not there."""
    result: list[list[Curve] | None] = []
    for label in LABELS:
        columns = [ranked(matches, label, step) for step in range(len(matches.thresholds))]
        result.append([ap.precision_recall_curve(*column) for column in columns] if columns[0][2] else None)
    return result


@lru_cache(maxsize=1)
def _curves_of_split() -> list[list[Curve] | None]:
    truth, found = validation()
    return curves(match_images(zip(truth.values(), found.values(), strict=True), classes=LABELS))


def _ranking(rng: Generator, length: int) -> Case:
    """A ranking in which one right and one wrong detection have the same score."""
    right = rng.random(length) < 0.6
    right[:2] = True, False
    scores = np.round(rng.permutation(np.linspace(0.1, 0.95, length)), 2)
    scores[1] = scores[0]
    return right, scores, int(right.sum() + rng.integers(1, 4))


def _ranked_edges() -> list[Case]:
    by_hand = (np.array([True, False, True]), np.array([0.6, 0.9, 0.8]), 4)
    tied = (np.array([True, False]), np.array([0.5, 0.5]), 2)
    # Many ties: a sort that is not stable keeps the order of a short list by luck.
    long = (np.arange(60) % 2 == 0, np.resize([0.9, 0.5, 0.7], 60), 40)
    return [by_hand, tied, long]


def _ranked_random(rng: Generator) -> list[Case]:
    return [_ranking(rng, length) for length in (4, 6, 9)]


def _ranked_with(order=lambda scores: np.argsort(-scores, kind="stable"), found_only=False, of_all=False):
    """Precision and recall after each detection, with one mistake or none."""

    def answer(right, scores, objects):
        found = np.cumsum(right[order(scores)])
        seen = np.full(len(right), len(right)) if of_all else np.arange(1, len(right) + 1)
        return found / seen, found / (right.sum() if found_only else objects)

    return answer


def _ranked_swapped(right, scores, objects):
    return ap.precision_recall_curve(right, scores, objects)[::-1]


def _formula_edges() -> list[Case]:
    cases: list[Case] = [(np.array([0.5, 0.75, 1.0]), np.array([0.8, 0.6, 0.2])), (np.array([0.7]), np.array([0.4]))]
    return cases


def _formula_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for length in (3, 5, 8):
        recall = np.sort(np.round(rng.uniform(0.05, 1, length), 2))[::-1]
        cases.append((np.round(rng.uniform(0.3, 1, length), 2), recall))
    return cases


def _formula_without_end(precision, recall):
    return float(((recall[:-1] - recall[1:]) * precision[:-1]).sum())


def _formula_negative(precision, recall):
    return -ap.step_sum(precision, recall)


def _formula_next_precision(precision, recall):
    return ap.step_sum(np.append(precision[1:], 1.0), recall)


def _formula_mean(precision, recall):
    return float(precision.mean())


def _toy_curve() -> Curve:
    right, scores, objects = ranked(match_images(toy(), [0.5]), TAHU, 0)
    return ap.precision_recall_curve(right, scores, objects)


def _eleven(beyond_is_zero: bool = True, with_envelope: bool = True) -> list[float]:
    """The 11 precisions of the toy, with one mistake or none."""
    precision, recall = _toy_curve()
    if with_envelope:
        precision = ap.envelope(precision)
    values = ap.precision_at(ap.VOC_RECALLS, precision, recall)
    if not beyond_is_zero:
        values[recall[-1] < ap.VOC_RECALLS] = precision[-1]
    return values.tolist()


def _map_with(look_up, absent_is_zero: bool = False):
    """Mean over classes and thresholds of what `look_up` makes of a curve."""

    def answer(curves):
        absent = [0.0] if absent_is_zero else []
        each = [np.mean([look_up(*curve) for curve in found]) if found else absent for found in curves]
        return float(np.mean(np.hstack(each)))

    return answer


def _no_envelope(precision, recall):
    return ap.precision_at(ap.COCO_RECALLS, precision, recall).mean()


def _envelope_from_left(precision, recall):
    return ap.precision_at(ap.COCO_RECALLS, np.maximum.accumulate(precision), recall).mean()


def _never_ending(precision, recall):
    place = np.minimum(np.searchsorted(recall, ap.COCO_RECALLS), len(recall) - 1)
    return ap.envelope(precision)[place].mean() if len(recall) else 0.0


def _only_reached(precision, recall):
    reached = recall[-1:].max(initial=0) >= ap.COCO_RECALLS
    values = ap.precision_at(ap.COCO_RECALLS, ap.envelope(precision), recall)
    return values[reached].mean() if len(recall) else 0.0


def _plain_area(precision, recall):
    return ap.voc_2010_ap(precision, recall)


def _random_curve(rng: Generator, objects: int) -> Curve:
    right = rng.random(int(rng.integers(6, 12))) < 0.55
    return ap.precision_recall_curve(right, rng.random(len(right)), max(objects, int(right.sum())))


def _map_edges() -> list[Case]:
    rise = ap.precision_recall_curve(np.array([False, True, True]), np.array([0.9, 0.8, 0.7]), 3)
    nothing = (np.zeros(0), np.zeros(0))
    return [([[rise]],), ([[rise], [nothing]],), ([[rise], None],), (_curves_of_split(),)]


def _map_random(rng: Generator) -> list[Case]:
    return [
        ([[_random_curve(rng, objects) for _ in range(2)], None, [_random_curve(rng, objects)] * 2],)
        for objects in (7, 9)
    ]


def _swap(causes: list[str], first: int, second: int) -> list[str]:
    causes = list(causes)
    causes[first], causes[second] = causes[second], causes[first]
    return causes


_CAUSES = ["id 0", "ties", "box area", "envelope"]

LESSON = Lesson(
    13,
    [
        Exercise(
            id="ranked-curve",
            title="Precision and recall after each detection",
            points=2,
            reference=ap.precision_recall_curve,
            edges=_ranked_edges,
            random=_ranked_random,
            misconceptions={
                "You began with the least sure detection. np.argsort sorts upwards: sort -scores.": (
                    _ranked_with(np.argsort)
                ),
                "You took the detections as they are listed. The surest comes first: sort by score before you count.": (
                    _ranked_with(lambda scores: np.arange(len(scores)))
                ),
                "Two detections with equal scores changed places: [::-1] turns ties around as well. Sort -scores, with "
                'kind="stable".': _ranked_with(lambda scores: np.argsort(scores, kind="stable")[::-1]),
                'Detections with equal scores changed places here and there: without kind="stable" np.argsort may do '
                "that, and [::-1] turns ties around as well.": _ranked_with(lambda scores: np.argsort(scores)[::-1]),
                'Equal scores changed places in a long list: np.argsort only keeps their order with kind="stable".': (
                    _ranked_with(lambda scores: np.argsort(-scores))
                ),
                "You divided by the objects that were found, so recall always ends at 1. Divide by all objects that "
                "are there.": _ranked_with(found_only=True),
                "You divided by all detections. After the k-th detection only k have been looked at.": (
                    _ranked_with(of_all=True)
                ),
                "Precision and recall are the wrong way round: precision first.": _ranked_swapped,
            },
            hints=("order = np.argsort(-scores, kind='stable'); np.cumsum(right[order]) is the number found so far.",),
        ),
        Exercise(
            id="deck-formula",
            title="The deck's sum",
            points=2,
            reference=ap.step_sum,
            edges=_formula_edges,
            random=_formula_random,
            misconceptions={
                "The last step is missing. R(n) = 0 belongs to the sum: put a 0 behind the recalls.": (
                    _formula_without_end
                ),
                "The result is negative: np.diff gives R(k + 1) - R(k), the formula asks for R(k) - R(k + 1).": (
                    _formula_negative
                ),
                "Each step has the precision of the next threshold. The formula pairs R(k) - R(k + 1) with P(k).": (
                    _formula_next_precision
                ),
                "You took the plain mean of the precisions. Each counts as much as recall falls at its step.": (
                    _formula_mean
                ),
            },
            hints=(
                "np.append(recall, 0) has the R(n) = 0 at its end; subtract its entries from 1 on from the recalls.",
            ),
        ),
        Exercise(
            id="voc-by-hand",
            title="Eleven precisions by hand",
            points=1,
            reference=_eleven(),
            tolerance=0.006,  # whoever reads two digits off the figure is right
            misconceptions={
                "You took the precision at the first detection that reaches the recall. A later one may be better: "
                "take the highest precision at this recall or any higher.": _eleven(with_envelope=False),
                "The ranking ends before recall 0.8. What is never reached counts 0.": _eleven(beyond_is_zero=False),
                "The list is the wrong way round. It begins with recall 0.": _eleven()[::-1],
            },
            hints=("For each dotted line look at the points on it and to the right of it: how high is the highest?",),
        ),
        Exercise(
            id="which-trap",
            title="Four strange numbers and their causes",
            points=2,
            reference=_CAUSES,
            misconceptions={
                "A and B are the wrong way round. In A the order of the list plays no part: all of them are perfect. "
                "In B nothing changed but the order.": _swap(_CAUSES, 0, 1),
                "A and C are the wrong way round. Of C: over all areas the numbers agree, by size they do not.": (
                    _swap(_CAUSES, 0, 2)
                ),
                "B and D are the wrong way round. In D the order is the same, and yet no cut-off gives that F1.": (
                    _swap(_CAUSES, 1, 3)
                ),
                "C and D are the wrong way round. In D nothing is sorted by size.": _swap(_CAUSES, 2, 3),
            },
            hints=("Ask of each symptom what was changed: the ids, the order, the boxes, or the precision.",),
        ),
        Exercise(
            id="coco-map",
            title="COCO's mean average precision",
            points=4,
            reference=_map_with(ap.coco_ap),
            edges=_map_edges,
            random=_map_random,
            misconceptions={
                "There is no envelope. At each recall take the best precision at that recall or any higher one.": (
                    _map_with(_no_envelope)
                ),
                "Your envelope looks back: it takes the best precision so far. Look ahead, to higher recalls.": (
                    _map_with(_envelope_from_left)
                ),
                "Beyond the last recall your curve goes on. What is never reached counts 0.": _map_with(_never_ending),
                "You averaged over the recalls that are reached. All 101 count, those never reached as 0.": (
                    _map_with(_only_reached)
                ),
                "You took the exact area under the envelope, as VOC does since 2010. COCO looks it up at 101 points.": (
                    _map_with(_plain_area)
                ),
                "A class without objects (None) has no AP: leave it out instead of counting 0.": (
                    _map_with(ap.coco_ap, absent_is_zero=True)
                ),
            },
            hints=("For each r in RECALLS: precision[recall >= r].max(), or 0 where no recall is that high.",),
        ),
    ],
)

check = LESSON.check
