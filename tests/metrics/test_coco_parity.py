"""Precision and recall equal pycocotools' with ==, on random sets and on the course's own plates."""

import contextlib
import io

import numpy as np
import pytest
import theirs
from hypothesis import given, settings
from hypothesis import strategies as st
from random_sets import Recipe, make
from split_detections import detections_of

from course_utils import masks
from course_utils.dataset import load
from course_utils.metrics.coco import read_results, read_truth, summarize
from course_utils.metrics.evaluation import Evaluation, evaluate_images

RECIPES = st.builds(
    Recipe,
    seed=st.integers(0, 2**32),
    images=st.integers(1, 4),
    most_truths=st.sampled_from([0, 1, 4, 8]),
    most_detections=st.sampled_from([0, 1, 5, 12]),
    classes=st.integers(1, 3),
    crowd_rate=st.sampled_from([0.0, 0.2, 0.7]),
    score_steps=st.sampled_from([1, 3, 1000]),
    grid=st.sampled_from([1, 4, 12]),
    scale=st.sampled_from([1.0, 0.3, 7.7]),
)
CROWDED = st.builds(
    Recipe,
    seed=st.integers(0, 2**32),
    images=st.just(2),
    most_truths=st.just(12),
    most_detections=st.just(260),
    classes=st.just(1),
    score_steps=st.sampled_from([5, 1000]),
    grid=st.sampled_from([4, 12]),
)
STABLE = {"deadline": None, "derandomize": True, "database": None}


def both(annotations: dict, results: list[dict], kind: str):
    truth = read_truth(annotations, kind)
    ours = evaluate_images(truth.pair(read_results(results, truth)), classes=truth.classes)
    return ours, *theirs.evaluate(annotations, results, kind)


def insist_on_equality(ours: Evaluation, reference) -> None:
    assert ours.precision.shape == reference.eval["precision"].shape
    assert (ours.precision == reference.eval["precision"]).all()
    assert (ours.recall == reference.eval["recall"]).all()


@pytest.mark.parametrize("kind", ["masks", "boxes"])
@settings(max_examples=150, **STABLE)
@given(recipe=RECIPES)
def test_random_sets(kind, recipe):
    ours, reference, printed = both(*theirs.content(make(recipe, kind)), kind)
    insist_on_equality(ours, reference)
    with contextlib.redirect_stdout(io.StringIO()) as mine:
        values = summarize(ours)
    assert mine.getvalue() == printed
    assert (values == reference.stats).all()


def test_masks_at_the_edges():
    """Empty masks, single pixels and whole images, found and there, a crowd among them, on a large image."""
    runs = [[6_000_000], [0, 6_000_000], [0, 1, 5_999_999], [5_999_999, 1], [9, 5, 3, 2, 5_999_981], [10, 4, 5_999_986]]
    regions = [{"segmentation": {"size": [2000, 3000], "counts": masks.compress(counts)}} for counts in runs]
    annotations, results = [], []
    for image, shift in ((1, 0), (2, 1), (3, 2)):
        for k, region in enumerate(regions):
            facts = {"image_id": image, "category_id": 1 + k % 2, "area": float(sum(runs[k][1::2]))}
            crowd = {"id": len(annotations) + 1, "iscrowd": int((k + shift) % 5 == 1)}
            annotations.append(facts | crowd | region)
            shifted = regions[(k + 2 * shift) % len(regions)]
            results.append({"image_id": image, "category_id": 1 + k % 2, "score": k / 8} | shifted)
    images = [{"id": image, "height": 2000, "width": 3000} for image in (1, 2, 3, 4)]
    content = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": k, "name": str(k)} for k in (1, 2, 3)],
    }
    for found in (results, results[:3], []):
        insist_on_equality(*both(content, found, "masks")[:2])


@pytest.mark.parametrize("kind", ["masks", "boxes"])
@settings(max_examples=12, **STABLE)
@given(recipe=CROWDED)
def test_more_than_a_hundred_detections(kind, recipe):
    ours, reference, _ = both(*theirs.content(make(recipe, kind)), kind)
    insist_on_equality(ours, reference)


@pytest.mark.parametrize("kind", ["masks", "boxes"])
@pytest.mark.parametrize("split", ["val", "test_occluded", "test_non_occluded"])
def test_the_courses_own_plates(split, kind):
    annotations = load(split).file.content
    truth = read_truth(annotations, kind)
    results = detections_of(annotations, kind)
    ours = evaluate_images(truth.pair(read_results(results, truth)), classes=truth.classes)
    insist_on_equality(ours, theirs.evaluate(annotations, results, kind)[0])
    assert 0.2 < ours.average_precision() < 0.95, "the detections are neither hopeless nor perfect"


@settings(max_examples=30, **STABLE)
@given(recipe=RECIPES)
def test_areas_of_the_boxes_beside_masks(recipe):
    annotations, results = theirs.content(make(recipe, "masks"))
    rng = np.random.default_rng(recipe.seed)
    for row in results:
        row["bbox"] = rng.integers(1, 150, 4).tolist()
    truth = read_truth(annotations)
    found = read_results(results, truth, box_areas=True)
    ours = evaluate_images(truth.pair(found), classes=truth.classes)
    insist_on_equality(ours, theirs.evaluate(annotations, results, "masks")[0])


def test_the_sets_hold_what_they_promise():
    images = [image for seed in range(40) for image in make(Recipe(seed), "masks")]
    assert any(not len(truth) for truth, _ in images) and any(not len(found) for _, found in images)
    assert any(truth.crowd.any() for truth, _ in images)
    assert any(not found.areas.all() for _, found in images), "an empty mask"
    assert any(len(np.unique(found.scores)) < len(found) for _, found in images)
    crowded = make(Recipe(1, images=6, most_detections=260, classes=1), "boxes")
    assert any((found.labels == 1).sum() > 100 for _, found in crowded)
