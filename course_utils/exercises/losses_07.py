"""The exercise of lesson 07 about the two losses of the region proposal network."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor
from torch.nn import functional as F

from course_utils.exercises import modules
from course_utils.exercises.core import Case, Exercise
from course_utils.mask_rcnn import losses

Pair = tuple[Tensor, Tensor]


def _losses(
    objectness: Tensor, deltas: Tensor, labels: Tensor, true_deltas: Tensor, objects: Tensor, background: Tensor
) -> Pair:
    return losses.rpn_losses(objectness, deltas, labels, true_deltas, objects, background)


def _scored(
    chosen: Callable[[Tensor, Tensor, Tensor], Tensor], logits: Callable[[Tensor], Tensor] = lambda x: x
) -> Callable[..., Pair]:
    """The first loss over other anchors, ``chosen(labels, objects, background)``, or of other logits."""

    def answer(
        objectness: Tensor, deltas: Tensor, labels: Tensor, true_deltas: Tensor, objects: Tensor, background: Tensor
    ) -> Pair:
        _, box = _losses(objectness, deltas, labels, true_deltas, objects, background)
        k = chosen(labels, objects, background)
        score = F.binary_cross_entropy_with_logits(logits(objectness[k]), labels[k], reduction="sum")
        return score / max(len(objects) + len(background), 1), box

    return answer


def _moved(
    chosen: Callable[[Tensor, Tensor, Tensor], Tensor] | None = None, beta: float = 1 / 9, by: str = "sample"
) -> Callable[..., Pair]:
    """The second loss over other anchors, with another beta, or divided by something else."""

    def answer(
        objectness: Tensor, deltas: Tensor, labels: Tensor, true_deltas: Tensor, objects: Tensor, background: Tensor
    ) -> Pair:
        score, _ = _losses(objectness, deltas, labels, true_deltas, objects, background)
        k = objects if chosen is None else chosen(labels, objects, background)
        count = len(objects) + len(background)
        by_what = {"sample": count, "objects": len(objects), "numbers": 4 * count, "anchors": len(labels), "nothing": 1}
        return score, _distance(deltas[k], true_deltas[k], beta) / max(by_what[by], 1)

    return answer


def _bowl(half: float = 0.5, less: float = 0.5, beta: float = 1 / 9) -> Callable[[Tensor, Tensor], Tensor]:
    """Smooth L1 with another factor within beta, with less or more taken away beyond it, or with another beta."""

    def distance(values: Tensor, targets: Tensor) -> Tensor:
        error = (values - targets).abs()
        return torch.where(error < beta, half * error**2 / beta, error - less * beta).sum()

    return distance


def _squares(values: Tensor, targets: Tensor) -> Tensor:
    return ((values - targets) ** 2).sum()


def _by(distance: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., Pair]:
    """The second loss by another distance."""

    def answer(
        objectness: Tensor, deltas: Tensor, labels: Tensor, true_deltas: Tensor, objects: Tensor, background: Tensor
    ) -> Pair:
        score, _ = _losses(objectness, deltas, labels, true_deltas, objects, background)
        count = max(len(objects) + len(background), 1)
        return score, distance(deltas[objects], true_deltas[objects]) / count

    return answer


def _mean_of_deltas(
    objectness: Tensor, deltas: Tensor, labels: Tensor, true_deltas: Tensor, objects: Tensor, background: Tensor
) -> Pair:
    score, box = _losses(objectness, deltas, labels, true_deltas, objects, background)
    if len(objects) + len(background):
        box = F.smooth_l1_loss(deltas[objects], true_deltas[objects], beta=1 / 9)
    return score, box


def _mean_of_all_anchors(
    objectness: Tensor, deltas: Tensor, labels: Tensor, true_deltas: Tensor, objects: Tensor, background: Tensor
) -> Pair:
    score, box = _losses(objectness, deltas, labels, true_deltas, objects, background)
    if len(objects) + len(background):
        score = F.binary_cross_entropy_with_logits(objectness, labels)
    return score, box


def _distance(deltas: Tensor, true_deltas: Tensor, beta: float) -> Tensor:
    """Smooth L1, added up; with a beta of 0 L1."""
    return F.smooth_l1_loss(deltas, true_deltas, beta=beta, reduction="sum")


def _both(labels: Tensor, objects: Tensor, background: Tensor) -> Tensor:
    return torch.cat([objects, background])


def _all(labels: Tensor, objects: Tensor, background: Tensor) -> Tensor:
    return torch.arange(len(labels))


def _of_all_anchors(
    objectness: Tensor, deltas: Tensor, labels: Tensor, true_deltas: Tensor, objects: Tensor, background: Tensor
) -> Pair:
    _, box = _losses(objectness, deltas, labels, true_deltas, objects, background)
    return F.binary_cross_entropy_with_logits(objectness, labels), box


def _unguarded(
    objectness: Tensor, deltas: Tensor, labels: Tensor, true_deltas: Tensor, objects: Tensor, background: Tensor
) -> Pair:
    score, box = _losses(objectness, deltas, labels, true_deltas, objects, background)
    return (score, box) if len(objects) + len(background) else (score / 0, box / 0)


def _means(
    objectness: Tensor, deltas: Tensor, labels: Tensor, true_deltas: Tensor, objects: Tensor, background: Tensor
) -> Pair:
    k = torch.cat([objects, background])
    score = F.binary_cross_entropy_with_logits(objectness[k], labels[k])
    return score, F.smooth_l1_loss(deltas[objects], true_deltas[objects], beta=1 / 9)


def _after(change: Callable[[Tensor, Tensor, int], object]) -> Callable[..., object]:
    """The right losses, changed: ``change(score loss, box loss, size of the sample)``."""

    def answer(*arguments: Tensor) -> object:
        score, box = _losses(*arguments)
        return change(score, box, len(arguments[4]) + len(arguments[5]))

    return answer


def _loss_case(rng: Generator, count: int, objects: Sequence[int], background: Sequence[int]) -> Case:
    labels = torch.zeros(count)
    labels[list(objects)] = 1
    numbers = [
        torch.from_numpy(rng.normal(size=shape).round(2)).float() for shape in ((count,), (count, 4), (count, 4))
    ]
    chosen = [torch.tensor(list(k), dtype=torch.int64) for k in (objects, background)]
    return numbers[0], numbers[1] / 4, labels, numbers[2] / 4, *chosen


def _losses_edges() -> list[Case]:
    rng = np.random.default_rng(3)
    real = _loss_case(rng, 300, range(0, 300, 37), range(1, 120))
    few = [([1], [0, 3]), ([], [0, 2]), ([2, 4], [0]), ([], [2]), ([1], []), ([], [])]
    return [*(_loss_case(rng, 5, *chosen) for chosen in few), real]


def _losses_random(rng: Generator) -> list[Case]:
    return [_loss_case(rng, 12, [1, 5, 7], [0, 2, 3, 8])]


LOSSES = Exercise(
    id="rpn-losses",
    title="The two losses of the RPN",
    points=2,
    shortcuts=("torchvision.models.detection.rpn.RegionProposalNetwork",),
    reference=_losses,
    edges=_losses_edges,
    random=_losses_random,
    tolerance=1e-5,
    probe=modules.gradients,
    misconceptions={
        "Background has no box: only the sampled objects are in the second loss.": _moved(_both),
        "The second loss is over the sampled objects, not over all anchors.": _moved(_all),
        "You asked all anchors. The first loss looks at the sample only: objects and background that were drawn.": (
            _of_all_anchors
        ),
        "In the first loss all anchors are added up. Only the sample counts: objects and background that were "
        "drawn.": _scored(_all),
        "The first loss asks the sampled background, too: that nothing is there must be learnt as well.": (
            _scored(lambda labels, objects, background: objects)
        ),
        "The first loss asks the sampled objects, too.": _scored(lambda labels, objects, background: background),
        "`objectness` holds logits. binary_cross_entropy_with_logits takes the sigmoid itself: yours came twice.": (
            _scored(_both, torch.sigmoid)
        ),
        "An object should have a large logit: your first loss has the labels, or the sign, the wrong way round.": (
            _scored(_both, lambda logits: -logits)
        ),
        "The second loss is divided by the whole sample, not by the number of objects.": _moved(by="objects"),
        "The second loss is divided by the number of anchors in the sample, not by that of all anchors.": (
            _moved(by="anchors")
        ),
        "The second loss is divided by the number of anchors in the sample. You divided by the four deltas of each, "
        "too.": _moved(by="numbers"),
        "The second loss is not divided at all. Like the first, it is a share of the whole sample.": (
            _moved(by="nothing")
        ),
        "The first loss is not divided. Like the second, it is a share of the whole sample.": (
            _after(lambda score, box, count: (score * max(count, 1), box))
        ),
        "You took PyTorch's means. They divide by how many numbers there are, here 4 for each object, and of nothing "
        "they make nan. Add up, and divide by the size of the sample.": _means,
        "The second loss is PyTorch's mean: it divides by how many numbers there are, and without an object that is 0 "
        "divided by 0. Add up, and divide by the size of the sample.": _mean_of_deltas,
        "The first loss is the mean over all anchors. It looks at the sample only: objects and background.": (
            _mean_of_all_anchors
        ),
        "Those are squares. Smooth L1 is one only below beta; beyond it the loss grows in a straight line.": (
            _by(_squares)
        ),
        "Below beta the half is missing: e squared divided by 2 * beta.": _by(_bowl(half=1)),
        "Beyond beta you give the error itself. Take half of beta away, so that the line goes on where the bowl "
        "ends.": (_by(_bowl(less=0))),
        "beta is 1/9, not 9.": _by(_bowl(beta=9)),
        "When nothing was sampled you divide by 0. Both losses are 0 then.": _unguarded,
        "beta is 1/9 here; PyTorch takes 1 unless you say beta=1 / 9.": _moved(beta=1.0),
        "That is the plain L1 distance. Smooth L1 is round at the bottom: beta=1 / 9.": _moved(beta=0.0),
        "Neither sum is divided: both are shares of the whole sample.": (
            _after(lambda score, box, count: (score * max(count, 1), box * max(count, 1)))
        ),
        "You exchanged the two: objectness first, then boxes.": _after(lambda score, box, _: (box, score)),
        "You added the two up. They are asked for one by one.": _after(lambda score, box, _: score + box),
        "Nothing can be learnt through your second loss: .detach(), .item() or new tensors cut its gradient off.": (
            _after(lambda score, box, _: (score, box.detach()))
        ),
    },
    hints=(
        "Who has an opinion on objectness, and who has a box to learn?",
        "One index for the whole sample, objects and background. The first loss over all of it, the second over the "
        "objects only; both added up, both divided by the same number.",
        "Join the two index tensors for the first loss. Binary cross-entropy of the logits, smooth L1 with a beta of "
        "1/9, each with reduction='sum'; divide both by the size of the sample, at least 1.",
    ),
)
