"""Exercises of lesson 10: what stands between, after and behind the parts of Mask R-CNN."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor
from torch.nn import functional as F

from course_utils.exercises.core import Case, Exercise, Lesson
from course_utils.exercises.probes import with_gradient
from course_utils.exercises.second_stage_10 import SECOND_STAGE
from course_utils.mask_rcnn import losses, postprocess


def _normal(rng: Generator, *shape: int) -> Tensor:
    return torch.from_numpy(rng.normal(size=shape).round(3)).float()


# --- which classes of which RoIs --------------------------------------------------------------------------------


def _candidates(class_logits: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    roi, column = torch.where(class_logits.softmax(dim=1)[:, 1:] > threshold)
    return roi, column + 1


def _candidates_with_background(class_logits: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    rois, labels = torch.where(class_logits.softmax(dim=1) > threshold)
    return rois, labels


def _candidates_shifted(class_logits: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    rois, labels = torch.where(class_logits.softmax(dim=1)[:, 1:] > threshold)
    return rois, labels


def _candidates_without_background(class_logits: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    rois, labels = torch.where(class_logits[:, 1:].softmax(dim=1) > threshold)
    return rois, labels + 1


def _candidates_best(class_logits: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    best, labels = class_logits.softmax(dim=1)[:, 1:].max(dim=1)
    rois = torch.where(best > threshold)[0]
    return rois, labels[rois] + 1


def _candidates_sigmoid(class_logits: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    rois, labels = torch.where(class_logits[:, 1:].sigmoid() > threshold)
    return rois, labels + 1


def _candidates_without_background_shifted(class_logits: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    rois, labels = torch.where(class_logits[:, 1:].softmax(dim=1) > threshold)
    return rois, labels


def _candidates_by_logit(class_logits: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    rois, labels = torch.where(class_logits[:, 1:] > threshold)
    return rois, labels + 1


def _candidates_by_power(class_logits: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    rois, labels = torch.where(class_logits[:, 1:].exp() > threshold)
    return rois, labels + 1


def _candidates_over_rois(class_logits: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    rois, labels = torch.where(class_logits.softmax(dim=0)[:, 1:] > threshold)
    return rois, labels + 1


def _candidates_where_food_wins(class_logits: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    rois, labels = _candidates(class_logits, threshold)
    food = class_logits.argmax(dim=1)[rois] > 0
    return rois[food], labels[food]


def _candidates_by_label(class_logits: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    scores = class_logits.softmax(dim=1)[:, 1:].T
    labels, rois = torch.where(scores > threshold)
    return rois, labels + 1


def _candidates_without_last(class_logits: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    roi, labels = _candidates(class_logits, threshold)
    kept = labels < class_logits.shape[1] - 1
    return roi[kept], labels[kept]


def _candidates_first(class_logits: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    roi, labels = _candidates(class_logits, threshold)
    first = torch.ones_like(roi, dtype=torch.bool)
    first[1:] = roi[1:] != roi[:-1]
    return roi[first], labels[first]


def _candidates_as_pairs(class_logits: Tensor, threshold: float) -> Tensor:
    return torch.stack(_candidates(class_logits, threshold), dim=1)


def _candidates_edges() -> list[Case]:
    # A RoI on the bare table; one that is surely of class 2; one torn between 1 and 3.
    clear = torch.tensor([[6.0, 0, 1, 0], [0, 0, 5, 0], [0, 3, 0, 2.5]])
    alike = torch.tensor([[0.0, 0, 0, 0], [1, 2, 0, 0]])  # four equal scores of exactly 1/4
    many = 2 * _normal(np.random.default_rng(10), 100, 7)
    return [(clear, 0.05), (clear, 0.5), (alike, 0.25), (many, 0.05), (clear[:1], 0.5), (torch.zeros(0, 7), 0.05)]


def _candidates_random(rng: Generator) -> list[Case]:
    return [(2 * _normal(rng, 6, 5), 0.1) for _ in range(3)]


# --- the two losses ---------------------------------------------------------------------------------------------


def _pick(masks: Tensor, labels: Tensor) -> Tensor:
    return masks[torch.arange(len(labels)), labels]


def _box_loss(deltas: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    no_logits = torch.zeros(deltas.shape[:2])
    return losses.box_losses(no_logits, deltas, labels, targets)[1]


def _smooth_l1(values: Tensor, targets: Tensor) -> Tensor:
    return F.smooth_l1_loss(values, targets, beta=1 / 9, reduction="sum")


def _box_loss_by_positives(deltas: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    return _box_loss(deltas, labels, targets) * len(labels) / max(int((labels > 0).sum()), 1)


def _box_loss_with_background(deltas: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    return _smooth_l1(_pick(deltas, labels), targets) / len(labels)


def _box_loss_all_classes(deltas: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    positive = labels > 0
    return _smooth_l1(deltas[positive], targets[positive][:, None].expand_as(deltas[positive])) / len(labels)


def _box_loss_shifted(deltas: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    positive = labels > 0
    return _smooth_l1(_pick(deltas[positive], labels[positive] - 1), targets[positive]) / len(labels)


def _box_loss_of(distance: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., Tensor]:
    """Another distance between the true class's deltas of the positives and their targets, over all RoIs."""

    def loss(deltas: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
        positive = labels > 0
        return distance(_pick(deltas[positive], labels[positive]), targets[positive]) / len(labels)

    return loss


def _box_loss_per_number(deltas: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    """The mean over all numbers of the positives, as PyTorch gives it by itself."""
    return _box_loss_by_positives(deltas, labels, targets) / 4


def _box_loss_rows(deltas: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    positive = labels > 0
    own = _pick(deltas[positive], labels[positive])
    return F.smooth_l1_loss(own, targets[positive], beta=1 / 9, reduction="none").sum(dim=1) / len(labels)


def _box_loss_all_with_all(deltas: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    positive = labels > 0
    every = deltas[positive][:, labels[positive]]
    return _smooth_l1(every, targets[positive].expand_as(every)) / len(labels)


def _box_loss_by_positives_alone(deltas: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    return _box_loss(deltas, labels, targets) * len(labels) / (labels > 0).sum()


def _box_loss_mean(deltas: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    positive = labels > 0
    return F.smooth_l1_loss(_pick(deltas[positive], labels[positive]), targets[positive], beta=1 / 9)


def _bowl(half: float = 0.5, less: float = 0.5, beta: float = 1 / 9) -> Callable[..., Tensor]:
    """The distance with another factor within beta, with less or more taken away beyond it, or with another beta."""

    def distance(values: Tensor, targets: Tensor) -> Tensor:
        error = (values - targets).abs()
        return torch.where(error < beta, half * error**2 / beta, error - less * beta).sum()

    return _box_loss_of(distance)


def _box_loss_inside_out(values: Tensor, targets: Tensor) -> Tensor:
    error = (values - targets).abs()
    return torch.where(error < 1 / 9, error - 1 / 18, 4.5 * error**2).sum()


def _box_loss_by_positives_beta_1(deltas: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    positive = labels > 0
    own = _pick(deltas[positive], labels[positive])
    return F.smooth_l1_loss(own, targets[positive], reduction="sum") / max(int(positive.sum()), 1)


def _box_loss_shifted_undivided(deltas: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    return _box_loss_shifted(deltas, labels, targets) * len(labels)


def _box_loss_undivided(deltas: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    return _box_loss(deltas, labels, targets) * len(labels)


def _box_loss_edges() -> list[Case]:
    near = torch.zeros(3, 3, 4)
    near[1, 2], near[0, 0] = 0.5, 2.0  # half a step off in the right class; a background box that must not count
    rng = np.random.default_rng(10)
    mixed = torch.tensor([0, 2, 1, 0, 2, 3])
    return [
        (near, torch.tensor([0, 2, 0]), torch.zeros(3, 4)),
        (_normal(rng, 6, 4, 4), mixed, _normal(rng, 6, 4)),  # far off: where the distance is straight
        (0.05 * _normal(rng, 6, 4, 4), mixed, torch.zeros(6, 4)),  # near: where it is a parabola
        (_around_beta(), torch.tensor([1, 0]), torch.zeros(2, 4)),
        (_normal(rng, 3, 4, 4), torch.zeros(3, dtype=torch.int64), _normal(rng, 3, 4)),  # nothing but background
        (_normal(rng, 64, 7, 4), torch.from_numpy(rng.integers(-18, 7, 64).clip(0)), _normal(rng, 64, 4)),
    ]


def _around_beta() -> Tensor:
    """Deltas whose errors lie a little below and above beta, on both sides of 0."""
    deltas = torch.zeros(2, 3, 4)
    deltas[0, 1] = torch.tensor([0.105, -0.118, 0.15, -0.09])
    return deltas


def _box_loss_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for count in (4, 6, 8):
        labels = torch.from_numpy(np.concatenate([[0, 1, 2], rng.integers(0, 4, count - 3)]))
        cases.append((_normal(rng, count, 4, 4), labels, _normal(rng, count, 4)))
    return cases


def _mask_loss_all_classes(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    every = targets[:, None].expand_as(logits)
    return F.binary_cross_entropy_with_logits(logits, every) if len(labels) else logits.sum() * 0


def _mask_loss_softmax(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    own = _pick(logits.softmax(dim=1), labels)
    return F.binary_cross_entropy(own, targets) if len(labels) else logits.sum() * 0


def _mask_loss_shifted(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    return losses.mask_loss(logits, labels - 1, targets)


def _mask_loss_sum(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    return losses.mask_loss(logits, labels, targets) * targets[:1].numel()


def _mask_loss(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    return losses.mask_loss(logits, labels, targets)


def _mask_loss_of(distance: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., Tensor]:
    """Another loss of the true class's logits and their targets."""

    def loss(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
        return distance(_pick(logits, labels), targets) if len(labels) else logits.sum() * 0

    return loss


def _of_sigmoid_twice(values: Tensor, targets: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(values.sigmoid(), targets)


def _of_hard_targets(values: Tensor, targets: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(values, (targets > 0.5).float())


def _of_logits_as_they_are(values: Tensor, targets: Tensor) -> Tensor:
    return -(targets * values.log() + (1 - targets) * (1 - values).log()).mean()


def _of_squares(values: Tensor, targets: Tensor) -> Tensor:
    return F.mse_loss(values.sigmoid(), targets)


def _of_food_only(values: Tensor, targets: Tensor) -> Tensor:
    return -(targets * F.logsigmoid(values)).mean()


def _of_every_pixel(values: Tensor, targets: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(values, targets, reduction="none")


def _mask_loss_shifted_sum(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    return losses.mask_loss(logits, labels - 1, targets) * targets.numel()


def _mask_loss_competing(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    return F.cross_entropy(logits, (targets > 0.5).long() * labels[:, None, None])


def _mask_loss_all_with_all(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    every = logits[:, labels]
    return F.binary_cross_entropy_with_logits(every, targets.expand_as(every)) if len(labels) else logits.sum() * 0


def _mask_loss_nan(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(_pick(logits, labels), targets)


def _mask_case(rng: Generator, count: int, classes: int, side: int) -> Case:
    labels = torch.from_numpy(rng.integers(1, classes, count))
    # No logit is exactly 0, where ways to write the same loss part at a corner and have different gradients.
    return _normal(rng, count, classes, side, side) + 0.0004, labels, _soft(rng, count, side, side)


def _soft(rng: Generator, *shape: int) -> Tensor:
    """Targets as RoIAlign makes them: 0, 1, and all between at the outlines."""
    return torch.from_numpy(rng.uniform(-1, 2, shape).clip(0, 1).round(2)).float()


def _mask_loss_edges() -> list[Case]:
    logits = torch.zeros(1, 3, 2, 2)
    logits[0, 1] = 4.0  # sure, and right; the other classes' masks are in doubt
    rng = np.random.default_rng(11)
    return [
        (logits, torch.tensor([1]), torch.ones(1, 2, 2)),
        *(_mask_case(rng, *each) for each in ((2, 4, 2), (3, 7, 28), (0, 3, 2))),
    ]


def _mask_loss_random(rng: Generator) -> list[Case]:
    return [_mask_case(rng, count, 4, 4) for count in (2, 3)]


# --- pasting ----------------------------------------------------------------------------------------------------


def _paste(mask: Tensor, box: Tensor, height: int, width: int) -> Tensor:
    return postprocess.paste(mask[None], box[None], height, width)[0]


def _lay(mask: Tensor, box: Tensor, height: int, width: int, extra: int = 1) -> Tensor:
    """A mask stretched over the whole pixels from the box's first corner to its second, ``extra`` included."""
    x1, y1, x2, y2 = box.long().tolist()
    size = (max(y2 - y1 + extra, 1), max(x2 - x1 + extra, 1))
    stretched = F.interpolate(mask[None, None], size=size, mode="bilinear", align_corners=False)[0, 0]
    image = torch.zeros(height, width)
    top, left, bottom, right = max(y1, 0), max(x1, 0), min(y1 + size[0], height), min(x1 + size[1], width)
    image[top:bottom, left:right] = stretched[top - y1 : bottom - y1, left - x1 : right - x1]
    return image


def _paste_plain(mask: Tensor, box: Tensor, height: int, width: int) -> Tensor:
    return _lay(mask, box, height, width)


def _paste_frame_squeezed(mask: Tensor, box: Tensor, height: int, width: int) -> Tensor:
    return _lay(F.pad(mask, (1, 1, 1, 1)), box, height, width)


def _paste_without_last(mask: Tensor, box: Tensor, height: int, width: int) -> Tensor:
    grown = postprocess.grow(box[None], (len(mask) + 2) / len(mask))[0]
    return _lay(F.pad(mask, (1, 1, 1, 1)), grown, height, width, extra=0)


def _paste_other(  # every argument is something that people do otherwise
    mask: Tensor,
    box: Tensor,
    height: int,
    width: int,
    whole: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]] = lambda low, high: (low.trunc(), high.trunc()),
    frame: int = 1,
    growth: float = 0.0,
    from_corner: bool = False,
    look: dict[str, Any] | None = None,
    edge: str = "",
    extra: tuple[int, int] = (1, 1),
    laid: tuple[int, int] = (1, 1),
) -> Tensor:
    framed = F.pad(mask, (frame, frame, frame, frame))
    growth = growth or 1 + 2 * max(frame, 1) / len(mask)
    half = (box[2:] - box[:2]) / 2
    centre = box[:2] + half * (growth if from_corner else 1)
    low, high = whole(centre - half * growth, centre + half * growth)
    (x1, y1), (x2, y2) = low.long().tolist(), high.long().tolist()
    look = look or {"mode": "bilinear", "align_corners": False}
    rows, columns = max(y2 - y1 + extra[0], 1), max(x2 - x1 + extra[1], 1)
    image = torch.zeros(height, width)
    if edge == "forgotten":
        image[y1 : y1 + rows, x1 : x1 + columns] = F.interpolate(framed[None, None], size=(rows, columns), **look)[0, 0]
        return image
    ends = (rows, columns) if laid == extra else (y2 - y1 + laid[0], x2 - x1 + laid[1])
    top, left, bottom, right = max(y1, 0), max(x1, 0), min(y1 + ends[0], height), min(x1 + ends[1], width)
    size = (bottom - top, right - left) if edge == "squeezed" else (rows, columns)
    big = F.interpolate(framed[None, None], size=size, **look)[0, 0]
    first = (0, 0) if edge else (top - y1, left - x1)
    image[top:bottom, left:right] = big[first[0] : first[0] + bottom - top, first[1] : first[1] + right - left]
    return image


def _pasted(**otherwise: Any) -> Callable[..., Tensor]:
    return lambda mask, box, height, width: _paste_other(mask, box, height, width, **otherwise)


def _rounded(low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
    return low.round(), high.round()


def _floored(low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
    return low.floor(), high.floor()


def _outward(low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
    return low.floor(), high.ceil()


def _paste_turned(mask: Tensor, box: Tensor, height: int, width: int) -> Tensor:
    return _paste(mask, box, width, height).T


def _paste_thresholded(mask: Tensor, box: Tensor, height: int, width: int) -> Tensor:
    return (_paste(mask, box, height, width) > 0.5).float()


def _paste_edges() -> list[Case]:
    cases: list[Case] = [
        (torch.ones(4, 4), torch.tensor([4.0, 2.0, 12.0, 10.0]), 12, 16),
        (torch.ones(6, 6), torch.tensor([-3.2, 4.3, 9.1, 22.6]), 18, 20),  # over the left and the lower edge
        (torch.ones(6, 6), torch.tensor([11.3, -2.4, 24.7, 9.2]), 18, 20),  # over the upper and the right edge
    ]
    rng = np.random.default_rng(10)
    mask = torch.from_numpy(rng.uniform(0, 1, (28, 28)).round(2)).float()
    return cases + [
        (mask[:6, 3:9], torch.tensor([-1.2, -0.6, 21.4, 19.1]), 18, 20),  # over all four edges
        (mask, torch.tensor([3.3, 4.4, 8.8, 11.7]), 16, 14),  # a tiny piece: the mask shrinks
        (mask, torch.tensor([88.6, 30.4, 157.2, 115.7]), 120, 160),
    ]


def _paste_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for _ in range(3):
        corner = rng.uniform(2, 6, 2)
        box = np.concatenate([corner, corner + rng.uniform(5, 8, 2)]).round(1)
        # Clear of whole numbers, where the last digit would decide which pixel a corner falls to.
        mask = torch.from_numpy(rng.uniform(0.2, 1, (6, 6)).round(2)).float()
        cases.append((mask, torch.from_numpy(box + 0.037).float(), 18, 20))
    return cases


LESSON = Lesson(
    10,
    [
        Exercise(
            id="candidates",
            title="Which classes of which RoIs go on",
            points=2,
            whole=True,
            shortcuts=("torchvision.models.detection.roi_heads.RoIHeads",),
            reference=_candidates,
            edges=_candidates_edges,
            random=_candidates_random,
            misconceptions={
                "The background became a detection. It takes part in the softmax, but nobody wants a box around "
                "nothing: leave its column out afterwards.": _candidates_with_background,
                "Your labels are one too small: after [:, 1:] the first column is class 1.": _candidates_shifted,
                "You forgot the background in the softmax. Without it a RoI on the bare table must be some food; take "
                "the softmax over all columns first, drop column 0 after.": _candidates_without_background,
                "You kept only the best class of each RoI. A RoI torn between two classes gives two candidates; NMS "
                "works within each class and sorts them out later.": _candidates_best,
                "A sigmoid judges every class alone. This branch lets the classes compete, background included: "
                "softmax.": _candidates_sigmoid,
                "You forgot the background in the softmax. (That is not all: your labels are one too small.)": (
                    _candidates_without_background_shifted
                ),
                "You compare logits with the threshold. It is a score, so a softmax has to come first.": (
                    _candidates_by_logit
                ),
                "You compare exp(logit) with the threshold, but nothing divides it by the sum of its row.": (
                    _candidates_by_power
                ),
                "Your softmax adds up to 1 over the RoIs. It is the classes of one RoI that compete: dim=1.": (
                    _candidates_over_rois
                ),
                "You dropped the RoIs in which the background wins. A food in them may lie above the threshold all the "
                "same, and then it counts.": _candidates_where_food_wins,
                "Your candidates are sorted by label. They are to come row by row, and by label only within a row.": (
                    _candidates_by_label
                ),
                "The last class is left out: there are C foods, in columns 1 to C.": _candidates_without_last,
                "You stop at the first class of a RoI that is sure enough. A RoI may have several.": _candidates_first,
                "Your threshold is always 0.05. How high it is says `threshold`.": (
                    lambda class_logits, threshold: _candidates(class_logits, 0.05)
                ),
                "Your pairs stand in one table. Two results are asked for, RoIs and labels.": _candidates_as_pairs,
            },
            hints=(
                "Who takes part in the contest for the score, and who can become a candidate?",
                "Scores from a softmax over each row; which of the foods lie above the threshold; their rows, and "
                "their columns as labels.",
                "class_logits.softmax(dim=1), then cut off column 0. torch.where or torch.nonzero of the comparison "
                "gives rows and columns in the order that is asked for. The columns count from 0 there, the labels "
                "from 1.",
            ),
        ),
        Exercise(
            id="box-loss",
            title="The loss of the box branch",
            points=2,
            shortcuts=("torchvision.models.detection.roi_heads.fastrcnn_loss",),
            reference=_box_loss,
            probe=with_gradient,
            edges=_box_loss_edges,
            random=_box_loss_random,
            tolerance=1e-5,
            misconceptions={
                "You divided by the number of positives. Fast R-CNN divides by all sampled RoIs, so that an image with "
                "one object does not weigh as much as an image with sixteen.": _box_loss_by_positives,
                "RoIs of the background have no box to learn: leave labels of 0 out of the sum (they still count in "
                "the division).": _box_loss_with_background,
                "You corrected the boxes of all classes. Only the deltas of the true class are asked for; the others "
                "are left in peace.": _box_loss_all_classes,
                "beta is 1/9 here; PyTorch takes 1 unless you say beta=1 / 9.": _box_loss_of(
                    lambda values, targets: F.smooth_l1_loss(values, targets, reduction="sum")
                ),
                "That is the plain L1 distance. The smooth one is a parabola where the error is below beta = 1/9.": (
                    _box_loss_of(lambda values, targets: (values - targets).abs().sum())
                ),
                "The sum is not divided. Fast R-CNN divides it by the number of all sampled RoIs.": _box_loss_undivided,
                "Those are the deltas of the class before: row 0 belongs to the background, so the label is already "
                "the right index.": _box_loss_shifted,
                "That is a mean over all numbers of the positives, as PyTorch takes it by itself. Here it is a sum, "
                'reduction="sum", divided by the number of all sampled RoIs.': _box_loss_per_number,
                "You divided by the number of positives. Fast R-CNN divides by all sampled RoIs; and where there is "
                "nothing but background, yours is 0 divided by 0.": _box_loss_by_positives_alone,
                "That is a mean over all numbers of the positives, and of none it is NaN. Here it is a sum, "
                'reduction="sum", divided by the number of all sampled RoIs.': _box_loss_mean,
                "You divided by 4 * R. The four errors of a RoI are added up: R alone.": (
                    lambda deltas, labels, targets: _box_loss(deltas, labels, targets) / 4
                ),
                "Within beta the half is missing: e squared divided by 2 * beta.": _bowl(half=1),
                "Beyond beta you give the error itself. Take half of beta away, so that the straight line goes on "
                "where "
                "the bowl ends.": _bowl(less=0),
                "Beyond beta you take the whole of it away. Half of beta makes the line go on where the bowl ends.": (
                    _bowl(less=1)
                ),
                "beta is 1/9, not 9.": _bowl(beta=9),
                "The bowl and the straight line have changed places: squares where the error is *below* beta.": (
                    _box_loss_of(_box_loss_inside_out)
                ),
                "Those are the deltas of row 0, the background's. Each positive RoI has a row for its own label.": (
                    lambda deltas, labels, targets: _box_loss(deltas[:, :1].expand_as(deltas), labels, targets)
                ),
                "Four numbers for each positive RoI come back. One for all of them is asked for: the sum.": (
                    _box_loss_of(
                        lambda values, targets: F.smooth_l1_loss(values, targets, beta=1 / 9, reduction="none")
                    )
                ),
                "Squares of the errors are asked for only below beta. Beyond it the loss grows in a straight line.": (
                    _box_loss_of(lambda values, targets: ((values - targets) ** 2).sum())
                ),
                "One number for each RoI comes back. One for all of them is asked for: the sum.": _box_loss_rows,
                "You compared the deltas of every positive RoI's label with every RoI. Two lists of indices side by "
                "side, deltas[positive, labels[positive]], pick one row for each.": _box_loss_all_with_all,
                "You divided by the number of positives. (That is not all: beta is 1/9 here.)": (
                    _box_loss_by_positives_beta_1
                ),
                "Those are the deltas of the class before. (That is not all: the sum is not divided.)": (
                    _box_loss_shifted_undivided
                ),
            },
            hints=(
                "Which RoIs have a box to learn, and which of their deltas? And by how many is the sum divided?",
                "The positive RoIs; of each the deltas of its own label; the smooth L1 distance to its target; the "
                "sum of all, over the number of all RoIs.",
                "positive = torch.where(labels > 0)[0] are indices; deltas[positive, labels[positive]] is (P, 4). "
                'F.smooth_l1_loss with beta=1 / 9 and reduction="sum" adds up what is to be divided by len(labels), '
                "background included.",
            ),
        ),
        Exercise(
            id="mask-loss",
            title="The loss of the mask branch",
            points=2,
            shortcuts=(
                "torchvision.models.detection.roi_heads.maskrcnn_loss",
                "torchvision.models.detection.roi_heads.project_masks_on_boxes",
            ),
            reference=_mask_loss,
            probe=with_gradient,
            edges=_mask_loss_edges,
            random=_mask_loss_random,
            tolerance=1e-5,
            misconceptions={
                "You asked the masks of all classes to look like this object. Only the true class's mask is judged; "
                "the others are left alone.": _mask_loss_all_classes,
                "With a softmax over the classes the masks compete for pixels. The paper uses a sigmoid per pixel "
                "(its table 2b measures what the softmax costs).": _mask_loss_softmax,
                "That is the mask of the class before: channel 0 is the background's, so the label is already the "
                "right index.": _mask_loss_shifted,
                "You summed over the pixels. It is the mean over all pixels of all masks, so that the size of the "
                "mask does not set its weight.": _mask_loss_sum,
                "You added up the means of the masks. Divide by their number, P.": (
                    lambda logits, labels, targets: losses.mask_loss(logits, labels, targets) * len(labels)
                ),
                "You took the mask of the background, channel 0. Each RoI has one for its own label.": (
                    lambda logits, labels, targets: losses.mask_loss(logits, 0 * labels, targets)
                ),
                "You take the logarithm of logits. A sigmoid makes probabilities of them first.": (
                    _mask_loss_of(_of_logits_as_they_are)
                ),
                "Your logits went through two sigmoids: binary_cross_entropy_with_logits holds one itself.": (
                    _mask_loss_of(_of_sigmoid_twice)
                ),
                "You cut the targets at one half. RoIAlign makes soft ones at the outlines, and the loss takes them as "
                "they are.": _mask_loss_of(_of_hard_targets),
                "That is the mean of squares. Each pixel is a yes or no: a cross-entropy.": _mask_loss_of(_of_squares),
                "Only pixels of the object count in your loss. A mask that covers everything would be perfect: the "
                "term (1 - t) log(1 - p) is missing.": _mask_loss_of(_of_food_only),
                "A number for each pixel comes back. One for all is asked for: the mean.": (
                    _mask_loss_of(_of_every_pixel)
                ),
                "You made the classes compete in every pixel, with a softmax. Only the true class's mask is judged, "
                "each pixel by a sigmoid.": _mask_loss_competing,
                "You compared the masks of all labels with every target. Two lists of indices side by side, "
                "torch.arange(len(labels)) and labels, pick one mask for each RoI.": _mask_loss_all_with_all,
                "That is the mask of the class before. (That is not all: it is the mean, not the sum.)": (
                    _mask_loss_shifted_sum
                ),
                "Without any RoI the mean is 0 divided by 0, NaN, and one NaN spoils all weights. It should be 0.": (
                    _mask_loss_nan
                ),
            },
            hints=(
                "Which of the C + 1 masks of a RoI is judged, and what does a single pixel of it have to answer?",
                "Pick the true class's mask of each RoI; binary cross-entropy in each pixel; the mean. And what if "
                "there is no RoI?",
                "logits[torch.arange(len(labels)), labels] is (P, M, M). F.binary_cross_entropy_with_logits holds the "
                "sigmoid, the cross-entropy and the mean; of nothing that mean is NaN, so give logits.sum() there, "
                "which is 0 and can be differentiated.",
            ),
        ),
        Exercise(
            id="paste-mask",
            title="Paste one mask into the photo",
            points=3,
            shortcuts=(
                "torchvision.models.detection.roi_heads.paste_masks_in_image",
                "torchvision.models.detection.roi_heads.paste_mask_in_image",
            ),
            reference=_paste,
            edges=_paste_edges,
            random=_paste_random,
            tolerance=1e-4,
            misconceptions={
                "You stretched the bare mask over its box: its border stops short at full strength. Put a frame of "
                "zeros around it first, and let the box grow to match.": _paste_plain,
                "You put the frame of zeros around the mask but left the box as it was, so the piece came out too "
                "small. The box must grow by (M + 2) / M around its centre.": _paste_frame_squeezed,
                "One row and one column are missing: x2 and y2 are the last pixels here, so the width is "
                "x2 - x1 + 1.": _paste_without_last,
                "You stretch the mask to x2 - x1 and y2 - y1, and then there is a row and a column more to fill: x2 "
                "and "
                "y2 are the last pixels here, so it is one more in both places.": _pasted(extra=(0, 0)),
                "Your mask is of the right size, but its last row and column are left out: they are row y2 and column "
                "x2, and a slice ends before its second number.": _pasted(laid=(0, 0)),
                "One column is missing: x2 is the last pixel here, so the width is x2 - x1 + 1. You have it right for "
                "the rows.": _pasted(extra=(1, 0), laid=(1, 0)),
                "One row is missing: y2 is the last pixel here, so the height is y2 - y1 + 1. You have it right for "
                "the columns.": _pasted(extra=(0, 1), laid=(0, 1)),
                "The box has grown, but the mask has no frame of zeros around it: so what it shows has grown as "
                "well.": (_pasted(frame=0)),
                "Your box grows by (M + 1) / M. The frame has a cell on either side, so two.": (
                    lambda mask, box, height, width: _paste_other(
                        mask, box, height, width, growth=(len(mask) + 1) / len(mask)
                    )
                ),
                "Your box shrinks. With its frame the mask is larger: (M + 2) / M, not M / (M + 2).": (
                    lambda mask, box, height, width: _paste_other(
                        mask, box, height, width, growth=len(mask) / (len(mask) + 2)
                    )
                ),
                "You cut at one half already. Pasting keeps probabilities; the user chooses the "
                "threshold.": _paste_thresholded,
                "At the edge of the photo you take the stretched mask from its beginning. What lies outside are its "
                "*first* rows or columns: begin at row top - y1, column left - x1.": _pasted(edge="from its beginning"),
                "You squeeze the mask into what the photo shows of its box. Stretch it over the whole box first, then "
                "lay in only the part that is inside.": _pasted(edge="squeezed"),
                "The grown box reaches over the edge of the photo, and your code tries to write there.": (
                    _pasted(edge="forgotten")
                ),
                "You round the corners to the nearest whole numbers. Cut them off, toward zero: .long().": (
                    _pasted(whole=_rounded)
                ),
                "You round the corners down. Cut them off toward zero: of -0.7 comes 0, not -1.": (
                    _pasted(whole=_floored)
                ),
                "You round the corners outward. Cut them off, toward zero: .long().": _pasted(whole=_outward),
                "With align_corners=True the centres of the first and last cells lie on the box's edge. Leave it "
                "out.": _pasted(look={"mode": "bilinear", "align_corners": True}),
                'You stretched without interpolation: the cells of the mask show as squares. mode="bilinear".': _pasted(
                    look={"mode": "nearest"}
                ),
                "Your box grows from its corner x1, y1. It is to grow around its centre.": _pasted(from_corner=True),
                "Your box always grows by 30/28. The mask may have another size than 28: (M + 2) / M.": (
                    _pasted(growth=30 / 28)
                ),
                "Your frame is two cells wide. One is asked for.": _pasted(frame=2),
                "Height and width of the photo have changed places.": _paste_turned,
                "One row and one column are missing: the width is x2 - x1 + 1. (That is not all: corners are cut off, "
                "not rounded.)": _pasted(whole=_rounded, extra=(0, 0), laid=(0, 0)),
            },
            hints=(
                "Take a mask of 2 x 2 and a box of 4 x 4 in the middle of a photo. Where does its frame begin, and "
                "where is a value that lies between two cells?",
                "Frame, grow, cut off, stretch; and last lay into zeros what lies within the photo.",
                "F.pad(mask, (1, 1, 1, 1)); half the size times (M + 2) / M to both sides of the centre; .long(); "
                "F.interpolate to (y2 - y1 + 1, x2 - x1 + 1), which wants two more axes in front. Copy only rows "
                "max(y1, 0) to min(y2 + 1, height), and take the same rows, less y1, from the stretched mask; columns "
                "likewise.",
            ),
        ),
        *SECOND_STAGE,
    ],
)

check = LESSON.check
