"""Plain COCO is read by everything without a conversion, and by everything alike."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from helpers import foreign, tiny_set
from PIL import Image

from course_utils.commands.data_check import check
from course_utils.dataset import load
from course_utils.dataset.annotations import AnnotationFile, outline_findings
from course_utils.errors import CourseError
from course_utils.training.samples import CocoFile

SQUARE = [[2, 2, 12, 2, 12, 12, 2, 12]]
OTHER = [[14, 4, 24, 4, 24, 14, 14, 14]]


def content() -> dict:
    """Two photos with two squares of ten by ten each."""
    images = [{"id": k, "file_name": f"p{k}.jpg", "height": 24, "width": 32} for k in (1, 2)]
    annotations = [
        {"id": 2 * image + k - 2, "image_id": image, "category_id": k, "segmentation": outline, "iscrowd": 0}
        | {"bbox": [outline[0][0], outline[0][1], 10, 10], "area": 100}
        for image in (1, 2)
        for k, outline in ((1, SQUARE), (2, OTHER))
    ]
    categories = [{"id": 1, "name": "bun"}, {"id": 2, "name": "cake"}]
    return {"images": images, "annotations": annotations, "categories": categories}


def write(folder: Path, coco: dict | None = None, name: str = "train.json") -> Path:
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    (folder / "images").mkdir(exist_ok=True)
    for number in (1, 2):
        Image.new("RGB", (32, 24), (9, 99, 9)).save(folder / "images" / f"p{number}.jpg")
    path = folder / "annotations" / name
    path.write_text(json.dumps(coco or content()))
    return path


def run_check(path: Path, *options: str) -> tuple[int, list[str]]:
    result = CliRunner().invoke(check, [str(path), *options], catch_exceptions=False)
    return result.exit_code, result.output.splitlines()


def test_it_opens_as_scenes_with_visible_masks(tmp_path):
    write(tmp_path)
    scenes = load("train", tmp_path)
    assert len(scenes) == 2 and not scenes.amodal and "visible masks only" in repr(scenes)
    scene = scenes[0]
    expected = np.zeros((2, 24, 32), bool)
    expected[0, 2:12, 2:12] = expected[1, 4:14, 14:24] = True
    assert np.array_equal(scene.masks, expected) and np.array_equal(scene.visible_masks, expected)
    assert not scene.amodal and scene.boxes.tolist() == [[2, 2, 12, 12], [14, 4, 24, 14]]
    assert scene.labels.tolist() == [1, 2] and np.isnan(scene.occlusion_rates).all()
    assert scene.depth_orders.tolist() == [0, 0] and scene.instances[0].occluded_by == ()
    assert scene.image.shape == (24, 32, 3)


ENCODINGS = {
    "a byte-order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "gzip": lambda text: gzip.compress(text.encode()),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encodings_are_read_by_all(tmp_path, encoding):
    path = write(tmp_path)
    path.write_bytes(ENCODINGS[encoding](path.read_text()))
    assert len(load("train", tmp_path)) == 2 and len(CocoFile(path)) == 2
    assert run_check(path) == (
        0,
        [f"{path}: 2 images, 4 annotations (visible masks only, amodal ones are missing): no problems"],
    )


def test_the_compressed_file_is_found_by_its_split(tmp_path):
    path = write(tmp_path)
    path.with_name("train.json.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    assert len(load("train", tmp_path)) == 2
    with pytest.raises(CourseError, match="there is no split 'val'; there are: train"):
        load("val", tmp_path)


def test_other_encodings_and_broken_gzip_are_named(tmp_path):
    path = write(tmp_path)
    path.write_bytes('{"images": "中文"}'.encode("gbk"))
    assert run_check(path)[1][0] == f"{path}: error: not JSON in UTF-8; save it in that encoding"
    path.write_bytes(gzip.compress(b"[]" * 999)[:20])
    assert "its gzip compression is damaged" in run_check(path)[1][0]


def first(**changes):
    def change(coco):
        coco["annotations"][0] |= changes

    return change


ERRORS = {
    "iscrowd as a text": (first(iscrowd="0"), "annotation 1: iscrowd is '0'; 0 or 1 is needed"),
    "iscrowd of pandas": (first(iscrowd=float("nan")), "annotation 1: iscrowd is nan; 0 or 1 is needed"),
    "a box only": (first(segmentation=[]), "annotation 1: segmentation: there is no outline, only a box"),
    "neither": (first(segmentation=None, bbox=None), "annotation 1: segmentation: there is no outline"),
    "a flat polygon": (first(segmentation=SQUARE[0]), "annotation 1: segmentation: polygons are not nested"),
    "a line": (first(segmentation=[[2, 2, 9, 2, 20, 2]]), "annotation 1: segmentation: the mask is empty"),
    "far over the border": (
        first(segmentation=[[2, 2, 40, 2, 40, 12, 2, 12]]),
        "annotation 1: segmentation: a polygon reaches 8 pixels out of the picture, 24 high, 32 wide",
    ),
    "an infinite box": (
        first(bbox=[float("inf"), 2, 10, 10]),
        "annotation 1: bbox [inf, 2, 10, 10] holds NaN or infinity",
    ),
    "a text as id": (first(image_id="1"), "annotation 1: no image has the id '1' that it names"),
    "a float as id": (first(id=1.0), "annotation 1.0: its id is no whole number"),
    "no area and no name": (lambda coco: coco["categories"][0].pop("name"), "category 1: it has no name"),
}


@pytest.mark.parametrize("fault", ERRORS)
def test_all_refuse_the_same_in_the_same_words(tmp_path, fault):
    change, words = ERRORS[fault]
    coco = content()
    change(coco)
    path = write(tmp_path, coco)
    code, lines = run_check(path)
    assert code == 1 and f"{path}: error: {words}" in [line[: len(f"{path}: error: {words}")] for line in lines]
    with pytest.raises(CourseError) as trained:
        CocoFile(path)
    assert str(trained.value).startswith(f"{path}: {words}") and "\n" not in str(trained.value)
    with pytest.raises(CourseError) as loaded:
        _ = load("train", tmp_path)[0].masks
    # An outline is looked at when it is asked for; its message names the file without its folders.
    assert words.removesuffix(", only a box") in str(loaded.value).replace("train.json: ", f"{path}: ")


ADVICE = {
    "no area": (lambda coco: coco["annotations"][0].pop("area"), "annotation 1: its area is None; it is taken"),
    "area NaN": (first(area=float("nan")), "annotation 1: its area is nan; it is taken"),
    "area of something else": (first(area=500), "annotation 1: its area is 500, that of its outline 100"),
    "no box": (lambda coco: coco["annotations"][0].pop("bbox"), "annotation 1: it has no bbox; it is taken"),
    "corners as box": (
        first(bbox=[14, 4, 24, 14], segmentation=OTHER),
        "annotation 1: its bbox is [14, 4, 24, 14], that of its outline [14, 4, 10, 10]; it holds corners x1",
    ),
    "box elsewhere": (
        first(bbox=[15, 10, 10, 10]),
        "annotation 1: its bbox is [15, 10, 10, 10], that of its outline [2, 2, 10, 10]",
    ),
    "a hole": (
        first(segmentation=[[0, 0, 20, 0, 20, 20, 0, 20], [4, 4, 14, 4, 14, 14, 4, 14]], area=300, bbox=[0, 0, 20, 20]),
        "annotation 1: its area is 300, that of its outline 400; a ring may be a hole",
    ),
    "over the border": (
        first(segmentation=[[-1.5, 2, 12, 2, 12, 12, -1.5, 12]], bbox=[0, 2, 12, 10], area=120),
        "annotation 1: segmentation: a polygon reaches out of the picture and is cut at its border",
    ),
    "a remnant": (
        first(segmentation=[*SQUARE, [20, 20, 21, 20]]),
        "annotation 1: segmentation: a polygon of less than three",
    ),
    "the same object": (
        first(segmentation=OTHER, category_id=2, bbox=[14, 4, 10, 10]),
        "annotation 2: is the same object as annotation 1",
    ),
    "the same photo": (
        lambda coco: coco["images"][1].update(file_name="p1.jpg"),
        "image 2: its file_name 'p1.jpg' is that of image 1",
    ),
    "the same name": (
        lambda coco: coco["categories"][1].update(name="bun"),
        "category 2: its name 'bun' is that of category 1",
    ),
    "an id of 0": (first(id=0), "annotation 0: ids start at 1"),
    "a root": (
        lambda coco: (
            coco["categories"].insert(0, {"id": 9, "name": "snacks", "supercategory": "none"}),
            [one.update(supercategory="snacks") for one in coco["categories"][1:]],
        ),
        "category 9 ('snacks'): is the root above the others",
    ),
    "an unused category": (
        lambda coco: coco["categories"].append({"id": 9, "name": "pie"}),
        "1 of 3 categories has no objects: pie",
    ),
}


@pytest.mark.parametrize("fault", ADVICE)
def test_what_all_can_do_with_is_advice(tmp_path, fault):
    change, words = ADVICE[fault]
    coco = content()
    change(coco)
    path = write(tmp_path, coco)
    code, lines = run_check(path)
    assert code == 0 and lines[0].startswith(f"{path}: advice: {words}"), lines
    assert lines[-1].endswith("of advice")
    assert len(CocoFile(path)) == 2 and load("train", tmp_path)[0].masks.any(axis=(1, 2)).all()


def test_what_is_cut_at_the_border_is_what_pycocotools_draws(tmp_path):
    coco = content()
    coco["annotations"][0]["segmentation"] = [[-1.5, -1, 12, -1, 12, 12, -1.5, 12]]
    mask = CocoFile(write(tmp_path, coco))[0].whole[0].numpy()
    expected = np.zeros((24, 32), bool)
    expected[:12, :12] = True
    assert np.array_equal(mask, expected)


@pytest.mark.parametrize("flag", [0, 1, True, False, 0.0, 1.0, None])
def test_flags_of_crowds_that_mean_something(tmp_path, flag):
    coco = content()
    coco["annotations"][0]["iscrowd"] = flag
    path = write(tmp_path, coco)
    assert run_check(path)[0] == 0
    assert CocoFile(path)[0].labels.tolist() == ([2] if flag else [1, 2])
    assert load("train", tmp_path)[0].crowds.tolist() == [bool(flag), False]


def test_equal_lines_come_together_and_singly_if_asked(tmp_path):
    coco = content()
    for one in coco["annotations"]:
        one["segmentation"] = []
    path = write(tmp_path, coco)
    what = "segmentation: there is no outline, only a box"
    line = f"{path}: error: {what}: 4 annotations, first ids 1, 2, 3; --all lists them"
    assert run_check(path)[1][0] == line and len(run_check(path)[1]) == 2
    assert [line.split(": ")[2] for line in run_check(path, "--all")[1][:-1]] == [
        f"annotation {k}" for k in (1, 2, 3, 4)
    ]


def test_a_report_for_programs(tmp_path):
    coco = content()
    coco["annotations"][0] |= {"iscrowd": "0"}
    del coco["annotations"][1]["area"]
    path = write(tmp_path, coco)
    code, lines = run_check(path, "--json")
    (entry,) = json.loads("\n".join(lines))
    assert code == 1 and entry == {
        "file": str(path),
        "images": 2,
        "annotations": 4,
        "amodal": False,
        "errors": [{"record": "annotation 1", "what": "iscrowd is '0'; 0 or 1 is needed"}],
        "advice": [{"record": "annotation 2", "what": "its area is None; it is taken from the outline"}],
    }


def test_an_amodal_file_with_a_hidden_object(tmp_path):
    coco = tiny_set.content()
    coco["annotations"][0]["visible_segmentation"] = {"size": [24, 32], "counts": [768]}
    file = AnnotationFile(tiny_set.write(tmp_path, coco) / "annotations" / "tiny.json")
    (finding,) = outline_findings(file)
    assert str(finding) == "annotation 1: is wholly hidden: nothing of it can be seen, and it is not learned"
    assert finding.advice and "1 wholly hidden, not learned" in CocoFile(file.path).notes[0]


@pytest.mark.parametrize("name", ["kins-2019", "kins-2020", "cocoa"])
def test_files_of_other_formats_are_named_by_all(tmp_path, name):
    theirs = {"kins-2019": foreign.to_kins_2019, "kins-2020": foreign.to_kins_2020, "cocoa": foreign.to_cocoa}
    path = write(tmp_path, theirs[name](tiny_set.content()))
    words = (
        rf"train\.json: looks like {name} \(its annotations have \w+\); convert it: course data import \S+train\.json"
    )
    for read in (CocoFile, AnnotationFile, lambda _: load("train", tmp_path)):
        with pytest.raises(CourseError, match=words):
            read(path)
    code, lines = run_check(path)
    assert code == 1 and f"looks like {name}" in lines[0]


def test_files_of_other_kinds_beside_are_advice_and_alone_an_error(tmp_path):
    path = write(tmp_path)
    captions = path.with_name("captions.json")
    captions.write_text(json.dumps({"images": [], "annotations": [{"id": 1, "image_id": 1, "caption": "a"}]}))
    code, lines = run_check(tmp_path)
    assert code == 0 and len(lines) == 2 and lines[1].endswith("no problems")
    assert lines[0].startswith(f"{captions}: advice: looks like COCO captions (its annotations have caption)")
    code, lines = run_check(captions)
    assert code == 1 and len(lines) == 1 and lines[0].startswith(f"{captions}: error: looks like COCO captions")


def test_the_check_offers_repairs(tmp_path):
    coco = content()
    coco["annotations"][0]["segmentation"] = SQUARE[0]
    path = write(tmp_path, coco)
    offer = "polygons that are not nested become so: 1 time, first annotation 1"
    assert f"{path}: course data import --repair would mend: {offer}" in run_check(path)[1]
