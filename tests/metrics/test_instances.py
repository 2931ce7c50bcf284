"""What detection metrics take in: masks, RLEs and boxes mean the same, and bad ones get one clear error."""

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from random_sets import Recipe, make

from course_utils import boxes, masks
from course_utils.errors import CourseError
from course_utils.metrics.instances import Detections, GroundTruth
from course_utils.metrics.regions import BoxRegions, as_regions, pairwise_iou

MASKS = np.random.default_rng(0).random((5, 9, 13)) < 0.4
BOXES = np.array([[0, 0, 4, 4], [2, 2, 6, 8], [4, 0, 8, 4], [3, 3, 3, 5]], float)


def rles(stack):
    return [masks.encode(mask) for mask in stack]


def test_iou_is_pycocotools_to_the_last_bit_in_every_form():
    crowd = np.array([False, True, False])
    theirs = coco_mask.iou(rles(MASKS), rles(MASKS[:3]), crowd.tolist())
    for first in (MASKS, rles(MASKS)):
        for second in (MASKS[:3], rles(MASKS[:3])):
            assert (pairwise_iou(first, second, crowd) == theirs).all()


def test_box_iou_is_pycocotools_to_the_last_bit():
    xywh = np.random.default_rng(1).random((40, 4)) * 7
    corners = np.hstack([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]])
    regions, crowd = BoxRegions(corners, xywh[:, 2] * xywh[:, 3]), np.arange(40) % 3 == 0
    assert (pairwise_iou(regions, regions, crowd) == coco_mask.iou(xywh, xywh, crowd.tolist())).all()
    assert np.allclose(pairwise_iou(BOXES, BOXES), boxes.iou(BOXES, BOXES))


def test_areas_and_selection():
    many = np.repeat(MASKS, 60, axis=0)  # 300: more than pycocotools counts at once
    for regions in (as_regions(many), as_regions(rles(many))):
        assert regions.areas.tolist() == masks.area(many).tolist()
        assert regions.select([299, 0]).areas.tolist() == masks.area(MASKS[[4, 0]]).tolist()
    assert as_regions(BOXES).areas.tolist() == [16, 24, 16, 0]
    assert as_regions([]).areas.tolist() == []


def test_select_keeps_what_belongs_together():
    _, found = make(Recipe(3, images=1, most_detections=30), "masks")[0]
    chosen = found.select(found.scores > 0.5)
    assert chosen.scores.tolist() == found.scores[found.scores > 0.5].tolist()
    assert chosen.areas.tolist() == chosen.regions.areas.tolist()


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (lambda: GroundTruth([1], MASKS), "ground truth: 5 regions for 1 labels"),
        (lambda: GroundTruth([1.5], BOXES[:1]), "labels of shape .* give .* integers"),
        (lambda: GroundTruth([[1]], BOXES[:1]), r"labels of shape \(1, 1\)"),
        (lambda: GroundTruth([1], BOXES[:1], image=4, areas=[-2]), "ground truth of image 4: area 0 is -2.0"),
        (lambda: GroundTruth([1], BOXES[:1], crowd=[0, 1]), "2 crowd for 1 labels"),
        (lambda: Detections([1], BOXES[:1], [1.2], image="a"), r"detections of image a: score 0 is 1.2; .* \[0, 1\]"),
        (lambda: Detections([1, 1], BOXES[:2], [0.1, np.nan]), "score 1 is nan"),
        (lambda: Detections([1], BOXES[:1], [0.1, 0.2]), "2 scores for 1 labels"),
        (lambda: as_regions(MASKS.astype(float)), "of shape .* and type float64; give boolean masks"),
        (lambda: as_regions(MASKS[0]), r"shape \(9, 13\)"),
        (lambda: as_regions([[0, 0, np.nan, 1]]), "box 0 is .* finite"),
        (lambda: as_regions([[0, 0, 1, 1], [5, 0, 4, 1]]), "box 1 is .* x1 <= x2"),
        (lambda: as_regions([{"size": [2, 2], "counts": [4]}]), "item 0 is no compressed RLE"),
        (lambda: as_regions(rles(MASKS) + rles(MASKS[:, :3])), r"RLE 5 is of size \[3, 13\], RLE 0 of \[9, 13\]"),
        (lambda: pairwise_iou(MASKS, MASKS[:, :3]), r"image of \(9, 13\) .* on \(3, 13\)"),
        (lambda: pairwise_iou(MASKS, BOXES), "compare like with like"),
    ],
)
def test_bad_input_is_named(action, words):
    with pytest.raises(CourseError, match=words):
        action()
