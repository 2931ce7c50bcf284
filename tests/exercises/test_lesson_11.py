"""The fixed cases of lesson 11 refuse wrong answers that look right on small masks and full plates."""

import numpy as np
import pytest

from course_utils.exercises.core import judge
from course_utils.exercises.lesson_11 import LESSON


def iou_in_bytes(predictions, truths):
    x, y = (stack.reshape(len(stack), np.prod(stack.shape[1:])).astype(np.uint8) for stack in (predictions, truths))
    shared = x @ y.T
    return shared / np.maximum(x.sum(axis=1)[:, None] + y.sum(axis=1) - shared, 1)


def iou_in_halves(predictions, truths):
    x, y = (stack.reshape(len(stack), np.prod(stack.shape[1:])).astype(np.float16) for stack in (predictions, truths))
    shared = x @ y.T
    return shared / np.maximum(x.sum(axis=1)[:, None] + y.sum(axis=1) - shared, 1)


def match_in_place(iou, scores, labels, truth_labels, threshold):
    truth_of = np.full(len(scores), -1)
    for d in np.argsort(-scores, kind="stable"):
        iou[d, truth_labels != labels[d]] = 0
        if iou[d].max(initial=0) >= threshold:
            truth_of[d] = iou[d].argmax()
            iou[:, truth_of[d]] = 0
    return truth_of


def match_on_full_plates(iou, scores, labels, truth_labels, threshold):
    truth_of, taken = np.full(len(scores), -1), np.zeros(len(truth_labels), bool)
    for d in np.argsort(-scores, kind="stable"):
        row = np.where(truth_labels == labels[d], iou[d], -1.0)
        row[taken] = -1
        g = row.argmax()
        if row[g] >= threshold:
            truth_of[d], taken[g] = g, True
    return truth_of


def overlap_cut_off_once(a, b):
    width, height = max(min(a[2], b[2]) - max(a[0], b[0]), 0), min(a[3], b[3]) - max(a[1], b[1])
    areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return width * height / (areas - width * height)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("box-iou", overlap_cut_off_once),
        ("mask-iou", iou_in_bytes),
        ("mask-iou", iou_in_halves),
        ("greedy-match", match_in_place),
        ("greedy-match", match_on_full_plates),
    ],
)
def test_what_fails_on_real_plates_is_refused(name, answer):
    assert judge(LESSON[name], answer).status == "wrong"


def iou_by_product(predictions, truths):
    x, y = (stack.reshape(len(stack), np.prod(stack.shape[1:])).astype(float) for stack in (predictions, truths))
    shared = x @ y.T
    return shared / np.maximum(x.sum(axis=1)[:, None] + y.sum(axis=1) - shared, 1)


def iou_in_lists(predictions, truths):
    return [[(p & t).sum() / max((p | t).sum(), 1) for t in truths] for p in predictions]


def counts_in_a_list(truth_of, truth_count):
    found = np.sum(np.asarray(truth_of) >= 0)
    return [found, len(truth_of) - found, truth_count - found]


@pytest.mark.parametrize(
    ("name", "answer"),
    [("mask-iou", iou_by_product), ("mask-iou", iou_in_lists), ("count-outcomes", counts_in_a_list)],
)
def test_other_right_ways_pass(name, answer):
    assert judge(LESSON[name], answer).status == "right"


def test_an_answer_that_crashes_where_a_mistake_gives_an_array_gets_a_card():
    def every_second_crashes(predictions, truths):
        return iou_by_product(predictions, truths)[0, 0] if len(predictions) == len(truths) else 1 / 0

    assert judge(LESSON["mask-iou"], every_second_crashes).status == "wrong"
