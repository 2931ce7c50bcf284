"""The whole model: every stage equal to torchvision's, in evaluation and in training, and the odd inputs."""

import copy
from functools import partial

import pytest
import torch
from scenes import scene, scenes
from torch import nn
from torchvision.models import detection
from torchvision.models.detection import backbone_utils, faster_rcnn, mask_rcnn
from torchvision.ops import FrozenBatchNorm2d, MultiScaleRoIAlign

from course_utils.errors import CourseError
from course_utils.mask_rcnn import parity, profiles
from course_utils.mask_rcnn.backbone import group_norm, mobilenet_v3
from course_utils.mask_rcnn.kernels import COMPILED, READABLE
from course_utils.mask_rcnn.model import LOSSES, MaskRCNN
from course_utils.mask_rcnn.settings import PerMode, Settings

FEW = {
    "rpn_candidates": PerMode(200, 300),
    "rpn_proposals": PerMode(60, 80),
    "roi_samples": 48,
    "detections": 20,
}
THREE = [(4, 160, 120), (0, 100, 160), (1, 90, 140)]


def calm(model: MaskRCNN) -> MaskRCNN:
    """Random weights of the size trained ones have: mask logits of 50 would make much of the last digit.

    Masks lie where torchvision's do, also in the profiles that place them exactly.
    """
    model.configure(exact_masks=False)
    with torch.no_grad():
        model.roi_heads.mask_predictor.mask_fcn_logits.weight *= 0.1
        # Batch norms that have seen something, so that running statistics matter.
        for layer in model.modules():
            if isinstance(layer, nn.BatchNorm2d | FrozenBatchNorm2d):
                layer.running_mean.normal_(std=0.1)
                layer.running_var.uniform_(0.5, 1.5)
    return model


def assert_equal(ours, theirs, sizes, training: bool) -> list[parity.Difference]:
    images, targets = scenes(*sizes, classes=ours.roi_heads.box_predictor.cls_score.out_features)
    rows = parity.compare(ours, theirs, images, targets if training else None)
    print("\n" + parity.table(rows))
    assert all(row.equal for row in rows), parity.table([row for row in rows if not row.equal])
    return rows


MODES = pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])


@MODES
@pytest.mark.parametrize("kernels", [COMPILED, READABLE], ids=["compiled", "readable"])
@pytest.mark.parametrize("sizes", [[(3, 130, 170)], THREE], ids=["one image", "three images"])
def test_slim_equals_torchvision(training, kernels, sizes):
    ours = calm(profiles.slim(size=128))
    ours.kernels = kernels
    rows = assert_equal(ours, parity.twin(ours), sizes, training)
    stages = [row.stage for row in rows]
    expected = [
        "batch",
        "body",
        "features",
        "anchors",
        "objectness",
        "rpn_deltas",
        "proposals",
        "roi_features",
    ]
    expected += ["class_logits", "box_deltas", "mask_logits"]
    expected += list(LOSSES) if training else [f"detections: {f}" for f in ("boxes", "scores", "labels", "masks")]
    assert set(expected) <= set(stages)
    if training:
        assert sum(stage.startswith("gradient") for stage in stages) == 7


@MODES
def test_exact_masks_change_nothing_but_masks(training):
    ours = calm(profiles.slim(size=128)).configure(exact_masks=True)
    images, targets = scenes((3, 130, 170))
    rows = parity.compare(ours, parity.twin(ours), images, targets if training else None)
    different = {row.stage for row in rows if not row.equal}
    assert ("loss_mask" if training else "detections: masks") in different
    assert all("mask" in stage or stage.startswith("gradient") for stage in different)


@MODES
@pytest.mark.parametrize("norm", [FrozenBatchNorm2d, group_norm], ids=["frozen", "gn"])
def test_resnet18_equals_torchvisions_own_backbone(training, norm):
    ours = calm(profiles.torchvision_v1(classes=5, name="resnet18", norm=norm)).configure(
        min_size=96, max_size=140, **FEW
    )
    backbone = backbone_utils.resnet_fpn_backbone(
        backbone_name="resnet18", weights=None, norm_layer=norm, trainable_layers=5
    )
    theirs = parity.twin(ours, backbone)
    assert_equal(ours, theirs, [(2, 130, 170), (1, 100, 90)], training)


@MODES
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_resnet50_models_equal_torchvisions_functions(training, version):
    if version == "v1":
        ours, build = profiles.torchvision_v1(7, norm=nn.BatchNorm2d), detection.maskrcnn_resnet50_fpn
    else:
        ours, build = profiles.torchvision_v2(7), detection.maskrcnn_resnet50_fpn_v2
    ours = calm(ours).configure(min_size=96, max_size=128, **FEW)
    theirs = build(num_classes=7, weights=None, weights_backbone=None, **parity.torchvision_settings(ours))
    theirs.load_state_dict(ours.state_dict())
    assert_equal(ours, theirs, [(2, 96, 128)], training)


@MODES
def test_mobilenet_equals_torchvision(training):
    settings = Settings(anchor_sizes=((32, 64, 128),) * 3, min_size=96, max_size=128, **FEW)
    norm = partial(nn.BatchNorm2d, eps=1e-3)
    ours = calm(profiles.assemble(mobilenet_v3(norm), 7, settings, box_width=64, mask_width=32))
    assert_equal(ours, parity.twin(ours), [(2, 96, 128), (1, 80, 80)], training)


@MODES
def test_c4_equals_torchvision(training):
    ours = calm(profiles.c4(4, "resnet18")).configure(min_size=96, max_size=128, **FEW)
    heads, s = ours.roi_heads, ours.settings
    backbone = copy.deepcopy(ours.backbone)
    backbone.out_channels = 256
    box_head = copy.deepcopy(heads.box_head)
    theirs = detection.MaskRCNN(
        backbone,
        rpn_anchor_generator=detection.rpn.AnchorGenerator(s.anchor_sizes, (s.anchor_ratios,)),
        box_roi_pool=MultiScaleRoIAlign(["0"], 14, 2),
        mask_roi_pool=MultiScaleRoIAlign(["0"], 14, 2),
        box_head=box_head,
        box_predictor=faster_rcnn.FastRCNNPredictor(512, 4),
        mask_head=box_head.res5,
        mask_predictor=mask_rcnn.MaskRCNNPredictor(512, 256, 4),
        **parity.torchvision_settings(ours),
    )
    theirs.load_state_dict(ours.state_dict())
    assert_equal(ours, theirs, [(2, 96, 128)], training)


@MODES
def test_objects_at_the_border_and_of_one_pixel_equal_torchvision(training):
    image, _ = scene(0, 128, 128)
    corners = [(0, 0, 40, 30), (100, 90, 128, 128), (0, 0, 128, 128), (60, 50, 61, 51), (0, 127, 1, 128)]
    masks = torch.zeros(len(corners), 128, 128, dtype=torch.uint8)
    for mask, (x1, y1, x2, y2) in zip(masks, corners, strict=True):
        mask[y1:y2, x1:x2] = 1
    target = {"boxes": torch.tensor(corners).float(), "labels": torch.arange(1, 6), "masks": masks}
    ours = calm(profiles.slim(size=128))
    rows = parity.compare(ours, parity.twin(ours), [image], [target] if training else None)
    assert all(row.equal for row in rows), parity.table(rows)


@MODES
def test_images_without_objects_equal_torchvision(training):
    ours = calm(profiles.slim(size=96))
    assert_equal(ours, parity.twin(ours), [(0, 96, 96), (0, 60, 80)], training)


@pytest.mark.parametrize("name", ["v1", "v2", "twin"])
def test_torchvisions_weights_load_unchanged_and_go_back(name):
    if name == "twin":
        ours = profiles.slim(size=96)
        theirs = parity.twin(ours)
        torch.manual_seed(1)
        for value in theirs.parameters():
            nn.init.normal_(value, std=0.02)
    else:
        build = {"v1": detection.maskrcnn_resnet50_fpn, "v2": detection.maskrcnn_resnet50_fpn_v2}[name]
        ours = profiles.torchvision_v2(5) if name == "v2" else profiles.torchvision_v1(5, norm=nn.BatchNorm2d)
        theirs = build(num_classes=5, weights=None, weights_backbone=None)
    state = {key: value.clone() for key, value in theirs.state_dict().items()}
    assert not torch.equal(ours.state_dict()["rpn.head.cls_logits.weight"], state["rpn.head.cls_logits.weight"])
    ours.load_state_dict(state)
    with torch.no_grad():
        for value in theirs.parameters():
            value.zero_()
    theirs.load_state_dict(ours.state_dict())
    assert all(torch.equal(value, state[key]) for key, value in theirs.state_dict().items())


def test_a_wrong_part_is_noticed():
    ours = calm(profiles.slim(size=96))
    theirs = parity.twin(ours)
    theirs.roi_heads.box_coder.weights = (1.0, 1.0, 1.0, 1.0)
    rows = parity.compare(ours, theirs, [scene(1, 96, 96)[0]])
    different = {row.stage for row in rows if not row.equal}
    assert "detections: boxes" in different and "box_deltas" not in different
    assert "DIFFERENT" in parity.table(rows)


def test_compare_leaves_torchs_random_state_alone():
    ours = profiles.slim(size=64)
    before = torch.get_rng_state()
    parity.compare(ours, parity.twin(ours), *scenes((1, 64, 64)))
    torch.manual_seed(0)
    theirs = parity.twin(ours)
    state = torch.get_rng_state()
    parity.compare(ours, theirs, *scenes((1, 64, 64)))
    assert torch.equal(torch.get_rng_state(), state) and len(before) == len(state)


def test_trace_shows_every_stage():
    model = profiles.slim(size=96).eval()
    image = scene(2, 120, 90)[0]
    trace = model.trace(image)
    shapes = {name: tuple(v.shape) for name, v in trace.items() if isinstance(v, torch.Tensor)}
    kept = len(trace["proposals"])
    anchors = 3 * (24 * 24 + 12 * 12 + 6 * 6 + 3 * 3 + 2 * 2)
    found = len(trace["detections"]["boxes"])
    assert trace["image_size"] == (96, 72)
    assert [tuple(m.shape) for m in trace["body"].values()] == [
        (64, 24, 24),
        (128, 12, 12),
        (256, 6, 6),
        (256, 3, 3),
    ]
    assert [m.shape[1] for m in trace["features"].values()] == [24, 12, 6, 3, 2]
    assert shapes == {
        "image": (3, 96, 96),
        "anchors": (anchors, 4),
        "objectness": (anchors,),
        "rpn_deltas": (anchors, 4),
        "proposals": (kept, 4),
        "rois": (kept, 4),
        "roi_features": (kept, 128, 7, 7),
        "box_features": (kept, 256),
        "class_logits": (kept, 7),
        "box_deltas": (kept, 7, 4),
        "mask_rois": (found, 4),
        "mask_roi_features": (found, 128, 14, 14),
        "mask_logits": (found, 7, 28, 28),
    }
    assert len(trace["candidates"]["boxes"]) > kept > 0 and found > 0
    assert trace["raw_detections"]["masks"].shape == (found, 28, 28)
    assert trace["detections"]["masks"].shape == (found, 120, 90)
    with torch.no_grad():
        again = model([image])[0]
    assert all(torch.equal(again[name], trace["detections"][name]) for name in again)
    with pytest.raises(CourseError, match="evaluation mode"):
        model.train().trace(image)


def test_detections_lie_in_the_photograph():
    model = profiles.slim(size=96).eval().configure(score_threshold=0.0)
    with torch.no_grad():
        (found,) = model([scene(2, 150, 200)[0]])
    boxes = found["boxes"]
    assert len(boxes) == model.settings.detections
    assert boxes.min() >= 0 and boxes[:, 2].max() <= 200 and boxes[:, 3].max() <= 150
    assert (found["scores"].diff() <= 0).all()
    assert found["labels"].min() >= 1 and found["labels"].max() <= 6


def test_configure_reaches_every_part():
    model = profiles.slim(size=96).eval().configure(score_threshold=0.99)
    with torch.no_grad():
        (found,) = model([scene(1, 96, 96)[0]])
    assert {name: len(value) for name, value in found.items()} == {
        "boxes": 0,
        "labels": 0,
        "scores": 0,
        "masks": 0,
    }
    assert found["masks"].shape == (0, 96, 96)
    with pytest.raises(TypeError):
        model.configure(no_such_setting=1)


@MODES
def test_no_proposals_at_all_equals_torchvision(training):
    ours = calm(profiles.slim(size=64))
    theirs = parity.twin(ours)
    image, target = scene(0, 64, 64)
    none = [torch.zeros(0, 4)]
    for model in (ours, theirs):
        model.train(training)
        maps = model.backbone(image[None])
        if model is ours:
            maps = [level for name, level in maps.items() if name != "pool"]
            sizes = [(64, 64)]
            result = model.roi_heads(maps, none, (64, 64), sizes, COMPILED, [target] if training else None)
        else:
            expected = model.roi_heads(maps, none, [(64, 64)], [target] if training else None)
    if training:
        # torchvision's class loss of nothing is not a number; ours is 0.
        assert [result[name].item() for name in LOSSES[2:]] == [0, 0, 0]
    else:
        for name, value in expected[0][0].items():
            assert result["raw_detections"][0][name].numel() == value.numel() == 0


def test_an_image_without_objects_trains():
    model = profiles.slim(size=96).train()
    losses = model(*scenes((0, 96, 96)))
    sum(losses.values()).backward()
    assert losses["loss_box_reg"] == losses["loss_rpn_box_reg"] == losses["loss_mask"] == 0
    assert losses["loss_objectness"] > 0 and losses["loss_classifier"] > 0
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def test_no_background_box_learns_the_same_boxes():
    both = profiles.slim(size=96)
    settings = both.settings
    fewer = profiles.assemble(copy.deepcopy(both.backbone), 7, settings, 256, 128, background_box=False)
    assert fewer.roi_heads.box_predictor.bbox_pred.out_features == 4 * 6
    state = both.state_dict()
    for leaf in ("weight", "bias"):
        key = f"roi_heads.box_predictor.bbox_pred.{leaf}"
        state[key] = state[key][4:]
    fewer.load_state_dict(state)
    image = scene(2, 96, 96)[0]
    results = [model.eval().trace(image) for model in (both, fewer)]
    assert (results[1]["box_deltas"][:, 0] == 0).all()
    for name, value in results[0]["detections"].items():
        torch.testing.assert_close(results[1]["detections"][name], value)


def test_trains_under_autocast_and_channels_last():
    images, targets = scenes(*THREE)
    model = profiles.slim(size=128).to(memory_format=torch.channels_last).train()
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3)
    history = []
    for _ in range(4):
        torch.manual_seed(0)
        with torch.autocast("cpu", torch.bfloat16):
            losses = model(images, targets)
        loss = sum(losses.values())
        optimiser.zero_grad()
        loss.backward()
        assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
        optimiser.step()
        history.append(loss.item())
    assert all(value.dtype == torch.float32 for value in losses.values())
    assert history[-1] < history[0]
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        found = model.eval()(images)
    assert {found[0][name].dtype for name in ("boxes", "scores", "masks")} == {torch.float32}


def test_autocast_changes_the_losses_little():
    images, targets = scenes((3, 128, 128))
    model = calm(profiles.slim(size=128)).train()
    totals = []
    for enabled in (False, True):
        torch.manual_seed(0)
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            totals.append(sum(model(images, targets).values()).item())
    assert totals[1] == pytest.approx(totals[0], rel=0.05)


def test_profiles_have_the_stated_sizes():
    with torch.device("meta"):
        counts = [sum(p.numel() for p in build().parameters()) / 1e6 for build in (profiles.slim, profiles.lite)]
    assert [round(count, 1) for count in counts] == [8.4, 16.2]


def test_of_no_images_there_are_no_detections():
    model = profiles.tiny().eval()
    assert model([]) == []
    with pytest.raises(CourseError, match="there are no images"):
        model.train()([], [])
