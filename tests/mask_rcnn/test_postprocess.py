"""Detections and pasted masks against torchvision's, at the border and below a pixel too."""

import pytest
import torch
from torch.nn import functional as F
from torchvision.models.detection.roi_heads import RoIHeads, paste_masks_in_image
from torchvision.ops import batched_nms, nms

from course_utils import boxes
from course_utils.mask_rcnn import losses, postprocess, roi_heads
from course_utils.mask_rcnn.kernels import COMPILED, READABLE
from course_utils.mask_rcnn.settings import Settings


def pasted(masks: torch.Tensor, found: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """torchvision's answer."""
    return paste_masks_in_image(masks[:, None], found, size)[:, 0]


def test_paste_equals_torchvision():
    corner = torch.rand(40, 2) * 60
    found = boxes.clip(torch.cat([corner, corner + torch.rand(40, 2) * 50], dim=1), 70, 90)
    masks = torch.rand(40, 28, 28)
    assert torch.equal(postprocess.paste(masks, found, 70, 90), pasted(masks, found, (70, 90)))


@pytest.mark.parametrize(
    "box",
    [
        (0, 0, 90, 70),
        (0, 0, 1, 1),
        (89, 69, 90, 70),
        (30.2, 20.7, 30.9, 21.1),
        (40, 0, 41, 70),
        (89.99, 0, 90, 70),
    ],
    ids=["whole image", "first pixel", "last pixel", "below a pixel", "a line", "a sliver at the border"],
)
def test_paste_at_the_limits(box):
    masks, found = torch.ones(1, 28, 28), torch.tensor([[*map(float, box)]])
    result = postprocess.paste(masks, found, 70, 90)
    assert torch.equal(result, pasted(masks, found, (70, 90)))
    assert result.shape == (1, 70, 90)


def test_paste_fills_the_box_and_nothing_else():
    result = postprocess.paste(torch.ones(1, 28, 28), torch.tensor([[20.0, 10, 76, 38]]), 60, 90)[0]
    torch.testing.assert_close(result[12:36, 23:73], torch.ones(24, 50))
    assert result[:8].sum() == result[42:].sum() == result[:, :16].sum() == result[:, 80:].sum() == 0


PASTES = pytest.mark.parametrize("paste", [postprocess.paste, postprocess.paste_exactly])


@PASTES
def test_pasting_can_be_differentiated(paste):
    """So a model in evaluation mode also runs where gradients are recorded."""
    masks = torch.full((2, 4, 4), 0.5, requires_grad=True)
    pasted = paste(masks, torch.tensor([[1.0, 1, 5, 5], [2.0, 3, 9, 8]]), 10, 12)
    pasted.sum().backward()
    assert (masks.grad > 0).all()


@PASTES
def test_paste_nothing(paste):
    assert paste(torch.zeros(0, 28, 28), torch.zeros(0, 4), 5, 6).shape == (0, 5, 6)


def test_exact_paste_by_hand():
    """Two cells over four pixels: at their edges half a cell of fading out, between them half of each."""
    result = postprocess.paste_exactly(torch.tensor([[[1.0, 0], [1, 0]]]), torch.tensor([[2.0, 0, 6, 2]]), 2, 8)[0]
    row = torch.tensor([0, 0.25, 0.75, 0.75, 0.25, 0, 0, 0])
    # Both rows lie a quarter of a cell away from the nearer one, and both cells of a column are alike ...
    torch.testing.assert_close(result, torch.stack([row, row]) * 1.0)


def test_exact_paste_equals_grid_sample():
    """torch's own bilinear lookup, as detectron2 uses it, at every pixel of the image, box by box."""
    corner = torch.rand(20, 2) * 60 - 5
    found = torch.cat([corner, corner + 0.3 + torch.rand(20, 2) * 50], dim=1)
    masks = torch.rand(20, 28, 28)
    expected = []
    for mask, (x1, y1, x2, y2) in zip(masks, found, strict=True):
        x, y = (torch.arange(90) + 0.5 - x1) / (x2 - x1), (torch.arange(70) + 0.5 - y1) / (y2 - y1)
        grid = 2 * torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1) - 1
        expected.append(F.grid_sample(mask[None, None], grid[None], align_corners=False)[0, 0])
    result = postprocess.paste_exactly(masks, found, 70, 90)
    torch.testing.assert_close(result, torch.stack(expected), rtol=0, atol=2e-5)


def test_exact_masks_come_back_where_they_were():
    """Cut out of a box that ends between pixels and pasted again, an ellipse is whole; torchvision's way moves it."""
    y, x = torch.meshgrid(torch.arange(90) + 0.5, torch.arange(110) + 0.5, indexing="ij")
    ellipse = ((x - 50.3) / 23.3) ** 2 + ((y - 41.7) / 17.1) ** 2 < 1
    box = torch.tensor([[26.4, 24.1, 74.2, 59.3]])
    scores, shifts = {}, {}
    for exact, paste in ((True, postprocess.paste_exactly), (False, postprocess.paste)):
        cut = losses.mask_targets(ellipse[None], box, torch.tensor([0]), 28, COMPILED.roi_align, exact)
        back = paste(cut, box, 90, 110)[0] > 0.5
        scores[exact] = float((back & ellipse).sum() / (back | ellipse).sum())
        shifts[exact] = float(x[back].mean() - x[ellipse].mean()), float(y[back].mean() - y[ellipse].mean())
    assert scores[True] > 0.99 and max(map(abs, shifts[True])) < 0.1
    assert scores[False] < 0.95 and max(shifts[False]) < -0.4


@pytest.mark.parametrize("kernels", [COMPILED, READABLE], ids=["compiled", "readable"])
@pytest.mark.parametrize("limit", [5, 100])
def test_detections_equal_torchvision(kernels, limit):
    corner = torch.rand(80, 2) * 80
    rois = torch.cat([corner, corner + 5 + torch.rand(80, 2) * 50], dim=1)
    logits, deltas = torch.randn(80, 4) * 2, torch.randn(80, 4, 4)
    weights = (10.0, 10.0, 5.0, 5.0)
    theirs = RoIHeads(None, None, None, 0.5, 0.5, 1, 0.5, weights, 0.05, 0.5, limit)
    expected = theirs.postprocess_detections(logits, deltas.flatten(1), [rois], [(100, 120)])
    heads = roi_heads.RoIHeads(None, None, None, None, Settings(detections=limit))
    found = heads.detect_one(logits, deltas, rois, (100, 120), kernels)
    for name, value in zip(("boxes", "scores", "labels"), expected, strict=True):
        assert torch.equal(found[name], value[0])
    decoded = boxes.decode(deltas, rois[:, None], weights)
    assert torch.equal(boxes.clip(decoded[found["rois"], found["labels"]], 100, 120), found["boxes"])
    assert len(found["boxes"]) == 5 or limit == 100


def test_classes_do_not_strike_out_each_other():
    heads = roi_heads.RoIHeads(None, None, None, None, Settings())
    logits = torch.tensor([[0.1, 0.5, 0.4], [0.2, 0.45, 0.35]]).log()
    rois = torch.tensor([[10.0, 10, 30, 30]]).expand(2, 4)
    found = heads.detect_one(logits, torch.zeros(2, 3, 4), rois, (50, 50), READABLE)
    assert found["labels"].tolist() == [1, 2] and found["rois"].tolist() == [0, 0]


def test_nothing_scores_enough():
    heads = roi_heads.RoIHeads(None, None, None, None, Settings())
    logits = torch.tensor([9.0, 0, 0]).expand(4, 3)
    found = heads.detect_one(logits, torch.zeros(4, 3, 4), torch.rand(4, 4), (9, 9), COMPILED)
    assert {name: len(value) for name, value in found.items()} == {"boxes": 0, "scores": 0, "labels": 0, "rois": 0}


def test_candidates_are_above_the_threshold_and_never_background():
    logits = torch.tensor([[0.25, 0.5, 0.25], [0.5, 0.25, 0.25]]).log()
    assert [t.tolist() for t in postprocess.candidates(logits, 0.3)] == [[0], [1]]


@pytest.mark.parametrize("kernels", [COMPILED, READABLE], ids=["compiled", "readable"])
def test_nms_keeps_the_earlier_of_two_equals(kernels):
    same = torch.tensor([[0.0, 0, 9, 9]]).repeat(5, 1)
    scores, groups = torch.full((5,), 0.5), torch.zeros(5, dtype=torch.long)
    assert kernels.nms(same, scores, 0.5, groups).tolist() == nms(same, scores, 0.5).tolist() == [0]


@pytest.mark.parametrize("kernels", [COMPILED, READABLE], ids=["compiled", "readable"])
@pytest.mark.parametrize("threshold", [0.3, 0.5])
def test_nms_equals_torchvision_on_ties(kernels, threshold):
    # Few different scores and coarse boxes, many of them the same: ties of both kinds.
    corner = torch.randint(0, 5, (200, 2)) * 8.0
    found = torch.cat([corner, corner + torch.randint(1, 4, (200, 2)) * 8.0], dim=1)
    scores, groups = torch.randint(1, 4, (200,)) / 4, torch.randint(0, 3, (200,))
    assert len(found.unique(dim=0)) < 200
    expected = batched_nms(found, scores, groups, threshold)
    assert torch.equal(kernels.nms(found, scores, threshold, groups), expected)


def test_own_class_takes_the_predicted_classes_mask():
    logits = torch.arange(2 * 3).reshape(2, 3, 1, 1).float()
    result = postprocess.own_class(logits, torch.tensor([2, 1]))
    torch.testing.assert_close(result.flatten(), torch.tensor([2.0, 4.0]).sigmoid())
