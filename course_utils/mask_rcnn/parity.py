"""Is it the same model? Every stage beside torchvision's own, with the largest difference."""

import copy
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torchvision.models import detection
from torchvision.models.detection import faster_rcnn, mask_rcnn
from torchvision.ops import MultiScaleRoIAlign

from course_utils.mask_rcnn.model import LOSSES, MaskRCNN, body_maps
from course_utils.mask_rcnn.rpn import flatten_cells

LIMIT = 2e-4
"""Largest difference of floating-point numbers that counts as equal, relative to the largest number of the stage."""
SMALL = 1e-3
"""Stages whose numbers are all smaller than this are not told apart any better: nothing in the model hangs on them."""


@dataclass(frozen=True)
class Difference:
    """One row of the comparison."""

    stage: str
    shape: str
    """Of the tensor, or how many tensors there are."""
    exact: bool
    """Whether the numbers are integers and must be the same."""
    largest: float
    """Largest absolute difference, divided by torchvision's largest number (or by `SMALL`, if that is larger)."""

    @property
    def equal(self) -> bool:
        """Whether the stage counts as equal."""
        return self.largest == 0 if self.exact else self.largest <= LIMIT


def compare(
    ours: MaskRCNN,
    theirs: nn.Module,
    images: list[Tensor],
    targets: list[dict[str, Tensor]] | None = None,
    seed: int = 0,
) -> list[Difference]:
    """Run both models on the same images and compare what each stage gives.

    Both must hold the same weights (`twin`). Without targets they run in evaluation mode; with targets in
    training mode, where the five losses, all gradients and the batch norms' running statistics are compared
    too. Both draw the same random samples of anchors and RoIs.

    Args:
        ours: this package's model; torchvision knows no `Settings.exact_masks`.
        theirs: torchvision's.
        images: float ``(3, H_i, W_i)``.
        targets: as for `MaskRCNN.forward`.
        seed: of the random samples.

    Returns:
        One row per stage, in the order of the data flow.
    """
    return against(ours, witness(theirs, images, targets, seed), images, targets, seed)


def witness(
    theirs: nn.Module, images: list[Tensor], targets: list[dict[str, Tensor]] | None = None, seed: int = 0
) -> dict[str, Any]:
    """What each stage of torchvision's model gives, in training its gradients and running statistics too."""
    with same_samples(theirs, seed), torch.set_grad_enabled(targets is not None):
        theirs.train(targets is not None).zero_grad()
        expected = record(theirs, images, targets)
        if targets is not None:
            sum(expected[name] for name in LOSSES).backward()
            expected |= {"gradients": gradients(theirs), "buffers": copy.deepcopy(dict(theirs.named_buffers()))}
            theirs.zero_grad()
    return expected


def against(
    ours: MaskRCNN,
    expected: dict[str, Any],
    images: list[Tensor],
    targets: list[dict[str, Tensor]] | None = None,
    seed: int = 0,
) -> list[Difference]:
    """`compare` with what `witness` gave, which is left as it is."""
    training, expected = targets is not None, dict(expected)
    with same_samples(ours, seed), torch.set_grad_enabled(training):
        ours.train(training).zero_grad()
        with body_maps(ours.backbone) as body:
            results = {"body": body} | ours.stages(images, targets)
        stages = observed(results, expected)
        rows = [difference(stage, value, expected[stage]) for stage, value in stages.items()]
        if training:
            sum(results[name] for name in LOSSES).backward()
            rows += compare_parts("gradient", gradients(ours), expected["gradients"])
            rows += compare_parts("running statistics", dict(ours.named_buffers()), expected["buffers"])
            ours.zero_grad()
    return rows


def table(rows: list[Difference]) -> str:
    """The rows as text, one line each."""
    lines = [f"{'stage':<38}{'shape':<24}{'must be':<10}largest difference"]
    for row in rows:
        must = "the same" if row.exact else f"<= {LIMIT:.0e}"
        verdict = "" if row.equal else "  <- DIFFERENT"
        lines.append(f"{row.stage:<38}{row.shape:<24}{must:<10}{row.largest:.1e}{verdict}")
    return "\n".join(lines)


def difference(stage: str, ours: Any, theirs: Any) -> Difference:
    """Largest difference over a tensor, or over a list or a dict of tensors."""
    ours, theirs = flatten(ours), flatten(theirs)
    shape = f"{tuple(theirs[0].shape)}" if len(theirs) == 1 else f"{len(theirs)} tensors"
    exact = all(not t.is_floating_point() for t in theirs)
    largest = 0.0
    if [t.shape for t in ours] != [t.shape for t in theirs]:
        largest = math.inf
    else:
        scale = max([SMALL] + [float(t.abs().max()) for t in theirs if t.numel()])
        for a, b in zip(ours, theirs, strict=True):
            if a.numel():
                apart = float((a.double() - b.double()).abs().max())
                largest = max(largest, math.inf if math.isnan(apart) else apart)  # NaN is larger than nothing
        largest = largest if exact else largest / scale
    return Difference(stage, shape, exact, largest)


def flatten(value: Any) -> list[Tensor]:
    """All tensors in lists and dicts, detached."""
    if isinstance(value, Tensor):
        return [value.detach()]
    parts = value.values() if isinstance(value, dict) else value
    return [tensor for part in parts for tensor in flatten(part)]


def gradients(model: nn.Module) -> dict[str, Tensor]:
    """The gradient of each parameter that has one."""
    return {name: p.grad for name, p in model.named_parameters() if p.grad is not None}


def compare_parts(kind: str, ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> list[Difference]:
    """One row for each part of the model: body, pyramid, RPN, the four parts of the heads."""
    parts = sorted({".".join(name.split(".")[:2]) for name in theirs})
    rows = []
    for part in parts:
        mine, others = ({k: v for k, v in side.items() if k.startswith(part + ".")} for side in (ours, theirs))
        # In one order; what only one of the two has makes the lists differ in length.
        rows.append(difference(f"{kind}: {part}", [mine[k] for k in sorted(mine)], [others[k] for k in sorted(others)]))
    return rows


@contextmanager
def same_samples(model: nn.Module, seed: int) -> Iterator[None]:
    """The model starts its first random choice, that of the anchors, from a seed."""
    with torch.random.fork_rng():
        hook = model.get_submodule("rpn").register_forward_pre_hook(lambda *_: torch.manual_seed(seed) and None)
        try:
            yield
        finally:
            hook.remove()


def record(theirs: detection.MaskRCNN, images: list[Tensor], targets: list[dict[str, Tensor]] | None) -> dict[str, Any]:
    """Run torchvision's model; keep what each of its modules gives, under the names of `MaskRCNN.stages`."""
    heads = theirs.roi_heads
    modules = {
        "batch": theirs.transform,
        "features": theirs.backbone,
        "rpn_head": theirs.rpn.head,
        "anchors": theirs.rpn.anchor_generator,
        "proposals": theirs.rpn,
        "roi_features": heads.box_roi_pool,
        "box_features": heads.box_head,
        "box_predictor": heads.box_predictor,
        "mask_roi_features": heads.mask_roi_pool,
        "mask_logits": heads.mask_predictor,
        "raw_detections": heads,
    }
    if hasattr(theirs.backbone, "body"):
        modules["body"] = theirs.backbone.body
    seen: dict[str, Any] = {}

    def keep(name: str):
        def hook(module: nn.Module, inputs: tuple, output: Any) -> None:
            # Lists and dicts are copied: torchvision writes the pasted masks into the same dicts later.
            seen[name] = copy.copy(output) if isinstance(output, dict) else output
            if name in ("roi_features", "mask_roi_features"):
                seen[name.replace("roi_features", "rois").removeprefix("box_")] = inputs[1]
            if name == "raw_detections":
                seen[name] = [dict(found) for found in output[0]]

        return hook

    hooks = [module.register_forward_hook(keep(name)) for name, module in modules.items()]
    try:
        output = theirs(images, targets)
    finally:
        for hook in hooks:
            hook.remove()
    batch, _ = seen.pop("batch")
    objectness, deltas = seen.pop("rpn_head")
    seen["batch"] = batch.tensors
    seen["anchors"] = seen["anchors"][0]
    seen["objectness"] = torch.cat([flatten_cells(o, 1).squeeze(-1) for o in objectness], dim=1)
    seen["rpn_deltas"] = torch.cat([flatten_cells(d, 4) for d in deltas], dim=1)
    seen["proposals"] = seen["proposals"][0]
    seen["class_logits"], box_deltas = seen.pop("box_predictor")
    seen["box_deltas"] = box_deltas.unflatten(1, (-1, 4))
    if isinstance(seen["features"], Tensor):
        seen["features"] = {"0": seen["features"]}
    return seen | (output if targets is not None else by_field("detections", output))


def by_field(stage: str, found: list[dict[str, Tensor]]) -> dict[str, list[Tensor]]:
    """Detections as one entry per field, so that each gets its own row; masks as ``(D, H, W)``."""
    fields = {name: [each[name] for each in found] for name in ("boxes", "scores", "labels", "masks")}
    fields["masks"] = [m.flatten(0, 1) if m.dim() == 4 else m for m in fields["masks"]]
    return {f"{stage}: {name}": values for name, values in fields.items()}


def observed(results: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Our results under the names of ``expected``, in the order of the data flow."""
    order = [
        "batch",
        "body",
        "features",
        "anchors",
        "objectness",
        "rpn_deltas",
        "proposals",
        "rois",
        "roi_features",
        "box_features",
        "class_logits",
        "box_deltas",
        "raw_detections",
        "mask_rois",
        "mask_roi_features",
        "mask_logits",
        "detections",
    ]
    stages: dict[str, Any] = {}
    for stage in [*order, *LOSSES]:
        if stage in ("raw_detections", "detections") and stage in results:
            if stage in expected:
                expected |= by_field(stage, expected.pop(stage))
            stages |= by_field(stage, results[stage])
        elif stage in results and stage in expected:
            stages[stage] = results[stage]
    return stages


def twin(ours: MaskRCNN, backbone: nn.Module | None = None) -> detection.MaskRCNN:
    """torchvision's Mask R-CNN of the same sizes and settings, holding the same weights.

    Args:
        ours: a model with a pyramid and `heads.TwoMLPHead`.
        backbone: torchvision's own backbone of the same architecture; without it a copy of ours is used.
    """
    s, heads = ours.settings, ours.roi_heads
    backbone = backbone or copy.deepcopy(ours.backbone)
    channels = cast(int, backbone.out_channels)
    levels = [str(k) for k in range(len(s.anchor_sizes) - 1)]
    classes, width = heads.get_parameter("box_predictor.cls_score.weight").shape
    mask_width = heads.get_parameter("mask_predictor.mask_fcn_logits.weight").shape[1]
    convs = len(list(heads.mask_head.children()))
    theirs = detection.MaskRCNN(
        backbone,
        rpn_anchor_generator=detection.rpn.AnchorGenerator(s.anchor_sizes, (s.anchor_ratios,) * len(s.anchor_sizes)),
        box_roi_pool=MultiScaleRoIAlign(levels, s.box_size, 2),
        mask_roi_pool=MultiScaleRoIAlign(levels, s.mask_size, 2),
        box_head=faster_rcnn.TwoMLPHead(channels * s.box_size**2, width),
        box_predictor=faster_rcnn.FastRCNNPredictor(width, classes),
        mask_head=mask_rcnn.MaskRCNNHeads(channels, [mask_width] * convs, 1),
        mask_predictor=mask_rcnn.MaskRCNNPredictor(mask_width, mask_width, classes),
        **torchvision_settings(ours),
    )
    # torchvision knows no visible branch.
    shared = {name: value for name, value in ours.state_dict().items() if "visible_predictor" not in name}
    theirs.load_state_dict(shared)
    return theirs.train(ours.training)


def torchvision_settings(ours: MaskRCNN) -> dict[str, Any]:
    """The model's settings as keyword arguments of torchvision's ``MaskRCNN``."""
    s = ours.settings
    return {
        "min_size": s.min_size,
        "max_size": s.max_size,
        "image_mean": s.mean,
        "image_std": s.std,
        "rpn_pre_nms_top_n_train": s.rpn_candidates.training,
        "rpn_pre_nms_top_n_test": s.rpn_candidates.evaluation,
        "rpn_post_nms_top_n_train": s.rpn_proposals.training,
        "rpn_post_nms_top_n_test": s.rpn_proposals.evaluation,
        "rpn_nms_thresh": s.rpn_nms,
        "rpn_fg_iou_thresh": s.rpn_iou[0],
        "rpn_bg_iou_thresh": s.rpn_iou[1],
        "rpn_batch_size_per_image": s.rpn_samples,
        "rpn_positive_fraction": s.rpn_positive,
        "box_fg_iou_thresh": s.roi_iou[0],
        "box_bg_iou_thresh": s.roi_iou[1],
        "box_batch_size_per_image": s.roi_samples,
        "box_positive_fraction": s.roi_positive,
        "bbox_reg_weights": s.box_weights,
        "box_score_thresh": s.score_threshold,
        "box_nms_thresh": s.nms,
        "box_detections_per_img": s.detections,
    }
