"""Matching, sampling and the five losses: by hand, against torchvision, and their gradients."""

import pytest
import torch
from torchvision.models.detection import roi_heads
from torchvision.models.detection._utils import BalancedPositiveNegativeSampler, Matcher

from course_utils.mask_rcnn import losses
from course_utils.mask_rcnn.kernels import COMPILED, READABLE


def test_match_by_hand():
    iou = torch.tensor([[0.8, 0.4, 0.2, 0.1, 0.0], [0.1, 0.5, 0.6, 0.0, 0.0]])
    assert losses.match(iou, 0.7, 0.3).tolist() == [0, -2, -2, -1, -1]
    # The second object would go without: the third anchor, its best, is given to it.
    assert losses.match(iou, 0.7, 0.3, low_quality=True).tolist() == [0, -2, 1, -1, -1]


def test_low_quality_match_goes_to_the_object_the_anchor_overlaps_most():
    # Anchor 0 is the best that object 1 has, but overlaps object 0 more.
    iou = torch.tensor([[0.6, 0.65], [0.5, 0.1]])
    assert losses.match(iou, 0.7, 0.3, low_quality=True).tolist() == [0, 0]


@pytest.mark.parametrize("low_quality", [False, True])
@pytest.mark.parametrize("steps", [None, 5], ids=["distinct", "ties"])
def test_match_equals_torchvision(low_quality, steps):
    iou = torch.rand(6, 300) ** 2
    if steps:
        iou = (iou * steps).round() / steps
    expected = Matcher(0.7, 0.3, low_quality)(iou.clone())
    assert torch.equal(losses.match(iou, 0.7, 0.3, low_quality), expected)
    assert set(expected.tolist()) == {-2, -1, *range(6)}


def test_match_without_objects_or_candidates():
    assert losses.match(torch.zeros(0, 3), 0.5, 0.5, True).tolist() == [-1, -1, -1]
    assert losses.match(torch.zeros(0, 0), 0.5, 0.5, True).tolist() == []


@pytest.mark.parametrize("positives", [0, 3, 200])
def test_sample_equals_torchvision(positives):
    labels = torch.cat([torch.ones(positives), torch.zeros(90), -torch.ones(40)])[torch.randperm(130 + positives)]
    torch.manual_seed(5)
    expected = BalancedPositiveNegativeSampler(64, 0.25)([labels])
    torch.manual_seed(5)
    chosen = losses.sample(labels, 64, 0.25)
    for ours, theirs in zip(chosen, expected, strict=True):
        assert torch.equal(ours, torch.where(theirs[0])[0])
    assert len(chosen[0]) == min(positives, 16)
    assert len(chosen[1]) == 64 - len(chosen[0])


def test_sample_takes_what_there_is():
    positive, negative = losses.sample(torch.tensor([1.0, -1, 0, 0]), 64, 0.5)
    assert (positive.tolist(), negative.tolist()) == ([0], [2, 3])
    positive, negative = losses.sample(torch.tensor([-1.0]), 64, 0.5)
    assert (positive.tolist(), negative.tolist()) == ([], [])


def test_box_losses_equal_torchvision():
    logits, deltas = torch.randn(40, 7), torch.randn(40, 7, 4)
    labels, targets = torch.randint(0, 7, (40,)), torch.randn(40, 4)
    expected = roi_heads.fastrcnn_loss(logits, deltas.flatten(1), [labels], [targets])
    torch.testing.assert_close(losses.box_losses(logits, deltas, labels, targets), expected)


def test_box_loss_looks_only_at_the_true_class_of_positives():
    deltas = torch.randn(2, 3, 4, requires_grad=True)
    losses.box_losses(torch.zeros(2, 3), deltas, torch.tensor([0, 2]), torch.zeros(2, 4))[1].backward()
    touched = deltas.grad.abs().sum(dim=2) > 0
    assert touched.tolist() == [[False, False, False], [False, False, True]]


@pytest.mark.parametrize("kernels", [COMPILED, READABLE], ids=["compiled", "readable"])
def test_mask_targets_equal_torchvision(kernels):
    masks = (torch.rand(3, 60, 80) > 0.5).byte()
    corner = torch.rand(20, 2) * 40 - 3
    rois = torch.cat([corner, corner + 1 + torch.rand(20, 2) * 50], dim=1)
    matches = torch.randint(0, 3, (20,))
    expected = roi_heads.project_masks_on_boxes(masks, rois, matches, 28)
    result = losses.mask_targets(masks, rois, matches, 28, kernels.roi_align)
    torch.testing.assert_close(result, expected, rtol=0, atol=1e-5)


def test_mask_of_one_pixel():
    masks = torch.zeros(1, 10, 10, dtype=torch.bool)
    masks[0, 4, 6] = True
    for kernels in (COMPILED, READABLE):
        roi = torch.tensor([[6.0, 4, 7, 5]])
        target = losses.mask_targets(masks, roi, torch.tensor([0]), 4, kernels.roi_align)
        # Its value falls off linearly from the pixel's centre, which lies at (6, 4) without half-pixel shift.
        expected = torch.tensor([0.875, 0.625, 0.375, 0.125])
        torch.testing.assert_close(target[0], expected[:, None] * expected)


def test_mask_loss_equals_torchvision():
    masks, matches = (torch.rand(2, 30, 30) > 0.5).byte(), torch.tensor([0, 1, 1])
    rois = torch.tensor([[1.0, 2, 20, 25], [0, 0, 30, 30], [5, 5, 9, 8]])
    logits, labels = torch.randn(3, 5, 28, 28), torch.tensor([2, 4])
    expected = roi_heads.maskrcnn_loss(logits, [rois], [masks], [labels], [matches])
    targets = losses.mask_targets(masks, rois, matches, 28, COMPILED.roi_align)
    torch.testing.assert_close(losses.mask_loss(logits, labels[matches], targets), expected)


def test_losses_of_nothing_are_zero_and_carry_a_gradient():
    none = torch.zeros(0, dtype=torch.long)
    logits = torch.zeros(0, 5, 28, 28, requires_grad=True)
    loss = losses.mask_loss(logits, none, torch.zeros(0, 28, 28))
    loss.backward()
    assert loss.item() == 0
    assert [x.item() for x in losses.box_losses(torch.zeros(0, 5), torch.zeros(0, 5, 4), none, torch.zeros(0, 4))] == [
        0,
        0,
    ]
    pair = losses.rpn_losses(torch.ones(4), torch.ones(4, 4), torch.ones(4), torch.ones(4, 4), none, none)
    assert [x.item() for x in pair] == [0, 0]


def test_gradients():
    def double(*shape):
        return torch.randn(*shape, dtype=torch.float64, requires_grad=True)

    labels, targets = torch.tensor([0, 2, 1, 2]), torch.randn(4, 4, dtype=torch.float64)
    positive, negative = torch.tensor([1, 2]), torch.tensor([0])
    objects = torch.tensor([0.0, 1, 1, 0], dtype=torch.float64)
    masks = torch.rand(4, 3, 3, dtype=torch.float64)
    check = torch.autograd.gradcheck
    assert check(lambda a, b: losses.box_losses(a, b, labels, targets), (double(4, 3), double(4, 3, 4)))
    assert check(lambda a, b: losses.rpn_losses(a, b, objects, targets, positive, negative), (double(4), double(4, 4)))
    assert check(lambda a: losses.mask_loss(a, labels, masks), double(4, 3, 3, 3))
