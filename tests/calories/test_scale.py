import numpy as np
import pytest
from drawn import ellipse

from course_utils.calories import scale
from course_utils.dataset import load
from course_utils.errors import CourseError


@pytest.mark.parametrize("tilt", [0, 15, 30])
def test_a_tilted_plate_is_measured_along_its_long_axis(tilt):
    plate = ellipse(60, 60 * np.cos(np.deg2rad(tilt)), angle=0.7)
    assert scale.from_plate(plate.mask, 20.0) == pytest.approx(6.0, rel=0.01)


def test_a_plate_that_runs_out_of_the_picture():
    plate = ellipse(90, 85, centre=(-20, 10))
    assert plate.mask[:, 0].any() and plate.mask[-1].any()
    assert scale.from_plate(plate.mask, 18.0) == pytest.approx(10.0, rel=0.03)


def test_a_few_points_by_hand():
    turn = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    points = np.stack([100 + 50 * np.cos(turn), 80 + 45 * np.sin(turn)], axis=1)
    assert scale.from_rim(points, 20.0) == pytest.approx(5.0)
    with pytest.raises(CourseError, match="too little"):
        scale.from_rim(points[:5], 20.0)


@pytest.mark.parametrize("split", ["val", "test_occluded"])
def test_close_to_the_true_scale_of_our_photos(split):
    wrong = []
    for scene in load(split):
        try:
            found = scale.from_plate(scene.plate_mask, scene.plate_diameter_cm)
        except CourseError:
            continue  # too little of the plate in the picture, and said so
        wrong.append(found / scene.px_per_cm - 1)
    assert len(wrong) > 0.85 * len(load(split))
    assert np.abs(wrong).max() < 0.03 and np.abs(wrong).mean() < 0.006


def test_pictures_without_a_rim():
    with pytest.raises(CourseError, match="empty"):
        scale.from_plate(np.zeros((50, 50), dtype=bool), 20.0)
    with pytest.raises(CourseError, match="too little"):
        scale.from_plate(np.ones((50, 50), dtype=bool), 20.0)
    sliver = ellipse(400, 400, centre=(0, 465)).mask
    with pytest.raises(CourseError, match="too little"):
        scale.from_plate(sliver, 20.0)


@pytest.mark.parametrize("shape", [(1, 60), (60, 1), (2, 2), (5, 60)])
def test_a_plate_too_small_to_be_measured(shape):
    mask = np.zeros((100, 100), dtype=bool)
    mask[20 : 20 + shape[0], 20 : 20 + shape[1]] = True
    with pytest.raises(CourseError, match="only a few pixels large"):
        scale.from_plate(mask, 20.0)


@pytest.mark.parametrize("diameter", [0, -1, float("nan")])
def test_a_plate_without_a_diameter(diameter):
    with pytest.raises(CourseError, match="diameter"):
        scale.from_plate(ellipse(50, 45).mask, diameter)
