"""The data set that ships: every file, every picture, every annotation keeps what the data card promises."""

import gzip
import hashlib
from functools import cache

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from course_utils.dataset import CLASSES, load, load_foods
from course_utils.paths import data_dir

FIRST_KITCHEN = {"train": 900, "val": 100, "test_occluded": 150, "test_non_occluded": 150, "weighing": 720}
COUNTS = FIRST_KITCHEN | {"test_foreign": 60}
SPLITS = pytest.mark.parametrize("split", COUNTS)
KITCHEN = pytest.mark.parametrize("split", FIRST_KITCHEN)
"""What holds of the first kitchen alone: in the wider world photos cut food off, and other things hide it."""


@cache
def content(split: str) -> dict:
    return dict(load(split).file.content)


@cache
def masks_of(split: str) -> list[tuple[dict, np.ndarray, np.ndarray]]:
    """For each picture its record, the indices of its annotations, amodal and visible RLEs."""
    annotations = content(split)["annotations"]
    owners = np.array([annotation["image_id"] for annotation in annotations])
    return [(image, np.flatnonzero(owners == image["id"])) for image in content(split)["images"]]


def decoded(split: str, which: np.ndarray, key: str) -> np.ndarray:
    """``(N, H, W) bool``, decoded by pycocotools."""
    rles = [content(split)["annotations"][k][key] for k in which]
    return coco_mask.decode(rles).transpose(2, 0, 1).astype(bool)


@SPLITS
def test_all_pictures_are_there(split):
    images = content(split)["images"]
    assert [image["id"] for image in images] == list(range(1, COUNTS[split] + 1))


@KITCHEN
def test_the_scenarios_are_as_promised(split):
    scenarios = [image["scenario"] for image in content(split)["images"]]
    expected = {
        "train": ["occluded"] * 600 + ["non_occluded"] * 300,
        "val": ["occluded"] * 50 + ["non_occluded"] * 50,
        "test_occluded": ["occluded"] * 150,
        "test_non_occluded": ["non_occluded"] * 150,
        "weighing": ["weighing"] * 720,
    }
    assert scenarios == expected[split][: len(scenarios)]


def test_the_foreign_scenarios_are_as_the_annotations_say():
    rates: dict[int, list[float]] = {image["id"]: [] for image in content("test_foreign")["images"]}
    for annotation in content("test_foreign")["annotations"]:
        rates[annotation["image_id"]].append(annotation["occlusion_rate"])
    for image in content("test_foreign")["images"]:
        hidden = max(rates[image["id"]], default=-1)
        expected = "empty" if hidden < 0 else "occluded" if hidden > 0.01 else "non_occluded"
        assert image["scenario"] == expected, image["file_name"]


@SPLITS
def test_pictures_have_their_size(split):
    for image in content(split)["images"]:
        with Image.open(data_dir() / "images" / image["file_name"]) as photo:
            assert (
                photo.size == (image["width"], image["height"]) == ((192,) * 2 if split == "weighing" else (320,) * 2)
            )
            assert photo.format == "JPEG"


@SPLITS
def test_pycocotools_reads_it_and_agrees(split, tmp_path, capsys):
    path = tmp_path / f"{split}.json"
    raw = load(split).file.path.read_bytes()
    path.write_bytes(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)
    coco = COCO(str(path))
    assert [category["name"] for category in coco.loadCats(coco.getCatIds())] == list(CLASSES)
    annotations = content(split)["annotations"]
    assert [annotation["id"] for annotation in annotations] == list(range(1, len(annotations) + 1))
    for key, area in (("segmentation", "area"), ("visible_segmentation", "visible_area")):
        rles = [annotation[key] for annotation in annotations]
        # One at a time: pycocotools counts the masks of a list in eight bits.
        assert [int(coco_mask.area(rle)) for rle in rles] == [annotation[area] for annotation in annotations]
    boxes = coco_mask.toBbox([annotation["segmentation"] for annotation in annotations])
    assert boxes.tolist() == [annotation["bbox"] for annotation in annotations]


def test_foreign_masks_hold_together():
    annotations = content("test_foreign")["annotations"]
    for image, which in masks_of("test_foreign"):
        if not len(which):
            continue
        whole, visible = (decoded("test_foreign", which, key) for key in ("segmentation", "visible_segmentation"))
        assert not (visible & ~whole).any() and visible.sum(axis=0).max() <= 1, image["file_name"]
        assert visible.sum(axis=(1, 2)).min() >= 40, image["file_name"]
        rates = 1 - visible.sum(axis=(1, 2)) / whole.sum(axis=(1, 2))
        assert [annotations[k]["occlusion_rate"] for k in which] == pytest.approx(rates.tolist(), abs=1e-4)
        assert sorted(annotations[k]["depth_order"] for k in which) == list(range(1, len(which) + 1))


@KITCHEN
def test_masks_hold_together(split):
    annotations = content(split)["annotations"]
    for image, which in masks_of(split):
        whole, visible = decoded(split, which, "segmentation"), decoded(split, which, "visible_segmentation")
        assert not (visible & ~whole).any(), image["file_name"]
        assert visible.sum(axis=0).max() <= 1, image["file_name"]
        assert (visible.sum(axis=(1, 2)) >= 20 * (image["width"] / 320) ** 2).all(), image["file_name"]
        assert whole[:, 1:-1, 1:-1].sum() == whole.sum(), f"{image['file_name']}: a piece touches the frame"
        assert np.array_equal(visible.any(axis=0), whole.any(axis=0)), "what hides a piece is a piece"
        orders = np.array([annotations[k]["depth_order"] for k in which])
        assert sorted(orders) == list(range(1, len(which) + 1))
        for position, k in enumerate(which):
            hiders = [j for j in range(len(which)) if j != position and (visible[j] & whole[position]).any()]
            assert [annotations[which[j]]["id"] for j in hiders] == annotations[k]["occluded_by"]
            assert (orders[hiders] < orders[position]).all(), image["file_name"]
            rate = 1 - visible[position].sum() / whole[position].sum()
            assert annotations[k]["occlusion_rate"] == pytest.approx(rate, abs=1e-4)


@pytest.mark.parametrize("split", [name for name in FIRST_KITCHEN if name != "weighing"])
def test_occlusion_is_as_promised(split):
    images = {image["id"]: image["scenario"] for image in content(split)["images"]}
    rates = {"occluded": [], "non_occluded": []}
    for annotation in content(split)["annotations"]:
        rates[images[annotation["image_id"]]].append(annotation["occlusion_rate"])
    if rates["non_occluded"]:
        assert max(rates["non_occluded"]) <= 0.01
    if rates["occluded"]:
        heaped = np.array(rates["occluded"])
        assert 0.40 <= np.mean((heaped >= 0.10) & (heaped <= 0.60)) <= 0.60
        assert np.mean(heaped > 0.85) < 0.05


@KITCHEN
def test_one_to_eight_pieces_seen_from_where_it_was_said(split):
    for image, which in masks_of(split):
        assert 1 <= len(which) <= 8
        assert image["camera_tilt_deg"] <= 25.01 and 18 < image["camera_height_cm"] < 44


@SPLITS
def test_weights_are_volume_times_density(split):
    foods = load_foods()
    ratios = []
    for annotation in content(split)["annotations"]:
        density = foods[CLASSES[annotation["category_id"] - 1]].density_g_per_cm3
        ratios.append(annotation["weight_g"] / (annotation["volume_cm3"] * density))
    assert np.abs(np.array(ratios) - 1).max() <= 0.0806 and np.std(ratios) > 0.02


@SPLITS
def test_scale_agrees_with_the_plate(split):
    """The plate's outline, where it lies wholly in the picture, is as wide as its diameter at the stated scale."""
    checked = 0
    for image in content(split)["images"]:
        if "plate_segmentation" not in image:
            continue  # a tray
        mask = coco_mask.decode(image["plate_segmentation"]).astype(bool)
        if mask[[0, -1]].any() or mask[:, [0, -1]].any():
            continue
        points = np.argwhere(mask)
        centred = points - points.mean(axis=0)
        # The long axis of a filled ellipse is four standard deviations.
        long_axis = 4 * np.sqrt(np.linalg.eigvalsh(np.cov(centred.T))[-1])
        assert long_axis / image["px_per_cm"] == pytest.approx(image["plate_diameter_cm"], rel=0.04)
        checked += 1
    assert checked >= {"weighing": 0, "test_foreign": 2}.get(split, 10)


def test_no_piece_is_in_two_splits():
    owners: dict[str, str] = {}
    bodies: dict[tuple, str] = {}  # the same food, volume and weight: the same piece under another name
    for split in COUNTS:
        for annotation in content(split)["annotations"]:
            assert owners.setdefault(annotation["item_id"], split) == split
            body = (annotation["category_id"], annotation["volume_cm3"], annotation["weight_g"])
            assert bodies.setdefault(body, split) == split


def test_the_weighing_set_is_twelve_pieces_of_each_food_ten_times():
    pieces: dict[str, list[dict]] = {}
    for annotation in content("weighing")["annotations"]:
        pieces.setdefault(annotation["item_id"], []).append(annotation)
    assert len(pieces) == 72 and all(len(photos) == 10 for photos in pieces.values())
    assert all(len({photo["weight_g"] for photo in photos}) == 1 for photos in pieces.values())
    classes = [photos[0]["category_id"] for photos in pieces.values()]
    assert [classes.count(label) for label in range(1, 7)] == [12] * 6


def test_checksums():
    lines = (data_dir() / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = dict(reversed(line.split("  ", 1)) for line in lines)
    present = {
        path.relative_to(data_dir()).as_posix()
        for path in data_dir().rglob("*")
        if path.is_file()
        and path.name not in ("SHA256SUMS", "README.md", "README.id.md")
        and ".parts" not in path.parts
    }
    assert set(listed) == present
    for name, digest in listed.items():
        assert hashlib.sha256((data_dir() / name).read_bytes()).hexdigest() == digest, name


def test_it_is_small_enough():
    files = [
        path for folder in ("images", "annotations") for path in (data_dir() / folder).rglob("*") if path.is_file()
    ]
    assert sum(path.stat().st_size for path in files) <= 33 * 2**20
