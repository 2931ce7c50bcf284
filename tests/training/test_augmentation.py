"""What augmentation makes of a photo and its masks stays true."""

import numpy as np
import pytest
import torch

from course_utils.training import augmentation
from course_utils.training.samples import Sample


def painted(*boxes, side=48) -> Sample:
    """A black photo with white squares on it, later ones in front."""
    whole = torch.zeros(len(boxes), side, side, dtype=torch.bool)
    for mask, (x1, y1, x2, y2) in zip(whole, boxes, strict=True):
        mask[y1:y2, x1:x2] = True
    visible = whole.clone()
    for k in range(len(boxes)):
        visible[k] &= ~whole[k + 1 :].any(dim=0)
    image = torch.zeros(3, side, side)
    image[:, whole.any(dim=0)] = 1
    return Sample(image, whole, visible, torch.arange(1, len(boxes) + 1))


@pytest.mark.parametrize("seed", range(5))
def test_masks_turn_with_the_photo(seed):
    before = painted((16, 16, 32, 28))
    after = augmentation.warp(before, np.random.default_rng(seed))
    white = after.image.mean(dim=0) > 0.75
    differ = (white ^ after.whole[0]).sum()
    assert differ <= 0.15 * after.whole[0].sum()
    assert 0.85**2 * 0.9 <= after.whole[0].sum() / before.whole[0].sum() <= 1.25**2 * 1.1


def test_what_comes_in_from_outside_is_one_grey():
    sample = painted((0, 0, 48, 48))
    corner = augmentation.warp(sample, np.random.default_rng(1)).image[:, 0, 0]
    assert torch.allclose(corner, torch.tensor(0.5)) or torch.allclose(corner, torch.tensor(1.0))


def test_recoloured_photos_stay_between_0_and_1():
    for seed in range(5):
        image = augmentation.recolour(
            torch.rand(3, 8, 8, generator=torch.manual_seed(seed)), np.random.default_rng(seed)
        )
        assert image.shape == (3, 8, 8) and image.min() >= 0 and image.max() <= 1


@pytest.mark.parametrize("seed", range(5))
def test_a_pasted_piece_hides_but_does_not_shorten(seed):
    sample, donor = painted((10, 10, 30, 30)), painted((5, 5, 20, 20))
    donor.labels[:] = 6
    mixed = augmentation.paste_pieces(sample, donor, np.random.default_rng(seed))
    assert mixed.labels.tolist() == [1, 6]
    assert torch.equal(mixed.whole[0], sample.whole[0]), "the amodal mask below stays whole"
    assert torch.equal(mixed.visible[0], sample.whole[0] & ~mixed.whole[1])
    assert torch.equal(mixed.visible[1], mixed.whole[1]) and mixed.whole[1].any()
    assert torch.equal(sample.visible, sample.whole), "the sample given is not changed"


def test_only_wholly_visible_pieces_are_pasted():
    donor = painted((5, 5, 20, 20), (12, 12, 25, 25))  # the first is partly hidden by the second
    for seed in range(5):
        mixed = augmentation.paste_pieces(painted((10, 10, 30, 30)), donor, np.random.default_rng(seed))
        assert mixed.labels.tolist() == [1, 2]


def test_nothing_is_pasted_on_an_empty_photo():
    empty = painted()
    assert augmentation.paste_pieces(empty, painted((5, 5, 20, 20)), np.random.default_rng(0)) is empty


def test_targets_leave_out_what_cannot_be_seen():
    sample = painted((10, 10, 30, 30), (10, 10, 30, 29), (40, 40, 46, 46))
    # Of the first 20 of 400 pixels are visible, 5 %.
    target = augmentation.to_target(sample, "amodal")
    assert target["labels"].tolist() == [2, 3]
    assert target["boxes"].tolist() == [[10, 10, 30, 29], [40, 40, 46, 46]]


def test_targets_of_the_visible_twin_are_the_visible_masks():
    sample = painted((10, 10, 30, 30), (20, 10, 40, 30))
    amodal, visible = (augmentation.to_target(sample, truth) for truth in ("amodal", "visible"))
    assert amodal["boxes"][0].tolist() == [10, 10, 30, 30] and visible["boxes"][0].tolist() == [10, 10, 20, 30]
    assert amodal["masks"].dtype == torch.uint8 and int(visible["masks"][0].sum()) == 200


def test_a_visible_branch_gets_the_visible_masks_of_the_same_pieces():
    sample = painted((10, 10, 30, 30), (10, 10, 30, 29), (25, 25, 46, 46))
    target = augmentation.to_target(sample, "amodal")
    assert target["labels"].tolist() == [2, 3]
    assert torch.equal(target["visible_masks"], sample.visible[1:].byte())
    assert not torch.equal(target["visible_masks"], target["masks"])


@pytest.mark.parametrize("seed", range(6))
def test_after_all_changes_visible_parts_lie_in_their_pieces_and_share_nothing(seed):
    rng = np.random.default_rng(seed)
    mixed = augmentation.paste_pieces(painted((10, 10, 30, 30), (20, 20, 40, 40)), painted((5, 5, 20, 20)), rng)
    mixed = augmentation.warp(mixed, rng).resized(40)
    assert not (mixed.visible & ~mixed.whole).any() and mixed.visible.sum(dim=0).max() == 1
    assert (mixed.visible.sum() < mixed.whole.sum()) and len(mixed.labels) > 2


def test_no_piece_gives_empty_targets():
    target = augmentation.to_target(painted(), "amodal")
    assert target["boxes"].shape == (0, 4) and not len(target["labels"])
    assert target["masks"].shape == target["visible_masks"].shape == (0, 48, 48)


def test_a_photo_without_food_stays_one():
    empty = augmentation.warp(painted(), np.random.default_rng(0)).resized(40)
    assert empty.whole.shape == empty.visible.shape == (0, 40, 40) and empty.image.shape == (3, 40, 40)
