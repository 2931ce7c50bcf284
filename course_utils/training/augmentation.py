"""Making many photos of few: turns, sizes, colours, and pieces of another photo laid on top."""

import math

import numpy as np
import torch
from torch import Tensor
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional as transform

from course_utils import masks
from course_utils.training.samples import Sample

SMALLEST_VISIBLE_SHARE = 0.08
"""Of a piece hidden further than this, nothing useful can be learnt."""
SMALLEST_VISIBLE_AREA = 16
"""Square pixels."""


def warp(sample: Sample, rng: np.random.Generator) -> Sample:
    """Turn by any angle, scale by 0.85 to 1.25, mirror every second time.

    What comes into the frame from outside is one grey: mirroring the border in would show food that no mask covers.
    """
    angle, scale = rng.uniform(-180, 180), math.exp(rng.uniform(math.log(0.85), math.log(1.25)))
    turn = {"angle": angle, "translate": [0, 0], "scale": scale, "shear": [0.0, 0.0]}
    image = transform.affine(sample.image, **turn, interpolation=InterpolationMode.BILINEAR, fill=[0.5] * 3)
    both = torch.cat([sample.whole, sample.visible]).byte()
    both = transform.affine(both, **turn, interpolation=InterpolationMode.NEAREST, fill=[0] * len(both))
    if rng.random() < 0.5:
        image, both = image.flip(-1), both.flip(-1)
    whole, visible = both.bool().chunk(2) if len(both) else (sample.whole, sample.visible)
    return Sample(image, whole, visible, sample.labels, sample.scenario)


def recolour(image: Tensor, rng: np.random.Generator) -> Tensor:
    """Another light: brightness, contrast and saturation by up to 20 %, hue by up to 3 % of the circle."""
    image = transform.adjust_brightness(image, rng.uniform(0.8, 1.2))
    image = transform.adjust_contrast(image, rng.uniform(0.8, 1.2))
    image = transform.adjust_saturation(image, rng.uniform(0.8, 1.2))
    return transform.adjust_hue(image, rng.uniform(-0.03, 0.03))


def paste_pieces(sample: Sample, donor: Sample, rng: np.random.Generator, most: int = 4) -> Sample:
    """Lay up to ``most`` wholly visible pieces of ``donor`` on top, near the pieces that are there.

    "Simple copy-paste" (Ghiasi et al. 2021) taken one step further: what lies underneath keeps its amodal mask and only
    loses visible pixels, so each new heap has an exact truth.
    """
    hidden = (donor.whole & ~donor.visible).sum(dim=(1, 2))
    candidates = np.flatnonzero((hidden == 0) & (donor.visible.sum(dim=(1, 2)) >= SMALLEST_VISIBLE_AREA))
    if not len(candidates) or not len(sample.labels):
        return sample
    image, whole, visible = sample.image.clone(), sample.whole, sample.visible.clone()
    labels = sample.labels
    centres = masks.to_boxes(whole.numpy()).reshape(-1, 2, 2).mean(axis=1)
    for k in rng.choice(candidates, size=min(len(candidates), int(rng.integers(1, most + 1))), replace=False):
        colours, alpha = cut_out(donor, int(k), rng)
        space = np.array([image.shape[2] - alpha.shape[1], image.shape[1] - alpha.shape[0]])
        if (space < 0).any():
            continue
        # About one piece's size away from a piece's centre: half on it, half beside it.
        place = centres[rng.integers(len(centres))] + rng.normal(0, 0.35, 2) * alpha.shape[::-1]
        x, y = np.clip(place - np.array(alpha.shape[::-1]) / 2, 0, space).astype(int)
        region = (..., slice(y, y + alpha.shape[0]), slice(x, x + alpha.shape[1]))
        image[region] = torch.lerp(image[region], colours, alpha)
        mask = torch.zeros_like(whole[:1])
        mask[region] = alpha > 0.5
        visible &= ~mask
        whole, visible = torch.cat([whole, mask]), torch.cat([visible, mask])
        labels = torch.cat([labels, donor.labels[k : k + 1]])
    return Sample(image, whole, visible, labels, sample.scenario)


def cut_out(donor: Sample, k: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """The k-th piece turned by any angle and scaled by 0.9 to 1.1: ``(3, h, w)`` colours, ``(h, w)`` opacity."""
    x1, y1, x2, y2 = masks.to_box(donor.whole[k].numpy()).astype(int)
    both = torch.cat([donor.image, donor.whole[k : k + 1].float()])[:, y1:y2, x1:x2]
    # Room for the corners when it turns. The border's colours are continued, so that soft edges stay clean.
    margin = math.ceil(0.3 * max(both.shape[1:])) + 2
    both = torch.cat(
        [
            transform.pad(both[:3], [margin] * 4, padding_mode="edge"),
            transform.pad(both[3:], [margin] * 4, fill=[0.0]),
        ]
    )
    both = transform.affine(
        both, rng.uniform(-180, 180), [0, 0], rng.uniform(0.9, 1.1), [0.0, 0.0], InterpolationMode.BILINEAR
    )
    rows, columns = (torch.where((both[3] > 0.01).any(dim=axis))[0] for axis in (1, 0))
    both = both[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return both[:3], both[3]


def to_target(sample: Sample, truth: str) -> dict[str, Tensor]:
    """Boxes, labels and masks to learn, without pieces of which almost nothing can be seen.

    ``masks`` are whole or visible ones, as ``truth`` says; ``visible_masks`` are for a visible branch.
    """
    seen, areas = sample.visible.sum(dim=(1, 2)), sample.whole.sum(dim=(1, 2))
    keep = (seen >= SMALLEST_VISIBLE_AREA) & (seen >= SMALLEST_VISIBLE_SHARE * areas)
    wanted = (sample.whole if truth == "amodal" else sample.visible)[keep]
    boxes = torch.from_numpy(masks.to_boxes(wanted.numpy())).float()
    masks_to_learn = {"masks": wanted.byte(), "visible_masks": sample.visible[keep].byte()}
    return {"boxes": boxes, "labels": sample.labels[keep]} | masks_to_learn
