"""Mask R-CNN (He et al. 2017): the parts put together."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from course_utils import boxes
from course_utils.errors import CourseError
from course_utils.mask_rcnn import preprocess
from course_utils.mask_rcnn.kernels import COMPILED, Kernels
from course_utils.mask_rcnn.postprocess import paste, paste_exactly
from course_utils.mask_rcnn.roi_heads import MASK_FIELDS, RoIHeads
from course_utils.mask_rcnn.rpn import RegionProposalNetwork
from course_utils.mask_rcnn.settings import Settings
from course_utils.mask_rcnn.weights import current_names

LOSSES = ("loss_objectness", "loss_rpn_box_reg", "loss_classifier", "loss_box_reg", "loss_mask")
"""Of every model; a visible branch adds `VISIBLE_LOSS`."""
VISIBLE_LOSS = "loss_visible"


class MaskRCNN(nn.Module):
    """Backbone -> region proposal network -> RoI heads. Parameters are named as in torchvision's model.

    Attributes:
        names: of the classes without the background, of a model that `shipped.load_model` has read.
    """

    names: tuple[str, ...]

    def __init__(
        self,
        backbone: nn.Module,
        rpn: RegionProposalNetwork,
        roi_heads: RoIHeads,
        settings: Settings,
        kernels: Kernels = COMPILED,
    ):
        """Most readers want one of the ready models of `course_utils.mask_rcnn.profiles`.

        Args:
            backbone: ``(B, 3, H, W)`` -> a dict of maps, finest first, or a single map. A map called "pool"
                is for the RPN only.
            rpn: the first stage.
            roi_heads: the second stage.
            settings: the same that the two stages were given; see `configure`.
            kernels: compiled or readable RoIAlign and NMS; may be changed at any time.
        """
        super().__init__()
        self.backbone = backbone
        self.rpn = rpn
        self.roi_heads = roi_heads
        self.settings = settings
        self.kernels = kernels

    def forward(self, images: list[Tensor], targets: list[dict[str, Tensor]] | None = None) -> Any:
        """Losses in training mode, detections in evaluation mode.

        Args:
            images: float ``(3, H_i, W_i)`` RGB from 0 to 1, of any sizes.
            targets: for training, per image ``boxes`` (G, 4) float xyxy, ``labels`` (G,) int64 from 1,
                ``masks`` (G, H_i, W_i) bool or uint8; G may be 0. A model with a visible branch also needs
                ``visible_masks``, like ``masks``.

        Returns:
            In training a dict of the losses `loss_names`. In evaluation per image ``boxes`` (D, 4),
            ``labels`` (D,), ``scores`` (D,) falling, ``masks`` (D, H_i, W_i) probabilities: threshold them,
            usually at 0.5; from a visible branch also ``visible_masks``. Of no images there are no detections.

        Raises:
            CourseError: an image or a target of the wrong shape or type, or no image to train on.
        """
        if not self.training and len(images) == 0:
            return []
        results = self.stages(images, targets)
        return {name: results[name] for name in self.loss_names} if self.training else results["detections"]

    @property
    def has_visible_branch(self) -> bool:
        """Whether it also says which part of each object can be seen."""
        return self.roi_heads.visible_predictor is not None

    @property
    def loss_names(self) -> tuple[str, ...]:
        """Names of the losses it is trained with."""
        return (*LOSSES, VISIBLE_LOSS) if self.has_visible_branch else LOSSES

    @torch.no_grad()
    def trace(self, image: Tensor) -> dict[str, Any]:
        """Look inside: the result of every stage for one image ``(3, H, W)``, in the order of the data flow.

        Returns:
            ``image`` (3, h, w) normalised, resized, padded; ``image_size`` before padding; ``body``: C2 to
            C5, each (C, h_k, w_k); ``features``: P2 to P6; ``anchors`` (A, 4); ``objectness`` (A,);
            ``rpn_deltas`` (A, 4); ``candidates`` and ``proposals`` before and after NMS; ``rois``,
            ``roi_features``, ``box_features``, ``class_logits``, ``box_deltas``; ``raw_detections`` with
            their 28x28 masks, in pixels of the network's input; ``mask_roi_features``, ``mask_logits``;
            ``detections`` in pixels of the photograph, masks pasted. The shapes are those of
            `RegionProposalNetwork.forward` and `RoIHeads.forward` without the batch.
        """
        if self.training:
            raise CourseError("trace looks at a model in evaluation mode: call model.eval() first")
        with body_maps(self.backbone) as body:
            results = self.stages([image])
        results = {"image": results.pop("batch"), "body": body} | results
        return {name: first(name, value) for name, value in results.items()}

    def stages(self, images: list[Tensor], targets: list[dict[str, Tensor]] | None = None) -> dict[str, Any]:
        """`forward` with the result of every stage, by name: what `trace` shows, for a whole batch."""
        preprocess.check_images(images)
        if self.training:
            preprocess.check_targets(targets, images, self.has_visible_branch)
        else:
            targets = None
        originals = [(i.shape[-2], i.shape[-1]) for i in images]
        s = self.settings
        sizes = [preprocess.network_size(*size, s.min_size, s.max_size) for size in originals]
        batch = preprocess.batch_images(
            [preprocess.resize_image(self.normalise(i), size) for i, size in zip(images, sizes, strict=True)]
        )
        if targets is not None:
            targets = [preprocess.resize_target(*each) for each in zip(targets, originals, sizes, strict=True)]

        features = self.features(batch)
        results: dict[str, Any] = {"batch": batch, "image_size": sizes, "features": features}

        batch_size = (batch.shape[-2], batch.shape[-1])
        results |= self.rpn(list(features.values()), batch_size, sizes, self.kernels, targets)
        results |= self.roi_heads(roi_maps(features), results["proposals"], batch_size, sizes, self.kernels, targets)
        if targets is None:
            results["detections"] = [
                to_photograph(*each, s.exact_masks)
                for each in zip(results["raw_detections"], sizes, originals, strict=True)
            ]
        return results

    def features(self, batch: Tensor) -> dict[str, Tensor]:
        """Maps of the backbone for a batch ``(B, 3, H, W)``, finest first; a lone map is called "0"."""
        found = self.backbone(batch)
        return {"0": found} if isinstance(found, Tensor) else found

    def normalise(self, image: Tensor) -> Tensor:
        """``(3, H, W)`` from 0 to 1 -> mean 0 and standard deviation 1 over ImageNet."""
        mean, std = (image.new_tensor(v)[:, None, None] for v in (self.settings.mean, self.settings.std))
        return (image - mean) / std

    def configure(self, **changes: Any) -> "MaskRCNN":
        """Change some numbers of the `Settings`, say ``score_threshold=0.5``; returns the model itself."""
        self.settings = replace(self.settings, **changes)
        self.rpn.settings = self.roi_heads.settings = self.settings
        return self

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Any:
        """As `torch.nn.Module.load_state_dict`; also takes the old names of torchvision's published files."""
        return super().load_state_dict(current_names(state_dict), strict=strict, assign=assign)


@contextmanager
def body_maps(backbone: nn.Module) -> Iterator[dict[str, Tensor]]:
    """A dict that fills with C2 to C5 while the backbone runs; empty for a backbone that has no ``body``."""
    maps: dict[str, Tensor] = {}
    body = getattr(backbone, "body", nn.Identity())
    hook = body.register_forward_hook(lambda module, inputs, outputs: maps.update(outputs))
    try:
        yield maps
    finally:
        hook.remove()


def roi_maps(features: dict[str, Tensor]) -> list[Tensor]:
    """The maps that RoIs are read from, finest first; "pool" is for the RPN only."""
    return [level for name, level in features.items() if name != "pool"]


def to_photograph(
    found: dict[str, Tensor], size: tuple[int, int], original: tuple[int, int], exact: bool = False
) -> dict[str, Tensor]:
    """Detections of the network's input in pixels of the photograph, with masks ``(D, H, W)``."""
    corners = boxes.resize(found["boxes"], size, original)
    drawn = {
        field: (paste_exactly if exact else paste)(found[field], corners, *original)
        for field in MASK_FIELDS.values()
        if field in found
    }
    return {"boxes": corners, "labels": found["labels"], "scores": found["scores"]} | drawn


BATCHED = ("image", "objectness", "rpn_deltas")
"""Tensors of `MaskRCNN.stages` whose first axis counts images; those of the heads count RoIs."""


def first(name: str, value: Any) -> Any:
    """The part of one stage's result that belongs to the first image of the batch."""
    if isinstance(value, list):
        return value[0]
    if isinstance(value, dict):
        return {key: level[0] for key, level in value.items()}
    return value[0] if name in BATCHED else value
