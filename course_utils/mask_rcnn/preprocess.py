"""From photographs of any size to one batch, and the targets along with them."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from course_utils import boxes
from course_utils.errors import CourseError


def network_size(height: int, width: int, min_size: int, max_size: int) -> tuple[int, int]:
    """Size to scale an image to: short side ``min_size``, unless the long side would pass ``max_size``."""
    scale = min(min_size / min(height, width), max_size / max(height, width))
    # A strip far longer than wide would be rounded to nothing.
    return max(1, math.floor(height * scale)), max(1, math.floor(width * scale))


def resize_image(image: Tensor, size: tuple[int, int]) -> Tensor:
    """``(3, H, W) -> (3, *size)``, bilinear."""
    if image.shape[-2:] == size:
        return image
    return F.interpolate(image[None], size=size, mode="bilinear", align_corners=False)[0]


def resize_target(target: dict[str, Tensor], old: tuple[int, int], new: tuple[int, int]) -> dict[str, Tensor]:
    """The same target for the resized image; masks ``(N, H, W)`` take the nearest pixel."""
    resized = target | {"boxes": boxes.resize(target["boxes"].float(), old, new)}
    if old != new:
        for field in {"masks", "visible_masks"} & target.keys():
            resized[field] = F.interpolate(target[field][:, None].float(), size=new)[:, 0].byte()
    return resized


def batch_images(images: list[Tensor], divisor: int = 32) -> Tensor:
    """Images ``(3, H_i, W_i)`` in one batch ``(B, 3, H, W)``: zeros at the right and below.

    The zeros come after normalisation: they stand for the mean colour. Sizes that 2 divides five times keep
    the stride of every pyramid level exact.
    """
    height = math.ceil(max(i.shape[1] for i in images) / divisor) * divisor
    width = math.ceil(max(i.shape[2] for i in images) / divisor) * divisor
    batch = images[0].new_zeros(len(images), 3, height, width)
    for slot, image in zip(batch, images, strict=True):
        slot[:, : image.shape[1], : image.shape[2]] = image
    return batch


def check_images(images: list[Tensor]) -> None:
    """Raise a `CourseError` unless there are images and all are float ``(3, H, W)``."""
    if len(images) == 0:
        raise CourseError("there are no images; give at least one")
    for k, image in enumerate(images):
        if image.dim() != 3 or image.shape[0] != 3 or not image.is_floating_point():
            shape = tuple(image.shape)
            raise CourseError(f"image {k}: expected float (3, H, W) from 0 to 1, got {image.dtype} {shape}")


def check_targets(targets: list[dict[str, Tensor]] | None, images: list[Tensor], visible: bool = False) -> None:
    """Raise a `CourseError` unless every image has boxes with an area, labels and masks, in like numbers.

    ``visible``: whether the model also needs visible masks.
    """
    if targets is None or len(targets) != len(images):
        given = "none" if targets is None else len(targets)
        raise CourseError(f"training needs one target per image: {len(images)} images, targets: {given}")
    for k, (target, image) in enumerate(zip(targets, images, strict=True)):
        missing = {"boxes", "labels", "masks", *(["visible_masks"] if visible else [])} - target.keys()
        if missing:
            raise CourseError(f"target {k}: no {', '.join(sorted(missing))}")
        n = len(target["boxes"])
        expected = {"boxes": (n, 4), "labels": (n,), "masks": (n, *image.shape[-2:])}
        if visible:
            expected["visible_masks"] = expected["masks"]
        for name, shape in expected.items():
            if target[name].shape != shape:
                raise CourseError(f"target {k}: {name} of shape {tuple(target[name].shape)}, expected {shape}")
        corners = target["boxes"]
        if not bool((corners[:, 2:] > corners[:, :2]).all()):
            first = int(torch.where((corners[:, 2:] <= corners[:, :2]).any(dim=1))[0][0])
            raise CourseError(f"target {k}: box {first} {corners[first].tolist()} has no area; leave it out")
