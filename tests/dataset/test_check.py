"""`course data check`: each fault put into a sound set is named, with the file and the id."""

import json
import math
import re
import time

import numpy as np
import pytest
from click.testing import CliRunner
from helpers import tiny_set
from PIL import Image

from course_utils import masks
from course_utils.commands.data_check import check
from course_utils.dataset import safe_json
from course_utils.dataset.split import annotation_file


def run(folder, *options) -> tuple[int, list[str]]:
    """Exit code and lines; that the tiny set has no bolu, cireng and serabi is said in a test of its own."""
    result = CliRunner().invoke(check, [str(folder), *options], catch_exceptions=False)
    return result.exit_code, [line for line in result.output.splitlines() if "categories have no objects" not in line]


def test_a_sound_set_has_no_problems(tmp_path):
    coco = tiny_set.content()
    coco["categories"] = [coco["categories"][k] for k in (0, 4, 5)]
    code, lines = run(tiny_set.write(tmp_path, coco))
    assert code == 0
    assert len(lines) == 1 and lines[0].endswith("tiny.json: 2 images, 3 annotations (amodal): no problems")


def test_categories_without_objects_are_said(tmp_path):
    result = CliRunner().invoke(check, [str(tiny_set.write(tmp_path))], catch_exceptions=False)
    first, last = result.output.splitlines()
    assert first == f"{tmp_path}/annotations/tiny.json: advice: 3 of 6 categories have no objects: bolu, cireng, serabi"
    assert result.exit_code == 0 and last.endswith("2 images, 3 annotations (amodal): 1 of advice")


def test_names_of_classes_that_are_only_written_differently_are_said(tmp_path):
    coco = tiny_set.content()
    coco["categories"][1]["name"] = coco["categories"][0]["name"].upper() + " "
    coco["categories"][2]["name"], coco["categories"][3]["name"] = "caf\u00e9", "cafe\u0301"
    code, lines = run(tiny_set.write(tmp_path, coco))
    assert code == 0
    for line in (
        "category 2: its name 'BAKWAN ' differs only in how it is written from 'bakwan', that of category 1",
        "category 4: its name 'cafe\u0301' differs only in how it is written from 'caf\u00e9', that of category 3",
    ):
        assert any(one.endswith(line) for one in lines), lines


def first(**changes):
    return lambda coco: coco["annotations"][0].update(changes)


def plain(coco):
    for one in coco["annotations"]:
        del one["visible_segmentation"]


EMPTY = masks.encode(tiny_set.FRONT & False)
FAULTS = {
    "broken text": (first(segmentation={"size": [24, 32], "counts": "\n"}), "annotation 1: segmentation: broken RLE"),
    "endless number": (first(segmentation={"size": [24, 32], "counts": "o" * 99}), "annotation 1: .*longer than"),
    "counts of texts": (first(segmentation={"size": [24, 32], "counts": ["a"]}), "annotation 1: .*broken RLE"),
    "counts beyond int64": (first(segmentation={"size": [24, 32], "counts": [2**70]}), "annotation 1: .*broken RLE"),
    "a sum that wraps around": (
        first(segmentation={"size": [24, 32], "counts": [2**62] * 4 + [768]}),
        "annotation 1: .*its runs cover 18446744073709552384 pixels",
    ),
    "the same as text": (
        first(segmentation={"size": [24, 32], "counts": masks.compress([2**58] * 64 + [768])}),
        "annotation 1: .*broken RLE",
    ),
    "a negative run": (
        first(segmentation={"size": [24, 32], "counts": masks.compress([400, -32, 400])}),
        "annotation 1: .*shorter than nothing",
    ),
    "no counts": (first(segmentation={"size": [24, 32]}), "annotation 1: .*broken RLE"),
    "other size": (first(segmentation={"size": [32, 24], "counts": "0"}), "annotation 1: .*its size is"),
    "size is a number": (first(segmentation={"size": 7, "counts": "0"}), "annotation 1: .*its size is 7"),
    "outside": (first(segmentation=[[0, 0, 50, 0, 50, 9]]), "annotation 1: .*out of the picture"),
    "far outside": (first(segmentation=[[0, 0, 1e300, 0, 5, 9]]), "annotation 1: .*far out of the picture"),
    "nan point": (first(segmentation=[[0, 0, math.nan, 0, 5, 9]]), "annotation 1: .*NaN"),
    "nan and more than a float": (first(segmentation=[[math.nan, 9, 10**400, 5, 5, 9]]), "annotation 1: .*NaN"),
    "two points": (first(segmentation=[[0, 0, 5, 5]]), "annotation 1: .*three points"),
    "flat polygon list": (
        first(segmentation=[0, 0, 5, 5, 9, 0]),
        "annotation 1: .*not nested: a list of lists of numbers",
    ),
    "no segmentation": (first(segmentation=None), "annotation 1: segmentation: there is no outline, only a box"),
    "neither list nor RLE": (first(segmentation="x"), "annotation 1: segmentation: is 'x'; polygons or an RLE"),
    "no polygons": (first(segmentation=[]), "annotation 1: segmentation: there is no outline, only a box"),
    "empty": (first(segmentation=EMPTY, visible_segmentation=EMPTY), "annotation 1: .*mask is empty"),
    "not inside": (
        lambda coco: coco["annotations"][1].update(segmentation=masks.encode(tiny_set.ALONE)),
        "annotation 2: .* visible pixels lie outside of the amodal mask",
    ),
    "one without visible": (lambda coco: coco["annotations"][0].pop("visible_segmentation"), "annotation 1: .*others"),
    "category": (first(category_id=9), "annotation 1: unknown category 9"),
    "category list": (first(category_id=[]), "annotation 1: unknown category"),
    "image": (first(image_id=77), "annotation 1: no image has the id 77"),
    "duplicate id": (first(id=2), "annotation 2: .*more than once"),
    "text id": (first(id="a"), "annotation 'a': its id is no whole number"),
    "image twice": (lambda coco: coco["images"][1].update(id=1), "image 1: this id occurs more than once"),
    "half a point": (first(segmentation=[[0, 0, 5, 5, 9, 0, 7]]), "annotation 1: .*7 numbers"),
    "beyond floats": (first(bbox=[0, 0, 10**400, 3]), "annotation 1: .*four numbers"),
    "nan box": (first(bbox=[0, 0, math.nan, 3]), "annotation 1: .*NaN"),
    "negative box": (first(bbox=[9, 9, -3, 3]), "annotation 1: .*no positive width"),
    "short box": (first(bbox=[1, 2, 3]), "annotation 1: .*four numbers"),
    "not an object": (lambda coco: coco["annotations"].append(3), r"annotations\[3\]: is 3"),
    "no list": (lambda coco: coco.update(categories=None), '"categories" is missing'),
    "picture size": (lambda coco: coco["images"][0].update(width=31), "image 1: .*00001.jpg' is 24 high and 32 wide"),
    "huge picture": (lambda coco: coco["images"][0].update(width=10**12), "image 1: .*more than can be checked"),
    "two lines": (
        lambda coco: coco["images"][0].update(file_name="a\nb.jpg"),
        r"image 1: its file_name is 'a\\nb.jpg'",
    ),
    "half a pair": (lambda coco: coco["images"][0].update(file_name="\ud800"), r"image 1: its file_name is '\\ud800'"),
    "no width": (lambda coco: coco["images"][0].update(width=None), "image 1: height and width"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_named(tmp_path, fault):
    change, words = FAULTS[fault]
    folder = tiny_set.write(tmp_path)
    coco = tiny_set.content()
    change(coco)
    file = folder / "annotations" / "tiny.json"
    file.write_text(json.dumps(coco))
    code, lines = run(file)
    assert code == 1
    assert any(re.search(words, line) and line.startswith(str(file)) for line in lines[:-1]), lines
    assert max(map(len, lines)) < 600


def test_photos_missing_and_truncated(tmp_path):
    folder = tiny_set.write(tmp_path)
    photos = folder / "images" / "tiny"
    (photos / "00001.jpg").unlink()
    whole = (photos / "00002.jpg").read_bytes()
    (photos / "00002.jpg").write_bytes(whole[: len(whole) // 2])
    code, lines = run(folder)
    assert code == 1 and len(lines) == 3 and lines[-1].endswith("2 errors, 1 of advice")
    assert "image 2" in lines[0] and "cannot be read" in lines[0]
    assert "image 1" in lines[1] and "is missing" in lines[1]


def test_the_folder_of_photos_can_be_named(tmp_path):
    folder = tiny_set.write(tmp_path / "set")
    moved = tmp_path / "elsewhere"
    (folder / "images").rename(moved)
    assert run(folder)[0] == 1
    assert run(folder, "--images", str(moved))[0] == 0


def test_plain_coco_is_said_to_lack_amodal_masks(tmp_path):
    coco = tiny_set.content()
    plain(coco)
    code, lines = run(tiny_set.write(tmp_path, coco))
    assert code == 0 and "amodal ones are missing" in lines[-1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[1, 2", "not JSON"),
        ("[]", "not a COCO file"),
        ("[" * 10**7, "nested deeper than"),
        ('{"a":' * 10**5, "nested deeper than"),
        ("1" * 10**5, "not JSON"),
        ("\x00\x01", "not JSON"),
    ],
)
def test_what_is_no_data_set(tmp_path, text, words):
    file = tmp_path / "x.json"
    file.write_text(text)
    code, lines = run(file)
    assert code == 1 and words in lines[0] and len(lines[0]) < 400


def test_huge_files_are_not_parsed(tmp_path):
    file = tmp_path / "x.json"
    with file.open("wb") as handle:
        handle.truncate((safe_json.MAX_MEGABYTES + 1) * 2**20)  # sparse: takes no space on the disk
    code, lines = run(file)
    assert code == 1 and "at most" in lines[0]


def test_brackets_in_texts_do_not_nest(tmp_path, monkeypatch):
    file = tmp_path / "x.json"
    file.write_text(json.dumps({"a": ["[[[[" * 40 + '\\"{{', [1, {"b": "\\"}]]}))
    for chunk in (1, 2, 3, 7, 2**20):
        monkeypatch.setattr(safe_json, "_CHUNK", chunk)
        assert safe_json.measure(file) == (4, 4)


def test_very_many_small_objects_are_not_parsed(tmp_path, monkeypatch):
    """Half a gigabyte of empty lists would become a dozen in memory."""
    monkeypatch.setattr(safe_json, "MAX_CONTAINERS", 1000)
    file = tmp_path / "x.json"
    file.write_text(json.dumps([[]] * 999))
    assert "not a COCO file" in run(file)[1][0]
    file.write_text(json.dumps([{}] * 1000))
    assert "holds more than 1000 lists and objects" in run(file)[1][0]


def test_a_hundred_plates_are_checked_in_seconds():
    start = time.process_time()
    code, lines = run(annotation_file("val"))
    assert code == 0 and "100 images, 333 annotations" in lines[-1]
    assert time.process_time() - start < 3


def test_a_missing_path_is_named(tmp_path):
    code, lines = run(tmp_path / "nowhere.json")
    assert code == 1 and "cannot be read" in lines[0]


def test_a_picture_that_claims_too_much_is_not_opened(tmp_path, monkeypatch):
    folder = tiny_set.write(tmp_path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    code, lines = run(folder)
    assert code == 1 and "cannot be read" in lines[0]


def test_photos_with_more_than_8_bits(tmp_path):
    folder = tiny_set.write(tmp_path)
    Image.fromarray(np.full(tiny_set.SIZE, 3000, np.uint16)).save(folder / "images" / "tiny" / "00001.jpg", "PNG")
    code, lines = run(folder)
    assert code == 1 and len(lines) == 2 and re.search("image 1: .*is grey with more than 8 bits", lines[0])


@pytest.mark.parametrize(
    ("orientation", "stored", "problems"),
    [
        (1, (24, 32), 0),
        (3, (24, 32), 1),  # upside down: both ways fit, and the size does not tell which was annotated
        (6, (24, 32), 0),
        (6, (32, 24), 0),
    ],
)
def test_photos_with_an_exif_turn(tmp_path, orientation, stored, problems):
    folder = tiny_set.write(tmp_path)
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = Image.new("RGB", stored[::-1])
    photo.save(folder / "images" / "tiny" / "00001.jpg", exif=exif)
    code, lines = run(folder)
    assert code == problems and len(lines) == 1 + problems
    assert not problems or re.search("image 1: .*00001.jpg' carries a turn in its EXIF data", lines[0])
