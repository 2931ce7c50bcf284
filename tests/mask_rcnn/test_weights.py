"""Published weights: old names, damaged or missing network, and what is done then."""

from urllib.error import URLError

import pytest
import torch
import torchvision
from torchvision.models import detection
from torchvision.ops import FrozenBatchNorm2d

from course_utils.errors import CourseError
from course_utils.mask_rcnn import profiles, weights
from course_utils.mask_rcnn.backbone import PAPER_BACKBONES, ResNet


def old_names(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The state dict as torchvision's first published files have it."""
    renamed = {}
    for key, value in state.items():
        key = key.replace("rpn.head.conv.0.0.", "rpn.head.conv.")
        for block in ("inner_blocks", "layer_blocks"):
            for k in range(4):
                key = key.replace(f"{block}.{k}.0.", f"{block}.{k}.")
        for k in range(4):
            key = key.replace(f"mask_head.{k}.0.", f"mask_head.mask_fcn{k + 1}.")
        renamed[key] = value
    return renamed


@pytest.fixture
def published(monkeypatch):
    """Lets `download` find the given state dict instead of asking the network."""

    def put(state):
        monkeypatch.setattr(torch.hub, "load_state_dict_from_url", lambda url, **_: state)

    return put


def test_old_names_load_as_in_torchvision(published):
    theirs = detection.maskrcnn_resnet50_fpn(weights=None, weights_backbone=None)
    state = theirs.state_dict()
    old = old_names(state)
    assert len(old.keys() - state.keys()) == 2 * (4 + 4 + 1 + 4)
    theirs.load_state_dict(dict(old))  # torchvision still reads them itself
    published({key: value for key, value in old.items() if "num_batches_tracked" not in key})
    ours = profiles.torchvision_v1()
    assert weights.load_coco(ours, "v1")
    for key, value in ours.state_dict().items():
        assert torch.equal(value, state[key])
    assert {m.eps for m in ours.modules() if isinstance(m, FrozenBatchNorm2d)} == {0.0}


@pytest.mark.parametrize("name", ["v1", "v2"])
def test_state_dicts_fit_both_ways(name):
    build = {"v1": detection.maskrcnn_resnet50_fpn, "v2": detection.maskrcnn_resnet50_fpn_v2}[name]
    with torch.device("meta"):
        theirs = build(weights=None, weights_backbone=None)
        ours = profiles.torchvision_v2() if name == "v2" else profiles.torchvision_v1(norm=torch.nn.BatchNorm2d)
    shapes = [{key: value.shape for key, value in m.state_dict().items()} for m in (ours, theirs)]
    assert shapes[0] == shapes[1]
    ours.load_state_dict(theirs.state_dict(), assign=True)
    theirs.load_state_dict(ours.state_dict(), assign=True)


def test_imagenet_weights_leave_the_classifier_out(published):
    theirs = torchvision.models.resnet18()
    published(theirs.state_dict())
    body = ResNet(18)
    assert weights.load_imagenet(body, "resnet18")
    assert torch.equal(body.layer4[1].conv2.weight, theirs.layer4[1].conv2.weight)


def test_weights_of_another_model_are_refused(published):
    published(torchvision.models.resnet18().state_dict())
    with pytest.raises(RuntimeError, match="size mismatch"):
        weights.load_imagenet(ResNet(18, widths=(64, 128, 256, 256)), "resnet18")


def shapes(module):
    return {key: value.shape for key, value in module.state_dict().items()}


def test_profiles_with_a_published_backbone():
    with torch.device("meta"):
        bodies = {name: profiles.build(name).backbone.body for name in profiles.PROFILES}
        published = {name: shapes(ResNet(**PAPER_BACKBONES[name])) for name in weights.IMAGENET}
    fits = {name: next((k for k, v in published.items() if v == shapes(body)), None) for name, body in bodies.items()}
    del fits[weights.COCO_PROFILE]  # COCO's weights fit all of it
    assert {name: fit for name, fit in fits.items() if fit} == weights.BACKBONES


def test_coco_weights_for_classes_of_one_s_own(published):
    theirs = detection.maskrcnn_resnet50_fpn(weights=None, weights_backbone=None).state_dict()
    published({key: value for key, value in old_names(theirs).items() if "num_batches_tracked" not in key})
    model = profiles.build(weights.COCO_PROFILE, classes=3, size=256)
    own = {key: value.clone() for key, value in model.state_dict().items()}
    weights.load_published(model, weights.COCO_PROFILE)
    for key, value in model.state_dict().items():
        assert torch.equal(value, own[key] if key.startswith(weights.CLASS_LAYERS) else theirs[key]), key
    assert sum(key.startswith(weights.CLASS_LAYERS) for key in own) == 6
    assert model.settings.min_size == model.settings.max_size == 256


@pytest.mark.parametrize("profile", ["slim", "tiny", "slim-resnext"])
def test_profiles_without_published_weights_are_named(profile):
    model = profiles.build(profile)
    words = f"the profile {profile} has no published weights; those that have: lite0, lite, "
    with pytest.raises(CourseError, match=words):
        weights.load_published(model, profile)


@pytest.mark.parametrize(
    "error", [URLError("no route to host"), TimeoutError("timed out"), RuntimeError("invalid hash value")]
)
def test_no_network(monkeypatch, error):
    def refuse(url, **_):
        raise error

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", refuse)
    body = ResNet(18)
    before = body.conv1.weight.clone()
    with pytest.raises(CourseError, match="ResNet18_Weights.IMAGENET1K_V1: cannot be fetched from https://.*carry on"):
        weights.load_imagenet(body, "resnet18")
    with pytest.warns(UserWarning, match="the weights stay as they are"):
        assert not weights.load_imagenet(body, "resnet18", required=False)
    assert torch.equal(body.conv1.weight, before)


def test_every_published_name_exists():
    for name in [*weights.COCO.values(), *weights.IMAGENET.values()]:
        assert torchvision.models.get_weight(name).url.startswith("https://")
