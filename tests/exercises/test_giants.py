"""A slip that asks for an enormous tensor is refused before PyTorch is called; what is of a photo's size is not."""

import pytest
import torch
import torch.nn.functional as F

from course_utils.exercises.giants import NoGiants, TooLarge

MAP = torch.ones(1, 1, 3, 3)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: F.interpolate(MAP, size=(84_000, 84_000), mode="bilinear"),
        lambda: torch.zeros(90_000, 90_000),
        lambda: torch.full((90_000, 90_000), 1.0),
        lambda: torch.arange(10**9),
        lambda: MAP.repeat(1, 1, 10**4, 10**4),
    ],
)
def test_giants_are_refused(ask):
    with NoGiants(), pytest.raises(TooLarge):
        ask()


def test_a_photo_is_no_giant():
    with NoGiants():
        assert F.interpolate(MAP, size=(800, 1333), mode="bilinear").shape[2:] == (800, 1333)
        assert torch.zeros(800, 1333).reshape(-1, 1).clamp(0, 1).sum() == 0
