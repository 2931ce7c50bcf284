"""Weights made by others: torchvision's Mask R-CNNs trained on COCO, its ResNets trained on ImageNet."""

import socket
import warnings
from collections.abc import Mapping
from typing import cast
from urllib.error import URLError

import torch
from torch import Tensor, nn
from torchvision.models import get_weight
from torchvision.ops import FrozenBatchNorm2d

from course_utils.errors import CourseError
from course_utils.mask_rcnn import efficientnet
from course_utils.mask_rcnn.settings import OFFLINE_PROFILE

COCO = {
    "v1": "MaskRCNN_ResNet50_FPN_Weights.COCO_V1",
    "v2": "MaskRCNN_ResNet50_FPN_V2_Weights.COCO_V1",
}
IMAGENET = {
    "resnet18": "ResNet18_Weights.IMAGENET1K_V1",
    "resnet50": "ResNet50_Weights.IMAGENET1K_V1",
    "resnet101": "ResNet101_Weights.IMAGENET1K_V1",
    "resnext50_32x4d": "ResNeXt50_32X4D_Weights.IMAGENET1K_V1",
    "resnext101_32x8d": "ResNeXt101_32X8D_Weights.IMAGENET1K_V1",
}
"""torchvision's names of its weights."""
BACKBONES = {
    "lite": "resnet18",
    "resnet50": "resnet50",
    "resnext50": "resnext50_32x4d",
    "resnet101": "resnet101",
    "resnext101": "resnext101_32x8d",
}
"""Profiles (see `profiles.PROFILES`) whose backbone has ImageNet weights; the small ones have widths of their own."""
COCO_PROFILE = "torchvision"
"""The profile that COCO weights fit."""
CLASS_LAYERS = ("roi_heads.box_predictor.", "roi_heads.mask_predictor.mask_fcn_logits.")
"""Layers of a Mask R-CNN with outputs for each class; other classes than COCO's must learn them anew."""


def download(name: str) -> dict[str, Tensor]:
    """State dict of published weights, kept in torch's cache folder after the first time.

    Raises:
        CourseError: the network does not allow it, or the file arrives damaged.
    """
    url = get_weight(name).url
    before = socket.getdefaulttimeout()
    # Some networks swallow packets; without a limit the download would wait for ever.
    socket.setdefaulttimeout(20)
    try:
        return torch.hub.load_state_dict_from_url(url, map_location="cpu", check_hash=True, weights_only=True)
    except (URLError, OSError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise CourseError(
            f"{name}: cannot be fetched from {url} ({reason}); connect to the network, or put the file into "
            f"{torch.hub.get_dir()}/checkpoints, or carry on without it"
        ) from error
    finally:
        socket.setdefaulttimeout(before)


def load_coco(model: nn.Module, version: str = "v1", required: bool = True) -> bool:
    """Load torchvision's COCO weights into ``profiles.torchvision_v1()`` or ``torchvision_v2()``.

    Args:
        model: changed in place.
        version: "v1" or "v2".
        required: raise when they cannot be fetched; else warn, keep the weights that are there and return
            False.
    """
    loaded = load(model, COCO[version], required)
    if loaded and version == "v1":
        # These weights were trained with a batch norm that adds nothing to the variance.
        for layer in model.modules():
            if isinstance(layer, FrozenBatchNorm2d):
                layer.eps = 0.0
    return loaded


def load_imagenet(body: nn.Module, name: str, required: bool = True) -> bool:
    """Load ImageNet weights into a `backbone.ResNet`; ``name`` is one of `backbone.PAPER_BACKBONES`.

    ``required`` as in `load_coco`.
    """
    return load(body, IMAGENET[name], required)


def load_published(model: nn.Module, profile: str) -> None:
    """Load the weights that others have published for a model of a profile; the rest of it stays as it is.

    For COCO_PROFILE these are COCO's, all but CLASS_LAYERS; for BACKBONES those of ImageNet, into the backbone; so for
    OFFLINE_PROFILE, but without the network.

    Raises:
        CourseError: nobody has published such weights, or they cannot be fetched.
    """
    if profile == COCO_PROFILE:
        state = current_names(download(COCO["v1"]))
        model.load_state_dict(model.state_dict() | {k: v for k, v in state.items() if not k.startswith(CLASS_LAYERS)})
    elif profile in BACKBONES:
        load_imagenet(_body(model), BACKBONES[profile])
    elif profile == OFFLINE_PROFILE:
        efficientnet.load_imagenet(cast(efficientnet.EfficientNetLite0, _body(model)))
    else:
        known = ", ".join([OFFLINE_PROFILE, *BACKBONES, COCO_PROFILE])
        raise CourseError(f"the profile {profile} has no published weights; those that have: {known}")


def _body(model: nn.Module) -> nn.Module:
    """Of a model whose backbone is a `fpn.BackboneWithFPN`."""
    return model.get_submodule("backbone.body")


def load(module: nn.Module, name: str, required: bool) -> bool:
    """Download and load; whether that was done. The ImageNet classifier ``fc`` is left out."""
    try:
        state = download(name)
    except CourseError as error:
        if required:
            raise
        warnings.warn(f"{error}: the weights stay as they are", stacklevel=3)
        return False
    module.load_state_dict({key: value for key, value in state.items() if not key.startswith("fc.")})
    return True


def current_names(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The state dict of a Mask R-CNN under today's names.

    torchvision's first published files call a convolution ``fpn.inner_blocks.0.weight`` that is now
    ``fpn.inner_blocks.0.0.weight``, and alike for the RPN's convolution and the mask head's.
    """
    return {current_name(key): value for key, value in state.items()}


def current_name(key: str) -> str:
    """Today's name of one parameter."""
    *path, owner, leaf = key.split(".")
    if owner.isdigit() and path[-1] in ("inner_blocks", "layer_blocks"):
        owner += ".0"
    elif owner == "conv" and path[-2:] == ["rpn", "head"]:
        owner = "conv.0.0"
    elif owner.startswith("mask_fcn") and owner[8:].isdigit():
        owner = f"{int(owner[8:]) - 1}.0"
    return ".".join([*path, owner, leaf])
