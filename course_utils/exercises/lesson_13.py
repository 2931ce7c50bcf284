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
    nothing = (np.zeros(0, bool), np.zeros(0), 3)
    one, wrong = (np.array([True]), np.array([0.4]), 1), (np.array([False, False]), np.array([0.4, 0.7]), 2)
    sure = np.arange(2000)
    split = ((sure * 7) % 11 > sure % 9, np.round((sure * 997 % 2000) / 2000, 2), 1500)
    return [by_hand, tied, nothing, one, wrong, long, split]


def _ranked_random(rng: Generator) -> list[Case]:
    return [_ranking(rng, length) for length in (4, 6, 9)]


def _ranked_with(
    order=lambda scores: np.argsort(-scores, kind="stable"), found_only=False, of_all=False, listed=False, first=1
):
    """Precision and recall after each detection, with one mistake or none.

    Args:
        order: in which order the detections are seen. found_only: only found objects exist. of_all: all detections have
            been seen from the first on. listed: recall is a share of the list. first: how many are seen at first.
    """

    def answer(right, scores, objects):
        found = np.cumsum(right[order(scores)])
        seen = np.full(len(right), len(right)) if of_all else np.arange(first, len(right) + first)
        with np.errstate(all="ignore"):
            return found / seen, found / (right.sum() if found_only else len(right) if listed else objects)

    return answer


def _ranked_then(change):
    """The right curve, changed."""

    def answer(right, scores, objects):
        precision, recall = ap.precision_recall_curve(right, scores, objects)
        return change(precision, recall, np.argsort(-scores, kind="stable"), right)

    return answer


def _put_back(precision, recall, order, right):
    """Each detection's values in its old place."""
    places = np.argsort(order)
    return precision[places], recall[places]


def _ranked_one_by_one(right, scores, objects):
    """Without adding up."""
    right = right[np.argsort(-scores, kind="stable")]
    return right / np.arange(1, len(right) + 1), right / objects


def _ranked_swapped(right, scores, objects):
    return ap.precision_recall_curve(right, scores, objects)[::-1]


def _formula_edges() -> list[Case]:
    few = [([0.5, 0.75, 1.0], [0.8, 0.6, 0.2]), ([0.7], [0.4]), ([0.4, 0.5, 0.25, 1.0], [0.5, 0.5, 0.25, 0.25])]
    cases: list[Case] = [(np.array(precision), np.array(recall)) for precision, recall in few]
    precision, recall = _toy_curve()
    steps = np.arange(300)
    return [*cases, (precision[::-1], recall[::-1]), ((steps * 37 % 101 + 1) / 102, 0.9 - steps * 0.003 + 0.0005)]


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


def _widths(recall):
    return recall - np.append(recall[1:], 0)


def _formula_trapezoid(precision, recall):
    heights = (precision + np.append(precision[1:], 1)) / 2
    return float((_widths(recall) * heights).sum())


def _formula_trapezoid_without_end(precision, recall):
    return float((_widths(recall)[:-1] * (precision[:-1] + precision[1:]) / 2).sum())


def _formula_of_envelope(precision, recall):
    return float((_widths(recall) * np.maximum.accumulate(precision)).sum())


def _formula_product(precision, recall):
    return float((precision * recall).sum())


def _formula_terms(precision, recall):
    return _widths(recall) * precision


def _formula_mean_of_terms(precision, recall):
    return float((_widths(recall) * precision).mean())


def _formula_past_the_end(precision, recall):
    return sum((recall[k] - recall[k + 1]) * precision[k] for k in range(len(recall)))


def _formula_next_without_end(precision, recall):
    return float((_widths(recall)[:-1] * precision[1:]).sum())


def _formula_from_one(precision, recall):
    return float(((recall - np.append(recall[1:], 1)) * precision).sum())


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


def _lowest_from_here() -> list[float]:
    precision, recall = _toy_curve()
    return [float(precision[recall >= r].min()) if (recall >= r).any() else 0.0 for r in ap.VOC_RECALLS]


def _map_with(look_up, absent_is_zero: bool = False, of_class=np.mean):
    """Mean over classes of what `of_class` makes of the values of a class, which `look_up` makes of its curves."""

    def answer(curves):
        absent = [0.0] if absent_is_zero else []
        each = [of_class([look_up(*curve) for curve in found]) if found else absent for found in curves]
        return float(np.mean(np.hstack(each)))

    return answer


def _at(recalls, beyond: bool = False):
    """The envelope averaged at some recalls, or only beyond each of them."""
    side = np.nextafter(recalls, 2) if beyond else recalls
    return lambda precision, recall: ap.precision_at(side, ap.envelope(precision), recall).mean()


def _interpolated(precision, recall):
    return np.interp(ap.COCO_RECALLS, recall, precision, right=0).mean() if len(recall) else 0.0


def _swapped(precision, recall):
    """Recall looked up at precisions."""
    found = [recall[precision >= p].max(initial=0) for p in ap.COCO_RECALLS]
    return float(np.mean(found))


def _stepped(precision, recall):
    return float((np.diff(recall, prepend=0.0) * precision).sum())


def _largest_of_nothing(precision, recall):
    return np.mean([precision[recall >= r].max() for r in ap.COCO_RECALLS])


def _map_of_all(curves):
    """None is walked through like a list."""
    return float(np.mean([np.mean([ap.coco_ap(*curve) for curve in found]) for found in curves]))


def _map_each_class(curves):
    return [float(np.mean([ap.coco_ap(*curve) for curve in found])) for found in curves if found is not None]


def _map_without_empty(curves):
    """Curves without detections are left out."""
    each = [[ap.coco_ap(*curve) for curve in found if len(curve[0])] or [0.0] for found in curves if found is not None]
    return float(np.mean([np.mean(values) for values in each]))


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
    # Recalls on the lines 0.25, 0.5, ... themselves; a tooth; two classes with different numbers of curves.
    exact = ap.precision_recall_curve(np.array([True, False, True, True, False]), np.arange(5, 0, -1) / 5, 4)
    full = ap.precision_recall_curve(np.array([True, False, True]), np.array([0.9, 0.8, 0.7]), 2)
    return [
        ([[rise]],),
        ([[exact]],),
        ([[full]],),
        ([[rise], [nothing]],),
        ([[rise, nothing]],),
        ([[rise], None],),
        ([None, [exact, full, rise], None, [nothing, rise, rise]],),
        (_curves_of_split(),),
    ]


def _map_random(rng: Generator) -> list[Case]:
    return [
        ([[_random_curve(rng, objects) for _ in range(2)], None, [_random_curve(rng, objects)] * 2],)
        for objects in (7, 9)
    ]


LESSON = Lesson(
    13,
    [
        Exercise(
            id="ranked-curve",
            title="Precision and recall after each detection",
            points=2,
            shortcuts=("sklearn.metrics.precision_recall_curve",),
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
                "You divided recall by the number of detections. Recall asks about the objects: divide by them.": (
                    _ranked_with(listed=True)
                ),
                "After the first detection one has been seen, not none: count what is seen from 1.": (
                    _ranked_with(first=0)
                ),
                "You gave the last point alone. One is asked for after each detection.": _ranked_then(
                    lambda precision, recall, order, right: (precision[-1:].sum(), recall[-1:].sum())
                ),
                "You put a point (0, 1) in front. There is one point for each detection, no more.": _ranked_then(
                    lambda precision, recall, order, right: (np.append(1, precision), np.append(0, recall))
                ),
                "You kept the points of right detections. A wrong one has its point, too.": _ranked_then(
                    lambda precision, recall, order, right: (precision[right[order]], recall[right[order]])
                ),
                "The right points, from the least sure detection to the surest. The surest comes first.": _ranked_then(
                    lambda precision, recall, order, right: (precision[::-1], recall[::-1])
                ),
                "Your precision never falls and rises again: that is the envelope, which comes later. Give it raw.": (
                    _ranked_then(lambda precision, recall, order, right: (ap.envelope(precision), recall))
                ),
                "You put each point at the place of its detection in the list. They are asked for in the order of "
                "the ranking.": (_ranked_then(_put_back)),
                "You looked at each detection by itself. Add up how many are right so far: np.cumsum.": (
                    _ranked_one_by_one
                ),
            },
            hints=(
                "Of the first k detections in the ranking, how many are right? Divide that once by what has been "
                "seen, once "
                "by what there is to find.",
                "Two steps: bring `right` into the order of the ranking, then walk down and count. Equal scores keep "
                "their "
                "order.",
                'np.argsort(-scores, kind="stable") gives the order, np.cumsum of the sorted `right` the number '
                "found so "
                "far. Precision divides it by 1, 2, 3, ..., recall by the number of objects.",
            ),
        ),
        Exercise(
            id="deck-formula",
            title="The deck's sum",
            points=2,
            shortcuts=(
                "sklearn.metrics.average_precision_score",
                "sklearn.metrics.auc",
            ),
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
                "You averaged neighbouring precisions, as for trapezoids. The deck's sum is made of rectangles: P(k) "
                "alone.": (_formula_trapezoid),
                "Those are trapezoids, and the last step is missing. The deck's sum is made of rectangles, of height "
                "P(k), and "
                "ends at R(n) = 0.": _formula_trapezoid_without_end,
                "You smoothed the precisions first. That is another convention; the deck takes them as they are.": (
                    _formula_of_envelope
                ),
                "You multiplied precision by recall. The width of a rectangle is what recall *loses* at its step.": (
                    _formula_product
                ),
                "These are the terms. Their sum is asked for, one number.": _formula_terms,
                "You took the mean of the terms. They are added up: the widths do the averaging.": (
                    _formula_mean_of_terms
                ),
                "For the last k there is no recall[k + 1]. It is R(n) = 0: put a 0 behind the recalls.": (
                    _formula_past_the_end
                ),
                "Each step has the precision of the next threshold, and the last step is missing. It is P(k) that "
                "belongs to "
                "R(k) - R(k + 1), and R(n) = 0.": _formula_next_without_end,
                "You put a 1 behind the recalls. P(n) is 1; R(n) is 0, for nothing is kept and nothing found.": (
                    _formula_from_one
                ),
            },
            hints=(
                "How wide is each rectangle, and how high? What is the width of the last one?",
                "One term for each k, and a sum. The last k needs an R(n), which is not in the array.",
                "Put a 0 behind the recalls. For each k multiply the recall at k, less the one after it, by the "
                "precision at k; "
                "add all of that up. P(n) is never needed.",
            ),
        ),
        Exercise(
            id="voc-by-hand",
            title="Eleven precisions by hand",
            points=1,
            reference=_eleven(),
            tolerance=0.006,  # whoever reads two digits off the figure is right
            parts=tuple(f"your number for recall {k / 10:g}" for k in range(11)),
            misconceptions={
                "You took the precision at the first detection that reaches the recall. A later one may be better: "
                "take the highest precision at this recall or any higher.": _eleven(with_envelope=False),
                "The ranking ends before recall 0.8. What is never reached counts 0.": _eleven(beyond_is_zero=False),
                "The list is the wrong way round. It begins with recall 0.": _eleven()[::-1],
                "You looked to the left: the highest precision so far. Look at the line itself and to the right of "
                "it.": ([1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0]),
                "You read the curve off where it crosses the line. The envelope asks for the highest point on the "
                "line or to "
                "the right of it.": np.interp(ap.VOC_RECALLS, *_toy_curve()[::-1]).tolist(),
                "At recall 0 nothing has been found yet, but the envelope looks to the right: the highest point of "
                "all.": ([0, *_eleven()[1:]]),
                "You took the precision at the first detection that reaches the recall, and went on after the end. "
                "Take the "
                "highest from there on, and 0 where nothing is reached.": _eleven(False, with_envelope=False),
                "You took the lowest precision to the right. The highest is asked for.": _lowest_from_here(),
                "Ten numbers. From 0 to 1 there are eleven lines, as with fence posts.": _eleven()[:-1],
            },
            hints=(
                "For the line at 0.5: cover everything to the left of it with your hand. What is left of the curve?",
                "Go from the right to the left: the numbers never fall on the way. Where does the curve end?",
                "For each dotted line look at the points on it and to the right of it: the height of the highest is "
                "your "
                "number, and 0 where there is no point.",
            ),
        ),
        Exercise(
            id="coco-map",
            title="COCO's mean average precision",
            points=4,
            shortcuts=(
                "pycocotools.cocoeval.COCOeval",
                "sklearn.metrics.average_precision_score",
            ),
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
                "A point whose recall is exactly r counts at r: >=.": _map_with(_at(ap.COCO_RECALLS, beyond=True)),
                "You looked up 11 recalls, as VOC did until 2009. COCO has 101: RECALLS.": (
                    _map_with(_at(ap.VOC_RECALLS))
                ),
                "From 0 to 1 in hundredths there are 101 recalls, as with fence posts. You took 100.": (
                    _map_with(_at(np.linspace(0, 1, 100)))
                ),
                "You drew a straight line between two points of the curve. The envelope takes the highest point at "
                "this "
                "recall or any higher one.": _map_with(_interpolated),
                "Each curve is (precision, recall): you have taken the one for the other.": _map_with(_swapped),
                "That is the deck's sum. COCO looks the envelope up at 101 recalls.": _map_with(_stepped),
                "You took the first curve of each class, at IoU 0.50: that is AP50. The mAP is the mean over all "
                "thresholds.": (_map_with(ap.coco_ap, of_class=lambda values: values[0])),
                "You took the best curve of each class. The mAP is the mean over all thresholds.": (
                    _map_with(ap.coco_ap, of_class=np.max)
                ),
                "None is no list: a class without objects has no curves. Leave it out before you look into it.": (
                    _map_of_all
                ),
                "Where no recall is as high as r there is nothing to take the largest of. It counts 0 there.": (
                    _map_with(_largest_of_nothing)
                ),
                "One AP for each class came back. The mean over the classes is missing.": _map_each_class,
                "You left out a threshold at which nothing was detected. The objects are there: it counts 0.": (
                    _map_without_empty
                ),
                "That is the deck's sum at IoU 0.50. COCO looks the envelope up at 101 recalls, and averages over all "
                "thresholds.": _map_with(_stepped, of_class=lambda values: values[0]),
            },
            hints=(
                "Three means lie inside each other. Over what is each, and which classes and recalls take part?",
                "For one curve: a value at each of the 101 recalls, and their mean. Around it a loop over the curves "
                "of a class, "
                "around that one over the classes.",
                "The envelope at a recall r is the largest of the precisions whose recall is at least r, or 0 if "
                "there is none. "
                "The mean over the 101 recalls is one AP; then the mean over a class's curves; then over the classes "
                "that are "
                "not None.",
            ),
        ),
    ],
)

check = LESSON.check
