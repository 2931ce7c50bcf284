"""The proof that a model made of a learner's parts is Mask R-CNN: every stage beside torchvision's, part by part."""

import copy
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, cast

import torch
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.mask_rcnn import backbone, fpn, parity, profiles
from course_utils.mask_rcnn.bench import bench
from course_utils.mask_rcnn.model import MaskRCNN
from course_utils.mask_rcnn.plug_in import plugged_in
from course_utils.mask_rcnn.roi_align import roi_levels
from course_utils.mask_rcnn.settings import PerMode
from course_utils.translation.say import N_, _

EQUAL = N_("every stage equal to torchvision's")
TOGETHER = N_("all together")
DETECTED = ("boxes", "labels", "scores", "masks")
LARGE = 384
"""Side of the image that a proof is made on: RoIs above half of it are not read from the finest level."""
FEWEST = 20
"""So many detections make a proof."""
# A part that does its work within another part's, or instead of a stage: that stage has no counterpart.
WITHOUT = {"box-head": ("box_features",)}


@dataclass(frozen=True)
class Verdict:
    """What became of the model when one part, or all of them, were plugged in, whose it was, and why not yours."""

    part: str
    owner: str
    found: str
    why: str = ""

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return self.found == _(EQUAL)

    def __str__(self) -> str:
        """A row of the table."""
        return f"{self.part:17} {self.owner:13} {self.found}" + (f" ({self.why})" if self.why else "")


def prove(
    parts: dict[str, Callable],
    ours: MaskRCNN,
    image: Tensor,
    target: dict[str, Tensor],
    forward: Callable | None = None,
) -> list[Verdict]:
    """Plug parts into a model, each alone and all together, and compare every stage with torchvision's.

    In evaluation all stages up to the pasted masks are compared; in training, with the same random choices, the five
    losses, all gradients, and the running statistics.

    Args:
        parts: by the names of `plug_in.PLACES`; they may be wrong, unfinished, or give nothing.
        ours: a `doubtful` model; it is left as it is.
        image, target: one plate.
        forward: the whole forward pass, called with the image and a `bench` on which all parts lie.
    """
    theirs = parity.twin(ours)
    expected = [parity.witness(copy.deepcopy(theirs), [image], each) for each in (None, [target])]
    wishes = {name: {name: part} for name, part in parts.items()} | {_(TOGETHER): parts}
    rows = []
    for name, chosen in wishes.items():
        found = _try(chosen, ours, image, target, expected)
        rows.append(_verdict(name, chosen.values(), found))
    if forward:
        found = _pass(forward, parts, ours, image, expected[0])
        rows.append(_verdict("forward-pass", [forward], found))
    return rows


def _verdict(name: str, parts: Collection[Callable], found: str) -> Verdict:
    """A row of the table: whose the parts are, where they tell it, and why a learner's own is not used."""
    whose = [getattr(part, "is_yours", True) for part in parts]
    if len(parts) > 1:
        return Verdict(name, _("{yours} of {all} yours").format(yours=sum(whose), all=len(parts)), found)
    why = "".join(getattr(part, "why", "") for part in parts)
    return Verdict(name, _("yours") if all(whose) else _("the course's"), found, why)


def _pass(
    forward: Callable, parts: dict[str, Callable], ours: MaskRCNN, image: Tensor, expected: dict[str, Any]
) -> str:
    """Whether a forward pass gives torchvision's detections."""
    model = copy.deepcopy(ours).eval()
    try:
        with torch.no_grad(), plugged_in(model, parts):
            found = forward(image, bench(model))
        rows = [parity.difference(name, found[name], expected[f"detections: {name}"]) for name in DETECTED]
    except Exception as error:  # whatever a learner's code raises is an answer here, not a crash
        return _stopped(error)
    different = [row.stage for row in rows if not row.equal]
    if different:
        return _("different {result}").format(result=different[0])
    return _("the same detections as torchvision's")


def _try(parts: dict[str, Callable], ours: MaskRCNN, image: Tensor, target: dict[str, Tensor], expected: list) -> str:
    """The first stage that differs, or why the model does not run, or `EQUAL`."""
    without = {stage for name in parts for stage in WITHOUT.get(name, ())}
    blank: list[str] = []
    watched = {name: _watched(name, part, blank) for name, part in parts.items()}
    for seen, targets in zip(expected, (None, [target]), strict=True):
        model = copy.deepcopy(ours)
        wanted = {stage: value for stage, value in seen.items() if stage not in without}
        try:
            with plugged_in(model, watched):
                rows = parity.against(model, wanted, [image], targets)
        except Exception as error:  # whatever a learner's code raises is an answer here, not a crash
            return _("{part} gives nothing yet").format(part=blank[0]) if blank else _stopped(error)
        different = [row.stage for row in rows if not row.equal]
        if different:
            return _("different from here on: {stage}").format(stage=different[0])
    return _(EQUAL)


def _stopped(error: Exception) -> str:
    return _("does not run: {kind}: {message}").format(kind=type(error).__name__, message=error)[:120]


def _watched(name: str, part: Callable, blank: list[str]) -> Callable:
    """The part; that it gives nothing is noted."""

    def call(*arguments):
        result = part(*arguments)
        if result is None or result is ...:
            blank.append(name)
        return result

    return call


def doubtful(model: MaskRCNN, image: Tensor) -> MaskRCNN:
    """A copy of a `small_model` that is less sure of its classes and sees the image larger, so that every rule matters.

    On the image it has RoIs with two foods above the score threshold, and foods just below it. It keeps as many
    detections as there could be: with the usual limit nobody would see what comes in at the end of the list. And the
    image is so large that RoIs are read from more than one level of the pyramid.

    Raises:
        CourseError: no degree of doubt brings that about.
    """
    for certainty in (1.0, 0.7, 0.5, 0.3, 0.2, 0.1):
        unsure = _enlarged(copy.deepcopy(model).eval())
        classifier = cast(nn.Linear, unsure.roi_heads.box_predictor.cls_score)
        foods = classifier.out_features - 1
        unsure.configure(detections=unsure.settings.rpn_proposals.evaluation * foods)
        with torch.no_grad():
            tensors: list[Tensor] = list(classifier.parameters())
            for tensor in tensors:
                tensor *= certainty
            stages = unsure.stages([image])
        scores = stages["class_logits"].softmax(dim=1)[:, 1:]
        levels = [roi_levels(stages[kind][0], 2, 5) for kind in ("rois", "mask_rois")]
        threshold = unsure.settings.score_threshold
        several = (scores > threshold).sum(dim=1) >= 2
        below = (scores < threshold) & (scores > 0.6 * threshold)
        enough = several.sum() >= 3 and below.sum() >= 3 and (scores.sum(dim=1) < 0.9).any()
        if enough and len(levels[1]) >= FEWEST and all(len(each.unique()) > 1 for each in levels):
            return unsure
    raise CourseError("on this image a proof would be blind: its RoIs are of one level, or none has two foods")


def _enlarged(model: MaskRCNN) -> MaskRCNN:
    """The model on a larger image, with anchors as much larger."""
    s = model.settings
    factor = LARGE / s.max_size
    anchors = tuple(tuple(round(factor * side) for side in level) for level in s.anchor_sizes)
    return model.configure(min_size=LARGE, max_size=LARGE, anchor_sizes=anchors)


def small_model(classes: int = 7) -> MaskRCNN:
    """A Mask R-CNN of the paper's parts, bottlenecks and all, that a laptop trains while one watches."""
    body = backbone.ResNet(26, widths=(16, 24, 32, 32))
    sizes = ((22,), (34,), (51,), (78,), (118,))
    few: dict[str, Any] = {"rpn_candidates": PerMode(100, 200), "rpn_proposals": PerMode(50, 100), "roi_samples": 32}
    settings = replace(profiles.SMALL, min_size=160, max_size=160, anchor_sizes=sizes, **few)
    return profiles.assemble(fpn.BackboneWithFPN(body, 64), classes, settings, box_width=128, mask_width=48)
