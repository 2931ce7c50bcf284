"""Do scores mean what they say? Reliability, and the one number that mends it: a temperature (Guo et al. 2017)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit

from course_utils.errors import CourseError

_SURE = 1e-6
"""Scores closer to 0 or 1 are taken for this: a single one that is wrong must not outweigh all others."""


def with_temperature(scores: np.ndarray, temperature: float) -> np.ndarray:
    """Scores made less sure (temperature above 1) or surer (below): ``(D,) -> (D,)``; their order stays."""
    return expit(logit(np.clip(np.asarray(scores, float), _SURE, 1 - _SURE)) / temperature)


def fit_temperature(scores: np.ndarray, right: np.ndarray) -> float:
    """The temperature at which scores explain best which detections are right.

    Args:
        scores: (D,) in [0, 1]. right: (D,) bool, on data that nothing was learnt from.

    Returns:
        The one of least cross-entropy, between 1/20 and 20.

    Raises:
        CourseError: lengths that differ, or not both right and wrong ones among them.
    """
    scores, right = np.asarray(scores, float), np.asarray(right, bool)
    if len(scores) != len(right):
        raise CourseError(f"{len(scores)} scores and {len(right)} verdicts; give one each")
    if right.all() or not right.any():
        raise CourseError("a temperature needs right and wrong detections; all of these are alike")

    def cross_entropy(log_temperature: float) -> float:
        found = with_temperature(scores, np.exp(log_temperature))
        return -float(np.log(np.where(right, found, 1 - found)).mean())

    return float(np.exp(minimize_scalar(cross_entropy, bounds=np.log([1 / 20, 20]), method="bounded").x))


def reliability(scores: np.ndarray, right: np.ndarray, edges: Sequence[float] = tuple(np.linspace(0, 1, 11))):
    """How often detections of about the same score are right.

    Args:
        scores: (D,). right: (D,) bool. edges: of the bins; each holds its lower edge, the last one both.

    Returns:
        A table with a row for each bin that is not empty: ``low``, ``high``, ``count``, ``score`` (the mean) and
        ``right`` (the share). The two agree where scores are calibrated.
    """
    place = np.clip(np.searchsorted(edges, scores, side="right") - 1, 0, len(edges) - 2)
    found = pd.DataFrame({"place": place, "score": np.asarray(scores, float), "right": np.asarray(right, float)})
    table = found.groupby("place").agg(count=("score", "size"), score=("score", "mean"), right=("right", "mean"))
    limits = np.asarray(edges)
    table.insert(0, "low", limits[table.index])
    table.insert(1, "high", limits[table.index + 1])
    return table.reset_index(drop=True)


def expected_calibration_error(table: pd.DataFrame) -> float:
    """Mean distance between score and share that is right, of a table of `reliability`; 0 is perfect."""
    return float(np.average((table["score"] - table["right"]).abs(), weights=table["count"]))
