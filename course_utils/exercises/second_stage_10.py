"""Exercises of lesson 10 that put the second stage together: which RoIs it learns from, and the whole forward pass."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from course_utils import boxes
from course_utils.exercises.core import Case, Exercise
from course_utils.exercises.room import with_parts, with_sample
from course_utils.mask_rcnn import losses

Chosen = tuple[Tensor, Tensor, Tensor]


def _choose(proposals: Tensor, true_boxes: Tensor, true_labels: Tensor, order: Tensor, count: int, draw: Any) -> Chosen:
    return _chosen(proposals, true_boxes, true_labels, order, count, draw)


def _chosen(
    proposals: Tensor,
    true_boxes: Tensor,
    true_labels: Tensor,
    order: Tensor,
    count: int,
    draw: Any,
    border: float = 0.5,
    share: float = 0.25,
) -> Chosen:
    rois = torch.cat([proposals, true_boxes])
    matches = losses.match(boxes.iou(true_boxes, rois), border, border)
    labels = torch.where(matches >= 0, losses.take(true_labels, matches), 0)
    chosen = torch.cat(draw(labels, order, count, share)).sort().values
    return rois[chosen], labels[chosen], matches[chosen]


def _with(**numbers: Any) -> Callable[..., Chosen]:
    return lambda *arguments: _chosen(*arguments, **numbers)


def _without_truth(proposals: Tensor, true_boxes: Tensor, true_labels: Tensor, order: Tensor, *rest: Any) -> Chosen:
    order = order[order < len(proposals)]
    rois, labels, matches = _chosen(torch.cat([proposals, true_boxes]), true_boxes, true_labels, order, *rest)
    return rois, labels, matches


def _truth_first(
    proposals: Tensor, true_boxes: Tensor, true_labels: Tensor, order: Tensor, count: int, draw: Any
) -> Chosen:
    rois = torch.cat([true_boxes, proposals])
    matches = losses.match(boxes.iou(true_boxes, rois), 0.5, 0.5)
    labels = torch.where(matches >= 0, losses.take(true_labels, matches), 0)
    chosen = torch.cat(draw(labels, order, count, 0.25)).sort().values
    return rois[chosen], labels[chosen], matches[chosen]


def _unsorted(
    proposals: Tensor, true_boxes: Tensor, true_labels: Tensor, order: Tensor, count: int, draw: Any
) -> Chosen:
    rois = torch.cat([proposals, true_boxes])
    matches = losses.match(boxes.iou(true_boxes, rois), 0.5, 0.5)
    labels = torch.where(matches >= 0, losses.take(true_labels, matches), 0)
    chosen = torch.cat(draw(labels, order, count, 0.25))
    return rois[chosen], labels[chosen], matches[chosen]


def _numbers_for_labels(proposals: Tensor, true_boxes: Tensor, true_labels: Tensor, *rest: Any) -> Chosen:
    """The index of the true box, plus one, in place of its class."""
    return _chosen(proposals, true_boxes, torch.arange(len(true_labels)) + 1, *rest)


def _all_matched(*arguments: Any) -> Chosen:
    rois, labels, matches = _chosen(*arguments)
    true_boxes = arguments[1]
    nearest = boxes.iou(true_boxes, rois).argmax(dim=0) if len(true_boxes) else matches
    return rois, labels, nearest


def _rois_case(rng: Generator, count: int, truths: int, sample: int) -> Case:
    corner = rng.uniform(0, 60, (truths, 2))
    truth = np.concatenate([corner, corner + rng.uniform(25, 40, (truths, 2))], axis=1).round()
    near = truth[rng.integers(0, truths, count)] if truths else rng.uniform(0, 30, (count, 4)) + [0, 0, 40, 40]
    proposals = torch.from_numpy(near + rng.normal(0, 5, (count, 4)).round(1)).float()
    labels = torch.from_numpy(rng.integers(1, 7, truths))
    order = torch.from_numpy(rng.permutation(count + truths))
    return proposals, torch.from_numpy(truth.reshape(-1, 4)).float(), labels, order, sample


def _rois_edges() -> list[Case]:
    rng = np.random.default_rng(12)
    truth = torch.tensor([[0.0, 0, 20, 20], [40, 40, 60, 60]])
    half = torch.tensor([[0.0, 0, 20, 10], [0, 0, 20, 9.9], [38, 41, 60, 62], [80, 80, 90, 90], [0, 0, 19, 22]])
    few = half, truth, torch.tensor([4, 2]), torch.tensor([6, 3, 0, 1, 5, 2, 4])
    return [
        (*few, 4),
        (*few, 12),
        (*few, 8),
        *(_rois_case(rng, *each) for each in [(9, 3, 8), (6, 0, 4), (200, 5, 64)]),
    ]


def _rois_random(rng: Generator) -> list[Case]:
    return [_rois_case(rng, 20, 3, 8)]


# --- the forward pass --------------------------------------------------------------------------------------------

Found = dict[str, Tensor]


def _detect(photo: Tensor, p: SimpleNamespace) -> Found:
    return _forward(photo, p, "")


def _forward(photo: Tensor, p: SimpleNamespace, mistake: str) -> Found:
    """The forward pass, or what comes of a mistake."""
    batch, size = p.prepare(photo)
    levels = p.pyramid(p.backbone(batch))
    objectness, deltas = p.rpn_head(levels)
    rois = p.proposals([o[0] for o in objectness], [d[0] for d in deltas], p.anchors(levels), size)
    maps = levels[:-1]  # "pool" is for the RPN
    logits, deltas = p.box_head(p.pool(maps, rois, 7))
    roi, labels = p.candidates(logits)
    scores = logits.softmax(dim=1)[roi, labels]
    found = rois[roi] if mistake == "unmoved" else p.own_box(deltas[roi], rois[roi], labels)
    found = found if mistake == "unclipped" else boxes.clip(found, *size)
    large = boxes.large_enough(found, 1e-2)
    found, roi, labels, scores = found[large], roi[large], labels[large], scores[large]
    kept = p.nms(found, scores, labels * 0 if mistake == "across" else labels)
    kept = scores.argsort(descending=True, stable=True) if mistake == "doubles" else kept
    kept = kept if mistake == "all" else kept[: p.limit]
    found, roi, labels, scores = found[kept], roi[kept], labels[kept], scores[kept]
    masks = p.own_mask(p.mask_head(p.pool(maps, rois[roi] if mistake == "first boxes" else found, 14)), labels)
    corners = found if mistake == "small" else boxes.resize(found, size, (photo.shape[-2], photo.shape[-1]))
    return {"boxes": corners, "labels": labels, "scores": scores, "masks": p.paste(masks, corners, *photo.shape[-2:])}


def _mistaken(mistake: str) -> Callable[[Tensor, SimpleNamespace], Found]:
    return lambda photo, p: _forward(photo, p, mistake)


def _photos(*sizes: Sequence[int]) -> list[Case]:
    rng = np.random.default_rng(13)
    return [(torch.from_numpy(rng.uniform(0, 1, (3, *size))).float(), seed) for seed, size in enumerate(sizes, 3)]


SECOND_STAGE = [
    Exercise(
        id="choose-rois",
        title="The RoIs that the second stage learns from",
        points=3,
        reference=_choose,
        edges=_rois_edges,
        random=_rois_random,
        probe=with_sample,
        misconceptions={
            "The borders of the first stage are 0.7 and 0.3. Here there is only one: from an IoU of 0.5 on a RoI is "
            "positive, below it is background.": _with(border=0.7),
            "At most a quarter of the RoIs are positive, not half.": _with(share=0.5),
            "The true boxes are missing among the RoIs. While the RPN is still bad, they are the only good ones.": (
                _without_truth
            ),
            "The proposals come first, the true boxes after them: `order` counts them so.": _truth_first,
            "The chosen RoIs are to stand in their old order: sort the indices.": _unsorted,
            "A label is the class of the true box, not its number.": _numbers_for_labels,
            "Background belongs to no true box: its match is -1.": _all_matched,
        },
        hints=(
            "Which true box does a RoI overlap most, and is that enough to be called by its name?",
            "Join proposals and true boxes; IoU with the truth; a label and a match for each; draw a quarter; "
            "sort; take "
            "those rows.",
            "best, nearest = boxes.iou(true_boxes, rois).max(dim=0); where best >= 0.5 the label is "
            "true_labels[nearest] and "
            "the match nearest, elsewhere 0 and -1; both index tensors of draw(labels, order, count, 0.25), joined and "
            "sorted. Without any true box all is background.",
        ),
    ),
    Exercise(
        id="forward-pass",
        title="The whole forward pass",
        points=4,
        reference=_detect,
        edges=lambda: _photos((64, 64), (80, 40)),
        random=lambda rng: [(torch.from_numpy(rng.uniform(0, 1, (3, 72, 64))).float(), int(rng.integers(1000)))],
        tolerance=1e-4,
        probe=with_parts,
        misconceptions={
            "Your detections are still the proposals: move each with the deltas of its class.": _mistaken("unmoved"),
            "Some boxes stick out of the photo: clip them to its size.": _mistaken("unclipped"),
            "Foods of different classes struck each other out. NMS goes class by class: hand it the labels.": (
                _mistaken("across")
            ),
            "The doubles are still there.": _mistaken("doubles"),
            "There are more detections than `p.limit`.": _mistaken("all"),
            "The mask branch reads the *final* boxes, not the proposals that they came from.": _mistaken("first boxes"),
            "Your boxes are in pixels of the network's input. The photo has another size: boxes.resize, then paste.": (
                _mistaken("small")
            ),
        },
        hints=(
            "Say aloud what is handed from one part to the next, from the photo to the pasted masks. Which of "
            "it has a batch "
            "in front, and which has not?",
            "First stage: prepare, backbone, pyramid, RPN head, anchors, proposals. Second stage: pool, box "
            "head, candidates, "
            "boxes, clip, drop slivers, NMS, limit. Then masks: pool again, mask head, own mask, resize, paste.",
            "Take [0] of each level's objectness and deltas. levels[:-1] for pool, 7 bins, later 14. scores are "
            "logits.softmax(dim=1)[roi, labels]. Keep where boxes.large_enough(found, 0.01), then p.nms(...)[: "
            "p.limit]. "
            "boxes.resize(found, size, photo.shape[-2:]) before p.paste.",
        ),
    ),
]
