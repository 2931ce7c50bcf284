"""The backbones equal torchvision's, weights exchanged both ways."""

from functools import partial

import pytest
import torch
import torchvision
from torch import nn
from torchvision.models._utils import IntermediateLayerGetter
from torchvision.ops import FrozenBatchNorm2d

from course_utils.mask_rcnn import backbone
from course_utils.mask_rcnn.backbone import PAPER_BACKBONES, ResNet

STAGES = {f"layer{k + 1}": str(k) for k in range(4)}


def torchvision_body(name: str, norm=nn.BatchNorm2d) -> nn.Module:
    return IntermediateLayerGetter(getattr(torchvision.models, name)(norm_layer=norm), STAGES)


@pytest.mark.parametrize("name", PAPER_BACKBONES)
def test_parameters_are_torchvisions(name):
    with torch.device("meta"):
        ours, theirs = ResNet(**PAPER_BACKBONES[name]), torchvision_body(name)
    shapes = [{key: value.shape for key, value in body.state_dict().items()} for body in (ours, theirs)]
    assert shapes[0] == shapes[1]
    # IntermediateLayerGetter ends with the last stage: its classifier is gone, as ours is.
    assert not any(key.startswith("fc") for key in shapes[0])


@pytest.mark.parametrize("norm", [nn.BatchNorm2d, FrozenBatchNorm2d, backbone.group_norm], ids=["bn", "frozen", "gn"])
@pytest.mark.parametrize("name", ["resnet18", "resnet50", "resnext50_32x4d"])
@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
def test_maps_equal_torchvisions(name, norm, training):
    ours, theirs = ResNet(**PAPER_BACKBONES[name], norm=norm), torchvision_body(name, norm)
    theirs.load_state_dict(ours.state_dict())
    x = torch.rand(2, 3, 64, 96)
    expected = theirs.train(training)(x)
    for key, result in ours.train(training)(x).items():
        scale = expected[key].abs().max().clamp(min=1)
        assert ((result - expected[key]).abs().max() / scale) <= 1e-5
        assert result.std() > 0
    assert list(ours(x)) == list(expected) == ["0", "1", "2", "3"]


def test_strides_and_channels():
    body = ResNet(26, widths=(8, 16, 24, 40), groups=4, group_width=8)
    assert body.channels == [32, 64, 96, 160]
    shapes = [tuple(m.shape) for m in body(torch.rand(1, 3, 64, 128)).values()]
    assert shapes == [(1, 32, 16, 32), (1, 64, 8, 16), (1, 96, 4, 8), (1, 160, 2, 4)]


def test_resnext_costs_about_the_same_as_resnet():
    with torch.device("meta"):
        counts = [
            sum(p.numel() for p in ResNet(**PAPER_BACKBONES[name]).parameters())
            for name in ("resnet50", "resnext50_32x4d")
        ]
    assert abs(counts[0] - counts[1]) < 0.03 * counts[0]


def test_pop_stage_takes_the_last_one_off():
    body = ResNet(18)
    x = torch.rand(1, 3, 64, 64)
    body.eval()
    whole = body(x)
    last = body.pop_stage()
    rest = body(x)
    assert list(rest) == ["0", "1", "2"] and body.channels == [64, 128, 256]
    torch.testing.assert_close(last(rest["2"]), whole["3"])


def test_mobilenet_gives_a_pyramid():
    net = backbone.mobilenet_v3(norm=partial(nn.BatchNorm2d, eps=1e-3))
    maps = net.eval()(torch.rand(1, 3, 64, 64))
    assert list(maps) == ["0", "1", "pool"]
    assert {m.shape[1] for m in maps.values()} == {net.out_channels} == {256}
    assert all(p.requires_grad for p in net.parameters())
