"""Intervals that hold as often as they say, whatever makes the errors: split conformal prediction.

How far the truth lies from the number is measured on plates that nothing was learnt from, missed and invented pieces
among them; a new plate of the same kind then gets the interval that would have held on so many of those (Papadopoulos
et al. 2002; Lei et al. 2018; for two sides Romano et al. 2019). The promise is about plates like the measured ones:
calibrate on each group of which it is to hold (Vovk's Mondrian form).
"""

import math
from typing import overload

import numpy as np

from course_utils.errors import CourseError

PROMISES_NOTHING = (-math.inf, math.inf)
"""Bounds where nothing was measured."""


def error_bounds(
    true: np.ndarray, predicted: np.ndarray, scale: np.ndarray, confidence: float = 0.9
) -> tuple[float, float]:
    """Between which errors, in units of ``scale``, the truth of a new plate lies with at least this probability.

    Args:
        true, predicted: (N,), say kilocalories of the calibration plates.
        scale: (N,) above 0, how uncertain each prediction seems: the prediction itself for relative errors, the width
            of an interval that is to be corrected, or ones. It must not be computed from the truth.
        confidence: between 0 and 1; half of the rest may lie on either side.

    Returns:
        Lower and upper bound of (true - predicted) / scale; infinite where there are too few plates to promise so much.

    Raises:
        CourseError: lengths that differ, no plates, a scale that is not above 0, or a confidence outside of (0, 1).
    """
    true, predicted, scale = (np.asarray(each, float) for each in (true, predicted, scale))
    if not len(true) or not len(true) == len(predicted) == len(scale):
        raise CourseError(f"{len(true)} truths, {len(predicted)} predictions and {len(scale)} scales; give one of each")
    if not (scale > 0).all() or not 0 < confidence < 1:
        raise CourseError("scales must be above 0, and the confidence between 0 and 1")
    errors = np.sort((true - predicted) / scale)
    # The new plate is one more, equally likely to fall into each gap between the measured ones.
    outside = math.floor((len(errors) + 1) * (1 - confidence) / 2 + 1e-9)
    if outside == 0:
        return PROMISES_NOTHING
    return float(errors[outside - 1]), float(errors[len(errors) - outside])


@overload
def interval(predicted: float, scale: float, bounds: tuple[float, float]) -> tuple[float, float]: ...
@overload
def interval(
    predicted: np.ndarray, scale: np.ndarray, bounds: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]: ...
def interval(
    predicted: float | np.ndarray, scale: float | np.ndarray, bounds: tuple[float, float]
) -> tuple[float, float] | tuple[np.ndarray, np.ndarray]:
    """Lowest and highest plausible truth of a prediction, never below 0; of arrays (N,) both are arrays.

    Where the scale is 0, nothing was predicted from, both are the prediction, whatever the bounds.
    """
    scale = np.asarray(scale, float)
    with np.errstate(invalid="ignore"):
        low, high = (np.maximum(predicted + np.where(scale > 0, bound * scale, 0), 0) for bound in bounds)
    return (low, high) if low.ndim else (float(low), float(high))


def coverage(true: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """Share of the truths (N,) that lie in their intervals, ends included; NaN of none."""
    true = np.asarray(true, float)
    return float(((low <= true) & (true <= high)).mean()) if len(true) else math.nan
