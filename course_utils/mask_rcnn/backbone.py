"""The backbone: ResNet (He et al. 2016) and ResNeXt (Xie et al. 2017), giving one feature map per stage.

The names of all parameters are torchvision's, so its weights load unchanged.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from torch import Tensor, nn
from torchvision.models.detection.backbone_utils import mobilenet_backbone

Norm = Callable[[int], nn.Module]
"""Makes a normalisation for so many channels: `group_norm`, ``nn.BatchNorm2d``, ``FrozenBatchNorm2d``."""

group_norm: Norm = partial(nn.GroupNorm, 32)
"""GroupNorm with 32 groups (Wu and He 2018): for batches of too few images for batch statistics."""


class BasicBlock(nn.Module):
    """Two 3x3 convolutions with a shortcut: ``(B, inputs, H, W) -> (B, width, H/stride, W/stride)``."""

    expansion = 1

    def __init__(self, inputs: int, width: int, stride: int, norm: Norm, groups: int = 1, group_width: int = 64):
        """``groups`` and ``group_width`` are `Bottleneck`'s; this block has no use for them."""
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, padding=1, bias=False)
        self.bn1 = norm(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = norm(width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = shortcut(inputs, width, stride, norm)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class Bottleneck(nn.Module):
    """1x1 to fewer channels, 3x3, 1x1 to ``4 * width`` channels, with a shortcut around the three.

    ``(B, inputs, H, W) -> (B, 4 * width, H/stride, W/stride)``. With ``groups`` > 1 this is the block of
    ResNeXt: the 3x3 convolution works on each group of channels by itself, so that at equal cost it can be
    wider. The stride sits at the 3x3 convolution, as in torchvision; the paper has it at the first 1x1,
    which skips 3/4 of the pixels.
    """

    expansion = 4

    def __init__(self, inputs: int, width: int, stride: int, norm: Norm, groups: int = 1, group_width: int = 64):
        """``group_width``: channels of one group in a stage of width 64 (4 in "32x4d")."""
        super().__init__()
        inner, outputs = width * group_width // 64 * groups, width * self.expansion
        self.conv1 = nn.Conv2d(inputs, inner, 1, bias=False)
        self.bn1 = norm(inner)
        self.conv2 = nn.Conv2d(inner, inner, 3, stride, padding=1, groups=groups, bias=False)
        self.bn2 = norm(inner)
        self.conv3 = nn.Conv2d(inner, outputs, 1, bias=False)
        self.bn3 = norm(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = shortcut(inputs, outputs, stride, norm)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


def shortcut(inputs: int, outputs: int, stride: int, norm: Norm) -> nn.Sequential | None:
    """The projection that a shortcut needs when its block changes the size or the channels; else None."""
    if stride == 1 and inputs == outputs:
        return None
    return nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), norm(outputs))


Block = BasicBlock | Bottleneck

DEPTHS: dict[int, tuple[type[Block], tuple[int, ...]]] = {
    18: (BasicBlock, (2, 2, 2, 2)),
    26: (Bottleneck, (2, 2, 2, 2)),
    50: (Bottleneck, (3, 4, 6, 3)),
    101: (Bottleneck, (3, 4, 23, 3)),
}
"""Depth (layers with weights, the classifier counted): the block and the number of blocks per stage."""


class ResNet(nn.Module):
    """ResNet or ResNeXt without its classifier: maps "0" (C2) to "3" (C5) at strides 4 to 32."""

    def __init__(
        self,
        depth: int = 50,
        groups: int = 1,
        group_width: int = 64,
        norm: Norm = nn.BatchNorm2d,
        widths: tuple[int, ...] = (64, 128, 256, 512),
    ):
        """Build it with random weights.

        Args:
            depth: a key of `DEPTHS`.
            groups: groups of the 3x3 convolutions; 32 for ResNeXt.
            group_width: channels per group in the first stage; 4 for ResNeXt-50 32x4d, 8 for ResNeXt-101
                32x8d.
            norm: the normalisation layers.
            widths: width of each stage.
        """
        super().__init__()
        block, counts = DEPTHS[depth]
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = norm(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        make = partial(block, norm=norm, groups=groups, group_width=group_width)
        inputs = 64
        for k, (width, count) in enumerate(zip(widths, counts, strict=True)):
            self.add_module(f"layer{k + 1}", stage(make, inputs, width, count, stride=1 if k == 0 else 2))
            inputs = width * block.expansion
        self.channels = [width * block.expansion for width in widths]
        """Channels of the maps, finest first."""
        initialise(self)

    def pop_stage(self) -> nn.Module:
        """Take the last stage off and return it: the C4 head runs it on each RoI instead."""
        name = f"layer{len(self.channels)}"
        last = self.get_submodule(name)
        delattr(self, name)
        self.channels.pop()
        return last

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """``(B, 3, H, W)`` -> ``{"0": (B, channels[0], H/4, W/4), "1": (B, channels[1], H/8, W/8), ...}``."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        maps = {}
        for k in range(len(self.channels)):
            x = self.get_submodule(f"layer{k + 1}")(x)
            maps[str(k)] = x
        return maps


def stage(make: Callable[..., Block], inputs: int, width: int, count: int, stride: int) -> nn.Sequential:
    """``count`` blocks one after the other; the first one takes the stride and the change of channels."""
    first = make(inputs, width, stride)
    outputs = width * first.expansion
    return nn.Sequential(first, *(make(outputs, width, 1) for _ in range(count - 1)))


def initialise(module: nn.Module) -> None:
    """Draw all convolution weights so that ReLU layers keep the variance of their input (He et al. 2015)."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


PAPER_BACKBONES: dict[str, dict[str, Any]] = {
    "resnet18": {"depth": 18},
    "resnet50": {"depth": 50},
    "resnet101": {"depth": 101},
    "resnext50_32x4d": {"depth": 50, "groups": 32, "group_width": 4},
    "resnext101_32x8d": {"depth": 101, "groups": 32, "group_width": 8},
}
"""What `ResNet` takes for the backbones of the papers, under torchvision's names."""


def mobilenet_v3(norm: Norm = nn.BatchNorm2d) -> nn.Module:
    """MobileNetV3-Large with a small pyramid, from torchvision: maps "0", "1" and "pool" of 256 channels."""
    return mobilenet_backbone(
        backbone_name="mobilenet_v3_large", weights=None, fpn=True, norm_layer=norm, trainable_layers=6
    )
