"""Detections and pasted masks against torchvision's, at the border and below a pixel too."""

import pytest
import torch
from torchvision.models.detection.roi_heads import RoIHeads, paste_masks_in_image
from torchvision.ops import batched_nms, nms

from course_utils import boxes
from course_utils.mask_rcnn import postprocess
from course_utils.mask_rcnn.kernels import COMPILED, READABLE


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


def test_pasting_can_be_differentiated():
    """So a model in evaluation mode also runs where gradients are recorded."""
    masks = torch.full((2, 4, 4), 0.5, requires_grad=True)
    pasted = postprocess.paste(masks, torch.tensor([[1.0, 1, 5, 5], [2.0, 3, 9, 8]]), 10, 12)
    pasted.sum().backward()
    assert (masks.grad > 0).all()


def test_paste_nothing():
    assert postprocess.paste(torch.zeros(0, 28, 28), torch.zeros(0, 4), 5, 6).shape == (0, 5, 6)


@pytest.mark.parametrize("kernels", [COMPILED, READABLE], ids=["compiled", "readable"])
@pytest.mark.parametrize("limit", [5, 100])
def test_detections_equal_torchvision(kernels, limit):
    corner = torch.rand(80, 2) * 80
    rois = torch.cat([corner, corner + 5 + torch.rand(80, 2) * 50], dim=1)
    logits, deltas = torch.randn(80, 4) * 2, torch.randn(80, 4, 4)
    weights = (10.0, 10.0, 5.0, 5.0)
    theirs = RoIHeads(None, None, None, 0.5, 0.5, 1, 0.5, weights, 0.05, 0.5, limit)
    expected = theirs.postprocess_detections(logits, deltas.flatten(1), [rois], [(100, 120)])
    candidates = boxes.decode(deltas, rois[:, None], weights)
    found = postprocess.filter_detections(candidates, logits.softmax(1), (100, 120), 0.05, 0.5, limit, kernels.nms)
    for name, value in zip(("boxes", "scores", "labels"), expected, strict=True):
        assert torch.equal(found[name], value[0])
    assert torch.equal(boxes.clip(candidates[found["rois"], found["labels"]], 100, 120), found["boxes"])
    assert len(found["boxes"]) == 5 or limit == 100


def test_classes_do_not_strike_out_each_other():
    candidates = torch.tensor([[10.0, 10, 30, 30]]).expand(2, 3, 4)
    scores = torch.tensor([[0.1, 0.5, 0.4], [0.2, 0.45, 0.35]])
    found = postprocess.filter_detections(candidates, scores, (50, 50), 0.05, 0.5, 10, READABLE.nms)
    assert found["labels"].tolist() == [1, 2] and found["rois"].tolist() == [0, 0]


def test_nothing_scores_enough():
    found = postprocess.filter_detections(
        torch.rand(4, 3, 4), torch.full((4, 3), 0.01), (9, 9), 0.05, 0.5, 10, COMPILED.nms
    )
    assert {name: len(value) for name, value in found.items()} == {
        "boxes": 0,
        "scores": 0,
        "labels": 0,
        "rois": 0,
    }


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
