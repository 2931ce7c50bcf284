"""The heads: what a RoI's features say about its class, box and mask (He et al. 2017, figure 4)."""

import torch
from torch import Tensor, nn

from course_utils.mask_rcnn.backbone import Norm, initialise
from course_utils.mask_rcnn.fpn import conv


class TwoMLPHead(nn.Module):
    """FPN box head: two fully connected layers, ``(R, C, 7, 7) -> (R, width)``."""

    def __init__(self, inputs: int, width: int = 1024):
        """``inputs``: C * 7 * 7."""
        super().__init__()
        self.fc6 = nn.Linear(inputs, width)
        self.fc7 = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return self.fc7(self.fc6(x.flatten(1)).relu()).relu()


class ConvBoxHead(nn.Sequential):
    """Box head of torchvision's second version, with convolutions: ``(R, C, 7, 7) -> (R, width)``."""

    def __init__(self, channels: int, convs: int = 4, width: int = 1024, norm: Norm = nn.BatchNorm2d):
        """``convs``: how many convolutions, all of ``channels`` channels."""
        layers = [conv(channels, channels, 3, norm, relu=True) for _ in range(convs)]
        super().__init__(*layers, nn.Flatten(), nn.Linear(channels * 49, width), nn.ReLU(inplace=True))
        initialise(self)


class C4BoxHead(nn.Module):
    """C4 box head: stage 4 of the ResNet on each RoI, then the mean: ``(R, C4, 14, 14) -> (R, C5)``."""

    def __init__(self, res5: nn.Module):
        """``res5``: a ResNet's ``layer4``, shared with the mask head."""
        super().__init__()
        self.res5 = res5

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return self.res5(x).mean(dim=(2, 3))


class BoxPredictor(nn.Module):
    """Class and box of each RoI: ``(R, width) -> (R, classes) logits, (R, classes, 4) deltas``.

    Classes count the background, which is number 0: C + 1 in the paper's letters. Every class has a box of
    its own. Two conventions live on: torchvision gives the background a box too, which nothing ever reads;
    detectron2 does not. With ``background_box=False`` the layer has 4 * C outputs and the background's
    deltas are given as zeros.
    """

    def __init__(self, inputs: int, classes: int, background_box: bool = True):
        """``classes`` counts the background."""
        super().__init__()
        self.cls_score = nn.Linear(inputs, classes)
        self.bbox_pred = nn.Linear(inputs, 4 * (classes if background_box else classes - 1))
        self.background_box = background_box

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """See the class."""
        deltas = self.bbox_pred(x).unflatten(1, (-1, 4))
        if not self.background_box:
            deltas = torch.cat([deltas.new_zeros(len(deltas), 1, 4), deltas], dim=1)
        return self.cls_score(x), deltas


class MaskHead(nn.Sequential):
    """FPN mask head: 3x3 convolutions with ReLU, ``(R, C, 14, 14) -> (R, width, 14, 14)``."""

    def __init__(self, channels: int, width: int = 256, convs: int = 4, norm: Norm | None = None):
        """``convs``: how many convolutions."""
        inputs = [channels] + [width] * (convs - 1)
        super().__init__(*(conv(c, width, 3, norm, relu=True) for c in inputs))
        initialise(self)


class MaskPredictor(nn.Sequential):
    """One mask per class: ``(R, width, 14, 14) -> (R, classes, 28, 28)`` logits.

    Each class has its own mask, decided pixel by pixel with a sigmoid: the classes do not compete here, the
    class branch has settled that already (He et al. 2017, section 3 and table 2b).
    """

    conv5_mask: nn.ConvTranspose2d
    mask_fcn_logits: nn.Conv2d

    def __init__(self, inputs: int, classes: int, width: int = 256):
        """``classes`` counts the background, whose mask nothing ever reads."""
        super().__init__()
        self.add_module("conv5_mask", nn.ConvTranspose2d(inputs, width, kernel_size=2, stride=2))
        self.add_module("relu", nn.ReLU(inplace=True))
        self.add_module("mask_fcn_logits", nn.Conv2d(width, classes, kernel_size=1))
        for layer in (self.conv5_mask, self.mask_fcn_logits):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
