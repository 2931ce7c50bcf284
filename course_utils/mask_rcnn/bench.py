"""The parts of a model lying side by side, under short names: what somebody needs who writes the forward pass."""

from types import SimpleNamespace
from typing import cast

import torch
from torch import Tensor

from course_utils.mask_rcnn import anchors, model, postprocess, preprocess, roi_heads
from course_utils.mask_rcnn.fpn import BackboneWithFPN


def bench(net: model.MaskRCNN) -> SimpleNamespace:
    """The parts of a model with a pyramid, for one photo at a time; parts that are plugged in are among them.

    Returns:
        ``prepare``: photo (3, H, W) -> batch (1, 3, h, w) of the network's size, padded, and the size before padding;
        ``backbone``: batch -> maps C2 to C5; ``pyramid``: these -> levels P2 to P5 and "pool", a list;
        ``rpn_head``: levels -> objectness and deltas, a list each, (1, A) and (1, A, 4);
        ``anchors``: levels -> a list of (A, 4); ``proposals``: objectness, deltas and anchors of one photo, lists
        without the batch, and its size -> RoIs (R, 4); ``pool``: P2 to P5, boxes (R, 4), bins -> features;
        ``box_head``: features -> logits (R, C + 1), deltas (R, C + 1, 4); ``candidates``: logits -> RoIs and labels;
        ``own_box``: deltas (K, C + 1, 4), RoIs (K, 4), labels (K,) -> boxes; ``nms``: boxes, scores, labels -> indices,
        best first; ``limit``: most detections; ``mask_head``: features (D, C, 14, 14) -> logits (D, C + 1, 28, 28);
        ``own_mask``: logits, labels -> probabilities (D, 28, 28); ``paste``: these, boxes, height, width.
    """
    s, heads, backbone = net.settings, net.roi_heads, cast(BackboneWithFPN, net.backbone)

    def prepare(photo: Tensor) -> tuple[Tensor, tuple[int, int]]:
        size = preprocess.network_size(photo.shape[-2], photo.shape[-1], s.min_size, s.max_size)
        return preprocess.batch_images([preprocess.resize_image(net.normalise(photo), size)]), size

    def padded(levels: list[Tensor]) -> tuple[int, int]:
        return 4 * levels[0].shape[-2], 4 * levels[0].shape[-1]

    def pyramid(maps: list[Tensor]) -> list[Tensor]:
        return list(backbone.fpn({str(k): each for k, each in enumerate(maps)}).values())

    def propose(objectness: list[Tensor], deltas: list[Tensor], found: list[Tensor], size: tuple[int, int]) -> Tensor:
        counts = [len(each) for each in found]
        flat = torch.cat(objectness)[None], torch.cat(deltas)[None], torch.cat(found)
        return net.rpn.propose(*flat, counts, [size], net.kernels)[1][0]

    return SimpleNamespace(
        prepare=prepare,
        backbone=lambda batch: list(backbone.body(batch).values()),
        pyramid=pyramid,
        rpn_head=net.rpn.head,
        anchors=lambda levels: anchors.pyramid_anchors(levels, padded(levels), s.anchor_sizes, s.anchor_ratios),
        proposals=propose,
        pool=lambda levels, found, bins: roi_heads.pool(levels, [found], padded(levels), bins, net.kernels.roi_align),
        box_head=lambda features: heads.box_predictor(heads.box_head(features)),
        candidates=lambda logits: postprocess.candidates(logits, s.score_threshold),
        own_box=lambda deltas, rois, labels: postprocess.own_box(deltas, rois, labels, s.box_weights),
        nms=lambda found, scores, labels: net.kernels.nms(found, scores, s.nms, labels),
        limit=s.detections,
        mask_head=lambda features: heads.mask_predictor(heads.mask_head(features)),
        own_mask=lambda logits, labels: postprocess.own_class(logits, labels),
        paste=lambda masks, found, height, width: model.paste(masks, found, height, width),
    )
