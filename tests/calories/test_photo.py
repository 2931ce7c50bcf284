import numpy as np
import torch
from drawn import rectangle

from course_utils.calories.photo import detect, estimate_photo


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
