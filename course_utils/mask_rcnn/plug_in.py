"""A part of the model replaced for a while by another function: how a learner's own part is tried in the whole."""

import copy
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_utils.mask_rcnn import losses, model, parity, postprocess
from course_utils.mask_rcnn.model import MaskRCNN


def candidates_into(find: Callable[[Tensor, float], tuple[Tensor, Tensor]]) -> Callable[..., dict[str, Tensor]]:
    """`postprocess.filter_detections` with ``find`` as its first step: logits, threshold -> RoIs and labels."""

    def filter_detections(candidates: Tensor, scores: Tensor, image_size: tuple[int, int], *rest) -> dict[str, Tensor]:
        roi, label = find(scores.log(), rest[0])
        chosen = torch.zeros_like(scores)
        chosen[roi, label] = scores[roi, label]
        # One more class in front, so that a background taken for a class is not dropped: a mistake must be seen.
        shifted = torch.cat([candidates[:, :1], candidates], dim=1), F.pad(chosen, (1, 0))
        found = ORIGINAL_FILTER(*shifted, image_size, *rest)
        return found | {"labels": found["labels"] - 1}

    return filter_detections


def box_loss_into(box_loss: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Callable[..., tuple[Tensor, Tensor]]:
    """`losses.box_losses` with another second half: deltas, labels, targets -> loss."""

    def box_losses(class_logits: Tensor, deltas: Tensor, labels: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        return ORIGINAL_BOX_LOSSES(class_logits, deltas, labels, targets)[0], box_loss(deltas, labels, targets)

    return box_losses


def paste_into(paste_mask: Callable[[Tensor, Tensor, int, int], Tensor]) -> Callable[..., Tensor]:
    """`postprocess.paste` made of a function that pastes one mask: mask, box, height, width -> (height, width)."""

    def paste(masks: Tensor, found: Tensor, height: int, width: int) -> Tensor:
        pasted = [paste_mask(mask, box, height, width) for mask, box in zip(masks, found, strict=True)]
        return torch.stack(pasted) if pasted else masks.new_zeros(0, height, width)

    return paste


ORIGINAL_FILTER = postprocess.filter_detections
ORIGINAL_BOX_LOSSES = losses.box_losses

PLACES = {
    "candidates": (postprocess, "filter_detections", candidates_into),
    "own_masks": (postprocess, "own_class", lambda own: own),
    "paste_mask": (model, "paste", paste_into),
    "box_loss": (losses, "box_losses", box_loss_into),
    "mask_loss": (losses, "mask_loss", lambda loss: loss),
}
"""For each part the module and the name that the model finds it under, and what fits the function to that place."""


@contextmanager
def plugged_in(**parts: Callable) -> Iterator[None]:
    """While the block runs, every model of this package uses the given functions, named as in `PLACES`.

    They are called as the functions in lesson 10 are; what they raise comes through.

    Raises:
        KeyError: there is no such part.
    """
    with ExitStack() as stack:
        for name, part in parts.items():
            module, attribute, fit = PLACES[name]
            stack.enter_context(patch.object(module, attribute, fit(part)))
        yield


TRAINING_PARTS = ("box_loss", "mask_loss")
"""Parts that only training uses."""


def try_part(
    name: str, part: Callable, ours: MaskRCNN, theirs: nn.Module, image: Tensor, target: dict[str, Tensor]
) -> str:
    """What becomes of the model when one part is replaced, in a few words.

    Args:
        name: of `PLACES`.
        part: a function, which may be wrong, unfinished, or give nothing.
        ours, theirs: models with the same weights, as `parity.compare` takes them; they are left as they are.
        image, target: one plate.

    Returns:
        "every stage equal to torchvision's", or the first stages that differ, or why it does not run.
    """
    answers = []

    def watched(*arguments: Any) -> Any:
        answers.append(part(*arguments))
        return answers[-1]

    targets = [target] if name in TRAINING_PARTS else None
    try:
        with plugged_in(**{name: watched}):
            rows = parity.compare(copy.deepcopy(ours), copy.deepcopy(theirs), [image], targets)
    except Exception as error:  # whatever a learner's code raises is an answer here, not a crash
        unwritten = answers and (answers[-1] is None or answers[-1] is ...)
        return "not written yet" if unwritten else f"does not run: {type(error).__name__}"
    different = [row.stage for row in rows if not row.equal]
    return f"different from here on: {different[0]}" if different else "every stage equal to torchvision's"
