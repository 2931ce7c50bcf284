"""`course predict` and its two lines of Python, with a model whose detections are known."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from helpers import tiny_set
from PIL import Image

from course_utils import masks
from course_utils.cli import cli
from course_utils.dataset import load
from course_utils.dataset.annotations import AnnotationFile, outline_findings
from course_utils.errors import CourseError
from course_utils.mask_rcnn.profiles import build
from course_utils.mask_rcnn.shipped import save_model
from course_utils.paths import data_dir
from course_utils.prediction import load_model, predict
from course_utils.prediction.folder import Results, find_photos, names_of
from course_utils.prediction.predict import Prediction, read_any_photo


class Finds(torch.nn.Module):
    """Finds a cake in the left upper quarter of every photo, perhaps a bun at its left, and surely nothing."""

    names = ("bun", "cake")

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.seen: list[tuple[int, int]] = []

    def forward(self, images):
        height, width = images[0].shape[1:]
        self.seen.append((height, width))
        found = torch.zeros(3, height, width)
        found[0, : height // 2, : width // 2] = found[1, :, : width // 4] = 1
        return [{"labels": torch.tensor([2, 1, 1]), "masks": found, "scores": torch.tensor([0.9, 0.3, 0.8])}]


def photo(path: Path, size: tuple[int, int] = (24, 32)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((*size, 3), 90, np.uint8)).save(path)
    return path


def test_a_prediction_has_masks_boxes_and_maps(tmp_path):
    found = predict(Finds(), photo(tmp_path / "p.png"))
    assert found.names == ["cake"] and found.labels.tolist() == [2]  # the surest of nothing is no detection
    assert found.scores.tolist() == pytest.approx([0.9]) and found.boxes.tolist() == [[0, 0, 16, 12]]
    assert found.class_map.max() == 2 and (found.class_map == 2).sum() == 16 * 12 == (found.object_map == 1).sum()
    assert repr(found) == "Prediction(32 x 24: cake 0.90)"
    both = predict(Finds(), np.full((24, 32, 3), 90, np.uint8), min_score=0.25)
    assert both.names == ["cake", "bun"] and both.masks.shape == (2, 24, 32)
    assert not (both.visible_masks[0] & both.visible_masks[1]).any()
    assert (both.visible_masks.any(axis=0) == both.masks.any(axis=0)).all()


def test_large_photos_are_looked_at_small_and_drawn_large(tmp_path):
    model = Finds()
    found = predict(model, photo(tmp_path / "p.jpg", (1000, 2560)))
    assert model.seen == [(500, 1280)] and found.masks.shape == (1, 1000, 2560)
    assert found.boxes.tolist() == [[0, 0, 1280, 500]]


def test_photos_are_turned_as_the_camera_was_held(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (32, 24)).save(tmp_path / "p.jpg", exif=exif)
    assert read_any_photo(tmp_path / "p.jpg").shape == (32, 24, 3)


def test_broken_photos_are_named(tmp_path):
    path = tmp_path / "p.png"
    for content, words in ((None, "there is no such photo"), (b"no photo", "cannot be read as a photo")):
        if content:
            path.write_bytes(content)
        with pytest.raises(CourseError, match=rf"p\.png: {words}"):
            predict(Finds(), path)
    Image.fromarray(np.full((24, 32), 3000, np.uint16)).save(path)
    with pytest.raises(CourseError, match=r"p\.png: is grey with more than 8 bits"):
        predict(Finds(), path)
    # A hundred megapixels, of which Pillow warns, too: the masks of what is found would fill the memory.
    Image.new("1", (10_000, 10_000)).save(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(CourseError, match=r"p\.png: 10000 x 10000 pixels are too many .* 50 megapixels at most"):
            predict(Finds(), path)


def test_a_photo_of_one_pixel_has_nothing_on_it(tmp_path):
    found = predict(load_model(data_dir() / "weights" / "slim.safetensors"), photo(tmp_path / "dot.png", (1, 1)))
    assert len(found.names) == 0 and found.class_map.shape == (1, 1)


def test_files_folders_and_patterns_mean_photos(tmp_path):
    a, b = photo(tmp_path / "in" / "a.JPG"), photo(tmp_path / "in" / "deep" / "b.png")
    (tmp_path / "in" / "notes.txt").write_text("x")
    assert find_photos([str(tmp_path / "in")]) == [a, b]
    assert find_photos([str(tmp_path / "in" / "**" / "*.png"), str(a), str(b)]) == [b, a]
    for place in ("nowhere", "in/*.gif", "in/x"):
        with pytest.raises(CourseError, match=f"{place.split('*')[0]}.*: there is no photo"):
            find_photos([str(tmp_path / place)])
    assert names_of([a, b]) == {a: "a", b: "deep/b"}
    c = photo(tmp_path / "in" / "a.png")
    assert names_of([a, c]) == {a: "a_JPG", c: "a_png"} and names_of([b]) == {b: "b"}


def two() -> Prediction:
    """A cake in front, a part of a bun hidden behind it."""
    image = np.random.default_rng(0).integers(0, 40, (24, 32, 3)).astype(np.uint8)
    front, behind = tiny_set.FRONT, tiny_set.BEHIND
    image[behind], image[front] = (0, 200, 0), (200, 0, 0)
    return Prediction(image, np.array([2, 1]), ["cake", "bun"], np.array([0.9, 0.75]), np.array([front, behind]),
                      np.array([front, behind & ~front]))  # fmt: skip


def test_the_folder_of_results(tmp_path):
    path = photo(tmp_path / "in" / "a.jpg")
    results = Results(tmp_path / "out", {"x": 1}, ["bun", "cake"])
    assert not results.has("a")
    results.add("a", path, two())
    assert results.has("a") and results.finish(["a"]) == 2
    rows = json.loads((tmp_path / "out" / "results.json").read_text())
    assert [row["category_id"] for row in rows] == [2, 1] and [row["score"] for row in rows] == [0.9, 0.75]
    assert rows[0].keys() == {"image_id", "category_id", "score", "segmentation", "bbox"}
    assert np.array_equal(masks.decode(rows[1]["segmentation"]), tiny_set.BEHIND)
    classes, objects = (np.asarray(Image.open(tmp_path / "out" / kind / "a.png")) for kind in ("classes", "objects"))
    assert np.array_equal(classes == 2, tiny_set.FRONT) and np.array_equal(objects == 1, tiny_set.FRONT)
    assert np.array_equal(classes == 1, tiny_set.BEHIND & ~tiny_set.FRONT)
    assert Image.open(tmp_path / "out" / "pictures" / "a.jpg").width > 300


def test_the_results_can_be_read_and_corrected(tmp_path):
    """What was predicted opens as a data set, with its photos."""
    path = photo(tmp_path / "in" / "a.jpg")
    results = Results(tmp_path / "out", {}, ["bun", "cake"])
    results.add("a", path, two())
    results.finish(["a"])
    (scene,) = load("predictions", tmp_path / "out")
    assert scene.amodal and scene.image.shape == (24, 32, 3) and np.array_equal(scene.masks[1], tiny_set.BEHIND)
    file = AnnotationFile(tmp_path / "out" / "annotations" / "predictions.json")
    assert not file.errors() and not list(outline_findings(file))
    words = ["data", "export", str(file.path), "--format", "labelme", "--out", str(tmp_path / "hand")]
    assert CliRunner().invoke(cli, words, catch_exceptions=False).exit_code == 0
    (drawn,) = (tmp_path / "hand").rglob("*.json")
    assert (drawn.parent / json.loads(drawn.read_text())["imagePath"]).resolve() == path


def test_results_of_other_settings_are_not_mixed(tmp_path):
    Results(tmp_path, {"min_score": 0.5}, ["bun"])
    with pytest.raises(CourseError, match="has results of another model or of other settings"):
        Results(tmp_path, {"min_score": 0.6}, ["bun"])
    (tmp_path / "settings.json").write_text("{")
    with pytest.raises(CourseError, match=r"settings\.json: cannot be read"):
        Results(tmp_path, {"min_score": 0.5}, ["bun"])


@pytest.fixture
def run_folder(tmp_path) -> Path:
    """A run with an untrained model of two classes that are not food."""
    folder = tmp_path / "run"
    folder.mkdir()
    torch.manual_seed(0)
    save_model(build("slim", 3, 64), folder / "weights.safetensors", "slim", 64, ("bun", "cake"))
    return folder


def test_the_command_goes_on_where_it_was_and_names_broken_photos(tmp_path, run_folder):
    photo(tmp_path / "in" / "a.jpg")
    photo(tmp_path / "in" / "b.jpg")
    (tmp_path / "in" / "c.jpg").write_bytes(b"x")
    words = ["predict", str(run_folder), str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(cli, words, catch_exceptions=False)
    first, last = result.output.splitlines()[-2:]
    assert result.exit_code == 1 and f"error: {tmp_path}/in/c.jpg: cannot be read as a photo" in first
    assert last.startswith(f"{tmp_path}/out: 2 photos, ")
    record = tmp_path / "out" / "photos" / "a.json"
    before = record.stat().st_mtime_ns
    (tmp_path / "out" / "photos" / "b.json").unlink()
    photo(tmp_path / "in" / "c.jpg")
    result = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert result.exit_code == 0 and result.output.splitlines()[-1].startswith(f"{tmp_path}/out: 3 photos, ")
    assert record.stat().st_mtime_ns == before
    with pytest.raises(CourseError, match="other settings"):
        CliRunner().invoke(cli, [*words, "--size", "96"], catch_exceptions=False)


def test_models(run_folder):
    assert load_model(run_folder).names == load_model(str(run_folder / "weights.safetensors")).names == ("bun", "cake")
    assert load_model(run_folder, size=96).settings.max_size == 96
    with pytest.raises(CourseError, match="size is 8; it must be at least 64"):
        load_model(run_folder, size=8)
    with pytest.raises(CourseError, match="cannot be read as a trained model"):
        load_model(run_folder / "nothing")


@pytest.mark.parametrize("eight_looks", [False, True])
def test_the_courses_model_on_one_of_its_plates(eight_looks):
    scene = load("val")[2]
    model = load_model(data_dir() / "weights" / "slim.safetensors", eight_looks=eight_looks)
    found = predict(model, data_dir() / "images" / scene.file_name)
    assert sorted(found.names) == sorted(piece.name for piece in scene.instances)
    assert masks.iou(found.masks, scene.masks).max(axis=0).min() > 0.7
