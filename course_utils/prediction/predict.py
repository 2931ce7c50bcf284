"""What a model finds on one photo."""

import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps

from course_utils import masks
from course_utils.dataset.photo import PHOTO_ERRORS, mode_problem
from course_utils.dataset.torch_dataset import to_tensor
from course_utils.depth import visible_parts
from course_utils.errors import CourseError
from course_utils.mask_rcnn.looks import EightLooks
from course_utils.mask_rcnn.model import MaskRCNN
from course_utils.prediction.model import load_model

LONGEST = 1280
"""Masks of larger photos are drawn at this length of the longer side: a hundred of 12 megapixels fill the memory."""

MOST_PIXELS = 5 * 10**7
"""Phones take photos of so many; each object found takes three masks of that size."""


@dataclass(frozen=True)
class Prediction:
    """The objects on a photo, surest first.

    Attributes:
        image: ``(H, W, 3) uint8``, the photo, turned as its camera was held.
        labels: ``(N,) int64`` from 1. names: of their classes. scores: ``(N,) float32``.
        masks: ``(N, H, W) bool``, whole outlines where the model has learned such.
        visible_masks: ``(N, H, W) bool``: what is seen of each; no two share a pixel. Where the model does not say who
            is in front, the surer one is.
    """

    image: np.ndarray
    labels: np.ndarray
    names: list[str]
    scores: np.ndarray
    masks: np.ndarray
    visible_masks: np.ndarray

    def __repr__(self) -> str:
        """Size and what was found."""
        found = ", ".join(f"{name} {score:.2f}" for name, score in zip(self.names, self.scores, strict=True))
        return f"Prediction({self.image.shape[1]} x {self.image.shape[0]}: {found or 'nothing'})"

    @cached_property
    def boxes(self) -> np.ndarray:
        """``(N, 4) float64``, xyxy, around the masks."""
        return masks.to_boxes(self.masks)

    @property
    def class_map(self) -> np.ndarray:
        """``(H, W) int32``: the label of the object that is seen at each pixel, 0 where none is."""
        return self._map(self.labels)

    @property
    def object_map(self) -> np.ndarray:
        """``(H, W) int32``: the number of the object that is seen at each pixel, 1 for the first, 0 where none is."""
        return self._map(np.arange(1, len(self.labels) + 1))

    def _map(self, values: np.ndarray) -> np.ndarray:
        found = np.zeros(self.image.shape[:2], np.int32)
        for mask, value in zip(self.visible_masks, values, strict=True):
            found[mask] = value
        return found


@torch.no_grad()
def predict(
    model: MaskRCNN | EightLooks | Path | str, photo: Path | str | np.ndarray, min_score: float = 0.5
) -> Prediction:
    """What a model finds on a photo.

    Args:
        model: of `load_model`, or what that takes.
        photo: a file, or its pixels ``(H, W, 3) uint8``, RGB.
        min_score: detections below are left out.

    Raises:
        CourseError: the photo is missing, broken, grey with more than 8 bits, or larger than can be looked at.
    """
    eyes = load_model(model) if isinstance(model, Path | str) else model
    image = read_any_photo(Path(photo)) if isinstance(photo, Path | str) else photo
    height, width = image.shape[:2]
    shrink = min(1, LONGEST / max(height, width))
    small = image
    if shrink < 1:
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        small = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BILINEAR))
    device = next(eyes.parameters()).device
    found = {key: value.float().cpu() for key, value in eyes([to_tensor(small).to(device)])[0].items()}
    sure = found["scores"] >= min_score
    whole = _full_size(found["masks"][sure], (height, width))
    # A mask of nothing has no outline, and nobody could look at it.
    keep = whole.any(axis=(1, 2))
    labels, scores, whole = found["labels"][sure].long().numpy()[keep], found["scores"][sure].numpy()[keep], whole[keep]
    if "visible_masks" in found:
        visible = visible_parts(whole, _full_size(found["visible_masks"][sure], (height, width))[keep])
    else:
        visible = whole
    classes = eyes.names
    return Prediction(image, labels, [classes[label - 1] for label in labels], scores, whole, _apart(visible))


def _full_size(masks: torch.Tensor, size: tuple[int, int]) -> np.ndarray:
    """Probabilities ``(N, h, w)`` cut at a half, at the size of the photo."""
    if len(masks) == 0 or tuple(masks.shape[1:]) == size:
        return (masks > 0.5).numpy().reshape(-1, *size)
    resize = torch.nn.functional.interpolate
    return np.array([(resize(mask[None, None], size=size, mode="bilinear")[0, 0] > 0.5).numpy() for mask in masks])


def _apart(visible: np.ndarray) -> np.ndarray:
    """Masks ``(N, H, W) bool``, surest first, each pixel left to the first that claims it."""
    apart, taken = np.zeros_like(visible), np.zeros(visible.shape[1:], bool)
    for number, mask in enumerate(visible):
        apart[number] = mask & ~taken
        taken |= mask
    return apart


def read_any_photo(path: Path) -> np.ndarray:
    """The pixels of a photo ``(H, W, 3) uint8``, turned as its camera was held.

    Raises:
        CourseError: see `predict`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # its size is looked at here
            opened = Image.open(path)
        with opened as photo:
            if photo.width * photo.height > MOST_PIXELS:
                size = f"{photo.height} x {photo.width} pixels are too many to look at"
                raise CourseError(f"{path}: {size}; make it smaller, {MOST_PIXELS // 10**6} megapixels at most")
            if fault := mode_problem(photo):
                raise CourseError(f"{path}: {fault}")
            return np.array(ImageOps.exif_transpose(photo).convert("RGB"))
    except FileNotFoundError:
        raise CourseError(f"{path}: there is no such photo") from None
    except PHOTO_ERRORS as error:
        raise CourseError(f"{path}: cannot be read as a photo: {error}") from None
