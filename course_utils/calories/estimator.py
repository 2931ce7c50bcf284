"""From detections to kilocalories: the thesis's combined model, with an interval that says how sure it is.

A piece's mask gives its features, the regression of its class its grams, the food table its kilocalories. How far off a
regression usually is on pieces it has not seen, the weighing set tells, food by food; the errors of the pieces of a
plate, which have little to do with each other, add up as the sides of right angles do. This *spread* is a plate's
yardstick. How many spreads the truth may lie away is measured on plates, end to end: see `trust`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import numpy as np

from course_utils.calories import nutrition
from course_utils.calories.features import FEATURES, Shape, measure
from course_utils.calories.intervals import PROMISES_NOTHING, interval
from course_utils.calories.trust import course_trust
from course_utils.calories.weight import WeightModel, weighings
from course_utils.dataset.classes import CLASSES, class_name
from course_utils.depth import hidden_shares
from course_utils.errors import CourseError
from course_utils.translation.say import N_, _

HIDDEN = 0.02
"""Outlines of neighbours cross by a pixel or two; a piece of which more than this share is covered is hidden."""
PLATES = {False: N_("plates apart"), True: N_("plates heaped")}
PIECES = {False: N_("pieces in full view"), True: N_("pieces partly hidden")}
"""Groups for which intervals are measured, by whether a piece of the plate, or the piece itself, seems hidden."""


@dataclass(frozen=True)
class Piece:
    """What is known of one detection.

    Attributes:
        name: of its food, or "class 9" when the course has no such food.
        rival: the food that it may be instead; empty when there is no doubt.
        score: of the detection. shape: its features, None when they could not be measured.
        weight_g, kcal: nan when there is a problem.
        spread: kcal by which the regression of this food is usually off.
        hidden: share of the piece that cannot be seen.
        interval: lowest and highest kcal that are plausible; 0 and infinity where nothing is promised.
        problem: why there is no number; empty when there is one.
    """

    name: str
    score: float
    shape: Shape | None
    weight_g: float = np.nan
    kcal: float = np.nan
    spread: float = np.nan
    hidden: float = 0.0
    interval: tuple[float, float] = (np.nan, np.nan)
    problem: str = ""
    rival: str = ""


@dataclass(frozen=True)
class Meal:
    """All pieces of one plate, and their sum without those that have a problem.

    Attributes:
        pieces: in the order of the detections. weight_g, kcal: sums.
        spread: kcal by which the sum is usually off, if only the regressions err.
        interval: lowest and highest kcal of the plate that are plausible; 0 and infinity where nothing is promised.
        problems: one line each, for whatever is not in the sums.
    """

    pieces: list[Piece]
    weight_g: float
    kcal: float
    spread: float
    interval: tuple[float, float]
    problems: list[str]

    @property
    def heaped(self) -> bool:
        """Whether any of its pieces is hidden."""
        return any(piece.hidden > HIDDEN for piece in self.pieces)


class Estimator:
    """Kilocalories of detections.

    Args:
        weights: regressions of the classes.
        bounds: how many spreads the truth may lie away, as measured for these regressions and one model, by the names
            in PLATES and PIECES; without them intervals promise nothing.
    """

    def __init__(self, weights: WeightModel, bounds: Mapping[str, tuple[float, float]] | None = None):
        self.weights, self._bounds = weights, bounds or {}

    def estimate(
        self,
        labels: Sequence[int] | np.ndarray,
        masks: np.ndarray,
        px_per_cm: float | None,
        scores: Sequence[float] | np.ndarray | None = None,
        visible: np.ndarray | None = None,
    ) -> Meal:
        """What lies on a plate, from masks that may be true or predicted, amodal or not.

        Args:
            labels: (N,) category ids. masks: ``(N, H, W) bool``.
            px_per_cm: scale of the photo at the height of the plate's rim, as from `scale.from_plate`.
            scores: (N,), 1 when left out.
            visible: ``(N, H, W) bool``, what is seen of each; when left out, what no other covers.

        Returns:
            The meal. A piece of unknown class or scale, or without pixels, has a `problem` in place of numbers.
        """
        scores = np.ones(len(labels)) if scores is None else scores
        shares = _covered(masks) if visible is None else hidden_shares(masks, visible)
        each = zip(labels, masks, scores, shares, strict=True)
        pieces = [self._piece(int(label), mask, px_per_cm, float(score), hidden) for label, mask, score, hidden in each]
        known = [piece for piece in pieces if not piece.problem]
        meal = Meal(
            pieces,
            sum(piece.weight_g for piece in known),
            sum(piece.kcal for piece in known),
            float(np.hypot.reduce([piece.spread for piece in known], initial=0.0)),
            (0.0, 0.0),
            [f"{piece.name}: {piece.problem}" for piece in pieces if piece.problem],
        )
        return replace(meal, interval=self._interval(meal.kcal, meal.spread, PLATES[meal.heaped]))

    def _piece(self, label: int, mask: np.ndarray, px_per_cm: float | None, score: float, hidden: float) -> Piece:
        name = class_name(label)
        if px_per_cm is None:
            return Piece(name, score, None, problem=_("its scale is unknown; give the plate's diameter in cm"))
        try:
            shape = _measured(np.packbits(mask).tobytes(), mask.shape, px_per_cm)
        except CourseError as error:
            return Piece(name, score, None, problem=str(error))
        if label not in self.weights.labels or not 1 <= label <= len(CLASSES):
            return Piece(name, score, shape, problem=_("no piece of this food was weighed, so its weight is unknown"))
        features = np.array([[getattr(shape, feature) for feature in FEATURES]])
        grams = float(self.weights.predict(label, features)[0])
        kcal = float(nutrition.kcal([label], np.array([grams]))[0])
        spread = kcal * self.weights.usual_error[label]
        plausible = self._interval(kcal, spread, PIECES[hidden > HIDDEN])
        return Piece(name, score, shape, grams, kcal, spread, float(hidden), plausible)

    def _interval(self, kcal: float, spread: float, group: str) -> tuple[float, float]:
        return interval(kcal, spread, self._bounds.get(group, PROMISES_NOTHING))


@lru_cache(64)
def _measured(packed: bytes, size: tuple[int, int], px_per_cm: float) -> Shape:
    """`measure` of a packed mask, kept for a plate or two: an error budget asks for the same outlines several times."""
    pixels = np.unpackbits(np.frombuffer(packed, np.uint8), count=size[0] * size[1])
    return measure(pixels.reshape(size).astype(bool), px_per_cm)


def _covered(masks: np.ndarray) -> np.ndarray:
    """Share of each mask ``(N, H, W) bool`` that lies in another one's too: as much may be hidden, ``(N,)``."""
    more_than_one = masks.sum(axis=0) > 1
    return np.array([more_than_one[mask].mean() if mask.any() else 0.0 for mask in masks])


@cache
def course_estimator() -> Estimator:
    """The estimator of the course's own weighing set, by area alone, with the shipped model's intervals.

    Fitted at the first call, then kept.
    """
    return Estimator(WeightModel(weighings()), course_trust().bounds)
