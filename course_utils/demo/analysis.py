"""From a photo to what the page shows: outlines, grams and kilocalories, as plain values for JSON.

Words among them come in the language that is spoken where it is asked; what a network found is kept without any.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from course_utils.calories.estimator import HIDDEN, Estimator, Meal, Piece, course_estimator
from course_utils.calories.photo import STRANGE, detect_all, detect_and_judge, estimate_found
from course_utils.calories.trust import Trust, course_trust
from course_utils.dataset import Scene, load_foods
from course_utils.demo.downloads import coco, table
from course_utils.demo.interrupt import ask, interruptible
from course_utils.demo.outlines import outlines, place_for_name
from course_utils.demo.truth import truth_of
from course_utils.depth import hidden_shares
from course_utils.mask_rcnn.model import MaskRCNN
from course_utils.mask_rcnn.shipped import course_model
from course_utils.metrics.calibration import with_temperature
from course_utils.metrics.instances import Detections
from course_utils.plots.style import class_colour
from course_utils.translation.current import spoken
from course_utils.translation.language import SOURCE
from course_utils.translation.say import _

MEASURED_AT = 0.5
"""The score from which detections counted when the intervals were measured; at another one nothing is promised."""


class Analyst:
    """The model, the weighed pieces and what is known of their errors, loaded once; the course's own by default."""

    def __init__(self, model: MaskRCNN | None = None, estimator: Estimator | None = None, trust: Trust | None = None):
        """``trust``: measured for a ``model`` of one's own; without it every photo is taken for a plate."""
        self.model = model or course_model()
        self.estimator = estimator or course_estimator()
        self.trust = trust if model else course_trust()
        self.foods = load_foods()
        # The scale and the smallest score change often while one looks at a photo, what the network sees does not.
        self._look = lru_cache(4)(self._run_model)
        self._given_up: Callable[[], bool] = lambda: False

    def analyse(
        self,
        photo: np.ndarray,
        px_per_cm: float | None,
        min_score: float = MEASURED_AT,
        scene: Scene | None = None,
        given_up: Callable[[], bool] = lambda: False,
    ) -> dict[str, Any]:
        """Everything on a plate: pieces in the order of their scores, and their sum.

        Args:
            photo: ``(H, W, 3) uint8``. px_per_cm: its scale at the plate's rim; None finds pieces and weighs none.
            min_score: pieces with a lower score, as the page shows it, are left out.
            scene: what really lies there, if it is known.
            given_up: says that nobody waits for the answer any more. One answer at a time: this is not thread-safe.

        Returns:
            What the page shows. A photo unlike the model's training plates has a ``refusal``, and no pieces.

        Raises:
            GivenUp: nobody waits any more.
        """
        size = photo.shape[:2]
        answer = {"width": size[1], "height": size[0], "weighed": px_per_cm is not None, "refusal": "", "pieces": []}
        self._given_up = given_up
        ask(given_up)  # what is known of a photo may spare the network, and with it the questions within
        everything = self._look(photo.tobytes(), size)
        if everything is None:
            return answer | {"refusal": _(STRANGE)}
        found, meal = estimate_found(everything, self.estimator, px_per_cm, self.trust, self._raw(min_score))
        masks = found.regions.masks
        # A model that does not say what is hidden gets no guess in its place: its pieces are shown whole.
        visible = masks if found.visible is None else found.visible.to_masks().masks
        shares = hidden_shares(masks, visible)
        promised = bool(np.isclose(min_score, MEASURED_AT))
        pieces = [self._piece(*each, promised) for each in zip(meal.pieces, masks, visible, shares, strict=True)]
        answer |= {"pieces": pieces, "promised": promised, "total": numbers(meal, promised)}
        answer["total"]["problems"] = meal.problems if answer["weighed"] else []
        if scene:
            answer["truth"] = truth_of(scene, found)
        file_name = scene.file_name if scene else "photo.png"
        return answer | {"csv": table(answer), "coco": coco(found, pieces, size, file_name)}

    def _run_model(self, pixels: bytes, size: tuple[int, int]) -> Detections | None:
        """All that the network finds; None where the photo is unlike all that it has learned from."""
        photo = np.frombuffer(pixels, np.uint8).reshape(*size, 3).copy()  # torch wants to own it
        with interruptible(self.model, lambda: self._given_up()):
            if not self.trust:
                return detect_all(self.model, photo)
            everything, strange = detect_and_judge(self.model, self.trust, photo)
        return None if strange else everything

    def _raw(self, score: float) -> float:
        """The model's own score for a calibrated one."""
        return float(with_temperature(np.array(score), 1 / self.trust.temperature)) if self.trust else score

    def _piece(
        self, piece: Piece, mask: np.ndarray, visible: np.ndarray, hidden_share: float, promised: bool
    ) -> dict[str, Any]:
        ask(self._given_up)
        known = piece.name in self.foods
        return {
            "name": piece.name,
            "rival": piece.rival,
            # Its name is Indonesian already; only who reads English needs to be told what that is.
            "english": self.foods[piece.name].english if known and spoken() == SOURCE else "",
            "colour": class_colour(piece.name) if known else "#888888",
            "score": piece.score,
            "hidden_share": float(hidden_share),
            "visible": outlines(visible),
            "hidden": outlines(mask & ~visible) if hidden_share > HIDDEN else "",
            "at": place_for_name(visible if visible.any() else mask),
            "problem": piece.problem,
        } | ({} if piece.problem else numbers(piece, promised))


def numbers(one: Piece | Meal, promised: bool) -> dict[str, Any]:
    """Grams, kilocalories and the interval of a piece or a plate; an end that is not promised is None."""
    low, high = (end if promised and np.isfinite(end) else None for end in one.interval)
    return {"grams": float(one.weight_g), "kcal": float(one.kcal), "low": low, "high": high}
