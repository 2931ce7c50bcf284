"""Exercises of lesson 08: RoIPool's rounding, bilinear interpolation, sampling points, RoIAlign, pyramid levels."""

import numpy as np
import torch
from numpy.random import Generator
from scipy.ndimage import map_coordinates

from course_utils.exercises.align_08 import ALIGN
from course_utils.exercises.core import Case, Exercise, Lesson
from course_utils.mask_rcnn import roi_align as course


def _snap(box: np.ndarray, stride: int) -> np.ndarray:
    return np.floor(box / stride + 0.5) * stride


def _snap_in_pixels(box: np.ndarray, stride: int) -> np.ndarray:
    return np.round(box)


def _snap_down(box: np.ndarray, stride: int) -> np.ndarray:
    return np.floor(box / stride) * stride


def _snap_up(box: np.ndarray, stride: int) -> np.ndarray:
    return np.ceil(box / stride) * stride


def _snap_outward(box: np.ndarray, stride: int) -> np.ndarray:
    cells = box / stride
    return np.concatenate([np.floor(cells[:2]), np.ceil(cells[2:])]) * stride


def _snap_on_map(box: np.ndarray, stride: int) -> np.ndarray:
    return _snap(box, stride) / stride


def _snap_to_even(box: np.ndarray, stride: int) -> np.ndarray:
    return np.round(box / stride) * stride


def _snap_at_16(box: np.ndarray, stride: int) -> np.ndarray:
    return _snap(box, 16)


def _snap_edges() -> list[Case]:
    return [
        (np.array([20.3, 41, 90, 75]), 16),
        (np.array([8.0, 24, 40, 72]), 16),  # all half way between two cells
        (np.array([32.0, 64, 96, 128]), 32),
        (np.array([0.0, 16, 303.5, 320]), 32),
        (np.array([149.0, 102.4, 233.7, 190]), 4),
    ]


def _snap_random(rng: Generator) -> list[Case]:
    strides = [4, 8, 16, 32, 8, 16]
    return [(rng.uniform(0, 300, 4).round(1), stride) for stride in strides]


def _value(feature: np.ndarray, y: float, x: float) -> float:
    maps = torch.from_numpy(feature)[None, None]
    row, column = torch.tensor([[[y]], [[x]]])
    return course.bilinear(maps, torch.tensor([0]), row, column).item()


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
    four, down, across = _corners(feature, x, y)  # an IndexError where the map is not square, as with most answers
    return float(np.array([1 - down, down]) @ four @ np.array([1 - across, across]))


def _value_far_and_swapped(feature: np.ndarray, y: float, x: float) -> float:
    return _value_far(feature, x, y)


def _value_nearest(feature: np.ndarray, y: float, x: float) -> float:
    return float(feature[round(y), round(x)])


def _value_mean(feature: np.ndarray, y: float, x: float) -> float:
    return float(_corners(feature, y, x)[0].mean())


def _value_off_the_edge(feature: np.ndarray, y: float, x: float) -> float:
    # These raise an IndexError, as the answer of whoever makes this mistake does.
    feature[int(y), int(x) + 1], feature[int(y) + 1, int(x)]
    return _value(feature, y, x)


def _value_in_a_turned_map(feature: np.ndarray, y: float, x: float) -> float:
    rows, columns = feature.shape
    top, left, bottom, right = int(y), int(x), min(int(y) + 1, columns - 1), min(int(x) + 1, rows - 1)
    four = feature[np.ix_([top, bottom], [left, right])]
    return float(np.array([1 - y + top, y - top]) @ four @ np.array([1 - x + left, x - left]))


def _value_by_ceil(feature: np.ndarray, y: float, x: float) -> float:
    top, left, bottom, right = int(y), int(x), int(np.ceil(y)), int(np.ceil(x))
    four = feature[np.ix_([top, bottom], [left, right])]
    return float(np.array([bottom - y, y - top]) @ four @ np.array([right - x, x - left]))


def _value_nothing_at_the_edge(feature: np.ndarray, y: float, x: float) -> float:
    inside = int(y) + 1 < feature.shape[0] and int(x) + 1 < feature.shape[1]
    return _value(feature, y, x) if inside else 0.0


def _value_of_the_pixel_at_the_edge(feature: np.ndarray, y: float, x: float) -> float:
    inside = int(y) + 1 < feature.shape[0] and int(x) + 1 < feature.shape[1]
    return _value(feature, y, x) if inside else float(feature[int(y), int(x)])


def _value_half_off(feature: np.ndarray, y: float, x: float) -> float:
    return _value(feature, max(y - 0.5, 0), max(x - 0.5, 0))


def _value_cubic(feature: np.ndarray, y: float, x: float) -> float:
    return float(map_coordinates(feature, [[y], [x]], order=3)[0])


def _value_in_rows_only(feature: np.ndarray, y: float, x: float) -> float:
    return _value(feature, y, int(x))


def _value_in_columns_only(feature: np.ndarray, y: float, x: float) -> float:
    return _value(feature, int(y), x)


def _value_map(rng: Generator, rows: int = 4, columns: int = 4) -> np.ndarray:
    return rng.integers(0, 50, (rows, columns)).astype(float)


def _value_edges() -> list[Case]:
    four, rng = np.array([[10.0, 20.0], [30.0, 60.0]]), np.random.default_rng(0)
    square, high, wide = (_value_map(rng, *shape) for shape in ((4, 4), (5, 3), (3, 5)))
    whole = rng.normal(size=(20, 20)).round(3)
    places = [(square, 1.0, 2.0), (square, 3.0, 1.25), (square, 1.25, 3.0), (high, 3.4, 0.7), (high, 3.75, 2.0)]
    places += [(wide, 0.7, 3.4), (wide, 2.0, 3.75), (wide, 2.0, 4.0), (wide, 0.0, 0.0), (whole, 12.3, 17.8)]
    return [(four, 0.25, 0.5), *places]


def _value_random(rng: Generator) -> list[Case]:
    larger = _value_map(rng)
    return [(larger, *rng.uniform(0.1, 2.4, 2).round(2).tolist()) for _ in range(4)]


def _points(start: float, end: float, bins: int, samples: int) -> np.ndarray:
    shares = np.arange(bins * samples) + 0.5
    return start + shares * (end - start) / (bins * samples)


def _points_to_the_edges(start: float, end: float, bins: int, samples: int) -> np.ndarray:
    return np.linspace(start, end, bins * samples)


def _points_at_left_edges(start: float, end: float, bins: int, samples: int) -> np.ndarray:
    return start + np.arange(bins * samples) * (end - start) / (bins * samples)


def _points_at_right_edges(start: float, end: float, bins: int, samples: int) -> np.ndarray:
    return start + np.arange(1, bins * samples + 1) * (end - start) / (bins * samples)


def _points_half_a_cell_in(start: float, end: float, bins: int, samples: int) -> np.ndarray:
    return _points_at_left_edges(start, end, bins, samples) + 0.5


def _points_without_start(start: float, end: float, bins: int, samples: int) -> np.ndarray:
    return _points(start, end, bins, samples) - start


def _points_one_a_bin(start: float, end: float, bins: int, samples: int) -> np.ndarray:
    return _points(start, end, bins, 1)


def _points_two_a_bin(start: float, end: float, bins: int, samples: int) -> np.ndarray:
    return _points(start, end, bins, 2)


def _points_away_from_the_sides(start: float, end: float, bins: int, samples: int) -> np.ndarray:
    size = (end - start) / bins
    return np.add.outer(start + np.arange(bins) * size, np.arange(1, samples + 1) * size / (samples + 1)).ravel()


def _points_in_the_middle(start: float, end: float, bins: int, samples: int) -> np.ndarray:
    return np.repeat(_points(start, end, bins, 1), samples)


def _points_one_longer(start: float, end: float, bins: int, samples: int) -> np.ndarray:
    return _points(start, end + 1, bins, samples)


def _points_rounded(start: float, end: float, bins: int, samples: int) -> np.ndarray:
    return np.round(_points(start, end, bins, samples))


def _point_edges() -> list[Case]:
    return [
        (1.0, 5.0, 2, 2),
        (2.5, 4.5, 1, 2),
        (0.0, 1.5, 2, 1),
        (3.0, 12.0, 3, 1),
        (20.3, 38.9, 7, 3),
        (2.0, 2.5, 2, 1),
    ]


def _point_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for _ in range(4):
        start, extent = rng.uniform(1, 9), rng.uniform(2, 12)
        cases.append((round(start, 1), round(start + extent, 1), int(rng.integers(2, 8)), int(rng.integers(2, 5))))
    return cases


LESSON = Lesson(
    8,
    [
        Exercise(
            id="snap-box",
            title="Where RoIPool moves a box",
            points=1,
            shortcuts=(
                "torchvision.ops.roi_pool",
                "torchvision.ops.RoIPool",
            ),
            reference=_snap,
            edges=_snap_edges,
            random=_snap_random,
            misconceptions={
                "You rounded to whole pixels of the photo. It is on the map that RoIPool rounds: divide by the stride "
                "before, multiply by it afterwards.": _snap_in_pixels,
                "You cut off instead of rounding: a corner goes to the nearest cell, which may lie to the right.": (
                    _snap_down
                ),
                "You rounded up: a corner goes to the nearest cell, which may lie to the left.": _snap_up,
                "Your box grows to all sides, to the cells that it touches. RoIPool takes each corner to the nearest "
                "cell, also inward.": _snap_outward,
                "Your box is in cells of the map. Multiply by the stride to see where it lies in the photo.": (
                    _snap_on_map
                ),
                "Half way between two cells yours goes now up, now down: np.round takes halves to the *even* number. "
                "RoIPool takes them up.": _snap_to_even,
                "Your cells always have 16 pixels. How large they are is what `stride` says.": _snap_at_16,
            },
            hints=(
                "On which of the two, photo or map, are the corners to become whole numbers?",
                "Three steps: from the photo to the map, round, back to the photo.",
                "Divide by the stride; round to the nearest whole number, and a half up: add 0.5 and cut off with "
                "np.floor; multiply by the stride.",
            ),
        ),
        Exercise(
            id="bilinear-value",
            title="A value between four pixels",
            points=2,
            shortcuts=(
                "scipy.ndimage.map_coordinates",
                "scipy.interpolate.interpn",
                "scipy.interpolate.RegularGridInterpolator",
                "scipy.interpolate.RectBivariateSpline",
                "torch.nn.functional.grid_sample",
                "torchvision.ops.roi_align",
            ),
            reference=_value,
            edges=_value_edges,
            random=_value_random,
            misconceptions={
                "Your weights are those of the far corners. The nearer a pixel, the more it counts: the pixel above "
                "has the weight 1 - dy, the one below dy.": _value_far,
                "You swapped y and x. The first index of an array is the row, y.": _value_swapped,
                "You swapped y and x: the first index of an array is the row, y. (That is not all: your weights are "
                "those of the far corners.)": _value_far_and_swapped,
                "You took the nearest pixel. That is the rounding we want to get rid of.": _value_nearest,
                "You took the plain mean of the four pixels. It is right only in the very middle between them.": (
                    _value_mean
                ),
                "Your code leaves the map when the point lies on its last row or column. There is nothing below; take "
                "the last row again (its weight is 0).": _value_off_the_edge,
                "On the last row or column yours is 0. The map ends there and has a value still: take the last row, or "
                "column, twice.": _value_nothing_at_the_edge,
                "On the last row you take the pixel as it is. Between left and right there is still something to "
                "interpolate; on the last column between above and below.": _value_of_the_pixel_at_the_edge,
                "On a map that is not square your limits have changed places: rows end at shape[0] - 1, columns at "
                "shape[1] - 1.": _value_in_a_turned_map,
                "Where the point lies exactly on a row or a column, floor and ceil are the same pixel, and both "
                "weights come out as 0. The pixel below is the one above plus 1.": _value_by_ceil,
                "You took half a pixel off. Here whole coordinates are the centres of pixels: (0, 0) is the first.": (
                    _value_half_off
                ),
                "That is a spline of third degree, not a sheet over four poles: order=1 would be bilinear.": (
                    _value_cubic
                ),
                "You interpolate along the columns only, from top to bottom. What lies to the left and right of the "
                "point counts, too.": _value_in_rows_only,
                "You interpolate along the rows only, from left to right. What lies above and below the point counts, "
                "too.": _value_in_columns_only,
            },
            hints=(
                "Which four pixels surround the point, and how far is it from each?",
                "Row above and row below, column to the left and to the right; dy and dx; four products of weight and "
                "value, added up.",
                "top = int(y) and dy = y - top, left = int(x) and dx = x - left. The row below is top + 1, but never "
                "beyond the last one; the column likewise. The weights are (1 - dy)(1 - dx), (1 - dy) dx, "
                "dy (1 - dx) and dy dx.",
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
                "Your points sit at the right ends of their shares. Move them by half a step back to the middle.": (
                    _points_at_right_edges
                ),
                "You moved the points by half a cell of the map. It is half of a point's own share.": (
                    _points_half_a_cell_in
                ),
                "You count from 0. The first point lies half a step after the start of the box.": (
                    _points_without_start
                ),
                "You placed a single point in each bin. There are as many as `samples` says.": _points_one_a_bin,
                "There are always two points in your bins. There are as many as `samples` says.": _points_two_a_bin,
                "Your points divide each bin into `samples` + 1 parts. Each point sits in the middle of one of "
                "`samples` parts, so that the distance across the side of a bin is the same as within.": (
                    _points_away_from_the_sides
                ),
                "All points of a bin stand in its middle. Each has the middle of a share of its own.": (
                    _points_in_the_middle
                ),
                "Your box is one cell too long: from start to end it is end - start, without + 1.": _points_one_longer,
                "You rounded the points. RoIAlign never rounds: a value between pixels is interpolated.": (
                    _points_rounded
                ),
            },
            hints=(
                "How many points are there in all, and how wide is the share of each?",
                "Equal shares from start to end, a point in the middle of each. Where one bin ends does not matter.",
                "There are bins * samples points, one step = (end - start) / (bins * samples) apart; the first lies "
                "half a step after the start.",
            ),
        ),
        *ALIGN,
    ],
)

check = LESSON.check
