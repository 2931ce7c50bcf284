"""The fixed cases of lesson 13 decide, and its traps are traps."""

import numpy as np
import pytest

from course_utils.exercises.core import judge
from course_utils.exercises.lesson_13 import LESSON, validation
from course_utils.exercises.traps_13 import in_other_order, pycocotools_lines, val_file, with_boxes
from course_utils.metrics.coco import results

RECALLS = np.linspace(0, 1, 101)


def mean_ap(curves, reached, without_empty=False):
    means = []
    for curves_of_class in curves:
        if curves_of_class is None:
            continue
        values = [0.0] if without_empty else []
        for precision, recall in curves_of_class:
            if without_empty and not len(precision):
                continue
            values += [precision[reached(recall, r)].max(initial=0) for r in RECALLS]
        means.append(np.mean(values[1:] or values) if without_empty else np.mean(values))
    return float(np.mean(means))


def map_beyond_each_recall(curves):
    return mean_ap(curves, np.greater)


def map_without_empty_curves(curves):
    return mean_ap(curves, np.greater_equal, without_empty=True)


def curve_of_some_order(right, scores, objects):
    found = np.cumsum(right[np.argsort(-scores)])
    return found / np.arange(1, len(right) + 1), found / objects


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("coco-map", map_beyond_each_recall),
        ("coco-map", map_without_empty_curves),
        ("ranked-curve", curve_of_some_order),
    ],
)
def test_what_shows_on_rare_curves_is_refused(name, answer):
    assert judge(LESSON[name], answer).status == "wrong"


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("coco-map", lambda curves: mean_ap(curves, np.greater_equal)),
        ("deck-formula", lambda precision, recall: sum((recall - np.append(recall[1:], 0)) * precision)),
        ("voc-by-hand", [1, 1, 1, 0.75, 0.63, 0.62, 0.625, 0.6, 0, 0, 0]),
    ],
)
def test_other_right_ways_pass(name, answer):
    assert judge(LESSON[name], answer).status == "right"


def test_the_line_that_is_wrong_is_named():
    outcome = judge(LESSON["voc-by-hand"], [1, 1, 1, 0.75, 0.5, 0.625, 0.625, 0.6, 0, 0, 0])
    assert outcome.reason == "your number for recall 0.4 is not right"


def test_order_and_boxes_change_what_pycocotools_says():
    rows = results(validation()[1])
    truth, lost = val_file(), [row | {"score": 1.0} for row in rows]
    assert pycocotools_lines(truth, lost)[1] != pycocotools_lines(*in_other_order(truth, lost))[1]
    assert pycocotools_lines(truth, rows)[4] != pycocotools_lines(truth, with_boxes(rows))[4]
