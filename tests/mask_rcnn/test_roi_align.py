"""RoIAlign: known by hand on a ramp, equal to torchvision's operator, with right gradients."""

import re

import pytest
import torch
from torchvision import ops
from torchvision.ops.poolers import LevelMapper

from course_utils.errors import CourseError
from course_utils.mask_rcnn.roi_align import bilinear, pool, roi_align, roi_levels, to_rois


def random_rois(count: int, images: int, size: float, dtype=torch.float32) -> torch.Tensor:
    """RoIs of all sizes, some of them partly or wholly outside."""
    corner = torch.rand(count, 2, dtype=dtype) * size * 1.2 - 0.1 * size
    extent = torch.rand(count, 2, dtype=dtype) ** 2 * size
    image = torch.randint(0, images, (count, 1)).to(dtype)
    return torch.cat([image, corner, corner + extent], dim=1)


def ramp(height: int, width: int) -> torch.Tensor:
    """Two channels: the column's number and the row's number."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return torch.stack([x, y])[None].float()


@pytest.mark.parametrize("align", [roi_align, ops.roi_align], ids=["ours", "torchvision"])
@pytest.mark.parametrize("sampling_ratio", [1, 2, 4, -1])
@pytest.mark.parametrize("aligned, shift", [(True, 0.5), (False, 0.0)])
def test_ramp_by_hand(align, sampling_ratio, aligned, shift):
    # On a ramp the mean over a bin is the value at its centre, however many points are looked up.
    box = torch.tensor([[0, 3.0, 2.0, 11.0, 8.0]])
    result = align(ramp(20, 20), box, (3, 4), 1.0, sampling_ratio, aligned)[0]
    columns = torch.tensor([4.0, 6, 8, 10]) - shift
    rows = torch.tensor([3.0, 5, 7]) - shift
    torch.testing.assert_close(result[0], columns.expand(3, 4))
    torch.testing.assert_close(result[1], rows[:, None].expand(3, 4))


def test_spatial_scale_by_hand():
    result = roi_align(ramp(20, 20), torch.tensor([[0, 12.0, 8.0, 44.0, 32.0]]), (1, 1), 0.25)
    torch.testing.assert_close(result.flatten(), torch.tensor([7.0, 5.0]))


def test_bilinear_by_hand():
    pixels = torch.tensor([[[[1.0, 2], [3, 5]]]])
    image, y = torch.zeros(1, dtype=torch.long), torch.tensor([[0.25, -0.5, -1.5]])
    values = bilinear(pixels, image, y, torch.tensor([[0.5, 1.9]]))[0, :, :, 0]
    # 0.75 * 1.5 + 0.25 * 4; the right column; just outside the border's value; further out nothing
    torch.testing.assert_close(values, torch.tensor([[2.125, 2.75], [1.5, 2.0], [0.0, 0.0]]))


@pytest.mark.parametrize("dtype, limit", [(torch.float32, 1e-6), (torch.float64, 1e-14)])
@pytest.mark.parametrize("sampling_ratio", [1, 2, 4, -1])
@pytest.mark.parametrize("aligned", [False, True])
def test_equals_torchvision(dtype, limit, sampling_ratio, aligned):
    maps, rois = torch.rand(2, 5, 24, 30, dtype=dtype), random_rois(80, 2, 120, dtype)
    arguments = (maps, rois, (7, 5), 0.25, sampling_ratio, aligned)
    assert (roi_align(*arguments) - ops.roi_align(*arguments)).abs().max() <= limit


@pytest.mark.parametrize(
    "corners", [(0, 0, 30, 24), (-9, -9, 0, 0), (29.9, 23.9, 30, 24), (3, 3, 3, 3), (40, 40, 50, 50)]
)
@pytest.mark.parametrize("sampling_ratio", [2, -1])
def test_border_boxes_equal_torchvision(corners, sampling_ratio):
    maps, rois = torch.rand(1, 3, 24, 30), torch.tensor([[0.0, *corners]])
    arguments = (maps, rois, (4, 4), 1.0, sampling_ratio)
    torch.testing.assert_close(roi_align(*arguments), ops.roi_align(*arguments), rtol=0, atol=1e-6)


@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize("sampling_ratio", [1, 2, -1])
def test_gradient(sampling_ratio, aligned):
    rois = random_rois(5, 2, 24, torch.float64)
    maps = torch.rand(2, 2, 6, 7, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda m: roi_align(m, rois, (3, 2), 0.25, sampling_ratio, aligned), maps)


def test_gradient_equals_torchvision():
    rois, weights = random_rois(30, 2, 100), torch.rand(30, 3, 7, 7)
    found = []
    for align in (roi_align, ops.roi_align):
        maps = torch.ones(2, 3, 25, 25, requires_grad=True)
        (align(maps, rois, (7, 7), 0.25, 2) * weights).sum().backward()
        found.append(maps.grad)
    torch.testing.assert_close(*found, rtol=0, atol=1e-5)


def test_no_rois():
    assert roi_align(torch.rand(1, 3, 8, 8), torch.zeros(0, 5), (7, 7), 0.25).shape == (0, 3, 7, 7)
    assert to_rois([torch.zeros(0, 4), torch.zeros(0, 4)]).shape == (0, 5)
    assert pool([torch.rand(2, 3, 8, 8)], [torch.zeros(0, 4)] * 2, (32, 32), 7).shape == (0, 3, 7, 7)


@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize("sampling_ratio", [2, 0, -1])
def test_empty_and_turned_over_rois_equal_torchvision(sampling_ratio, aligned):
    maps = torch.rand(2, 3, 9, 11, generator=torch.Generator().manual_seed(3), requires_grad=True)
    rois = torch.tensor([[0, 3, 4, 5, 4], [1, 2, 2, 2, 2], [1, 6, 7, 4, 3], [0, 6, 2, 4, 8], [1, 1, 1, 6.5, 7]])
    for chosen in (rois, rois[:1], rois[:4]):
        ours, theirs = (f(maps, chosen, (2, 3), 1.0, sampling_ratio, aligned) for f in (roi_align, ops.roi_align))
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-6)
        weights = torch.rand(ours.shape, generator=torch.Generator().manual_seed(4))
        gradients = [torch.autograd.grad((found * weights).sum(), maps)[0] for found in (ours, theirs)]
        torch.testing.assert_close(*gradients, rtol=0, atol=1e-6)


@pytest.mark.parametrize("shapes", [((1, 3, 8, 8), (2, 4)), ((3, 8, 8), (2, 5)), ((1, 3, 8, 8), (5,))])
def test_shapes_that_do_not_fit_are_named(shapes):
    maps, rois = map(torch.zeros, shapes)
    with pytest.raises(CourseError, match=re.escape(f"maps of shape {shapes[0]} and rois of shape {shapes[1]}")):
        roi_align(maps, rois, (2, 2), 1.0)


def test_to_rois_by_hand():
    table = to_rois([torch.ones(2, 4), torch.zeros(0, 4), torch.full((1, 4), 5.0)])
    assert table.tolist() == [[0, 1, 1, 1, 1], [0, 1, 1, 1, 1], [2, 5, 5, 5, 5]]


def test_levels_by_hand_and_torchvision():
    sides = torch.tensor([1.0, 111, 112, 223, 224, 447.9, 448, 5000])
    rois = torch.stack([sides * 0, sides * 0, sides, sides], dim=1)
    levels = roi_levels(rois, 2, 5)
    assert levels.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert torch.equal(levels, LevelMapper(2, 5)([rois]))
    rois = random_rois(500, 1, 600)[:, 1:]
    assert torch.equal(roi_levels(rois, 2, 5), LevelMapper(2, 5)([rois]))


@pytest.mark.parametrize("align", [roi_align, ops.roi_align], ids=["readable", "compiled"])
def test_pool_equals_torchvision(align):
    maps = {str(k): torch.rand(2, 4, 640 // s, 512 // s) for k, s in enumerate((4, 8, 16, 32))}
    boxes = [random_rois(60, 1, 500)[:, 1:], random_rois(40, 1, 300)[:, 1:]]
    theirs = ops.MultiScaleRoIAlign(list(maps), 7, 2)(maps, boxes, [(640, 512), (600, 500)])
    assert len(roi_levels(torch.cat(boxes), 2, 5).unique()) >= 3
    torch.testing.assert_close(pool(list(maps.values()), boxes, (640, 512), 7, align), theirs, rtol=0, atol=1e-6)
