"""The importers: what was exported in a foreign format comes back, and what is broken is named."""

import json
from functools import cache

import numpy as np
import pytest
from click.testing import CliRunner
from helpers import foreign, tiny_set
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import masks
from course_utils.commands.data import data
from course_utils.dataset import load
from course_utils.dataset.importers import Source, import_data
from course_utils.dataset.importers.depth import front_to_back, who_hides_whom
from course_utils.errors import CourseError

EXPORT = {
    "cocoa": foreign.to_cocoa,
    "kins-2019": foreign.to_kins_2019,
    "kins-2020": foreign.to_kins_2020,
    "coco": foreign.to_coco,
}
AMODAL = pytest.mark.parametrize("name", ["cocoa", "kins-2019", "kins-2020"])
ALL = pytest.mark.parametrize("name", EXPORT)
KEPT = ("category_id", "bbox", "area", "visible_area", "occlusion_rate", "depth_order")


def read(tmp_path, name: str, content):
    path = tmp_path / "foreign.json"
    path.write_text(json.dumps(content))
    return import_data(Source(path), name)


def run(*words) -> tuple[int, str]:
    result = CliRunner().invoke(data, ["import", *map(str, words)], catch_exceptions=False)
    return result.exit_code, result.output


@cache
def plates() -> dict:
    """Twelve heaped plates of the course."""
    coco = dict(load("val").file.content)
    return coco | {
        "images": coco["images"][:12],
        "annotations": [one for one in coco["annotations"] if one["image_id"] <= 12],
    }


def by_place(coco: dict) -> list[dict]:
    """Annotations front to back within each photo, so that other ids do not matter."""
    return sorted(coco["annotations"], key=lambda one: (one["image_id"], one["depth_order"]))


def names_of(coco: dict) -> list[str]:
    names = {one["id"]: one["name"] for one in coco["categories"]}
    return [names[one["category_id"]] for one in by_place(coco)]


@AMODAL
def test_the_tiny_set_comes_back_exactly(tmp_path, name):
    coco = tiny_set.content()
    result = read(tmp_path, name, EXPORT[name](coco))
    assert not result.faults
    kept = [key for key in KEPT if key != "category_id"]
    for ours, theirs in zip(by_place(coco), by_place(result.coco), strict=True):
        assert [theirs[key] for key in kept] == [ours[key] for key in kept]
        for key in ("segmentation", "visible_segmentation"):
            assert np.array_equal(masks.decode(theirs[key]), masks.decode(ours[key]))
    assert names_of(result.coco) == names_of(coco)
    hider, hidden = by_place(result.coco)[:2]
    assert hidden["occluded_by"] == [hider["id"]] and hider["occluded_by"] == []
    assert [image["file_name"] for image in result.coco["images"]] == ["tiny/00001.jpg", "tiny/00002.jpg"]


@AMODAL
def test_heaps_come_back_within_the_accuracy_of_polygons(tmp_path, name):
    coco = plates()
    result = read(tmp_path, name, EXPORT[name](coco))
    assert not result.faults and names_of(result.coco) == names_of(coco)
    theirs, ours = by_place(result.coco), by_place(coco)
    for key in ("segmentation", "visible_segmentation"):
        overlaps = [
            masks.iou(masks.decode(a[key])[None], masks.decode(b[key])[None])[0, 0]
            for a, b in zip(ours, theirs, strict=True)
        ]
        # Polygons know no holes: a piece on which a smaller one lies loses the hole. COCOA has one polygon an object.
        assert np.mean(overlaps) > 0.98 and np.median(overlaps) > 0.999


def test_who_hides_whom_comes_back_in_heaps(tmp_path):
    coco = plates()
    result = read(tmp_path, "kins-2019", foreign.to_kins_2019(coco))
    found = [one["occluded_by"] for one in result.coco["annotations"]]
    assert found == [one["occluded_by"] for one in coco["annotations"]] and sum(map(len, found)) > 30
    assert [one["depth_order"] for one in result.coco["annotations"]] == [
        one["depth_order"] for one in coco["annotations"]
    ]


def test_plain_coco_lacks_amodal_masks_and_says_so_once(tmp_path):
    coco = tiny_set.content()
    result = read(tmp_path, "coco", foreign.to_coco(coco))
    assert not result.faults and len(result.notes) == 1 and "amodal masks are missing" in result.notes[0]
    for ours, theirs in zip(coco["annotations"], result.coco["annotations"], strict=True):
        assert theirs["segmentation"] == theirs["visible_segmentation"] == ours["visible_segmentation"]
        assert theirs["occlusion_rate"] is None and theirs["depth_order"] == 0 and theirs["occluded_by"] == []


def test_kins_ids_begin_at_one_afterwards_and_a_note_says_so(tmp_path):
    result = read(tmp_path, "kins-2019", foreign.to_kins_2019(tiny_set.content()))
    assert [one["id"] for one in result.coco["annotations"]] == [1, 2, 3]
    assert [one["id"] for one in result.coco["images"]] == [1, 2]
    assert sum("moved up by 1" in note for note in result.notes) == 2


def test_negative_ids_are_moved_up_as_well(tmp_path):
    """Moving all up by one would make a 0 of -1."""
    kins = foreign.to_kins_2019(tiny_set.content())
    for annotation in kins["annotations"]:
        annotation["id"] -= 1
    result = read(tmp_path, "kins-2019", kins)
    assert [one["id"] for one in result.coco["annotations"]] == [1, 2, 3]
    assert any("begin at -1 and were moved up by 2" in note for note in result.notes)


def test_cocoa_categories_are_names_in_alphabetical_order(tmp_path):
    cocoa = foreign.to_cocoa(tiny_set.content())
    cocoa["annotations"][1]["regions"][0] |= {"name": "  TEMPE ", "isStuff": 1}
    result = read(tmp_path, "cocoa", cocoa)
    assert [(one["id"], one["name"]) for one in result.coco["categories"]] == [(1, "bakwan"), (2, "tempe")]
    assert {one["supercategory"] for one in result.coco["categories"]} == {"thing"}
    assert [one["source_id"] for one in result.coco["annotations"]] == ["101/1", "101/2", "102/1"]


def test_cocoa_with_invisible_masks_only(tmp_path):
    cocoa = foreign.to_cocoa(tiny_set.content())
    del cocoa["annotations"][0]["regions"][1]["visible_mask"]
    result = read(tmp_path, "cocoa", cocoa)
    visible = masks.decode(result.coco["annotations"][1]["visible_segmentation"])
    assert not result.faults and np.array_equal(visible, tiny_set.BEHIND & ~tiny_set.FRONT)


def test_a_visible_mask_is_cut_at_the_border_and_a_note_says_so(tmp_path):
    kins = foreign.to_kins_2019(tiny_set.content())
    wider = np.zeros_like(tiny_set.ALONE)
    wider[7:16, 9:18] = True
    kins["annotations"][2]["inmodal_seg"] = masks.encode(wider)
    result = read(tmp_path, "kins-2019", kins)
    assert np.array_equal(masks.decode(result.coco["annotations"][2]["visible_segmentation"]), tiny_set.ALONE)
    assert any("1 visible masks reached over" in note for note in result.notes)


def annotation(**changes):
    return lambda content: content["annotations"][0].update(changes)


def region(**changes):
    return lambda content: content["annotations"][0]["regions"][1].update(changes)


def without(key):
    return lambda content: content["annotations"][0].pop(key)


FAULTS = {
    "no visible part": ("kins-2019", without("inmodal_seg"), "annotation 0: has no inmodal_seg"),
    "nan box": ("kins-2019", annotation(inmodal_bbox=[0, 0, float("nan"), 1]), "annotation 0: bbox .* holds NaN"),
    "broken rle": (
        "kins-2019",
        annotation(inmodal_seg={"size": [24, 32], "counts": "0"}),
        "annotation 0: visible part",
    ),
    "other size": ("kins-2019", annotation(inmodal_seg={"size": [9, 9], "counts": "0"}), "annotation 0: .*size is"),
    "far outside": (
        "kins-2019",
        annotation(inmodal_seg=masks.encode(tiny_set.PLATE)),
        "annotation 0: 460 visible pixels lie outside",
    ),
    "two points": ("kins-2020", annotation(a_segm=[[1, 1, 2, 2]]), "annotation 1: whole outline: .*three points"),
    "out of the picture": ("kins-2020", annotation(a_segm=[[0, 0, 99, 0, 9, 9]]), "annotation 1: .*out of the picture"),
    "wholly hidden": ("kins-2020", annotation(i_segm=[]), "annotation 1: visible part: there is no outline"),
    "no order": ("kins-2020", annotation(ico_id="front"), "annotation 1: oco_id and ico_id are"),
    "unknown category": ("kins-2020", annotation(category_id=77), "annotation 1: unknown category 77"),
    "unknown image": ("coco", annotation(image_id=9), "annotation 1: no sound image has the id 9"),
    "duplicate id": ("coco", annotation(id=2), "annotation 2: this id occurs more than once"),
    "text id": ("coco", annotation(id="x"), "annotation 'x': its id is no whole number"),
    "no object": ("coco", lambda content: content["annotations"].append(None), r"annotations\[3\]: is None"),
    "bad image": ("coco", lambda content: content["images"][0].update(width=0), "image 1: height and width are"),
    "no file name": ("coco", lambda content: content["images"][0].pop("file_name"), "image 1: its file_name is None"),
    "no name": ("cocoa", region(name=" "), "annotation 101, region 2: has no name"),
    "order twice": ("cocoa", region(order=1), "annotation 101, region 2: its order 1 is given twice"),
    "order is text": ("cocoa", region(order="2"), "annotation 101, region 2: its order is '2'"),
    "rate": ("cocoa", region(occlude_rate=7), "annotation 101, region 2: its occlude_rate is 7"),
    "occluded without masks": (
        "cocoa",
        region(visible_mask=None, invisible_mask=None),
        r"annotation 101, region 2: is occluded \(24%\) but has neither",
    ),
    "two annotators": (
        "cocoa",
        lambda content: content["annotations"].append(content["annotations"][0] | {"id": 200}),
        "annotation 200: image 1 is annotated more than once",
    ),
    "regions are no list": ("cocoa", annotation(regions={}), 'annotation 101: "regions" is missing'),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_one_line_with_file_and_id(tmp_path, fault):
    name, change, words = FAULTS[fault]
    content = EXPORT[name](tiny_set.content())
    change(content)
    result = read(tmp_path, name, content)
    with pytest.raises(CourseError, match=words):
        raise CourseError(str(result.faults[0]))
    assert all("\n" not in str(line) and len(str(line)) < 600 for line in result.faults)
    # What is named is exactly what is missing: nothing else is lost, nothing is skipped without a word.
    lost = len(tiny_set.content()["annotations"]) - len(result.coco["annotations"])
    named = sum(one.who.startswith("annotation ") for one in result.faults)
    assert lost == {"two annotators": 0, "no object": 0, "regions are no list": 2}.get(fault, named)


@ALL
def test_another_format_is_recognised(tmp_path, name):
    for other in EXPORT:
        if other == name:
            continue
        with pytest.raises(
            CourseError, match=r"foreign.json: is not of this format: (no annotation has|its annotations have)"
        ):
            read(tmp_path, name, EXPORT[other](tiny_set.content()))


def test_the_likely_format_is_suggested(tmp_path):
    with pytest.raises(CourseError, match="it looks like kins-2020"):
        read(tmp_path, "coco", foreign.to_kins_2020(tiny_set.content()))
    with pytest.raises(CourseError, match="its annotations have visible_segmentation; it looks like the course's own"):
        read(tmp_path, "coco", tiny_set.content())


@pytest.mark.parametrize(("text", "words"), [("[1,", "not JSON"), ("[]", "not a COCO file"), ("[" * 10**6, "nested")])
@ALL
def test_what_is_no_annotation_file(tmp_path, name, text, words):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(CourseError, match=f"x.json: .*{words}"):
        import_data(Source(path), name)


def test_categories_must_be_sound(tmp_path):
    content = foreign.to_coco(tiny_set.content())
    for broken in (None, [{"id": 1}], [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}]):
        with pytest.raises(CourseError, match="foreign.json: .*categories"):
            read(tmp_path, "coco", content | {"categories": broken})


@ALL
def test_the_command_writes_what_load_and_check_accept(tmp_path, name):
    folder = tiny_set.write(tmp_path / "set")
    source = tmp_path / "source.json"
    source.write_text(json.dumps(EXPORT[name](tiny_set.content())))
    out = folder / "annotations" / "mine.json"
    code, text = run("--format", name, source, "--out", out)
    assert code == 0 and "2 photos, 3 objects" in text
    assert text.count("amodal masks are missing") == (name == "coco")
    scenes = load("mine", folder)
    assert sorted(len(scene.masks) for scene in scenes) == [1, 2] and scenes[0].image.shape == (24, 32, 3)
    assert np.isnan(scenes[0].occlusion_rates).all() == (name == "coco")
    result = CliRunner().invoke(data, ["check", str(out)], catch_exceptions=False)
    assert result.exit_code == 0
    assert ("amodal ones are missing" in result.output) == (name == "coco")


def test_faults_stop_the_command_unless_they_are_left_out(tmp_path):
    content = foreign.to_kins_2020(tiny_set.content())
    content["annotations"][2]["category_id"] = 0
    source, out = tmp_path / "source.json", tmp_path / "deep" / "out.json"
    source.write_text(json.dumps(content))
    code, text = run("--format", "kins-2020", source, "--out", out)
    assert code == 1 and not out.exists() and "annotation 3: unknown category 0" in text and "--leave-out" in text
    code, text = run("--format", "kins-2020", source, "--out", out, "--leave-out")
    assert (
        code == 0 and "annotation 3: unknown category 0" in text and "1 photo, 2 objects; left out for 1 error" in text
    )
    assert [one["id"] for one in json.loads(out.read_text())["annotations"]] == [1, 2]


def test_the_old_output_survives_what_cannot_be_written(tmp_path, monkeypatch):
    source, out = tmp_path / "source.json", tmp_path / "out.json"
    source.write_text(json.dumps(foreign.to_kins_2020(tiny_set.content())))
    out.write_text("old")
    with monkeypatch.context() as patched:
        patched.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(CourseError, match=r"out\.json: cannot be written: No space left"):
            run("--format", "kins-2020", source, "--out", out)
    assert out.read_text() == "old" and not list(tmp_path.glob("*.partial"))
    with pytest.raises(CourseError, match="is the file to read"):
        run("--format", "kins-2020", source, "--out", source)


def test_an_unknown_format_is_named(tmp_path):
    with pytest.raises(CourseError, match="no format 'voc'; there are: coco, course, cocoa"):
        run("--format", "voc", tmp_path / "x", "--out", tmp_path / "y")


RECTANGLES = st.lists(
    st.tuples(st.integers(0, 25), st.integers(0, 18), st.integers(2, 12), st.integers(2, 10)), min_size=1, max_size=7
)


@settings(max_examples=60, deadline=None)
@given(RECTANGLES, st.sampled_from(["cocoa", "kins-2019", "kins-2020"]))
def test_any_pile_of_rectangles_comes_back(tmp_path_factory, pile, name):
    """Laid one on the other, the first on top; what nothing is seen of is no part of the set."""
    coco = tiny_set.content() | {"annotations": []}
    above = np.zeros(tiny_set.SIZE, bool)
    for x, y, width, height in pile:
        whole = tiny_set.rectangle(x, y, x + width, y + height)
        visible = whole & ~above
        above |= whole
        if visible.any():
            number = len(coco["annotations"]) + 1
            coco["annotations"].append(tiny_set.annotation(number, 1, "tahu", whole, visible, depth_order=number))
    result = read(tmp_path_factory.mktemp("pile"), name, EXPORT[name](coco))
    assert not result.faults and not any("ring" in note for note in result.notes)
    found = {one["id"]: one for one in result.coco["annotations"]}
    for ours in coco["annotations"]:
        theirs = found[ours["id"]]
        assert masks.decode(theirs["segmentation"]).sum() == ours["area"]
        hidden = masks.decode(theirs["segmentation"]) & ~masks.decode(theirs["visible_segmentation"])
        for hider in theirs["occluded_by"]:
            assert hider < ours["id"] and found[hider]["depth_order"] < theirs["depth_order"]
            hidden &= ~masks.decode(found[hider]["visible_segmentation"])
        # Every hidden pixel is explained by one of those who are said to hide it.
        assert not hidden.any()


def test_depth_out_of_masks_by_hand():
    whole = np.zeros((3, 1, 6), bool)
    whole[0, 0, 0:3] = whole[1, 0, 2:5] = whole[2, 0, 4:6] = True
    visible = whole.copy()
    visible[0, 0, 2] = visible[1, 0, 4] = False  # the second over the first, the third over the second
    hides = who_hides_whom(whole, visible, [None] * 3)
    assert hides.tolist() == [[False] * 3, [True, False, False], [False, True, False]]
    assert front_to_back(hides, [None] * 3) == ([3, 2, 1], True)
    # Places of one cluster are believed more than masks; those of different clusters say nothing.
    places = [(1, 1), (1, 2), (2, 0)]
    hides = who_hides_whom(whole, visible, places)
    assert hides.tolist() == [[False] * 3, [False] * 3, [False, True, False]]
    assert front_to_back(hides, places) == ([1, 3, 2], True)
    ring = np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]], bool)
    assert front_to_back(ring, [None] * 3) == ([1, 2, 3], False)
