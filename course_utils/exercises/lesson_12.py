"""Exercises of lesson 12: precision, recall and F1, for each class, on average, and at the best score cut-off."""

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from course_utils.exercises.core import Case, Exercise, Lesson
from course_utils.metrics import scores

NOBODY = -1
CLASS_COUNT = 3  # in random cases


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


def _both_less_one(tp: int, fp: int, fn: int) -> tuple[float, float]:
    """The false ones' shares."""
    return float(scores.precision(fp, tp)), float(scores.recall(fn, tp))


def _both_ratios(tp: int, fp: int, fn: int) -> tuple[float, float]:
    return float(scores.precision(tp, fp - tp)), float(scores.recall(tp, fn - tp))


def _both_one_zero(tp: int, fp: int, fn: int) -> tuple[float, float] | float:
    return _both(tp, fp, fn) if tp else 0.0


def _both_precision_one(tp: int, fp: int, fn: int) -> tuple[float, float]:
    return float(scores.precision(tp, fp, 1)), _both(tp, fp, fn)[1]


def _both_nan(tp: int, fp: int, fn: int) -> tuple[float, float]:
    return float(scores.precision(tp, fp, np.nan)), float(scores.recall(tp, fn, np.nan))


def _both_none(tp: int, fp: int, fn: int) -> tuple[float, float] | None:
    return _both(tp, fp, fn) if tp + fp and tp + fn else None


def _both_whole(tp: int, fp: int, fn: int) -> tuple[float, float]:
    return _both(tp, fp, fn)[0] // 1, _both(tp, fp, fn)[1] // 1


def _both_without_brackets(tp: int, fp: int, fn: int) -> tuple[float, float]:
    return (1 + fp, 1 + fn) if tp else (0, 0)


def _both_with_one_more(tp: int, fp: int, fn: int) -> tuple[float, float]:
    return tp / (tp + fp + 1), tp / (tp + fn + 1)


def _both_edges() -> list[Case]:
    return [(3, 1, 2), (5, 0, 0), (0, 2, 3), (0, 0, 4), (0, 3, 0), (0, 0, 0), (1, 0, 0), (0, 1, 0), (412, 37, 161)]


def _both_random(rng: Generator) -> list[Case]:
    return [tuple(int(n) for n in rng.permutation(np.arange(1, 12))[:3]) for _ in range(3)]


def _f1(precision: float, recall: float) -> float:
    total = precision + recall
    return 2 * precision * recall / total if total > 0 else 0.0


def _f1_unguarded(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall)


def _f1_or(value: float | None):
    """Something else than 0 when both are 0."""
    return lambda precision, recall: _f1(precision, recall) if precision + recall else value


def _f1_without_brackets(precision: float, recall: float) -> float:
    return 2 * recall + recall if precision else 0.0


def _f1_of_reciprocals_unguarded(precision: float, recall: float) -> float:
    return 2 / (1 / precision + 1 / recall)


def _f1_upside_down(precision: float, recall: float) -> float:
    return 1 / _f1(precision, recall) if precision * recall else 0.0


def _f1_upside_down_and_factor(precision: float, recall: float) -> float:
    return 4 / _f1(precision, recall) if precision * recall else 0.0


def _f2(precision: float, recall: float) -> float:
    return 5 * precision * recall / (4 * precision + recall) if precision + recall else 0.0


def _f1_edges() -> list[Case]:
    return [(0.6, 0.3), (1.0, 1.0), (1.0, 0.01), (0.0, 0.8), (0.7, 0.0), (0.0, 0.0), (0.001, 0.002)]


def _f1_random(rng: Generator) -> list[Case]:
    return [tuple(np.round(rng.uniform(0.1, 0.9, 2), 2).tolist()) for _ in range(3)]


def _count_with(
    first_only: bool = True,
    late_as: str = "fp",
    ignored_as: str = "nothing",
    ignored_once: bool = True,
    ignored_first: bool = False,
    missed_ignored: bool = False,
    missed_all: bool = False,
    nobody_below: int = 0,
    columns: tuple[int, ...] = (0, 1, 2),
):
    """Counts of each class under one way of treating duplicates and ignored truths; the defaults are right."""

    def answer(labels, fits, truth_labels, ignored, classes):
        counts, taken = np.zeros((classes, 3), int), set()
        for label, truth in zip(labels.tolist(), fits.tolist(), strict=True):
            late = first_only and truth in taken and (ignored_once or not ignored[truth])
            if ignored_first and len(ignored) and ignored[truth] and truth not in taken:
                pass
            elif truth < nobody_below or late:
                counts[label, 1] += truth < nobody_below or late_as == "fp"
            elif not ignored[truth] or ignored_as == "tp":
                counts[label, 0] += 1
            elif ignored_as == "fp":
                counts[label, 1] += 1
            if truth >= nobody_below:
                taken.add(truth)
        for truth, label in enumerate(truth_labels.tolist()):
            counts[label, 2] += (missed_all or truth not in taken) and (missed_ignored or not ignored[truth])
        return counts[:, columns]

    return answer


def _count_without_missed(labels, fits, truth_labels, ignored, classes) -> np.ndarray:
    return _count_per_class(labels, fits, truth_labels, ignored, classes) * [1, 1, 0]


def _count_in_one_pot(labels, fits, truth_labels, ignored, classes) -> np.ndarray:
    return _count_per_class(labels, fits, truth_labels, ignored, classes).sum(axis=0)


def _count_three(labels, fits, truth_labels, ignored, classes) -> np.ndarray:
    """As many rows as there are labels on the plate."""
    return _count_per_class(labels, fits, truth_labels, ignored, classes)[np.unique(truth_labels)]


def _count_per_class(labels, fits, truth_labels, ignored, classes) -> np.ndarray:
    fits, wanted = np.asarray(fits), ~np.asarray(ignored, bool)
    _, firsts = np.unique(fits, return_index=True)
    found = np.isin(np.arange(len(fits)), firsts) & (fits != NOBODY)
    tp = found.copy()
    tp[found] = wanted[fits[found]]
    missed = wanted & ~np.isin(np.arange(len(wanted)), fits)
    columns = (labels[tp], labels[~found], truth_labels[missed])
    return np.stack([np.bincount(column, minlength=classes) for column in columns], axis=1)


def _per_class_edges() -> list[Case]:
    edges = [
        ([0, 0, 1], [0, -1, 2], [0, 0, 1], [0, 0, 0], 2),
        ([2, 2], [0, 0], [2, 1], [0, 0], 3),  # the second one is a duplicate
        ([1, 0], [1, -1], [0, 1, 1], [0, 1, 1], 2),  # one ignored truth is detected, one is not
        ([1, 1, 0], [0, 0, 1], [1, 0], [1, 0], 2),  # an ignored truth is detected twice
        ([1], [1], [0, 1], [0, 0], 2),  # the last truth: -1 as an index means it, too
        ([0], [-1], [1], [1], 2),
        ([], [], [0, 2, 2], [0, 0, 1], 3),  # nothing was detected
        ([3, 1, 3], [-1, -1, -1], [], [], 4),  # a plate without pieces
        ([], [], [], [], 1),
        ([1], [-1], [0, 1, 1, 1], [0, 0, 0, 0], 2),  # several pieces of one food are missed
        (
            [0, 5, 0, 2, 5, 5, 2, 0, 4],
            [3, 0, 3, 6, 1, 0, -1, 5, 2],
            [5, 5, 4, 0, 1, 0, 2, 3],
            [0, 0, 1, 0, 0, 1, 0, 0],
            6,
        ),
    ]
    return [(*(np.array(c, int) for c in case[:3]), np.array(case[3], bool), case[4]) for case in edges]


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
    return labels[order], fits[order], truth_labels, ignored, CLASS_COUNT


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


def _macro_of_present(counts: np.ndarray) -> np.ndarray | np.float64:
    """Classes that are neither there nor claimed are left out."""
    total = counts.sum(axis=0)
    present = total[total.sum(axis=1) > 0]
    return _three(present).mean(axis=0) if len(present) else np.float64(np.nan)


def _macro_each_by_itself(counts: np.ndarray) -> np.ndarray:
    """Means of each score over the classes that have it."""
    each = _three(counts.sum(axis=0))
    tp, fp, fn = counts.sum(axis=0).T
    masks = (tp + fp > 0, tp + fn > 0, tp + fp + fn > 0)
    return np.array([column[mask].mean() if mask.any() else np.nan for column, mask in zip(each.T, masks, strict=True)])


def _macro_summed(counts: np.ndarray) -> np.ndarray:
    return _three(counts.sum(axis=0)).sum(axis=0)


def _macro_of_none(counts: np.ndarray) -> np.ndarray:
    """The scores of each class, not averaged."""
    return _three(counts.sum(axis=0)).T


def _macro_weighted(counts: np.ndarray) -> np.ndarray:
    total = counts.sum(axis=0)
    weights = total[:, 0] + total[:, 2]
    return np.average(_three(total), axis=0, weights=weights if weights.any() else None)


def _macro_ones(counts: np.ndarray) -> np.ndarray:
    tp, fp, fn = counts.sum(axis=0).T
    columns = scores.precision(tp, fp, 1), scores.recall(tp, fn, 1), scores.f1(tp, fp, fn)
    return np.array([column.mean() for column in columns])


def _macro_images_and_f1_of_means(counts: np.ndarray) -> np.ndarray:
    precision, recall, _ = _macro_over_images(counts)
    return np.array([precision, recall, _f1(precision, recall)])


def _macro_edges() -> list[Case]:
    edge = np.array([[[8, 1, 1], [0, 1, 1]], [[1, 2, 0], [1, 0, 2]]])
    silent = np.array([[[3, 1, 0], [0, 0, 2]], [[2, 0, 1], [0, 0, 1]], [[0, 1, 1], [0, 0, 0]]])  # never says class 1
    absent = np.array([[[3, 1, 0], [0, 0, 0]], [[0, 0, 1], [0, 0, 0]]])  # neither there nor claimed
    split = np.array([[[k % 3, (k * c) % 4, (k + c) % 2] for c in range(6)] for k in range(100)])
    return [
        (edge,),
        (silent,),
        (absent,),
        (split,),
        (np.zeros((1, 2, 3), int),),
        (np.array([[[0, 2, 0]]]),),
        (np.array([[[1, 0, 0]]]),),
    ]


def _macro_random(rng: Generator) -> list[Case]:
    return [(rng.integers(0, 5, (4, 3, 3)) + [1, 0, 0],) for _ in range(3)]


def _f1_at(scored: np.ndarray, found: np.ndarray, truth_count: int, cutoff: float) -> float:
    kept = scored >= cutoff
    tp = int((kept & found).sum())
    return float(scores.f1(tp, int(kept.sum()) - tp, truth_count - tp))


def _best_by(value):
    """The cut-off, out of the scores, at which `value(tp, detections, truth_count)` is largest, the highest on ties."""

    def answer(scores, found, truth_count):
        cutoffs = np.sort(scores)[::-1]
        kept = [scores >= cutoff for cutoff in cutoffs]
        values = [value(int(found[some].sum()), int(some.sum()), truth_count) for some in kept]
        return float(cutoffs[int(np.argmax(values))])

    return answer


def _best_row_by_row(in_order: bool = True):
    """Equal scores are cut apart; or the list is taken as it stands."""

    def answer(scores, found, truth_count):
        order = np.argsort(-scores, kind="stable") if in_order else np.arange(len(scores))
        f1 = 2 * np.cumsum(found[order]) / (np.arange(1, len(scores) + 1) + truth_count)
        return float(scores[order][int(np.argmax(f1))])

    return answer


def _best_on_grid(step: float):
    def answer(scores, found, truth_count):
        grid = np.arange(0, 1 + step / 2, step)
        return float(
            max(grid, key=lambda cutoff: 0 if cutoff > scores.max() else _f1_at(scores, found, truth_count, cutoff))
        )

    return answer


def _best_from_below(scores: np.ndarray, found: np.ndarray, truth_count: int) -> float:
    """What scores at most the cut-off is kept."""
    return 1 - _best_cutoff(1 - scores, found, truth_count)


def _best_last_rise(scores: np.ndarray, found: np.ndarray, truth_count: int) -> float:
    """Each F1 compared with the one before it, and not with the best so far."""
    best, before = 0.0, -1.0
    for cutoff in scores:
        here = _f1_at(scores, found, truth_count, cutoff)
        if here > before:
            best = float(cutoff)
        before = here
    return best


def _best_and_value(scores: np.ndarray, found: np.ndarray, truth_count: int) -> tuple[float, float]:
    return _best_cutoff(scores, found, truth_count), _best_f1(scores, found, truth_count)


def _worst_cutoff(scores: np.ndarray, found: np.ndarray, truth_count: int) -> float:
    return float(min(scores, key=lambda cutoff: _f1_at(scores, found, truth_count, cutoff)))


def _lowest_right(scores: np.ndarray, found: np.ndarray, truth_count: int) -> float:
    return float(scores[found].min())


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
    edges: list[tuple[ArrayLike, ArrayLike, int]] = [
        # The first two are right, then one right among many wrong.
        ([0.9, 0.8, 0.7, 0.6, 0.5, 0.4], [1, 1, 0, 0, 0, 1], 4),
        ([0.3, 0.95, 0.6, 0.8, 0.5], [1, 0, 1, 1, 0], 4),  # not in order; the surest one is wrong
        ([0.9, 0.8, 0.7, 0.6, 0.5], [1, 0, 0, 0, 1], 10),  # most pieces are never found
    ]
    edges += [
        ([0.9, 0.8, 0.8, 0.8, 0.8], [1, 1, 0, 0, 0], 2),  # equal scores are kept or dropped together
        ([0.7, 0.7, 0.7, 0.2], [1, 0, 1, 0], 3),
        ([0.4], [1], 5),
        ([0.83, 0.31, 0.67], [0, 1, 1], 2),  # to keep everything is best
        ([0.9, 0.8, 0.7], [1, 0, 0], 1),
        # F1 falls at first and is best in the middle.
        ([0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6], [1, 0, 0, 1, 1, 1, 0, 0], 5),
    ]
    rank = (np.arange(500) * 37) % 500
    edges.append((rank / 500, rank > 200 + (rank * 13) % 250, 355))
    return [(np.array(scores), np.array(found, bool), count) for scores, found, count in edges]


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
                "Those are the shares of what is wrong. Precision and recall have TP above the line.": _both_less_one,
                "You divided TP by FP, and by FN. Precision is a share of all detections, the right ones included: "
                "divide "
                "by TP + FP.": _both_ratios,
                "Without TP you give back a single 0. Two numbers are asked for, always.": _both_one_zero,
                "A detector that says nothing gets a precision of 1 from you. Here a score without a value is 0.": (
                    _both_precision_one
                ),
                "Where there is nothing to divide you give NaN. Here such a score is 0.": _both_nan,
                "Where there is nothing to divide your function gives back None. Two numbers are asked for, always.": (
                    _both_none
                ),
                "`//` drops what comes after the point. Divide with `/`.": _both_whole,
                "Without brackets `tp / tp + fp` is 1 + fp: division comes before addition.": _both_without_brackets,
                "You added 1 to the denominator, so that it is never 0. Then every score is too small: ask whether "
                "it is "
                "0 instead.": _both_with_one_more,
                "Where there is nothing to divide you returned 1. Here, as in scikit-learn, such a score is 0.": (
                    _both_one
                ),
            },
            hints=(
                "Each of the two has a denominator of its own. When is it 0, and what shall the score be then?",
                "First the two denominators, then the two scores: a division, or a 0 where there is nothing to divide.",
                "Precision is TP over TP + FP, recall TP over TP + FN. Where the denominator is 0 the score is 0.",
            ),
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
                "When one of them is 0 you divide by it. F1 is 0 then: ask first.": _f1_of_reciprocals_unguarded,
                "When both are 0 your F1 is 1: the worst of all detectors gets the best score. It is 0 then.": _f1_or(
                    1.0
                ),
                "When both are 0 your function gives back None. F1 is 0 then.": _f1_or(None),
                "Without brackets the division comes first: `a / p + r` is a/p, and then r is added.": (
                    _f1_without_brackets
                ),
                "You took the smaller of the two. F1 stays close to it, but it knows the other one as well.": min,
                "That is the product alone. F1 is twice the product over the sum.": (
                    lambda precision, recall: precision * recall
                ),
                "That is twice the product. It still has to be divided by the sum.": (
                    lambda precision, recall: 2 * precision * recall
                ),
                "The fraction is upside down: that is the mean of 1 / precision and 1 / recall. F1 is 1 over it.": (
                    _f1_upside_down
                ),
                "The fraction is upside down: twice the product belongs above the line, the sum below it.": (
                    _f1_upside_down_and_factor
                ),
                "That is F2, which weighs recall more. In F1 both count the same.": _f2,
            },
            hints=(
                "It is the formula above. When is its denominator 0, and what should come out then?",
                "One question first, whether there is anything to divide; then one line.",
                "Twice the product over the sum, in brackets, and 0 when both are 0. Whoever works with 1 / "
                "precision and "
                "1 / recall must ask whether either is 0.",
            ),
        ),
        Exercise(
            id="count-per-class",
            title="TP, FP and FN of each class",
            points=3,
            shortcuts=(
                "sklearn.metrics.confusion_matrix",
                "sklearn.metrics.multilabel_confusion_matrix",
            ),
            reference=_count_per_class,
            edges=_per_class_edges,
            random=_per_class_random,
            misconceptions={
                "A truth was found twice. The first detection of it is a TP, every later one a duplicate, an FP.": (
                    _count_with(first_only=False)
                ),
                "A second detection of a truth disappears in your count. It is a duplicate, and so an FP.": (
                    _count_with(late_as="nothing")
                ),
                "You missed truth number 0. Counting starts at 0 here, and only -1 means nobody.": (
                    _count_with(nobody_below=1)
                ),
                "ignored[-1] is the flag of the last truth. Ask whether the truth is -1 before you use it as an "
                "index.": (_count_with(ignored_first=True)),
                "You counted every truth as missed. FN are those that nobody took.": _count_with(missed_all=True),
                "The third column is empty: walk through the truths, too, for those that nobody took.": (
                    _count_without_missed
                ),
                "You added up all classes. A row for each class is asked for.": _count_in_one_pot,
                "Rows are missing: a class of which the plate has no piece has a row as well.": _count_three,
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
                "The columns are TP, FP, FN in this order; FP and FN are the wrong way round.": _count_with(
                    columns=(0, 2, 1)
                ),
            },
            hints=(
                "A detection has one of three fates. Which questions decide, and in which order must they be asked?",
                "Two walks: one through the detections, which remembers the truths that are taken, ignored ones as "
                "well; "
                "then one through the truths, for the FN.",
                "Ask of each detection, in this order: does it fit nobody, or a truth that is taken (FP)? Is its "
                "truth ignored "
                "(no count)? Otherwise it is a TP. Last, every truth that is neither taken nor ignored is an FN. Count "
                "in the row of the detection's label, or of the truth's.",
            ),
        ),
        Exercise(
            id="macro-scores",
            title="Precision, recall and F1 averaged over the classes",
            points=2,
            shortcuts=(
                "sklearn.metrics.precision_recall_fscore_support",
                "sklearn.metrics.precision_score",
                "sklearn.metrics.recall_score",
                "sklearn.metrics.f1_score",
            ),
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
                "Your means leave out a food that is neither there nor claimed. Here it counts 0 like the others, so "
                "that "
                "all rows of a table are means over the same classes.": _macro_of_present,
                "Your three means leave out different foods. All of them are over all classes here, and what has no "
                "value "
                "counts 0.": _macro_each_by_itself,
                "You added the classes' scores up. A mean is asked for: divide by their number.": _macro_summed,
                "These are the scores of each class. Their mean is missing.": _macro_of_none,
                "You weighed each class by its pieces. In a macro average every class weighs the same.": (
                    _macro_weighted
                ),
                "Where there is nothing to divide you took 1. Such a score counts as 0 here.": _macro_ones,
                "You averaged over the images, and made F1 out of the averages. Add up the counts of all images (axis "
                "0) first; then each class has three scores, F1 among them.": _macro_images_and_f1_of_means,
                "Precision and recall are right, but you made F1 out of their averages. Each class has an F1 of "
                "its own; average those.": _macro_f1_of_means,
            },
            hints=(
                "In which order do you add up plates, divide, and average? Of what is the F1 that you average?",
                "Three steps: the counts of all plates together, a row for each class; three scores for each row; "
                "the mean "
                "of each of the three.",
                "Add up along axis 0. For each class precision, recall and F1 from its own counts, each 0 where "
                "there is "
                "nothing to divide. Then the means over all classes.",
            ),
        ),
        Exercise(
            id="best-cutoff",
            title="The score cut-off with the best F1",
            points=3,
            shortcuts=("sklearn.metrics.precision_recall_curve",),
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
                "Right, as long as no two scores are equal. A cut-off keeps all detections of one score or none: do "
                "not cut "
                "between them.": _best_row_by_row(),
                "You went down the list as it stands. A cut-off keeps the surest: sort by score, or ask each detection "
                "whether its score is high enough.": _best_row_by_row(in_order=False),
                "You tried a grid of cut-offs. The best one is asked for among the scores themselves: between two of "
                "them "
                "nothing changes.": _best_on_grid(0.05),
                "You tried hundredths. The best cut-off is asked for among the scores themselves: between two of them "
                "nothing changes.": _best_on_grid(0.01),
                "You kept what scores at most the cut-off. The surest are kept: >=.": _best_from_below,
                "You compared each F1 with the one before it. Compare it with the best so far.": _best_last_rise,
                "The cut-off is right, but its F1 came back as well. One number is asked for.": _best_and_value,
                "That is the cut-off with the worst F1: largest and smallest have changed places.": _worst_cutoff,
                "That is the lowest score of a detection that is right. To keep it you may have to keep many wrong "
                "ones.": (_lowest_right),
                "You divided recall by the pieces that some detection finds. Those that none finds are missed as well: "
                "divide by all, truth_count.": _best_without_missed,
            },
            hints=(
                "Only so many cut-offs make a difference. Which are they?",
                "A loop over the scores as cut-offs, in which the best F1 so far and its cut-off are remembered. "
                "What is "
                "2 TP + FP + FN, said with the number kept and the number of pieces?",
                "For each score: keep all detections with that score or more, count those of them that found "
                "something, "
                "and divide twice that by the number kept plus truth_count. Larger than the best so far: remember "
                "both.",
            ),
        ),
    ],
)

check = LESSON.check
