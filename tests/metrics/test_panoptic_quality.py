"""Panoptic quality: worked by hand, its rules for void and crowds, and torchmetrics' numbers."""

import numpy as np
import pytest
import torch
from torchmetrics.functional.detection import panoptic_quality as torchmetrics_pq

from course_utils.dataset import load
from course_utils.dataset.views import panoptic
from course_utils.errors import CourseError
from course_utils.metrics.panoptic_quality import panoptic_quality

SKY, CAT = 1, 2


def segment(number: int, category: int, **more) -> dict:
    return {"id": number, "category_id": category} | more


def strip(ids: list[int], *segments: dict):
    """A segmentation one pixel high."""
    return np.array([ids]), list(segments)


TRUTH = strip([1, 1, 1, 1, 2, 2, 2, 2, 3, 3], segment(1, SKY), segment(2, CAT), segment(3, CAT))


def test_by_hand():
    """Sky: 3 shared of 4 in either. First cat: 4 shared of 5. Second cat: nobody; what lies on it says "sky"."""
    guess = strip([1, 1, 1, 7, 7, 7, 7, 7, 8, 0], segment(1, SKY), segment(7, CAT), segment(8, SKY))
    result = panoptic_quality([(TRUTH, guess)])
    assert result.classes.tolist() == [SKY, CAT]
    assert (result.tp.tolist(), result.fp.tolist(), result.fn.tolist()) == ([1, 1], [1, 0], [0, 1])
    assert result.sq.tolist() == pytest.approx([3 / 4, 4 / 5])
    assert result.rq.tolist() == pytest.approx([1 / 1.5, 1 / 1.5])
    assert result.pq.tolist() == pytest.approx([3 / 4 / 1.5, 4 / 5 / 1.5])
    assert result.mean()["pq"] == pytest.approx((3 / 4 + 4 / 5) / 3)
    assert result.mean([CAT])["sq"] == pytest.approx(4 / 5)
    assert np.isnan(result.mean([9])["pq"])


def test_an_overlap_of_exactly_one_half_is_no_match():
    truth, guess = strip([1, 1, 0, 0], segment(1, CAT)), strip([5, 0, 0, 0], segment(5, CAT))
    result = panoptic_quality([(truth, guess)])
    assert (result.tp.tolist(), result.fp.tolist(), result.fn.tolist()) == ([0], [1], [1])
    assert result.pq.tolist() == result.sq.tolist() == [0]


def test_void_is_left_out_of_the_union():
    truth = strip([1, 1, 1, 0, 0], segment(1, CAT))
    result = panoptic_quality([(truth, strip([5] * 5, segment(5, CAT)))])
    assert result.sq.tolist() == [1]


@pytest.mark.parametrize(("on_void", "wrong"), [(3, 0), (2, 1)])
def test_a_prediction_mostly_on_void_is_forgiven(on_void, wrong):
    truth = strip([0] * on_void + [1] * (14 - on_void), segment(1, SKY))
    guess = strip([5] * 4 + [6] * 10, segment(5, CAT), segment(6, SKY))
    result = panoptic_quality([(truth, guess)])
    assert result.fp.sum() == wrong


def test_a_crowd_need_not_be_found_and_forgives_its_own_class_only():
    truth = strip([1] * 6 + [2] * 4, segment(1, CAT, iscrowd=1), segment(2, SKY))
    own = strip([5] * 6 + [6] * 4, segment(5, CAT), segment(6, SKY))
    other = strip([5] * 6 + [6] * 4, segment(5, SKY), segment(6, SKY))
    nothing = strip([0] * 6 + [6] * 4, segment(6, SKY))
    assert [panoptic_quality([(truth, guess)]).fp.sum() for guess in (own, other, nothing)] == [0, 1, 0]
    for guess in (own, other, nothing):
        result = panoptic_quality([(truth, guess)])
        assert (result.tp.sum(), result.fn.sum()) == (1, 0)


def test_images_add_up():
    guess = strip([1] * 4 + [2] * 6, segment(1, SKY), segment(2, CAT))
    once, twice = panoptic_quality([(TRUTH, guess)]), panoptic_quality([(TRUTH, guess)] * 2)
    assert twice.tp.tolist() == (2 * once.tp).tolist()
    assert twice.pq.tolist() == once.pq.tolist()
    assert panoptic_quality([]).classes.tolist() == []


@pytest.mark.parametrize("seed", range(5))
def test_torchmetrics_has_the_same_numbers(seed):
    """Sky is stuff (instance 0), cats and dogs are things."""
    rng = np.random.default_rng(seed)
    pairs = []
    for _ in range(3):
        truth = np.repeat(np.repeat(rng.integers(1, 6, (4, 4)), 5, 0), 5, 1)
        guess = np.where(rng.random(truth.shape) < 0.25, rng.integers(1, 6, truth.shape), truth)
        pairs.append((truth, guess))
    label = np.array([0, 1, 2, 2, 3, 3])  # of segment 1 .. 5
    segments = [segment(k, int(label[k])) for k in range(1, 6)]

    def listed(ids):
        return ids, [s for s in segments if s["id"] in ids]

    mine = panoptic_quality([(listed(truth), listed(guess)) for truth, guess in pairs])
    guesses, truths = (
        torch.tensor(np.array([np.stack([label[ids], ids * (label[ids] > 1)], axis=-1) for ids in side]))
        for side in ([guess for _, guess in pairs], [truth for truth, _ in pairs])
    )
    theirs = torchmetrics_pq(guesses, truths, things={2, 3}, stuffs={1}, return_per_class=True)
    cat, dog, sky = theirs.flatten().tolist()  # things come first
    assert mine.pq.tolist() == pytest.approx([sky, cat, dog])


def test_a_plate_is_its_own_perfect_prediction():
    plates = [panoptic(scene) for scene in load("val")[:2]]
    result = panoptic_quality(zip(plates, plates, strict=True))
    assert result.mean() == {"pq": 1, "sq": 1, "rq": 1}


@pytest.mark.parametrize(
    ("guess", "words"),
    [
        ((np.ones((2, 10), int), [segment(1, CAT)]), r"image 0: truth is \(1, 10\), prediction \(2, 10\)"),
        ((np.ones((1, 10)), [segment(1, CAT)]), "prediction 0: ids of shape .* float64; give .* integers"),
        (strip([1] * 10), "pixels have id 1, which no segment is listed for"),
        (strip([1] * 10, segment(1, CAT), segment(2, CAT)), "segment 2 has no pixels"),
        (strip([1] * 10, segment(1, CAT), segment(1, SKY)), "must be unique"),
        (strip([0] * 10, segment(0, CAT)), "not 0, which is void"),
    ],
)
def test_bad_input_is_named(guess, words):
    with pytest.raises(CourseError, match=words):
        panoptic_quality([(TRUTH, guess)])
