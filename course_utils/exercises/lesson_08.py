"""Exercises of lesson 08: RoIPool's rounding, bilinear interpolation, sampling points, RoIAlign, pyramid levels."""

import numpy as np
import torch
from numpy.random import Generator

from course_utils.exercises.align_08 import ALIGN
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
        *ALIGN,
    ],
)

check = LESSON.check
