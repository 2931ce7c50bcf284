"""From a photo to what the page shows: outlines, grams and kilocalories, as plain values for JSON."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from skimage.measure import approximate_polygon, find_contours

from course_utils.calories.estimator import Estimator, Meal, Piece, course_estimator
from course_utils.calories.photo import estimate_photo
from course_utils.calories.weight import WeightModel, weighings
from course_utils.dataset import Scene, load_foods
from course_utils.depth import hidden_shares
from course_utils.mask_rcnn.model import MaskRCNN
from course_utils.mask_rcnn.shipped import course_model
from course_utils.plots.style import class_colour

_SMALLEST_HIDDEN_SHARE = 0.02
"""Outlines of neighbours overlap by a pixel or two without anything being hidden."""


class Analyst:
    """The model and the weighed pieces, loaded once."""

    def __init__(self, model: MaskRCNN | None = None, weighed: Sequence[Scene] | None = None):
        """``model``: the course's own by default. ``weighed``: photos of weighed pieces, the course's by default."""
        self.model = model or course_model()
        self.estimator = Estimator(WeightModel(weighings(weighed))) if weighed else course_estimator()
        self.foods = load_foods()

    def analyse(self, photo: np.ndarray, px_per_cm: float | None) -> dict[str, Any]:
        """Everything on a plate: pieces in the order of their scores, and their sum.

        Args:
            photo: ``(H, W, 3) uint8``. px_per_cm: its scale at the plate's rim.
        """
        found, meal = estimate_photo(self.model, self.estimator, photo, px_per_cm)
        masks = found.regions.masks
        # A model that does not say what is hidden gets no guess in its place: its pieces are shown whole.
        visible = masks if found.visible is None else found.visible.to_masks().masks
        shares = hidden_shares(masks, visible)
        return {
            "width": photo.shape[1],
            "height": photo.shape[0],
            "pieces": [self._piece(*each) for each in zip(meal.pieces, masks, visible, shares, strict=True)],
            "total": total(meal),
        }

    def _piece(self, piece: Piece, mask: np.ndarray, visible: np.ndarray, hidden_share: float) -> dict[str, Any]:
        known = piece.name in self.foods
        return {
            "name": piece.name,
            "english": self.foods[piece.name].english if known else "",
            "colour": class_colour(piece.name) if known else "#888888",
            "score": piece.score,
            "hidden_share": float(hidden_share),
            "visible": outlines(visible),
            "hidden": outlines(mask & ~visible) if hidden_share > _SMALLEST_HIDDEN_SHARE else "",
            "problem": piece.problem,
        } | ({} if piece.problem else numbers(piece))


def numbers(one: Piece | Meal) -> dict[str, float]:
    """Grams, kilocalories and the interval of a piece or a plate."""
    return {"grams": one.weight_g, "kcal": one.kcal, "low": one.interval[0], "high": one.interval[1]}


def total(meal: Meal) -> dict[str, Any]:
    """The sums of a plate, and what is not in them."""
    return numbers(meal) | {"problems": meal.problems}


def outlines(mask: np.ndarray) -> str:
    """The outlines of a mask ``(H, W) bool`` as the path of an SVG, in pixels."""
    lines = [approximate_polygon(line, 0.6) for line in find_contours(np.pad(mask, 1).astype(float), 0.5)]
    # Contours come as (row, column) from pixel middles, one pixel later because of the padding.
    return " ".join(
        "M" + " L".join(f"{x - 0.5:.1f} {y - 0.5:.1f}" for y, x in line[:-1]) + " Z" for line in lines if len(line) > 3
    )
