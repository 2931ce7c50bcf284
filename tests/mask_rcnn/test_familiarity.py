"""A photo of another kind is far from those that are known."""

import numpy as np
import pytest
import torch
from skimage import data

from course_utils.dataset import load
from course_utils.dataset.torch_dataset import to_tensor
from course_utils.errors import CourseError
from course_utils.mask_rcnn.familiarity import Familiarity, in_tiles, pooled_features, threshold
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


def test_directions_that_are_not_kept_count_together():
    """40 directions, 32 of them wide: a step beyond is measured in what is left."""
    spread = np.r_[np.full(32, 5.0), np.full(8, 0.5)]
    cloud = Familiarity.of(np.random.default_rng(1).normal(0, spread, (4000, 40)))
    step = np.zeros(40)
    step[-1] = 5
    assert cloud.axes.shape == (32, 40)
    assert cloud.distance(cloud.mean + step) == pytest.approx(5 / cloud.elsewhere / np.sqrt(40), rel=0.01)
    assert cloud.distance(cloud.mean + step[::-1]) == pytest.approx(1 / np.sqrt(40), rel=0.1)


def test_the_threshold_lies_between_known_and_strange():
    known = np.arange(1.0, 101)
    assert threshold(known, np.array([400.0, 900])) == 200
    assert threshold(known, np.array([400.0, 900]), 0.5) == pytest.approx(np.sqrt(51 * 400))
    assert threshold(known, np.array([3.0, 400])) == 100, "they overlap: the known ones decide"
    for none in ((known, []), ([], known)):
        with pytest.raises(CourseError, match="known and strange photos; here are"):
            threshold(*map(np.array, none))
    with pytest.raises(CourseError, match="1 photos are known"):
        Familiarity.of([np.zeros(3)])


def test_a_photo_in_tiles_keeps_its_pixels():
    photo = np.random.default_rng(0).integers(0, 256, (42, 33, 3), dtype=np.uint8)
    mixed = in_tiles(photo, np.random.default_rng(3))
    assert mixed.shape == (40, 32, 3) and not np.array_equal(mixed, photo[:40, :32])
    assert np.array_equal(np.sort(mixed, axis=None), np.sort(photo[:40, :32], axis=None))
    tiles = {photo[y : y + 10, x : x + 8].tobytes() for y in range(0, 40, 10) for x in range(0, 32, 8)}
    assert {mixed[y : y + 10, x : x + 8].tobytes() for y in range(0, 40, 10) for x in range(0, 32, 8)} == tiles


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
    limit = np.quantile(plates, 0.95)
    for name in ("astronaut", "cat", "coffee", "rocket", "retina", "hubble_deep_field"):
        assert cloud.distance(pooled_features(lite0, to_tensor(getattr(data, name)()))) > 1.2 * limit, name


@pytest.mark.parametrize("size", [(70, 128), (1, 1), (128, 128)])
def test_a_photo_is_looked_at_as_the_detector_sees_it(lite0, size):
    photo = torch.rand(3, *size, generator=torch.Generator().manual_seed(0))
    grown = (photo.expand(3, 128, 128) if size == (1, 1) else photo) - 127 / 255
    with torch.no_grad():
        batch = torch.nn.functional.pad(grown / (128 / 255), (0, 0, 0, -size[0] % 32 if size != (1, 1) else 0))
        expected = lite0.backbone.body(batch[None])["3"].mean(dim=(2, 3))[0]
    assert np.allclose(pooled_features(lite0, photo), expected, atol=1e-4)
