"""Average precision by hand, as scikit-learn has it, and as COCO's whole evaluation has it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_sets import CLASSES, Recipe, make
from sklearn.metrics import average_precision_score

from course_utils.errors import CourseError
from course_utils.metrics import average_precision as ap
from course_utils.metrics.batch import match_images
from course_utils.metrics.evaluation import evaluate_images
from course_utils.metrics.instances import Detections, GroundTruth

# Right, wrong, right, wrong, right, wrong; five objects, of which two are never found.
RIGHT = np.array([True, False, True, False, True, False])
SCORES = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
OBJECTS = 5


def test_curve_by_hand():
    precision, recall = ap.precision_recall_curve(RIGHT, SCORES, OBJECTS)
    assert precision.tolist() == [1, 1 / 2, 2 / 3, 2 / 4, 3 / 5, 3 / 6]
    assert recall.tolist() == [1 / 5, 1 / 5, 2 / 5, 2 / 5, 3 / 5, 3 / 5]
    assert ap.envelope(precision).tolist() == [1, 2 / 3, 2 / 3, 3 / 5, 3 / 5, 3 / 6]


def test_conventions_by_hand():
    curve = ap.precision_recall_curve(RIGHT, SCORES, OBJECTS)
    # 21 points up to recall .20, 20 up to .40, 20 up to .60, the other 40 are zero.
    assert ap.coco_ap(*curve) == pytest.approx((21 * 1 + 20 * 2 / 3 + 20 * 3 / 5) / 101)
    # Recalls 0, .1, .2 | .3, .4 | .5, .6
    assert ap.voc_2007_ap(*curve) == pytest.approx((3 * 1 + 2 * 2 / 3 + 2 * 3 / 5) / 11)
    assert ap.voc_2010_ap(*curve) == pytest.approx((1 + 2 / 3 + 3 / 5) / 5)
    assert ap.step_ap(RIGHT, SCORES, OBJECTS) == pytest.approx((1 + 2 / 3 + 3 / 5) / 5)


def test_order_of_the_input_does_not_matter_but_that_of_the_scores_does():
    shuffled = np.random.default_rng(0).permutation(6)
    for convention in (ap.coco_ap, ap.voc_2007_ap, ap.voc_2010_ap):
        curve = ap.precision_recall_curve(RIGHT, SCORES, OBJECTS)
        again = ap.precision_recall_curve(RIGHT[shuffled], SCORES[shuffled], OBJECTS)
        turned = ap.precision_recall_curve(RIGHT, -SCORES, OBJECTS)
        assert convention(*curve) == convention(*again) > convention(*turned)


def test_nothing_found_is_zero():
    curve = ap.precision_recall_curve(np.zeros(0, bool), [], 3)
    assert ap.coco_ap(*curve) == ap.voc_2007_ap(*curve) == ap.voc_2010_ap(*curve) == 0
    assert ap.step_ap(np.zeros(0, bool), [], 3) == 0


ANSWERS = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=40)


@settings(deadline=None, derandomize=True, database=None)
@given(ANSWERS)
def test_step_ap_is_scikit_learns_where_every_object_is_found(answers):
    right = np.array([answer for answer, _ in answers])
    scores = np.array([score / 6 for _, score in answers])
    if right.any():
        theirs = average_precision_score(right, scores)
        assert ap.step_ap(right, scores, int(right.sum())) == pytest.approx(theirs, rel=1e-12)


@settings(deadline=None, derandomize=True, database=None)
@given(ANSWERS)
def test_recall_weights_step_ap(answers):
    """Objects that nobody finds shrink every recall by the same share."""
    right = np.array([answer for answer, _ in answers])
    scores = np.array([score / 6 for _, score in answers])
    if right.any():
        found = int(right.sum())
        assert ap.step_ap(right, scores, 2 * found) == pytest.approx(ap.step_ap(right, scores, found) / 2)


def test_curves_give_cocos_average_precision():
    images = make(Recipe(11, images=6, classes=2, crowd_rate=0), "masks")
    matches = match_images(images, [0.5], classes=CLASSES)
    whole = evaluate_images(images, classes=CLASSES)
    for label in CLASSES[:2]:
        mine = np.lexsort((matches.rank, matches.image))  # the order that decides between equal scores
        mine = mine[matches.label[mine] == label]
        objects = int((matches.truth_label == label).sum())
        curve = ap.precision_recall_curve(matches.true_positive[0, 0, mine], matches.score[mine], objects)
        assert ap.coco_ap(*curve) == pytest.approx(whole.average_precision(0.5, label=label), rel=1e-12)


PIECES = np.array([[0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10]])


def test_the_literal_reading_by_hand():
    """Piece 1 is found with IoU 1, piece 2 with 0.8, piece 3 with 0.6; all three detections at each threshold."""
    found = PIECES - np.array([[0, 0, 0, 0], [0, 0, 2, 0], [0, 0, 4, 0]])
    image = GroundTruth([1, 1, 1], PIECES), Detections([1, 1, 1], found, [0.9, 0.3, 0.8])
    matches = match_images([image], [0.5, 0.7, 0.9])
    # Precision and recall are 3/3, 2/3, 1/3: (1 - 2/3) * 1 + (2/3 - 1/3) * 2/3 + 1/3 * 1/3
    assert ap.literal_reading(matches).tolist() == pytest.approx([2 / 3])
    # Above 0.5 two detections are left: precision 2/2, 1/2, 1/2, recall 2/3, 1/3, 1/3.
    assert ap.literal_reading(matches, min_score=0.5).tolist() == pytest.approx([1 / 3 + 0 + 1 / 6])


def test_the_literal_reading_of_perfect_detections_is_one_and_of_no_objects_has_no_value():
    image = GroundTruth([1, 1, 1], PIECES), Detections([1, 1, 1], PIECES, [0.9, 0.3, 0.8])
    assert ap.literal_reading(match_images([image], classes=(1, 2))).tolist() == pytest.approx([1, np.nan], nan_ok=True)
    with pytest.raises(CourseError, match="do not rise"):
        ap.literal_reading(match_images([image], [0.9, 0.5]))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((RIGHT, SCORES[:3], 5), r"scores have shape \(3,\)"),
        ((RIGHT.astype(int), SCORES, 5), "right is int"),
        ((RIGHT, [np.nan] * 6, 5), "score 0 is NaN"),
        ((RIGHT, SCORES, 0), "0 objects"),
        ((RIGHT, SCORES, 2), "3 detections are right but there are only 2 objects"),
    ],
)
def test_bad_input_is_named(arguments, words):
    with pytest.raises(CourseError, match=words):
        ap.precision_recall_curve(*arguments)
