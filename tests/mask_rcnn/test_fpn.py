"""The feature pyramid against torchvision's, and its merge by hand."""

import pytest
import torch
from torch import nn
from torchvision.ops import FeaturePyramidNetwork
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

from course_utils.mask_rcnn.fpn import FeaturePyramid


@pytest.mark.parametrize("norm", [None, nn.BatchNorm2d], ids=["bias", "bn"])
@pytest.mark.parametrize("sizes", [(32, 16, 8, 4), (27, 14, 7, 4)], ids=["even", "odd"])
def test_equals_torchvision(norm, sizes):
    channels = [8, 16, 24, 32]
    ours = FeaturePyramid(channels, 12, norm)
    theirs = FeaturePyramidNetwork(channels, 12, LastLevelMaxPool(), norm)
    theirs.load_state_dict(ours.state_dict())
    maps = {str(k): torch.rand(2, c, s, s + 2) for k, (c, s) in enumerate(zip(channels, sizes, strict=True))}
    results, expected = ours(maps), theirs(maps)
    assert list(results) == list(expected) == ["0", "1", "2", "3", "pool"]
    for name in results:
        torch.testing.assert_close(results[name], expected[name], rtol=0, atol=1e-5)


def test_merge_by_hand():
    pyramid = FeaturePyramid([1, 1], 1)
    for block in (*pyramid.inner_blocks, *pyramid.layer_blocks):
        nn.init.zeros_(block[0].weight)
        centre = block[0].weight.shape[-1] // 2
        block[0].weight.data[0, 0, centre, centre] = 1  # every convolution hands its input on
    fine, coarse = torch.tensor([[1.0, 2], [3, 4]]), torch.tensor([[10.0]])
    results = pyramid({"0": fine[None, None], "1": coarse[None, None]})
    assert results["0"][0, 0].tolist() == [[11, 12], [13, 14]]
    assert results["1"].item() == results["pool"].item() == 10
