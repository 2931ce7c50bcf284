"""labelme, YOLO, VIA, D2SA: what people draw and what other programs write, by hand."""

import base64
import io
import json
from pathlib import Path

import numpy as np
import pytest
from helpers import tiny_set
from PIL import Image

from course_utils import masks
from course_utils.dataset.findings import grouped
from course_utils.dataset.importers import Source, import_data
from course_utils.errors import CourseError

SIZE = (24, 32)


def mask_of(x1: int, y1: int, x2: int, y2: int) -> np.ndarray:
    return tiny_set.rectangle(x1, y1, x2, y2)


def shape(label: str, points: list, kind: str = "polygon", group: int | None = None, **more) -> dict:
    return {"label": label, "points": points, "shape_type": kind, "group_id": group, "flags": {}} | more


def corners(x1: int, y1: int, x2: int, y2: int) -> list[list[int]]:
    return [[x1, y1], [x2, y1], [x2, y2], [x1, y2]]


def labelme(folder: Path, shapes: list, name: str = "p1", **more) -> Path:
    content = {"version": "5.4.1", "flags": {}, "shapes": shapes, "imagePath": f"{name}.jpg", "imageData": None}
    (folder / f"{name}.json").write_text(json.dumps(content | {"imageHeight": 24, "imageWidth": 32} | more))
    return folder


def read(path: Path, **options) -> tuple[list[tuple[str, np.ndarray, np.ndarray]], list[str], dict]:
    """For each object the name of its class, its whole and its visible mask; the faults; and all of the COCO."""
    result = import_data(Source(path, **options))
    names = {one["id"]: one["name"] for one in result.coco["categories"]}
    found = [
        (names[one["category_id"]], masks.decode(one["segmentation"]), masks.decode(one["visible_segmentation"]))
        for one in result.coco["annotations"]
    ]
    return found, [str(fault) for fault in result.faults], result.coco


def test_labelme_shapes_and_groups(tmp_path):
    picture = io.BytesIO()
    Image.fromarray(np.full((3, 4), 255, np.uint8)).save(picture, "PNG")
    text = base64.b64encode(picture.getvalue()).decode()
    shapes = [
        shape("bun", corners(2, 2, 10, 8)),
        shape("cake", [[12, 2], [18, 8]], "rectangle", group=1),
        shape("cake", corners(20, 2, 24, 8), group=1),
        shape("bun", corners(2, 12, 4, 14), group=1),
        shape("pie", [[25, 16], [29, 16]], "circle"),
        shape("pie", [[4, 18], [7, 20]], "mask", mask=text),
    ]
    found, faults, coco = read(labelme(tmp_path, shapes))
    assert not faults and [name for name, _, _ in found] == ["bun", "cake", "bun", "pie", "pie"]
    assert np.array_equal(found[0][1], mask_of(2, 2, 10, 8))
    assert np.array_equal(found[1][1], mask_of(12, 2, 18, 8) | mask_of(20, 2, 24, 8))
    assert np.array_equal(found[2][1], mask_of(2, 12, 4, 14))
    rows, columns = np.indices(SIZE) + 0.5
    disc = (rows - 16) ** 2 + (columns - 25) ** 2 <= 16
    assert np.count_nonzero(found[3][1] ^ disc) <= 2 and found[3][1].sum() > 40
    assert np.array_equal(found[4][1], mask_of(4, 18, 8, 21))
    assert coco["images"] == [{"file_name": "p1.jpg", "height": 24, "width": 32, "id": 1}]
    assert coco["info"]["amodal"] is False


MARKS = {
    "a flag for what is visible": [
        shape("bun", corners(2, 2, 12, 12), group=1),
        shape("bun", corners(2, 2, 6, 12), group=1, flags={"visible": True}),
    ],
    "an ending for what is visible": [
        shape("bun", corners(2, 2, 12, 12), group=1),
        shape("bun_visible", corners(2, 2, 6, 12), group=1),
    ],
    "an ending for the whole": [
        shape("bun (amodal)", corners(2, 2, 12, 12), group=1),
        shape("bun", corners(2, 2, 6, 12), group=1),
    ],
}


@pytest.mark.parametrize("mark", MARKS)
def test_labelme_amodal(tmp_path, mark):
    found, faults, coco = read(labelme(tmp_path, [*MARKS[mark], shape("cake", corners(20, 2, 24, 8))]))
    assert not faults and [name for name, _, _ in found] == ["bun", "cake"] and coco["info"]["amodal"] is True
    assert np.array_equal(found[0][1], mask_of(2, 2, 12, 12)) and np.array_equal(found[0][2], mask_of(2, 2, 6, 12))
    assert np.array_equal(found[1][1], found[1][2])


LABELME_FAULTS = {
    "a line": (shape("bun", [[1, 1], [5, 5]], "line"), "shape 1 of p1.json: a 'line' of 2 points has no area"),
    "no label": (shape("", corners(2, 2, 9, 9)), "shape 1 of p1.json: its label is ''"),
    "a point of three": (shape("bun", [[1, 2, 3]] * 3), "shape 1 of p1.json: [1, 2, 3]: 2 numbers are needed"),
    "a broken mask": (shape("bun", [[2, 2], [9, 9]], "mask", mask="x"), "shape 1 of p1.json: its mask is no picture"),
    "visible of nothing": (shape("bun_visible", corners(2, 2, 9, 9)), "shape 1 of p1.json: is marked visible but"),
    "no object": (7, "shape 1 of p1.json: is 7, not an object"),
    "two points": (shape("bun", [[1, 1], [5, 5]]), "shape 1 of p1.json: segmentation: broken polygon: three"),
    "nan": (shape("bun", [[1, 1], [5, float("nan")], [3, 3]]), "shape 1 of p1.json: [5, nan]: 2 numbers are needed"),
}  # fmt: skip


@pytest.mark.parametrize("fault", LABELME_FAULTS)
def test_labelme_faults(tmp_path, fault):
    broken, words = LABELME_FAULTS[fault]
    labelme(tmp_path, [shape("bun", corners(2, 2, 9, 9))], "p2")
    found, faults, _ = read(labelme(tmp_path, [broken]))
    assert len(found) == 1 and len(faults) == 1 and faults[0].startswith(words)
    # Left out with its photo: what nobody outlined there is not background.
    assert [one["file_name"] for one in read(tmp_path, leave_out=True)[2]["images"]] == ["p2.jpg"]


def test_labelme_sizes_come_from_photos_and_other_files_are_named(tmp_path):
    labelme(tmp_path, [shape("bun", corners(2, 2, 9, 9))], imageHeight=None)
    assert read(tmp_path)[1] == [
        "file p1.json: imageHeight and imageWidth are missing, and so is the photo: "
        f"[Errno 2] No such file or directory: '{tmp_path}/p1.jpg'"
    ]
    Image.new("RGB", (32, 24)).save(tmp_path / "p1.jpg")
    (tmp_path / "z.json").write_text("{}")
    found, faults, _ = read(tmp_path)
    assert len(found) == 1 and faults == ["file z.json: is no file of labelme: it has no shapes"]


def yolo(folder: Path, lines: list[str], names: str = "[bun, cake]", train: str = "images/train") -> Path:
    for kind in ("images", "labels"):
        (folder / kind / "train").mkdir(parents=True)
    (folder / "data.yaml").write_text(f"names: {names}\ntrain: {train}\n")
    for name in ("p1", "p2"):
        Image.new("RGB", (32, 24)).save(folder / "images" / "train" / f"{name}.jpg")
    (folder / "labels" / "train" / "p1.txt").write_text("\n".join(lines) + "\n")
    return folder


SQUARE = "0.25 0.25 0.5 0.25 0.5 0.5 0.25 0.5"


@pytest.mark.parametrize("names", ["[bun, cake]", "{0: bun, 1: cake}"])
@pytest.mark.parametrize("train", ["images/train", "../images/train", "[images/train]"])
def test_yolo(tmp_path, names, train):
    found, faults, coco = read(yolo(tmp_path, [f"1 {SQUARE}", ""], names, train))
    assert not faults and len(found) == 1 and found[0][0] == "cake"
    assert np.array_equal(found[0][1], mask_of(8, 6, 16, 12))
    assert [one["file_name"] for one in coco["images"]] == ["images/train/p1.jpg", "images/train/p2.jpg"]


def test_yolo_faults(tmp_path):
    lines = [f"0 {SQUARE}", "0 .5 .5 .25 .25", "0 a b", f"7 {SQUARE}", "0 .1 .1 .2 .2 .3", "0 90 90 99 90 99 99"]
    found, faults, _ = read(yolo(tmp_path, lines))
    assert len(found) == 1 and faults == [
        "line 3 of p1.txt: '0 a b': a class and numbers from 0 to 1 are needed",
        "line 4 of p1.txt: its class is 7; data.yaml names [0, 1]",
        "line 2 of p1.txt: segmentation: there is no outline",
        "line 5 of p1.txt: segmentation: broken polygon: 5 numbers; three points or more, x and y each, are needed",
        "line 6 of p1.txt: segmentation: broken polygon: a corner lies far out of the picture",
    ]
    boxed = read(tmp_path, boxes=True)[0]
    assert len(boxed) == 2 and np.array_equal(boxed[1][1], mask_of(12, 9, 20, 15))


def test_yolo_objects_without_a_photo_are_named(tmp_path):
    yolo(tmp_path, [f"0 {SQUARE}"])
    labels = tmp_path / "labels" / "train"
    (labels / "lost.txt").write_text(f"0 {SQUARE}\n1 {SQUARE}\n")
    (labels / "classes.txt").write_text("bun\ncake with a lot of cream\n")
    result = import_data(Source(tmp_path))
    assert [str(one) for one in result.faults] == ["file lost.txt: holds 2 objects, but its photo is missing"]
    assert "1 photo without a text file, taken to hold no objects, first p2.jpg" in result.notes
    # Photos of another split may have theirs in the same folder.
    Image.new("RGB", (32, 24)).save(tmp_path / "images" / "train" / "lost.png")
    (tmp_path / "train.txt").write_text("images/train/p1.jpg\nimages/train/p2.jpg\n")
    (tmp_path / "data.yaml").write_text("names: [bun, cake]\ntrain: train.txt\n")
    assert not import_data(Source(tmp_path)).faults
    photos = [one["file_name"] for one in import_data(Source(tmp_path)).coco["images"]]
    assert photos == ["images/train/p1.jpg", "images/train/p2.jpg"]


def test_many_equal_faults_of_a_folder_share_a_line(tmp_path):
    line = shape("bun", [[1, 1], [5, 5]], "line")
    lines = list(grouped(import_data(Source(labelme(tmp_path, [line] * 5))).faults))
    first = "first ids 1 of p1.json, 2 of p1.json, 3 of p1.json"
    assert lines == [f"a 'line' of 2 points has no area: 5 shapes, {first}; --all lists them"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("names: [a]\nval: x\n", "there is no split 'train'; there are: val"),
        ("names: [a]\ntrain: nowhere\n", "no photos of train were found in nowhere"),
        ("names: 7\ntrain: images\n", "names are 7; a list"),
        ("[", "not YAML"),
        ("7", "is no data.yaml"),
    ],
)
def test_yolo_settings_that_cannot_work(tmp_path, text, words):
    (tmp_path / "data.yaml").write_text(text)
    with pytest.raises(CourseError, match=f"data.yaml: {words}"):
        import_data(Source(tmp_path))


def region(name: str, label: str | None = "bun", **shape) -> dict:
    return {"shape_attributes": {"name": name} | shape, "region_attributes": {"kind": label} if label else {}}


def via(folder: Path, regions: object, project: bool = True) -> Path:
    Image.new("RGB", (32, 24)).save(folder / "p1.jpg")
    entries = {"p1.jpg1234": {"filename": "p1.jpg", "size": 1234, "regions": regions, "file_attributes": {}}}
    path = folder / "via.json"
    path.write_text(json.dumps({"_via_settings": {}, "_via_img_metadata": entries} if project else entries))
    return path


POLYGON = region("polygon", all_points_x=[2, 10, 10, 2], all_points_y=[2, 2, 8, 8])


@pytest.mark.parametrize("project", [True, False])
@pytest.mark.parametrize("listed", [True, False])
def test_via(tmp_path, project, listed):
    regions = [POLYGON, region("rect", "cake", x=12, y=4, width=6, height=5), region("circle", cx=25, cy=16, r=4)]
    path = via(tmp_path, regions if listed else {str(k): one for k, one in enumerate(regions)}, project)
    found, faults, coco = read(path)
    assert not faults and [name for name, _, _ in found] == ["bun", "cake", "bun"]
    assert np.array_equal(found[0][1], mask_of(2, 2, 10, 8)) and np.array_equal(found[1][1], mask_of(12, 4, 18, 9))
    assert abs(int(found[2][1].sum()) - 50) <= 4
    assert coco["images"] == [{"id": 1, "file_name": "p1.jpg", "width": 32, "height": 24}]


def test_via_without_names_and_with_faults(tmp_path):
    assert [name for name, _, _ in read(via(tmp_path, [region("rect", None, x=1, y=1, width=5, height=5)]))[0]] == [
        "object"
    ]
    broken = [
        POLYGON,
        region("polyline", all_points_x=[1], all_points_y=[1]),
        region("rect", None, x=1, y=1, width=5, height=5),
    ]
    broken += [region("rect", x="a", y=1, width=5, height=5), 7]
    found, faults, _ = read(via(tmp_path, broken))
    assert len(found) == 1 and faults == [
        "photo 'p1.jpg', region 2: a 'polyline' has no area",
        "photo 'p1.jpg', region 3: its kind is None; the name of its class is needed",
        "photo 'p1.jpg', region 4: ['a', 1, 5, 5]: a list of numbers are needed",
        "photo 'p1.jpg', region 5: is 7, not an object",
    ]
    (tmp_path / "p1.jpg").unlink()
    assert "its photo, which was not found below" in read(tmp_path / "via.json")[1][0]


def d2sa(visible: object, invisible: object = None, rate: float = 0.375) -> dict:
    whole = masks.encode(mask_of(4, 4, 12, 12))
    hider = {"id": 2, "image_id": 1, "category_id": 1, "iscrowd": False, "occlude_rate": 0.0}
    hider |= {"segmentation": masks.encode(mask_of(8, 4, 16, 10)), "visible_mask": masks.encode(mask_of(8, 4, 16, 10))}
    one = {"id": 1, "image_id": 1, "category_id": 1, "segmentation": whole, "iscrowd": False, "occlude_rate": rate}
    one |= {key: value for key, value in (("visible_mask", visible), ("invisible_mask", invisible)) if value}
    images = [{"id": 1, "file_name": "p1.jpg", "height": 24, "width": 32}]
    return {"images": images, "categories": [{"id": 1, "name": "bun"}], "annotations": [one, hider]}


SEEN, HIDDEN = mask_of(4, 4, 12, 12) & ~mask_of(8, 4, 16, 10), mask_of(8, 4, 12, 10)


@pytest.mark.parametrize("which", [(SEEN, None), (None, HIDDEN), (SEEN, HIDDEN)])
@pytest.mark.parametrize("depth", [True, False])
def test_d2sa_and_cocoa_cls(tmp_path, which, depth):
    content = d2sa(*(mask is not None and masks.encode(mask) for mask in which))
    if depth:
        content["annotations"][0]["occl_depth"] = 1
    path = tmp_path / "x.json"
    path.write_text(json.dumps(content))
    found, faults, coco = read(path)
    assert not faults and np.array_equal(found[0][2], SEEN) and np.array_equal(found[0][1], mask_of(4, 4, 12, 12))
    assert coco["annotations"][0]["occluded_by"] == [2] and coco["annotations"][0]["depth_order"] == 2
    assert coco["annotations"][0]["occlusion_rate"] == 0.375 and coco["info"]["amodal"] is True


def test_occluded_without_masks_is_a_fault(tmp_path):
    path = tmp_path / "x.json"
    path.write_text(json.dumps(d2sa(None)))
    assert read(path)[1] == ["annotation 1: is occluded (38%) but has neither a visible_mask nor an invisible_mask"]


OTHERS = {
    "SuperAnnotate": ("x.json", '{"metadata": {}, "instances": []}'),
    "SA-1B": ("x.json", '{"image": {}, "annotations": [{"predicted_iou": 1, "segmentation": {}}]}'),
    "COCO panoptic": ("x.json", '{"images": [], "annotations": [{"segments_info": []}], "categories": []}'),
    "COCO captions": ("x.json", '{"images": [], "annotations": [{"caption": "a"}]}'),
    "Pascal VOC": ("x.xml", "<annotation><object/></annotation>"),
    "CVAT XML": ("x.xml", '<?xml version="1.0"?>\n<annotations><version>1.1</version></annotations>'),
    "JSON Lines": ("x.json", '{"a": 1}\n{"a": 2}\n'),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_not_read_is_named_with_its_converter(tmp_path, name):
    file, text = OTHERS[name]
    (tmp_path / file).write_text(text)
    with pytest.raises(CourseError, match=rf"{file}: looks like {name} \(.*\); convert it: \w+"):
        import_data(Source(tmp_path / file))
    if file.endswith("xml"):
        with pytest.raises(CourseError, match=f"looks like {name}"):
            import_data(Source(tmp_path))


def test_nothing_known(tmp_path):
    (tmp_path / "x.json").write_text('{"a": 1}')
    with pytest.raises(CourseError, match=r"x\.json: looks like none of coco, course, .*; name it with --format"):
        import_data(Source(tmp_path / "x.json"))
