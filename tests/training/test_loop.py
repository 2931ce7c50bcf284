"""Choices of the loop that depend on the machine."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import torch
import torchvision
from click.testing import CliRunner
from helpers import tiny_set
from helpers import training_runs as runs
from torch import distributed

from course_utils.commands.train import split_to_learn, train
from course_utils.errors import CourseError
from course_utils.mask_rcnn.efficientnet import published_weights
from course_utils.training import checkpoint
from course_utils.training.checkpoint import load_state, read_log, save_state
from course_utils.training.loop import Run, freeze, fresh_model
from course_utils.training.machine import computes_bf16, rank_and_processes, what_to_expect
from course_utils.training.samples import CocoFile
from course_utils.training.settings import TrainSettings

CPU = torch.device("cpu")


class Foods:
    """A source of classes; nothing is learnt from it."""

    def __init__(self, *classes):
        self.classes = classes

    def __len__(self):
        return 1


TINY = TrainSettings(profile="tiny", size=64, steps=2)


def test_a_folder_belongs_to_its_classes(tmp_path):
    Run(TINY, Foods("tahu", "tempe"), tmp_path).save()
    before = (tmp_path / "settings.json").read_bytes()
    for others in (("cat", "dog"), ("tahu", "tempe", "bolu"), ("tempe", "tahu")):
        with pytest.raises(CourseError, match=r"was trained with classes \['tahu', 'tempe'\]"):
            Run(TINY, Foods(*others), tmp_path)
    assert (tmp_path / "settings.json").read_bytes() == before


def test_a_scenario_without_photos_is_named(tmp_path):
    source = CocoFile(runs.write_coco(tmp_path), scenario="heap")
    with pytest.raises(CourseError, match='there is no photo of the scenario "heap" to learn from'):
        Run(TrainSettings(scenario="heap"), source, tmp_path / "run")


def test_a_run_of_an_earlier_version_goes_on(tmp_path):
    run = Run(TINY, Foods("tahu"), tmp_path)
    run.step = 1
    run.save()
    state = load_state(tmp_path / "checkpoint.pt")
    for name in ("scenario", "visible", "frozen"):
        del state["settings"][name]
    save_state(tmp_path / "checkpoint.pt", state)
    assert Run(TINY, Foods("tahu"), tmp_path).step == 1
    with pytest.raises(CourseError, match="was trained with scenario '';"):
        Run(replace(TINY, scenario="occluded"), Foods("tahu"), tmp_path)


@pytest.mark.parametrize("state", [{"step": 3}, {}, {"settings": 1, "classes": []}])
def test_another_checkpoint_is_named(tmp_path, state):
    save_state(tmp_path / "checkpoint.pt", state)
    with pytest.raises(CourseError, match=r"checkpoint\.pt: is no checkpoint of this model"):
        Run(TINY, Foods("tahu"), tmp_path)


def test_validation_must_know_the_same_classes(tmp_path):
    run = Run(TINY, Foods("tahu", "tempe"), tmp_path)
    with pytest.raises(CourseError, match="the validation set's classes are tempe, those to learn are tahu, tempe"):
        run.train(Foods("tempe"))


def test_an_evaluation_that_a_kill_cut_short_is_made_up_for(monkeypatch, tmp_path):
    """The checkpoint of the last step stands, its evaluation does not."""
    judged = []
    monkeypatch.setattr("course_utils.training.loop.evaluate", lambda *_, **__: judged.append(1) or {"f1_50": 0.5})
    source = CocoFile(runs.write_coco(tmp_path))
    for validation, expected in ((None, 0), (source, 1), (source, 1)):
        Run(TINY, source, tmp_path / "run").train(validation, progress=False)
        assert len(judged) == expected
    assert read_log(tmp_path / "run/evaluation.csv") == [{"step": "2", "f1_50": "0.5000"}]


def test_a_kill_between_checkpoint_and_weights_leaves_no_stale_weights(monkeypatch, tmp_path):
    source, settings, write = CocoFile(runs.write_coco(tmp_path)), replace(TINY, save_every=1), checkpoint.whole
    Run(settings, source, tmp_path / "unbroken").train(progress=False)
    written = []

    def killed(path):
        if path.suffix in (".pt", ".safetensors"):
            written.append(path)
        if len(written) == 2 * settings.steps:
            raise SystemExit
        return write(path)

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(checkpoint, "whole", killed)
        Run(settings, source, tmp_path / "run").train(progress=False)
    Run(settings, source, tmp_path / "run").train(progress=False)
    weights = [(tmp_path / name / "weights.safetensors").read_bytes() for name in ("run", "unbroken")]
    assert weights[0] == weights[1]


def test_published_weights_are_loaded_into_the_backbone(monkeypatch):
    theirs = torchvision.models.resnet18()
    # The oldest published files do not count batches.
    state = {key: value for key, value in theirs.state_dict().items() if "num_batches_tracked" not in key}
    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", lambda url, **_: state)
    model = fresh_model(TrainSettings(profile="lite", size=64, pretrained=True), 3)
    assert torch.equal(model.backbone.body.layer4[1].conv2.weight, theirs.layer4[1].conv2.weight)
    with pytest.raises(CourseError, match="the profile slim has no published weights"):
        fresh_model(TrainSettings(profile="slim", size=64, pretrained=True), 3)


def test_a_run_begins_with_one_kind_of_weights():
    with pytest.raises(CourseError, match=r"pretrained and start \(w\.safetensors\) are both weights to begin with"):
        TrainSettings(profile="lite", pretrained=True, start="w.safetensors")


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ("--validation v.json", "--validation v.json: goes with a COCO file of your own"),
        ("--images photos", "--images photos: goes with a COCO file of your own"),
        ("--data d.json --folder more", "--folder more: cannot be joined with --data d.json"),
    ],
)
def test_flags_without_effect_are_refused(tmp_path, flags, words):
    result = CliRunner().invoke(train, ["--out", str(tmp_path), "--profile", "none", *flags.split()])
    assert isinstance(result.exception, CourseError) and words in str(result.exception)


def test_the_smallest_photo_alone_can_be_learnt_from(tmp_path):
    source = CocoFile(runs.write_coco(tmp_path))
    Run(replace(TINY, steps=1, batch=1), source, tmp_path / "run").train(progress=False)
    assert len(read_log(tmp_path / "run/log.csv")) == 1


def test_processes_wait_for_a_long_evaluation(monkeypatch):
    asked = {}
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setattr(distributed, "init_process_group", lambda backend, **options: asked.update(options))
    monkeypatch.setattr(distributed, "get_rank", lambda: 0)
    monkeypatch.setattr(distributed, "get_world_size", lambda: 2)
    assert rank_and_processes() == (0, 2)
    assert asked["timeout"] >= timedelta(hours=12)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed", -1),
        ("seed", 2**63),
        ("size", 63),
        ("workers", -2),
        ("learning_rate", float("nan")),
        ("clip", 0.0),
        ("average", 1.5),
        ("flat", -0.1),
    ],
)
def test_settings_that_cannot_work_are_refused(name, value):
    with pytest.raises(CourseError, match=f"{name} is "):
        TrainSettings(**{name: value})


@pytest.mark.parametrize(
    ("has", "expected"),
    [({}, False), ({"avx512_bf16": False}, False), ({"amx_bf16": True}, True), ({"bf16": True}, True)],
)
def test_bfloat16_needs_instructions_for_it(monkeypatch, has, expected):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: has)
    assert computes_bf16(CPU) is expected


@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize("can", [True, False])
def test_layout_and_arithmetic_go_together(monkeypatch, tmp_path, wanted, can):
    """Channels last is quicker in bfloat16 and slower in float32 on a CPU."""
    monkeypatch.setattr("course_utils.training.loop.pick_device", lambda: CPU)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": can})
    source = CocoFile(runs.write_coco(tmp_path))
    run = Run(TrainSettings(profile="tiny", size=64, bf16=wanted), source, tmp_path / "run")
    weight = run.model.backbone.body.layer1[0].conv1.weight
    assert run.bf16 is (wanted and can)
    assert weight.is_contiguous(memory_format=torch.channels_last) is run.bf16


def test_frozen_parts_stay_as_they_are_and_the_others_learn(tmp_path):
    source = CocoFile(runs.write_coco(tmp_path))
    settings = replace(TINY, visible=True, frozen="backbone, roi_heads.mask_predictor")
    run = Run(settings, source, tmp_path / "run")
    before = {name: value.clone() for name, value in run.model.state_dict().items()}
    run.train(progress=False)
    changed = {name for name, value in run.model.state_dict().items() if not torch.equal(value, before[name])}
    frozen = ("backbone.", "roi_heads.mask_predictor.")
    assert not any(name.startswith(frozen) for name in changed)
    assert {name for name, _ in run.model.named_parameters() if not name.startswith(frozen)} == changed


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("backbone,neck", "frozen: the model has no part neck; there are, say, backbone.body"),
        ("backbone,rpn,roi_heads", "frozen is backbone,rpn,roi_heads; that leaves nothing to learn"),
    ],
)
def test_parts_that_cannot_be_frozen_are_named(names, words):
    with pytest.raises(CourseError, match=words):
        freeze(fresh_model(TINY, 3), names)


def test_other_photos_are_refused(tmp_path):
    """Another number of photos means another order: the run could not end with the weights of an unbroken one."""
    source = CocoFile(runs.write_coco(tmp_path))
    Run(TINY, source, tmp_path / "run").save()
    source.ids = source.ids[:3]
    with pytest.raises(CourseError, match=r"was trained on 4 photos, and there are 3 now; .* \(--start .*weights"):
        Run(TINY, source, tmp_path / "run")


@pytest.mark.parametrize(
    ("seconds", "left", "bf16", "can", "words"),
    [
        ([9, 2, 1, 2], 5400, True, True, "2 s a step, in bfloat16; 5400 steps to go: 3 h 0 min, without evaluations"),
        ([9, 0.5], 300, False, True, "0.5 s a step, in float32; 300 steps to go: 2 min, without evaluations"),
        ([1, 1], 20, False, False, "no bfloat16, with which a step takes about a third; 20 steps to go: less than a m"),
    ],
)
def test_a_run_says_what_to_expect(monkeypatch, seconds, left, bf16, can, words):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": can})
    assert words in what_to_expect(seconds, left, CPU, bf16)


def test_it_says_so_once_after_a_few_steps(tmp_path, capsys):
    source = CocoFile(runs.write_coco(tmp_path))
    run = Run(replace(TINY, steps=8, batch=1), source, tmp_path / "run")
    run.train()
    assert capsys.readouterr().out.count("; 2 steps to go: less than a minute") == 1


@pytest.mark.parametrize(
    ("given", "begins"),
    [
        ({}, True),
        ({"profile": "slim"}, False),
        ({"profile": "lite"}, False),
        ({"pretrained": False}, False),
        ({"start": "w.safetensors"}, False),
        ({"profile": "lite", "pretrained": True}, True),
    ],
)
def test_only_installed_weights_come_unasked(given, begins):
    assert TrainSettings(**given).pretrained is begins


def test_lite0_begins_with_what_it_saw_on_imagenet():
    stem = {of: fresh_model(TrainSettings(pretrained=of, size=64), 3).backbone.body.stem[0].weight for of in (0, 1)}
    assert torch.equal(stem[1], published_weights()["body.stem.0.weight"])
    assert not torch.equal(stem[0], stem[1])


def test_a_visible_branch_stands_beside_whole_masks():
    with pytest.raises(CourseError, match='a visible branch stands beside one for whole masks; truth is "visible"'):
        TrainSettings(truth="visible", visible=True)


def test_more_data_sets_are_joined_photos_without_food_among_them(monkeypatch, tmp_path):
    """Two plates and two more, one of which shows nothing: all four are learnt from."""
    for name in ("own", "stream"):
        tiny_set.write(tmp_path / name)
    (tmp_path / "own/annotations/tiny.json").rename(tmp_path / "own/annotations/train.json")
    (tmp_path / "own/annotations/val.json").write_text((tmp_path / "own/annotations/train.json").read_text())
    path = tmp_path / "stream/annotations/tiny.json"
    content = json.loads(path.read_text())
    content["annotations"] = [each for each in content["annotations"] if each["image_id"] == 2]
    path.write_text(json.dumps(content))
    monkeypatch.setattr("course_utils.dataset.split.data_dir", lambda: tmp_path / "own")
    flags = "--profile tiny --visible --size 64 --steps 3 --batch 4 --evaluate-every 0 --no-bf16"
    where = ["--out", str(tmp_path / "run"), "--folder", str(tmp_path / "stream")]
    result = CliRunner().invoke(train, [*where, *flags.split()], catch_exceptions=False)
    assert result.exit_code == 0
    assert load_state(tmp_path / "run/checkpoint.pt")["photos"] == 4
    assert len(read_log(tmp_path / "run/log.csv")) == 3


def test_a_visible_branch_needs_annotations_of_what_is_visible(tmp_path):
    path = runs.write_coco(tmp_path)
    content = json.loads(path.read_text())
    for annotation in content["annotations"]:
        del annotation["visible_segmentation"]
    path.write_text(json.dumps(content))
    result = CliRunner().invoke(train, ["--out", str(tmp_path / "run"), "--data", str(path), "--visible"])
    assert isinstance(result.exception, CourseError)
    assert "coco.json: no annotation has a visible_segmentation; --visible has nothing" in str(result.exception)
    assert not (tmp_path / "run").exists()


def test_a_folder_with_several_splits_needs_one_for_training(tmp_path):
    (tmp_path / "annotations").mkdir()
    with pytest.raises(CourseError, match="one split to learn from is needed, train.json; there are: none"):
        split_to_learn(tmp_path)
    for name in ("a", "b"):
        (tmp_path / f"annotations/{name}.json").touch()
    with pytest.raises(CourseError, match="there are: a, b"):
        split_to_learn(tmp_path)
    (tmp_path / "annotations/train.json.gz").touch()
    assert split_to_learn(tmp_path) == "train"
