"""Exercises of lesson 10: what stands between, after and behind the parts of Mask R-CNN."""

from collections.abc import Callable

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


def _candidates(class_logits: Tensor, threshold: float) -> tuple[Tensor, ...]:
    scores = class_logits.softmax(dim=1)
    scores[:, 0] = 0  # the background is never a detection
    return torch.where(scores > threshold)


def _candidates_with_background(class_logits: Tensor, threshold: float) -> tuple[Tensor, ...]:
    return torch.where(class_logits.softmax(dim=1) > threshold)


def _candidates_shifted(class_logits: Tensor, threshold: float) -> tuple[Tensor, ...]:
    return torch.where(class_logits.softmax(dim=1)[:, 1:] > threshold)


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


def _candidates_edges() -> list[Case]:
    # A RoI on the bare table; one that is surely of class 2; one torn between 1 and 3.
    clear = torch.tensor([[6.0, 0, 1, 0], [0, 0, 5, 0], [0, 3, 0, 2.5]])
    return [(clear, 0.05), (clear, 0.5)]


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
    ]


def _box_loss_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for count in (4, 6, 8):
        labels = torch.from_numpy(np.concatenate([[0, 1, 2], rng.integers(0, 4, count - 3)]))
        cases.append((_normal(rng, count, 4, 4), labels, _normal(rng, count, 4)))
    return cases


def _mask_loss_all_classes(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, targets[:, None].expand_as(logits))


def _mask_loss_softmax(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    return F.binary_cross_entropy(_pick(logits.softmax(dim=1), labels), targets)


def _mask_loss_shifted(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    return losses.mask_loss(logits, labels - 1, targets)


def _mask_loss_sum(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    return losses.mask_loss(logits, labels, targets) * targets.numel() / len(labels)


def _mask_loss_edges() -> list[Case]:
    logits = torch.zeros(1, 3, 2, 2)
    logits[0, 1] = 4.0  # sure, and right; the other classes' masks are in doubt
    cases: list[Case] = [(logits, torch.tensor([1]), torch.ones(1, 2, 2))]
    return cases


def _mask_loss_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for count in (2, 3):
        targets = torch.from_numpy(rng.integers(0, 2, (count, 4, 4))).float()
        cases.append((_normal(rng, count, 4, 4, 4), torch.from_numpy(rng.integers(1, 4, count)), targets))
    return cases


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


def _paste_thresholded(mask: Tensor, box: Tensor, height: int, width: int) -> Tensor:
    return (_paste(mask, box, height, width) > 0.5).float()


def _paste_edges() -> list[Case]:
    cases: list[Case] = [
        (torch.ones(4, 4), torch.tensor([4.0, 2.0, 12.0, 10.0]), 12, 16),
        (torch.ones(6, 6), torch.tensor([-3.2, 4.3, 9.1, 22.6]), 18, 20),  # over the left and the lower edge
        (torch.ones(6, 6), torch.tensor([11.3, -2.4, 24.7, 9.2]), 18, 20),  # over the upper and the right edge
    ]
    return cases


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
            },
            hints=(
                "scores = class_logits.softmax(dim=1); torch.where(scores[:, 1:] > threshold) gives rows and columns, "
                "and the columns begin at class 1.",
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
            },
            hints=(
                "positive = torch.where(labels > 0)[0]; deltas[positive, labels[positive]] are (P, 4). Sum the "
                "smooth L1 of beta 1/9 and divide by len(labels).",
            ),
        ),
        Exercise(
            id="mask-loss",
            title="The loss of the mask branch",
            points=2,
            reference=losses.mask_loss,
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
            },
            hints=(
                "Choose the true class's mask of each RoI, then F.binary_cross_entropy_with_logits, which is a mean "
                "by itself.",
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
                "You cut at one half already. Pasting keeps probabilities; the user chooses the "
                "threshold.": _paste_thresholded,
            },
            hints=(
                "Four steps: F.pad(mask, (1, 1, 1, 1)); grow the box around its centre by (M + 2) / M; cut its four "
                "numbers to whole ones; stretch to (y2 - y1 + 1, x2 - x1 + 1) and lay it into zeros.",
            ),
        ),
        *SECOND_STAGE,
    ],
)

check = LESSON.check
