"""From detections to kilocalories: the thesis's combined model, with an interval that says how sure it is.

A piece's mask gives its features, the regression of its class its grams, the food table its kilocalories. How far off
that may be is known from the weighing set: cross-validation tells for each photo by which ratio true and predicted
weight differ when the piece was never seen. The interval draws such a ratio for every piece, many times over, adds up
what is on the plate, and cuts off the tails of the sums. Pieces err independently of each other; what they have in
common, the scale and the view of the photo, is drawn once for all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from course_utils.calories import nutrition
from course_utils.calories.features import FEATURES, Shape, measure
from course_utils.calories.weight import WeightModel, weighings
from course_utils.dataset.classes import CLASSES, class_name
from course_utils.errors import CourseError

PHOTO_ERROR = 0.03
"""Relative standard deviation of what a photo's pieces have in common: tilt, heights in a heap, scale. It is the
smallest hundredth with which 90% intervals hold on 90% of the 900 training plates (`budget.coverage`), from which the
regressions learn nothing."""

_DRAWS = 2000


@dataclass(frozen=True)
class Piece:
    """What is known of one detection.

    Attributes:
        name: of its food, or "class 9" when the course has no such food.
        score: of the detection. shape: its features, None when they could not be measured.
        weight_g, kcal: nan when there is a problem.
        interval: lowest and highest kcal that are plausible.
        problem: why there is no number; empty when there is one.
    """

    name: str
    score: float
    shape: Shape | None
    weight_g: float = np.nan
    kcal: float = np.nan
    interval: tuple[float, float] = (np.nan, np.nan)
    problem: str = ""


@dataclass(frozen=True)
class Meal:
    """All pieces of one plate, and their sum without those that have a problem.

    Attributes:
        pieces: in the order of the detections. weight_g, kcal: sums.
        interval: lowest and highest kcal of the plate that are plausible.
        problems: one line each, for whatever is not in the sums.
    """

    pieces: list[Piece]
    weight_g: float
    kcal: float
    interval: tuple[float, float]
    problems: list[str]


class Estimator:
    """Kilocalories of detections.

    Args:
        weights: regressions of the classes. confidence: how often the interval should hold, between 0 and 1.
        photo_error: see PHOTO_ERROR.

    Raises:
        CourseError: the confidence does not lie between 0 and 1.
    """

    def __init__(self, weights: WeightModel, confidence: float = 0.9, photo_error: float = PHOTO_ERROR):
        if not 0 < confidence < 1:
            raise CourseError(f"confidence is {confidence}; a share between 0 and 1 is needed, such as 0.9")
        self.weights, self._tail, self._photo_error = weights, (1 - confidence) / 2, photo_error

    def estimate(
        self,
        labels: Sequence[int] | np.ndarray,
        masks: np.ndarray,
        px_per_cm: float | None,
        scores: Sequence[float] | None = None,
    ) -> Meal:
        """What lies on a plate, from masks that may be true or predicted, amodal or not.

        Args:
            labels: (N,) category ids. masks: ``(N, H, W) bool``.
            px_per_cm: scale of the photo at the height of the plate's rim, as from `scale.from_plate`.
            scores: (N,), 1 when left out.

        Returns:
            The meal. A piece of unknown class or scale, or without pixels, has a `problem` in place of numbers.
        """
        sure = np.ones(len(labels)) if scores is None else scores
        draws = self._draw_ratios(len(labels))
        pieces, known = [], np.zeros(len(labels), dtype=bool)
        for k, (label, mask, score) in enumerate(zip(labels, masks, sure, strict=True)):
            pieces.append(self._piece(int(label), mask, px_per_cm, float(score), draws[k]))
            known[k] = not pieces[-1].problem
        kcal = np.array([piece.kcal for piece in pieces])[known]
        return Meal(
            pieces,
            float(sum(piece.weight_g for piece in pieces if not piece.problem)),
            float(kcal.sum()),
            self._interval(kcal @ draws[known]),
            [f"{piece.name}: {piece.problem}" for piece in pieces if piece.problem],
        )

    def _draw_ratios(self, count: int) -> np.ndarray:
        """True over predicted weight for each piece, ``(count, draws)``; seeded, so that a plate has one answer."""
        rng = np.random.default_rng(0)
        in_common = np.exp(self._photo_error * rng.standard_normal(_DRAWS))
        return rng.choice(self.weights.ratios, (count, _DRAWS)) * in_common

    def _interval(self, draws: np.ndarray) -> tuple[float, float]:
        low, high = np.quantile(draws, [self._tail, 1 - self._tail])
        return float(low), float(high)

    def _piece(self, label: int, mask: np.ndarray, px_per_cm: float | None, score: float, ratios: np.ndarray) -> Piece:
        name = class_name(label)
        if px_per_cm is None:
            return Piece(name, score, None, problem="its scale is unknown; give the plate's diameter in cm")
        try:
            shape = measure(mask, px_per_cm)
        except CourseError as error:
            return Piece(name, score, None, problem=str(error))
        if label not in self.weights.labels or not 1 <= label <= len(CLASSES):
            return Piece(name, score, shape, problem="no piece of this food was weighed, so its weight is unknown")
        features = np.array([[getattr(shape, feature) for feature in FEATURES]])
        grams = self.weights.predict(label, features)
        kcal = float(nutrition.kcal(np.array([label]), grams)[0])
        return Piece(name, score, shape, float(grams[0]), kcal, self._interval(kcal * ratios))


@cache
def course_estimator() -> Estimator:
    """The estimator of the course's own weighing set, by area alone: fitted at the first call, then kept."""
    return Estimator(WeightModel(weighings()))
