"""The region proposal network (Ren et al. 2015, section 3): where in the image could an object be?"""

from typing import Any

import torch
from torch import Tensor, nn

from course_utils import boxes
from course_utils.mask_rcnn import losses
from course_utils.mask_rcnn.anchors import pyramid_anchors
from course_utils.mask_rcnn.fpn import conv
from course_utils.mask_rcnn.kernels import Kernels
from course_utils.mask_rcnn.settings import Settings


class RPNHead(nn.Module):
    """The sliding window: a small network that looks at every place of every level with the same weights."""

    def __init__(self, channels: int, anchors_per_cell: int, convs: int = 1):
        """``convs``: 3x3 convolutions before the two outputs; torchvision's second version has 2."""
        super().__init__()
        self.conv = nn.Sequential(*(conv(channels, channels, 3, None, relu=True) for _ in range(convs)))
        self.cls_logits = nn.Conv2d(channels, anchors_per_cell, 1)
        self.bbox_pred = nn.Conv2d(channels, anchors_per_cell * 4, 1)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.normal_(layer.weight, std=0.01)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)

    def forward(self, maps: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """For each level ``(B, C, H, W)`` -> objectness logits ``(B, H*W*A)`` and deltas ``(B, H*W*A, 4)``."""
        hidden = [self.conv(level) for level in maps]
        objectness = [flatten_cells(self.cls_logits(h), 1).squeeze(-1) for h in hidden]
        return objectness, [flatten_cells(self.bbox_pred(h), 4) for h in hidden]


def flatten_cells(output: Tensor, values: int) -> Tensor:
    """``(B, A * values, H, W) -> (B, H * W * A, values)``: the order of `anchors.grid_anchors`."""
    batch, _, rows, columns = output.shape
    return output.view(batch, -1, values, rows, columns).permute(0, 3, 4, 1, 2).reshape(batch, -1, values)


class RegionProposalNetwork(nn.Module):
    """Anchors, head, choice of proposals, and the two losses of the network."""

    def __init__(self, head: RPNHead, settings: Settings):
        """``head`` gives objectness and deltas for the anchors that ``settings`` describe."""
        super().__init__()
        self.head = head
        self.settings = settings

    def forward(
        self,
        maps: list[Tensor],
        batch_size: tuple[int, int],
        image_sizes: list[tuple[int, int]],
        kernels: Kernels,
        targets: list[dict[str, Tensor]] | None = None,
    ) -> dict[str, Any]:
        """Propose boxes.

        Args:
            maps: all pyramid levels, ``(B, C, H_k, W_k)``.
            batch_size: height and width of the padded batch.
            image_sizes: those of each image within it.
            kernels: which NMS to use.
            targets: boxes ``(G, 4)`` of each image when losses are wanted.

        Returns:
            ``anchors`` (A, 4); ``objectness`` (B, A) logits; ``rpn_deltas`` (B, A, 4); ``candidates``: per
            image the boxes before NMS, ``boxes`` (N, 4), ``scores`` (N,), ``levels`` (N,); ``proposals``:
            per image (P, 4), best first; with targets also ``anchor_labels`` (B, A), 1 object, 0
            background, -1 ignored, ``loss_objectness`` and ``loss_rpn_box_reg``.
        """
        by_level = pyramid_anchors(maps, batch_size, self.settings.anchor_sizes, self.settings.anchor_ratios)
        counts = [len(level) for level in by_level]
        anchors = torch.cat(by_level)
        objectness, deltas = (torch.cat(levels, dim=1).float() for levels in self.head(maps))
        candidates, proposals = self.propose(
            objectness.detach(), deltas.detach(), anchors, counts, image_sizes, kernels
        )
        results = {
            "anchors": anchors,
            "objectness": objectness,
            "rpn_deltas": deltas,
            "candidates": candidates,
            "proposals": proposals,
        }
        return results if targets is None else results | self.losses(objectness, deltas, anchors, targets)

    def propose(
        self,
        objectness: Tensor,
        deltas: Tensor,
        anchors: Tensor,
        counts: list[int],
        image_sizes: list[tuple[int, int]],
        kernels: Kernels,
    ) -> tuple[list[dict[str, Tensor]], list[Tensor]]:
        """The best of each level become boxes, doubles are struck out, the best of all levels are kept.

        Returns:
            The boxes before NMS and the proposals after it, as `forward` describes them.
        """
        before, after = self.settings.rpn_candidates, self.settings.rpn_proposals
        best, numbers, start = [], [], 0
        for number, count in enumerate(counts):
            k = min(before[self.training], count)
            best.append(objectness[:, start : start + count].topk(k, dim=1)[1] + start)
            numbers += [number] * k
            start += count
        top, levels = torch.cat(best, dim=1), torch.tensor(numbers, device=anchors.device)

        candidates, proposals = [], []
        for scores, delta, chosen, size in zip(objectness, deltas, top, image_sizes, strict=True):
            found = boxes.clip(boxes.decode(delta[chosen], anchors[chosen]), *size)
            kept = boxes.large_enough(found, 1e-3)
            found, score, level = found[kept], scores[chosen][kept].sigmoid(), levels[kept]
            kept = kernels.nms(found, score, self.settings.rpn_nms, level)
            candidates.append({"boxes": found, "scores": score, "levels": level})
            proposals.append(found[kept[: after[self.training]]])
        return candidates, proposals

    def losses(
        self, objectness: Tensor, deltas: Tensor, anchors: Tensor, targets: list[dict[str, Tensor]]
    ) -> dict[str, Tensor]:
        """The two losses over a sample of anchors of all images together; shapes as in `forward`."""
        s = self.settings
        labels, box_targets, positive, negative = [], [], [], []
        for k, target in enumerate(targets):
            matches = losses.match(boxes.iou(target["boxes"], anchors), *s.rpn_iou, low_quality=True)
            label = torch.where(matches == losses.IGNORED, -1.0, (matches >= 0).float())
            chosen = losses.sample(label, s.rpn_samples, s.rpn_positive)
            positive.append(chosen[0] + k * len(anchors))
            negative.append(chosen[1] + k * len(anchors))
            labels.append(label)
            box_targets.append(boxes.encode(losses.take(target["boxes"], matches), anchors))
        loss_objectness, loss_box = losses.rpn_losses(
            objectness.flatten(),
            deltas.flatten(0, 1),
            torch.cat(labels),
            torch.cat(box_targets),
            torch.cat(positive),
            torch.cat(negative),
        )
        return {
            "anchor_labels": torch.stack(labels),
            "loss_objectness": loss_objectness,
            "loss_rpn_box_reg": loss_box,
        }
