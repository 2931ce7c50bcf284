"""What training asks of the network: who matches whom, which of them are sampled, and the five losses."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

BACKGROUND = -1
"""`match`: overlaps no object enough."""
IGNORED = -2
"""`match`: overlaps an object too much for background, too little for a match; no loss looks at it."""


def match(iou: Tensor, foreground: float, background: float, low_quality: bool = False) -> Tensor:
    """Give each anchor or proposal the object it overlaps most (Ren et al. 2015, section 3.1.2).

    Args:
        iou: ``(G, N)`` of G objects with N candidates; G may be 0.
        foreground: from this IoU on, a candidate is matched.
        background: below this IoU it is background.
        low_quality: whether each object also gets the candidate nearest to it (several on a tie), however
            bad: no object is then left without an anchor. Such a candidate is matched to the object *it*
            overlaps most, which may be another one.

    Returns:
        ``(N,)`` int64: the object's index, or `BACKGROUND`, or `IGNORED`.
    """
    if iou.shape[0] == 0:
        return iou.new_full((iou.shape[1],), BACKGROUND, dtype=torch.int64)
    overlap, nearest = iou.max(dim=0)
    matches = nearest.clone()
    matches[overlap < foreground] = IGNORED
    matches[overlap < background] = BACKGROUND
    if low_quality and iou.shape[1]:
        rescued = (iou == iou.amax(dim=1, keepdim=True)).any(dim=0)
        matches[rescued] = nearest[rescued]
    return matches


def sample(labels: Tensor, count: int, positive_fraction: float) -> tuple[Tensor, Tensor]:
    """Choose some positives and negatives at random, so that the many negatives do not drown the positives.

    Args:
        labels: ``(N,)``; > 0 positive, 0 negative, < 0 never chosen.
        count: how many to choose in all; fewer when there are not enough.
        positive_fraction: largest share of positives.

    Returns:
        Sorted indices of the positives and of the negatives chosen. Uses torch's global random generator.
    """
    positive, negative = torch.where(labels >= 1)[0], torch.where(labels == 0)[0]
    positives = min(len(positive), int(count * positive_fraction))
    negatives = min(len(negative), count - positives)
    # Two permutations even when nothing is left out: the random stream must not depend on the data.
    positive = positive[torch.randperm(len(positive), device=labels.device)[:positives]]
    negative = negative[torch.randperm(len(negative), device=labels.device)[:negatives]]
    return positive.sort()[0], negative.sort()[0]


def take(objects: Tensor, matches: Tensor) -> Tensor:
    """Rows of ``objects`` (G, ...) for the matches (N,); where there is no match, any row or zeros."""
    if len(objects) == 0:
        return objects.new_zeros((len(matches), *objects.shape[1:]))
    return objects[matches.clamp(min=0)]


def rpn_losses(
    objectness: Tensor, deltas: Tensor, labels: Tensor, targets: Tensor, positive: Tensor, negative: Tensor
) -> tuple[Tensor, Tensor]:
    """Objectness and box loss of the region proposal network (Ren et al. 2015, equation 1).

    Args:
        objectness: ``(N,)`` logits of all anchors. deltas: ``(N, 4)``.
        labels: ``(N,)`` float, 1 for object. targets: ``(N, 4)`` true deltas.
        positive, negative: indices of the sampled anchors.

    Returns:
        Binary cross-entropy, mean over the sample; smooth L1 (beta 1/9) over the positives, divided by the
        whole sample.
    """
    chosen = torch.cat([positive, negative])
    loss_box = F.smooth_l1_loss(deltas[positive], targets[positive], beta=1 / 9, reduction="sum")
    loss_objectness = F.binary_cross_entropy_with_logits(objectness[chosen], labels[chosen], reduction="sum")
    return loss_objectness / max(len(chosen), 1), loss_box / max(len(chosen), 1)


def box_losses(class_logits: Tensor, deltas: Tensor, labels: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Class and box loss of the sampled RoIs (Girshick 2015, equations 1 to 3).

    Args:
        class_logits: ``(R, classes)``. deltas: ``(R, classes, 4)``.
        labels: ``(R,)`` int64, 0 for background. targets: ``(R, 4)`` true deltas.

    Returns:
        Cross-entropy, mean over the RoIs; smooth L1 (beta 1/9) of the true class's deltas over the positives,
        divided by all RoIs.
    """
    positive = torch.where(labels > 0)[0]
    loss_box = F.smooth_l1_loss(deltas[positive, labels[positive]], targets[positive], beta=1 / 9, reduction="sum")
    loss_class = F.cross_entropy(class_logits, labels, reduction="sum")
    return loss_class / max(len(labels), 1), loss_box / max(len(labels), 1)


def mask_targets(
    masks: Tensor, rois: Tensor, matches: Tensor, size: int, align: Callable, aligned: bool = False
) -> Tensor:
    """The piece of its object's mask each RoI should predict: ``(G, H, W), (P, 4), (P,) -> (P, size, size)``.

    RoIAlign with as many points per bin as there are pixels makes soft targets: a bin half covered gets
    about 0.5. ``aligned`` takes the masks' pixels for squares, which they are (`course_utils.mask_rcnn.roi_align`);
    torchvision leaves it out, and each target shows the mask half a pixel too far to the upper left.
    """
    table = torch.cat([matches[:, None].to(rois), rois], dim=1)
    return align(masks[:, None].to(rois), table, (size, size), 1.0, sampling_ratio=-1, aligned=aligned)[:, 0]


def mask_loss(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    """Binary cross-entropy of the true class's mask, mean over all pixels (He et al. 2017, section 3).

    Args:
        logits: ``(P, classes, M, M)`` of the positive RoIs only. labels: ``(P,)`` int64.
        targets: ``(P, M, M)`` in [0, 1].
    """
    if len(labels) == 0:
        return logits.sum() * 0
    own = logits[torch.arange(len(labels), device=labels.device), labels]
    return F.binary_cross_entropy_with_logits(own, targets)
