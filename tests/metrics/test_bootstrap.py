"""Counts of each image add up to those of the data set; a bootstrap drawn image by image; a coverage that is known."""

import numpy as np
import pytest
from random_sets import CLASSES, Recipe, make

from course_utils.errors import CourseError
from course_utils.metrics.batch import match_images
from course_utils.metrics.bootstrap import draw_images, image_counts, macro_f1, paired_differences
from course_utils.metrics.scores import count_matches, score_images


@pytest.mark.parametrize("kind", ["boxes", "masks"])
@pytest.mark.parametrize("seed", range(4))
def test_counts_of_an_image_are_those_of_the_image_alone(kind, seed):
    images = make(Recipe(seed, images=6), kind)
    matches = match_images(images, [0.5, 0.75], classes=CLASSES)
    counts = image_counts(matches, 0.75, 0.4, len(images))
    for image, mine in zip(images, counts, strict=True):
        alone = score_images([image], 0.75, 0.4, classes=CLASSES)
        assert mine.tolist() == np.stack([alone.tp, alone.fp, alone.fn], axis=1).tolist()
    everything = count_matches(matches, 0.75, 0.4)
    assert macro_f1(counts.sum(axis=0)) == pytest.approx(everything.macro["f1"])


def test_an_empty_image_at_the_end_is_kept():
    images = make(Recipe(2, images=2), "boxes")
    matches = match_images(images, [0.5], classes=CLASSES)
    assert image_counts(matches, 0.5, 0.0, 3)[2].sum() == 0
    with pytest.raises(CourseError, match="2 images were matched, not 1"):
        image_counts(matches, 0.5, 0.0, 1)


def random_counts(seed: int, images: int = 8) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 4, (images, 3, 3))


def test_differences_are_those_of_the_drawn_images_one_by_one():
    a, b, draws = random_counts(0), random_counts(1), draw_images(8, 20, seed=3)
    by_hand = [macro_f1(sum(b[k] for k in draw)) - macro_f1(sum(a[k] for k in draw)) for draw in draws]
    assert paired_differences(a, b, draws) == pytest.approx(by_hand)


def test_equal_models_never_differ_and_swapped_models_differ_the_other_way():
    a, b, draws = random_counts(0), random_counts(1), draw_images(8, 50, seed=0)
    assert not paired_differences(a, a, draws).any()
    assert np.array_equal(paired_differences(a, b, draws), -paired_differences(b, a, draws))


def test_pairing_makes_the_interval_narrower():
    # What is hard for one model is hard for the other: images differ far more than the models.
    rng = np.random.default_rng(5)
    objects, ease = np.full((60, 3), 6), rng.uniform(0, 1, (60, 1))
    models = []
    for gain in (0.0, 0.05):
        tp = rng.binomial(objects, np.clip(ease + gain, 0, 1))
        models.append(np.stack([tp, objects - tp, objects - tp], axis=-1))
    paired = paired_differences(*models, draw_images(60, 400, seed=1))
    one, other = (paired_differences(np.zeros_like(m), m, draw_images(60, 400, seed=k)) for k, m in enumerate(models))
    assert paired.std() < 0.5 * (other - one).std()


def test_the_interval_agrees_with_theory_where_there_is_one():
    # One class, one object an image, found or not, never a wrong detection beside: the spread of a mean is known.
    rng = np.random.default_rng(0)
    found = rng.random((2, 400)) < 0.6
    a, b = (np.stack([tp, ~tp, ~tp], axis=-1)[:, None].astype(int) for tp in found)  # F1 is then the share found
    differences = paired_differences(a, b, draw_images(400, 2000, seed=2))
    each = found[1].astype(float) - found[0]
    assert differences.mean() == pytest.approx(each.mean(), abs=0.005)
    assert differences.std() == pytest.approx(each.std() / 20, rel=0.06)


def test_different_shapes_are_refused():
    with pytest.raises(CourseError, match="same images"):
        paired_differences(random_counts(0), random_counts(1, images=7), draw_images(8, 2, seed=0))
