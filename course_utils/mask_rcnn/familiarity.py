"""Does a photo look like those that a model was trained on? A score for the whole picture, before any piece is found.

The coarsest map of the backbone, averaged over the photo, is a vector that says what kind of picture this is. Vectors
of training photos form a cloud; a photo far outside of it is none of them, whatever the detector finds there (Lee et
al. 2018 measure the distance so, class by class).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.covariance import LedoitWolf
from torch import Tensor

from course_utils.errors import CourseError
from course_utils.mask_rcnn import preprocess
from course_utils.mask_rcnn.model import MaskRCNN, body_maps


@torch.no_grad()
def pooled_features(model: MaskRCNN, image: Tensor) -> np.ndarray:
    """Mean of the body's coarsest map: ``(3, H, W)`` -> ``(C,) float64``; the model is in evaluation mode."""
    s = model.settings
    size = preprocess.network_size(image.shape[-2], image.shape[-1], s.min_size, s.max_size)
    resized = preprocess.resize_image(model.normalise(image), size)
    with body_maps(model.backbone) as body:
        # Without the zeros of a batch's margin: they would make each shape of photo a kind of its own.
        model.backbone(resized[None])
    return list(body.values())[-1][0].mean(dim=(1, 2)).double().numpy()


@dataclass(frozen=True)
class Familiarity:
    """The cloud of known photos: ``mean`` (C,) and ``precision`` (C, C), the inverse of its covariance."""

    mean: np.ndarray
    precision: np.ndarray

    @classmethod
    def of(cls, features: Iterable[np.ndarray]) -> "Familiarity":
        """Learn it from the vectors (C,) of known photos; the covariance is shrunk (Ledoit and Wolf 2004).

        Raises:
            CourseError: fewer than two photos.
        """
        known = np.array(list(features))
        if len(known) < 2:
            raise CourseError(f"{len(known)} photos are known; what is usual takes two at least, better some hundred")
        cloud = LedoitWolf().fit(known)
        return cls(cloud.location_, cloud.precision_)

    def distance(self, features: np.ndarray) -> float:
        """How unusual a photo is: Mahalanobis distance of its vector (C,), about 1 for known ones, 0 in the middle."""
        away = np.asarray(features) - self.mean
        return float(np.sqrt(max(away @ self.precision @ away, 0) / len(away)))


def threshold(distances: np.ndarray, kept: float = 0.99) -> float:
    """The distance that this share of known photos, which nothing was learnt from, does not exceed.

    Raises:
        CourseError: no photos.
    """
    if not len(distances):
        raise CourseError("a threshold needs the distances of some known photos")
    return float(np.quantile(distances, kept, method="higher"))
