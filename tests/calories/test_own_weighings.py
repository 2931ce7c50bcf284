"""Outlines and weights of one's own become a weighing set."""

import json

import numpy as np
import pytest

from course_utils.calories.own_weighings import own_weighings
from course_utils.calories.weight import WeightModel, weighings
from course_utils.dataset import CLASSES, load
from course_utils.errors import CourseError
from course_utils.masks import encode

SCENES = [scene for scene in load("weighing") if scene.instances[0].name in ("tahu", "bolu")][::20]


# The course's plates run out of these photos; a saucer of known size lies there instead.
SAUCER = np.hypot(*(np.mgrid[:192, :192] - 95.5)) <= 90


@pytest.fixture
def files(tmp_path):
    """The course's own photos, as a reader would have outlined and weighed them."""
    coco = {"images": [], "annotations": [], "categories": [{"id": 7, "name": "plate"}]}
    coco["categories"] += [{"id": 10 + k, "name": name} for k, name in enumerate(CLASSES)]
    lines = ["photo,piece,weight_g,plate_cm"]
    for scene in SCENES:
        height, width = scene.size
        name = f"{scene.id}.jpg"
        coco["images"].append({"id": scene.id, "file_name": f"photos/{name}", "height": height, "width": width})
        for label, mask in ((9 + scene.labels[0], scene.masks[0]), (7, SAUCER)):
            one = {"id": len(coco["annotations"]) + 1, "image_id": scene.id, "category_id": int(label), "iscrowd": 0}
            coco["annotations"].append(one | {"segmentation": encode(mask), "bbox": [0, 0, 1, 1]})
        lines.append(f"{name},{scene.instances[0].item_id},{scene.weights_g[0]},{180 / scene.px_per_cm}")
    outlines, scales = tmp_path / "outlines.json", tmp_path / "scales.csv"
    outlines.write_text(json.dumps(coco))
    scales.write_text("\n".join(lines))
    return outlines, scales


def test_they_are_what_the_course_would_measure(files):
    own, courses = own_weighings(*files), weighings(SCENES)
    assert own.labels.tolist() == courses.labels.tolist() and own.weights_g == pytest.approx(courses.weights_g)
    assert own.features == pytest.approx(courses.features, rel=0.03)
    assert len(np.unique(own.items)) == len(np.unique(courses.items))
    assert set(WeightModel(own).labels) == {CLASSES.index("tahu") + 1, CLASSES.index("bolu") + 1}


def change(path, old, new):
    content = path.read_text()
    assert old in content
    path.write_text(content.replace(old, new, 1))


@pytest.mark.parametrize(
    ("which", "old", "new", "words"),
    [
        (1, "weight_g", "grams", "has no column weight_g; it needs photo, piece, weight_g, plate_cm"),
        (1, f"{SCENES[0].id}.jpg,", "other.jpg,", f"outlines.json: {SCENES[0].id}.jpg is not in .*scales.csv"),
        (1, f",{SCENES[0].weights_g[0]},", ",-3,", "weight_g is -3.0; a positive number is needed"),
        (1, f",{SCENES[0].weights_g[0]},", ",heavy,", "weight_g is heavy; a positive number is needed"),
        (1, f"{SCENES[1].id}.jpg", f"{SCENES[0].id}.jpg", "needs a line for each photo, and no two for one"),
        (0, '"category_id": 7', '"category_id": 10', "one plate and one of .* are needed; outlined are: bolu, bakwan"),
        (0, '"name": "bolu"', '"name": "cake"', "one plate and one of .* are needed; outlined are: cake, plate"),
    ],
)
def test_what_does_not_fit_is_named(files, which, old, new, words):
    change(files[which], old, new)
    with pytest.raises(CourseError, match=words):
        own_weighings(*files)


def test_a_missing_table_is_named(files, tmp_path):
    with pytest.raises(CourseError, match="none.csv: cannot be read as a table"):
        own_weighings(files[0], tmp_path / "none.csv")
