"""Exercises of lesson 16: a row of the table, the paired bootstrap, recall by occlusion, errors, turned boxes."""

import numpy as np
from numpy.random import Generator

from course_utils.boxes import mirror, turn
from course_utils.exercises.core import Case, Exercise, Lesson
from course_utils.metrics import bootstrap, occlusion, scores

CLASS_COUNT = 3
"""Classes of the random cases."""


def _counts(labels, scored, found, pieces, cutoff) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    kept = scored >= cutoff
    said, tp = (np.bincount(labels[chosen], minlength=len(pieces)) for chosen in (kept, kept & found))
    return tp, said - tp, pieces - tp


def _row_of(tp, fp, fn, zero_division: float = 0.0) -> np.ndarray:
    each = scores.precision(tp, fp, zero_division), scores.recall(tp, fn, zero_division), scores.f1(tp, fp, fn)
    return np.mean(each, axis=1)


def _row(labels, scores, found, pieces, cutoff) -> np.ndarray:
    return _row_of(*_counts(labels, scores, found, pieces, cutoff))


def _row_f1_of_means(labels, scored, found, pieces, cutoff) -> np.ndarray:
    precision, recall, _ = _row(labels, scored, found, pieces, cutoff)
    return np.array([precision, recall, 2 * precision * recall / (precision + recall)])


def _row_micro(labels, scored, found, pieces, cutoff) -> np.ndarray:
    tp, fp, fn = (np.array([one.sum()]) for one in _counts(labels, scored, found, pieces, cutoff))
    return _row_of(tp, fp, fn)


def _row_without_cutoff(labels, scored, found, pieces, cutoff) -> np.ndarray:
    return _row(labels, scored, found, pieces, 0)


def _row_above_cutoff(labels, scored, found, pieces, cutoff) -> np.ndarray:
    return _row(labels, scored, found, pieces, np.nextafter(cutoff, 1))


def _row_missed_before_cutoff(labels, scored, found, pieces, cutoff) -> np.ndarray:
    tp, fp, _ = _counts(labels, scored, found, pieces, cutoff)
    return _row_of(tp, fp, _counts(labels, scored, found, pieces, 0)[2])


def _row_of_the_named(labels, scored, found, pieces, cutoff) -> np.ndarray:
    tp, fp, fn = _counts(labels, scored, found, pieces, cutoff)
    named = tp + fp > 0
    return _row_of(tp[named], fp[named], fn[named])


def _row_nan(labels, scored, found, pieces, cutoff) -> np.ndarray:
    return _row_of(*_counts(labels, scored, found, pieces, cutoff), float("nan"))


def _row_nan_f1(labels, scored, found, pieces, cutoff) -> np.ndarray:
    """As `_row_nan`, with the F1 of each class from its precision and recall, so that it is NaN as well."""
    tp, fp, fn = _counts(labels, scored, found, pieces, cutoff)
    p, r = scores.precision(tp, fp, float("nan")), scores.recall(tp, fn, float("nan"))
    with np.errstate(invalid="ignore"):
        return np.array([p.mean(), r.mean(), (2 * p * r / (p + r)).mean()])


def _row_without_gaps(labels, scored, found, pieces, cutoff) -> np.ndarray:
    tp, fp, fn = _counts(labels, scored, found, pieces, cutoff)
    with np.errstate(invalid="ignore"):
        each = np.array([tp / (tp + fp), tp / (tp + fn), 2 * tp / (2 * tp + fp + fn)])
    return np.array([np.nanmean(one) if not np.isnan(one).all() else np.nan for one in each])


def _row_weighted(labels, scored, found, pieces, cutoff) -> np.ndarray:
    tp, fp, fn = _counts(labels, scored, found, pieces, cutoff)
    each = scores.precision(tp, fp, 0.0), scores.recall(tp, fn, 0.0), scores.f1(tp, fp, fn)
    return np.array(each) @ pieces / pieces.sum()


def _row_of_all_pieces(labels, scored, found, pieces, cutoff) -> np.ndarray:
    tp, fp, _ = _counts(labels, scored, found, pieces, cutoff)
    return _row_of(tp, fp, pieces.sum() - tp)


def _row_edges() -> list[Case]:
    edges = [
        ([0, 0, 0], [0.9, 0.5, 0.3], [1, 1, 1], [4]),  # one class: a score on the cut-off, one below
        # Class 1 is always right and finds half; class 0 finds everything and is wrong half the time.
        ([0, 0, 0, 0, 1, 2, 2], [0.9, 0.8, 0.7, 0.6, 0.9, 0.8, 0.3], [1, 1, 0, 0, 1, 1, 1], [2, 2, 3]),
        ([0, 0, 1, 1], [0.9, 0.8, 0.9, 0.8], [1, 1, 1, 0], [2, 4]),  # two classes
        ([0, 0, 1, 1, 1, 0], [0.5, 0.9, 0.6, 0.5, 0.8, 0.2], [1, 1, 0, 1, 1, 1], [4, 2, 2]),  # never says class 2
        ([0, 2, 2], [0.9, 0.8, 0.7], [1, 1, 0], [1, 0, 2]),  # class 1 does not occur at all
        ([0, 1], [0.9, 0.8], [1, 0], [1, 0]),  # says class 1, which does not occur
        ([], [], [], [2, 1, 3]),  # says nothing
        ([0, 1], [0.3, 0.2], [1, 1], [2, 1]),  # says nothing loud enough
    ]
    cases: list[Case] = [
        (np.array(a, int), np.array(b, float), np.array(c, bool), np.array(d), 0.5) for a, b, c, d in edges
    ]
    labels = np.arange(600) * 7 % 6  # as many as a test split has, in six classes
    scored = np.round(np.arange(600) * 37 % 100 / 100, 2)
    found = np.arange(600) * 11 % 13 < 5 + labels
    return [*cases, (labels, scored, found, 20 + np.bincount(labels[found]), 0.3)]


def _row_random(rng: Generator) -> list[Case]:
    return [_random_row(rng) for _ in range(3)]


def _random_row(rng: Generator) -> Case:
    """Thirty detections, the surer the more often right; the classes differ in how often."""
    labels = rng.integers(0, CLASS_COUNT, 30)
    scored = np.round(rng.uniform(0.1, 1, 30), 2)
    found = rng.random(30) < scored * (1 - 0.25 * labels)
    pieces = np.bincount(labels[found], minlength=CLASS_COUNT) + rng.integers(1, 5, CLASS_COUNT)
    return labels, scored, found, pieces, float(rng.choice([0.3, 0.5, 0.6]))


def _paired(first: np.ndarray, second: np.ndarray, draws: np.ndarray) -> np.ndarray:
    return bootstrap.paired_differences(first, second, draws)


def _paired_half(a: np.ndarray, b: np.ndarray, draws: np.ndarray) -> np.ndarray:
    return bootstrap.macro_f1(b[draws].sum(axis=1)) - bootstrap.macro_f1(a.sum(axis=0))


def _paired_swapped(a: np.ndarray, b: np.ndarray, draws: np.ndarray) -> np.ndarray:
    return -_paired(a, b, draws)


def _paired_over_plates(a: np.ndarray, b: np.ndarray, draws: np.ndarray) -> np.ndarray:
    return (bootstrap.macro_f1(b) - bootstrap.macro_f1(a))[draws].mean(axis=1)


def _paired_micro(a: np.ndarray, b: np.ndarray, draws: np.ndarray) -> np.ndarray:
    return _paired(a.sum(axis=1, keepdims=True), b.sum(axis=1, keepdims=True), draws)


def _paired_once(a: np.ndarray, b: np.ndarray, draws: np.ndarray) -> np.ndarray:
    return np.concatenate([_paired(a, b, np.unique(draw)[None]) for draw in draws])


def _paired_f1_of_means(a: np.ndarray, b: np.ndarray, draws: np.ndarray) -> np.ndarray:
    def f1(plates):
        precision, recall, _ = _row_of(*plates.sum(axis=0).T)
        return 2 * precision * recall / (precision + recall)

    return np.array([f1(b[draw]) - f1(a[draw]) for draw in draws])


def _paired_of_the_named(a: np.ndarray, b: np.ndarray, draws: np.ndarray) -> np.ndarray:
    def f1(plates):
        tp, fp, fn = plates.sum(axis=0).T
        named = tp + fp + fn > 0
        return scores.f1(tp[named], fp[named], fn[named]).mean()

    return np.array([f1(b[draw]) - f1(a[draw]) for draw in draws])


def _paired_unlike(a: np.ndarray, b: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """The second model on another draw than the first."""
    return np.array([bootstrap.macro_f1(b[d].sum(0)) for d in draws[::-1]]) - bootstrap.macro_f1(a[draws].sum(axis=1))


def _paired_edges() -> list[Case]:
    a = np.array([[[3, 1, 0], [1, 0, 1]], [[0, 1, 1], [2, 0, 0]], [[1, 0, 2], [0, 1, 1]]])
    b = np.array([[[3, 0, 0], [1, 1, 1]], [[1, 1, 0], [1, 0, 1]], [[2, 0, 1], [1, 1, 0]]])
    draws = np.array([[0, 1, 2], [2, 2, 0], [1, 1, 1]])
    rare = np.insert(a, 1, 0, axis=1)  # of the class in the middle no draw has anything
    more = np.insert(b, 1, 0, axis=1)
    one_right = np.zeros((4, 1, 3), int)
    one_right[0, 0, 0] = 1
    plates = np.arange(150)
    large = [
        np.stack([plates[:, None] * step % 4 + np.zeros((1, 6), int) + np.arange(6) % 2 for step in steps], axis=-1)
        for steps in ((3, 5, 7), (5, 3, 2))
    ]
    many = np.stack([plates, plates[::-1], plates * 7 % 150, plates * 11 % 40])
    return [
        (a, b, draws[:1]),
        (a, b, draws),
        (b, a, draws),  # the second model finds less
        (rare, more, draws),
        (a[:1], b[:1], np.array([[0], [0]])),
        (one_right, np.roll(one_right, 1), np.array([[0, 1, 2, 3]])),  # fewer pieces than plates
        (*large, many),
    ]


def _paired_random(rng: Generator) -> list[Case]:
    return [_random_pair(rng) for _ in range(3)]


def _random_pair(rng: Generator) -> Case:
    """Six plates, three classes, five draws; the second model finds a little more."""
    pieces = rng.integers(1, 6, (6, CLASS_COUNT))
    models = []
    for chance in (0.5, 0.7):
        tp = rng.binomial(pieces, chance)
        models.append(np.stack([tp, rng.integers(0, 3, tp.shape), pieces - tp], axis=-1))
    return *models, rng.integers(6, size=(5, 6))


def _by_bin(found: np.ndarray, hidden: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return occlusion.recall_by_occlusion(found, hidden, edges)[0]


def _hits(found: np.ndarray, hidden: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.bincount(occlusion.occlusion_bin(hidden[found], edges), minlength=len(edges) - 1)


def _by_bin_between(inside):
    """Recall of the bins under one reading of "from low to high"."""

    def answer(found, hidden, edges):
        members = [inside(hidden, low, high) for low, high in zip(edges[:-1], edges[1:], strict=True)]
        return np.array([found[own].mean() if own.any() else np.nan for own in members])

    return answer


def _bin_edges() -> list[Case]:
    edges = np.array([0.0, 0.05, 0.3, 0.6, 1.0])
    hidden = np.array([0, 0, 0.05, 0.02, 0.3, 0.3, 0.1, 0.6, 0.7, 0.9])
    found = np.array([1, 1, 0, 1, 1, 0, 1, 1, 0, 0], bool)
    gap = (np.array([1, 0, 1, 0], bool), np.array([0.0, 0.01, 0.2, 0.8]), edges)
    one_bin = (np.array([1, 0, 1], bool), np.array([0.1, 0.2, 0.7]), np.array([0.0, 1.0]))
    lowest = (
        np.array([0, 1, 1], bool),
        np.array([0.2, 0.3, 0.5]),
        np.array([0.2, 0.4, 0.6]),
    )  # edges may begin above 0
    nobody = (np.zeros(0, bool), np.zeros(0), np.array([0.0, 0.5, 1.0]))
    shares = np.round(np.arange(500) * 37 % 100 / 100, 2)
    many = (np.arange(500) * 13 % 100 > 100 * shares, shares, np.array([0.0, 0.1, 0.25, 0.5, 0.75, 1.0]))
    lost = (np.zeros(4, bool), np.array([0.0, 0.01, 0.2, 0.8]), edges)
    return [(found, hidden, edges), gap, one_bin, lowest, nobody, lost, many]


def _bin_random(rng: Generator) -> list[Case]:
    return [_random_hidden(rng) for _ in range(3)]


def _random_hidden(rng: Generator) -> Case:
    """Forty pieces, a third of them free, found the less often the more is hidden; two lie on an edge."""
    edges = np.array([0.0, 0.1, 0.25, 0.5, 1.0])
    hidden = np.round(np.where(rng.random(40) < 0.3, 0, rng.uniform(0.01, 0.99, 40)), 2)
    hidden[:2] = 0.25, 0.5
    found = rng.random(40) < 1 - hidden
    found[:2] = True
    return found, hidden, edges


def _name(
    iou: np.ndarray, truth_labels: np.ndarray, taken: np.ndarray, label: int, threshold: float, near: float
) -> str:
    same = truth_labels == label
    mine, other = iou[same].max(initial=0), iou[~same].max(initial=0)
    rules = (
        ("right", iou[same & ~taken].max(initial=0) >= threshold),
        ("localisation", near <= mine < threshold),
        ("classification", other >= threshold),
        ("duplicate", mine >= threshold),
        ("background", max(mine, other) < near),
    )
    return next((kind for kind, holds in rules if holds), "both")


def _name_by_nearest(iou, truth_labels, taken, label, threshold, near) -> str:
    if iou.max(initial=0) < near:
        return "background"
    nearest = [int(iou.argmax())]
    return _name(iou[nearest], truth_labels[nearest], taken[nearest], label, threshold, near)


def _name_any_class(iou, truth_labels, taken, label, threshold, near) -> str:
    kind = _name(iou, truth_labels, taken, label, threshold, near)
    return "classification" if kind == "both" else kind


def _name_twice_right(iou, truth_labels, taken, label, threshold, near) -> str:
    return _name(iou, truth_labels, np.zeros_like(taken), label, threshold, near)


def _name_any_near(iou, truth_labels, taken, label, threshold, near) -> str:
    same = truth_labels == label
    if (iou[same & ~taken] >= threshold).any() or not ((iou[same] >= near) & (iou[same] < threshold)).any():
        return _name(iou, truth_labels, taken, label, threshold, near)
    return "localisation"


def _name_duplicate_first(iou, truth_labels, taken, label, threshold, near) -> str:
    same = truth_labels == label
    if not (iou[same & ~taken] >= threshold).any() and (iou[same] >= threshold).any():
        return "duplicate"
    return _name(iou, truth_labels, taken, label, threshold, near)


def _name_strictly(iou, truth_labels, taken, label, threshold, near) -> str:
    return _name(iou, truth_labels, taken, label, np.nextafter(threshold, 1), np.nextafter(near, 1))


def _name_best_only(iou, truth_labels, taken, label, threshold, near) -> str:
    same = np.flatnonzero(truth_labels == label)
    best = same[iou[same].argmax()] if len(same) else -1
    others = np.flatnonzero(truth_labels != label)
    looked = np.sort(np.append(others, best)) if best >= 0 else others
    return _name(iou[looked], truth_labels[looked], taken[looked], label, threshold, near)


def _name_localised_without_limit(iou, truth_labels, taken, label, threshold, near) -> str:
    kind = _name(iou, truth_labels, taken, label, threshold, near)
    return "localisation" if kind != "right" and iou[truth_labels == label].max(initial=0) >= near else kind


def _name_class_first(iou, truth_labels, taken, label, threshold, near) -> str:
    kind = _name(iou, truth_labels, taken, label, threshold, near)
    fits = iou[truth_labels != label].max(initial=0) >= threshold
    return "classification" if kind == "localisation" and fits else kind


def _name_renamed(old: str, new: str):
    def answer(iou, truth_labels, taken, label, threshold, near):
        kind = _name(iou, truth_labels, taken, label, threshold, near)
        return new if kind == old else kind

    return answer


def _name_edges() -> list[Case]:
    first = [
        ([0.9, 0.0], [3, 5], [0, 0], 3),  # right
        ([0.7, 0.0], [3, 5], [0, 0], 3),  # right place and name, loose outline
        ([0.0, 0.9], [3, 5], [0, 0], 3),  # the other name
        ([0.9, 0.2], [3, 5], [1, 0], 3),  # somebody was surer
        ([0.05, 0.02], [3, 5], [0, 0], 3),
        ([0.0, 0.4], [3, 5], [0, 0], 3),  # near, but neither name nor outline
        ([0.3, 0.6], [3, 5], [0, 0], 3),  # the neighbour is nearer, but has another name
        ([], [], [], 4),  # an empty plate
        ([0.85, 0.1], [3, 5], [0, 0], 3),  # on the threshold: enough
        ([0.1, 0.0], [3, 5], [0, 1], 3),  # just near enough
        ([0.86, 0.88], [3, 3], [0, 1], 3),  # the better one is taken, the other is still free
        ([0.9, 0.3], [3, 3], [1, 0], 3),  # taken, and another of its class is merely near
        ([0.9, 0.9], [3, 5], [1, 0], 3),  # taken, and as well placed on another class
        ([0.0, 0.85], [3, 5], [0, 0], 3),  # on the threshold with another class
        ([0.0, 0.1], [3, 5], [0, 0], 3),  # just near enough to another class
        ([0.3, 0.9], [3, 5], [0, 0], 3),  # its own class near, another one fits
        ([0.05, 0.9], [3, 5], [0, 0], 3),  # its own class not near
        ([0.3, 0.0], [3, 5], [1, 0], 3),  # near a piece that is taken
        ([0.0, 0.9], [3, 5], [0, 1], 3),  # another class, and taken
        ([0.9], [5], [0], 3),  # nobody of its class
        ([0.2, 0.9, 0.4], [4, 4, 5], [0, 0, 0], 4),  # three pieces
        ([0.85, 0.0], [3, 5], [1, 0], 3),  # on the threshold, and taken
    ]
    columns = [(np.array(a, float), np.array(b, int), np.array(c, bool), d) for a, b, c, d in first]
    return [(*column, 0.85, 0.1) for column in columns]


def _name_random(rng: Generator) -> list[Case]:
    return [_random_name(rng) for _ in range(8)]


def _random_name(rng: Generator) -> Case:
    """A plate of four pieces with overlaps spread over the whole range."""
    iou = np.round(rng.choice([0.0, 0.05, 0.2, 0.4, 0.55, 0.7, 0.9], 4) + rng.uniform(0, 0.03, 4), 2)
    return iou, rng.integers(1, 4, 4), rng.random(4) < 0.4, int(rng.integers(1, 4)), 0.5, 0.1


def _back(boxes: np.ndarray, turns: int, mirrored: bool, size: float) -> np.ndarray:
    return _clockwise(mirror(boxes, size) if mirrored else boxes, turns, size)


def _clockwise(boxes: np.ndarray, turns: int, size: float) -> np.ndarray:
    return turn(boxes, -turns, (size, size))


def _back_on(boxes, turns, mirrored, size) -> np.ndarray:
    return _clockwise(mirror(boxes, size) if mirrored else boxes, -turns, size)


def _back_mirror_last(boxes, turns, mirrored, size) -> np.ndarray:
    back = _clockwise(boxes, turns, size)
    return mirror(back, size) if mirrored else back


def _back_upside_down(boxes, turns, mirrored, size) -> np.ndarray:
    return _clockwise(_clockwise(mirror(boxes, size), 2, size) if mirrored else boxes, turns, size)


def _back_crossed(boxes, turns, mirrored, size) -> np.ndarray:
    """Each corner is moved as a point and keeps its place in the row."""
    x1, y1, x2, y2 = boxes.T
    if mirrored:
        x1, x2 = size - x1, size - x2
    for _ in range(turns):
        x1, y1, x2, y2 = size - y1, x1, size - y2, x2
    return np.stack([x1, y1, x2, y2], axis=1)


def _turn_edges() -> list[Case]:
    near_corner = np.array([[10.0, 20, 40, 80]])
    cases: list[Case] = [(near_corner, turns, mirrored, 320) for turns in range(4) for mirrored in (False, True)]
    several = np.array([[0, 0, 96, 96], [3.5, 10.25, 20, 90], [50, 1, 95.5, 2], [10, 20, 40, 80]])
    cases += [(several, turns, mirrored, 96) for turns in (1, 2, 3) for mirrored in (False, True)]
    return [*cases, (np.zeros((0, 4)), 1, True, 320)]


def _turn_random(rng: Generator) -> list[Case]:
    return [_random_turn(rng) for _ in range(3)]


def _random_turn(rng: Generator) -> Case:
    corner = rng.uniform(0, 60, (4, 2)).round(1)
    found = np.concatenate([corner, corner + rng.uniform(5, 35, (4, 2)).round(1)], axis=1)
    return found, int(rng.integers(1, 4)), bool(rng.random() < 0.5), 96


LESSON = Lesson(
    16,
    [
        Exercise(
            id="table-row",
            title="A row of the results table",
            points=2,
            reference=_row,
            edges=_row_edges,
            random=_row_random,
            misconceptions={
                "Precision and recall are right, but you made F1 out of their averages. Each class has an F1 of its "
                "own; the table shows the average of those.": _row_f1_of_means,
                "You threw all classes into one pot (that is the micro average). The table is an average over the "
                "classes: score each of them first.": _row_micro,
                "You kept every detection. Those below the cut-off were never said: drop them before you count.": (
                    _row_without_cutoff
                ),
                "A score equal to the cut-off is kept: use >=.": _row_above_cutoff,
                "A piece that only a dropped detection had found is missed. Take the FN from the TP that are left: "
                "pieces - tp.": _row_missed_before_cutoff,
                "You left out a class that was never named. All its pieces are missed, and it counts, with "
                "zeros.": _row_of_the_named,
                "You took the sum over the classes. The macro average is their mean.": (
                    lambda labels, scores, found, pieces, cutoff: (
                        _row(labels, scores, found, pieces, cutoff) * len(pieces)
                    )
                ),
                "Precision and recall have changed places.": (
                    lambda labels, scores, found, pieces, cutoff: _row(labels, scores, found, pieces, cutoff)[[1, 0, 2]]
                ),
                "Classes with more pieces weigh more in your average. In the macro average each class weighs the "
                "same.": _row_weighted,
                "You divided the TP by all pieces of all classes, or compared with all detections: each class has its "
                "own number.": _row_of_all_pieces,
                "A score without a value counts as 0 here, not as 1: nobody has earned it.": (
                    lambda *given: _row_of(*_counts(*given), 1.0)
                ),
                "You left the scores without a value out of the average. They count as 0, so that each average is over "
                "all classes.": _row_without_gaps,
                "A class that was never named divides 0 by 0, and its NaN spreads to the average. Such a score counts "
                "as 0 here.": _row_nan,
                "A class that was never named divides 0 by 0, and its NaN spreads through F1 to the averages. Such a "
                "score counts as 0 here.": _row_nan_f1,
            },
            hints=(
                "What are TP, FP and FN of *one* class?",
                "A loop over the classes that gives three scores each, then three means. Where may a division be 0 "
                "by 0?",
                "Kept are the detections of class k whose score reaches the cut-off. TP: those of them that found a "
                "piece. FP: the others. FN: pieces of class k less TP. Precision, recall and F1 from the counts, 0 "
                "where the divisor is 0; at last the mean of each over the classes.",
            ),
        ),
        Exercise(
            id="paired-bootstrap",
            title="Differences of macro F1 on resampled plates",
            points=3,
            shortcuts=("scipy.stats.bootstrap",),
            reference=_paired,
            edges=_paired_edges,
            random=_paired_random,
            misconceptions={
                "Only one of the two models got the draw, the other was judged on all plates. Paired means: the same "
                "plates for both, each time.": _paired_half,
                "The sign is the wrong way round: the second model's F1 less the first one's.": _paired_swapped,
                "You scored each plate and averaged over the plates. Add up the counts of the drawn plates first, then "
                "score each class, then average.": _paired_over_plates,
                "You added up the classes as well. The table's F1 is the average over the classes of their F1.": (
                    _paired_micro
                ),
                "You made F1 out of the mean precision and recall. Each class has an F1 of its own; take the mean of "
                "those.": _paired_f1_of_means,
                "You left a class without any counts out of the mean. It counts, with 0.": _paired_of_the_named,
                "The two models were judged on different draws. Paired means: on the same plates, each "
                "time.": _paired_unlike,
                "Both models were judged on all plates, whatever the draw.": (
                    lambda first, second, draws: np.full(
                        len(draws), bootstrap.macro_f1(second.sum(axis=0)) - bootstrap.macro_f1(first.sum(axis=0))
                    )
                ),
                "That is the score of the second model alone. Take that of the first one on the same draw away.": (
                    lambda first, second, draws: bootstrap.macro_f1(second[draws].sum(axis=1))
                ),
                "A plate that was drawn twice counts twice. Without that every draw would only leave plates out.": (
                    _paired_once
                ),
            },
            hints=(
                "What is the macro F1 of one model on the plates of one draw?",
                "A small function: from counts (plates, classes, 3) to one number. Then a loop over the draws that "
                "calls it twice.",
                "second[draw] has the plates of a draw, one drawn twice is in it twice. Add up over the plates; F1 of "
                "each class is 2 TP / (2 TP + FP + FN), 0 where nothing was counted; the mean over the classes. "
                "Second less first.",
            ),
        ),
        Exercise(
            id="recall-by-occlusion",
            title="Recall by hidden share",
            points=2,
            reference=_by_bin,
            edges=_bin_edges,
            random=_bin_random,
            misconceptions={
                "Your numbers say how the found pieces spread over the bins. Recall asks, within a bin, which share of "
                "*its* pieces was found.": lambda found, hidden, edges: _hits(found, hidden, edges) / found.sum(),
                "You divided by the number of all pieces. Each bin has its own: divide by how many pieces are in it.": (
                    lambda found, hidden, edges: _hits(found, hidden, edges) / len(found)
                ),
                "A piece on an edge belongs to the bin below: low < hidden <= high.": _by_bin_between(
                    lambda hidden, low, high: (hidden >= low) & (hidden < high)
                ),
                "Pieces that nothing hides have fallen out: 0 is not larger than 0. The first bin holds its lower "
                "edge, too.": _by_bin_between(lambda hidden, low, high: (hidden > low) & (hidden <= high)),
                "Your bins have no lower edge: each holds all pieces below its upper one.": _by_bin_between(
                    lambda hidden, low, high: hidden <= high
                ),
                "Every bin holds both of its edges, so that a piece on an edge is counted twice. Only the first one "
                "holds its lower edge.": _by_bin_between(lambda hidden, low, high: (hidden >= low) & (hidden <= high)),
                "Those are the found pieces of each bin: divide by how many pieces are in it.": _hits,
                "A bin without pieces has no recall. 0 would say that all of them were missed: use NaN.": (
                    lambda found, hidden, edges: np.nan_to_num(_by_bin(found, hidden, edges))
                ),
            },
            hints=(
                "Which pieces belong to a bin, and which of them were found?",
                "A loop over neighbouring edges. A bin is a mask over the pieces: two comparisons, joined with &. And "
                "the first bin?",
                "Inside is who lies above the lower edge and not above the upper one; in the first bin also who lies "
                "on the lower one. Recall is the mean of found over those; NaN if there are none.",
            ),
        ),
        Exercise(
            id="name-the-error",
            title="The kind of an error",
            points=2,
            reference=_name,
            edges=_name_edges,
            random=_name_random,
            misconceptions={
                "You looked only at the piece that overlaps most. If a piece of the detection's own class is near, "
                "that one was meant, even when a neighbour overlaps more.": _name_by_nearest,
                "A second piece of its class that is merely near does not matter. The largest IoU with its class "
                "decides: is that one below the threshold?": _name_any_near,
                "You asked for duplicates too early. A detection that also fits a piece of another class counts as a "
                '"classification" error.': _name_duplicate_first,
                'A wrong name and a loose outline are two faults: that is "both". "classification" is for outlines '
                "that reach the threshold.": _name_any_class,
                "Both limits count as reached: use >= for threshold and near.": _name_strictly,
                "The best piece of its class may be taken while another one, still free, reaches the threshold as "
                'well: that is "right".': _name_best_only,
                'That piece is taken: a surer detection found it before. The second one is a "duplicate", not '
                '"right".': _name_twice_right,
                "The largest IoU with its class lies *above* the threshold, so the outline is not to blame. A "
                "localisation error is near and below the threshold.": _name_localised_without_limit,
                "A detection that fits a piece of another class, and is near one of its own, was meant for its own: "
                "localisation is asked for before classification.": _name_class_first,
                "A detection of a piece that is taken is no invention: something is there. It is a "
                '"duplicate".': _name_renamed("duplicate", "background"),
                "Near is not nothing. With IoU from near up to the threshold, a detection of the right class is a "
                '"localisation" error.': _name_renamed("localisation", "background"),
            },
            hints=(
                "Which pieces was this detection meant for, by its name? And which of those are still free?",
                "Split the IoUs in two with truth_labels == label. A chain of ifs, each with a return, asks about the "
                "largest IoU of one part; max(initial=0) also works when a part is empty.",
                "In this order: a free piece of its class at the threshold? Its largest IoU with its class near, but "
                "below the threshold? Another class at the threshold? Its own class at the threshold (all taken)? All "
                "below near? What is left is both.",
            ),
        ),
        Exercise(
            id="turn-back",
            title="Boxes of a turned photo",
            points=2,
            reference=_back,
            edges=_turn_edges,
            random=_turn_random,
            misconceptions={
                "You turned on in the same direction. The view was made by turning anticlockwise; the way back is "
                "clockwise.": _back_on,
                "The view was turned first and mirrored last. On the way back the mirror comes first.": (
                    _back_mirror_last
                ),
                "You mirrored top to bottom. Left to right leaves y alone and makes size - x of x.": _back_upside_down,
                "The corners are in the right places, but x1 < x2 or y1 < y2 is lost: after a mirror the left edge is "
                "the right one. Let them change places.": _back_crossed,
                "A box ends at the edge of a pixel, not in its middle: the far border of the photo is at size, not at "
                "size - 1.": lambda boxes, turns, mirrored, size: _back(boxes, turns, mirrored, size - 1),
                "You mirrored, but did not turn back.": (
                    lambda boxes, turns, mirrored, size: _back(boxes, 0, mirrored, size)
                ),
                "You mirrored each box, whether `mirrored` says so or not.": (
                    lambda boxes, turns, mirrored, size: _back(boxes, turns, True, size)
                ),
                "You forgot the mirror.": lambda boxes, turns, mirrored, size: _back(boxes, turns, False, size),
                "You turned by one quarter, whatever turns says.": (
                    lambda boxes, turns, mirrored, size: _back(boxes, min(turns, 1), mirrored, size)
                ),
            },
            hints=(
                "Which of the two, the turn or the mirror, was done last? What must be undone first?",
                "A mirror moves x only. A quarter turn back is clockwise, done as many times as `turns` says. Each "
                "gives a new left, upper, right and lower side: draw a square to see which.",
                "Mirrored: what was the right side, size - x2, is the left one. One quarter clockwise takes a point "
                "(x, y) to (size - y, x), so the lower side becomes the left one. Do not write into boxes.",
            ),
        ),
    ],
)

check = LESSON.check
