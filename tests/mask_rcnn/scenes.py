"""Small made-up scenes: noise for an image, rectangles for objects."""

import torch


def scene(objects: int, height: int, width: int, classes: int = 7) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """An image ``(3, height, width)`` and its target; always the same for the same arguments."""
    rng = torch.Generator().manual_seed(1000 * objects + height + width)
    frame = torch.tensor([width, height])
    corner = torch.rand(objects, 2, generator=rng) * frame * 0.6
    boxes = torch.cat([corner, corner + torch.rand(objects, 2, generator=rng) * frame * 0.3 + 8], dim=1)
    masks = torch.zeros(objects, height, width, dtype=torch.uint8)
    for mask, (x1, y1, x2, y2) in zip(masks, boxes.long().tolist(), strict=True):
        mask[y1:y2, x1:x2] = 1
    labels = torch.randint(1, classes, (objects,), generator=rng)
    return torch.rand(3, height, width, generator=rng), {"boxes": boxes, "labels": labels, "masks": masks}


def scenes(*sizes: tuple[int, int, int], classes: int = 7) -> tuple[list[torch.Tensor], list[dict[str, torch.Tensor]]]:
    """Images and targets of several scenes."""
    images, targets = zip(*(scene(*size, classes) for size in sizes), strict=True)
    return list(images), list(targets)
