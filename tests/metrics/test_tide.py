"""Counts and costs of errors are those of TIDE's own program (Bolya et al. 2020)."""

import numpy as np
import pytest

pytest.importorskip("tidecv", reason="TIDE imports OpenCV, which needs libGL", exc_type=ImportError)

from tidecv import TIDE, Data
from tidecv.errors.main_errors import BackgroundError, BoxError, ClassError, DuplicateError, MissedError, OtherError
from tidecv.quantify import TIDERun

from course_utils.metrics import average_precision
from course_utils.metrics.errors import KINDS, find_errors
from course_utils.metrics.instances import Detections, GroundTruth

TIDE_KINDS = (BoxError, ClassError, DuplicateError, BackgroundError, OtherError, MissedError)


@pytest.mark.parametrize("seed", range(5))
def test_counts_and_costs_are_those_of_tide(seed, monkeypatch):
    # TIDE's 101 recalls differ from COCO's in the last bit, which decides where a recall is exactly one of them.
    monkeypatch.setattr(average_precision, "COCO_RECALLS", np.arange(101) / 100)
    images = mediocre_images(np.random.default_rng(seed))
    errors, theirs = find_errors(images), tide(images)
    assert errors.counts == {kind: theirs.count_errors()[error] for kind, error in zip(KINDS, TIDE_KINDS, strict=True)}
    assert errors.average_precision() == pytest.approx(theirs.ap / 100, abs=1e-12)
    costs = theirs.fix_main_errors()
    expected = [costs[error] / 100 for error in TIDE_KINDS]
    assert [max(errors.costs[kind], 0) for kind in KINDS] == pytest.approx(expected, abs=1e-12)
    assert min(expected[:2]) > 0.01, "there is something to mend"


def mediocre_images(rng: np.random.Generator) -> list[tuple[GroundTruth, Detections]]:
    """30 images of 5 classes; no two scores are equal."""
    images, scores = [], iter(rng.permutation(1000) / 1000)
    for _ in range(30):
        corners = rng.uniform(0, 80, (6, 2))
        there = np.hstack([corners, corners + rng.uniform(10, 40, (6, 2))])
        meant = rng.integers(0, 6, 12)
        labels, seen = rng.integers(1, 6, 6), there[meant] + rng.normal(0, 5, (12, 4))
        seen[:, 2:] = np.maximum(seen[:, 2:], seen[:, :2] + 1)
        guessed = np.where(rng.random(12) < 0.7, labels[meant], rng.integers(1, 6, 12))
        found = Detections(guessed, seen, np.array([next(scores) for _ in range(12)]))
        images.append((GroundTruth(labels, there), found))
    return images


def tide(images: list[tuple[GroundTruth, Detections]]) -> TIDERun:
    """TIDE's own run over the same images."""
    there, seen = Data("truth"), Data("found")
    for number, (truth, found) in enumerate(images):
        for label, (x1, y1, x2, y2) in zip(truth.labels.tolist(), truth.regions.corners.tolist(), strict=True):
            there.add_ground_truth(number, label, [x1, y1, x2 - x1, y2 - y1])
        corners = found.regions.corners.tolist()
        for label, score, (x1, y1, x2, y2) in zip(found.labels.tolist(), found.scores.tolist(), corners, strict=True):
            seen.add_detection(number, label, score, [x1, y1, x2 - x1, y2 - y1])
    return TIDE().evaluate(there, seen, mode=TIDE.BOX)
