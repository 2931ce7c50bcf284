"""Features against shapes whose size is known, at several sizes, angles and positions."""

import math
from dataclasses import astuple

import numpy as np
import pytest
from drawn import Drawn, ellipse, rectangle

from course_utils.calories.features import FEATURES, clean, measure, measure_all, rectangle_sides, smallest_rectangle
from course_utils.errors import CourseError

# Pieces on our photos are 20 to 60 pixels from middle to border.
SIZES = (12, 20, 40)
ANGLES = tuple(np.deg2rad([0, 13, 30, 45, 71]))
CENTRES = tuple(map(tuple, np.random.default_rng(3).uniform(-0.5, 0.5, (8, 2))))


def shapes(make, size: float) -> list[Drawn]:
    return [make(1.4 * size, 0.8 * size, angle, centre) for angle in ANGLES for centre in CENTRES]


def errors(drawn: list[Drawn], feature: str, known: str) -> np.ndarray:
    found = np.array([getattr(measure(one.mask, 1.0), feature) for one in drawn])
    return found / np.array([getattr(one, known) for one in drawn]) - 1


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("make", [ellipse, rectangle], ids=["ellipse", "rectangle"])
def test_area_is_right_on_average(make, size):
    wrong = errors(shapes(make, size), "area_cm2", "area")
    # One mask may be wrong by half a pixel all along its border; many are not wrong on one side.
    assert abs(wrong.mean()) < 0.1 / size and abs(wrong).max() < 1 / size


@pytest.mark.parametrize("size", SIZES)
def test_perimeter_of_ellipses_within_one_percent(size):
    assert abs(errors(shapes(ellipse, size), "perimeter_cm", "perimeter")).max() < 0.012


@pytest.mark.parametrize("size", SIZES)
def test_perimeter_of_rectangles_loses_no_more_than_its_corners(size):
    # The blur cuts each of the four corners by about a pixel.
    wrong = errors(shapes(rectangle, size), "perimeter_cm", "perimeter")
    pixels = wrong * 8.8 * size
    assert pixels.max() < 4 and pixels.min() > -4 * 1.7


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("make", [ellipse, rectangle], ids=["ellipse", "rectangle"])
@pytest.mark.parametrize("side", ["length", "width"])
def test_sides_within_a_pixel_and_a_half(make, size, side):
    drawn = shapes(make, size)
    pixels = errors(drawn, f"{side}_cm", side) * getattr(drawn[0], side)
    assert abs(pixels).max() < 1.5


@pytest.mark.parametrize("radius", [10, 20, 40])
def test_a_disc_is_better_measured_than_by_the_naive_ways(radius):
    disc = ellipse(radius, radius, centre=(0.2, 0.3))
    shape = measure(disc.mask, 1.0)
    assert shape.area_cm2 == pytest.approx(disc.area, rel=0.006)
    assert shape.perimeter_cm == pytest.approx(disc.perimeter, rel=0.008)
    assert shape.length_cm == pytest.approx(2 * radius, abs=0.7) and shape.width_cm == pytest.approx(
        2 * radius, abs=0.7
    )


def test_the_scale_is_squared_for_area_only():
    mask = ellipse(30, 20, 0.4).mask
    pixels, centimetres = measure(mask, 1.0), measure(mask, 4.0)
    assert centimetres.area_cm2 == pytest.approx(pixels.area_cm2 / 16)
    for name in FEATURES[1:]:
        assert getattr(centimetres, name) == pytest.approx(getattr(pixels, name) / 4)


def test_a_speck_is_not_measured():
    mask = ellipse(30, 20, 0.4).mask
    dirty = mask.copy()
    dirty[2:5, 2:5] = True
    assert astuple(measure(dirty, 10.0)) == pytest.approx(astuple(measure(mask, 10.0)))


def test_both_halves_of_a_piece_count():
    mask = ellipse(30, 20).mask
    mask[:, 75:85] = False
    shape = measure(mask, 1.0)
    assert shape.area_cm2 == np.count_nonzero(mask)


def test_a_hole_is_filled():
    mask = ellipse(30, 20, 0.4).mask
    holed = mask.copy()
    holed[75:80, 75:82] = False
    assert np.array_equal(clean(holed), mask) and measure(holed, 10.0) == measure(mask, 10.0)


def test_a_shape_at_the_border_of_the_picture():
    inside = rectangle(20, 10).mask
    shifted = np.roll(inside, (-70, -60), axis=(0, 1))
    assert shifted[0].any() and shifted[:, 0].any()
    assert astuple(measure(shifted, 2.0)) == pytest.approx(astuple(measure(inside, 2.0)))


@pytest.mark.parametrize("side", [1, 2, 3])
def test_a_few_pixels_have_a_size(side):
    mask = np.zeros((20, 20), dtype=bool)
    mask[5 : 5 + side, 5 : 5 + side] = True
    shape = measure(mask, 1.0)
    assert shape.area_cm2 == side**2 and 0.5 * side < shape.length_cm < 1.5 * side


def test_all_masks_of_a_plate_in_order():
    drawn = [ellipse(30, 20), rectangle(20, 10, 0.5)]
    table = measure_all(np.array([one.mask for one in drawn]), 5.0)
    assert table.shape == (2, 4)
    for row, one in zip(table, drawn, strict=True):
        assert [getattr(measure(one.mask, 5.0), name) for name in FEATURES] == row.tolist()
    assert measure_all(np.zeros((0, 8, 8), dtype=bool), 5.0).shape == (0, 4)


def test_sides_of_a_turned_rectangle_of_points():
    corners = np.array([[0, 0], [4, 3], [2.5, 5], [-1.5, 2]])
    assert rectangle_sides(smallest_rectangle(corners)) == pytest.approx((5.0, 2.5))


def test_the_rectangle_goes_around_its_points():
    points = np.random.default_rng(0).normal(size=(40, 2)) * [3, 1]
    corners = smallest_rectangle(points)
    axes = np.diff(corners[:3], axis=0) / np.linalg.norm(np.diff(corners[:3], axis=0), axis=1, keepdims=True)
    assert axes[0] @ axes[1] == pytest.approx(0, abs=1e-9)
    assert np.allclose((corners @ axes.T).min(0), (points @ axes.T).min(0))
    assert np.allclose((corners @ axes.T).max(0), (points @ axes.T).max(0))


def test_points_on_a_line_have_no_rectangle():
    with pytest.raises(CourseError, match="on one line"):
        smallest_rectangle(np.array([[0.0, 0], [1, 1], [2, 2]]))


def test_an_empty_mask():
    with pytest.raises(CourseError, match="empty"):
        measure(np.zeros((5, 5), dtype=bool), 10.0)


@pytest.mark.parametrize("scale", [0.0, -3.0, math.nan, math.inf])
def test_a_scale_that_is_none(scale):
    with pytest.raises(CourseError, match="pixels per cm"):
        measure(np.ones((5, 5), dtype=bool), scale)
