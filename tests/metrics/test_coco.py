"""Annotations in, results in and out: what is written comes back, and broken files are named."""

import copy
import json
from dataclasses import replace

import numpy as np
import pytest
import theirs
from random_sets import CLASSES, SIZE, Recipe, make

from course_utils import masks
from course_utils.errors import CourseError
from course_utils.metrics.coco import read_results, read_truth, results, summarize, write_results
from course_utils.metrics.evaluation import evaluate_images

IMAGES = make(Recipe(4), "masks")
ANNOTATIONS, RESULTS = theirs.content(IMAGES)


@pytest.mark.parametrize("kind", ["masks", "boxes"])
def test_results_come_back(kind, tmp_path):
    images = make(Recipe(4), kind)
    annotations, _ = theirs.content(images)
    found = {number: detections for number, (_, detections) in enumerate(images, 1)}
    write_results(found, tmp_path / "results.json")
    again = read_results(tmp_path / "results.json", read_truth(annotations, kind))
    assert results(again) == results(found) == theirs.content(images)[1]
    for number, detections in again.items():
        assert detections.labels.tolist() == found[number].labels.tolist()
        assert detections.areas.tolist() == found[number].areas.tolist()


def test_visible_masks_come_back(tmp_path):
    truth = read_truth(ANNOTATIONS)
    _, whole = next(pair for pair in IMAGES if len(pair[1]) > 1)
    number = 1 + [len(pair[1]) > 1 for pair in IMAGES].index(True)
    shown = whole.regions.to_masks().masks.copy()
    shown[:, :, ::2] = False
    write_results({number: replace(whole, visible=shown)}, tmp_path / "results.json")
    again = read_results(tmp_path / "results.json", truth)[number]
    assert np.array_equal(again.visible.to_masks().masks, shown)
    assert np.array_equal(again.regions.to_masks().masks, whole.regions.to_masks().masks)
    rows = json.loads((tmp_path / "results.json").read_text())
    del rows[1]["visible_segmentation"]
    with pytest.raises(CourseError, match=f"detections of image {number}: some have a visible_segmentation, others"):
        read_results(rows, truth)
    for row in rows:
        row.pop("visible_segmentation", None)
    assert read_results(rows, truth)[number].visible is None
    rows[0]["visible_segmentation"] = rows[1]["visible_segmentation"] = {"size": [1, 1], "counts": "1"}
    with pytest.raises(CourseError, match="its masks are .1, 1. high and wide"):
        read_results(rows[:2], truth)


def test_truth_in_the_order_of_ids(tmp_path):
    (tmp_path / "truth.json").write_text(json.dumps(ANNOTATIONS))
    truth = read_truth(tmp_path / "truth.json")
    assert list(truth.images) == sorted(truth.images) == [1, 2, 3, 4]
    assert truth.classes == list(CLASSES)
    assert truth.sizes[1] == SIZE
    pairs = list(truth.pair({3: IMAGES[2][1]}))
    assert [len(found) for _, found in pairs] == [0, 0, len(IMAGES[2][1]), 0]
    assert [len(there) for there, _ in pairs] == [len(there) for there, _ in IMAGES]


def test_polygons_and_plain_run_lengths_are_masks():
    mask = np.zeros(SIZE, bool)
    mask[4:9, 10:30] = True
    forms = [
        [[10, 4, 30, 4, 30, 9, 10, 9]],
        {"size": list(SIZE), "counts": masks.run_lengths(mask)},
        masks.encode(mask),
    ]
    for form in forms:
        content = copy.deepcopy(ANNOTATIONS)
        content["annotations"] = [content["annotations"][0] | {"segmentation": form, "image_id": 1}]
        assert read_truth(content).images[1].regions.areas.tolist() == [100]


def test_a_box_beside_a_mask_does_not_change_its_area():
    square = {"bbox": [0.0, 0.0, 40.0, 40.0], "segmentation": masks.encode(np.tri(*SIZE, dtype=bool))}
    row = {"image_id": 1, "category_id": 1, "score": 1.0, **square}
    truth = read_truth(ANNOTATIONS)
    assert read_results([row], truth)[1].areas.tolist() == [np.tri(*SIZE).sum()]


def test_perfect_detections_score_one_and_no_detections_zero():
    # An empty mask overlaps nothing, so that nobody can find it.
    full = [row for row in ANNOTATIONS["annotations"] if not row["iscrowd"] and masks.decode(row["segmentation"]).any()]
    truth = read_truth(ANNOTATIONS | {"annotations": full})
    rows = [{key: row[key] for key in ("image_id", "category_id", "segmentation")} | {"score": 1.0} for row in full]
    perfect = evaluate_images(truth.pair(read_results(rows, truth)), classes=truth.classes)
    assert perfect.average_precision() == pytest.approx(1)
    assert perfect.average_recall(0.95) == 1
    assert evaluate_images(truth.pair({}), classes=truth.classes).average_precision() == 0
    assert perfect.average_precision(label=CLASSES[-1]) == -1, "a class without objects has no average precision"
    for wrong in ({"threshold": 0.42}, {"area": "huge"}, {"label": 9}, {"max_detections": 5}):
        with pytest.raises(CourseError, match="was not evaluated; there are"):
            perfect.average_precision(**wrong)


def test_one_class_and_one_threshold_are_parts_of_the_mean():
    truth = read_truth(ANNOTATIONS)
    whole = evaluate_images(truth.pair(read_results(RESULTS, truth)), classes=truth.classes)
    each = [whole.average_precision(0.5, label=label) for label in whole.classes.tolist()]
    assert whole.average_precision(0.5) == pytest.approx(np.mean([ap for ap in each if ap >= 0]))


def broken(what: str, **change) -> dict:
    """The annotations with one field of the first record of a kind changed."""
    content = copy.deepcopy(ANNOTATIONS)
    content[what][0] |= change
    return content


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (broken("annotations", id=2), "annotation id 2 occurs twice"),
        (broken("images", id=1), "image id 1 occurs twice"),
        (broken("categories", id=2), "category id 2 occurs twice"),
        (broken("annotations", image_id=99), "item 0 is on image 99"),
        (broken("annotations", category_id=99), "item 0 has category 99"),
        (broken("annotations", area=float("nan")), r"ground truth of image \d: area \d is nan"),
        (broken("annotations", area=None), "area"),
        (broken("annotations", area="x"), "not COCO annotations: ValueError"),
        (broken("annotations", segmentation=[]), r"ground truth of image \d: the segmentation of item \d"),
        (
            ANNOTATIONS | {"images": [{"id": k, "height": 7, "width": 48} for k in range(1, 5)]},
            r"masks are \(40, 48\) high and wide, the image \(7, 48\)",
        ),
        ({"images": []}, "not COCO annotations: KeyError: 'categories'"),
        ([], "not COCO annotations: TypeError"),
    ],
)
def test_broken_annotations_are_named(content, words):
    with pytest.raises(CourseError, match=words):
        read_truth(content)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"image_id": 99}, "results: item 0 is on image 99"),
        ({"category_id": 99}, r"item 0 has category 99; there are \[1, 2, 3, 5\]"),
        ({"score": 1.5}, r"detections of image \d: score 0 is 1.5"),
        ({"score": None}, "score 0 is nan"),
        ({"score": "high"}, "not COCO results: ValueError"),
        ({"score": [0.5]}, "not COCO results: ValueError|scores of shape"),
        ({"segmentation": None}, r"detections of image \d: the segmentation of item cannot be read: TypeError"),
        ({"segmentation": []}, "the segmentation of item cannot be read: IndexError"),
        ({"segmentation": [[1, 2]]}, "the segmentation of item cannot be read: broken polygon: 2 numbers"),
        (
            {"segmentation": {"size": [1, 1], "counts": "0"}},
            r"RLE 0 is broken: it is no mask of 1 x 1 pixels|RLE \d is of",
        ),
        ({"segmentation": {"size": [40, 48], "counts": "04"}}, r"RLE \d is broken: it is no mask of 40 x 48 pixels"),
    ],
)
def test_broken_results_are_named(change, words):
    with pytest.raises(CourseError, match=words):
        read_results([RESULTS[0] | change, *RESULTS[1:]], read_truth(ANNOTATIONS))


def test_files_and_kinds_that_are_none(tmp_path):
    with pytest.raises(CourseError, match="cannot be read: No such file"):
        read_truth(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(CourseError, match="bad.json: not JSON"):
        read_truth(tmp_path / "bad.json")
    with pytest.raises(CourseError, match="kind is 'segm'"):
        read_truth(ANNOTATIONS, "segm")
    with pytest.raises(CourseError, match="no image 77"):
        read_truth(ANNOTATIONS).pair({77: IMAGES[0][1]})


def test_the_twelve_lines_need_cocos_limits(capsys):
    truth = read_truth(ANNOTATIONS)
    values = summarize(evaluate_images(truth.pair({}), classes=truth.classes))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(values) == 12
    assert lines[0] == " Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.000"
    few = evaluate_images(truth.pair({}), classes=truth.classes, max_detections=(1, 100))
    with pytest.raises(CourseError, match="three limits"):
        summarize(few)
