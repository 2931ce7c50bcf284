"""The box algebra: answers known by hand, torchvision's operators as the judge, numpy and torch alike."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision import ops
from torchvision.models.detection._utils import BoxCoder

from course_utils import boxes, masks
from course_utils.errors import CourseError


def random_boxes(n: int, seed: int = 0, size: float = 100) -> np.ndarray:
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, size, (n, 2))
    return np.concatenate([corner, corner + rng.uniform(1, size / 2, (n, 2))], axis=1).astype(np.float32)


KINDS = pytest.mark.parametrize("kind", [np.asarray, torch.as_tensor], ids=["numpy", "torch"])


def same_kind(result, example) -> np.ndarray:
    assert type(result) is type(example)
    return np.asarray(result)


@KINDS
def test_area_and_iou_by_hand(kind):
    a = kind(np.array([[0, 0, 4, 2], [0, 0, 1, 1]], np.float32))
    b = kind(np.array([[2, 0, 6, 2], [4, 0, 5, 2], [9, 9, 10, 10], [0, 0, 4, 2]], np.float32))
    np.testing.assert_array_equal(same_kind(boxes.area(a), a), [8, 1])
    expected = [[4 / 12, 0, 0, 1], [0, 0, 0, 1 / 8]]
    np.testing.assert_allclose(same_kind(boxes.iou(a, b), a), expected, rtol=1e-6)


@KINDS
def test_iou_of_boxes_without_area_is_zero(kind):
    point = kind(np.array([[3.0, 3.0, 3.0, 3.0]]))
    assert np.asarray(boxes.iou(point, point)).tolist() == [[0.0]]


@KINDS
def test_no_boxes(kind):
    none, some = kind(np.zeros((0, 4), np.float32)), kind(random_boxes(3))
    assert boxes.iou(none, some).shape == (0, 3)
    assert boxes.iou(some, none).shape == (3, 0)
    assert boxes.area(none).shape == (0,)
    assert boxes.nms(none, none[:, 0], 0.5).shape == (0,)
    for function in (
        boxes.from_xywh,
        lambda x: boxes.clip(x, 5, 5),
        lambda x: boxes.turn(x, 1, (5, 7)),
        lambda x: boxes.mirror(x, 5),
        lambda x: boxes.encode(x, x),
    ):
        assert function(none).shape == (0, 4)


@KINDS
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_iou_equals_torchvision(kind, dtype):
    a, b = random_boxes(40, 1).astype(dtype), random_boxes(30, 2).astype(dtype)
    expected = ops.box_iou(torch.as_tensor(a), torch.as_tensor(b)).numpy()
    result = same_kind(boxes.iou(kind(a), kind(b)), kind(a))
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, expected)


@KINDS
def test_encode_by_hand(kind):
    anchor, box = np.array([[0.0, 0.0, 10.0, 20.0]]), np.array([[5.0, 0.0, 25.0, 20.0]])
    deltas = boxes.encode(kind(box), kind(anchor), (10, 10, 5, 5))
    np.testing.assert_allclose(np.asarray(deltas), [[10.0, 0, 5 * np.log(2), 0]], atol=1e-12)


@KINDS
@pytest.mark.parametrize("weights", [(1, 1, 1, 1), (10, 10, 5, 5)])
def test_encode_and_decode_equal_torchvision(kind, weights):
    anchors, targets = random_boxes(50, 3), random_boxes(50, 4)
    deltas = np.random.default_rng(5).normal(0, 4, (50, 3, 4)).astype(np.float32)
    coder = BoxCoder(weights)
    expected = coder.encode_single(torch.as_tensor(targets), torch.as_tensor(anchors))
    encoded = boxes.encode(kind(targets), kind(anchors), weights)
    np.testing.assert_allclose(same_kind(encoded, kind(anchors)), expected.numpy(), atol=1e-5)
    expected = coder.decode_single(torch.as_tensor(deltas).flatten(1), torch.as_tensor(anchors)).reshape(50, 3, 4)
    decoded = boxes.decode(kind(deltas), kind(anchors)[:, None], weights)
    np.testing.assert_allclose(np.asarray(decoded), expected.numpy(), rtol=1e-6, atol=1e-4)


def test_decode_holds_wild_deltas():
    decoded = boxes.decode(np.array([[0.0, 0.0, 99.0, 99.0]]), np.array([[0.0, 0.0, 16.0, 16.0]]))
    np.testing.assert_allclose(decoded[:, 2:] - decoded[:, :2], [[1000, 1000]])


coordinates = st.floats(0, 500, allow_nan=False, width=32)
sides = st.floats(0.5, 300, allow_nan=False, width=32)
one_box = st.tuples(coordinates, coordinates, sides, sides).map(lambda b: [b[0], b[1], b[0] + b[2], b[1] + b[3]])


@settings(max_examples=60, deadline=None)
@given(one_box, one_box)
def test_decode_undoes_encode(box, anchor):
    # Beyond 62.5 times the anchor's side decode holds the delta back; that has its own test.
    box, anchor = np.array([box]), np.array([anchor])
    ratio = (box[:, 2:] - box[:, :2]) / (anchor[:, 2:] - anchor[:, :2])
    if (ratio < 62).all():
        weights = (10, 10, 5, 5)
        np.testing.assert_allclose(boxes.decode(boxes.encode(box, anchor, weights), anchor, weights), box, atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(one_box, one_box)
def test_iou_is_symmetric_bounded_and_one_with_itself(a, b):
    a, b = np.array([a]), np.array([b])
    assert 0 <= boxes.iou(a, b)[0, 0] <= 1
    assert boxes.iou(a, b) == boxes.iou(b, a)
    np.testing.assert_allclose(boxes.iou(a, a), 1)


@KINDS
def test_clip_resize_and_size_test_equal_torchvision(kind):
    corners = random_boxes(60, 6) - 20
    expected = ops.clip_boxes_to_image(torch.as_tensor(corners), (50, 70))
    clipped = boxes.clip(kind(corners), 50, 70)
    np.testing.assert_array_equal(same_kind(clipped, kind(corners)), expected.numpy())
    kept = np.flatnonzero(np.asarray(boxes.large_enough(clipped, 12.0)))
    np.testing.assert_array_equal(kept, ops.remove_small_boxes(expected, 12.0).numpy())
    assert 0 < len(kept) < 60
    resized = boxes.resize(kind(np.array([[1.0, 2, 3, 4]])), (10, 20), (20, 60))
    np.testing.assert_allclose(np.asarray(resized), [[3, 4, 9, 8]])


@KINDS
@pytest.mark.parametrize("quarters", [-3, -1, 0, 1, 2, 3, 4, 6])
def test_boxes_turn_as_numpy_turns_the_image(kind, quarters):
    image = np.zeros((9, 14), bool)
    image[2:5, 3:11] = True
    box = kind(np.array([[3, 2, 11, 5]], np.float32))
    turned = boxes.turn(box, quarters, image.shape)
    np.testing.assert_array_equal(same_kind(turned, box), masks.to_boxes(np.rot90(image, quarters)[None]))
    flipped = boxes.mirror(box, image.shape[1])
    np.testing.assert_array_equal(same_kind(flipped, box), masks.to_boxes(np.fliplr(image)[None]))


@KINDS
def test_inputs_are_left_alone(kind):
    values, scores = kind(random_boxes(20)), kind(np.linspace(0, 1, 20, dtype=np.float32))
    before = np.asarray(values).copy()
    for call in (
        lambda: boxes.clip(values, 30, 30),
        lambda: boxes.decode(values, values),
        lambda: boxes.nms(values, scores, 0.3),
        lambda: boxes.resize(values, (1, 1), (2, 2)),
        lambda: boxes.turn(values, 3, (90, 80)),
        lambda: boxes.mirror(values, 90),
    ):
        call()
        np.testing.assert_array_equal(np.asarray(values), before)


@KINDS
def test_from_xywh(kind):
    values = random_boxes(20, 7)
    theirs = ops.box_convert(torch.as_tensor(values), "xyxy", "xywh").numpy()
    np.testing.assert_allclose(np.asarray(boxes.from_xywh(kind(theirs))), values, rtol=1e-6)


@KINDS
@pytest.mark.parametrize("threshold", [0.05, 0.5, 0.7])
@pytest.mark.parametrize("levels", [None, 4], ids=["distinct", "ties"])
def test_nms_equals_torchvision(kind, threshold, levels):
    values = random_boxes(200, 8)
    scores = np.random.default_rng(9).random(200).astype(np.float32)
    if levels:
        scores = np.round(scores * levels) / levels
        values[100:150] = values[:50]
    expected = ops.nms(torch.as_tensor(values), torch.as_tensor(scores), threshold).numpy()
    kept = boxes.nms(kind(values), kind(scores), threshold)
    np.testing.assert_array_equal(same_kind(kept, kind(scores)), expected)
    assert 0 < len(expected) < 200


@KINDS
def test_nms_with_groups_equals_torchvision(kind):
    values = random_boxes(200, 10)
    rng = np.random.default_rng(11)
    scores, groups = rng.random(200).astype(np.float32), rng.integers(0, 4, 200)
    arguments = [torch.as_tensor(x) for x in (values, scores, groups)]
    kept = np.asarray(boxes.nms(kind(values), kind(scores), 0.3, kind(groups)))
    np.testing.assert_array_equal(kept, ops.batched_nms(*arguments, 0.3).numpy())
    assert len(kept) > len(np.asarray(boxes.nms(kind(values), kind(scores), 0.3)))


def test_nms_keeps_a_box_at_the_threshold_and_strikes_one_above_it():
    pair = np.array([[0.0, 0, 3, 1], [1.0, 0, 4, 1]])  # IoU 2 / 4
    scores = np.array([0.9, 0.8])
    assert boxes.nms(pair, scores, 0.5).tolist() == [0, 1]
    assert boxes.nms(pair, scores, 0.499).tolist() == [0]


def test_importing_boxes_does_not_import_torch():
    code = """
import sys, numpy
from course_utils import boxes
boxes.iou(numpy.ones((1, 4)), numpy.ones((1, 4)))
sys.exit("torch" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


BIG = [[0, 0, 908, 666], [0, 0, 454, 666]]
SMALL_INTEGERS = [[-100, 0, 100, 120], [0, 0, 100, 120]]


@KINDS
def test_half_precision_neither_overflows_nor_loses_digits(kind):
    half = kind(np.array(BIG, np.float16))
    assert same_kind(boxes.area(half), half).tolist() == [604728, 302364]
    assert same_kind(boxes.iou(half, half), half).tolist() == [[1, 0.5], [0.5, 1]]
    assert same_kind(boxes.nms(half, half[:, 2], 0.4), half).tolist() == [0]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_equals_torchvision_on_the_same_numbers(dtype):
    values = torch.as_tensor(random_boxes(300, 12)).to(dtype)
    assert torch.equal(boxes.area(values), ops.box_area(values))
    # torchvision's own IoU widens after the subtraction, so that a box overlaps itself by 1.0007 or by 0.9944.
    assert torch.equal(boxes.iou(values, values), ops.box_iou(values.float(), values.float()))
    scores = torch.as_tensor(np.random.default_rng(13).random(300).astype(np.float32)).to(dtype)
    kept = boxes.nms(values, scores, 0.5)
    assert torch.equal(kept, ops.nms(values.float(), scores.float(), 0.5)) and 0 < len(kept) < 300
    assert torch.equal(boxes.encode(values, values.flip(0)), boxes.encode(values.float(), values.flip(0).float()))


@KINDS
@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.uint8])
def test_small_integers_do_not_wrap_around(kind, dtype):
    corners = np.abs(SMALL_INTEGERS) if dtype == np.uint8 else np.array(SMALL_INTEGERS)
    small, wide = kind(corners.astype(dtype)), kind(corners.astype(np.float64))
    assert np.asarray(boxes.area(small)).tolist() == np.asarray(boxes.area(wide)).tolist()
    np.testing.assert_allclose(np.asarray(boxes.iou(small, small)), np.asarray(boxes.iou(wide, wide)), rtol=1e-6)
    assert np.asarray(boxes.large_enough(small, 150)).tolist() == np.asarray(boxes.large_enough(wide, 150)).tolist()
    turned_over = kind(np.array([[5, 5, 3, 9]], dtype))
    assert np.asarray(boxes.area(turned_over)).tolist() == [-8]


@KINDS
@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda b, s: boxes.nms(b, s[:3], 0.5), r"nms: the scores have shape \(3,\); give \(4\)"),
        (lambda b, s: boxes.nms(b[:3], s, 0.5), r"nms: the scores have shape \(4,\); give \(3\)"),
        (lambda b, s: boxes.nms(b, s, 0.5, s[:2]), r"nms: the groups have shape \(2,\)"),
        (lambda b, s: boxes.nms(b[0], s, 0.5), r"nms: the boxes have shape \(4,\); give \(N, 4\)"),
        (lambda b, s: boxes.iou(b, b[:, :3]), r"iou: the second boxes have shape \(4, 3\); give \(N, 4\)"),
        (lambda b, s: boxes.iou(b[0], b), r"iou: the first boxes have shape \(4,\)"),
        (lambda b, s: boxes.iou(b.tolist(), b), "iou: the first boxes are a list; give a numpy array or a tensor"),
        (lambda b, s: boxes.area(b[:, :3]), r"boxes: they have shape \(4, 3\); give \(..., 4\)"),
        (lambda b, s: boxes.area(b > 0), "boxes of type .*bool; give numbers"),
    ],
)
def test_what_does_not_fit_is_named(kind, call, words):
    with pytest.raises(CourseError, match=words):
        call(kind(random_boxes(4)), kind(np.arange(4, dtype=np.float32)))
