"""Exercises of lesson 10 that put the second stage together: which RoIs it learns from, and the whole forward pass."""

from collections.abc import Callable
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
    *,
    border: float = 0.5,
    share: float = 0.25,
) -> Chosen:
    rois = torch.cat([proposals, true_boxes])
    matches = losses.match(boxes.iou(true_boxes, rois), border, border)
    labels = torch.where(matches >= 0, losses.take(true_labels, matches), 0)
    chosen = torch.cat(draw(labels, order, count, share)).sort().values
    return rois[chosen], labels[chosen], matches[chosen]


def _with(border: float = 0.5, share: float = 0.25) -> Callable[..., Chosen]:
    return lambda *arguments: _chosen(*arguments, border=border, share=share)


def _without_truth(proposals: Tensor, true_boxes: Tensor, true_labels: Tensor, order: Tensor, *rest: Any) -> Chosen:
    order = order[order < len(proposals)]
    rois, labels, matches = _chosen(torch.cat([proposals, true_boxes]), true_boxes, true_labels, order, *rest)
    return rois, labels, matches


def _without_any_truth(proposals: Tensor, true_boxes: Tensor, true_labels: Tensor, *rest: Any) -> Chosen:
    """As `_without_truth`, but ``order`` still counts the true boxes, and points beyond the end."""
    matches = losses.match(boxes.iou(true_boxes, proposals), 0.5, 0.5)
    labels = torch.where(matches >= 0, losses.take(true_labels, matches), 0)
    order, count, draw = rest
    chosen = torch.cat(draw(labels, order, count, 0.25)).sort().values
    return proposals[chosen], labels[chosen], matches[chosen]


def _beside_each_other(proposals: Tensor, true_boxes: Tensor, *rest: Any) -> Chosen:
    return _chosen(torch.cat([proposals, true_boxes], dim=1), true_boxes, *rest)


def _best_of_each_truth(proposals: Tensor, true_boxes: Tensor, true_labels: Tensor, *rest: Any) -> Chosen:
    """The overlaps with a row for each RoI, read as if there were one for each true box."""
    rois = torch.cat([proposals, true_boxes])
    if len(true_boxes):
        labels = torch.zeros(len(rois), dtype=torch.int64)
        best, nearest = boxes.iou(rois, true_boxes).max(dim=0)
        labels[best >= 0.5] = true_labels[nearest[best >= 0.5]]  # raises: a mask of another length
    return _chosen(proposals, true_boxes, true_labels, *rest)


def _of_all_rois(chosen: Callable[[Chosen, Chosen, Tensor], Any]) -> Callable[..., Any]:
    """What else can be given back: ``chosen(those chosen, all of them, the indices)``."""

    def answer(proposals: Tensor, true_boxes: Tensor, true_labels: Tensor, order: Tensor, count: int, draw: Any) -> Any:
        drawn: list[Tensor] = []

        def watched(*given: Any) -> Any:
            drawn.extend(draw(*given))
            return drawn

        right = _chosen(proposals, true_boxes, true_labels, order, count, watched)
        everything = _chosen(
            proposals, true_boxes, true_labels, order, count, lambda labels, order, *_: (torch.arange(len(order)),)
        )
        return chosen(right, everything, torch.cat(drawn).sort().values)

    return answer


def _by_matches(
    proposals: Tensor, true_boxes: Tensor, true_labels: Tensor, order: Tensor, count: int, draw: Any
) -> Any:
    matches = losses.match(boxes.iou(true_boxes, torch.cat([proposals, true_boxes])), 0.5, 0.5)
    return _chosen(proposals, true_boxes, true_labels, order, count, lambda _, *given: draw(matches, *given))


def _in_old_order(
    proposals: Tensor, true_boxes: Tensor, true_labels: Tensor, order: Tensor, count: int, draw: Any
) -> Chosen:
    return _chosen(proposals, true_boxes, true_labels, order.sort().values, count, draw)


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


def _numbers_from_0(proposals: Tensor, true_boxes: Tensor, true_labels: Tensor, *rest: Any) -> Chosen:
    """The index of the true box in place of its class: that of the first box says background."""
    return _chosen(proposals, true_boxes, torch.arange(len(true_labels)), *rest)


def _all_of_class_1(proposals: Tensor, true_boxes: Tensor, true_labels: Tensor, *rest: Any) -> Chosen:
    return _chosen(proposals, true_boxes, torch.ones_like(true_labels), *rest)


def _positives_only(
    proposals: Tensor, true_boxes: Tensor, true_labels: Tensor, order: Tensor, count: int, draw: Any
) -> Chosen:
    return _chosen(proposals, true_boxes, true_labels, order, count, lambda *given: draw(*given)[:1])


def _crash_without_truth(proposals: Tensor, true_boxes: Tensor, *rest: Any) -> Chosen:
    boxes.iou(true_boxes, torch.cat([proposals, true_boxes])).max(dim=0)  # raises where there is no true box
    return _chosen(proposals, true_boxes, *rest)


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
    batch, size = p.prepare(photo)
    levels = p.pyramid(p.backbone(batch))
    objectness, deltas = p.rpn_head(levels)
    rois = p.proposals([each[0] for each in objectness], [each[0] for each in deltas], p.anchors(levels), size)
    logits, deltas = p.box_head(p.pool(levels[:-1], rois, 7))
    roi, labels = p.candidates(logits)
    scores = logits.softmax(dim=1)[roi, labels]
    found = boxes.clip(p.own_box(deltas[roi], rois[roi], labels), *size)
    large = torch.where(boxes.large_enough(found, 1e-2))[0]
    kept = large[p.nms(found[large], scores[large], labels[large])[: p.limit]]
    found, labels, scores = found[kept], labels[kept], scores[kept]
    masks = p.own_mask(p.mask_head(p.pool(levels[:-1], found, 14)), labels)
    corners = boxes.resize(found, size, photo.shape[-2:])
    return {"boxes": corners, "labels": labels, "scores": scores, "masks": p.paste(masks, corners, *photo.shape[-2:])}


def _mistaken(mistake: str) -> Callable[[Tensor, SimpleNamespace], Found]:
    return lambda photo, p: _forward(photo, p, mistake)


def _forward(photo: Tensor, p: SimpleNamespace, mistake: str) -> Found:
    """The forward pass, but for a mistake."""
    batch, size = _prepared(photo, p, mistake)
    maps = p.backbone(batch)
    levels = maps if mistake == "no pyramid" else p.pyramid(maps)
    objectness, deltas = p.rpn_head(levels)
    frame = tuple(photo.shape[-2:]) if mistake == "proposals of the photo" else size
    rois = p.proposals([o[0] for o in objectness], [d[0] for d in deltas], p.anchors(levels), frame)
    maps = {"pool": levels, "from P3": levels[1:]}.get(mistake, levels[:-1])
    logits, deltas = p.box_head(p.pool(maps, rois, 14 if mistake == "14 for the boxes" else 7))
    roi, labels = p.candidates(logits)
    if mistake == "best class":
        roi, labels = torch.arange(len(logits)), logits.argmax(dim=1)
    scores = _scores(logits, roi, labels, mistake)
    found = _moved(deltas, rois, roi, labels, p, mistake)
    found = found if mistake == "unclipped" else boxes.clip(found, *(size[::-1] if mistake == "x first" else size))
    large = boxes.large_enough(found, {"slivers": 0, "small boxes too": 1}.get(mistake, 1e-2))
    found, roi, labels, scores = found[large], roi[large], labels[large], scores[large]
    kept = _kept(found, scores, labels, p, mistake)
    found, roi, scores = found[kept], roi[kept], scores[kept]
    labels = labels if mistake == "labels of all" else labels[kept]
    corners = boxes.resize(found, size, photo.shape[-2:])
    seen = {"first boxes": rois[roi], "resized first": corners}.get(mistake, found)
    masks = p.mask_head(p.pool(maps, seen, 7 if mistake == "7 for the masks" else 14))
    masks = masks if mistake == "all masks" else p.own_mask(masks, labels)
    corners = boxes.resize(found, photo.shape[-2:], size) if mistake == "resized back" else corners
    corners = found if mistake == "small" else corners
    if mistake != "not pasted":
        masks = p.paste(masks, found if mistake == "small masks" else corners, *photo.shape[-2:])
    masks = masks > 0.5 if mistake == "cut masks" else masks
    return {"boxes": found if mistake == "small boxes" else corners, "labels": labels, "scores": scores, "masks": masks}


def _prepared(photo: Tensor, p: SimpleNamespace, mistake: str) -> Any:
    """The batch and the size that boxes count in."""
    size = tuple(photo.shape[-2:])
    return {"unprepared": (photo[None], size), "pair": (p.prepare(photo), size)}.get(mistake, p.prepare(photo))


def _moved(deltas: Tensor, rois: Tensor, roi: Tensor, labels: Tensor, p: SimpleNamespace, mistake: str) -> Tensor:
    """The boxes of the candidates."""
    if mistake == "unmoved":
        return rois[roi]
    deltas = deltas if mistake in ("deltas of all", "both of all") else deltas[roi]
    return p.own_box(deltas, rois if mistake in ("RoIs of all", "both of all") else rois[roi], labels)


def _scores(logits: Tensor, roi: Tensor, labels: Tensor, mistake: str) -> Tensor:
    """The scores of the candidates."""
    every = {"sigmoid": logits.sigmoid(), "logits": logits, "over RoIs": logits.softmax(dim=0)}.get(
        mistake, logits.softmax(dim=1)
    )
    if mistake == "all scores":
        return every
    if mistake == "rows of scores":
        return every[roi]
    return every.amax(dim=1)[roi] if mistake == "best of RoI" else every[roi, labels]


def _kept(found: Tensor, scores: Tensor, labels: Tensor, p: SimpleNamespace, mistake: str) -> Tensor:
    """Numbers of the candidates that stay, best first."""
    if mistake == "doubles":
        return scores.argsort(descending=True, stable=True)[: p.limit]
    kept = p.nms(found, scores, labels * 0 if mistake == "across" else labels)
    return kept if mistake == "all" else kept[: p.limit]


def _unmoved_and_all(photo: Tensor, p: SimpleNamespace) -> Found:
    return _mistaken("unmoved")(photo, SimpleNamespace(**{**vars(p), "limit": None}))


def _batch_in_front(photo: Tensor, p: SimpleNamespace) -> Found:
    levels = p.pyramid(p.backbone(p.prepare(photo)[0]))
    return p.proposals(*p.rpn_head(levels), p.anchors(levels), p.prepare(photo)[1])


def _photos(rng: Generator, *chosen: tuple[int, int, int]) -> list[Case]:
    """Photos of noise, height and width, each with the seed of a model."""
    return [(torch.from_numpy(rng.uniform(0, 1, (3, *size))).float(), seed) for *size, seed in chosen]


SECOND_STAGE = [
    Exercise(
        id="choose-rois",
        title="The RoIs that the second stage learns from",
        points=3,
        whole=True,
        shortcuts=(
            "torchvision.models.detection._utils.Matcher",
            "torchvision.models.detection._utils.BalancedPositiveNegativeSampler",
            "torchvision.models.detection.roi_heads.RoIHeads",
        ),
        reference=_choose,
        edges=_rois_edges,
        random=_rois_random,
        probe=with_sample,
        helpers=("course_utils.boxes.iou",),
        misconceptions={
            "The borders of the first stage are 0.7 and 0.3. Here there is only one: from an IoU of 0.5 on a RoI is "
            "positive, below it is background.": _with(border=0.7),
            "At most a quarter of the RoIs are positive, not half.": _with(share=0.5),
            "The true boxes are missing among the RoIs. While the RPN is still bad, they are the only good ones.": (
                _without_truth
            ),
            "The true boxes are missing among the RoIs. `order` counts them, too, and points beyond the end of "
            "yours.": (_without_any_truth),
            "The true boxes come below the proposals, as more rows: torch.cat along dim=0.": _beside_each_other,
            "boxes.iou(a, b) has a row for each of a. Asked is the best true box of each RoI: true boxes first, and "
            "the "
            "largest along dim=0; or RoIs first, and along dim=1.": _best_of_each_truth,
            "An IoU of exactly 0.5 is enough: `>=`.": _with(border=0.5000001),
            "The RoIs are chosen. Labels and matches are still those of all: take the same rows of all three.": (
                _of_all_rois(lambda chosen, everything, indices: (chosen[0], *everything[1:]))
            ),
            "Those are the numbers of the chosen RoIs. Asked are the RoIs themselves: rois[chosen].": (
                _of_all_rois(lambda chosen, everything, indices: (indices, *chosen[1:]))
            ),
            "`draw` wants the labels, 0 for background. You handed it the matches.": _by_matches,
            "You drew from the list as it stands. `order` says in which order to draw.": _in_old_order,
            "The proposals come first, the true boxes after them: `order` counts them so.": _truth_first,
            "The chosen RoIs are to stand in their old order: sort the indices.": _unsorted,
            "A label is the class of the true box, not its number.": _numbers_for_labels,
            "Background belongs to no true box: its match is -1.": _all_matched,
            "The border of 0.3 belongs to the first stage. Here an IoU of 0.5 decides.": _with(border=0.3),
            "An IoU of 0.5 decides, and a quarter is positive. (That is not all: you have both from the first "
            "stage.)": _with(border=0.7, share=0.5),
            "A label is the class of the true box. Its number in the list is something else: box 0 would make its RoIs "
            "background.": _numbers_from_0,
            "All your positives have the label 1. The second stage is to learn *which* food it is.": _all_of_class_1,
            "Only positives come back. The second stage learns from the background, too: join both that `draw` "
            "gives. (And is the label of the background 0? Else it finds none.)": _positives_only,
            "A plate may hold no food at all: then there is no best true box, and all RoIs are background.": (
                _crash_without_truth
            ),
        },
        hints=(
            "Which true box does a RoI overlap most, and is that enough to be called by its name?",
            "Join proposals and true boxes; IoU with the truth; a label and a match for each; draw a quarter; sort; "
            "take those rows.",
            "boxes.iou(true_boxes, rois).max(dim=0) gives, for each RoI, the best IoU and which true box it was. From "
            "0.5 on the label is that box's class and the match its number, elsewhere they are 0 and -1. Both index "
            "tensors of draw(labels, order, count, 0.25) are joined and sorted. With no true box all is background.",
        ),
    ),
    Exercise(
        id="forward-pass",
        title="The whole forward pass",
        points=4,
        shortcuts=(
            "torchvision.models.detection.rpn.RegionProposalNetwork",
            "torchvision.models.detection.roi_heads.RoIHeads",
            "torchvision.models.detection.generalized_rcnn.GeneralizedRCNN",
            "torchvision.models.detection.MaskRCNN",
            "torchvision.models.detection.maskrcnn_resnet50_fpn",
        ),
        reference=_detect,
        # On both there are boxes that clipping leaves without a side, and RoIs for the coarsest level; on the second
        # some have a side below 0.1, or below 1, and are kept.
        edges=lambda: _photos(np.random.default_rng(13), (64, 64, 23), (120, 60, 125)),
        random=lambda rng: _photos(rng, (72, 64, int(rng.integers(1000)))),
        tolerance=1e-4,
        probe=with_parts,
        helpers=tuple(f"course_utils.boxes.{name}" for name in ("clip", "large_enough", "resize")),
        misconceptions={
            "Your detections are still the proposals: move each with the deltas of its class.": _mistaken("unmoved"),
            "Deltas are those of the candidates, RoIs are not: rois[roi] gives each candidate its own.": (
                _mistaken("RoIs of all")
            ),
            "RoIs are those of the candidates, deltas are not: deltas[roi] gives each candidate its own.": (
                _mistaken("deltas of all")
            ),
            "A RoI may have several candidates, or none. `roi` says of which RoI each is: take those rows of deltas "
            "and "
            "of RoIs.": _mistaken("both of all"),
            "Your scores are a table of RoIs and classes. Each candidate has one: in its row `roi`, in its column "
            "`labels`.": _mistaken("all scores"),
            "Each candidate has a whole row of scores. Its own stands in the column of its label.": (
                _mistaken("rows of scores")
            ),
            "`p.prepare` gives two things: the batch, and the size that boxes count in.": _mistaken("pair"),
            "The network sees the photo as it came. `p.prepare` normalises it and brings it to the network's size.": (
                _mistaken("unprepared")
            ),
            "The RPN reads the levels of the pyramid, not the maps of the backbone.": _mistaken("no pyramid"),
            "The box head reads 7 x 7 values of each RoI, the mask head 14 x 14. Your boxes have 14.": (
                _mistaken("14 for the boxes")
            ),
            "The mask head reads 14 x 14 values of each box. Yours have 7, as for the box head.": (
                _mistaken("7 for the masks")
            ),
            "RoIs are read from P2 on. You left out the first level; it is the last, *pool*, that only the RPN "
            "reads.": (_mistaken("from P3")),
            "You took the best class of each RoI, be it the background. `p.candidates` gives the RoIs and their "
            "labels.": (_mistaken("best class")),
            "Your scores are logits still. A softmax over the classes makes scores of them.": _mistaken("logits"),
            "Your softmax adds up to 1 over the RoIs. It is the classes of one RoI that compete: dim=1.": (
                _mistaken("over RoIs")
            ),
            "You dropped boxes that are small, but no slivers. Only a side below 0.01 pixels is too small.": (
                _mistaken("small boxes too")
            ),
            "NMS has chosen boxes and scores, and the labels are still those of all: take the same rows of all "
            "three.": (_mistaken("labels of all")),
            "The mask branch reads boxes that are in pixels of the photo already. Resize them only when the masks are "
            "drawn.": _mistaken("resized first"),
            "The mask head draws a mask for every class. `p.own_mask` takes the one of the label, and makes "
            "probabilities of it.": _mistaken("all masks"),
            "The masks are still those of the boxes, 28 x 28. `p.paste` lays them into the photo.": (
                _mistaken("not pasted")
            ),
            "Some boxes stick out of the photo: clip them to its size.": _mistaken("unclipped"),
            "You clipped with width and height in the place of height and width.": _mistaken("x first"),
            "Boxes without a side are among your detections: drop those below 0.01 pixels.": _mistaken("slivers"),
            "Foods of different classes struck each other out. NMS goes class by class: hand it the labels.": (
                _mistaken("across")
            ),
            "The doubles are still there.": _mistaken("doubles"),
            "There are more detections than `p.limit`.": _mistaken("all"),
            "Your detections are still the proposals. (That is not all: there are more than `p.limit`.)": (
                _unmoved_and_all
            ),
            "The mask branch reads the *final* boxes, not the proposals that they came from.": _mistaken("first boxes"),
            "RoIs are read from P2 to P5 only. The last level, *pool*, is for the RPN.": _mistaken("pool"),
            "Your scores come from a sigmoid. The classes compete here, background included: softmax.": (
                _mistaken("sigmoid")
            ),
            "All candidates of a RoI have the score of its best class, be it the background. Each has its own: "
            "scores[roi, label].": _mistaken("best of RoI"),
            "Your boxes are in pixels of the network's input. The photo has another size: boxes.resize, then paste.": (
                _mistaken("small")
            ),
            "You give back the boxes of the network's input, but paste into those of the photo.": (
                _mistaken("small boxes")
            ),
            "You paste into the boxes of the network's input. Resize them to the photo first.": (
                _mistaken("small masks")
            ),
            "You resized from the photo to the network's input. It is the other way round: from `size` to the "
            "photo's.": _mistaken("resized back"),
            "Proposals count in pixels of the network's input: hand `p.proposals` the size that `p.prepare` gave.": (
                _mistaken("proposals of the photo")
            ),
            "You cut the masks at one half. Probabilities are asked for.": _mistaken("cut masks"),
            "Objectness and deltas of each level have a batch of 1 in front, and `p.proposals` serves one photo: take "
            "[0] of each.": _batch_in_front,
        },
        hints=(
            "Say aloud what is handed from one part to the next, from the photo to the pasted masks. Which of it has a "
            "batch in front, and which has not?",
            "First stage: prepare, backbone, pyramid, RPN head, anchors, proposals. Second stage: pool, box head, "
            "candidates, boxes, clip, drop slivers, NMS, limit. Then masks: pool again, mask head, own mask, resize, "
            "paste.",
            "Take [0] of each level's objectness and deltas. `p.pool` reads levels[:-1], with 7 bins, later 14. A "
            "candidate's score is logits.softmax(dim=1)[roi, labels]. Keep boxes, scores and labels of what is large "
            "enough, then of the first `p.limit` that NMS gives. boxes.resize(found, size, photo.shape[-2:]) before "
            "`p.paste`.",
        ),
    ),
]
