"""Exercises of lesson 08: RoIPool's rounding, bilinear interpolation, sampling points, RoIAlign, pyramid levels."""

import numpy as np
import torch
from numpy.random import Generator
from scipy.ndimage import map_coordinates

from course_utils.exercises.core import Case, Exercise, Lesson
from course_utils.mask_rcnn import roi_align as course


def _snap(box: np.ndarray, stride: int) -> np.ndarray:
    return np.round(box / stride) * stride


def _snap_in_pixels(box: np.ndarray, stride: int) -> np.ndarray:
    return np.round(box)


def _snap_down(box: np.ndarray, stride: int) -> np.ndarray:
    return np.floor(box / stride) * stride


def _snap_on_map(box: np.ndarray, stride: int) -> np.ndarray:
    return np.round(box / stride)


def _snap_edges() -> list[Case]:
    cases: list[Case] = [(np.array([20.3, 41, 90, 75]), 16), (np.array([32.0, 64, 96, 128]), 32)]
    return cases


def _snap_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    while len(cases) < 6:
        box, stride = rng.uniform(0, 300, 4).round(1), int(rng.choice([4, 8, 16, 32]))
        # Half a cell would be rounded by luck.
        if (np.abs(box / stride % 1 - 0.5) > 0.03).all():
            cases.append((box, stride))
    return cases


def _value(feature: np.ndarray, y: float, x: float) -> float:
    maps = torch.from_numpy(feature)[None, None]
    at = (torch.tensor([[y]], dtype=maps.dtype), torch.tensor([[x]], dtype=maps.dtype))
    return course.bilinear(maps, torch.tensor([0]), *at).item()


def _corners(feature: np.ndarray, y: float, x: float) -> tuple[np.ndarray, float, float]:
    """The four pixels around a point, and how far it lies below and to the right of the first."""
    top, left = int(y), int(x)
    rows = [top, min(top + 1, feature.shape[0] - 1)]
    columns = [left, min(left + 1, feature.shape[1] - 1)]
    return feature[np.ix_(rows, columns)], y - top, x - left


def _value_far(feature: np.ndarray, y: float, x: float) -> float:
    four, down, across = _corners(feature, y, x)
    return float(np.array([down, 1 - down]) @ four @ np.array([across, 1 - across]))


def _value_swapped(feature: np.ndarray, y: float, x: float) -> float:
    return _value(feature, x, y)


def _value_nearest(feature: np.ndarray, y: float, x: float) -> float:
    return float(feature[round(y), round(x)])


def _value_mean(feature: np.ndarray, y: float, x: float) -> float:
    return float(_corners(feature, y, x)[0].mean())


def _value_off_the_edge(feature: np.ndarray, y: float, x: float) -> float:
    feature[int(y) + 1, int(x) + 1]  # raises IndexError, as the answer of whoever makes this mistake does
    return _value(feature, y, x)


def _value_map(rng: Generator) -> np.ndarray:
    return rng.integers(0, 50, (4, 4)).astype(float)


def _value_edges() -> list[Case]:
    four, larger = np.array([[10.0, 20.0], [30.0, 60.0]]), _value_map(np.random.default_rng(0))
    return [(four, 0.25, 0.5), (larger, 1.0, 2.0), (larger, 3.0, 1.25), (larger, 1.25, 3.0)]


def _value_random(rng: Generator) -> list[Case]:
    larger = _value_map(rng)
    return [(larger, *rng.uniform(0.1, 2.4, 2).round(2).tolist()) for _ in range(4)]


def _points(start: float, end: float, bins: int, samples: int) -> np.ndarray:
    first, extent = torch.tensor([[start], [end - start]], dtype=torch.float64)
    return course.sample_points(first, extent, bins, samples)[0].numpy()


def _points_to_the_edges(start: float, end: float, bins: int, samples: int) -> np.ndarray:
    return np.linspace(start, end, bins * samples)


def _points_at_left_edges(start: float, end: float, bins: int, samples: int) -> np.ndarray:
    return start + np.arange(bins * samples) * (end - start) / (bins * samples)


def _points_without_start(start: float, end: float, bins: int, samples: int) -> np.ndarray:
    return _points(start, end, bins, samples) - start


def _points_one_a_bin(start: float, end: float, bins: int, samples: int) -> np.ndarray:
    return _points(start, end, bins, 1)


def _points_rounded(start: float, end: float, bins: int, samples: int) -> np.ndarray:
    return np.round(_points(start, end, bins, samples))


def _point_edges() -> list[Case]:
    cases: list[Case] = [(1.0, 5.0, 2, 2), (2.5, 4.5, 1, 2)]
    return cases


def _point_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for _ in range(4):
        start, extent = rng.uniform(1, 9), rng.uniform(2, 12)
        cases.append((round(start, 1), round(start + extent, 1), int(rng.integers(2, 8)), int(rng.integers(2, 5))))
    return cases


def _align(feature: np.ndarray, box: np.ndarray, stride: int, bins: int) -> np.ndarray:
    rois = torch.from_numpy(np.concatenate([[0], box]))[None]
    return course.roi_align(torch.from_numpy(feature)[None, None], rois, (bins, bins), 1 / stride)[0, 0].numpy()


def _align_points(feature: np.ndarray, box: np.ndarray, bins: int, samples: int = 2) -> np.ndarray:
    """Values at the points of every bin, ``box`` on the map: ``(bins, bins, samples * samples)``."""
    y, x = _points(box[1], box[3], bins, samples), _points(box[0], box[2], bins, samples)
    values = map_coordinates(feature, np.meshgrid(y, x, indexing="ij"), order=1, mode="nearest")
    in_bins = values.reshape(bins, samples, bins, samples).transpose(0, 2, 1, 3)
    return in_bins.reshape(bins, bins, -1)


def _align_rounded(feature: np.ndarray, box: np.ndarray, stride: int, bins: int) -> np.ndarray:
    return _align(feature, _snap(box, stride), stride, bins)


def _align_unscaled(feature: np.ndarray, box: np.ndarray, stride: int, bins: int) -> np.ndarray:
    return _align_points(feature, box, bins).mean(axis=2)


def _align_sum(feature: np.ndarray, box: np.ndarray, stride: int, bins: int) -> np.ndarray:
    return 4 * _align(feature, box, stride, bins)


def _align_max(feature: np.ndarray, box: np.ndarray, stride: int, bins: int) -> np.ndarray:
    return _align_points(feature, box / stride, bins).max(axis=2)


def _align_one_point(feature: np.ndarray, box: np.ndarray, stride: int, bins: int) -> np.ndarray:
    return _align_points(feature, box / stride, bins, samples=1)[..., 0]


def _align_half_off(feature: np.ndarray, box: np.ndarray, stride: int, bins: int) -> np.ndarray:
    return _align_points(feature, box / stride - 0.5, bins).mean(axis=2)


def _align_transposed(feature: np.ndarray, box: np.ndarray, stride: int, bins: int) -> np.ndarray:
    return _align(feature, box, stride, bins).T


def _align_swapped(feature: np.ndarray, box: np.ndarray, stride: int, bins: int) -> np.ndarray:
    return _align(feature, box[[1, 0, 3, 2]], stride, bins)


def _align_edges() -> list[Case]:
    # Corners as far as possible from whole cells, so that rounding shows.
    feature = np.random.default_rng(0).integers(0, 20, (8, 8)).astype(float)
    return [(feature, np.array([9.0, 5, 25, 29]), 4, 2)]


def _align_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for bins in (1, 3, 4):
        start, extent = rng.uniform(12, 40, 2), rng.uniform(25, 50, 2)
        box = np.concatenate([start, start + extent]).round(1)
        cases.append((rng.uniform(0, 20, (14, 14)).round(1), box, 8, bins))
    return cases


def _level(box: np.ndarray) -> int:
    return int(course.roi_levels(torch.from_numpy(box)[None], 2, 5)[0]) + 2


def _side(box: np.ndarray) -> float:
    return float(np.sqrt((box[2] - box[0]) * (box[3] - box[1])))


def _level_by_area(box: np.ndarray) -> int:
    return int(np.clip(np.floor(4 + np.log2(_side(box) ** 2 / 224)), 2, 5))


def _level_unlimited(box: np.ndarray) -> int:
    return int(np.floor(4 + np.log2(_side(box) / 224)))


def _level_rounded(box: np.ndarray) -> int:
    return int(np.clip(np.round(4 + np.log2(_side(box) / 224)), 2, 5))


def _level_reversed(box: np.ndarray) -> int:
    return int(np.clip(np.floor(4 - np.log2(_side(box) / 224)), 2, 5))


def _boxes_of(sides: list, rng: Generator) -> list[Case]:
    corners = rng.integers(0, 99, (len(sides), 2))
    return [(np.array([x, y, x + w, y + h], dtype=float),) for (x, y), (w, h) in zip(corners, sides, strict=True)]


def _level_edges() -> list[Case]:
    return _boxes_of([(224, 224), (112, 113), (40, 30), (900, 1100), (100, 300)], np.random.default_rng(0))


def _level_random(rng: Generator) -> list[Case]:
    return _boxes_of([tuple(rng.integers(180 * 2**k, 215 * 2**k, 2)) for k in (-1, 0, 1)], rng)


LESSON = Lesson(
    8,
    [
        Exercise(
            id="snap-box",
            title="Where RoIPool moves a box",
            points=1,
            reference=_snap,
            edges=_snap_edges,
            random=_snap_random,
            misconceptions={
                "You rounded to whole pixels of the photo. It is on the map that RoIPool rounds: divide by the stride "
                "before, multiply by it afterwards.": _snap_in_pixels,
                "You cut off instead of rounding: a corner goes to the nearest cell, which may lie to the right.": (
                    _snap_down
                ),
                "Your box is in cells of the map. Multiply by the stride to see where it lies in the photo.": (
                    _snap_on_map
                ),
            },
            hints=("Three steps: divide by the stride, np.round, multiply by the stride.",),
        ),
        Exercise(
            id="bilinear-value",
            title="A value between four pixels",
            points=2,
            shortcuts=("scipy.ndimage.map_coordinates",),
            reference=_value,
            edges=_value_edges,
            random=_value_random,
            misconceptions={
                "Your weights are those of the far corners. The nearer a pixel, the more it counts: the pixel above "
                "has the weight 1 - dy, the one below dy.": _value_far,
                "You swapped y and x. The first index of an array is the row, y.": _value_swapped,
                "You took the nearest pixel. That is the rounding we want to get rid of.": _value_nearest,
                "You took the plain mean of the four pixels. It is right only in the very middle between them.": (
                    _value_mean
                ),
                "Your code leaves the map when the point lies on its last row or column. There is nothing below; take "
                "the last row again (its weight is 0).": _value_off_the_edge,
            },
            hints=(
                "With top = int(y), dy = y - top and left = int(x), dx = x - left: the four pixels weigh "
                "(1-dy)(1-dx), (1-dy)dx, dy(1-dx) and dy dx.",
            ),
        ),
        Exercise(
            id="bin-points",
            title="The points of each bin along one axis",
            points=2,
            reference=_points,
            edges=_point_edges,
            random=_point_random,
            misconceptions={
                "Your points reach from edge to edge of the box. Each should sit in the middle of its own share, half "
                "a step inside.": _points_to_the_edges,
                "Your points sit at the left ends of their shares. Move them by half a step to the middle.": (
                    _points_at_left_edges
                ),
                "You count from 0. The first point lies half a step after the start of the box.": (
                    _points_without_start
                ),
                "You placed a single point in each bin. There are as many as `samples` says.": _points_one_a_bin,
                "You rounded the points. RoIAlign never rounds: a value between pixels is interpolated.": (
                    _points_rounded
                ),
            },
            hints=(
                "There are bins * samples points, one step = (end - start) / (bins * samples) apart; the first is "
                "half a step after the start.",
            ),
        ),
        Exercise(
            id="roi-align",
            title="RoIAlign of one box",
            points=3,
            shortcuts=("torchvision.ops.roi_align", "torchvision.ops.RoIAlign"),
            reference=_align,
            edges=_align_edges,
            random=_align_random,
            tolerance=1e-5,  # as near as float32 comes
            misconceptions={
                "You rounded the box to whole cells. That is RoIPool; RoIAlign leaves the box where it is.": (
                    _align_rounded
                ),
                "The box is in pixels of the photo, your points are on the map. Divide by the stride first.": (
                    _align_unscaled
                ),
                "You added up the four points of a bin. Take their mean.": _align_sum,
                "You took the largest of the four points of a bin. That is possible, but here we take the mean.": (
                    _align_max
                ),
                "You looked at one point in the middle of each bin. Take two along each axis, four in all.": (
                    _align_one_point
                ),
                "You moved everything by half a cell. That is the variant aligned=True; torchvision's Mask R-CNN does "
                "without.": _align_half_off,
                "Your answer lies on its side: the first index of the result is the row of bins.": _align_transposed,
                "You took x for y. A box is x1, y1, x2, y2: rows go from y1 to y2.": _align_swapped,
            },
            hints=(
                "box / stride, then 2 * bins points from y1 to y2 and as many from x1 to x2; read the map at every "
                "pair; then the mean of each 2 by 2 block: values.reshape(bins, 2, bins, 2).mean(axis=(1, 3)).",
            ),
        ),
        Exercise(
            id="roi-level",
            title="The pyramid level that serves a box",
            points=1,
            reference=_level,
            edges=_level_edges,
            random=_level_random,
            misconceptions={
                "You compared the area with 224. It is the side of the square of that area, the root, that "
                "is compared.": (_level_by_area),
                "There are no levels below 2 or above 5. Take the nearest that there is.": _level_unlimited,
                "You rounded to the nearest level. The formula rounds down.": _level_rounded,
                "It is the wrong way round: large boxes go to coarse maps, with a high number.": _level_reversed,
            },
            hints=("floor(4 + log2(sqrt(width * height) / 224)), then not below 2 and not above 5.",),
        ),
    ],
)

check = LESSON.check
