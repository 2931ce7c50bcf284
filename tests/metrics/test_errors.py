"""One detection of each kind of error, what mending it brings, and the ceiling of suppression."""

import itertools

import numpy as np
import pytest
from random_sets import CLASSES, Recipe, make

from course_utils import boxes
from course_utils.errors import CourseError
from course_utils.metrics.errors import KINDS, find_errors
from course_utils.metrics.evaluation import evaluate_images
from course_utils.metrics.instances import Detections, GroundTruth
from course_utils.metrics.nms_ceiling import nms_survivors

# Four objects in a row, of classes 1, 1, 2 and 2, far apart; the last is not found by anybody.
OBJECTS = np.array([[0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10], [60, 0, 70, 10]], float)
TRUTH = GroundTruth([1, 1, 2, 2], OBJECTS)


def moved(k: int, by: float) -> np.ndarray:
    return OBJECTS[k] + [by, 0, by, 0]


ONE_OF_EACH = (
    (1, moved(0, 0), 0.9, "right", 0),
    (1, moved(0, 1), 0.8, "duplicate", 0),
    (1, moved(1, 5), 0.7, "localisation", 1),  # IoU 1/3
    (1, moved(2, 1), 0.6, "classification", 2),
    (1, moved(2, 5), 0.5, "both", 2),
    (2, np.array([90.0, 90, 95, 95]), 0.4, "background", -1),
)
LABELS, PLACES, SCORES, NAMES, TARGETS = map(list, zip(*ONE_OF_EACH, strict=True))
IMAGE = TRUTH, Detections(LABELS, np.array(PLACES), SCORES)


def test_one_of_each():
    errors = find_errors([IMAGE])
    assert errors.kind.tolist() == NAMES
    assert errors.target.tolist() == TARGETS
    assert errors.missed.tolist() == [False, False, False, True]
    assert errors.counts == dict.fromkeys(KINDS, 1)


def test_mending_by_hand():
    errors = find_errors([IMAGE])
    # Class 1: right, then four wrong; one of two objects, at precision 1: 51 of 101 points. Class 2: nothing.
    assert errors.average_precision() == pytest.approx((51 / 101 + 0) / 2)
    costs = errors.costs
    # Class 1 finds its second object as third detection: 50 points at 2/3.
    assert costs["localisation"] == pytest.approx(50 * 2 / 3 / 101 / 2)
    # The fourth detection moves to class 2, is its surest and right: 51 points at 1.
    assert costs["classification"] == pytest.approx(51 / 101 / 2)
    # Class 1 has no further object found, so dropping wrong detections changes nothing; class 2 still finds nothing.
    assert (costs["duplicate"], costs["both"], costs["background"]) == (0, 0, 0)
    assert costs["missed"] == 0


def test_a_mended_error_cannot_find_an_object_twice():
    image = TRUTH, Detections([1, 1, 1], np.array([moved(1, 5), moved(1, 4), moved(1, 0)]), [0.9, 0.8, 0.7])
    errors = find_errors([image])
    assert errors.kind.tolist() == ["localisation", "localisation", "right"]
    # Object 1 is taken by the third; mending drops the first two.
    assert errors.average_precision("localisation") == pytest.approx(51 / 101 / 2)
    # Of two for one free object the surest counts: the wrong one at 0.85 comes after it, not before.
    nowhere = np.array([90.0, 90, 95, 95])
    free = find_errors(
        [(TRUTH, Detections([1, 1, 1], np.array([moved(1, 5), nowhere, moved(1, 4)]), [0.8, 0.85, 0.9]))]
    )
    assert free.average_precision("localisation") == pytest.approx(51 / 101 / 2)


def test_an_object_goes_to_the_surest_error_of_both_kinds():
    # Both were meant for object 1; the surer one has its class wrong, so that a better outline alone gains nothing.
    image = TRUTH, Detections([2, 1], np.array([moved(1, 1), moved(1, 5)]), [0.9, 0.8])
    errors = find_errors([image])
    assert errors.kind.tolist() == ["classification", "localisation"]
    assert errors.average_precision("localisation") == errors.average_precision() == 0
    assert errors.average_precision("classification") == pytest.approx(51 / 101 / 2)


@pytest.mark.parametrize("seed", range(6))
def test_every_detection_is_one_thing_and_the_average_precision_is_cocos(seed):
    images = make(Recipe(seed, images=5, crowd_rate=0), "masks")
    # Which of two equal scores comes first is left open here, so that they must differ.
    untied = [(truth, untie(found, k)) for k, (truth, found) in enumerate(images)]
    errors, coco = find_errors(untied), evaluate_images(untied, [0.5], areas={"all": (0, 1e10)}, classes=CLASSES)
    assert set(errors.kind) <= {"right", *KINDS}
    assert errors.average_precision() == pytest.approx(coco.average_precision(), rel=1e-9)
    assert all(cost >= -1e-12 for kind, cost in errors.costs.items() if kind not in ("missed", "classification"))


def untie(found: Detections, seed: int) -> Detections:
    scores = np.random.default_rng(seed).permutation(len(found)) / max(len(found), 1)
    return Detections(found.labels, found.regions, scores, found.areas)


def test_a_crowd_is_no_object_and_low_scores_are_left_out():
    truth = GroundTruth([1, 1], OBJECTS[:2], crowd=[True, False])
    errors = find_errors([(truth, Detections([1, 1], OBJECTS[:2], [0.9, 0.3]))], min_score=0.5)
    assert (errors.kind.tolist(), errors.missed.tolist()) == ([], [True])
    assert find_errors([]).counts == dict.fromkeys(KINDS, 0)
    assert np.isnan(find_errors([]).average_precision())
    nowhere = find_errors([(GroundTruth([], []), Detections([1], OBJECTS[:1], [0.5]))])
    assert nowhere.kind.tolist() == ["background"]


@pytest.mark.parametrize(("threshold", "near"), [(0.5, 0.6), (1.5, 0.1), (0.5, 0)])
def test_thresholds_out_of_order(threshold, near):
    with pytest.raises(CourseError, match="must rise"):
        find_errors([IMAGE], threshold, near=near)


def test_two_equal_boxes_closer_than_a_third_of_a_width():
    for distance, survivors in ((3.0, 1), (3.4, 2)):
        pair = np.array([[0, 0, 10, 10], [distance, 0, 10 + distance, 10]])
        assert nms_survivors(pair, [1, 1]).sum() == survivors
        assert nms_survivors(pair, [1, 2]).sum() == 2
    assert nms_survivors(np.zeros((0, 4)), []).tolist() == []


@pytest.mark.parametrize("seed", range(8))
def test_no_larger_set_survives(seed):
    rng = np.random.default_rng(seed)
    corners = rng.uniform(0, 6, (9, 2))
    heap, labels = np.hstack([corners, corners + 10]), rng.integers(1, 3, 9)
    kept = nms_survivors(heap, labels)
    iou = boxes.iou(heap, heap) * (labels[:, None] == labels)

    def peaceful(chosen) -> bool:
        return all(iou[a, b] <= 0.5 for a, b in itertools.combinations(chosen, 2))

    assert peaceful(np.flatnonzero(kept))
    largest = max(n for n in range(10) if any(map(peaceful, itertools.combinations(range(9), n))))
    assert kept.sum() == largest < 9
