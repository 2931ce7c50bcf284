"""What an answer holds beside the estimate: the truth, what one can save, and a smallest score."""

import csv
import io
import json
import shutil

import numpy as np
import pytest
from helpers import demo_server

from course_utils import masks
from course_utils.calories import nutrition
from course_utils.dataset.annotations import AnnotationFile
from course_utils.dataset.check import check_file
from course_utils.demo.server import example_plates
from course_utils.paths import data_dir


class MissesOne(demo_server.KnowsThePlates):
    """Does not see the first piece, and takes the second for the next food of the list."""

    def found(self, whole, visible, labels):
        names = labels[1:].copy()
        names[0] = names[0] % 6 + 1
        return super().found(whole[1:], visible[1:], names)


@pytest.fixture(scope="module")
def analyst():
    return demo_server.quick_analyst()


@pytest.fixture(scope="module")
def scene():
    return next(iter(example_plates().values()))


@pytest.fixture(scope="module")
def answer(analyst, scene):
    return analyst.analyse(scene.image, scene.px_per_cm, scene=scene)


def test_the_truth_stands_beside_the_estimate(answer, scene):
    truth = answer["truth"]
    kcal = nutrition.kcal(scene.labels, scene.weights_g)
    assert [piece["kcal"] for piece in truth["pieces"]] == pytest.approx(kcal.tolist())
    assert truth["kcal"] == pytest.approx(kcal.sum()) and truth["grams"] == pytest.approx(scene.weights_g.sum())
    assert truth["piece_of"] == list(range(len(kcal)))
    assert truth["kcal"] != pytest.approx(answer["total"]["kcal"], rel=1e-3)


def test_what_was_missed_or_misnamed_is_in_the_truth(scene):
    analyst = demo_server.quick_analyst()
    analyst.model = MissesOne()
    answer = analyst.analyse(scene.image, scene.px_per_cm, scene=scene)
    assert answer["truth"]["piece_of"] == list(range(1, len(scene.labels)))
    assert answer["pieces"][0]["name"] != answer["truth"]["pieces"][1]["name"] == scene.instances[1].name
    assert (
        next(csv.DictReader(io.StringIO(answer["csv"])))["true_kcal"] == f"{answer['truth']['pieces'][1]['kcal']:.3f}"
    )


def test_an_own_photo_has_no_truth(analyst, scene):
    assert "truth" not in analyst.analyse(scene.image, scene.px_per_cm)


def test_without_a_scale_pieces_are_found_and_not_weighed(analyst, scene):
    answer = analyst.analyse(scene.image, None)
    assert not answer["weighed"] and answer["total"]["problems"] == []
    assert [piece["name"] for piece in answer["pieces"]] == [one.name for one in scene.instances]
    assert not any("kcal" in piece for piece in answer["pieces"])
    json.dumps(answer, allow_nan=False)


def test_a_higher_score_leaves_out_pieces_and_the_promise(analyst, answer, scene):
    scores = [piece["score"] for piece in answer["pieces"]]
    fewer = analyst.analyse(scene.image, scene.px_per_cm, 0.9, scene)
    assert answer["promised"] and not fewer["promised"]
    assert 0 < len(fewer["pieces"]) == sum(score >= 0.9 for score in scores) < len(scores)
    assert fewer["total"]["kcal"] == pytest.approx(sum(one["kcal"] for one in answer["pieces"][: len(fewer["pieces"])]))
    assert fewer["total"]["low"] is None and all(piece["high"] is None for piece in fewer["pieces"])
    assert answer["total"]["low"] < answer["total"]["kcal"] < answer["total"]["high"]


def test_the_table_to_save(answer):
    *pieces, plate = csv.DictReader(io.StringIO(answer["csv"]))
    assert [line["name"] for line in pieces] == [piece["name"] for piece in answer["pieces"]]
    for column in ("grams", "kcal", "true_kcal"):
        assert sum(float(line[column]) for line in pieces) == pytest.approx(float(plate[column]), abs=0.01)
    assert plate["piece"] == "plate" and float(plate["low"]) < float(plate["kcal"]) < float(plate["high"])


def test_the_outlines_to_save_are_a_sound_coco_file(answer, scene, tmp_path):
    photo = tmp_path / "images" / scene.file_name
    photo.parent.mkdir(parents=True)
    shutil.copy(data_dir() / "images" / scene.file_name, photo)
    path = tmp_path / "found.json"
    path.write_text(json.dumps(answer["coco"]))
    assert list(check_file(path).of(advice=False)) == []
    ((_, shapes),) = AnnotationFile(path).shapes()
    assert np.array_equal([shape.whole.mask for shape in shapes], scene.masks)
    assert np.array_equal([shape.seen.mask for shape in shapes], scene.visible_masks)
    assert [one["category_id"] for one in answer["coco"]["annotations"]] == scene.labels.tolist()


def test_a_model_that_knows_no_hidden_parts_saves_none(scene):
    content = demo_server.quick_analyst(visible=False).analyse(scene.image, scene.px_per_cm)["coco"]
    assert content["info"]["amodal"] is False and content["images"][0]["file_name"] == "photo.png"
    assert not any("visible_segmentation" in one for one in content["annotations"])


def test_names_stand_where_a_piece_is_seen(answer, scene):
    for piece, mask in zip(answer["pieces"], scene.visible_masks, strict=True):
        x, y = map(int, piece["at"])
        assert mask[y, x] and mask[y - 2 : y + 3, x - 2 : x + 3].all()
    assert masks.area(scene.visible_masks).min() > 25
