"""Resizing and batching equal torchvision's transform; bad input is named."""

import pytest
import torch
from scenes import scene, scenes
from torchvision.models.detection.transform import GeneralizedRCNNTransform

from course_utils.errors import CourseError
from course_utils.mask_rcnn import preprocess, profiles


@pytest.mark.parametrize("sizes", [[(2, 60, 81)], [(2, 60, 81), (0, 90, 50), (1, 33, 200)], [(1, 64, 64)]])
@pytest.mark.parametrize("limits", [(64, 128), (100, 101)])
def test_equals_torchvision(sizes, limits):
    images, targets = scenes(*sizes)
    expected, expected_targets = GeneralizedRCNNTransform(*limits, [0.5] * 3, [0.2] * 3)(images, targets)
    size = [preprocess.network_size(*i.shape[-2:], *limits) for i in images]
    resized = [preprocess.resize_image((i - 0.5) / 0.2, s) for i, s in zip(images, size, strict=True)]
    assert size == expected.image_sizes
    torch.testing.assert_close(preprocess.batch_images(resized), expected.tensors, rtol=0, atol=1e-5)
    for target, image, new, theirs in zip(targets, images, size, expected_targets, strict=True):
        ours = preprocess.resize_target(target, tuple(image.shape[-2:]), new)
        torch.testing.assert_close(ours["boxes"], theirs["boxes"], rtol=0, atol=1e-5)
        assert torch.equal(ours["masks"], theirs["masks"])


def test_padding_is_zero_after_normalisation():
    batch = preprocess.batch_images([torch.ones(3, 30, 40), torch.ones(3, 33, 10)])
    assert batch.shape == (2, 3, 64, 64)
    assert batch[0].sum() == 3 * 30 * 40 and batch[1, :, :33, :10].min() == 1


def broken(name: str, value: torch.Tensor) -> tuple[list, list]:
    image, target = scene(2, 40, 40)
    return [image], [target | {name: value}]


@pytest.mark.parametrize(
    "images, targets, words",
    [
        ([torch.zeros(40, 40)], [{}], "image 0: expected float"),
        ([torch.zeros(3, 40, 40, dtype=torch.uint8)], [{}], "image 0: expected float"),
        ([torch.zeros(3, 40, 40)], None, "targets: none"),
        ([torch.zeros(3, 40, 40)], [], "targets: 0"),
        ([torch.zeros(3, 40, 40)], [{"boxes": torch.zeros(0, 4)}], "target 0: no labels, masks"),
        (*broken("masks", torch.zeros(2, 40, 41)), r"masks of shape \(2, 40, 41\), expected \(2, 40, 40\)"),
        (*broken("labels", torch.ones(3, dtype=torch.long)), "target 0: labels of shape"),
        (
            *broken("boxes", torch.tensor([[1.0, 1, 5, 5], [4, 4, 4, 9]])),
            r"target 0: box 1 \[4.0, 4.0, 4.0, 9.0\]",
        ),
    ],
)
def test_bad_input_is_named(images, targets, words):
    with pytest.raises(CourseError, match=words):
        profiles.slim(size=64).train()(images, targets)
