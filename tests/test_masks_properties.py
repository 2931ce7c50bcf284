"""Masks of any shape: run lengths and polygons against pycocotools, and against a drawing by an independent rule."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from matplotlib.path import Path
from pycocotools import mask as coco_mask
from scipy.ndimage import binary_fill_holes

from course_utils import masks

MASKS = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=30))
STACKS = arrays(bool, array_shapes(min_dims=3, max_dims=3, max_side=12))
COORDINATES = st.floats(-5, 35, allow_nan=False).map(lambda value: round(value, 2))
POLYGONS = st.lists(st.tuples(COORDINATES, COORDINATES), min_size=3, max_size=12).map(
    lambda points: [side for point in points for side in point]
)
HEIGHT, WIDTH = 24, 30


def theirs(mask: np.ndarray) -> dict:
    return coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))


@given(MASKS)
def test_uncompressed_counts_are_pycocotools(mask):
    counts = {"size": list(mask.shape), "counts": masks.run_lengths(mask)}
    assert coco_mask.frPyObjects(counts, *mask.shape)["counts"] == theirs(mask)["counts"]


@given(MASKS)
def test_area_and_box_of_run_lengths_are_pycocotools(mask):
    rle = masks.encode(mask)
    assert int(coco_mask.area(rle)) == masks.area(mask)
    x, y, width, height = coco_mask.toBbox(rle)
    assert masks.to_box(mask).tolist() == [x, y, x + width, y + height]


@given(STACKS, st.randoms(use_true_random=False))
def test_iou_of_any_pair_is_pycocotools(stack, random):
    other = stack[random.sample(range(len(stack)), len(stack))] ^ (stack[:1] & stack[-1:])
    some = [mask for mask in stack if mask.any()], [mask for mask in other if mask.any()]
    if not all(some):
        return
    expected = coco_mask.iou([theirs(mask) for mask in some[0]], [theirs(mask) for mask in some[1]], [0] * len(some[1]))
    assert masks.iou(np.array(some[0]), np.array(some[1])) == pytest.approx(expected, abs=1e-15)


@given(st.lists(POLYGONS, min_size=1, max_size=3))
def test_polygons_are_the_union_of_what_pycocotools_draws(polygons):
    """Also when they cross themselves or reach out of the picture."""
    expected = np.zeros((HEIGHT, WIDTH), bool)
    for polygon in polygons:
        expected |= coco_mask.decode(coco_mask.frPyObjects([polygon], HEIGHT, WIDTH))[:, :, 0].astype(bool)
    assert np.array_equal(masks.from_polygons(polygons, HEIGHT, WIDTH), expected)


@given(st.floats(6, 24), st.floats(6, 18), st.floats(3, 9), st.integers(3, 9), st.floats(0, 6))
def test_polygons_cover_what_lies_clearly_inside_and_nothing_clearly_outside(x, y, radius, corners, turn):
    """Centres of pixels a whole pixel away from the outline leave no room for conventions."""
    angles = turn + np.arange(corners) * 2 * np.pi / corners
    points = np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], axis=1)
    drawn = masks.from_polygons([points.ravel().tolist()], HEIGHT, WIDTH)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    centres = np.stack([columns.ravel() + 0.5, rows.ravel() + 0.5], axis=1)
    scale = 1 - 1 / (radius * np.cos(np.pi / corners))  # moves each side inwards by one pixel
    inner, outer = (Path((points - [x, y]) * s + [x, y]) for s in (max(scale, 0), 2 - scale))
    inside = inner.contains_points(centres).reshape(HEIGHT, WIDTH) if scale > 0 else np.zeros((HEIGHT, WIDTH), bool)
    outside = ~outer.contains_points(centres).reshape(HEIGHT, WIDTH)
    assert drawn[inside].all() and not drawn[outside].any()


@settings(max_examples=200)
@given(arrays(bool, (11, 14)))
def test_outlines_drawn_by_pycocotools_give_the_mask_with_its_holes_filled(mask):
    polygons = masks.to_polygons(mask)
    drawn = np.zeros_like(mask)
    if polygons:
        drawn = coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects(polygons, *mask.shape))).astype(bool)
    # Pixels that touch by a corner are two outlines, so that a background pixel escapes between them.
    assert np.array_equal(drawn, binary_fill_holes(mask, structure=np.ones((3, 3))))
