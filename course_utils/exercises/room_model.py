"""The probe of the whole forward pass: it hands an answer the parts of a model and knows nothing of what is right."""

from collections.abc import Callable
from functools import cache
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from course_utils import boxes
from course_utils.exercises.room import align, refuse_shapes
from course_utils.exercises.running import Refused
from course_utils.mask_rcnn.bench import bench
from course_utils.mask_rcnn.model import MaskRCNN
from course_utils.mask_rcnn.proof import small_model
from course_utils.mask_rcnn.roi_heads import RoIHeads
from course_utils.mask_rcnn.settings import PerMode


@torch.no_grad()
def with_parts(answer: Any, photo: Tensor, seed: int) -> Any:
    """Call an answer with a photo and the parts (`bench`) of a small model whose weights are drawn from the seed.

    Returns:
        A row for each detection: box, label, score, and its mask in 8 x 8 means.

    Raises:
        Refused: what comes back is no dictionary of detections.
        ValueError: a part was handed something of another shape than it takes.
    """
    net = _small_model(seed)
    before = _state(net)
    parts = bench(net)
    parts.rpn_head, parts.pool = lambda levels: net.rpn.head(levels), _pool_small
    parts.proposals = _level_by_level(parts.proposals)
    for name, wanted in _WANTED.items():
        setattr(parts, name, _careful(name, wanted, getattr(parts, name)))
    found = answer(photo, parts)
    if _state(net) != before:  # the next answer is to get an unharmed one
        _small_model.cache_clear()
    if found is None or found is ...:
        return found
    _refuse_unlike(found, *photo.shape[-2:])
    numbers = torch.stack([found["labels"].float(), found["scores"]], dim=1)
    masks = adaptive_avg_pool2d(found["masks"].float(), 8).flatten(1)
    return torch.cat([found["boxes"], numbers, masks], dim=1)


_WANTED = {
    "backbone": {"a batch": "1, 3, h, w"},
    "box_head": {"features": "R, C, 7, 7"},
    "candidates": {"logits": "R, C + 1"},
    "own_box": {"deltas": "K, C + 1, 4", "RoIs": "K, 4", "labels": "K"},
    "nms": {"boxes": "N, 4", "scores": "N", "labels": "N"},
    "mask_head": {"features": "D, C, 14, 14"},
    "own_mask": {"logits": "D, C + 1, 28, 28", "labels": "D"},
    "paste": {"masks": "D, 28, 28", "boxes": "D, 4"},
}
"""What parts take, as the table of the lesson has it."""


def _careful(name: str, wanted: dict[str, str], part: Callable[..., Any]) -> Callable[..., Any]:
    """A part that says in plain words what it wants, rather than fail somewhere inside."""

    def call(*given: Any, **named: Any) -> Any:
        if not named:
            refuse_shapes(f"p.{name}", wanted, *given[: len(wanted)])
        return part(*given, **named)

    return call


def _level_by_level(proposals: Callable[..., Any]) -> Callable[..., Any]:
    wanted = {"objectness": "A", "deltas": "A, 4", "anchors": "A, 4"}

    def call(objectness: Any, deltas: Any, anchors: Any, size: Any) -> Any:
        if not all(isinstance(each, list | tuple) for each in (objectness, deltas, anchors)):
            raise ValueError("p.proposals wants three lists, with an item for each level, and got something else")
        for level in zip(objectness, deltas, anchors, strict=False):
            refuse_shapes("of each level p.proposals", wanted, *level)
        return proposals(objectness, deltas, anchors, size)

    return call


def _refuse_unlike(found: Any, height: int, width: int) -> None:
    """Refuse what is no dictionary of detections of a photo, before it is compared."""
    wanted = {"boxes": "D, 4", "labels": "D", "scores": "D", "masks": f"D, {height}, {width}"}
    if not isinstance(found, dict):
        raise Refused(f"a dictionary of {', '.join(wanted)} is asked for, and you give back a {type(found).__name__}")
    if missing := [key for key in wanted if key not in found]:
        raise Refused(f"your dictionary has no {' and no '.join(missing)}; its keys are {', '.join(map(str, found))}")
    try:
        refuse_shapes("whoever calls you", wanted, *(found[key] for key in wanted))
    except ValueError as reason:
        raise Refused(str(reason)) from None


def _state(net: MaskRCNN) -> list[tuple]:
    """What changes when somebody changes a model; much cheaper than a copy of it."""
    tensors = [(name, id(each), each._version) for name, each in net.state_dict(keep_vars=True).items()]
    return [*tensors, *((name, id(each), each.training) for name, each in net.named_modules())]


def _pool_small(levels: list[Tensor], found: Tensor, bins: int) -> Tensor:
    """RoIAlign over the levels with a rule for small photos: boxes of 64 pixels would all be read from the finest."""
    rois = torch.cat([found.new_zeros(len(found), 1), found], dim=1)
    level = (boxes.area(found).sqrt() / 0.9).log2().floor().clamp(0, len(levels) - 1)
    pooled = levels[0].new_zeros(len(found), levels[0].shape[1], bins, bins)
    for k, each in enumerate(levels):
        pooled[level == k] = align(each, rois[level == k], 4 * 2**k, bins)
    return pooled


@cache
def _small_model(seed: int) -> MaskRCNN:
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed)
        net = small_model().eval()
        net.configure(min_size=64, max_size=96, anchor_sizes=((10,), (16,), (24,), (40,), (60,)), detections=36)
        net.configure(rpn_candidates=PerMode(16, 16), rpn_proposals=PerMode(12, 12))
        # Random weights hardly tell one RoI from another: with sharper ones no tie decides.
        layers = *net.rpn.head.children(), *net.roi_heads.box_predictor.children()
        for layer, spread in zip(layers[1:], (0.5, 0.02, 0.06, 1.0), strict=True):
            cast(Tensor, layer.weight).normal_(std=spread)
    return net


def _of_photo(case: tuple) -> str:
    """A case of `with_parts` for people."""
    return f"photo: {tuple(case[0].shape)}; p: a small model with random weights"


vars(with_parts)["words"] = _of_photo
vars(with_parts)["takes_away"] = (
    *((MaskRCNN, name) for name in ("forward", "trace", "stages")),
    *((RoIHeads, name) for name in ("forward", "detect", "detect_one")),
)
"""What of the course is the exercise itself: the sandbox takes it away before an answer is made."""
