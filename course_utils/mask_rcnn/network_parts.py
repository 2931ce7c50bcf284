"""Networks of the exercises, fitted to the places of the model's own: they run on the very weights of these.

`NETWORKS` says for each part how it is put in.
"""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.mask_rcnn import layers, model
from course_utils.mask_rcnn.backbone import Bottleneck


def as_it_is(run: Callable) -> Callable:
    """A network that is called just as the model's own."""
    return run


class Joined(nn.Module):
    """Two networks one after the other."""

    def __init__(self, first: nn.Module, second: nn.Module):
        super().__init__()
        self.first, self.second = first, second

    def forward(self, x: Tensor) -> Any:
        """See the class."""
        return self.second(self.first(x))


def place_bottleneck(net: model.MaskRCNN, make: Callable) -> Iterator[tuple[nn.Module, nn.Module, Callable]]:
    """Each block of the body: inputs, width, stride."""
    for block in net.modules():
        if isinstance(block, Bottleneck):
            sizes = block.conv1.in_channels, block.conv1.out_channels, block.conv2.stride[0]
            yield block, shared(make(*sizes), block, torch.zeros(2, sizes[0], 8, 8)), as_it_is


def place_pyramid(net: model.MaskRCNN, make: Callable) -> Iterator[tuple[nn.Module, nn.Module, Callable]]:
    """The pyramid: lists in the exercise, dicts in the model."""
    pyramid: Any = net.backbone.fpn
    channels = [lateral[0].in_channels for lateral in pyramid.inner_blocks]
    maps = [torch.zeros(1, c, 2 ** (5 - k), 2 ** (5 - k)) for k, c in enumerate(channels)]
    mine = make(channels, pyramid.inner_blocks[0][0].out_channels)
    layers.share_weights(layers.pair(layers.layers_of(pyramid, dict(enumerate(maps))), layers.layers_of(mine, maps)))
    yield pyramid, mine, lambda run: lambda found: dict(zip([*found, "pool"], run(list(found.values())), strict=True))


def place_rpn_head(net: model.MaskRCNN, make: Callable) -> Iterator[tuple[nn.Module, nn.Module, Callable]]:
    """The head of the RPN: channels, anchors in a cell."""
    head = net.rpn.head
    sizes = head.cls_logits.in_channels, head.cls_logits.out_channels
    yield head, shared(make(*sizes), head, [torch.zeros(1, sizes[0], 4, 4)]), as_it_is


def place_box_head(net: model.MaskRCNN, make: Callable) -> Iterator[tuple[nn.Module, nn.Module, Callable]]:
    """Box head and predictor in one: inputs, width, classes."""
    head: Any = net.roi_heads.box_head
    predictor: Any = net.roi_heads.box_predictor
    side = net.settings.box_size
    sizes = head.fc6.in_features, head.fc6.out_features, predictor.cls_score.out_features
    sample = torch.zeros(1, sizes[0] // side**2, side, side)
    yield predictor, shared(make(*sizes), Joined(head, predictor), sample), by_class
    yield head, nn.Identity(), as_it_is


def by_class(run: Callable) -> Callable:
    """A box head whose deltas have an axis for the classes; the model would take them in one row as well."""

    def checked(features: Tensor) -> tuple[Tensor, Tensor]:
        logits, deltas = run(features)
        if deltas.dim() != 3:
            raise ValueError(f"box-head: the deltas have the shape {tuple(deltas.shape)}, it should be (R, classes, 4)")
        return logits, deltas

    return checked


def place_mask_head(net: model.MaskRCNN, make: Callable) -> Iterator[tuple[nn.Module, nn.Module, Callable]]:
    """Mask head and predictor in one: channels, width, classes."""
    head: Any = net.roi_heads.mask_head
    predictor: Any = net.roi_heads.mask_predictor
    sizes = head[0][0].in_channels, head[0][0].out_channels, predictor.mask_fcn_logits.out_channels
    sample = torch.zeros(1, sizes[0], net.settings.mask_size, net.settings.mask_size)
    yield predictor, shared(make(*sizes), Joined(head, predictor), sample), as_it_is
    yield head, nn.Identity(), as_it_is


def shared(mine: nn.Module, original: nn.Module, sample: Any) -> nn.Module:
    """A network that uses the very weights of another."""
    layers.share_weights(layers.pair(layers.layers_of(original, sample), layers.layers_of(mine, sample)))
    return mine


NETWORKS: dict[str, Callable] = {
    "bottleneck": place_bottleneck,
    "feature-pyramid": place_pyramid,
    "rpn-head": place_rpn_head,
    "box-head": place_box_head,
    "mask-head": place_mask_head,
}
"""For each network what puts one in: gives modules of the model, what runs in their place, and what fits the calls."""
