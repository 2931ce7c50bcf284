"""The foods of the wider world: pieces of a batch are closed, repeatable bodies of plausible size and weight."""

import numpy as np
import pytest

from course_utils.dataset import CLASSES, load_foods
from course_utils.synthetic.wide.foods import Batch
from course_utils.synthetic.wide.outline import polygon_outline, stack

FOODS = pytest.mark.parametrize("name", CLASSES)


@FOODS
def test_a_batch_repeats_and_its_pieces_differ(name):
    first, again = (Batch(name, np.random.default_rng(3)) for _ in range(2))
    assert first.style == again.style != Batch(name, np.random.default_rng(4)).style
    one, same, other = (
        first.make(np.random.default_rng(1)),
        again.make(np.random.default_rng(1)),
        again.make(np.random.default_rng(2)),
    )
    assert np.array_equal(one.vertices, same.vertices) and np.array_equal(one.colours, same.colours)
    assert one.volume_cm3 == same.volume_cm3 != other.volume_cm3


@FOODS
@pytest.mark.parametrize("seed", range(4))
def test_pieces_are_closed_bodies_of_the_food_s_size(name, seed):
    rng = np.random.default_rng(seed)
    batch, food = Batch(name, rng), load_foods()[name]
    shape = batch.make(rng)
    assert len(shape.vertices) <= 25_000 and shape.faces.max() == len(shape.vertices) - 1
    assert shape.vertices[:, 2].min() == pytest.approx(0, abs=1e-5)
    assert np.isfinite(shape.vertices).all() and shape.colours.min() >= 0 and shape.colours.max() <= 1
    assert 2.5 < np.ptp(shape.vertices, axis=0).max() < 11
    # Grams, from a slice of tempe to the largest serabi.
    assert 6 < shape.volume_cm3 * food.density_g_per_cm3 < 110
    if name != "bakwan":  # its shreds are open strands on a closed body
        edges = np.sort(shape.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
        assert (np.unique(edges, axis=0, return_counts=True)[1] == 2).all()


def test_batches_of_a_food_come_in_many_kinds():
    draw = lambda name: [Batch(name, np.random.default_rng(seed)).style for seed in range(60)]  # noqa: E731
    assert {style.cut for style in draw("tahu")} == {"block", "slab", "triangle"}
    assert {style.battered for style in draw("tempe")} == {True, False}
    assert {style.folded for style in draw("cireng")} == {True, False}
    serabi = draw("serabi")
    green = [s for s in serabi if s.batter[1] > 1.15 * s.batter[0]]
    pink = [s for s in serabi if s.batter[0] > 0.85 and s.batter[1] < 0.8]
    assert len(green) > 15 and pink and min(s.holes for s in green) < 1 < 5 < max(s.holes for s in green)


def test_a_polygon_s_outline_runs_through_its_sides():
    square = polygon_outline(np.array([(-2.0, -1), (2, -1), (2, 1), (-2, 1)]), 40)
    assert square(np.array([0, np.pi / 2, np.pi])) == pytest.approx([2, 1, 2], rel=0.01)
    corner = square(np.array([np.arctan2(1, 2)]))[0]
    assert 0.93 * np.sqrt(5) < corner < np.sqrt(5)


def test_stacked_meshes_keep_their_triangles():
    points, faces = np.eye(3), np.array([[0, 1, 2]])
    vertices, joint, colours = stack([(points, faces, points), (points + 1, faces, points)])
    assert joint.tolist() == [[0, 1, 2], [3, 4, 5]] and np.array_equal(vertices[3:], points + 1) and len(colours) == 6
