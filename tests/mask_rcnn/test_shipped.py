"""Trained models in files: the way there and back, damaged files, and what a new training takes over."""

import json
import subprocess
import sys

import pytest
import torch
from safetensors.torch import save_file

from course_utils.errors import CourseError
from course_utils.mask_rcnn import profiles, shipped

FOODS = ("bakwan", "bolu", "cireng", "serabi", "tahu", "tempe")


@pytest.fixture
def trained(tmp_path):
    """A slim model with random weights, and its file."""
    model = profiles.slim(size=96)
    path = tmp_path / "slim.safetensors"
    shipped.save_model(model, path, "slim", 96, FOODS)
    return model, path


def test_a_model_comes_back_in_half_precision(trained):
    model, path = trained
    back = shipped.load_model(path)
    assert back.names == FOODS and not back.training
    assert back.settings == model.settings
    for name, value in model.state_dict().items():
        found = back.state_dict()[name]
        assert found.dtype == value.dtype
        assert torch.equal(found, value.half().to(value.dtype))


@pytest.mark.parametrize("damage", ["missing", "cut off", "no recipe"])
def test_a_file_that_is_no_model_is_named(trained, damage):
    _, path = trained
    if damage == "missing":
        path.unlink()
    elif damage == "cut off":
        path.write_bytes(path.read_bytes()[:-1000])
    else:
        save_file({"weight": torch.zeros(3)}, path)
    with pytest.raises(CourseError, match="slim.safetensors: cannot be read as a trained model of this course"):
        shipped.load_model(path)


@pytest.mark.parametrize(
    "recipe",
    [
        [],
        {"size": "x"},
        {"profile": "slim", "size": "x", "names": ["a"]},
        {"profile": "slim", "size": float("inf"), "names": ["a"]},
        {"profile": "slim", "size": 96, "names": 6},
        {"profile": "huge", "size": 96, "names": ["a"]},
    ],
    ids=str,
)
def test_a_recipe_that_makes_no_sense_is_named(tmp_path, recipe):
    path = tmp_path / "odd.safetensors"
    save_file({"weight": torch.zeros(3)}, path, metadata={"recipe": json.dumps(recipe)})
    with pytest.raises(CourseError, match="odd.safetensors: cannot be read as a trained model of this course") as error:
        shipped.load_model(path)
    assert "\n" not in str(error.value)


def test_a_full_disk_keeps_the_last_good_weights(trained):
    """The operating system really refuses: files of this process may not grow beyond 64 KiB."""
    _, path = trained
    before = path.read_bytes()
    code = f"""
import resource
from pathlib import Path
from course_utils.mask_rcnn import profiles, shipped
from course_utils.training import checkpoint
model = profiles.tiny(size=96)
resource.setrlimit(resource.RLIMIT_FSIZE, (2**16, 2**16))
try:
    with checkpoint.whole(Path({str(path)!r})) as beside:
        shipped.save_model(model, beside, "tiny", 96, {FOODS})
except checkpoint.CourseError as error:
    print(error)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert "cannot be written" in result.stdout and "the last good one is kept" in result.stdout, result.stderr
    assert len(result.stdout.splitlines()) == 1
    assert path.read_bytes() == before and list(path.parent.iterdir()) == [path]


def test_the_courses_model_lies_in_the_data_folder(trained, tmp_path, monkeypatch):
    model, path = trained
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    with pytest.raises(CourseError, match="weights/slim.safetensors"):
        shipped.course_model()
    (tmp_path / "weights").mkdir()
    path.rename(tmp_path / "weights" / "slim.safetensors")
    back = shipped.course_model()
    torch.testing.assert_close(back.backbone.body.conv1.weight, model.backbone.body.conv1.weight, rtol=1e-3, atol=1e-6)


def test_take_weights_of_the_same_classes_takes_all(trained):
    model, path = trained
    fresh = profiles.slim(size=128)
    assert shipped.take_weights(fresh, path) == []
    for name, value in fresh.state_dict().items():
        assert torch.equal(value, model.state_dict()[name].half().to(value.dtype))


def test_take_weights_leaves_the_layers_of_other_classes_as_they_are(trained):
    model, path = trained
    fresh = profiles.slim(classes=4, size=96)
    before = {name: value.clone() for name, value in fresh.state_dict().items()}
    left = shipped.take_weights(fresh, path)
    layers = ("box_predictor.cls_score", "box_predictor.bbox_pred", "mask_predictor.mask_fcn_logits")
    assert sorted(left) == sorted(f"roi_heads.{layer}.{leaf}" for layer in layers for leaf in ("weight", "bias"))
    for name, value in fresh.state_dict().items():
        expected = before[name] if name in left else model.state_dict()[name].half().to(value.dtype)
        assert torch.equal(value, expected)


def test_take_weights_refuses_another_backbone(trained):
    _, path = trained
    other = profiles.slim(size=96, resnext=True)
    before = other.backbone.body.conv1.weight.clone()
    with pytest.raises(CourseError, match="slim.safetensors: its backbone is not that of the model"):
        shipped.take_weights(other, path)
    assert torch.equal(other.backbone.body.conv1.weight, before)
