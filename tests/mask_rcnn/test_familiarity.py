"""A photo of another kind is far from those that are known."""

import numpy as np
import pytest
import torch
from skimage import data

from course_utils.dataset import load
from course_utils.dataset.torch_dataset import to_tensor
from course_utils.errors import CourseError
from course_utils.mask_rcnn.familiarity import Familiarity, pooled_features, threshold
from course_utils.mask_rcnn.profiles import build
from course_utils.mask_rcnn.weights import load_published


def test_the_distance_is_measured_in_the_cloud_s_own_spread():
    rng = np.random.default_rng(0)
    spread = np.array([1.0, 5.0])
    cloud = Familiarity.of(rng.normal(0, spread, (5000, 2)) + [3, -2])
    assert cloud.distance(np.array([3, -2])) == pytest.approx(0, abs=0.1)
    along, across = (cloud.distance(np.array([3, -2]) + step) for step in ([0, 5], [5, 0]))
    assert along == pytest.approx(1 / np.sqrt(2), rel=0.05) and across == pytest.approx(5 / np.sqrt(2), rel=0.05)


def test_more_channels_than_photos_still_give_a_distance():
    rng = np.random.default_rng(0)
    cloud = Familiarity.of(rng.normal(size=(20, 100)))
    near, far = (cloud.distance(rng.normal(size=100) + shift) for shift in (0, 5))
    assert np.isfinite(near) and far > 2 * near


def test_known_photos_stay_below_the_threshold():
    distances = np.arange(100.0)
    assert threshold(distances) == 99 and threshold(distances, 0.5) == 50
    assert (distances <= threshold(distances, 0.9)).mean() >= 0.9
    with pytest.raises(CourseError, match="some known photos"):
        threshold(np.array([]))
    with pytest.raises(CourseError, match="1 photos are known"):
        Familiarity.of([np.zeros(3)])


@pytest.fixture(scope="module")
def lite0():
    model = build("lite0", size=128).eval()
    load_published(model, "lite0")
    return model


def test_free_photos_are_no_plates(lite0):
    """With ImageNet's features alone, before any training: six free photos lie outside of 40 plates, others inside."""
    scenes = load("train")[:40]
    cloud = Familiarity.of(pooled_features(lite0, to_tensor(scene.image)) for scene in scenes)
    plates = [cloud.distance(pooled_features(lite0, to_tensor(scene.image))) for scene in load("val")[:20]]
    limit = threshold(np.array(plates), 0.95)
    for name in ("astronaut", "cat", "coffee", "rocket", "retina", "hubble_deep_field"):
        assert cloud.distance(pooled_features(lite0, to_tensor(getattr(data, name)()))) > 1.2 * limit, name


@pytest.mark.parametrize("size", [(70, 128), (1, 1), (128, 128)])
def test_a_photo_is_looked_at_without_a_margin(lite0, size):
    photo = torch.rand(3, *size, generator=torch.Generator().manual_seed(0))
    grown = photo.expand(3, 128, 128) if size == (1, 1) else photo
    with torch.no_grad():
        expected = lite0.backbone.body((grown[None] - 127 / 255) / (128 / 255))["3"].mean(dim=(2, 3))[0]
    assert np.allclose(pooled_features(lite0, photo), expected, atol=1e-4)
