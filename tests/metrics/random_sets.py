"""Random data sets for the metrics: small images full of ties, crowds, empty classes and whatever else can go wrong."""

from dataclasses import dataclass

import numpy as np

from course_utils.metrics.instances import Detections, GroundTruth

SIZE = (40, 48)
CLASSES = (1, 2, 3, 5)
HALF_WAY = np.array([1.0, 0, 1, 0])


@dataclass(frozen=True)
class Recipe:
    """What a set is made of: how many of each thing, and how coarse the grid is that makes IoUs and scores tie."""

    seed: int
    images: int = 4
    most_truths: int = 6
    most_detections: int = 10
    classes: int = 3
    crowd_rate: float = 0.15
    score_steps: int = 6
    grid: int = 4
    scale: float = 1.0


def boxes(rng: np.random.Generator, count: int, grid: int) -> np.ndarray:
    """Boxes (count, 4) xyxy with corners on a grid, so that equal boxes and equal IoUs are common."""
    height, width = SIZE
    x = np.sort(rng.integers(0, width // grid + 1, (count, 2)), axis=1) * grid
    y = np.sort(rng.integers(0, height // grid + 1, (count, 2)), axis=1) * grid
    return np.stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1]], axis=1).astype(float)


def draw(corners: np.ndarray) -> np.ndarray:
    """Boxes (N, 4) of whole pixels as masks (N, H, W)."""
    rows, columns = np.arange(SIZE[0])[:, None], np.arange(SIZE[1])
    x1, y1, x2, y2 = (side[:, None, None] for side in corners.T)
    return (columns >= x1) & (columns < x2) & (rows >= y1) & (rows < y2)


def make(recipe: Recipe, kind: str) -> list[tuple[GroundTruth, Detections]]:
    """A data set of masks or boxes. Truth never holds the last class; areas of truths may differ from their regions."""
    rng = np.random.default_rng(recipe.seed)
    return [_image(rng, recipe, kind, number) for number in range(recipe.images)]


def _image(rng: np.random.Generator, recipe: Recipe, kind: str, number: int) -> tuple[GroundTruth, Detections]:
    truths, found = rng.integers(0, recipe.most_truths + 1), rng.integers(0, recipe.most_detections + 1)
    there = boxes(rng, truths, recipe.grid)
    # Every other truth is often a twin of the one before, so that a detection half-way overlaps both equally.
    twins = np.flatnonzero(rng.random(truths // 2) < 0.5) * 2
    there[twins + 1] = there[twins] + HALF_WAY * 2
    seen = boxes(rng, found, recipe.grid)
    if truths:  # most detections lie near an object, or on it exactly
        meant = there[rng.integers(0, truths, found)]
        near = meant + rng.integers(-1, 2, (found, 4)) * rng.integers(0, 3)
        near = np.where(rng.random((found, 1)) < 0.3, meant + HALF_WAY, near)
        seen = np.where(rng.random((found, 1)) < 0.75, near, seen)
        seen = np.concatenate([np.minimum(seen[:, :2], seen[:, 2:]), np.maximum(seen[:, :2], seen[:, 2:])], axis=1)
    if kind == "boxes":
        scale = recipe.scale
        regions = there * scale, (seen + (rng.random(seen.shape) if recipe.seed % 2 else 0)) * scale
        regions = regions[0], np.concatenate([regions[1][:, :2], regions[1][:, 2:] + scale], axis=1)
    else:
        regions = draw(there), draw(seen) & (rng.random((found, *SIZE)) > 0.02 * (recipe.seed % 2))
    labels = rng.choice(CLASSES[: recipe.classes], truths)
    areas = rng.choice([1.0, 900.0, 1024.0, 5000.0, 9216.0, 2e4], truths)
    truth = GroundTruth(labels, regions[0], rng.random(truths) < recipe.crowd_rate, areas, number)
    scores = rng.integers(0, recipe.score_steps + 1, found) / recipe.score_steps
    return truth, Detections(rng.choice(CLASSES[: recipe.classes + 1], found), regions[1], scores, image=number)
