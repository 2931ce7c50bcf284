"""Pairs of pictures: each repeats, and its two pictures differ in one thing alone."""

import importlib.util

import numpy as np
import pytest

for name in ("mitsuba", "mujoco", "oidn"):
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} of the extra `render` is not installed", allow_module_level=True)

from course_utils import masks
from course_utils.dataset import load
from course_utils.synthetic import engine, pairs
from course_utils.synthetic.wide.arrange import reach_of


def drawn(index, size=96):
    seeds = np.random.SeedSequence([2022, engine.SPLITS["pairs"].number, (index + 1) // 2]).spawn(2)
    return pairs.draw_pair(index, [np.random.default_rng(seed) for seed in seeds], "t", size)


def test_things_leave_the_pieces_where_they_are():
    (has, things, _), (lacks, none, _) = drawn(1), drawn(2)
    assert things and not none
    for one, other in zip(has.pieces, lacks.pieces, strict=True):
        assert (one.pose.apply(one.shape.vertices) == other.pose.apply(other.shape.vertices)).all()


@pytest.mark.parametrize("pair", [2, 3])
def test_other_pieces_of_the_same_food_lie_in_the_same_places(pair):
    (has, _, _), (lacks, _, _) = drawn(2 * pair - 1), drawn(2 * pair)
    assert (has.camera.origin == lacks.camera.origin).all()
    for one, other in zip(has.pieces, lacks.pieces, strict=True):
        assert one.name == other.name and one.shape is not other.shape
        assert (one.pose.position[:2] == other.pose.position[:2]).all()
        assert reach_of(one) == pytest.approx(reach_of(other), rel=1e-5)


def test_the_truth_that_ships_is_drawn_again():
    """At full size, the first picture without anything; with room for another processor's last digits."""
    shipped = load("pairs").file.content
    layout, _, seen = drawn(2, 320)
    stored = [a for a in shipped["annotations"] if a["image_id"] == 2]
    for whole, annotation in zip(seen.amodal, stored, strict=True):
        assert (whole != masks.decode(annotation["segmentation"])).sum() <= 0.01 * whole.sum()
    assert [piece.weight_g for piece in layout.pieces] == pytest.approx([a["weight_g"] for a in stored], abs=0.01)
