"""`course data import --repair`: what programs write wrongly is mended and counted, and offered if nobody asked."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from helpers import tiny_set
from PIL import Image

from course_utils import masks
from course_utils.commands.data import data
from course_utils.dataset.check import check_file
from course_utils.dataset.importers import Source, import_data

SQUARE = [2, 2, 12, 2, 12, 12, 2, 12]
MASK = tiny_set.rectangle(2, 2, 12, 12)


def content() -> dict:
    one = {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [SQUARE], "bbox": [2, 2, 10, 10], "area": 100}
    images = [{"id": 1, "file_name": "p1.jpg", "height": 24, "width": 32}]
    return {"images": images, "categories": [{"id": 1, "name": "bun"}], "annotations": [one | {"iscrowd": 0}]}


def write(folder: Path, coco: dict) -> Path:
    Image.new("RGB", (32, 24)).save(folder / "p1.jpg")
    path = folder / "theirs.json"
    path.write_text(json.dumps(coco))
    return path


def first(**changes):
    return lambda coco: coco["annotations"][0].update(changes)


def image(**changes):
    return lambda coco: coco["images"][0].update(changes)


def text_ids(coco):
    coco["images"][0]["id"] = coco["annotations"][0]["image_id"] = "cam_1"


def floats(coco):
    coco["images"][0] |= {"id": 1.0, "height": 24.0}
    coco["annotations"][0] |= {"id": 1.0, "image_id": 1.0, "category_id": "1"}


def root(coco):
    coco["categories"] = [{"id": 0, "name": "all"}, {"id": 1, "name": "bun", "supercategory": "all"}]


BYTES = {"size": [24, 32], "counts": str(masks.encode(MASK)["counts"].encode())}
REPAIRS = {
    "flat polygon": (first(segmentation=SQUARE), "polygons that are not nested become so: 1 time, first annotation 1"),
    "iscrowd as a text": (first(iscrowd="0"), "iscrowd written as a text or NaN becomes 0 or 1: 1 time"),
    "iscrowd NaN": (first(iscrowd=float("nan")), "iscrowd written as a text or NaN becomes 0 or 1: 1 time"),
    "floats and texts": (floats, "ids that are whole numbers written as texts or floats become whole numbers: 4 times"),
    "names as ids": (text_ids, "ids that are texts become whole numbers: 2 times, first image 'cam_1'"),
    "size -1": (image(height=-1, width=-1), "sizes are taken from the photos: 2 times, first image 1"),
    "no size": (lambda coco: coco["images"][0].pop("width"), "sizes are taken from the photos: 2 times, first image 1"),
    "no box": (first(bbox=[2, 2, -1, 10]), "boxes that are none are taken from the outlines: 1 time, first"),
    "infinite box": (first(bbox=[float("inf")] * 4), "boxes that are none are taken from the outlines: 1 time"),
    "bytes as text": (first(segmentation=BYTES), "counts written as b'...' become texts: 1 time, first annotation 1"),
    "no category": (lambda coco: coco["annotations"][0].pop("category_id"), "the only category is filled in: 1 time"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REPAIRS)
def test_each_repair_is_counted_and_the_mask_is_right(tmp_path, kind):
    change, words = REPAIRS[kind]
    coco = content()
    change(coco)
    path = write(tmp_path, coco)
    refused = import_data(Source(path))
    assert refused.faults and any(offer.startswith(words) for offer in refused.offers)
    result = import_data(Source(path, repair=True))
    assert not result.faults and any(note.startswith(words) for note in result.notes)
    (one,) = result.coco["annotations"]
    assert np.array_equal(masks.decode(one["segmentation"]), MASK) and one["iscrowd"] == 0
    assert one["bbox"] == [2, 2, 10, 10] and one["area"] == 100
    assert one["image_id"] == result.coco["images"][0]["id"] == 1 and one["category_id"] == 1
    assert {"height": 24, "width": 32}.items() <= result.coco["images"][0].items()


def test_far_outlines_are_cut(tmp_path):
    coco = content()
    coco["annotations"][0]["segmentation"] = [[2, 2, 60, 2, 60, 12, 2, 12]]
    path = write(tmp_path, coco)
    assert str(import_data(Source(path)).faults[0]).startswith(
        "annotation 1: segmentation: a polygon reaches 28 pixels out of the picture"
    )
    offer = "outlines beyond the photo are cut at its border: 1 time, first annotation 1"
    assert import_data(Source(path)).offers == check_file(path).offers == [offer]
    result = import_data(Source(path, repair=True))
    assert np.array_equal(masks.decode(result.coco["annotations"][0]["segmentation"]), tiny_set.rectangle(2, 2, 32, 12))
    assert "1 outline: a polygon reaches out of the picture and is cut at its border" in result.notes


def test_backslashes_and_roots(tmp_path):
    coco = content()
    coco["images"][0]["file_name"] = "sub\\p1.jpg"
    root(coco)
    result = import_data(Source(write(tmp_path, coco), repair=True))
    assert result.coco["images"][0]["file_name"] == "sub/p1.jpg"
    assert result.coco["categories"] == [{"id": 1, "name": "bun", "supercategory": "all"}]


def test_ids_that_meet_are_not_mixed_up(tmp_path):
    """The text "1" beside the number 1 is another photo."""
    coco = content()
    coco["images"].append({"id": "1", "file_name": "p2.jpg", "height": 24, "width": 32})
    coco["annotations"].append(coco["annotations"][0] | {"id": 2, "image_id": "1"})
    result = import_data(Source(write(tmp_path, coco), repair=True))
    assert not result.faults and [one["id"] for one in result.coco["images"]] == [1, 2]
    assert [one["image_id"] for one in result.coco["annotations"]] == [1, 2]


def test_the_command_offers_and_mends(tmp_path):
    coco = content()
    coco["annotations"][0]["segmentation"] = SQUARE
    path, out = write(tmp_path, coco), tmp_path / "annotations" / "x.json"
    result = CliRunner().invoke(data, ["import", str(path), "--out", str(out)], catch_exceptions=False)
    assert result.exit_code == 1 and not out.exists()
    assert f"{path}: --repair would mend: polygons that are not nested become so: 1 time" in result.output
    result = CliRunner().invoke(data, ["import", str(path), "--out", str(out), "--repair"], catch_exceptions=False)
    assert result.exit_code == 0 and result.output.splitlines()[-1] == f"{out}: 1 photo, 1 object"


def test_fields_of_ones_own_are_kept(tmp_path):
    coco = content()
    coco["annotations"][0] |= {"score": 0.5, "attributes": {"ripe": True}}
    (one,) = import_data(Source(write(tmp_path, coco))).coco["annotations"]
    assert one["score"] == 0.5 and one["attributes"] == {"ripe": True}


def test_the_courses_own_file_comes_back_as_it_was(tmp_path):
    coco = tiny_set.content()
    path = tiny_set.write(tmp_path, coco) / "annotations" / "tiny.json"
    result = import_data(Source(path))
    assert not result.faults and result.coco["info"]["amodal"] is True
    for ours, theirs in zip(coco["annotations"], result.coco["annotations"], strict=True):
        assert theirs == ours | {"bbox": [int(side) for side in ours["bbox"]]}
