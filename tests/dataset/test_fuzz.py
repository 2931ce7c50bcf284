"""Whatever a COCO-like file holds: no traceback, and every object is used or named.

Ten thousand files instead of a few hundred: pytest tests/dataset/test_fuzz.py --hypothesis-profile=thorough
"""

import copy
import json
from pathlib import Path

import pytest
from helpers.broken_coco import NAMES, H, W, contents
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from course_utils.dataset.annotations import AnnotationFile, outline_findings
from course_utils.dataset.check import check_file
from course_utils.dataset.faults import short
from course_utils.dataset.findings import grouped
from course_utils.dataset.importers import Source, import_data
from course_utils.errors import CourseError
from course_utils.training.samples import CocoFile

FEW = settings(max_examples=200, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings() if settings().max_examples > FEW.max_examples else FEW


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    """Where a file is written, its photos beside it."""
    folder = tmp_path_factory.mktemp("fuzz")
    for name in NAMES:
        Image.new("RGB", (W, H)).save(folder / name)
    return folder / "coco.json"


def objects(content: dict) -> list[dict]:
    annotations = content["annotations"]
    return [one for one in annotations if isinstance(one, dict)] if isinstance(annotations, list) else []


@MANY
@given(contents())
def test_every_object_is_used_or_named(path, content):
    path.write_text(json.dumps(content))
    report = check_file(path)
    for line in grouped(report.findings):
        assert "\n" not in line and len(line) < 1000
    try:
        file = AnnotationFile(path)
    except CourseError:
        assert report.of(advice=False)
        return
    file.findings += outline_findings(file)
    errors = file.errors()
    named = {one.who for one in errors}
    used = {id(s.annotation) for _, shapes in file.shapes(progress=False) for s in shapes if s.usable}
    faulty_photos = [one.photo for one in errors if one.who.startswith("image ")]
    for one in file.annotations:
        told = f"annotation {short(one.get('id'))}" in named or any(one.get("image_id") == p for p in faulty_photos)
        assert id(one) in used or told
    # The check says of the very same things that they are errors, and training refuses the same files.
    assert {str(one) for one in errors} <= {str(one) for one in report.findings}
    if errors:
        with pytest.raises(CourseError) as refused:
            CocoFile(path)
        assert "\n" not in str(refused.value) and len(str(refused.value)) < 1000
    else:
        assert all(id(one) in used for one in file.annotations)


@MANY
@given(contents())
def test_what_is_not_imported_is_named(path, content):
    for repair in (False, True):
        path.write_text(json.dumps(content))
        try:
            result = import_data(Source(path, repair=repair))
        except CourseError as error:
            assert "\n" not in str(error)
            continue
        written = [one["tag"] for one in result.coco["annotations"]]
        lost = [one for one in objects(content) if one.get("tag") not in written]
        named = [one.who for one in result.faults if one.who.startswith("annotation ")]
        assert len(written) == len(set(written)) and len(lost) <= len(named) and bool(lost) == bool(named)
        assert repair or all(f"annotation {short(one.get('id'))}" in named for one in lost)
        _is_sound(path, result.coco)


def _is_sound(path: Path, coco: dict) -> None:
    """What was written is read without an error, and all of it is used."""
    out = path.with_name("imported.json")
    out.write_text(json.dumps(copy.deepcopy(coco)))
    file = AnnotationFile(out)
    file.findings += outline_findings(file)
    assert not file.errors(), file.errors()


@MANY
@given(contents())
def test_leaving_out_leaves_whole_photos_that_are_sound(path, content):
    path.write_text(json.dumps(content))
    try:
        result = import_data(Source(path, leave_out=True))
    except CourseError:
        return
    before = {one["id"] for one in result.coco["images"]}
    faulty = {one.photo for one in result.faults if isinstance(one.photo, int) and not isinstance(one.photo, bool)}
    moved = any("ids of images" in note for note in result.notes)
    assert moved or not before & faulty
    _is_sound(path, result.coco)


KEYS = {
    "kins-2019": {"visible_segmentation": "inmodal_seg"},
    "kins-2020": {"segmentation": "a_segm", "bbox": "a_bbox", "visible_segmentation": "i_segm"},
    "d2sa": {"visible_segmentation": "visible_mask"},
}


@MANY
@given(contents(), st.sampled_from(sorted(KEYS)), st.booleans())
def test_the_same_under_the_keys_of_others(path, content, name, repair):
    for one in objects(content):
        for ours, theirs in KEYS[name].items():
            if ours in one:
                one[theirs] = one.pop(ours)
    path.write_text(json.dumps(content))
    try:
        result = import_data(Source(path, repair=repair))
    except CourseError as error:
        assert "\n" not in str(error)
        return
    lost = len(objects(content)) - len(result.coco["annotations"])
    named = [one for one in result.faults if one.who.startswith("annotation ")]
    assert 0 <= lost <= len(named) and bool(lost) == bool(named)
    _is_sound(path, result.coco)
