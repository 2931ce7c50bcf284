"""Recall by how far objects are hidden: the number that an average over all of them hides."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from course_utils.errors import CourseError
from course_utils.metrics.batch import Matches
from course_utils.metrics.scores import recall

OCCLUSION_BINS = (0.0, 0.05, 0.3, 0.6, 1.0)
"""Edges of the hidden share: nearly free, covered a little, by about half, nearly hidden."""


def found_objects(matches: Matches, threshold: float, min_score: float) -> np.ndarray:
    """Which ground truths were found at an IoU threshold by a detection of at least that score: (G,) bool.

    Raises:
        CourseError: nothing was matched at the threshold.
    """
    found = np.zeros(len(matches.truth_label), bool)
    right = matches.true_positive[0, matches.at(threshold)] & (matches.score >= min_score)
    found[matches.truth_of[0, matches.at(threshold)][right]] = True
    return found


def bin_names(edges: Sequence[float] = OCCLUSION_BINS) -> list[str]:
    """The bins in words, such as "5% to 30%"."""
    words = [f"{edge:.0%}" for edge in edges]
    return [f"{low} to {high}" for low, high in zip(words, words[1:], strict=False)]


def occlusion_bin(hidden: np.ndarray, edges: ArrayLike = OCCLUSION_BINS) -> np.ndarray:
    """Number of the bin, from 0, of each hidden share: (G,) float -> (G,) int.

    A bin holds its upper edge and not its lower one; the first holds both, so that an object that nothing hides is in
    it.

    Raises:
        CourseError: edges that do not rise, or a share outside of them.
    """
    hidden, limits = np.asarray(hidden, float), np.asarray(edges, float)
    if len(limits) < 2 or (np.diff(limits) <= 0).any():
        raise CourseError(f"the edges {limits.tolist()} do not rise")
    strange = ~((hidden >= limits[0]) & (hidden <= limits[-1]))
    if strange.any():
        raise CourseError(f"a hidden share is {hidden[strange][0]}; the edges go from {limits[0]} to {limits[-1]}")
    return np.maximum(np.searchsorted(limits, hidden, side="left") - 1, 0)


def recall_by_occlusion(
    found: np.ndarray, hidden: np.ndarray, edges: ArrayLike = OCCLUSION_BINS
) -> tuple[np.ndarray, np.ndarray]:
    """Share of the objects in each bin of occlusion that were found, and how many objects each bin holds.

    Args:
        found: (G,) bool, see `found_objects`.
        hidden: (G,) float, hidden share of each object.
        edges: (B + 1,) of the bins, rising; see `occlusion_bin`.

    Returns:
        (B,) float, NaN for a bin without objects, and (B,) int.

    Raises:
        CourseError: lengths that differ, or bad shares or edges.
    """
    if len(found) != len(hidden):
        raise CourseError(f"{len(found)} objects were judged and {len(hidden)} hidden shares are known; give one each")
    place, bins = occlusion_bin(hidden, edges), np.size(edges) - 1
    objects = np.bincount(place, minlength=bins)
    hits = np.bincount(place[np.asarray(found, bool)], minlength=bins)
    return recall(hits, objects - hits, float("nan")), objects
