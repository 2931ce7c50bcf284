"""Precision, recall and F1: an example by hand, scikit-learn's numbers and its zero division."""

import numpy as np
import pytest
from random_sets import CLASSES, Recipe, make
from sklearn.metrics import f1_score, precision_score, recall_score

from course_utils.errors import CourseError
from course_utils.metrics.batch import match_images
from course_utils.metrics.instances import Detections, GroundTruth
from course_utils.metrics.matching import match_image
from course_utils.metrics.scores import count_matches, f1, precision, recall, score_images

LEFT, RIGHT, TOP = [0, 0, 10, 10], [20, 0, 30, 10], [0, 20, 10, 30]
PLATE = (
    GroundTruth([1, 1, 2], np.array([LEFT, RIGHT, TOP])),
    Detections([1, 1, 2, 2], np.array([LEFT, TOP, TOP, RIGHT]), [0.9, 0.8, 0.7, 0.3]),
)


def test_a_plate_by_hand():
    scores = score_images([PLATE], threshold=0.5, min_score=0.5)
    assert (scores.tp.tolist(), scores.fp.tolist(), scores.fn.tolist()) == ([1, 1], [1, 0], [1, 0])
    assert scores.precision.tolist() == [0.5, 1]
    assert scores.recall.tolist() == [0.5, 1]
    assert scores.macro == {"precision": 0.75, "recall": 0.75, "f1": 0.75}
    assert scores.micro == pytest.approx({"precision": 2 / 3, "recall": 2 / 3, "f1": 2 / 3})
    assert score_images([PLATE], min_score=0.0).fp.tolist() == [1, 1]


def as_rows(scores):
    """One row for each right detection, wrong detection and missed object: what was there, what was said."""
    kinds = ((scores.tp, 1, 1), (scores.fp, 0, 1), (scores.fn, 1, 0))
    there, said = [], []
    for counts, truth, answer in kinds:
        for label, count in enumerate(counts):
            row = np.eye(len(counts), dtype=int)[label]
            there += [row * truth] * count
            said += [row * answer] * count
    return np.array(there), np.array(said)


@pytest.mark.parametrize("zero_division", [0.0, 1.0, np.nan])
@pytest.mark.parametrize("seed", range(5))
def test_scores_are_scikit_learns(seed, zero_division):
    images = make(Recipe(seed, images=3, classes=2), "boxes")  # classes 3 and 5: wrong detections only, and nothing
    scores = score_images(images, 0.6, 0.4, classes=CLASSES, zero_division=zero_division)
    there, said = as_rows(scores)
    for mine, theirs in (("precision", precision_score), ("recall", recall_score), ("f1", f1_score)):
        each = theirs(there, said, average=None, zero_division=zero_division)
        assert np.allclose(getattr(scores, mine), each, rtol=1e-12, equal_nan=True)
        macro = theirs(there, said, average="macro", zero_division=zero_division)
        assert scores.macro[mine] == pytest.approx(macro, rel=1e-12, nan_ok=True)
        micro = theirs(there, said, average="micro", zero_division=zero_division)
        assert scores.micro[mine] == pytest.approx(micro, rel=1e-12, nan_ok=True)


def test_one_matching_serves_every_cut_off():
    images = make(Recipe(8, images=5), "masks")
    matches = match_images(images, [0.5], classes=CLASSES)
    for cut_off in (0.0, 0.3, 0.5, 0.9):
        scores = count_matches(matches, 0.5, cut_off)
        singles = [match_image(*image, 0.5, min_score=cut_off) for image in images]
        assert scores.tp.sum() == sum(len(single.true_positives) for single in singles)
        assert scores.fp.sum() == sum(len(single.false_positives) for single in singles)
        assert scores.fn.sum() == sum(len(single.false_negatives) for single in singles)


def test_plain_counts():
    assert precision([3, 0], [1, 0]).tolist() == [0.75, 0]
    assert recall(3, 0).item() == 1
    assert f1([0, 2], [0, 1], [0, 1], zero_division=1).tolist() == [1, 2 / 3]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"min_score": 2}, "cut-off is 2"),
        ({"zero_division": 0.5}, "zero_division is 0.5"),
        ({"threshold": -1}, "0 to 1"),
    ],
)
def test_bad_input_is_named(options, words):
    with pytest.raises(CourseError, match=words):
        score_images([PLATE], **options)
