"""Matching by hand-known examples, and one image at a time beside a whole data set at once."""

import numpy as np
import pytest
from random_sets import CLASSES, Recipe, make

from course_utils.errors import CourseError
from course_utils.metrics.batch import match_images
from course_utils.metrics.instances import Detections, GroundTruth
from course_utils.metrics.matching import match, match_image, match_thresholds, rank_in_class
from course_utils.metrics.rounds import match_greedily

BOX, SHIFTED, FAR = [0, 0, 10, 10], [2, 0, 12, 10], [30, 30, 40, 40]  # IoU of the first two: 8 / 12


def test_the_surest_chooses_first_even_when_a_later_one_fits_better():
    matching = match(np.array([[0.6], [0.9]]), np.array([0.8, 0.7]))
    assert matching.truth_of.tolist() == [0, -1]
    assert matching.detection_of.tolist() == [0]
    assert (matching.true_positives.tolist(), matching.false_positives.tolist()) == ([0], [1])


def test_equal_scores_keep_their_order_and_equal_overlaps_take_the_last():
    matching = match(np.full((2, 3), 0.7), np.array([0.5, 0.5]))
    assert matching.truth_of.tolist() == [2, 1]
    assert matching.false_negatives.tolist() == [0]


def test_an_ignored_truth_is_second_choice_and_its_detection_counts_nowhere():
    iou, ignored = np.array([[0.6, 0.9], [0.6, 0.9]]), np.array([False, True])
    matching = match(iou, np.array([0.9, 0.8]), ignored=ignored)
    assert matching.truth_of.tolist() == [0, 1]
    assert matching.ignored_detections.tolist() == [False, True]
    assert not len(matching.false_positives) and not len(matching.false_negatives)


def test_a_crowd_takes_many():
    matching = match(np.array([[0.9], [0.8], [0.2]]), np.array([0.9, 0.8, 0.7]), crowd=np.array([True]))
    assert matching.truth_of.tolist() == [0, 0, -1]
    assert matching.false_positives.tolist() == [2]


def test_overlap_on_the_threshold_counts_and_a_perfect_one_counts_at_one():
    iou = np.array([[0.5]])
    assert [m.truth_of.tolist() for m in match_thresholds(iou, np.ones(1), (0.5, 0.55))] == [[0], [-1]]
    assert match(np.array([[1 - 1e-12]]), np.ones(1), 1.0).truth_of.tolist() == [0]


def test_only_equal_labels_match():
    truth = GroundTruth([1, 2], np.array([BOX, FAR]))
    found = Detections([2, 1], np.array([BOX, SHIFTED]), [0.9, 0.8])
    matching = match_image(truth, found)
    assert matching.truth_of.tolist() == [-1, 0]
    assert matching.false_negatives.tolist() == [1]


def test_score_cut_off_limit_and_area():
    truth = GroundTruth([1, 1], np.array([BOX, FAR]), areas=[100.0, 5000.0])
    found = Detections([1, 1], np.array([BOX, FAR]), [0.4, 0.9])
    assert match_image(truth, found, min_score=0.5).true_positives.tolist() == [1]
    assert match_image(truth, found, max_detections=1).true_positives.tolist() == [1]
    small = match_image(truth, found, area_range=(0, 100))
    assert (small.true_positives.tolist(), small.false_positives.tolist()) == ([0], [])
    assert rank_in_class([1, 2, 1], [0.1, 0.5, 0.9]).tolist() == [1, 0, 0]


@pytest.mark.parametrize("kind", ["boxes", "masks"])
@pytest.mark.parametrize("seed", range(6))
def test_a_data_set_at_once_matches_like_one_image_at_a_time(kind, seed):
    images = make(Recipe(seed, images=4, crowd_rate=0.3), kind)
    thresholds, ranges = (0.3, 0.5, 0.75), [(0.0, 1e10), (1000.0, 6000.0)]
    matches = match_images(images, thresholds, area_ranges=ranges, max_detections=2, classes=CLASSES)
    offset = 0
    for number, (truth, found) in enumerate(images):
        mine = matches.image == number
        for a, area_range in enumerate(ranges):
            for t, threshold in enumerate(thresholds):
                single = match_image(truth, found, threshold, area_range=area_range, max_detections=2)
                truth_of = matches.truth_of[a, t, mine]
                assert np.where(truth_of < 0, -1, truth_of - offset).tolist() == single.truth_of.tolist()
                assert matches.ignored[a, t, mine].tolist() == single.ignored_detections.tolist()
                right = np.flatnonzero(matches.true_positive[a, t, mine])
                assert right.tolist() == single.true_positives.tolist()
        offset += len(truth)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("rate", [0.03, 0.15, 0.6])  # of pairs: nearly all simple, some contested, nearly all contested
def test_simple_and_contested_truths_match_like_one_image(rate, seed):
    rng = np.random.default_rng(seed)
    crowd = rng.random(12) < 0.3
    ignored = crowd | (rng.random((2, 12)) < 0.4)
    thresholds, scores = np.array([0.0, 0.3, 0.5, 1.0]), rng.random(30)
    iou = np.where(rng.random((30, 12)) < rate, rng.integers(0, 11, (30, 12)) / 10, -1.0)
    detection, truth = np.nonzero(iou >= 0)
    rank = rank_in_class(np.zeros(30), scores)
    pairs = detection, truth, iou[detection, truth]
    candidates, taken = match_greedily(pairs, np.zeros(30, int), rank, thresholds, crowd, ignored)
    assert candidates.tolist() == np.unique(detection).tolist()
    for a, t in np.ndindex(taken.shape[:2]):
        single = match(iou, scores, thresholds[t], crowd=crowd, ignored=ignored[a])
        assert taken[a, t].tolist() == single.truth_of[candidates].tolist()


def test_of_two_equal_overlaps_the_last_is_taken_also_in_a_data_set():
    truth = GroundTruth([1, 1], np.array([[0, 0, 10, 10], [4, 0, 14, 10]]))
    half_way, on_the_last = [2, 0, 12, 10], [4, 0, 14, 10]
    found = Detections([1, 1], np.array([half_way, on_the_last]), [0.9, 0.8])
    assert match_images([(truth, found)], [0.5]).truth_of.tolist() == [[[1, -1]]]


def test_a_generator_of_images_is_enough():
    images = make(Recipe(1), "boxes")
    once = match_images((pair for pair in images), classes=CLASSES)
    assert np.array_equal(once.truth_of, match_images(images, classes=CLASSES).truth_of)
    assert match_images([]).truth_of.shape == (1, 10, 0)


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (lambda: match(np.zeros((2, 1)), np.zeros(3)), r"iou has shape \(2, 1\) and scores \(3,\)"),
        (lambda: match(np.full((1, 1), np.nan), np.zeros(1)), "NaN"),
        (lambda: match(np.zeros((1, 1)), np.zeros(1), 1.5), "threshold is 1.5"),
        (lambda: match(np.zeros((1, 1)), np.zeros(1), crowd=np.zeros(2)), r"crowd has shape \(2,\)"),
        (lambda: match_images([], [0.5, 2]), r"\[0.5, 2.0\]: give numbers from 0 to 1"),
        (lambda: match_images([], [np.nan]), "give numbers from 0 to 1"),
        (lambda: match_images([]).at(0.42), "nothing was matched at IoU 0.42; there are: 0.50, 0.55"),
    ],
)
def test_bad_input_is_named(action, words):
    with pytest.raises(CourseError, match=words):
        action()


def test_a_label_that_is_no_class_is_named():
    images = [(GroundTruth([1], np.array([BOX]), image=7), Detections([3], np.array([BOX]), [0.9], image=7))]
    with pytest.raises(CourseError, match=r"detections of image 7: label 3 is none of the classes \[1\]"):
        match_images(images)
    assert match_images(images, classes=(1, 3)).false_positive.all()
