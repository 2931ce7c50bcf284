"""The feature pyramid (Lin et al. 2017): fine maps that know what the coarse ones have seen."""

from collections.abc import Sequence
from typing import cast

from torch import Tensor, nn
from torch.nn import functional as F

from course_utils.mask_rcnn.backbone import Norm


class FeaturePyramid(nn.Module):
    """Bottom-up maps C2..C5 in; pyramid maps P2..P5 and an extra level "pool" (P6) of equal channels out."""

    def __init__(self, channels: Sequence[int], out_channels: int = 256, norm: Norm | None = None):
        """``channels`` of the maps coming in, finest first. Without ``norm`` the convolutions have a bias."""
        super().__init__()
        self.inner_blocks = nn.ModuleList(conv(c, out_channels, 1, norm) for c in channels)
        self.layer_blocks = nn.ModuleList(conv(out_channels, out_channels, 3, norm) for _ in channels)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_uniform_(layer.weight, a=1)

    def forward(self, maps: dict[str, Tensor]) -> dict[str, Tensor]:
        """``{name: (B, C_k, H_k, W_k)}``, finest first -> the same with ``out_channels``, and "pool"."""
        laterals = [lateral(c) for lateral, c in zip(self.inner_blocks, maps.values(), strict=True)]
        merged = laterals[-1:]
        for lateral in laterals[-2::-1]:
            # The size is given, not a factor of 2: an odd map has one row less than twice the coarser one.
            top_down = F.interpolate(merged[0], size=lateral.shape[-2:], mode="nearest")
            merged.insert(0, lateral + top_down)
        # The 3x3 convolution smooths the staircase that nearest-neighbour upsampling leaves.
        pyramid = [smooth(m) for smooth, m in zip(self.layer_blocks, merged, strict=True)]
        # The extra level for the largest anchors: every second pixel of the coarsest map.
        pyramid.append(F.max_pool2d(pyramid[-1], kernel_size=1, stride=2))
        return dict(zip([*maps, "pool"], pyramid, strict=True))


def conv(inputs: int, outputs: int, size: int, norm: Norm | None, relu: bool = False) -> nn.Sequential:
    """A convolution that keeps the map's size, with a norm or else a bias, and a ReLU if asked for."""
    first = nn.Conv2d(inputs, outputs, size, padding=size // 2, bias=norm is None)
    layers: list[nn.Module] = [first]
    if first.bias is not None:
        nn.init.zeros_(first.bias)
    if norm is not None:
        layers.append(norm(outputs))
    return nn.Sequential(*layers, *([nn.ReLU(inplace=True)] if relu else []))


class BackboneWithFPN(nn.Module):
    """A ``body`` with a pyramid ``fpn`` on top: ``(B, 3, H, W)`` -> maps "0", "1", "2", "3" and "pool"."""

    def __init__(self, body: nn.Module, out_channels: int = 256, norm: Norm | None = None):
        """``body`` gives a dict of maps and names their channels in ``body.channels``."""
        super().__init__()
        self.body = body
        self.fpn = FeaturePyramid(cast(Sequence[int], body.channels), out_channels, norm)
        self.out_channels = out_channels

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """See the class."""
        return self.fpn(self.body(x))
