"""Photos are found where the common tools put them, under the names that they give them."""

import json
import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from course_utils.commands.data_check import check
from course_utils.dataset.photo_folder import PhotoFolder
from course_utils.errors import CourseError
from course_utils.training.samples import CocoFile

LAYOUTS = {
    "the course's": ("annotations/train.json", "images/p1.jpg", "p1.jpg"),
    "COCO's": ("annotations/instances_val2017.json", "val2017/p1.jpg", "p1.jpg"),
    "FiftyOne's": ("labels.json", "data/p1.jpg", "p1.jpg"),
    "CVAT's": ("annotations/instances_default.json", "images/default/p1.jpg", "p1.jpg"),
    "Roboflow's": ("train/_annotations.coco.json", "train/p1.jpg", "p1.jpg"),
    "beside a folder": ("coco.json", "images/p1.jpg", "images/p1.jpg"),
    "names from above": ("annotations/x.json", "images/deep/p1.jpg", "images/deep/p1.jpg"),
}


def photo(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (32, 24)).save(path)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(tmp_path, layout):
    file, where, name = LAYOUTS[layout]
    photo(tmp_path / where)
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    assert PhotoFolder(tmp_path / file, [name]).find(name) == tmp_path / where


NAMES = {
    "backslashes": ("sub\\p1.jpg", "sub/p1.jpg"),
    "capitals": ("P1.JPG", "p1.jpg"),
    "capitals of folders": ("Sub/p1.jpg", "sub/p1.jpg"),
    "decomposed accents": (unicodedata.normalize("NFD", "café.jpg"), unicodedata.normalize("NFC", "café.jpg")),
    "composed accents": (unicodedata.normalize("NFC", "café.jpg"), unicodedata.normalize("NFD", "café.jpg")),
    "odd signs": ("a b#?&.jpg", "a b#?&.jpg"),
}


@pytest.mark.parametrize("kind", NAMES)
def test_names(tmp_path, kind):
    name, where = NAMES[kind]
    photo(tmp_path / where)
    assert PhotoFolder(tmp_path / "x.json", [name]).find(name) == tmp_path / where


def test_a_name_that_fits_two_files_means_none(tmp_path):
    photo(tmp_path / "p1.jpg")
    photo(tmp_path / "P1.jpg")
    folder = PhotoFolder(tmp_path / "x.json", ["P1.JPG"])
    assert folder.find("P1.JPG") is None and folder.find("P1.jpg") == tmp_path / "P1.jpg"
    assert folder.find("x" * 5000) is None and folder.find("https://example.org/p1.jpg") is None


def file_of(folder: Path, count: int) -> Path:
    square = [[2, 2, 12, 2, 12, 12, 2, 12]]
    images = [{"id": k, "file_name": f"{k}.jpg", "height": 24, "width": 32} for k in range(1, count + 1)]
    annotations = [
        {"id": k, "image_id": k, "category_id": 1, "segmentation": square, "bbox": [2, 2, 10, 10], "area": 100}
        for k in range(1, count + 1)
    ]
    path = folder / "x.json"
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "a"}]}))
    return path


def test_many_missing_photos_are_one_line_with_the_way_out(tmp_path):
    path = file_of(tmp_path, 50)
    photo(tmp_path / "7.jpg")
    result = CliRunner().invoke(check, [str(path)], catch_exceptions=False)
    line = f"{path}: error: 49 of 50 photos were not found below {tmp_path}; give their folder with --images"
    assert result.exit_code == 1 and result.output.splitlines()[0] == line and len(result.output.splitlines()) == 2
    with pytest.raises(CourseError, match=r"x\.json: 49 of 50 photos not found below .*--images; the first is 1\.jpg"):
        CocoFile(path)


def test_a_photo_of_another_size_is_found_before_training(tmp_path):
    path = file_of(tmp_path, 2)
    photo(tmp_path / "1.jpg")
    Image.new("RGB", (33, 24)).save(tmp_path / "2.jpg")
    with pytest.raises(CourseError, match=r"2\.jpg: is \(24, 33\) high and wide, x\.json says \(24, 32\)"):
        CocoFile(path)
