"""Anchors: known by hand, and exactly torchvision's."""

import pytest
import torch
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList

from course_utils.mask_rcnn import anchors


def test_cell_by_hand():
    # Area 32^2; ratio = height / width: 0.5 lies, 2 stands. Sides 45.25 and 22.63, halved and rounded.
    expected = [[-23, -11, 23, 11], [-16, -16, 16, 16], [-11, -23, 11, 23]]
    assert anchors.cell_anchors([32], [0.5, 1, 2]).tolist() == expected


def test_grid_by_hand():
    grid = anchors.grid_anchors(torch.tensor([[-4.0, -2, 4, 2]]), (2, 3), (8, 16))
    centres = (grid[:, :2] + grid[:, 2:]) / 2
    assert centres.tolist() == [[0, 0], [16, 0], [32, 0], [0, 8], [16, 8], [32, 8]]


@pytest.mark.parametrize("size", [(64, 96), (160, 128), (800, 1088)])
def test_pyramid_is_exactly_torchvisions(size):
    sizes, ratios = ((32, 40), (64, 70), (100, 128)), (0.4, 1.0, 3.0)
    maps = [torch.zeros(2, 1, size[0] // s, size[1] // s) for s in (4, 8, 32)]
    images = ImageList(torch.zeros(2, 3, *size), [size] * 2)
    expected = AnchorGenerator(sizes, (ratios,) * 3)(images, maps)[0]
    result = torch.cat(anchors.pyramid_anchors(maps, size, sizes, ratios))
    assert torch.equal(result, expected)


def test_levels_must_match():
    with pytest.raises(ValueError):
        anchors.pyramid_anchors([torch.zeros(1, 1, 8, 8)], (32, 32), ((8,), (16,)), (1.0,))
