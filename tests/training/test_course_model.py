"""The model that ships: small, quick, as good as its card says, and its stored predictions are its own."""

import pytest

from course_utils.dataset import CLASSES, load
from course_utils.mask_rcnn.shipped import course_model
from course_utils.metrics import coco
from course_utils.paths import data_dir
from course_utils.training.evaluation import predict
from course_utils.training.results import score_table, stored_results
from course_utils.training.samples import to_tensor


def f1(split: str, iou: float) -> float:
    truth, found = stored_results("slim", split)
    return score_table(list(truth.pair(found)), [iou], range(1, len(CLASSES) + 1)).loc[iou, "f1"]


def test_it_is_small():
    assert (data_dir() / "weights" / "slim.safetensors").stat().st_size <= 17e6


def test_pieces_apart_are_outlined_well():
    """The goal for plates without overlap: F1 of at least .95 at IoU .85."""
    assert f1("test_non_occluded", 0.85) >= 0.95


def test_heaps_are_no_worse_than_they_were():
    """The goals are .70 and .50; this model was trained for too short a time to reach them."""
    assert f1("test_occluded", 0.85) >= 0.55 and f1("test_occluded", 0.9) >= 0.35


def test_stored_predictions_are_the_model_s():
    """Rounding differs between machines, so a few pixels and the last digits of a score may."""
    scene = load("test_non_occluded")[3]
    _, stored = stored_results("slim", "test_non_occluded")
    mine, theirs = (
        one.select(one.scores >= 0.5) for one in (predict(course_model(), to_tensor(scene.image)), stored[scene.id])
    )
    assert mine.labels.tolist() == theirs.labels.tolist()
    assert mine.scores == pytest.approx(theirs.scores, abs=0.02)
    assert mine.areas == pytest.approx(theirs.areas, rel=0.03)
    assert all(set(row) == {"image_id", "category_id", "score", "segmentation"} for row in coco.results(stored))
