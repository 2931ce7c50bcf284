"""A COCO file is looked at before anything is learnt from it, and its masks are read as the check reads them."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from helpers import tiny_set

from course_utils import masks
from course_utils.commands.train import train
from course_utils.dataset import load
from course_utils.errors import CourseError
from course_utils.training.samples import CocoFile, Scenes


def coco_file(folder, kind="annotations", **changes):
    """The tiny set's file with the first record of one kind changed; None takes a field away."""
    tiny_set.write(folder)
    path = folder / "annotations" / "tiny.json"
    content = json.loads(path.read_text())
    record = content[kind][0]
    for field, value in changes.items():
        record[field] = value
        if value is None:
            del record[field]
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize(
    ("kind", "changes", "words"),
    [
        ("categories", {"name": None}, "category 1: it has no name"),
        ("annotations", {"category_id": 99}, "annotation 1: unknown category 99"),
        ("images", {"height": None}, "image 1: height and width"),
        ("images", {"file_name": 5}, "image 1: its file_name is 5"),
        ("images", {"id": 2}, "image 2: this id occurs more than once"),
        ("categories", {"id": 2}, "category 2: this id occurs more than once"),
        ("annotations", {"image_id": 7}, "annotation 1: no image has the id 7"),
        ("annotations", {"image_id": "1"}, "annotation 1: no image has the id '1'"),
        ("annotations", {"category_id": None}, "annotation 1: unknown category None"),
        ("annotations", {"id": None}, "annotation None: its id is no whole number"),
    ],
)
def test_faults_that_would_stop_a_training_are_named_at_once(tmp_path, kind, changes, words):
    path = coco_file(tmp_path, kind, **changes)
    with pytest.raises(CourseError, match=f"{path}: {words}"):
        CocoFile(path)


@pytest.mark.parametrize(
    "segmentation",
    [
        {"size": [24, 32], "counts": [5, 5]},
        {"size": [24, 32], "counts": "5"},
        {"size": [32, 24], "counts": [768]},
        [[0, 0, 9, 0, 9, 9, 0]],
        [0, 0, 9, 0, 9, 9],
        "x",
        None,
    ],
)
def test_a_broken_mask_is_named(tmp_path, segmentation):
    path = coco_file(tmp_path, segmentation=segmentation)
    with pytest.raises(CourseError, match="annotation 1: segmentation: "):
        CocoFile(path)


def test_visible_parts_may_be_polygons(tmp_path):
    whole = CocoFile(coco_file(tmp_path))[0].visible[0]
    x, y = np.nonzero(whole.numpy())[::-1]
    corners = [int(x.min()), int(y.min()), int(x.max()) + 1, int(y.min()), int(x.max()) + 1, int(y.max()) + 1]
    sample = CocoFile(coco_file(tmp_path, visible_segmentation=[corners]))[0]
    assert 0 < sample.visible[0].sum() < whole.sum()


def test_only_photos_of_one_scenario(tmp_path):
    path = coco_file(tmp_path, "images", scenario="heap")
    assert CocoFile(path, scenario="heap").ids == [1]
    assert CocoFile(path, scenario="laid").ids == []
    assert len(CocoFile(path)) > 1


def test_only_scenes_of_one_scenario():
    scenes = Scenes(load("val"), "occluded")
    assert {scene.scenario for scene in scenes.scenes} == {"occluded"}
    assert 0 < len(scenes) < len(Scenes(load("val")))


def test_a_file_of_crowds_has_nothing_to_learn_from(tmp_path):
    path = coco_file(tmp_path)
    content = json.loads(path.read_text())
    for annotation in content["annotations"]:
        annotation["iscrowd"] = 1
    path.write_text(json.dumps(content))
    with pytest.raises(CourseError, match="tiny.json: there are no annotated images in it; crowds do not count"):
        CocoFile(path)


def test_a_file_is_read_as_the_check_reads_it(tmp_path):
    path = coco_file(tmp_path)
    path.write_text(path.read_text(), encoding="utf-8-sig")  # as some Windows programs save it
    assert len(CocoFile(path)) == 2
    path.write_text("[" * 10**5)
    with pytest.raises(CourseError, match="nested deeper than"):
        CocoFile(path)


def test_ids_may_begin_at_zero(tmp_path):
    path = coco_file(tmp_path)
    content = json.loads(path.read_text())
    for kind, reference in (("images", "image_id"), ("categories", "category_id")):
        for record in content[kind]:
            record["id"] -= 1
        for annotation in content["annotations"]:
            annotation[reference] -= 1
    path.write_text(json.dumps(content))
    assert [sample.labels.tolist() for sample in CocoFile(path)] == [[1, 6], [5]]


def boxes_only(folder, which):
    """The tiny set with objects that have boxes but no outlines."""
    tiny_set.write(folder)
    path = folder / "annotations" / "tiny.json"
    content = json.loads(path.read_text())
    for annotation in content["annotations"]:
        if annotation["id"] in which:
            annotation |= {"segmentation": [], "visible_segmentation": []}
    path.write_text(json.dumps(content))
    return path


def test_objects_without_outlines_stop_a_training_and_the_ways_on_are_said(tmp_path):
    path = boxes_only(tmp_path, (1, 2, 3))
    words = "annotation 1: segmentation: there is no outline, only a box; .*--boxes-as-outlines .*--leave-out"
    with pytest.raises(CourseError, match=words):
        CocoFile(path)
    with pytest.raises(CourseError, match="there are no annotated images in it"):
        CocoFile(path, leave_out=True)


def test_what_is_left_out_takes_its_photo_along(tmp_path):
    source = CocoFile(boxes_only(tmp_path, (1,)), leave_out=True)
    assert source.ids == [2] and source[0].labels.tolist() == [5]
    assert source.notes[1] == "left out: 1 photo with 2 objects, for 2 errors"
    assert source.notes[0].endswith("tiny.json: 1 photo, 1 object of 6 classes")


def test_boxes_can_stand_for_outlines(tmp_path):
    source = CocoFile(boxes_only(tmp_path, (2,)), boxes_as_outlines=True)
    assert source.ids == [1, 2]
    assert np.array_equal(source[0].whole[1].numpy(), tiny_set.FRONT)


def test_what_is_wrong_with_the_file_itself_cannot_be_left_out(tmp_path):
    path = coco_file(tmp_path, "categories", name=None)
    with pytest.raises(CourseError, match="category 1: it has no name; this cannot be left out"):
        CocoFile(path, leave_out=True)


def test_objects_too_small_to_learn_are_counted(tmp_path):
    source = CocoFile(coco_file(tmp_path))
    # Of 100, 48 and 64 pixels on a photo of 32, the first one hidden by 24.
    assert [source.not_learned(32, area, 0) for area in (48, 49, 65, 77)] == [0, 1, 2, 3]
    assert source.not_learned(64, 4 * 48, 0) == 0 and source.not_learned(16, 48 / 4 + 1, 0) == 1
    assert source.not_learned(32, 0, 0.8) == 1


def test_a_training_says_what_it_learns_from(tmp_path):
    path = coco_file(tmp_path)
    words = ["--data", str(path), "--out", str(tmp_path / "run"), "--size", "64", "--steps", "1", "--batch", "2"]
    result = CliRunner().invoke(train, [*words, "--no-bf16"], catch_exceptions=False)
    assert result.exit_code == 0
    assert result.output.splitlines()[0] == f"{path}: 2 photos, 3 objects of 6 classes"
    content = json.loads(path.read_text())
    small = masks.encode(tiny_set.rectangle(2, 2, 3, 3))
    for annotation in content["annotations"]:
        annotation |= {"segmentation": small, "visible_segmentation": small, "area": 1, "bbox": [2, 2, 1, 1]}
    path.write_text(json.dumps(content))
    with pytest.raises(CourseError, match="nothing to learn: at --size 64 less than 16 pixels or 8% of each object"):
        CliRunner().invoke(train, words, catch_exceptions=False)
    for flag in ("--leave-out", "--boxes-as-outlines"):
        with pytest.raises(CourseError, match=f"{flag}: goes with a COCO file of your own"):
            CliRunner().invoke(train, [*words[2:], flag], catch_exceptions=False)
