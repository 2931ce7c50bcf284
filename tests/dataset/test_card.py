"""The data card's numbers are those of the files."""

from functools import cache

import numpy as np
import pytest

from course_utils.dataset import CLASSES, load
from course_utils.paths import data_dir

SPLITS = ("train", "val", "test_occluded", "test_non_occluded", "weighing")


@cache
def content(split: str) -> dict:
    return dict(load(split).file.content)


@cache
def card() -> str:
    return (data_dir() / "README.md").read_text(encoding="utf-8")


def table(first_header: str, second_header: str) -> dict[str, list[str]]:
    """Rows of the one table whose header begins so, by their first cell."""
    lines = card().splitlines()
    (start,) = (
        k
        for k, line in enumerate(lines)
        if line.startswith(f"| {first_header} | {second_header} |".replace("|  |", "| |"))
    )
    rows = {}
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        name, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        rows[name] = cells
    return rows


def test_counts():
    rows = table("split", "photos")
    assert list(rows) == list(SPLITS)
    for split, cells in rows.items():
        annotations = content(split)["annotations"]
        labels = [annotation["category_id"] for annotation in annotations]
        of_photo = np.bincount([annotation["image_id"] for annotation in annotations])[1:]
        numbers = [len(content(split)["images"]), len(labels), *(labels.count(k) for k in range(1, len(CLASSES) + 1))]
        assert cells == [*map(str, numbers), f"{of_photo.min()} to {of_photo.max()}"]


def test_hidden_shares():
    rows = table("split", "under 1%")
    assert list(rows) == list(SPLITS)
    for split, cells in rows.items():
        rates = [annotation["occlusion_rate"] for annotation in content(split)["annotations"]]
        counts, _ = np.histogram(rates, [0, 0.01, 0.1, 0.3, 0.6, 0.85, 1])
        assert cells == [str(count) for count in counts]


def test_weights():
    rows = table("", "bakwan")
    pieces = {one["item_id"]: one for split in SPLITS for one in content(split)["annotations"]}
    of_food = [[p["weight_g"] for p in pieces.values() if p["category_id"] == k] for k in range(1, len(CLASSES) + 1)]
    for name, what in (("lightest", np.min), ("mean", np.mean), ("heaviest", np.max)):
        assert rows[name] == [f"{what(weights):.0f}" for weights in of_food]


def test_sentences():
    heaped = {split: {i["id"] for i in content(split)["images"] if i["scenario"] == "occluded"} for split in SPLITS}
    rates = np.array(
        [a["occlusion_rate"] for s in SPLITS for a in content(s)["annotations"] if a["image_id"] in heaped[s]]
    )
    share, buried = np.mean((rates >= 0.1) & (rates <= 0.6)), np.mean(rates > 0.85)
    assert (
        f"In heaped plates {share:.0%} of the pieces are hidden by 10 to 60%, and {buried:.0%} by more than 85%"
        in card()
    )
    photos = [image for split in SPLITS for image in content(split)["images"] if image["scenario"] != "weighing"]
    heights = [image["camera_height_cm"] for image in photos]
    assert f"The camera is {min(heights):.0f} to {max(heights):.0f} cm high" in card()
    tilts = [image["camera_tilt_deg"] for image in photos]
    assert np.median(tilts) < 8 and max(tilts) <= 25.01


def test_the_foreign_split_is_as_the_card_says():
    images, annotations = (content("test_foreign")[kind] for kind in ("images", "annotations"))
    scenarios = [image["scenario"] for image in images]
    of_food = [sum(one["category_id"] == k for one in annotations) for k in range(1, len(CLASSES) + 1)]
    *firsts, last = (f"{count} {name}" for count, name in zip(of_food, CLASSES, strict=True))
    most = np.bincount([one["image_id"] for one in annotations]).max()
    words = " ".join(card().split())
    assert (
        f"{scenarios.count('occluded')} photos with something hidden, {scenarios.count('non_occluded')} where all is in"
        f" full view, and {scenarios.count('empty')} without food of the course; {len(annotations)} pieces in all, "
        f"{', '.join(firsts)} and {last}, up to {most} on a photo"
    ) in words


@pytest.mark.parametrize("kind", ["annotations", "images"])
def test_every_field_is_described(kind):
    common = {"id", "image_id", "category_id", "iscrowd", "file_name", "width", "height"}
    for split in SPLITS:
        for field in content(split)[kind][0].keys() - common:
            assert f"`{field}`" in card(), field
