"""Ready models: torchvision's two, one without a pyramid, three small ones for a CPU, and the paper's for plates."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import cast

from torch import nn
from torchvision.ops import FrozenBatchNorm2d

from course_utils.errors import CourseError
from course_utils.mask_rcnn import heads
from course_utils.mask_rcnn.backbone import PAPER_BACKBONES, Norm, ResNet
from course_utils.mask_rcnn.efficientnet import MEAN, STD, EfficientNetLite0
from course_utils.mask_rcnn.fpn import BackboneWithFPN
from course_utils.mask_rcnn.model import MaskRCNN
from course_utils.mask_rcnn.roi_heads import RoIHeads
from course_utils.mask_rcnn.rpn import RegionProposalNetwork, RPNHead
from course_utils.mask_rcnn.settings import PerMode, Settings


def assemble(
    backbone: nn.Module,
    classes: int,
    settings: Settings,
    box_width: int = 1024,
    mask_width: int = 256,
    background_box: bool = True,
) -> MaskRCNN:
    """A model with FPN heads on any backbone that has ``out_channels``; ``classes`` counts the background."""
    channels = cast(int, backbone.out_channels)
    anchors = len(settings.anchor_sizes[0]) * len(settings.anchor_ratios)
    roi_heads = RoIHeads(
        heads.TwoMLPHead(channels * settings.box_size**2, box_width),
        heads.BoxPredictor(box_width, classes, background_box),
        heads.MaskHead(channels, mask_width),
        heads.MaskPredictor(mask_width, classes, mask_width),
        settings,
    )
    rpn = RegionProposalNetwork(RPNHead(channels, anchors), settings)
    return MaskRCNN(backbone, rpn, roi_heads, settings)


def torchvision_v1(classes: int = 91, name: str = "resnet50", norm: Norm = FrozenBatchNorm2d) -> MaskRCNN:
    """The paper's model, torchvision's ``maskrcnn_resnet50_fpn``; ``name`` is one of `PAPER_BACKBONES`."""
    backbone = BackboneWithFPN(ResNet(**PAPER_BACKBONES[name], norm=norm))
    return assemble(backbone, classes, Settings())


def torchvision_v2(classes: int = 91) -> MaskRCNN:
    """torchvision's ``maskrcnn_resnet50_fpn_v2``: batch norm throughout, deeper RPN head and box head."""
    model = assemble(BackboneWithFPN(ResNet(50), norm=nn.BatchNorm2d), classes, Settings())
    model.rpn.head = RPNHead(256, 3, convs=2)
    model.roi_heads.box_head = heads.ConvBoxHead(256)
    model.roi_heads.mask_head = heads.MaskHead(256, norm=nn.BatchNorm2d)
    return model


def c4(classes: int = 91, name: str = "resnet50", norm: Norm = FrozenBatchNorm2d) -> MaskRCNN:
    """Mask R-CNN without a pyramid (figure 4, left): one map of stride 16, the last stage in the heads."""
    body = ResNet(**PAPER_BACKBONES[name], norm=norm)
    channels = body.channels[-1]
    res5 = body.pop_stage()
    settings = Settings(
        anchor_sizes=((32, 64, 128, 256, 512),),
        rpn_candidates=PerMode(6000, 12000),
        box_size=14,
    )
    roi_heads = RoIHeads(
        heads.C4BoxHead(res5),
        heads.BoxPredictor(channels, classes),
        res5,
        heads.MaskPredictor(channels, classes),
        settings,
    )
    rpn = RegionProposalNetwork(RPNHead(body.channels[-1], 15), settings)
    return MaskRCNN(LastMap(body), rpn, roi_heads, settings)


class LastMap(nn.Module):
    """Only the coarsest map of a body: ``(B, 3, H, W) -> (B, C, H/16, W/16)``."""

    def __init__(self, body: ResNet):
        """``body`` of three stages."""
        super().__init__()
        self.body = body

    def forward(self, x):
        """See the class."""
        return list(self.body(x).values())[-1]


SMALL = Settings(
    min_size=320,
    max_size=320,
    rpn_candidates=PerMode(200, 400),
    rpn_proposals=PerMode(100, 200),
    roi_samples=64,
    detections=30,
)
"""Few proposals and samples: enough for a plate, and the heads cost an eighth."""

PLATE_ANCHORS = (45, 68, 103, 156, 237)
"""Anchor sizes for food on a plate, from the smallest piece to the largest, in an image of 320 pixels."""


def plate_anchors(size: int) -> tuple[tuple[float, ...], ...]:
    """`PLATE_ANCHORS`, one for each pyramid level, in an image of ``size`` pixels."""
    return tuple((round(anchor * size / 320),) for anchor in PLATE_ANCHORS)


def lite(classes: int = 7, name: str = "resnet18", norm: Norm = nn.BatchNorm2d) -> MaskRCNN:
    """A Mask R-CNN for the CPU: any backbone, a pyramid of 128 channels, small heads, few proposals.

    Trains three to four times faster than the paper's sizes. The price: with 100 proposals and 30
    detections it cannot find everything in a crowded scene, and narrow heads tell fewer classes apart.
    """
    backbone = BackboneWithFPN(ResNet(**PAPER_BACKBONES[name], norm=norm), 128)
    return assemble(backbone, classes, SMALL, box_width=512, mask_width=128)


def slim(classes: int = 7, size: int = 320, resnext: bool = False) -> MaskRCNN:
    """The model the course trains: 8.4 million parameters, for square-ish photographs of plates.

    Half of ResNet-18's parameters sit in its last stage; here that stage is as wide as the one before.

    Args:
        classes: counts the background.
        size: side of the images; the anchors scale with it.
        resnext: a ResNeXt of about the same cost instead of the ResNet.
    """
    if resnext:
        body = ResNet(26, groups=32, group_width=4, widths=(64, 128, 160, 160))
    else:
        body = ResNet(18, widths=(64, 128, 256, 256))
    settings = replace(SMALL, min_size=size, max_size=size, anchor_sizes=plate_anchors(size), exact_masks=True)
    backbone = BackboneWithFPN(body, 128, norm=nn.BatchNorm2d)
    return assemble(backbone, classes, settings, box_width=256, mask_width=128)


def lite0(classes: int = 7, size: int = 320) -> MaskRCNN:
    """`slim` on EfficientNet-Lite0, which can begin with what it has learnt on ImageNet: 6.1 million parameters.

    Args:
        classes: counts the background. size: side of the images; the anchors scale with it.
    """
    anchors = plate_anchors(size)
    settings = replace(SMALL, min_size=size, max_size=size, anchor_sizes=anchors, exact_masks=True, mean=MEAN, std=STD)
    backbone = BackboneWithFPN(EfficientNetLite0(), 128, norm=nn.BatchNorm2d)
    return assemble(backbone, classes, settings, box_width=256, mask_width=128)


def tiny(classes: int = 7, size: int = 160) -> MaskRCNN:
    """A Mask R-CNN that learns something within a minute on any computer: small photos, half the channels of `slim`.

    Args:
        classes: counts the background. size: side of the images; the anchors scale with it.
    """
    settings = replace(
        SMALL,
        min_size=size,
        max_size=size,
        anchor_sizes=plate_anchors(size),
        rpn_candidates=PerMode(100, 200),
        rpn_proposals=PerMode(50, 100),
        roi_samples=32,
    )
    backbone = BackboneWithFPN(ResNet(18, widths=(32, 64, 128, 128)), 64, norm=nn.BatchNorm2d)
    return assemble(backbone, classes, settings, box_width=128, mask_width=64)


def paper(name: str, classes: int = 7, size: int = 320) -> MaskRCNN:
    """The paper's model at full width on one of `PAPER_BACKBONES`, with anchors for plates; needs a GPU to train."""
    model = torchvision_v1(classes, name, nn.BatchNorm2d)
    return model.configure(
        min_size=size,
        max_size=size,
        anchor_sizes=plate_anchors(size),
        roi_samples=128,
        detections=30,
        exact_masks=True,
    )


def torchvision(classes: int = 91, size: int = 800) -> MaskRCNN:
    """`torchvision_v1` at a size of one's own, to go on from its COCO weights; its anchors suit photos of about 800."""
    return torchvision_v1(classes).configure(min_size=size, max_size=size)


PROFILES: dict[str, Callable[..., MaskRCNN]] = {
    "tiny": tiny,
    "slim": slim,
    "slim-resnext": partial(slim, resnext=True),
    "lite0": lite0,
    "lite": lambda classes, size: lite(classes).configure(min_size=size, max_size=size),
    "resnet50": partial(paper, "resnet50"),
    "resnext50": partial(paper, "resnext50_32x4d"),
    "resnet101": partial(paper, "resnet101"),
    "resnext101": partial(paper, "resnext101_32x8d"),
    "torchvision": torchvision,
}
"""Models by name, each made from the number of classes (background included) and the side of the images."""


def build(profile: str, classes: int = 7, size: int = 320, visible: bool = False) -> MaskRCNN:
    """A model of `PROFILES` with random weights; ``visible`` gives it a branch for what can be seen of each object.

    Raises:
        CourseError: no such profile.
    """
    if profile not in PROFILES:
        raise CourseError(f"there is no profile {profile!r}; there are: {', '.join(PROFILES)}")
    model = PROFILES[profile](classes, size)
    if visible:
        model.roi_heads.add_visible_branch()
    return model
