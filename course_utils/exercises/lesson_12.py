"""Exercises of lesson 12: precision, recall and F1, for each class, on average, and at the best score cut-off."""

import numpy as np
from numpy.random import Generator

from course_utils.exercises.core import Case, Exercise, Lesson
from course_utils.metrics import scores

NOBODY = -1
CLASS_COUNT = 3  # the exercise with labels has classes 0, 1, 2, so that a label is a row of the answer


def _both(tp: int, fp: int, fn: int) -> tuple[float, float]:
    return float(scores.precision(tp, fp)), float(scores.recall(tp, fn))


def _both_swapped(tp: int, fp: int, fn: int) -> tuple[float, float]:
    return _both(tp, fp, fn)[::-1]


def _both_without_missed(tp: int, fp: int, fn: int) -> tuple[float, float]:
    return _both(tp, fp, fp)


def _both_overlap(tp: int, fp: int, fn: int) -> tuple[float, float]:
    return _both(tp, fp + fn, fn + fp)


def _both_unguarded(tp: int, fp: int, fn: int) -> tuple[float, float]:
    return tp / (tp + fp), tp / (tp + fn)


def _both_one(tp: int, fp: int, fn: int) -> tuple[float, float]:
    return float(scores.precision(tp, fp, 1)), float(scores.recall(tp, fn, 1))


def _both_edges() -> list[Case]:
    edges = [(3, 1, 2), (5, 0, 0), (0, 2, 3), (0, 0, 4), (0, 3, 0)]
    return edges


def _both_random(rng: Generator) -> list[Case]:
    return [tuple(int(n) for n in rng.permutation(np.arange(1, 12))[:3]) for _ in range(3)]


def _f1(precision: float, recall: float) -> float:
    total = precision + recall
    return 2 * precision * recall / total if total > 0 else 0.0


def _f1_unguarded(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall)


def _f1_edges() -> list[Case]:
    edges = [(0.6, 0.3), (1.0, 1.0), (1.0, 0.01), (0.0, 0.8), (0.0, 0.0)]
    return edges


def _f1_random(rng: Generator) -> list[Case]:
    return [tuple(np.round(rng.uniform(0.1, 0.9, 2), 2).tolist()) for _ in range(3)]


def _count_with(
    first_only: bool = True,
    ignored_as: str = "nothing",
    ignored_once: bool = True,
    missed_ignored: bool = False,
    swap: bool = False,
):
    """Counts of each class under one way of treating duplicates and ignored truths; the defaults are right."""

    def answer(labels, fits, truth_labels, ignored):
        counts, taken = np.zeros((CLASS_COUNT, 3), int), set()
        for label, truth in zip(labels.tolist(), fits.tolist(), strict=True):
            late = first_only and truth in taken and (ignored_once or not ignored[truth])
            if truth == NOBODY or late:
                counts[label, 1] += 1
            elif not ignored[truth] or ignored_as == "tp":
                counts[label, 0] += 1
            elif ignored_as == "fp":
                counts[label, 1] += 1
            taken.add(truth)
        for truth, label in enumerate(truth_labels.tolist()):
            counts[label, 2] += truth not in taken and (missed_ignored or not ignored[truth])
        return counts[:, [0, 2, 1]] if swap else counts

    return answer


def _count_per_class(labels, fits, truth_labels, ignored) -> np.ndarray:
    fits, wanted = np.asarray(fits), ~np.asarray(ignored, bool)
    _, firsts = np.unique(fits, return_index=True)
    found = np.isin(np.arange(len(fits)), firsts) & (fits != NOBODY)
    tp = found & wanted[fits]
    missed = wanted & ~np.isin(np.arange(len(wanted)), fits)
    columns = (labels[tp], labels[~found], truth_labels[missed])
    return np.stack([np.bincount(column, minlength=CLASS_COUNT) for column in columns], axis=1)


def _per_class_edges() -> list[Case]:
    edges = [
        ([0, 0, 1], [0, -1, 2], [0, 0, 1], [False] * 3),
        ([2, 2], [0, 0], [2, 1], [False, False]),  # the second one is a duplicate
        ([1, 0], [1, -1], [0, 1, 1], [False, True, True]),  # one ignored truth is detected, one is not
        ([1, 1, 0], [0, 0, 1], [1, 0], [True, False]),  # an ignored truth is detected twice
    ]
    cases = [tuple(np.array(column) for column in case) for case in edges]
    return cases


def _per_class_random(rng: Generator) -> list[Case]:
    return [_random_plate(rng) for _ in range(4)]


def _random_plate(rng: Generator) -> Case:
    """Eight truths, two of them ignored. Four of the others are detected, one of these twice; one ignored truth is
    detected twice; and there are two false alarms.
    """
    truth_labels = rng.integers(0, CLASS_COUNT, 8)
    ignored = np.zeros(8, bool)
    ignored[rng.permutation(8)[:2]] = True
    found = rng.permutation(
        np.concatenate([np.flatnonzero(ignored)[:1], rng.permutation(np.flatnonzero(~ignored))[:4]])
    )
    again = rng.permutation(found[~ignored[found]])[:1]
    fits = np.concatenate([found, again, np.flatnonzero(ignored)[:1], [NOBODY, NOBODY]])
    labels = np.where(fits == NOBODY, rng.integers(0, CLASS_COUNT, len(fits)), truth_labels[fits])
    order = rng.permutation(len(fits))
    return labels[order], fits[order], truth_labels, ignored


def _three(counts: np.ndarray) -> np.ndarray:
    """Precision, recall and F1 in the last axis, from counts (..., 3) of TP, FP, FN."""
    tp, fp, fn = np.moveaxis(np.asarray(counts), -1, 0)
    return np.stack([scores.precision(tp, fp), scores.recall(tp, fn), scores.f1(tp, fp, fn)], axis=-1)


def _macro(counts: np.ndarray) -> np.ndarray:
    return _three(counts.sum(axis=0)).mean(axis=0)


def _macro_nan(counts: np.ndarray) -> np.ndarray:
    tp, fp, fn = counts.sum(axis=0).T
    nan = float("nan")
    columns = (scores.precision(tp, fp, nan), scores.recall(tp, fn, nan), scores.f1(tp, fp, fn, nan))
    return np.array([column.mean() for column in columns])


def _macro_nan_f1(counts: np.ndarray) -> np.ndarray:
    """As `_macro_nan`, with F1 from precision and recall, so that it is NaN as well."""
    precision, recall, f1 = _macro_nan(counts)
    return np.array([precision, recall, f1 + 0 * precision + 0 * recall])


def _macro_of_named(counts: np.ndarray) -> np.ndarray:
    """Means over the classes that have a score, as `np.nanmean` takes them."""
    tp, fp, fn = counts.sum(axis=0).T
    nan = float("nan")
    precision, recall = scores.precision(tp, fp, nan), scores.recall(tp, fn, nan)
    f1 = scores.f1(tp, fp, fn) + 0 * precision + 0 * recall
    return np.array([np.nanmean(column) for column in (precision, recall, f1)])


def _macro_over_images(counts: np.ndarray) -> np.ndarray:
    return _three(counts.sum(axis=1)).mean(axis=0)


def _macro_over_cells(counts: np.ndarray) -> np.ndarray:
    return _three(counts).mean(axis=(0, 1))


def _micro(counts: np.ndarray) -> np.ndarray:
    return _three(counts.sum(axis=(0, 1)))


def _macro_f1_of_means(counts: np.ndarray) -> np.ndarray:
    precision, recall, _ = _macro(counts)
    return np.array([precision, recall, _f1(precision, recall)])


def _macro_edges() -> list[Case]:
    edge = np.array([[[8, 1, 1], [0, 1, 1]], [[1, 2, 0], [1, 0, 2]]])
    silent = np.array([[[3, 1, 0], [0, 0, 2]], [[2, 0, 1], [0, 0, 1]], [[0, 1, 1], [0, 0, 0]]])  # never says class 1
    return [(edge,), (silent,)]


def _macro_random(rng: Generator) -> list[Case]:
    return [(rng.integers(0, 5, (4, 3, 3)) + [1, 0, 0],) for _ in range(3)]


def _f1_at(scored: np.ndarray, found: np.ndarray, truth_count: int, cutoff: float) -> float:
    kept = scored >= cutoff
    tp = int((kept & found).sum())
    return float(scores.f1(tp, int(kept.sum()) - tp, truth_count - tp))


def _best_by(value):
    """The cut-off, out of the scores, at which `value(tp, detections, truth_count)` is largest, the highest on ties."""

    def answer(scores, found, truth_count):
        order = np.argsort(-scores, kind="stable")
        tp = np.cumsum(found[order])
        values = [value(int(hits), kept, truth_count) for kept, hits in enumerate(tp, 1)]
        return float(scores[order][int(np.argmax(values))])

    return answer


def _best_cutoff(scores: np.ndarray, found: np.ndarray, truth_count: int) -> float:
    cutoffs = np.sort(scores)[::-1]
    return float(max(cutoffs, key=lambda cutoff: _f1_at(scores, found, truth_count, cutoff)))


def _arithmetic(tp: int, kept: int, truth_count: int) -> float:
    return (tp / kept + tp / truth_count) / 2


def _best_without_missed(scores: np.ndarray, found: np.ndarray, truth_count: int) -> float:
    return _best_cutoff(scores, found, int(found.sum()))


def _best_f1(scores: np.ndarray, found: np.ndarray, truth_count: int) -> float:
    return max(_f1_at(scores, found, truth_count, cutoff) for cutoff in scores)


def _best_place(scores: np.ndarray, found: np.ndarray, truth_count: int) -> int:
    return int(np.argmax([_f1_at(scores, found, truth_count, cutoff) for cutoff in scores]))


def _best_above(scores: np.ndarray, found: np.ndarray, truth_count: int) -> float:
    """The cut-off itself is dropped."""
    values = [_f1_at(scores, found, truth_count, np.nextafter(cutoff, 2)) for cutoff in scores]
    return float(scores[int(np.argmax(values))])


def _cutoff_edges() -> list[Case]:
    edges = [
        # The first two are right, then one right among many wrong.
        ([0.9, 0.8, 0.7, 0.6, 0.5, 0.4], [1, 1, 0, 0, 0, 1], 4),
        ([0.3, 0.95, 0.6, 0.8, 0.5], [1, 0, 1, 1, 0], 4),  # not in order; the surest one is wrong
        ([0.9, 0.8, 0.7, 0.6, 0.5], [1, 0, 0, 0, 1], 10),  # most pieces are never found
    ]
    cases = [(np.array(scores), np.array(found, bool), count) for scores, found, count in edges]
    return cases


def _cutoff_random(rng: Generator) -> list[Case]:
    return [_random_ranking(rng) for _ in range(4)]


def _random_ranking(rng: Generator) -> Case:
    """Twelve detections, the surer the more often right, for which no two cut-offs give nearly the same F1."""
    while True:
        scored = np.sort(rng.permutation(np.arange(5, 99))[:12] / 100)[::-1]
        found = rng.random(12) < scored
        truths = int(found.sum() + rng.integers(1, 5))
        values = np.sort([_f1_at(scored, found, truths, cutoff) for cutoff in scored])
        if values[-1] - values[-2] > 1e-3:
            order = rng.permutation(12)
            return scored[order], found[order], truths


LESSON = Lesson(
    12,
    [
        Exercise(
            id="precision-recall",
            title="Precision and recall from the three counts",
            points=1,
            reference=_both,
            edges=_both_edges,
            random=_both_random,
            misconceptions={
                "Precision and recall are the wrong way round. Precision asks about the detections (TP and FP), recall "
                "about the pieces (TP and FN).": _both_swapped,
                "FN does not occur in your recall. The missed pieces are what recall is about: divide by TP + FN.": (
                    _both_without_missed
                ),
                "You divided by TP + FP + FN both times. Precision does not know what was missed, and recall does not "
                "know what was wrong.": _both_overlap,
                "A detector that finds nothing divides 0 by 0. Look at the denominator first, and return 0 then.": (
                    _both_unguarded
                ),
                "Where there is nothing to divide you returned 1. Here, as in scikit-learn, such a score is 0.": (
                    _both_one
                ),
            },
            hints=("Precision: TP / (TP + FP). Recall: TP / (TP + FN). Where the denominator is 0 the score is 0.",),
        ),
        Exercise(
            id="f1-score",
            title="F1 from precision and recall",
            points=1,
            shortcuts=("statistics.harmonic_mean", "scipy.stats.hmean"),
            reference=_f1,
            edges=_f1_edges,
            random=_f1_random,
            misconceptions={
                "That is the arithmetic mean. It forgives a recall of nearly 0; F1 is the harmonic mean.": (
                    lambda precision, recall: (precision + recall) / 2
                ),
                "That is the geometric mean, the root of the product. F1 is the harmonic mean: twice the product over "
                "the sum.": lambda precision, recall: (precision * recall) ** 0.5,
                "The factor 2 is missing: a perfect detector would get only one half.": (
                    lambda precision, recall: _f1(precision, recall) / 2
                ),
                "When both are 0 you divide by 0. F1 is 0 then.": _f1_unguarded,
            },
            hints=(
                "2 * precision * recall / (precision + recall), and 0 when both are 0. With 1 / precision and "
                "1 / recall: 0 when either is 0.",
            ),
        ),
        Exercise(
            id="count-per-class",
            title="TP, FP and FN of each class",
            points=3,
            reference=_count_per_class,
            edges=_per_class_edges,
            random=_per_class_random,
            misconceptions={
                "A truth was found twice. The first detection of it is a TP, every later one a duplicate, an FP.": (
                    _count_with(first_only=False)
                ),
                "You counted a detection of an ignored truth as FP. It did nothing wrong: it counts neither for nor "
                "against.": _count_with(ignored_as="fp"),
                "You counted a detection of an ignored truth as TP. Ignored means that it counts neither for nor "
                "against.": _count_with(ignored_as="tp"),
                "A second detection of an ignored truth is a duplicate like any other: an FP. Remember ignored truths "
                "as taken too, and ask for duplicates before you ask what is ignored.": _count_with(ignored_once=False),
                "You counted ignored truths that nobody found as FN. Nobody has to find them.": (
                    _count_with(missed_ignored=True)
                ),
                "Ignored truths count like all others in your answer. Look at `ignored`: they count neither for nor "
                "against, found or not.": _count_with(ignored_as="tp", missed_ignored=True),
                "The columns are TP, FP, FN in this order; FP and FN are the wrong way round.": _count_with(swap=True),
            },
            hints=(
                "Go through the detections and remember which truths are taken, ignored ones as well. Ask in this "
                "order: -1, or a truth that is taken: FP. An ignored truth: nothing. Any other: TP. Last, every truth "
                "neither taken nor ignored: FN.",
            ),
        ),
        Exercise(
            id="macro-scores",
            title="Precision, recall and F1 averaged over the classes",
            points=2,
            reference=_macro,
            edges=_macro_edges,
            random=_macro_random,
            misconceptions={
                "You averaged over the images. Add up the counts of all images first (axis 0), then "
                "average the scores over the classes.": _macro_over_images,
                "You averaged over every class of every image. A class that is not on a plate then counts as 0: add up "
                "the counts of all images first.": _macro_over_cells,
                "You added up the classes as well, so that frequent foods weigh more (that is the micro average). Here "
                "each class has a score, and the scores are averaged.": _micro,
                "A food that was never named divides 0 by 0, and one NaN makes the whole mean NaN. Such a score counts "
                "as 0 here.": _macro_nan,
                "A food that was never named divides 0 by 0, and its NaN spreads through F1 to the means. Such a "
                "score counts as 0 here.": _macro_nan_f1,
                "Your means leave out a food that was never named. It is among the foods all the same, and counts 0: a "
                "detector must not gain by keeping silent.": _macro_of_named,
                "Precision and recall are right, but you made F1 out of their averages. Each class has an F1 of "
                "its own; average those.": _macro_f1_of_means,
            },
            hints=(
                "total = counts.sum(axis=0) has a row for each class. Three scores for each row, 0 where nothing can "
                "be divided; then the mean over the rows.",
            ),
        ),
        Exercise(
            id="best-cutoff",
            title="The score cut-off with the best F1",
            points=3,
            reference=_best_cutoff,
            edges=_cutoff_edges,
            random=_cutoff_random,
            misconceptions={
                "You maximised precision. The surest few are easily all right; what about the pieces they leave out?": (
                    _best_by(lambda tp, kept, count: tp / kept)
                ),
                "You maximised recall. It only rises as the cut-off falls, so this says: keep everything.": (
                    _best_by(lambda tp, kept, count: tp + kept * 1e-9)
                ),
                "You maximised the arithmetic mean of precision and recall. F1 is the harmonic mean.": (
                    _best_by(_arithmetic)
                ),
                "That is the best F1 itself. Return the cut-off at which it is reached.": _best_f1,
                "That is the place of the best cut-off in the list. Return the score that stands there.": _best_place,
                "A score equal to the cut-off is kept: use >=.": _best_above,
                "You divided recall by the pieces that some detection finds. Those that none finds are missed as well: "
                "divide by all, truth_count.": _best_without_missed,
            },
            hints=(
                "For each score as cut-off: keep = scores >= cutoff, tp = how many of those are found, "
                "F1 = 2 tp / (keep.sum() + truth_count). Remember the best.",
            ),
        ),
    ],
)

check = LESSON.check
