"""Annotations in, results in and out: what is written comes back, and broken files are named."""

import copy
import gzip
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
    assert np.array_equal(again.select([1, 0]).visible.to_masks().masks, shown[[1, 0]])
    rows = json.loads((tmp_path / "results.json").read_text())
    del rows[1]["visible_segmentation"]
    with pytest.raises(CourseError, match=f"detections of image {number}: some have a visible_segmentation, others"):
        read_results(rows, truth)
    for wrong, words in (
        ({"size": [1, 1], "counts": "1"}, r"item 0: its visible_segmentation is of size \[1, 1\]"),
        ({"size": list(SIZE), "counts": "04"}, "item 0: its visible_segmentation is broken: it is no mask of 40 x 48"),
        (None, "item 0: its visible_segmentation is None"),
    ):
        with pytest.raises(CourseError, match=words):
            read_results([rows[0] | {"visible_segmentation": wrong}, *rows[1:]], truth)
    for row in rows:
        row.pop("visible_segmentation", None)
    assert read_results(rows, truth)[number].visible is None


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
    assert read_results([row], truth, box_areas=True)[1].areas.tolist() == [1600]
    maskless = {key: value for key, value in row.items() if key != "bbox"}
    assert read_results([maskless, row], truth, box_areas=True)[1].areas.tolist() == [np.tri(*SIZE).sum()] * 2
    with pytest.raises(CourseError, match='item 1 has no "bbox"'):
        read_results([row, maskless], truth, box_areas=True)


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


def without(what: str, field: str) -> dict:
    """The annotations without one field of the first record of a kind."""
    content = copy.deepcopy(ANNOTATIONS)
    del content[what][0][field]
    return content


def broken(what: str, **change) -> dict:
    """The annotations with one field of the first record of a kind changed."""
    content = copy.deepcopy(ANNOTATIONS)
    content[what][0] |= change
    return content


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (broken("annotations", id=2), 'annotations: the id 2 occurs twice in "annotations"'),
        (broken("images", id=1), 'the id 1 occurs twice in "images"'),
        (broken("categories", id=2), 'the id 2 occurs twice in "categories"'),
        (broken("images", id=[1]), r'item 0 of "images" has the id \[1\]; give a number or a text'),
        (broken("images", id="x"), 'the ids of "images" are texts and numbers mixed'),
        (broken("images", height=-1), "image 4 is -1 high and 48 wide; give whole pixels"),
        (broken("images", height=10**30), "image 4 is 10{30} high and 48 wide"),
        (broken("images", width="48"), "image 4 is 40 high and '48' wide"),
        (broken("categories", id="bun"), "the ids of .categories. are texts and numbers mixed"),
        (ANNOTATIONS | {"categories": [{"id": "bun", "name": "bun"}]}, "category id 'bun' is no whole number"),
        (ANNOTATIONS | {"categories": [{"id": 1}]}, 'item 0 of "categories" has no "name"'),
        (broken("annotations", image_id=99), "annotation 1 is on image 99, which the ground truth does not hold"),
        (broken("annotations", image_id="1"), r"on image '1', which the ground truth does not hold \(it holds 1\)"),
        (broken("annotations", image_id=[1]), r"annotation 1 is on image \[1\], which"),
        (broken("annotations", category_id=99), "annotation 1 has category 99; there are"),
        (broken("annotations", area=float("nan")), "annotation 1: its area is nan; areas are finite"),
        (broken("annotations", area=-1), "annotation 1: its area is -1.0"),
        (broken("annotations", area="x"), "annotation 1: its area is 'x'; give a number"),
        (broken("annotations", iscrowd="0"), "annotation 1: its iscrowd is '0'; give 0 or 1"),
        (broken("annotations", iscrowd=float("nan")), "annotation 1: its iscrowd is nan"),
        (
            broken("annotations", segmentation=[]),
            r"annotation 1: its segmentation is \[\]; it needs an outline or an RLE",
        ),
        (broken("annotations", segmentation=None), "annotation 1: its segmentation is None"),
        (broken("annotations", segmentation={"counts": "0"}), "its segmentation is of size None, the image is"),
        (without("annotations", "segmentation"), 'annotation 1 has no "segmentation"'),
        (without("annotations", "image_id"), 'annotation 1 has no "image_id"'),
        (without("annotations", "id"), 'item 0 of "annotations" has no "id"'),
        (ANNOTATIONS | {"annotations": [5]}, 'item 0 of "annotations" is 5, no record'),
        (
            ANNOTATIONS | {"images": [{"id": k, "height": 7, "width": 48} for k in range(1, 5)]},
            r"annotation 1: its segmentation is of size \[40, 48\], the image is \[7, 48\] \(height, width\)",
        ),
        ({"images": []}, 'no COCO annotations: "categories" is missing or no list'),
        ([], "no COCO annotations: it holds no dictionary but a list"),
    ],
)
def test_broken_annotations_are_named(content, words):
    with pytest.raises(CourseError, match=words):
        read_truth(content)


BROKEN_RESULTS = [
    ({"image_id": 99}, "item 0 is on image 99"),
    ({"category_id": 99}, r"item 0 has category 99; there are \[1, 2, 3, 5\]"),
    ({"score": 1.5}, r"item 0: its score is 1.5; scores lie in \[0, 1\]"),
    ({"score": float("nan")}, "item 0: its score is nan"),
    ({"score": None}, "item 0: its score is None; give a number"),
    ({"score": "0.9"}, "item 0: its score is '0.9'; give a number"),
    ({"score": [0.5]}, r"item 0: its score is \[0.5\]; give a number"),
    ({"segmentation": None}, "item 0: its segmentation is None; it needs an outline or an RLE, or judge boxes"),
    ({"segmentation": []}, r"item 0: its segmentation is \[\]"),
    ({"segmentation": [[1, 2]]}, "item 0: its segmentation cannot be read: broken polygon: 2 numbers"),
    ({"segmentation": {"size": [1, 1], "counts": "0"}}, r"item 0: its segmentation is of size \[1, 1\]"),
    ({"segmentation": {"size": [40, 48], "counts": "04"}}, "item 0: .* broken: it is no mask of 40 x 48 pixels"),
    ({"segmentation": {"size": [40, 48], "counts": [5]}}, "item 0: .* broken RLE: its runs cover 5 pixels"),
]


@pytest.mark.parametrize(("change", "words"), BROKEN_RESULTS)
def test_broken_results_are_named(change, words, tmp_path):
    content = [RESULTS[0] | change, *RESULTS[1:]]
    with pytest.raises(CourseError, match="results: " + words):
        read_results(content, read_truth(ANNOTATIONS))
    (tmp_path / "mine.json").write_text(json.dumps(content))
    with pytest.raises(CourseError, match="mine.json: " + words):
        read_results(tmp_path / "mine.json", read_truth(ANNOTATIONS))


@pytest.mark.parametrize(
    ("box", "words"),
    [
        ([0, 0, -1, 5], r"item 1: its bbox is \[0.0, 0.0, -1.0, 5.0\]; width and height are finite and not negative"),
        ([0, 0, float("inf"), 5], "item 1: its bbox is"),
        ([0, 0, 5], r"item 1: its bbox is \[0, 0, 5\]; give \[x, y, width, height\]"),
        ("0055", "item 1: its bbox is '0055'; give"),
        (["0", 0, 5, 5], r"item 1: its bbox is \['0', 0, 5, 5\]; give"),
    ],
)
def test_broken_boxes_are_named(box, words):
    rows = [{"image_id": 1, "category_id": 1, "score": 0.5, "bbox": each} for each in ([0, 0, 5, 5], box)]
    with pytest.raises(CourseError, match=words):
        read_results(rows, read_truth(theirs.content(make(Recipe(4), "boxes"))[0], "boxes"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (ANNOTATIONS, "no COCO results: they are a list of records .*: these are annotations"),
        ({"image_id": 1}, "no COCO results: .* it holds image_id"),
        (7, "no COCO results: .* it holds int"),
        ([5], "item 0 is 5, no record"),
        ([*RESULTS, {"score": 1}], rf'item {len(RESULTS)} has no "image_id"'),
        ([{"image_id": 1, "category_id": 1, "segmentation": RESULTS[0]["segmentation"]}], 'item 0 has no "score"'),
        ([RESULTS[0] | {"more": {"image_id": 1}}, RESULTS[1] | {"category_id": 77}], "item 1 has category 77"),
    ],
)
def test_what_is_no_list_of_results_is_named(content, words, tmp_path):
    (tmp_path / "mine.json").write_text(json.dumps(content))
    for source in (content, tmp_path / "mine.json"):
        with pytest.raises(CourseError, match=words):
            read_results(source, read_truth(ANNOTATIONS))


def test_a_record_within_a_record_is_none(tmp_path):
    rows = [row | {"origin": {**row}} for row in RESULTS]
    (tmp_path / "mine.json").write_text(json.dumps(rows))
    truth = read_truth(ANNOTATIONS)
    assert results(read_results(tmp_path / "mine.json", truth)) == results(read_results(RESULTS, truth))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_compressed_files_and_other_encodings(encoding, tmp_path):
    for name, content in (("truth", ANNOTATIONS), ("results", RESULTS)):
        (tmp_path / name).write_bytes(gzip.compress(json.dumps(content).encode(encoding)))
    truth = read_truth(tmp_path / "truth")
    assert results(read_results(tmp_path / "results", truth)) == results(read_results(RESULTS, truth))
    (tmp_path / "results").write_bytes((tmp_path / "results").read_bytes()[:60])
    with pytest.raises(CourseError, match="results: is damaged"):
        read_results(tmp_path / "results", truth)
    (tmp_path / "results").write_bytes(b'["\xb7"]')
    with pytest.raises(CourseError, match="results: not JSON: byte 2 is no utf-8 text"):
        read_results(tmp_path / "results", truth)


def test_an_area_that_is_not_stated_is_the_masks():
    square = {"segmentation": [[10, 4, 30, 4, 30, 9, 10, 9]], "bbox": [10, 4, 25, 5]}
    for change in ({"area": None}, {}):
        row = {"id": 1, "image_id": 1, "category_id": 1, "iscrowd": 0, **square, **change}
        for kind in ("masks", "boxes"):
            assert read_truth(ANNOTATIONS | {"annotations": [row]}, kind).images[1].areas.tolist() == [100]
    row = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 4, 25, 5]}
    assert read_truth(ANNOTATIONS | {"annotations": [row]}, "boxes").images[1].areas.tolist() == [125]


def test_a_broken_mask_gives_no_area():
    row = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 4, 25, 5]}
    content = ANNOTATIONS | {"annotations": [row | {"segmentation": {"size": list(SIZE), "counts": "04"}}]}
    for kind in ("masks", "boxes"):
        with pytest.raises(CourseError, match="annotation 1: its segmentation is broken: it is no mask of 40 x 48"):
            read_truth(content, kind)


def test_ids_of_numpy_and_pandas_are_numbers():
    content, rows = copy.deepcopy(ANNOTATIONS), copy.deepcopy(RESULTS)
    for record in [*content["images"], *content["categories"]]:
        record["id"] = float(record["id"])
    for row in [*content["annotations"], *rows]:
        row["image_id"], row["category_id"] = np.int64(row["image_id"]), np.int32(row["category_id"])
    assert results(read_results(rows, read_truth(content))) == RESULTS


def test_images_named_by_texts_come_back():
    content = copy.deepcopy(ANNOTATIONS)
    for image in content["images"]:
        image["id"] = f"cam_{image['id']}"
    rows = copy.deepcopy(RESULTS)
    for row in [*content["annotations"], *rows]:
        row["image_id"] = f"cam_{row['image_id']}"
    truth = read_truth(content)
    assert results(read_results(rows, truth)) == rows
    plain = read_truth(ANNOTATIONS)
    one, other = (
        evaluate_images(t.pair(read_results(r, t)), classes=CLASSES) for t, r in ((truth, rows), (plain, RESULTS))
    )
    assert (one.precision == other.precision).all()
    assert [type(row["image_id"]) for row in results({np.int64(1): IMAGES[0][1]})] == [int] * len(IMAGES[0][1])


def test_rows_in_any_order_of_images_mean_the_same():
    truth, shuffled = read_truth(ANNOTATIONS), sorted(RESULTS, key=lambda row: row["image_id"] * 7 % 4)
    assert [row["image_id"] for row in shuffled] != [row["image_id"] for row in RESULTS]
    assert results(read_results(shuffled, truth)) == RESULTS


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


def test_limits_without_100_have_a_table_too(capsys):
    truth = read_truth(ANNOTATIONS)
    pairs = list(truth.pair(read_results(RESULTS, truth)))
    crowded = evaluate_images(pairs, classes=truth.classes, max_detections=(1, 10, 1000))
    values = summarize(crowded)
    assert " | area=   all | maxDets=1000 ] = " in capsys.readouterr().out.splitlines()[0]
    assert values[0] == crowded.average_precision() > 0
