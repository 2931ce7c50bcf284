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

_AXES = 32
"""Directions that are told apart; with 16 or 128, known and strange photos lie as far from each other."""


@torch.no_grad()
def pooled_features(model: MaskRCNN, image: Tensor) -> np.ndarray:
    """What `pooled` makes of a photo ``(3, H, W)`` alone; the model is in evaluation mode."""
    s = model.settings
    size = preprocess.network_size(image.shape[-2], image.shape[-1], s.min_size, s.max_size)
    batch = preprocess.batch_images([preprocess.resize_image(model.normalise(image), size)])
    with body_maps(model.backbone) as body:
        model.backbone(batch)
    return pooled(body)


def pooled(body: dict[str, Tensor]) -> np.ndarray:
    """Mean of the coarsest of the maps that `body_maps` took from a photo's way through a model: ``(C,) float64``.

    The margin of a batch of one photo is narrower than a cell of that map: each cell sees some of the photo.
    """
    return list(body.values())[-1][0].mean(dim=(1, 2)).double().cpu().numpy()


@dataclass(frozen=True)
class Familiarity:
    """The cloud of known photos.

    Attributes:
        mean: (C,), its middle.
        axes: (K, C), the K directions in which it is widest, each divided by its standard deviation there.
        elsewhere: standard deviation in any other direction.
    """

    mean: np.ndarray
    axes: np.ndarray
    elsewhere: float

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
        variances, directions = np.linalg.eigh(cloud.covariance_)
        count = min(_AXES, len(variances) - 1)
        widest = directions[:, -count:] / np.sqrt(variances[-count:])
        return cls(cloud.location_, widest.T, float(np.sqrt(variances[:-count].mean())))

    def distance(self, features: np.ndarray) -> float:
        """How unusual a photo is: Mahalanobis distance of its vector (C,), about 1 for known ones, 0 in the middle."""
        away = np.asarray(features, float) - self.mean
        along = self.axes @ away
        lengths = np.linalg.norm(self.axes, axis=1)
        rest = max(away @ away - np.sum((along / lengths) ** 2), 0) / self.elsewhere**2
        return float(np.sqrt((along @ along + rest) / len(away)))


def threshold(known: np.ndarray, strange: np.ndarray, share: float = 0.99) -> float:
    """The distance from which on a photo is called strange.

    Args:
        known: distances of known photos from which nothing was learnt. strange: of photos that are none of them.
        share: of the known ones that must stay below.

    Returns:
        Halfway, as a ratio, between where that share of the known ones ends and where as large a share of the strange
        ones begins; where they overlap the known ones decide.

    Raises:
        CourseError: no known photos, or no strange ones.
    """
    if not len(known) or not len(strange):
        raise CourseError(f"a threshold needs known and strange photos; here are {len(known)} and {len(strange)}")
    end, begin = np.quantile(known, share, method="higher"), np.quantile(strange, 1 - share, method="lower")
    return float(np.sqrt(end * max(begin, end)))


def in_tiles(photo: np.ndarray, rng: np.random.Generator, sides: int = 4) -> np.ndarray:
    """A photo ``(H, W, 3) uint8`` cut into ``sides`` x ``sides`` tiles and put together in another order.

    A negative that is hard to tell: colours, textures and light are those of a plate, and there is no plate.
    """
    rows, columns = photo.shape[0] // sides, photo.shape[1] // sides
    tiles = photo[: rows * sides, : columns * sides].reshape(sides, rows, sides, columns, 3).swapaxes(1, 2)
    mixed = rng.permutation(tiles.reshape(sides**2, rows, columns, 3))
    joined = mixed.reshape(sides, sides, rows, columns, 3).swapaxes(1, 2)
    return np.ascontiguousarray(joined.reshape(sides * rows, sides * columns, 3))
