"""Exercises of lesson 08 that make RoIAlign a part of a model: over channels and batch, and over the levels."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor
from torchvision import ops

from course_utils.exercises.core import Case, Exercise
from course_utils.exercises.probes import with_gradient
from course_utils.exercises.room import with_align
from course_utils.mask_rcnn import roi_align as course


def _align(maps: Tensor, rois: Tensor, stride: int, bins: int) -> Tensor:
    return ops.roi_align(maps, rois, bins, 1 / stride, sampling_ratio=2)


def _by_points(maps: Tensor, rois: Tensor, stride: float, bins: int, mistake: str = "") -> Tensor:
    """RoIAlign point by point, or what comes of a mistake."""
    samples = 1 if mistake == "one point" else 2
    boxes = rois[:, 1:] / stride - (0.5 if mistake == "half off" else 0)
    boxes = boxes.round() if mistake == "rounded" else boxes
    boxes = boxes[:, [1, 0, 3, 2]] if mistake == "swapped" else boxes
    first, size = boxes[:, :2], boxes[:, 2:] - boxes[:, :2]
    size = size if mistake == "narrow" else size.clamp(min=1)
    steps = (torch.arange(samples * bins) + 0.5) / (samples * bins)
    x, y = (first[:, k, None] + size[:, k, None] * steps for k in (0, 1))
    picture = torch.zeros(len(rois), dtype=torch.int64) if mistake == "first photo" else rois[:, 0].long()
    places = y[:, :, None].expand(-1, -1, x.shape[1]), x[:, None].expand(-1, y.shape[1], -1)
    values = course.bilinear(maps, picture, *_held(places, maps, mistake)) if len(rois) else maps.new_zeros(0)
    if not len(rois):
        return maps.new_zeros(0, maps.shape[1], bins, bins)
    values = values.permute(0, 3, 1, 2).unflatten(3, (bins, samples)).unflatten(2, (bins, samples))
    pooled = values.amax(dim=(3, 5)) if mistake == "largest" else values.mean(dim=(3, 5))
    return pooled.transpose(2, 3) if mistake == "transposed" else pooled


def _held(places: tuple[Tensor, Tensor], maps: Tensor, mistake: str) -> tuple[Tensor, Tensor]:
    """Rows and columns of the points; beyond the last centres all is empty where somebody forgot to hold on to them."""
    y, x = places[0][:, :, 0], places[1][:, 0]
    if mistake == "empty border":
        y, x = (torch.where(t > n - 1, torch.tensor(1e4), t) for t, n in ((y, maps.shape[2]), (x, maps.shape[3])))
    return y, x


def _mistaken(mistake: str) -> Callable[..., Tensor]:
    return lambda maps, rois, stride, bins: _by_points(maps, rois, stride, bins, mistake)


def _in_pixels(maps: Tensor, rois: Tensor, stride: int, bins: int) -> Tensor:
    return _by_points(maps, rois, 1, bins)


def _rois(rng: Generator, count: int, photos: int, size: float) -> Tensor:
    corner, extent = rng.uniform(0, size * 0.5, (count, 2)), rng.uniform(size * 0.1, size * 0.5, (count, 2))
    table = np.concatenate([rng.integers(0, photos, (count, 1)), corner, corner + extent], axis=1)
    return torch.from_numpy(table.round(1)).float()


def _align_edges() -> list[Case]:
    rng = np.random.default_rng(8)
    ramp = 10.0 * torch.arange(6.0)[:, None] + torch.arange(6.0)
    maps = torch.from_numpy(rng.normal(size=(2, 3, 6, 8))).float()
    corner = torch.tensor([[0.0, 16, 12, 24, 24]])  # reaches the lower right corner of the map
    slim = torch.tensor([[1.0, 5, 6, 6.5, 20], [0, 3, 9, 25, 10]])  # less than a cell wide, less than a cell high
    ends = torch.tensor([[0.0, 23.2, 5, 23.9, 15], [0, 21, 21, 22, 22]])  # with points beyond the map, and on its end
    big = torch.from_numpy(rng.normal(size=(2, 4, 40, 40))).float()
    return [
        (ramp[None, None], torch.tensor([[0.0, 5, 3, 17, 19]]), 4, 2),
        (ramp[None, None], corner, 4, 2),
        (maps, slim, 4, 3),
        (ramp[None, None] + 1, ends, 4, 1),
        (maps, torch.zeros(0, 5), 4, 2),
        (big, _rois(rng, 30, 2, 320), 8, 7),
    ]


def _align_random(rng: Generator) -> list[Case]:
    return [(torch.from_numpy(rng.normal(size=(2, 2, 9, 7))).float(), _rois(rng, 3, 2, 50), 8, 3)]


# --- the level of a box ------------------------------------------------------------------------------------------


def _levels(boxes: np.ndarray) -> np.ndarray:
    return course.roi_levels(torch.from_numpy(boxes), 2, 5).numpy() + 2


def _by_side(side: Callable[[np.ndarray, np.ndarray], np.ndarray], finish: Any = np.floor, low: int = 2) -> Any:
    """The formula with another side, another rounding, or without a limit."""

    def levels(boxes: np.ndarray) -> np.ndarray:
        width, height = (boxes[:, 2:] - boxes[:, :2]).T
        return finish(4 + np.log2(side(width, height) / 224)).clip(low, 5 if low == 2 else 99).astype(int)

    return levels


def _root(width: np.ndarray, height: np.ndarray) -> np.ndarray:
    return np.sqrt(width * height)


def _level_edges() -> list[Case]:
    sides: list[list] = [[(224, 224)], [(112, 113), (223.5, 223.9), (300, 150), (150, 300), (223.4, 223.4)]]
    sides += [[(40, 30), (900, 1100), (8, 7), (100, 300)], [(448, 448), (447, 448), (56, 56), (55, 55.5)], []]
    rng = np.random.default_rng(2)
    return [*(_boxes(each, rng) for each in sides), _boxes(rng.uniform(20, 600, (40, 2)).round(1).tolist(), rng)]


def _boxes(sides: list, rng: Generator) -> Case:
    corners = rng.integers(0, 99, (len(sides), 2)).astype(float)
    return (np.concatenate([corners, corners + np.array(sides, dtype=float).reshape(-1, 2)], axis=1),)


def _level_random(rng: Generator) -> list[Case]:
    return [_boxes(rng.uniform(20, 900, (6, 2)).round(1).tolist(), rng)]


# --- all levels together -----------------------------------------------------------------------------------------


def _pool(maps: list[Tensor], rois: Tensor, strides: list[int], bins: int, level_of: Any, align: Any) -> Tensor:
    levels = level_of(rois[:, 1:]) - 2
    pooled = [align(maps[k], roi[None], strides[k], bins) for roi, k in zip(rois, levels.tolist(), strict=True)]
    return torch.cat(pooled) if pooled else maps[0].new_zeros(0, maps[0].shape[1], bins, bins)


def _pool_by_level(
    maps: list[Tensor], rois: Tensor, strides: list[int], bins: int, level_of: Any, align: Any
) -> Tensor:
    order = (level_of(rois[:, 1:]) - 2).argsort(stable=True)
    return _pool(maps, rois[order], strides, bins, level_of, align)


def _pool_finest(maps: list[Tensor], rois: Tensor, strides: list[int], bins: int, level_of: Any, align: Any) -> Tensor:
    return align(maps[0], rois, strides[0], bins)


def _pool_one_stride(
    maps: list[Tensor], rois: Tensor, strides: list[int], bins: int, level_of: Any, align: Any
) -> Tensor:
    return _pool(maps, rois, [strides[0]] * len(maps), bins, level_of, align)


def _pool_upside_down(
    maps: list[Tensor], rois: Tensor, strides: list[int], bins: int, level_of: Any, align: Any
) -> Tensor:
    return _pool(maps[::-1], rois, strides[::-1], bins, level_of, align)


def _pool_edges() -> list[Case]:
    rng = np.random.default_rng(4)
    maps = [torch.from_numpy(rng.normal(size=(2, 3, 512 // s, 512 // s))).float() for s in (4, 8, 16, 32)]
    few = torch.tensor([[0.0, 10, 10, 400, 420], [1, 30, 40, 60, 80], [0, 5, 200, 140, 330]])
    return [
        ([torch.ones(1, 1, 16, 16), 2 * torch.ones(1, 1, 8, 8)], torch.tensor([[0.0, 2, 2, 40, 50]]), [4, 8], 2),
        (maps, few, [4, 8, 16, 32], 2),
        (maps, torch.zeros(0, 5), [4, 8, 16, 32], 2),
        (maps, _rois(rng, 20, 2, 500), [4, 8, 16, 32], 3),
    ]


ALIGN = [
    Exercise(
        id="roi-align",
        title="RoIAlign, for all channels and RoIs",
        points=3,
        shortcuts=("torchvision.ops.roi_align", "torchvision.ops.RoIAlign"),
        reference=_align,
        edges=_align_edges,
        random=_align_random,
        tolerance=1e-4,
        probe=with_gradient,
        misconceptions={
            "The boxes are still in pixels of the photo: divide them by the stride first.": _in_pixels,
            "You took the largest of the four points. The paper's text allows it; here, as in torchvision, it is the "
            "mean.": _mistaken("largest"),
            "One point in each bin is not enough: two along each axis, four in all.": _mistaken("one point"),
            "Your points lie half a cell too far to the upper left: that is detectron2's way "
            "(aligned=True).": _mistaken("half off"),
            "You rounded the box to whole cells. RoIAlign rounds nothing.": _mistaken("rounded"),
            "x and y have changed places.": _mistaken("swapped"),
            "Your bins are transposed: rows first, then columns.": _mistaken("transposed"),
            "All your RoIs are read from the first photo of the batch. The first number of each RoI says which one is "
            "meant.": _mistaken("first photo"),
            "A RoI smaller than one cell counts as one cell wide and high.": _mistaken("narrow"),
            "Beyond the centres of the last row and column your map is empty. It should go on with their values: hold "
            "the coordinates at H - 1 and W - 1.": _mistaken("empty border"),
        },
        hints=(
            "At which rows and columns of the map do the points of one RoI stand, and what share has each cell in the "
            "value at a point?",
            "Rows and columns can be treated apart: for each RoI the rows of its points, the columns of its points. "
            "Then "
            "read the map of its photo at every pair, in all channels, and take the mean over each 2 x 2.",
            "Boxes / stride; size at least 1; points at start + size * (k + 0.5) / (2 * bins), held between 0 and H "
            "- 1. "
            "The share of cell r in a point y is 1 - |y - r|, but not below 0: a matrix (2 * bins, H) for the rows, "
            "one "
            "for the columns, and map values between them.",
        ),
    ),
    Exercise(
        id="roi-level",
        title="The pyramid level of a box",
        points=1,
        reference=_levels,
        edges=_level_edges,
        random=_level_random,
        misconceptions={
            "You took the area where the side is asked for: the square root is missing.": _by_side(lambda w, h: w * h),
            "There are only four levels: hold the result between 2 and 5.": _by_side(_root, low=-99),
            "Round down: np.floor, not np.round.": _by_side(_root, np.round),
            "Large boxes belong to coarse levels, with large numbers. Yours go the other way: side / 224, not 224 / "
            "side.": _by_side(lambda w, h: 224**2 / _root(w, h)),
            "Boxes are half-open in this course: the width is x2 - x1, without + 1.": _by_side(
                lambda w, h: _root(w + 1, h + 1)
            ),
            "You took the mean of the two sides. The root of the area counts.": _by_side(lambda w, h: (w + h) / 2),
            "The longer side alone does not say how large a box is: the root of the area does.": _by_side(np.maximum),
        },
        hints=(
            "A box of twice the side belongs one level higher. Which function goes up by one when its argument "
            "doubles?",
            "Width and height, the root of their product, the formula, a rounding, a limit, whole numbers.",
            "k = floor(4 + log2(side / 224)), held between 2 and 5 with .clip, then .astype(int).",
        ),
    ),
    Exercise(
        id="pool-rois",
        title="Each RoI from its own level",
        points=2,
        reference=_pool,
        edges=_pool_edges,
        tolerance=1e-4,
        probe=with_align,
        misconceptions={
            "Your features are sorted by level. Row k must belong to RoI k, for the box branch adds its deltas to RoI "
            "k.": _pool_by_level,
            "All are read from the finest map.": _pool_finest,
            "Each level has a stride of its own.": _pool_one_stride,
            "Level 2 is the first map of the list, and large boxes go to the last.": _pool_upside_down,
        },
        hints=(
            "RoIs of one level can be read together. How do their features get back to the rows where their RoIs "
            "stand?",
            "An empty result for all RoIs; then for each level: which RoIs are its, read them, write them into their "
            "rows.",
            "pooled = zeros (R, C, bins, bins); mine = level_of(rois[:, 1:]) == k + 2; pooled[mine] = align(maps[k], "
            "rois[mine], strides[k], bins).",
        ),
    ),
]
