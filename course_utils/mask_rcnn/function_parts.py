"""Functions of the exercises, fitted to the places where the model calls a function of this package.

`FUNCTIONS` says for each part what is replaced, and what fits the part's arguments and results to that place.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course_utils import boxes
from course_utils.mask_rcnn import anchors, losses, model, postprocess, roi_align, roi_heads, rpn

MATCH = losses.match


def plain(*tensors: Tensor) -> tuple[np.ndarray, ...]:
    """Tensors as arrays."""
    return tuple(tensor.detach().cpu().numpy() for tensor in tensors)


def as_floats(result: Any) -> Tensor:
    """A result as a float32 tensor; one that carries a gradient stays as it is."""
    return result if isinstance(result, Tensor) else torch.as_tensor(np.asarray(result), dtype=torch.float32)


def as_indices(result: Any) -> Tensor:
    """A result as an int64 tensor."""
    return torch.as_tensor(np.asarray(result) if not isinstance(result, Tensor) else result, dtype=torch.int64)


def anchor_box(part: Callable) -> Callable:
    """Sizes, ratios -> anchors of a cell, all sizes of the first ratio first."""
    return lambda sizes, ratios: as_floats([np.asarray(part(size, ratio)) for ratio in ratios for size in sizes])


def anchor_grid(part: Callable) -> Callable:
    """Cell, grid, image size -> anchors of a level."""
    return lambda cell, grid, image_size: as_floats(part(*plain(cell), grid, image_size))


def match_anchors(part: Callable) -> Callable:
    """The RPN's matching; that of the second stage has other borders and no third rule."""

    def match(iou: Tensor, foreground: float, background: float, low_quality: bool = False) -> Tensor:
        usual = low_quality and len(iou)
        return as_indices(part(*plain(iou))) if usual else MATCH(iou, foreground, background, low_quality)

    return match


def encode_deltas(part: Callable) -> Callable:
    """Boxes, anchors, weights -> deltas."""
    return lambda found, origins, weights=(1, 1, 1, 1): as_floats(part(*plain(found, origins), weights))


def nms(part: Callable) -> Callable:
    """Boxes, scores, threshold, groups -> indices, from a part that is given the overlaps."""

    def suppress(found: Tensor, scores: Tensor, threshold: float, groups: Tensor) -> Tensor:
        overlaps, sure, kinds = plain(boxes.iou(found, found), scores, groups)
        return as_indices(part(overlaps, sure, threshold, kinds))

    return suppress


def proposals(part: Callable) -> Callable:
    """`RegionProposalNetwork.propose` of a part that serves one image."""

    def propose(net: Any, objectness: Tensor, deltas: Tensor, found: Tensor, counts: list, sizes: list, kernels: Any):
        before, after = (each[net.training] for each in (net.settings.rpn_candidates, net.settings.rpn_proposals))

        def strike(candidates: Tensor, scores: Tensor, groups: Tensor) -> Tensor:
            return kernels.nms(candidates, scores, net.settings.rpn_nms, groups)

        levels = [
            (o.split(counts), d.split(counts), found.split(counts)) for o, d in zip(objectness, deltas, strict=True)
        ]
        chosen = [part(*map(list, each), size, before, after, strike) for each, size in zip(levels, sizes, strict=True)]
        return [{} for _ in chosen], chosen

    return propose


def balanced_sample(part: Callable) -> Callable:
    """`losses.sample`, with torchvision's dice."""

    def sample(labels: Tensor, count: int, share: float) -> tuple[Tensor, ...]:
        chosen = part(labels.clamp(max=1).long(), random_order(labels), count, share)
        return tuple(as_indices(each).sort()[0] for each in chosen)

    return sample


def random_order(labels: Tensor) -> Tensor:
    """All indices in a random order in which torchvision's sample comes first, among positives and negatives alike."""
    groups = [torch.where(chosen)[0] for chosen in (labels >= 1, labels == 0, labels < 0)]
    shuffled = [group[torch.randperm(len(group))] for group in groups[:2]]
    return torch.cat([*shuffled, groups[2]])


def level(part: Callable) -> Callable:
    """Boxes -> number of the map, 0 for the finest."""
    return lambda found, finest, coarsest: as_indices(part(*plain(found))) - finest


def align(part: Callable, original: Callable) -> Callable:
    """Kernel of RoIAlign with two points along an axis; targets of masks, with more, are read by the original."""

    def kernel(maps: Tensor, rois: Tensor, size: tuple[int, int], scale: float, sampling_ratio=2, aligned=False):
        if sampling_ratio != 2 or aligned:
            return original(maps, rois, size, scale, sampling_ratio=sampling_ratio, aligned=aligned)
        return part(maps, rois, round(1 / scale), size[0])

    return kernel


def pool_rois(part: Callable) -> Callable:
    """`roi_align.pool` of a part that is given the levels and the kernel."""

    def pool(maps: list[Tensor], per_image: list[Tensor], image_size: tuple[int, int], size: int, kernel: Callable):
        strides = [image_size[0] // each.shape[-2] for each in maps]

        def level_of(found: Tensor) -> Tensor:
            return roi_align.roi_levels(found, 2, 1 + len(maps)) + 2

        def read(each: Tensor, rois: Tensor, stride: int, bins: int) -> Tensor:
            return kernel(each, rois, (bins, bins), 1 / stride, sampling_ratio=2)

        return part(maps, roi_align.to_rois(per_image), strides, size, level_of, read)

    return pool


def own_box(part: Callable) -> Callable:
    """Deltas, RoIs, labels -> boxes; the weights are part of the exercise."""
    return lambda deltas, rois, labels, weights: as_floats(part(*plain(deltas, rois, labels))).to(deltas.dtype)


def own_mask(part: Callable) -> Callable:
    """Mask logits, labels -> probabilities."""
    return lambda logits, labels: as_floats(part(*plain(logits, labels)))


def choose_rois(part: Callable) -> Callable:
    """`RoIHeads.sample`, with torchvision's dice."""

    def sample(heads: Any, found: Tensor, target: dict[str, Tensor]) -> dict[str, Tensor]:
        s, truth = heads.settings, target["boxes"]
        labels = (boxes.iou(truth, torch.cat([found, truth])) >= s.roi_iou[0]).any(dim=0).long()
        order = random_order(labels)

        def draw(labels: Tensor, order: Tensor, count: int, share: float) -> tuple[Tensor, Tensor]:
            in_order = labels[order]
            positive = order[in_order > 0][: int(count * share)]
            return positive, order[in_order == 0][: count - len(positive)]

        rois, labels, matches = part(found, truth, target["labels"], order, s.roi_samples, draw)
        if ((labels > 0) != (matches >= 0)).any():  # no loss looks at the match of a background RoI
            raise ValueError("choose-rois: RoIs of the background have the label 0 and the match -1, others have not")
        deltas = boxes.encode(losses.take(truth, matches), rois, s.box_weights)
        return {"rois": rois, "labels": labels, "matches": matches, "deltas": deltas}

    return sample


def box_loss(part: Callable) -> Callable:
    """`losses.box_losses` with another second half: deltas, labels, targets -> loss."""
    original = losses.box_losses

    def box_losses(logits: Tensor, deltas: Tensor, labels: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        return original(logits, deltas, labels, targets)[0], part(deltas, labels, targets)

    return box_losses


def candidates(part: Callable) -> Callable:
    """Class logits, threshold -> RoIs and labels; NMS sorts them anew, so their order would not be seen."""

    def choose(class_logits: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
        roi, label = (as_indices(each) for each in part(class_logits, threshold))
        if (torch.diff(roi * class_logits.shape[1] + label) <= 0).any():
            raise ValueError("candidates: they are not in the order that is asked for, row by row and by label")
        return roi, label

    return choose


def paste_mask(part: Callable) -> Callable:
    """`postprocess.paste` of a part that pastes one mask: mask, box, height, width -> (height, width)."""

    def paste(masks: Tensor, found: Tensor, height: int, width: int) -> Tensor:
        pasted = [as_floats(part(mask, box, height, width)) for mask, box in zip(masks, found, strict=True)]
        return torch.stack(pasted) if pasted else masks.new_zeros(0, height, width)

    return paste


def as_it_is(part: Callable) -> Callable:
    """A part whose exercise asks for just what the model calls."""
    return part


FUNCTIONS: dict[str, tuple[Any, str, Callable]] = {
    "anchor-box": (anchors, "cell_anchors", anchor_box),
    "anchor-grid": (anchors, "level_anchors", anchor_grid),
    "match-anchors": (losses, "match", match_anchors),
    "encode-deltas": (boxes, "encode", encode_deltas),
    "proposals": (rpn.RegionProposalNetwork, "propose", proposals),
    "balanced-sample": (losses, "sample", balanced_sample),
    "rpn-losses": (losses, "rpn_losses", as_it_is),
    "roi-level": (roi_align, "roi_levels", level),
    "pool-rois": (roi_heads, "pool", pool_rois),
    "own-box": (postprocess, "own_box", own_box),
    "own-mask": (postprocess, "own_class", own_mask),
    "choose-rois": (roi_heads.RoIHeads, "sample", choose_rois),
    "box-loss": (losses, "box_losses", box_loss),
    "mask-loss": (losses, "mask_loss", as_it_is),
    "candidates": (postprocess, "candidates", candidates),
    "paste-mask": (model, "paste", paste_mask),
}
"""For each part the module or class and the name that the model finds it under, and what fits the part to the place."""
