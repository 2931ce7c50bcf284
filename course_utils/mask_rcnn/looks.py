"""Test-time augmentation: a photo is looked at from eight sides, and what was seen is put together.

He et al. 2017 (appendix B) do so with mirror images and several sizes. A plate seen from above has no upright at all,
so each of the eight ways to turn and mirror a square gives a photo that could have been taken.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from course_utils import boxes
from course_utils.mask_rcnn import preprocess
from course_utils.mask_rcnn.model import MaskRCNN, roi_maps, to_photograph
from course_utils.mask_rcnn.postprocess import own_class
from course_utils.mask_rcnn.roi_align import pool
from course_utils.mask_rcnn.roi_heads import MASK_FIELDS

VIEWS = 8
"""View k is turned by k % 4 quarter turns anticlockwise; from the fourth on it is mirrored after that."""
BACK = (0, 3, 2, 1, 4, 5, 6, 7)
"""The view that undoes each view: a mirrored one undoes itself."""
SAME = 0.6
"""From this IoU on, boxes of one class in two views are the same object."""


def turn(image: Tensor, view: int) -> Tensor:
    """An image or mask ``(..., H, W)`` as one of the `VIEWS`."""
    turned = torch.rot90(image, view % 4, (-2, -1))
    return turned.flip(-1) if view >= 4 else turned


def turn_boxes(found: Tensor, view: int, size: tuple[int, int]) -> Tensor:
    """Boxes ``(D, 4)`` of an image of ``size`` (height, width) in one of its `VIEWS`."""
    turned = boxes.turn(found, view % 4, size)
    return boxes.mirror(turned, size[1 - view % 2]) if view >= 4 else turned


def fuse(found: list[dict[str, Tensor]], nms_threshold: float, nms: Callable[..., Tensor]) -> dict[str, Tensor]:
    """Weighted boxes fusion (Solovyev et al. 2021): one detection of all that mean the same object.

    The surest boxes that no surer one suppresses stand for the objects. From each view comes the box of the same class
    that overlaps such a box most, if by `SAME` or more; the result is their mean, weighted by their scores.

    Args:
        found: for each view ``boxes`` (D, 4), all in the same pixels, ``scores`` (D,) and ``labels`` (D,).
        nms_threshold: of the suppression. nms: `course_utils.boxes.nms` or the compiled one.

    Returns:
        The same for all views together, by falling score. A score is the mean over all views, 0 where nothing was seen.
    """
    every = {key: torch.cat([one[key] for one in found]) for key in ("boxes", "scores", "labels")}
    kept = nms(every["boxes"], every["scores"], nms_threshold, every["labels"])
    objects, labels = every["boxes"][kept], every["labels"][kept]
    total, weights = torch.zeros_like(objects), torch.zeros_like(every["scores"][kept])
    for one in found:
        if len(one["boxes"]):
            overlap, nearest = (boxes.iou(objects, one["boxes"]) * (labels[:, None] == one["labels"])).max(dim=1)
            weight = torch.where(overlap >= SAME, one["scores"][nearest], 0)
            total += weight[:, None] * one["boxes"][nearest]
            weights += weight
    order = weights.argsort(descending=True, stable=True)
    fused = {"boxes": total / weights[:, None], "scores": weights / len(found), "labels": labels}
    return {key: value[order] for key, value in fused.items()}


class EightLooks(nn.Module):
    """A trained model that looks at each photo in all `VIEWS`: slower by a factor of about eight, and steadier."""

    def __init__(self, model: MaskRCNN):
        """``model``: in evaluation mode."""
        super().__init__()
        self.model = model

    @property
    def names(self) -> tuple[str, ...]:
        """Of the model's classes, without the background."""
        return self.model.names

    @torch.no_grad()
    def forward(self, images: list[Tensor]) -> list[dict[str, Tensor]]:
        """Detections of each photo ``(3, H, W)``, as a `MaskRCNN` gives them."""
        preprocess.check_images(images)
        return [self.look(image) for image in images]

    def look(self, image: Tensor) -> dict[str, Tensor]:
        """Detections of one photo ``(3, H, W)``."""
        s = self.model.settings
        original = (image.shape[-2], image.shape[-1])
        size = preprocess.network_size(*original, s.min_size, s.max_size)
        upright = preprocess.resize_image(self.model.normalise(image), size)
        batch = preprocess.batch_images([turn(upright, view) for view in range(VIEWS)])
        features = self.model.features(batch)

        fused = fuse(self.find(features, batch, size), s.nms, self.model.kernels.nms)
        sure = fused["scores"] > s.score_threshold
        fused = {key: value[sure][: s.detections] for key, value in fused.items()}
        fused |= self.draw(features, fused, batch, size)
        return to_photograph(fused, size, original, s.exact_masks)

    def find(self, features: dict[str, Tensor], batch: Tensor, size: tuple[int, int]) -> list[dict[str, Tensor]]:
        """What each view shows, by lesson 10's way to boxes, in pixels of the upright image of ``size``."""
        model, padded = self.model, (batch.shape[-2], batch.shape[-1])
        sizes = [size[::-1] if view % 2 else size for view in range(VIEWS)]
        seen = model.rpn(list(features.values()), padded, sizes, model.kernels)
        branch = model.roi_heads.box_branch(roi_maps(features), seen["proposals"], padded, model.kernels)
        found = model.roi_heads.detect(branch, sizes, model.kernels)
        return [
            one | {"boxes": turn_boxes(one["boxes"], back, turned)}
            for one, back, turned in zip(found, BACK, sizes, strict=True)
        ]

    def draw(
        self, features: dict[str, Tensor], fused: dict[str, Tensor], batch: Tensor, size: tuple[int, int]
    ) -> dict[str, Tensor]:
        """Masks of the fused boxes, the mean of what each view draws into them: ``(D, M, M)`` probabilities.

        Under "masks", and those of a visible branch under "visible_masks".
        """
        heads = self.model.roi_heads
        rois = [turn_boxes(fused["boxes"], view, size) for view in range(VIEWS)]
        align = self.model.kernels.roi_align
        padded = (batch.shape[-2], batch.shape[-1])
        pooled = pool(roi_maps(features), rois, padded, self.model.settings.mask_size, align)
        drawn = {}
        for name, logits in heads.draw(pooled).items():
            masks = own_class(logits, fused["labels"].repeat(VIEWS)).unflatten(0, (VIEWS, len(rois[0])))
            upright = [turn(one, back) for one, back in zip(masks, BACK, strict=True)]
            drawn[MASK_FIELDS[name]] = torch.stack(upright).mean(dim=0)
        return drawn
