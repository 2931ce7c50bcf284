"""Scenes and splits: what is on disk is what comes out, and what is broken is named."""

import gzip
import json

import numpy as np
import pytest
from helpers import tiny_set
from PIL import Image
from pycocotools.coco import COCO

from course_utils import masks
from course_utils.dataset import CLASSES, load, load_foods
from course_utils.dataset.views import instance_map, panoptic, semantic
from course_utils.errors import CourseError


@pytest.fixture
def folder(tmp_path):
    return tiny_set.write(tmp_path)


def test_a_scene_has_all_its_parts(folder):
    split = load("tiny", folder)
    first, second = split
    assert len(split) == 2 and first.image.shape == (24, 32, 3) and first.image.dtype == np.uint8
    assert np.array_equal(first.masks, [tiny_set.BEHIND, tiny_set.FRONT])
    assert np.array_equal(first.visible_masks, [tiny_set.BEHIND & ~tiny_set.FRONT, tiny_set.FRONT])
    assert first.boxes.tolist() == [[6, 4, 16, 14], [12, 6, 20, 12]]
    assert first.labels.tolist() == [1, 6] and first.depth_orders.tolist() == [2, 1]
    assert first.occlusion_rates.tolist() == [0.24, 0] and first.weights_g.tolist() == [20, 20]
    assert [piece.name for piece in first.instances] == ["bakwan", "tempe"]
    assert first.instances[0].occluded_by == (2,)
    assert first.instances[0].visible_box.tolist() == [6, 4, 16, 14]
    assert second.scenario == "non_occluded" and split[-1].id == 2 and split[:1][0].id == 1


def test_views_of_the_same_plate(folder):
    scene = load("tiny", folder)[0]
    kinds = semantic(scene)
    assert np.array_equal(kinds == 6, tiny_set.FRONT)
    assert np.array_equal(kinds == 0, ~tiny_set.PLATE)
    assert np.array_equal(scene.in_front(0), tiny_set.FRONT) and not scene.in_front(1).any()
    pieces = instance_map(scene)
    assert np.array_equal(pieces == 1, scene.visible_masks[0]) and pieces.max() == 2
    segments, facts = panoptic(scene)
    assert [fact["id"] for fact in facts] == [1, 2, 3, 4]
    assert [fact["category_id"] for fact in facts] == [0, 7, 1, 6]
    assert sum(fact["area"] for fact in facts) == segments.size
    assert all(fact["area"] == (segments == fact["id"]).sum() for fact in facts)


def test_torch_targets(folder):
    from course_utils.dataset.torch_dataset import TorchDetection

    scenes = load("tiny", folder)
    image, target = TorchDetection(scenes)[0]
    assert image.shape == (3, 24, 32) and image.min() >= 0 and image.max() <= 1
    assert target["boxes"].tolist() == scenes[0].boxes.tolist()
    assert target["masks"].sum().item() == scenes[0].masks.sum()
    _, visible = TorchDetection(scenes, "visible")[0]
    assert visible["masks"].sum() < target["masks"].sum()
    with pytest.raises(ValueError, match="amodal"):
        TorchDetection(scenes, "hidden")


def broken_mask(coco):
    coco["annotations"][0]["segmentation"]["counts"] = "0"


def broken_size(coco):
    coco["annotations"][0]["segmentation"]["size"] = [32, 24]


def no_visible(coco):
    del coco["annotations"][0]["visible_segmentation"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (broken_mask, "annotation 1.*broken RLE"),
        (broken_size, r"annotation 1: segmentation: its size is \[32, 24\]"),
        (no_visible, "annotation 1"),
    ],
)
def test_broken_annotations_are_named(tmp_path, change, words):
    coco = tiny_set.content()
    change(coco)
    with pytest.raises(CourseError, match=words):
        _ = load("tiny", tiny_set.write(tmp_path, coco))[0].instances


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("occluded_by", None, "occluded_by is None; a list of annotation ids"),
        ("occluded_by", ["2"], "occluded_by is \\['2'\\]"),
        ("depth_order", None, "depth_order is None; a whole number"),
        ("category_id", 1.5, "unknown category 1.5"),
        ("occlusion_rate", "much", "occlusion_rate is 'much'; a number is needed"),
        ("weight_g", "x", "weight_g is 'x'; a number is needed"),
    ],
)
def test_facts_of_another_kind_are_named(tmp_path, field, value, words):
    coco = tiny_set.content()
    coco["annotations"][0][field] = value
    with pytest.raises(CourseError, match=f"tiny.json: annotation 1: {words}"):
        load("tiny", tiny_set.write(tmp_path, coco))


def test_unknown_facts_are_no_numbers(tmp_path):
    coco = tiny_set.content()
    coco["annotations"][0] |= {"weight_g": None, "occlusion_rate": None}
    scene = load("tiny", tiny_set.write(tmp_path, coco))[0]
    assert np.isnan(scene.weights_g[0]) and np.isnan(scene.occlusion_rates[0])
    assert np.isnan(scene.instances[0].weight_g) and np.isnan(scene.instances[0].occlusion_rate)


@pytest.mark.parametrize("height", [None, 0, "24"])
def test_a_photo_without_a_size_is_named(tmp_path, height):
    coco = tiny_set.content()
    coco["images"][0]["height"] = height
    with pytest.raises(CourseError, match="tiny.json: image 1: height and width are"):
        _ = load("tiny", tiny_set.write(tmp_path, coco))[0]


def test_broken_files_are_named(folder):
    with pytest.raises(CourseError, match="no split 'nowhere'; there are: tiny"):
        load("nowhere", folder)
    photo = folder / "images" / "tiny" / "00001.jpg"
    photo.write_bytes(photo.read_bytes()[:200])
    with pytest.raises(CourseError, match="00001.jpg: cannot be read"):
        _ = load("tiny", folder)[0].image
    photo.unlink()
    with pytest.raises(CourseError, match="missing"):
        _ = load("tiny", folder)[0].image
    (folder / "annotations" / "tiny.json").write_text("[1, 2")
    with pytest.raises(CourseError, match="tiny.json: not JSON: "):
        load("tiny", folder)
    for content in (b"", gzip.compress(b"")):
        (folder / "annotations" / "tiny.json").write_bytes(content)
        with pytest.raises(CourseError, match=r"tiny\.json: is empty$"):
            load("tiny", folder)


def test_pycocotools_reads_the_tiny_set(folder, capsys):
    coco = COCO(str(folder / "annotations" / "tiny.json"))
    for annotation, scene_mask in zip(coco.loadAnns([1, 2]), load("tiny", folder)[0].masks, strict=True):
        assert np.array_equal(coco.annToMask(annotation).astype(bool), scene_mask)


def test_food_table():
    foods = load_foods()
    assert list(foods) == list(CLASSES)
    assert foods["bakwan"].kcal_per_100g == 280 and foods["tempe"].kcal_per_100g == 336


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [("280", "many", "bakwan: kcal_per_100g"), ("tahu,", "tofu,", "no row for tahu"), ("280", "-1", "out of range")],
)
def test_a_broken_food_table_is_named(tmp_path, old, new, words):
    from course_utils.paths import data_dir

    path = tmp_path / "foods.csv"
    path.write_text((data_dir() / "foods.csv").read_text().replace(old, new, 1))
    with pytest.raises(CourseError, match=words):
        load_foods(path)


def test_the_set_is_plain_json(folder):
    assert json.loads((folder / "annotations" / "tiny.json").read_text())["annotations"][0]["id"] == 1


HUGE = {"size": [10**9, 10**9], "counts": masks.compress([10**18])}


def test_a_mask_that_claims_to_be_huge_is_not_unpacked(tmp_path):
    coco = tiny_set.content()
    coco["annotations"][0]["segmentation"] = coco["images"][0]["plate_segmentation"] = HUGE
    scene = load("tiny", tiny_set.write(tmp_path, coco))[0]
    with pytest.raises(CourseError, match=r"tiny.json: annotation 1: segmentation: its size is \[1000000000, "):
        _ = scene.instances
    with pytest.raises(CourseError, match=r"tiny.json: image 1: plate_segmentation: its size is \[1000000000, "):
        _ = scene.plate_mask


def test_a_piece_that_is_wholly_hidden_has_an_empty_visible_mask(tmp_path):
    coco = tiny_set.content()
    coco["annotations"][0]["visible_segmentation"] = masks.encode(tiny_set.FRONT & False)
    assert not load("tiny", tiny_set.write(tmp_path, coco))[0].visible_masks[0].any()


@pytest.mark.parametrize("name", [None, 5])
def test_a_photo_without_a_file_name_is_named(folder, name):
    path = folder / "annotations" / "tiny.json"
    content = json.loads(path.read_text())
    content["images"][0]["file_name"] = name
    path.write_text(json.dumps(content))
    with pytest.raises(CourseError, match=f"tiny.json: image 1: its file_name is {name}"):
        _ = load("tiny", folder)[0]
    del content["images"][0]["file_name"]
    path.write_text(json.dumps(content))
    with pytest.raises(CourseError, match="tiny.json: image 1: its file_name is None"):
        _ = load("tiny", folder)[0]


def test_crowds_are_marked(tmp_path):
    from course_utils.dataset.torch_dataset import TorchDetection

    coco = tiny_set.content()
    coco["annotations"][1]["iscrowd"] = 1
    scenes = load("tiny", tiny_set.write(tmp_path, coco))
    assert [piece.iscrowd for piece in scenes[0].instances] == [False, True]
    crowd = TorchDetection(scenes)[0][1]["iscrowd"]
    assert crowd.tolist() == [0, 1] and str(crowd.dtype) == "torch.int64"


@pytest.mark.parametrize("kind", [np.uint16, np.float32])
def test_photos_with_more_than_8_bits_are_not_read_as_white(folder, kind):
    photo = folder / "images" / "tiny" / "00001.jpg"
    Image.fromarray(np.full(tiny_set.SIZE, 3000, kind)).save(photo, "TIFF")
    with pytest.raises(CourseError, match="00001.jpg: is grey with more than 8 bits; please save it"):
        _ = load("tiny", folder)[0].image


def turned_photo(folder, orientation: int, lying: tuple[int, int]) -> None:
    """Photo 1 stored with this (height, width), a lighter half at its left, and an EXIF note to turn it."""
    pixels = np.zeros((*lying, 3), np.uint8)
    pixels[:, : lying[1] // 2] = 200
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(pixels).save(folder / "images" / "tiny" / "00001.jpg", exif=exif)


@pytest.mark.parametrize(
    ("orientation", "lying", "lighter"),
    [
        (6, (32, 24), np.s_[:12, :]),  # only turned by 90 degrees is it of the annotated size; what was left is on top
        (8, (32, 24), np.s_[12:, :]),
        (6, (24, 32), np.s_[:, :16]),  # annotated as it is stored
        (1, (24, 32), np.s_[:, :16]),
    ],
)
def test_a_photo_is_turned_where_only_so_its_size_fits(folder, orientation, lying, lighter):
    turned_photo(folder, orientation, lying)
    pixels = load("tiny", folder)[0].image
    expected = np.zeros(tiny_set.SIZE, bool)
    expected[lighter] = True
    assert np.array_equal(pixels[..., 0] > 100, expected)


def test_a_photo_of_another_size_either_way_is_named(folder):
    turned_photo(folder, 1, (32, 24))
    with pytest.raises(CourseError, match=r"00001.jpg: is \(32, 24\) high and wide, tiny.json says \(24, 32\)"):
        _ = load("tiny", folder)[0].image
