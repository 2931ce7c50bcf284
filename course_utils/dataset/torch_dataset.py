"""A split as torchvision's detection models want it."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from course_utils import masks
from course_utils.dataset.scene import Scene

Target = dict[str, Tensor]


class TorchDetection(Dataset):
    """Images ``(3, H, W) float32`` in 0..1 with targets in torchvision's detection format.

    A target holds ``boxes`` (N, 4) float32 xyxy, ``labels`` (N,) int64, ``masks`` (N, H, W) uint8, ``area`` (N,)
    float32, ``iscrowd`` (N,) int64 and ``image_id`` () int64.

    Args:
        scenes: of a split.
        truth: whether masks and boxes are those of the whole pieces or of what can be seen.
        transform: changes an image and its target together.
    """

    def __init__(
        self,
        scenes: Sequence[Scene],
        truth: Literal["amodal", "visible"] = "amodal",
        transform: Callable[[Tensor, Target], tuple[Tensor, Target]] | None = None,
    ):
        if truth not in ("amodal", "visible"):
            raise ValueError(f'truth is "amodal" or "visible", not {truth!r}')
        self.scenes, self.truth, self.transform = scenes, truth, transform

    def __len__(self) -> int:
        """Number of scenes."""
        return len(self.scenes)

    def __getitem__(self, index: int) -> tuple[Tensor, Target]:
        """One image and its target."""
        scene = self.scenes[index]
        truth = scene.masks if self.truth == "amodal" else scene.visible_masks
        target = {
            "boxes": torch.from_numpy(masks.to_boxes(truth)).float(),
            "labels": torch.from_numpy(scene.labels),
            "masks": torch.from_numpy(truth.astype(np.uint8)),
            "area": torch.from_numpy(masks.area(truth)).float(),
            "iscrowd": torch.from_numpy(scene.crowds).long(),
            "image_id": torch.tensor(scene.id),
        }
        image = to_tensor(scene.image)
        return self.transform(image, target) if self.transform else (image, target)


def to_tensor(pixels: np.ndarray) -> Tensor:
    """``(H, W, 3) uint8 -> (3, H, W) float32`` from 0 to 1."""
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1))).float() / 255
