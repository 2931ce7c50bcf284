"""What is exported comes back: the same masks to the pixel, the same classes, the same photos."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from helpers import tiny_set
from PIL import Image

from course_utils import masks
from course_utils.commands.data import data
from course_utils.dataset import load
from course_utils.dataset.annotations import AnnotationFile
from course_utils.dataset.exporters.polygons import one_polygon, polygons_of
from course_utils.dataset.outlines import read_outline
from course_utils.errors import CourseError
from course_utils.paths import data_dir

WAYS = [
    ("coco", "visible"), ("coco", "amodal"), ("kins-2019", ""), ("cocoa", ""),
    ("labelme", "amodal"), ("labelme", "visible"), ("yolo", "visible"), ("yolo", "amodal"),
]  # fmt: skip


def run(*words: object) -> str:
    result = CliRunner().invoke(data, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def content_of(path: Path) -> dict[str, list]:
    """For each photo, by the last of its name, its objects: class, whole and visible outline."""
    file = AnnotationFile(path)
    names = {one["id"]: one["name"] for one in file.categories}
    return {
        Path(image["file_name"]).name.split("_")[-1]: sorted(
            (names[s.annotation["category_id"]], s.whole.rle["counts"], s.seen.rle["counts"]) for s in shapes
        )
        for image, shapes in file.shapes()
    }


@pytest.fixture(scope="module")
def heaps(tmp_path_factory) -> Path:
    """Ten heaped plates of the course, with their photos."""
    folder = tmp_path_factory.mktemp("heaps")
    coco = dict(load("val").file.content)
    coco["images"] = coco["images"][:10]
    coco["annotations"] = [one for one in coco["annotations"] if one["image_id"] <= 10]
    (folder / "annotations").mkdir()
    (folder / "images" / "val").mkdir(parents=True)
    for image in coco["images"]:
        source = data_dir() / "images" / image["file_name"]
        (folder / "images" / image["file_name"]).write_bytes(source.read_bytes())
    path = folder / "annotations" / "val.json"
    path.write_text(json.dumps(coco))
    return path


@pytest.mark.parametrize(("name", "truth"), WAYS)
def test_there_and_back(tmp_path, heaps, name, truth):
    out = tmp_path / ("x.json" if name in ("coco", "kins-2019", "cocoa") else "x")
    back = tmp_path / "annotations" / "back.json"
    words = run("export", heaps, "--format", name, "--out", out, *(["--truth", truth] if truth else []))
    assert words.endswith(f"{out}: 10 photos, 55 objects as {name}\n")
    run("import", out, "--out", back, "--format", name, *(["--split", "val"] if name == "yolo" else []))
    ours, theirs = content_of(heaps), content_of(back)
    kept = {"visible": (0, 2), "amodal": (0, 1), "": (0, 1, 2)}[truth]
    if (name, truth) == ("labelme", "amodal"):
        kept = (0, 1, 2)
    assert ours.keys() == theirs.keys()
    for photo in ours:
        expected = sorted(tuple(one[k] for k in kept) for one in ours[photo])
        assert expected == sorted(tuple(one[k if len(kept) == 3 else min(k, 1)] for k in kept) for one in theirs[photo])


HARD = {
    "a hole": lambda m: m.__setitem__(np.s_[6:9, 6:9], False),
    "two holes": lambda m: (m.__setitem__(np.s_[5:7, 5:7], False), m.__setitem__(np.s_[9:11, 9:11], False)),
    "two parts": lambda m: m.__setitem__(np.s_[20:23, 20:30], True),
    "an island in a hole": lambda m: (m.__setitem__(np.s_[5:12, 5:12], False), m.__setitem__(np.s_[8, 8], True)),
    "parts that touch at a corner": lambda m: m.__setitem__(np.s_[14:18, 14:18], True),
    "a thin line": lambda m: m.__setitem__(np.s_[20, :], True),
}


@pytest.mark.parametrize("kind", HARD)
def test_hard_masks_are_exact_polygons(kind):
    mask = tiny_set.rectangle(3, 3, 14, 14)
    HARD[kind](mask)
    for polygons in (polygons_of(mask), [one_polygon(mask)]):
        assert np.array_equal(read_outline(polygons, mask.shape).mask, mask)


def test_noise_is_an_exact_polygon():
    for seed in range(20):
        mask = np.random.default_rng(seed).random((20, 25)) < 0.5
        assert np.array_equal(read_outline(polygons_of(mask), mask.shape).mask, mask)
        assert np.array_equal(read_outline([one_polygon(mask)], mask.shape).mask, mask)


def test_what_a_format_cannot_hold_is_said(tmp_path):
    coco = tiny_set.content()
    coco["annotations"][0]["iscrowd"] = 1
    coco["annotations"][2]["visible_segmentation"] = masks.encode(tiny_set.ALONE & False)
    path = tiny_set.write(tmp_path / "set", coco) / "annotations" / "tiny.json"
    for name, words in (
        ("cocoa", "1 crowds are not in it: COCOA has none"),
        ("labelme", "1 crowds are not in it: labelme has none"),
        ("yolo", "1 crowds are not in it: YOLO has none"),
        ("yolo", "1 objects of which nothing can be seen are not in it"),
        ("coco", "1 objects of which nothing can be seen are not in it"),
    ):
        assert words in run("export", path, "--format", name, "--out", tmp_path / f"to {name}")


def test_a_yolo_folder_takes_splits_of_the_same_classes(tmp_path):
    path = tiny_set.write(tmp_path / "set") / "annotations" / "tiny.json"
    path.with_name("val.json").write_bytes(path.read_bytes())
    for split in ("tiny", "val"):
        run("export", path.with_name(f"{split}.json"), "--format", "yolo", "--out", tmp_path / "y")
    text = (tmp_path / "y" / "data.yaml").read_text()
    assert "tiny: images/tiny" in text and "val: images/val" in text and "5: tempe" in text
    coco = tiny_set.content()
    coco["categories"][0]["name"] = "other"
    path.write_text(json.dumps(coco))
    with pytest.raises(CourseError, match="data.yaml: has other classes than other, bolu"):
        run("export", path, "--format", "yolo", "--out", tmp_path / "y")


def test_errors_are_not_exported(tmp_path):
    coco = tiny_set.content()
    coco["annotations"][0]["segmentation"] = []
    path = tiny_set.write(tmp_path, coco) / "annotations" / "tiny.json"
    with pytest.raises(CourseError, match="annotation 1: segmentation: there is no outline, only a box"):
        run("export", path, "--format", "coco", "--out", tmp_path / "x.json")
    with pytest.raises(
        CourseError, match="no format 'voc' to export to; there are: coco, kins-2019, cocoa, labelme, yolo"
    ):
        run("export", path, "--format", "voc", "--out", tmp_path / "x.json")
    with pytest.raises(CourseError, match="is the file to read"):
        run("export", path, "--format", "coco", "--out", path)


def test_photos_of_one_name_are_not_mixed_up(tmp_path):
    coco = tiny_set.content()
    path = tiny_set.write(tmp_path, coco) / "annotations" / "tiny.json"
    (tmp_path / "images" / "other").mkdir()
    Image.new("RGB", (32, 24)).save(tmp_path / "images" / "other" / "00001.jpg")
    coco["images"][1]["file_name"] = "other/00001.jpg"
    path.write_text(json.dumps(coco))
    run("export", path, "--format", "yolo", "--out", tmp_path / "y")
    assert sorted(one.name for one in (tmp_path / "y" / "images" / "tiny").iterdir()) == [
        "other_00001.jpg",
        "tiny_00001.jpg",
    ]
    coco["images"][1]["file_name"] = "tiny/00001.png"
    Image.new("RGB", (32, 24)).save(tmp_path / "images" / "tiny" / "00001.png")
    path.write_text(json.dumps(coco))
    with pytest.raises(CourseError, match=r"image 2: its file would be .*00001\.json, that of another photo"):
        run("export", path, "--format", "labelme", "--out", tmp_path / "l")
