"""A made-up detector with known habits: true masks, spoilt in ways that real detectors spoil them.

The metrics cannot tell made-up detections from real ones, and here it is known what is wrong with each. The habits
are invented, not measured: numbers that come from them say how a metric behaves, and nothing about any model.
"""

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from scipy import ndimage

from course_utils.metrics.instances import Detections

# Pairs of category ids that are easily taken for each other: bakwan and cireng, bolu and serabi, tahu and tempe.
LOOK_ALIKE = {1: 3, 3: 1, 2: 4, 4: 2, 5: 6, 6: 5}
# How often a piece of each category is taken for its look-alike.
CONFUSION = {1: 0.10, 2: 0.02, 3: 0.22, 4: 0.04, 5: 0.08, 6: 0.05}


def shifted(mask: np.ndarray, right: int, down: int) -> np.ndarray:
    """A mask ``(H, W) bool`` moved by whole pixels; what leaves the picture is lost."""
    return ndimage.shift(mask, (down, right), order=0, cval=0)


def swollen(mask: np.ndarray, radius: float) -> np.ndarray:
    """A mask ``(H, W) bool`` grown on all sides by `radius` pixels, or shrunk when it is negative."""
    if radius >= 0:
        return ndimage.distance_transform_edt(~mask) <= radius
    return ndimage.distance_transform_edt(mask) > -radius


def simulate(masks: np.ndarray, labels: np.ndarray, hidden: np.ndarray, seed: int | Sequence[int]) -> Detections:
    """What a made-up detector finds on one image; the same for the same seed.

    It shifts and swells masks, the more the more of a piece is hidden; takes foods for their look-alikes; overlooks
    pieces, reports some twice, and now and then one where there is none. Its scores are lower where it is worse, but
    not reliably so.

    Args:
        masks: (N, H, W) bool, the true masks, H equal to W.
        labels: (N,) int, true category ids, 1 to 6.
        hidden: (N,) float, hidden share of each piece, 0 to 1.
        seed: of the random numbers; give [seed, image id] so that every image has its own.
    """
    rng = np.random.default_rng(seed)
    found: list[tuple[int, np.ndarray, float]] = []
    for mask, label, share in zip(masks, labels.tolist(), hidden, strict=True):
        if rng.random() < 0.03 + 0.5 * share**2:
            continue
        found.append(_one(mask, label, share, rng))
        if rng.random() < 0.1:  # once more, and less sure of it
            again = _one(mask, label, share + 0.3, rng)
            found.append((*again[:2], 0.6 * again[2]))
    if len(masks) and rng.random() < 0.3:
        # A piece where there is none: the picture of a piece turned by a half, so that it lands elsewhere.
        ghost = masks[rng.integers(len(masks))][::-1, ::-1]
        found.append((int(rng.integers(1, 7)), ghost, float(rng.uniform(0.05, 0.6))))
    regions = np.array([mask for _, mask, _ in found], dtype=bool).reshape(-1, *masks.shape[1:])
    scores = np.round([score for *_, score in found], 3)
    return Detections(np.array([label for label, *_ in found], dtype=int), regions, scores)


def _one(mask: np.ndarray, label: int, hidden: float, rng: Generator) -> tuple[int, np.ndarray, float]:
    """Label, mask and score of one detection of a piece."""
    right, down = np.round(rng.normal(0, 0.8 + 4 * hidden, 2)).astype(int)
    radius = rng.normal(0, 0.6 + 2 * hidden)
    wrong = rng.random() < CONFUSION[label]
    sureness = 1.0 - 0.06 * np.hypot(right, down) - 0.05 * abs(radius) - 0.25 * wrong + rng.normal(0, 0.12)
    region = swollen(shifted(mask, int(right), int(down)), radius)
    # A shrunk sliver may vanish; a detector reports nothing without pixels.
    region = region if region.any() else mask
    return LOOK_ALIKE[label] if wrong else label, region, float(np.clip(sureness, 0.05, 0.999))
