"""From grams to kilocalories, by the food table."""

from collections.abc import Mapping, Sequence

import numpy as np

from course_utils.dataset import CLASSES, Food, load_foods
from course_utils.errors import CourseError


def energies(foods: Mapping[str, Food] | None = None) -> np.ndarray:
    """Kilocalories *per gram* by category id: ``(7,) float64``, entry 0 is nan. Food tables say them per 100 g."""
    foods = foods or load_foods()
    return np.array([np.nan, *(foods[name].kcal_per_100g / 100 for name in CLASSES)])


def kcal(
    labels: Sequence[int] | np.ndarray, weights_g: np.ndarray, foods: Mapping[str, Food] | None = None
) -> np.ndarray:
    """Kilocalories of pieces: category ids ``(N,)`` and grams ``(N,)`` -> ``(N,)``.

    Raises:
        CourseError: a category id that the food table does not know.
    """
    labels = np.asarray(labels, dtype=np.int64)
    unknown = labels[(labels < 1) | (labels > len(CLASSES))]
    if unknown.size:
        raise CourseError(f"the food table has no class {unknown[0]}; it knows 1 to {len(CLASSES)}")
    return energies(foods)[labels] * weights_g
