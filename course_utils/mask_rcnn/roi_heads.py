"""The second stage: features of each proposal, then its class, a better box, and its mask.

A visible branch, when there is one, is a second mask predictor beside the first: one draws the whole object, the other
what can be seen of it, as in the baseline of KINS (Qi et al. 2019) and in ORCNN (Follmann et al. 2019).
"""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from course_utils import boxes
from course_utils.mask_rcnn import losses, postprocess
from course_utils.mask_rcnn.kernels import Kernels
from course_utils.mask_rcnn.roi_align import pool
from course_utils.mask_rcnn.settings import Settings

MASK_FIELDS = {"mask": "masks", "visible": "visible_masks"}
"""The mask branches, and what their masks are called in targets and detections."""


class RoIHeads(nn.Module):
    """Box branch and mask branch with what stands before, between and after them."""

    def __init__(
        self,
        box_head: nn.Module,
        box_predictor: nn.Module,
        mask_head: nn.Module,
        mask_predictor: nn.Module,
        settings: Settings,
    ):
        """The four modules are those of `course_utils.mask_rcnn.heads`, or others of the same shapes."""
        super().__init__()
        self.box_head = box_head
        self.box_predictor = box_predictor
        self.mask_head = mask_head
        self.mask_predictor = mask_predictor
        self.visible_predictor: nn.Module | None = None
        """Of the visible branch, ``(D, width, 14, 14) -> (D, classes, 28, 28)``, if there is one."""
        self.settings = settings

    def add_visible_branch(self) -> None:
        """Give the heads a visible branch, which begins as a copy of the mask predictor."""
        self.visible_predictor = copy.deepcopy(self.mask_predictor)

    def forward(
        self,
        maps: list[Tensor],
        proposals: list[Tensor],
        batch_size: tuple[int, int],
        image_sizes: list[tuple[int, int]],
        kernels: Kernels,
        targets: list[dict[str, Tensor]] | None = None,
    ) -> dict[str, Any]:
        """Detect, or with targets give the losses.

        Args:
            maps: pyramid levels without "pool", ``(B, C, H_k, W_k)``.
            proposals: per image ``(P, 4)``.
            batch_size: height and width of the padded batch.
            image_sizes: those of each image within it.
            kernels: which RoIAlign and NMS to use.
            targets: per image boxes, labels and masks (and visible masks), when losses are wanted.

        Returns:
            ``rois``: per image (R_i, 4); ``roi_features`` (R, C, 7, 7), R of all images together;
            ``box_features`` (R, width); ``class_logits`` (R, classes); ``box_deltas`` (R, classes, 4);
            ``mask_rois``: per image (D_i, 4); ``mask_roi_features`` (D, C, 14, 14); ``mask_logits``
            (D, classes, 28, 28). Without targets also ``raw_detections``: per image boxes, scores, labels
            and rois (see `postprocess`) with ``masks`` (D_i, 28, 28). With targets ``samples`` (see
            `sample`), ``loss_classifier``, ``loss_box_reg`` and ``loss_mask``. A visible branch adds
            ``visible_logits``, ``visible_masks`` and ``loss_visible`` of the same shapes.
        """
        samples = []
        if targets is not None:
            samples = [self.sample(p, t) for p, t in zip(proposals, targets, strict=True)]
            proposals = [s["rois"] for s in samples]
        results = self.box_branch(maps, proposals, batch_size, kernels)
        if targets is not None:
            results |= {"samples": samples, **self.box_losses(results, samples)}
            positive = [s["labels"] > 0 for s in samples]
            mask_rois = [s["rois"][p] for s, p in zip(samples, positive, strict=True)]
        else:
            results["raw_detections"] = self.detect(results, image_sizes, kernels)
            mask_rois = [d["boxes"] for d in results["raw_detections"]]

        features = pool(maps, mask_rois, batch_size, self.settings.mask_size, kernels.roi_align)
        drawn = self.draw(features)
        results |= {"mask_rois": mask_rois, "mask_roi_features": features}
        results |= {f"{name}_logits": logits for name, logits in drawn.items()}
        for name, logits in drawn.items():
            field = MASK_FIELDS[name]
            if targets is not None:
                truth = [target[field] for target in targets]
                results[f"loss_{name}"] = self.mask_loss(logits, mask_rois, samples, truth, kernels)
                continue
            labels = torch.cat([d["labels"] for d in results["raw_detections"]])
            masks = postprocess.own_class(logits, labels).split([len(m) for m in mask_rois])
            for detection, mask in zip(results["raw_detections"], masks, strict=True):
                detection[field] = mask
        return results

    def draw(self, features: Tensor) -> dict[str, Tensor]:
        """Mask logits ``(D, classes, 28, 28)`` of each branch, a key of `MASK_FIELDS`, from RoI features."""
        hidden = self.mask_head(features)
        drawn = {"mask": self.mask_predictor(hidden).float()}
        if self.visible_predictor is not None:
            drawn["visible"] = self.visible_predictor(hidden).float()
        return drawn

    def box_branch(
        self, maps: list[Tensor], rois: list[Tensor], batch_size: tuple[int, int], kernels: Kernels
    ) -> dict[str, Any]:
        """Class logits and box deltas of the RoIs, and all that leads to them."""
        features = pool(maps, rois, batch_size, self.settings.box_size, kernels.roi_align)
        hidden = self.box_head(features)
        logits, deltas = self.box_predictor(hidden)
        return {
            "rois": rois,
            "roi_features": features,
            "box_features": hidden,
            # From here on in full precision, also under autocast.
            "class_logits": logits.float(),
            "box_deltas": deltas.float().unflatten(1, (-1, 4)) if deltas.dim() == 2 else deltas.float(),
        }

    def detect(
        self, results: dict[str, Any], image_sizes: list[tuple[int, int]], kernels: Kernels
    ) -> list[dict[str, Tensor]]:
        """Detections of each image, in pixels of the network's input: a dict of boxes, scores, labels, and rois, the
        number of the RoI that each came from; best first.
        """
        counts = [len(rois) for rois in results["rois"]]
        logits, deltas = results["class_logits"].split(counts), results["box_deltas"].split(counts)
        return [
            self.detect_one(*each, kernels) for each in zip(logits, deltas, results["rois"], image_sizes, strict=True)
        ]

    def detect_one(
        self, logits: Tensor, deltas: Tensor, rois: Tensor, image_size: tuple[int, int], kernels: Kernels
    ) -> dict[str, Tensor]:
        """`detect` for one image: every class of every RoI that is sure enough is a candidate, then NMS."""
        s = self.settings
        roi, label = postprocess.candidates(logits, s.score_threshold)
        scores = logits.softmax(dim=1)[roi, label]
        found = postprocess.own_box(deltas[roi], rois[roi], label, s.box_weights)
        found, kept = postprocess.filter_detections(found, scores, label, image_size, s.nms, s.detections, kernels.nms)
        return {"boxes": found, "scores": scores[kept], "labels": label[kept], "rois": roi[kept]}

    def sample(self, proposals: Tensor, target: dict[str, Tensor]) -> dict[str, Tensor]:
        """RoIs to train on in one image: ``rois`` (R, 4), ``labels`` and ``matches`` (R,), ``deltas`` (R, 4).

        The true boxes join the proposals: while the RPN is still bad, the heads see good RoIs all the same.
        """
        s = self.settings
        rois = torch.cat([proposals, target["boxes"]])
        matches = losses.match(boxes.iou(target["boxes"], rois), *s.roi_iou)
        labels = torch.where(matches >= 0, losses.take(target["labels"], matches), 0)
        labels[matches == losses.IGNORED] = -1
        chosen = torch.cat(losses.sample(labels, s.roi_samples, s.roi_positive)).sort()[0]
        rois, matches = rois[chosen], matches[chosen]
        deltas = boxes.encode(losses.take(target["boxes"], matches), rois, s.box_weights)
        return {"rois": rois, "labels": labels[chosen], "matches": matches, "deltas": deltas}

    def box_losses(self, results: dict[str, Any], samples: list[dict[str, Tensor]]) -> dict[str, Tensor]:
        """Losses of the class and of the box."""
        labels = torch.cat([s["labels"] for s in samples])
        deltas = torch.cat([s["deltas"] for s in samples])
        loss_class, loss_box = losses.box_losses(results["class_logits"], results["box_deltas"], labels, deltas)
        return {"loss_classifier": loss_class, "loss_box_reg": loss_box}

    def mask_loss(
        self,
        logits: Tensor,
        mask_rois: list[Tensor],
        samples: list[dict[str, Tensor]],
        truth: list[Tensor],
        kernels: Kernels,
    ) -> Tensor:
        """Loss of one branch's masks, over the RoIs that hold an object; ``truth``: per image (G, H, W)."""
        labels, drawn = [], []
        for rois, s, masks in zip(mask_rois, samples, truth, strict=True):
            positive = s["labels"] > 0
            labels.append(s["labels"][positive])
            if len(rois):
                matches = s["matches"][positive]
                size, exact = logits.shape[-1], self.settings.exact_masks
                drawn.append(losses.mask_targets(masks, rois, matches, size, kernels.roi_align, exact))
        wanted = torch.cat(drawn) if drawn else logits.new_zeros(0, *logits.shape[-2:])
        return losses.mask_loss(logits, torch.cat(labels), wanted)
