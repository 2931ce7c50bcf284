"""Exercises of lesson 08 that make RoIAlign a part of a model: over channels and batch, and over the levels."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor
from torch.nn import functional as F

from course_utils.exercises.core import Case, Exercise
from course_utils.exercises.probes import with_gradient
from course_utils.exercises.room import with_align
from course_utils.mask_rcnn import roi_align as course


def _align(maps: Tensor, rois: Tensor, stride: float, bins: int) -> Tensor:
    return course.roi_align(maps, rois, (bins, bins), 1 / stride, sampling_ratio=2)


_PLACES = {
    "one point": (1 / 2,),
    "three points": (1 / 6, 1 / 2, 5 / 6),
    "thirds": (1 / 3, 2 / 3),
    "near sides": (0, 1 / 2),
    "sides": (0, 1),
}
"""Where in a bin the points stand by mistake."""


def _by_points(maps: Tensor, rois: Tensor, stride: float, bins: int, mistake: str) -> Tensor:
    """RoIAlign point by point, with a mistake."""
    places = _PLACES.get(mistake, (1 / 4, 3 / 4))
    boxes = rois[:, :4] if mistake == "photo for x1" else rois[:, 1:]
    boxes = boxes.round() if mistake == "whole pixels" else boxes
    boxes = boxes / stride - (0.5 if mistake == "half off" else 0)
    boxes = boxes.round() if mistake == "rounded" else boxes
    boxes = boxes[:, [1, 0, 3, 2]] if mistake == "swapped" else boxes
    first, size = boxes[:, :2], boxes[:, 2:] - boxes[:, :2]
    size = size if mistake == "narrow" else size.clamp(min=1)
    shares = ((torch.arange(bins)[:, None] + torch.tensor(places)) / bins).flatten()
    x, y = (first[:, k, None] + size[:, k, None] * shares for k in (0, 1))
    picture = torch.zeros(len(rois), dtype=torch.int64) if mistake == "first photo" else rois[:, 0].long()
    values = _read(maps, picture, y, x, mistake).permute(0, 3, 1, 2)
    values = values.unflatten(3, (bins, len(places))).unflatten(2, (bins, len(places)))
    if mistake == "largest":
        return values.amax(dim=(3, 5))
    return values.sum(dim=(3, 5)) if mistake == "sum" else values.mean(dim=(3, 5))


def _read(maps: Tensor, picture: Tensor, y: Tensor, x: Tensor, mistake: str) -> Tensor:
    """Values of the map at points; beyond the last centres as somebody reads them who forgot the rules for that."""
    if mistake == "goes on forever":
        y, x = y.clamp(max=maps.shape[2] - 1), x.clamp(max=maps.shape[3] - 1)
    if mistake == "nearest":
        y, x = (torch.where(t > n, t, t.clamp(0, n - 1).round()) for t, n in ((y, maps.shape[2]), (x, maps.shape[3])))
    if mistake == "empty border":
        y, x = (torch.where(t > n - 1, 1e4, t) for t, n in ((y, maps.shape[2]), (x, maps.shape[3])))
    if mistake == "fading border":
        maps = F.pad(maps, (0, 1, 0, 1))
    return course.bilinear(maps, picture, y, x)


def _mistaken(mistake: str) -> Callable[..., Tensor]:
    return lambda maps, rois, stride, bins: _by_points(maps, rois, stride, bins, mistake)


def _of_right(change: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    return lambda *arguments: change(_align(*arguments))


def _times_stride(maps: Tensor, rois: Tensor, stride: int, bins: int) -> Tensor:
    return _align(maps, rois, 1 / stride, bins)


def _as_many_points_as_cells(maps: Tensor, rois: Tensor, stride: int, bins: int) -> Tensor:
    return course.roi_align(maps, rois, (bins, bins), 1 / stride, sampling_ratio=-1)


def _in_pixels(maps: Tensor, rois: Tensor, stride: int, bins: int) -> Tensor:
    return _align(maps, rois, 1, bins)


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
    """RoIs lie within the photo."""
    return [(torch.from_numpy(rng.normal(size=(2, 2, 9, 7))).float(), _rois(rng, 3, 2, 56), 8, 3)]


# --- the level of a box ------------------------------------------------------------------------------------------


def _levels(boxes: np.ndarray) -> np.ndarray:
    return course.roi_levels(torch.from_numpy(boxes), 2, 5).numpy() + 2


def _by_side(
    side: Callable[[np.ndarray, np.ndarray], np.ndarray],
    finish: Callable[[np.ndarray], np.ndarray] = np.floor,
    log: Callable[[np.ndarray], np.ndarray] = np.log2,
    limits: tuple[int, int] = (2, 5),
    usual: float = 224,
) -> Callable[[np.ndarray], np.ndarray]:
    """The formula with another side, rounding, logarithm, limits, or another side of the usual box."""

    def levels(boxes: np.ndarray) -> np.ndarray:
        width, height = (boxes[:, 2:] - boxes[:, :2]).T
        return finish(4 + log(side(width, height) / usual)).clip(*limits).astype(int)

    return levels


def _root(width: np.ndarray, height: np.ndarray) -> np.ndarray:
    return np.sqrt(width * height)


def _level_edges() -> list[Case]:
    sides: list[list] = [[(224, 224)], [(112, 113), (223.5, 223.9), (300, 150), (150, 300), (223.4, 223.4)]]
    sides += [[(40, 30), (900, 1100), (8, 7), (100, 300)], [(448, 448), (447, 448), (56, 56), (55, 55.5)], []]
    rng = np.random.default_rng(2)
    many = rng.uniform(20, 600, (40, 2)).round(1).tolist()
    return [*(_boxes(each, rng) for each in sides), _boxes(many, rng)]


def _boxes(sides: list, rng: Generator) -> Case:
    corners = rng.integers(0, 99, (len(sides), 2)).astype(float)
    return (np.concatenate([corners, corners + np.array(sides, dtype=float).reshape(-1, 2)], axis=1),)


def _level_random(rng: Generator) -> list[Case]:
    return [_boxes(rng.uniform(20, 900, (6, 2)).round(1).tolist(), rng)]


# --- all levels together -----------------------------------------------------------------------------------------


def _pool(maps: list[Tensor], rois: Tensor, strides: list[int], bins: int, level_of: Any, align: Any) -> Tensor:
    pooled = torch.zeros(len(rois), maps[0].shape[1], bins, bins)
    for number, level in enumerate(level_of(rois[:, 1:]).tolist()):
        pooled[[number]] = align(maps[level - 2], rois[[number]], strides[level - 2], bins)
    return pooled


def _badly_pooled(mistake: str) -> Callable[..., Tensor]:
    return lambda *arguments: _pooled(*arguments, mistake=mistake)


def _pooled(
    maps: list[Tensor], rois: Tensor, strides: list[int], bins: int, level_of: Any, align: Any, *, mistake: str
) -> Tensor:
    """Each RoI from its own level, but for a mistake."""
    levels = level_of({"photo for x1": rois[:, :4], "whole RoIs": rois}.get(mistake, rois[:, 1:])) - 2
    if mistake == "first photo":
        rois = torch.cat([0 * rois[:, :1], rois[:, 1:]], dim=1)
    if mistake == "by level":
        order = levels.argsort(stable=True)
        rois, levels = rois[order], levels[order]
    if mistake == "upside down":
        levels = len(maps) - 1 - levels
    if mistake == "one lower":
        levels = (levels - 1) % len(maps)
    if mistake == "finest":
        levels = 0 * levels
    if mistake == "one stride":
        strides = [strides[0]] * len(maps)
    pooled = torch.zeros(len(rois), maps[0].shape[1], bins, bins)
    for k, each in enumerate(maps[:-1] if mistake == "last left out" else maps):
        each = {"finest, own stride": maps[0], "own stride, upside down": maps[-1 - k]}.get(mistake, each)
        own = rois if mistake == "all at each level" else rois[levels == k]
        if len(own):
            own = own[:, 1:] if mistake == "no photo" else own
            pooled[levels == k] = align(each, own, strides[k], bins)
    return pooled


def _added_up(maps: list[Tensor], rois: Tensor, strides: list[int], bins: int, level_of: Any, align: Any) -> Tensor:
    return sum(align(each, rois, stride, bins) for each, stride in zip(maps, strides, strict=True))


def _pool_edges() -> list[Case]:
    rng = np.random.default_rng(4)
    maps = [torch.from_numpy(rng.normal(size=(2, 3, 512 // s, 512 // s))).float() for s in (4, 8, 16, 32)]
    few = torch.tensor([[0.0, 10, 10, 480, 500], [1, 30, 40, 60, 80], [0, 5, 200, 140, 330]])
    return [
        ([torch.ones(1, 1, 16, 16), 2 * torch.ones(1, 1, 8, 8)], torch.tensor([[0.0, 2, 2, 40, 50]]), [4, 8], 2),
        (maps, few, [4, 8, 16, 32], 2),
        (maps, torch.zeros(0, 5), [4, 8, 16, 32], 2),
        (maps, _rois(rng, 20, 2, 500), [4, 8, 16, 32], 3),
    ]


def _pool_random(rng: Generator) -> list[Case]:
    maps = [torch.from_numpy(rng.normal(size=(2, 3, 512 // s, 512 // s))).float() for s in (4, 8, 16, 32)]
    return [(maps, _rois(rng, 6, 2, 500), [4, 8, 16, 32], 2)]


ALIGN = [
    Exercise(
        id="roi-align",
        title="RoIAlign, for all channels and RoIs",
        points=3,
        shortcuts=("torchvision.ops.roi_align", "torchvision.ops.RoIAlign", "torchvision.ops.MultiScaleRoIAlign"),
        reference=_align,
        edges=_align_edges,
        random=_align_random,
        tolerance=1e-4,
        probe=with_gradient,
        misconceptions={
            "The boxes are still in pixels of the photo: divide them by the stride first.": _in_pixels,
            "You multiply by the stride. From the photo to the map it goes the other way: divide.": _times_stride,
            "You took the largest of the four points. The paper's text allows it; here, as in torchvision, it is the "
            "mean.": _mistaken("largest"),
            "You added up the four points of a bin. Their mean is asked for.": _mistaken("sum"),
            "One point in each bin is not enough: two along each axis, four in all.": _mistaken("one point"),
            "There are three points along each axis of your bins. Here it is two.": _mistaken("three points"),
            "Your points divide each bin into three parts. Each stands in the middle of its own half: a quarter of the "
            "bin from its sides.": _mistaken("thirds"),
            "Your points stand at the beginning and in the middle of each bin. Move them by half a step: a quarter and "
            "three quarters.": _mistaken("near sides"),
            "Your points stand on the sides of the bins. Each belongs into the middle of its own half.": (
                _mistaken("sides")
            ),
            "You read the nearest cell. That is a rounding, too: between cells the value is interpolated.": (
                _mistaken("nearest")
            ),
            "A RoI begins with the number of its photo. Its box are the four numbers behind.": (
                _mistaken("photo for x1")
            ),
            "The number of your points follows the size of the box. That is a mode of torchvision's, too, but not the "
            "one of its Mask R-CNN: two along each axis, always.": _as_many_points_as_cells,
            "Your points lie half a cell too far to the upper left: that is detectron2's way "
            "(aligned=True).": _mistaken("half off"),
            "You rounded the box to whole cells. RoIAlign rounds nothing.": _mistaken("rounded"),
            "You rounded the box to whole pixels. RoIAlign rounds nothing.": _mistaken("whole pixels"),
            "x and y have changed places.": _mistaken("swapped"),
            "Your bins are transposed: rows first, then columns.": _of_right(lambda pooled: pooled.transpose(2, 3)),
            "The channels come last in your result. In PyTorch they come before rows and columns.": (
                _of_right(lambda pooled: pooled.permute(0, 2, 3, 1))
            ),
            "All your RoIs are read from the first photo of the batch. The first number of each RoI says which one is "
            "meant.": _mistaken("first photo"),
            "A RoI smaller than one cell counts as one cell wide and high.": _mistaken("narrow"),
            "Beyond the centres of the last row and column your map is empty. It should go on with their values: hold "
            "the coordinates at H - 1 and W - 1.": _mistaken("empty border"),
            "Beyond the centres of the last row and column your map fades out to 0. It should go on with their values: "
            "hold the coordinates at H - 1 and W - 1.": _mistaken("fading border"),
            "Your map goes on without end. A point beyond H or W lies outside of it, and reads 0.": (
                _mistaken("goes on forever")
            ),
        },
        hints=(
            "At which rows and columns of the map do the points of one RoI stand, and what share has each cell in the "
            "value at a point?",
            "Rows and columns can be treated apart: for each RoI the rows of its points, the columns of its points. "
            "Then read the map of its photo at every pair, in all channels, and take the mean over each 2 x 2.",
            "Boxes / stride; size at least 1; points at start + size * (k + 0.5) / (2 * bins), held between 0 and "
            "H - 1. The share of cell r in a point y is 1 - |y - r|, but not below 0: a matrix (2 * bins, H) for the "
            "rows, one for the columns (torch.einsum puts the map between them). Points beyond H have no share in "
            "anything.",
        ),
    ),
    Exercise(
        id="roi-level",
        title="The pyramid level of a box",
        points=1,
        whole=True,
        shortcuts=(
            "torchvision.ops.poolers.LevelMapper",
            "torchvision.ops.MultiScaleRoIAlign",
        ),
        reference=_levels,
        edges=_level_edges,
        random=_level_random,
        misconceptions={
            "You took the area where the side is asked for: the square root is missing.": _by_side(lambda w, h: w * h),
            "There are only four levels: hold the result between 2 and 5.": _by_side(_root, limits=(-99, 99)),
            "Levels are numbered 2 to 5 here. 0 to 3 are the places in a list of maps.": _by_side(_root, limits=(0, 3)),
            "The usual box, that of level 4, has a side of 224 pixels, not 256.": _by_side(_root, usual=256),
            "The logarithm of the area counts the side twice. Take the root of the area first.": (
                _by_side(lambda w, h: w * h / 224)
            ),
            "Round down: np.floor, not np.round.": _by_side(_root, np.round),
            "Large boxes belong to coarse levels, with large numbers. Yours go the other way: side / 224, not 224 / "
            "side.": _by_side(lambda w, h: 224**2 / _root(w, h)),
            "Boxes are half-open in this course: the width is x2 - x1, without + 1.": _by_side(
                lambda w, h: _root(w + 1, h + 1)
            ),
            "You took the mean of the two sides. The root of the area counts.": _by_side(lambda w, h: (w + h) / 2),
            "That is another logarithm: of base 2 is the one that goes up by 1 when the side doubles.": (
                _by_side(_root, log=np.log10)
            ),
            "The width alone does not say how large a box is: the root of the area does.": _by_side(lambda w, h: w),
            "The height alone does not say how large a box is: the root of the area does.": _by_side(lambda w, h: h),
            "The shorter side alone does not say how large a box is: the root of the area does.": (
                _by_side(np.minimum)
            ),
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
        shortcuts=("torchvision.ops.MultiScaleRoIAlign",),
        reference=_pool,
        edges=_pool_edges,
        random=_pool_random,
        tolerance=1e-4,
        probe=with_align,
        misconceptions={
            "Your features are sorted by level. Row k must belong to RoI k, for the box branch adds its deltas to RoI "
            "k.": _badly_pooled("by level"),
            "All are read from the finest map.": _badly_pooled("finest"),
            "Each level has a stride of its own.": _badly_pooled("one stride"),
            "Level 2 is the first map of the list, and large boxes go to the last.": _badly_pooled("upside down"),
            "Your levels are off by one: the first map of the list is level 2.": _badly_pooled("one lower"),
            "The last map is never read. Large boxes belong to it.": _badly_pooled("last left out"),
            "A RoI begins with the number of its photo; `level_of` wants the box behind it.": (
                _badly_pooled("photo for x1")
            ),
            "All are read from the first photo of the batch. Hand `align` the RoIs with their first number.": (
                _badly_pooled("first photo")
            ),
            "`level_of` wants boxes of four numbers. A RoI has five: leave out the first, rois[:, 1:].": (
                _badly_pooled("whole RoIs")
            ),
            "`align` wants RoIs of five numbers, that of the photo first. You cut it off.": _badly_pooled("no photo"),
            "You read all RoIs at each level, and there is room for those of the level only: hand `align` the same "
            "ones.": (_badly_pooled("all at each level")),
            "All are read from the finest map, though with the stride of their own level.": (
                _badly_pooled("finest, own stride")
            ),
            "Strides go from the finest level to the coarsest, and your maps the other way.": (
                _badly_pooled("own stride, upside down")
            ),
            "You read every RoI from every level, and added up. Each belongs to one.": _added_up,
        },
        hints=(
            "RoIs of one level can be read together. How do their features get back to the rows where their RoIs "
            "stand?",
            "An empty result for all RoIs; then, for each level: which RoIs are its own? Read them, and write them "
            "into their rows.",
            "Begin with zeros (R, C, bins, bins). RoIs whose level is k + 2 belong to map k, with its own stride: a "
            "mask of them picks their rows of `rois`, and the same mask says into which rows of the result their "
            "features go.",
        ),
    ),
]
