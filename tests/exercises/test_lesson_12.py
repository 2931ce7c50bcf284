"""The fixed cases of lesson 12 refuse wrong answers that show on ties, empty plates and absent classes only."""

import numpy as np
import pytest

from course_utils.exercises.core import judge
from course_utils.exercises.lesson_12 import LESSON


def cut_between_equal_scores(scores, found, truth_count):
    order = np.argsort(-scores)
    f1 = 2 * np.cumsum(found[order]) / (np.arange(1, len(order) + 1) + truth_count)
    return scores[order][np.argmax(f1)]


def macro_of_present_classes(counts):
    each = []
    for tp, fp, fn in counts.sum(axis=0):
        if tp + fp + fn == 0:
            continue
        each.append((tp / max(tp + fp, 1), tp / max(tp + fn, 1), 2 * tp / (2 * tp + fp + fn)))
    return np.mean(each, axis=0)


def count_with_an_index_of_minus_one(labels, fits, truth_labels, ignored, classes):
    counts, taken = np.zeros((classes, 3), int), set()
    for label, truth in zip(labels, fits, strict=True):
        if ignored[truth]:
            continue
        counts[label, int(truth == -1 or truth in taken)] += 1
        taken.add(truth)
    for truth, label in enumerate(truth_labels):
        counts[label, 2] += truth not in taken and not ignored[truth]
    return counts


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("best-cutoff", cut_between_equal_scores),
        ("macro-scores", macro_of_present_classes),
        ("count-per-class", count_with_an_index_of_minus_one),
    ],
)
def test_what_fails_on_rare_plates_is_refused(name, answer):
    assert judge(LESSON[name], answer).status == "wrong"


def cutoff_by_both_scores(scores, found, truth_count):
    values = []
    for cutoff in scores:
        tp = found[scores >= cutoff].sum()
        p, r = tp / (scores >= cutoff).sum(), tp / truth_count
        values.append(2 * p * r / (p + r) if tp else 0)
    return scores[int(np.argmax(values))]


def macro_in_arrays(counts):
    tp, fp, fn = np.moveaxis(counts.sum(axis=0), -1, 0).astype(float)
    with np.errstate(all="ignore"):
        p, r = np.nan_to_num(tp / (tp + fp)), np.nan_to_num(tp / (tp + fn))
        return [p.mean(), r.mean(), np.nan_to_num(2 * p * r / (p + r)).mean()]


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("best-cutoff", cutoff_by_both_scores),
        ("macro-scores", macro_in_arrays),
        ("f1-score", lambda precision, recall: 2 * precision * recall / (precision + recall or 1)),
        ("precision-recall", lambda tp, fp, fn: [tp / max(tp + fp, 1), tp / max(tp + fn, 1)]),
    ],
)
def test_other_right_ways_pass(name, answer):
    assert judge(LESSON[name], answer).status == "right"


def test_no_case_has_two_best_cutoffs():
    """Which of them is asked for would be open, and rounding would decide."""
    for scores, found, count in LESSON["best-cutoff"].edges():
        kept = [scores >= cutoff for cutoff in np.unique(scores)]
        values = sorted(2 * found[some].sum() / (some.sum() + count) for some in kept)
        assert len(values) == 1 or values[-1] - values[-2] > 1e-4
