"""Lesson 13's toy worked out on paper, its four traps, and its split beside pycocotools."""

from fractions import Fraction

import numpy as np
import pytest

from course_utils.exercises.lesson_13 import LABELS, LESSON, TAHU, curves, ranked, toy, validation
from course_utils.exercises.traps_13 import pycocotools_lines, strange_numbers, val_file
from course_utils.metrics import average_precision as ap
from course_utils.metrics.batch import match_images
from course_utils.metrics.coco import results
from course_utils.metrics.evaluation import evaluate_images

# Precision after each right detection of the toy; the recalls are 1/8, 2/8, ..., 6/8.
AT_FINDS = [Fraction(1), Fraction(1), Fraction(3, 4), Fraction(4, 7), Fraction(5, 8), Fraction(6, 10)]


def toy_curve():
    right, scores, objects = ranked(match_images(toy(), [0.5]), TAHU, 0)
    return right, scores, objects, ap.precision_recall_curve(right, scores, objects)


def test_the_toy_is_twelve_plates_with_the_verdicts_of_the_text():
    right, scores, objects, _ = toy_curve()
    assert (len(toy()), objects, len(scores)) == (12, 8, 10)
    assert right[np.argsort(-scores)].tolist() == [True, True, False, True, False, False, True, True, False, True]


def test_the_toy_on_paper():
    right, scores, objects, curve = toy_curve()
    best = [max(AT_FINDS[k:]) for k in range(6)]
    assert ap.step_ap(right, scores, objects) == pytest.approx(float(sum(AT_FINDS) / 8))
    assert ap.voc_2010_ap(*curve) == pytest.approx(float(sum(best) / 8))
    # Recall 0, .1 (1/8), .2 (2/8) | .3 (3/8) | .4, .5 (4/8), .6 (5/8) | .7 (6/8)
    eleven = 3 * best[0] + best[2] + 3 * best[4] + best[5]
    assert ap.voc_2007_ap(*curve) == pytest.approx(float(eleven / 11))
    # 26 of 101 points up to 2/8, 12 more up to 3/8, 25 up to 5/8, 13 up to 6/8.
    all_points = 26 * best[0] + 12 * best[2] + 25 * best[4] + 13 * best[5]
    assert ap.coco_ap(*curve) == pytest.approx(float(all_points / 101))


def test_the_last_case_of_the_exercise_is_pycocotools_number():
    exercise = LESSON["coco-map"]
    (split,) = exercise.draw_cases(1)[-1]
    truth, found = validation()
    theirs = pycocotools_lines(val_file(), results(found))
    assert exercise.reference(split) == pytest.approx(theirs[0], rel=1e-12)
    pairs = list(zip(truth.values(), found.values(), strict=True))
    assert evaluate_images(pairs, classes=LABELS).average_precision() == theirs[0]
    assert len(curves(match_images(pairs, classes=LABELS))) == len(LABELS)


def test_every_trap_bites():
    numbers = strange_numbers()
    for what, one, another in numbers:
        assert abs(one - another) > 0.002, what
    perfect = numbers[0]
    assert perfect[1] == pytest.approx(1) and perfect[2] < 0.95
