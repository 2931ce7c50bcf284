"""Bins of occlusion by hand and as pandas cuts them; recall in each; the bins together are the recall of all."""

import numpy as np
import pandas as pd
import pytest
from random_sets import CLASSES, Recipe, make

from course_utils.errors import CourseError
from course_utils.metrics.batch import match_images
from course_utils.metrics.occlusion import OCCLUSION_BINS, found_objects, occlusion_bin, recall_by_occlusion
from course_utils.metrics.scores import count_matches


def test_edges_belong_to_the_bin_below_and_zero_to_the_first():
    assert occlusion_bin([0, 0.05, 0.051, 0.3, 0.6, 0.61, 1]).tolist() == [0, 0, 1, 1, 2, 3, 3]


def test_bins_are_those_of_pandas():
    hidden = np.random.default_rng(0).choice(np.linspace(0, 1, 21), 300)
    theirs = pd.cut(hidden, OCCLUSION_BINS, include_lowest=True, labels=False)
    assert np.array_equal(occlusion_bin(hidden), theirs)


def test_recall_by_hand():
    recall, objects = recall_by_occlusion([True, False, True, False], [0, 0.02, 0.2, 0.9])
    assert recall == pytest.approx([0.5, 1, np.nan, 0], nan_ok=True)
    assert objects.tolist() == [2, 1, 0, 1]


@pytest.mark.parametrize("seed", range(4))
def test_found_objects_are_the_true_positives(seed):
    images = make(Recipe(seed, images=5), "masks")
    matches = match_images(images, [0.5, 0.75], classes=CLASSES)
    found = found_objects(matches, 0.75, 0.4)
    assert found.sum() == count_matches(matches, 0.75, 0.4).tp.sum()
    assert not found[matches.truth_ignored[0]].any()


@pytest.mark.parametrize(
    ("found", "hidden", "edges", "words"),
    [
        ([True], [0.1, 0.2], OCCLUSION_BINS, "give one each"),
        ([True], [1.2], OCCLUSION_BINS, "a hidden share is 1.2"),
        ([True], [np.nan], OCCLUSION_BINS, "a hidden share is nan"),
        ([True], [0.1], (0, 0.5, 0.5), "do not rise"),
    ],
)
def test_bad_input_is_named(found, hidden, edges, words):
    with pytest.raises(CourseError, match=words):
        recall_by_occlusion(found, hidden, edges)
