"""Probes that hand an answer what it needs besides its inputs; they know nothing of what is right."""

from typing import Any

from torchvision.ops import batched_nms


def with_nms(answer: Any, *arguments: Any) -> Any:
    """Call an answer with a last argument ``nms(boxes, scores, groups)``: indices kept at 0.7, best first."""
    return answer(*arguments, lambda boxes, scores, groups: batched_nms(boxes, scores, groups, 0.7))
