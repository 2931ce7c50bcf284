"""Stored predictions come back as they were, and the tables made of them are right."""

import gzip
import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from helpers import tiny_set
from helpers.simulated_model import FindsAll

from course_utils.commands.evaluate import evaluate, in_words
from course_utils.dataset import CLASSES, load
from course_utils.errors import CourseError
from course_utils.mask_rcnn.model import LOSSES
from course_utils.mask_rcnn.profiles import build
from course_utils.mask_rcnn.shipped import save_model
from course_utils.metrics import coco
from course_utils.training import results


@pytest.fixture
def tiny(tmp_path):
    folder = tiny_set.write(tmp_path)
    return load("tiny", folder), coco.read_truth(folder / "annotations" / "tiny.json")


def test_they_come_back(tiny, tmp_path):
    scenes, truth = tiny
    found = results.predict_scenes(FindsAll(scenes), scenes, progress=False)
    results.write_results(found, tmp_path / "out" / "tiny.json.gz")
    again = coco.read_results(tmp_path / "out" / "tiny.json.gz", truth)
    assert coco.results(again) == [row | {"score": round(row["score"], 4)} for row in coco.results(found)]
    first = (tmp_path / "out" / "tiny.json.gz").read_bytes()
    results.write_results(again, tmp_path / "out" / "tiny.json.gz")
    assert (tmp_path / "out" / "tiny.json.gz").read_bytes() == first


def test_results_carry_no_boxes(tiny, tmp_path):
    """With a box beside the mask, pycocotools would take the box's area for the mask's."""
    scenes, _ = tiny
    results.write_results(results.predict_scenes(FindsAll(scenes), scenes, progress=False), tmp_path / "x.gz")
    rows = json.loads(gzip.decompress((tmp_path / "x.gz").read_bytes()))
    assert {key for row in rows for key in row} == {"image_id", "category_id", "segmentation", "score"}


def test_visible_masks_lie_in_the_whole_ones_and_come_back(tiny, tmp_path):
    scenes, truth = tiny
    found = results.predict_scenes(FindsAll(scenes, visible=True), scenes, progress=False)
    results.write_results(found, tmp_path / "x.gz")
    again = coco.read_results(tmp_path / "x.gz", truth)
    for scene in scenes:
        assert np.array_equal(again[scene.id].visible.to_masks().masks, scene.visible_masks)


def test_a_perfect_model_scores_one(tiny):
    scenes, truth = tiny
    found = results.predict_scenes(FindsAll(scenes), scenes, progress=False)
    table = results.score_table(list(truth.pair(found)), (0.5, 0.9), range(1, 7))
    assert (table == 1).all(axis=None) and list(table.index) == [0.5, 0.9]


def test_a_missed_piece_costs_recall_of_its_class(tiny):
    scenes, truth = tiny
    found = results.predict_scenes(FindsAll(scenes, missed_label=5), scenes, progress=False)
    table = results.score_table(list(truth.pair(found)), (0.5,), range(1, 7))
    assert table.loc[0.5, "recall"] == pytest.approx(2 / 3)
    assert table.loc[0.5, "precision"] == pytest.approx(1)


@pytest.mark.parametrize(
    "content", [b"", b"not gzip", gzip.compress(b"not json", mtime=0)], ids=["empty", "no gzip", "no json"]
)
def test_a_damaged_file_is_named(tiny, tmp_path, content):
    (tmp_path / "x.json.gz").write_bytes(content)
    with pytest.raises(CourseError, match=r"x\.json\.gz: "):
        coco.read_results(tmp_path / "x.json.gz", tiny[1])


def run_evaluate(folder: Path, *looks: str):
    """`course evaluate` on the tiny set in a folder, by the model in there."""
    words = [str(folder / "w.safetensors"), "--split", "tiny", "--folder", str(folder), "--out", str(folder / "o")]
    return CliRunner().invoke(evaluate, [*words, *looks], catch_exceptions=False)


@pytest.mark.parametrize("looks", [[], ["--eight-looks"]], ids=["one look", "eight looks"])
def test_the_command_prints_and_keeps(tmp_path, looks):
    tiny_set.write(tmp_path)
    torch.manual_seed(0)
    save_model(build("slim", 7, 64), tmp_path / "w.safetensors", "slim", 64, CLASSES)
    done = run_evaluate(tmp_path, *looks)
    assert (
        done.exit_code == 0 and "tiny: 2 photos, 3 objects; scores from 0.5 on" in done.output and "0.85" in done.output
    )
    assert (tmp_path / "o" / "tiny.json.gz").exists()


@pytest.mark.parametrize("names", [tuple("abcdef"), CLASSES[::-1], CLASSES[:5]], ids=["others", "order", "fewer"])
def test_a_model_of_other_classes_is_not_judged(tmp_path, names):
    tiny_set.write(tmp_path)
    save_model(build("tiny", len(names) + 1, 64), tmp_path / "w.safetensors", "tiny", 64, names)
    with pytest.raises(CourseError) as error:
        run_evaluate(tmp_path)
    assert f"w.safetensors: its classes are {', '.join(names)}; the categories of " in str(error.value)
    assert str(error.value).endswith(f"tiny.json are {', '.join(CLASSES)}")
    assert not (tmp_path / "o").exists()


def test_categories_may_have_any_ids(monkeypatch, tmp_path):
    model = FindsAll(load("tiny", tiny_set.write(tmp_path / "plain")), visible=True)
    model.names = CLASSES
    monkeypatch.setattr("course_utils.mask_rcnn.shipped.load_model", lambda path: model)
    content = tiny_set.content()
    for category in content["categories"]:
        category["id"] *= 10
    for annotation in content["annotations"]:
        annotation["category_id"] *= 10
    tiny_set.write(tmp_path, content)
    done = run_evaluate(tmp_path)
    assert re.search(r"0\.90 +1\.0 +1\.0 +1\.0", done.output), done.output
    assert "no two found pieces overlap; the hidden share is within 10 points for 100.0% of 3 found" in done.output
    truth = coco.read_truth(tmp_path / "annotations" / "tiny.json")
    found = coco.read_results(tmp_path / "o" / "tiny.json.gz", truth)
    assert {label for detections in found.values() for label in detections.labels.tolist()} == {10, 50, 60}


def test_scores_of_what_is_visible_in_words():
    told = {"front": 0.955, "pairs": 200, "hidden": 0.9, "pieces": 500}
    assert in_words(told) == (
        "the front piece is right in 95.5% of 200 overlapping pairs; "
        "the hidden share is within 10 points for 90.0% of 500 found pieces"
    )
    assert "no piece was found" in in_words(told | {"pieces": 0, "pairs": 0})


def test_logged_losses_join_the_runs():
    losses, starts = results.logged_losses("slim")
    lengths = {len(values) for values in losses.values()}
    assert len(lengths) == 1 and set(losses) == set(LOSSES)
    assert starts == sorted(starts) and starts[0] > 0 and starts[-1] < lengths.pop()


def test_a_log_that_is_missing_between_others_is_named(monkeypatch, tmp_path):
    folder = tmp_path / "results" / "slim"
    folder.mkdir(parents=True)
    for number in (1, 3):
        log = ",".join(LOSSES) + "\n" + ",".join("12345") + "\n"
        (folder / f"log_{number}.csv.gz").write_bytes(gzip.compress(log.encode()))
    monkeypatch.setattr(results, "data_dir", lambda: tmp_path)
    with pytest.raises(CourseError, match=r"log_2\.csv\.gz: is missing or empty; runs are numbered without gaps"):
        results.logged_losses("slim")


def test_a_model_without_logs_is_named():
    with pytest.raises(CourseError, match="nobody: there is no log"):
        results.logged_losses("nobody")
