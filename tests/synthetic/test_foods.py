"""The six foods as bodies: closed, repeatable, of plausible size and weight."""

import numpy as np
import pytest

from course_utils.dataset import CLASSES, load_foods
from course_utils.synthetic import mesh
from course_utils.synthetic.foods import make_food
from course_utils.synthetic.noise import GradientNoise

FOODS = pytest.mark.parametrize("name", CLASSES)


def test_volume_of_known_bodies():
    cube, faces = mesh.cube_grid(8, 8, 8)
    assert mesh.volume(cube, faces) == pytest.approx(8)
    ball = cube / np.linalg.norm(cube, axis=1, keepdims=True)
    assert mesh.volume(ball, faces) == pytest.approx(4 / 3 * np.pi, rel=0.03)
    assert mesh.volume(mesh.rounded_box(cube, (1, 2, 3), 1e-6), faces) == pytest.approx(48)


def test_normals_point_outward():
    cube, faces = mesh.cube_grid(4, 4, 4)
    assert (np.einsum("ij,ij->i", mesh.normals(cube, faces), cube) > 0).all()


@FOODS
def test_a_piece_repeats_and_another_differs(name):
    first, again, other = (make_food(name, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert np.array_equal(first.vertices, again.vertices) and np.array_equal(first.colours, again.colours)
    assert first.volume_cm3 == again.volume_cm3 != other.volume_cm3


@FOODS
def test_a_piece_is_a_closed_body_on_the_plane(name):
    shape = make_food(name, np.random.default_rng(1))
    assert len(shape.vertices) <= 25_000 and shape.faces.max() == len(shape.vertices) - 1
    assert shape.vertices[:, 2].min() == pytest.approx(0, abs=1e-5)
    assert np.isfinite(shape.vertices).all() and shape.colours.min() >= 0 and shape.colours.max() <= 1
    if name != "bakwan":  # its shreds are open strands on a closed body
        edges = np.sort(shape.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
        _, uses = np.unique(edges, axis=0, return_counts=True)
        assert (uses == 2).all()


@FOODS
def test_size_and_weight_are_those_of_the_food(name):
    food = load_foods()[name]
    shapes = [make_food(name, np.random.default_rng(seed)) for seed in range(6)]
    for shape in shapes:
        assert 2.5 < np.ptp(shape.vertices[:, :2], axis=0).max() < 9.5
        assert 0.4 < shape.volume_cm3 * food.density_g_per_cm3 / food.typical_weight_g < 1.8
    assert len({round(shape.volume_cm3, 3) for shape in shapes}) == 6


def test_noise_is_smooth_repeats_and_stays_in_bounds():
    points = np.random.default_rng(0).uniform(-4, 4, (2000, 3))
    noise = GradientNoise(np.random.default_rng(5))
    assert np.array_equal(noise(points, 1, 2), GradientNoise(np.random.default_rng(5))(points, 1, 2))
    assert np.abs(noise(points, 1)).max() < 1.7
    assert np.abs(noise(points + 1e-3, 1) - noise(points, 1)).max() < 0.02
