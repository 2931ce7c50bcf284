from dataclasses import replace

import numpy as np
import pytest
import torch
from drawn import rectangle
from skimage import data

from course_utils.calories.photo import detect, detect_all, detect_and_judge, estimate_photo, rivals
from course_utils.calories.trust import Trust, course_trust, read_trust, write_trust
from course_utils.dataset import load
from course_utils.dataset.torch_dataset import to_tensor
from course_utils.errors import CourseError
from course_utils.mask_rcnn.familiarity import Familiarity, pooled_features
from course_utils.mask_rcnn.shipped import course_model
from course_utils.metrics.calibration import with_temperature
from course_utils.metrics.instances import Detections


class Stub:
    """Stands for a trained model: finds the same two pieces on every photo, one of which it hardly believes in."""

    def __call__(self, images):
        (image,) = images
        assert image.shape == (3, 160, 160) and image.dtype == torch.float32 and float(image.max()) == 1.0
        masks = torch.tensor(np.array([rectangle(30, 20).mask, rectangle(10, 10).mask]), dtype=torch.float32) * 0.8
        return [{"labels": torch.tensor([6, 1]), "scores": torch.tensor([0.9, 0.3]), "masks": masks}]


PHOTO = np.full((160, 160, 3), 255, dtype=np.uint8)


def test_detections_that_the_model_believes_in():
    found = detect(Stub(), PHOTO)
    assert found.labels.tolist() == [6] and np.array_equal(found.regions.masks[0], rectangle(30, 20).mask)
    assert detect(Stub(), PHOTO, min_score=0.2).labels.tolist() == [6, 1]
    assert detect(Stub(), PHOTO, min_score=0.95).regions.masks.shape == (0, 160, 160)


def test_from_photo_to_kilocalories(exact_estimator):
    found, meal = estimate_photo(Stub(), exact_estimator, PHOTO, 8.0)
    direct = exact_estimator.estimate(found.labels, found.regions.masks, 8.0, found.scores)
    assert meal == direct and meal.kcal > 0


TRUST = Trust(Familiarity(np.zeros(3), np.eye(3)[:1] * 2, 1.5), 1.5, 2.0, {"plates apart": (-1.0, 2.0)})


def test_scores_are_calibrated_when_it_is_known_how(exact_estimator):
    assert len(detect_all(Stub(), PHOTO)) == 2
    (piece,) = estimate_photo(Stub(), exact_estimator, PHOTO, 8.0, TRUST)[1].pieces
    assert piece.score == pytest.approx(with_temperature([0.9], 2.0)[0], abs=1e-6) and piece.rival == ""


ONE, NEAR, BESIDE = rectangle(30, 20).mask, rectangle(30, 19).mask, rectangle(20, 30).mask


@pytest.mark.parametrize(
    ("second", "mask", "score", "expected"),
    [
        (6, NEAR, 0.3, ["tempe"]),
        (6, NEAR, 0.1, [""]),  # less than a fifth of .9
        (6, BESIDE, 0.3, [""]),  # another piece
        (5, NEAR, 0.3, [""]),  # the same name twice
        (6, NEAR, 0.6, ["tempe", "tahu"]),  # both count: each may be the other
    ],
)
def test_a_second_name_on_the_same_outline_is_a_rival(second, mask, score, expected):
    found = Detections([5, second], np.array([ONE, mask]), [0.9, score])
    assert rivals(found, 1.0) == expected
    assert rivals(Detections([5], ONE[None], [0.9]), 1.0) == [""]
    assert rivals(Detections([], np.zeros((0, 160, 160), bool), []), 1.0) == []


def test_the_best_of_several_rivals_is_named():
    found = Detections([5, 6, 4, 1], np.array([ONE, NEAR, ONE, ONE]), [0.9, 0.3, 0.4, 0.35])
    assert rivals(found, 1.0) == ["serabi"]


def test_trust_is_read_as_it_was_written(tmp_path):
    write_trust(TRUST, tmp_path, "some command", {"plates": 0.9})
    again = read_trust(tmp_path)
    assert (again.farthest, again.temperature, again.bounds) == (1.5, 2.0, {"plates apart": (-1.0, 2.0)})
    assert again.familiarity.distance(np.ones(3)) == pytest.approx(TRUST.familiarity.distance(np.ones(3)))
    for content in ("", "[]", '{"farthest": 1}'):
        (tmp_path / "trust.json").write_text(content)
        with pytest.raises(CourseError, match="no readable trust.json and trust.npz: .*; make them with"):
            read_trust(tmp_path)


def test_plates_of_the_course_are_familiar_and_free_photos_are_not():
    """None of these photos was used to set the threshold."""
    model, trust = course_model(), course_trust()

    def is_strange(trust: Trust, image: np.ndarray) -> bool:
        return detect_and_judge(model, trust, image)[1]

    for split in ("test_occluded", "test_non_occluded"):
        assert sum(is_strange(trust, scene.image) for scene in load(split)[:8]) <= 1
    for name in ("astronaut", "cat", "coffee", "rocket", "retina", "hubble_deep_field", "chelsea"):
        assert is_strange(trust, getattr(data, name)()), name
    far = replace(trust, farthest=1e9)
    assert not is_strange(far, data.cat())


def test_a_photo_is_judged_by_the_pass_that_finds_its_pieces():
    model, trust, passes = course_model(), course_trust(), []
    hook = model.backbone.register_forward_hook(lambda *_: passes.append(1))
    try:
        for photo in (load("test_occluded")[0].image, data.cat()):
            distance = trust.familiarity.distance(pooled_features(model, to_tensor(photo)))
            passes.clear()
            found, strange = detect_and_judge(model, replace(trust, farthest=distance * 0.999), photo)
            assert strange and len(passes) == 1
            assert not detect_and_judge(model, replace(trust, farthest=distance * 1.001), photo)[1]
            assert found.scores.tolist() == detect_all(model, photo).scores.tolist()
    finally:
        hook.remove()
