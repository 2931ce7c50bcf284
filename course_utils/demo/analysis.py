"""From a photo to what the page shows: outlines, grams and kilocalories, as plain values for JSON."""

from typing import Any

import numpy as np
from skimage.measure import approximate_polygon, find_contours

from course_utils.calories.estimator import HIDDEN, Estimator, Meal, Piece, course_estimator
from course_utils.calories.photo import STRANGE, estimate_photo, is_strange
from course_utils.calories.trust import Trust, course_trust
from course_utils.dataset import load_foods
from course_utils.depth import hidden_shares
from course_utils.mask_rcnn.model import MaskRCNN
from course_utils.mask_rcnn.shipped import course_model
from course_utils.plots.style import class_colour


class Analyst:
    """The model, the weighed pieces and what is known of their errors, loaded once; the course's own by default."""

    def __init__(self, model: MaskRCNN | None = None, estimator: Estimator | None = None, trust: Trust | None = None):
        """``trust``: measured for a ``model`` of one's own; without it every photo is taken for a plate."""
        self.model = model or course_model()
        self.estimator = estimator or course_estimator()
        self.trust = trust if model else course_trust()
        self.foods = load_foods()

    def analyse(self, photo: np.ndarray, px_per_cm: float | None) -> dict[str, Any]:
        """Everything on a plate: pieces in the order of their scores, and their sum.

        Args:
            photo: ``(H, W, 3) uint8``. px_per_cm: its scale at the plate's rim.

        Returns:
            What the page shows. A photo unlike the model's training plates has a ``refusal``, and no pieces.
        """
        answer = {"width": photo.shape[1], "height": photo.shape[0], "refusal": "", "pieces": []}
        if self.trust and is_strange(self.model, self.trust, photo):
            return answer | {"refusal": STRANGE}
        found, meal = estimate_photo(self.model, self.estimator, photo, px_per_cm, self.trust)
        masks = found.regions.masks
        # A model that does not say what is hidden gets no guess in its place: its pieces are shown whole.
        visible = masks if found.visible is None else found.visible.to_masks().masks
        shares = hidden_shares(masks, visible)
        pieces = [self._piece(*each) for each in zip(meal.pieces, masks, visible, shares, strict=True)]
        return answer | {"pieces": pieces, "total": total(meal)}

    def _piece(self, piece: Piece, mask: np.ndarray, visible: np.ndarray, hidden_share: float) -> dict[str, Any]:
        known = piece.name in self.foods
        return {
            "name": piece.name,
            "rival": piece.rival,
            "english": self.foods[piece.name].english if known else "",
            "colour": class_colour(piece.name) if known else "#888888",
            "score": piece.score,
            "hidden_share": float(hidden_share),
            "visible": outlines(visible),
            "hidden": outlines(mask & ~visible) if hidden_share > HIDDEN else "",
            "problem": piece.problem,
        } | ({} if piece.problem else numbers(piece))


def numbers(one: Piece | Meal) -> dict[str, float | None]:
    """Grams, kilocalories and the interval of a piece or a plate; an end that is not promised is None."""
    low, high = (end if np.isfinite(end) else None for end in one.interval)
    return {"grams": one.weight_g, "kcal": one.kcal, "low": low, "high": high}


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
