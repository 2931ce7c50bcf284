"""Exercises of lesson 18: kilocalories of a plate, the error of many plates, the scale, the interval."""

import numpy as np
from numpy.random import Generator

from course_utils.calories.nutrition import energies
from course_utils.exercises.core import Case, Exercise, Lesson


def _plate_kcal(labels: np.ndarray, grams: np.ndarray, kcal_per_100g: np.ndarray) -> float:
    return float((kcal_per_100g[labels - 1] * grams).sum() / 100)


def _per_gram(labels: np.ndarray, grams: np.ndarray, kcal_per_100g: np.ndarray) -> float:
    return 100 * _plate_kcal(labels, grams, kcal_per_100g)


def _mean_food(labels: np.ndarray, grams: np.ndarray, kcal_per_100g: np.ndarray) -> float:
    """All grams at the average energy of what lies there."""
    return float(kcal_per_100g[labels - 1].mean() * grams.sum() / 100) if len(labels) else 0.0


def _mean_food_unguarded(labels: np.ndarray, grams: np.ndarray, kcal_per_100g: np.ndarray) -> float:
    return _mean_food(labels, grams, kcal_per_100g) if len(labels) else float("nan")


def _label_as_index(labels: np.ndarray, grams: np.ndarray, kcal_per_100g: np.ndarray) -> float:
    return float((kcal_per_100g[labels] * grams).sum() / 100)


def _plate_edges() -> list[Case]:
    per_100g = np.round(energies()[1:] * 100)
    edges = [([5], [100.0]), ([1], [50.0]), ([5, 6], [40.0, 25.0]), ([4, 4, 2], [30.0, 34.0, 28.0]), ([], [])]
    cases = [(np.array(labels, np.int64), np.array(grams), per_100g) for labels, grams in edges]
    return cases


def _plate_random(rng: Generator) -> list[Case]:
    per_100g = np.round(energies()[1:] * 100)

    def random_case() -> Case:
        count = rng.integers(2, 8)
        return rng.integers(1, 6, count), rng.integers(15, 60, count).astype(float), per_100g

    return [random_case() for _ in range(3)]


def _mape(estimated: np.ndarray, true: np.ndarray) -> float:
    return float(np.mean(np.abs(estimated - true) / true))


def _signed(estimated: np.ndarray, true: np.ndarray) -> float:
    return float(np.mean((estimated - true) / true))


def _of_the_estimate(estimated: np.ndarray, true: np.ndarray) -> float:
    return float(np.mean(np.abs(estimated - true) / estimated))


def _of_all_together(estimated: np.ndarray, true: np.ndarray) -> float:
    return float(np.abs(estimated - true).sum() / true.sum())


def _in_kcal(estimated: np.ndarray, true: np.ndarray) -> float:
    return float(np.mean(np.abs(estimated - true)))


def _mape_edges() -> list[Case]:
    edges = [([110.0], [100.0]), ([90.0, 220.0], [100.0, 200.0]), ([50.0, 380.0], [100.0, 400.0])]
    cases = [(np.array(estimated), np.array(true)) for estimated, true in edges]
    return cases


def _mape_random(rng: Generator) -> list[Case]:
    def random_case() -> Case:
        true = rng.integers(60, 700, 6).astype(float)
        return np.round(true * rng.uniform(0.7, 1.3, 6)), true

    return [random_case() for _ in range(3)]


def _rescaled(kcal: float, true_cm: float, entered_cm: float) -> float:
    return kcal * (entered_cm / true_cm) ** 2


def _rescaled_once(kcal: float, true_cm: float, entered_cm: float) -> float:
    return kcal * entered_cm / true_cm


def _rescaled_inverse(kcal: float, true_cm: float, entered_cm: float) -> float:
    return kcal * (true_cm / entered_cm) ** 2


def _rescaled_cubed(kcal: float, true_cm: float, entered_cm: float) -> float:
    return kcal * (entered_cm / true_cm) ** 3


def _rescale_edges() -> list[Case]:
    edges = [(200.0, 20.0, 20.0), (200.0, 20.0, 22.0), (200.0, 20.0, 10.0)]
    return edges


def _rescale_random(rng: Generator) -> list[Case]:
    drawn = [(float(rng.integers(100, 600)), 20.0, float(rng.integers(14, 29)) + 0.5) for _ in range(3)]
    return drawn


def _plate_interval(draws: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(draws.sum(axis=0), [0.05, 0.95])
    return float(low), float(high)


def _sum_of_intervals(draws: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(draws, [0.05, 0.95], axis=1)
    return float(low.sum()), float(high.sum())


def _whole_range(draws: np.ndarray) -> tuple[float, float]:
    sums = draws.sum(axis=0)
    return float(sums.min()), float(sums.max())


def _eighty_percent(draws: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(draws.sum(axis=0), [0.1, 0.9])
    return float(low), float(high)


def _ninety_five_percent(draws: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(draws.sum(axis=0), [0.025, 0.975])
    return float(low), float(high)


def _overall(mape_of_food: np.ndarray, pieces_of_food: np.ndarray) -> float:
    return float(np.average(mape_of_food, weights=pieces_of_food))


def _overall_edges() -> list[Case]:
    edges = [([0.1, 0.3], [10, 10]), ([0.1, 0.3], [30, 10]), ([0.2, 0.1, 0.5], [4, 0, 1])]
    cases = [(np.array(mape), np.array(pieces)) for mape, pieces in edges]
    return cases


def _overall_random(rng: Generator) -> list[Case]:
    return [(np.round(rng.uniform(0.05, 0.4, 6), 2), rng.integers(1, 90, 6)) for _ in range(3)]


def _interval_edges() -> list[Case]:
    steps = np.arange(101.0)
    edges = [(steps[None],), (np.array([steps, steps[::-1]]),)]
    return edges


def _interval_random(rng: Generator) -> list[Case]:
    drawn = [(np.round(rng.normal(60, 12, (rng.integers(2, 6), 400))),) for _ in range(3)]
    return drawn


LESSON = Lesson(
    18,
    [
        Exercise(
            id="plate-kcal",
            title="Kilocalories of a plate",
            points=1,
            reference=_plate_kcal,
            edges=_plate_edges,
            random=_plate_random,
            misconceptions={
                "Food tables say kilocalories per 100 g. You used the number as if it were per gram, which makes the "
                "plate a hundred times too rich: divide by 100.": _per_gram,
                "You multiplied all grams by the average energy of the foods. A large piece of a rich food must count "
                "more than a small one: multiply piece by piece, then add up.": _mean_food,
                "You multiplied all grams by the average energy of the foods (and an empty plate has no average). "
                "Multiply piece by piece, then add up.": _mean_food_unguarded,
                "Labels start at 1, the array at 0: the energy of label 1 stands at position 0.": _label_as_index,
            },
            hints=(
                "One multiplication for each piece: its grams times the energy of its food, over 100. Then add up.",
            ),
        ),
        Exercise(
            id="mape",
            title="Mean absolute percentage error",
            points=2,
            shortcuts=("sklearn.metrics.mean_absolute_percentage_error",),
            reference=_mape,
            edges=_mape_edges,
            random=_mape_random,
            misconceptions={
                "A plate that is too high and one that is too low cancel out in your number. Take the absolute value "
                "of each error before you average.": _signed,
                "You averaged true less estimated with their signs: a plate that is too high and one that is too low "
                "cancel out. Absolute values first.": lambda estimated, true: -_signed(estimated, true),
                "You divided by the estimate. A share of the truth is asked for: whoever guesses too high would "
                "otherwise look better than whoever guesses too low.": _of_the_estimate,
                "You divided all errors by all kilocalories, so that large plates decide. Take each plate's share "
                "first, then average over the plates.": _of_all_together,
                "That is the mean absolute error in kilocalories (MAE). Divide each error by the truth of its "
                "plate.": _in_kcal,
            },
            hints=(
                "Per plate: |estimated - true| / true. Then the mean over the plates, as a share and not in percent.",
            ),
        ),
        Exercise(
            id="mape-of-all",
            title="From the errors of the foods to that of all pieces",
            points=1,
            reference=_overall,
            edges=_overall_edges,
            random=_overall_random,
            misconceptions={
                "You averaged over the foods. A food of two pieces then weighs as much as one of ninety: weigh each "
                "food's error by its pieces.": lambda mape_of_food, pieces_of_food: float(mape_of_food.mean()),
                "You divided by the number of foods. Each error counts once for each piece: divide by all pieces.": (
                    lambda mape_of_food, pieces_of_food: float((mape_of_food * pieces_of_food).mean())
                ),
                "You added up without dividing: the sum of all pieces' errors is not yet their mean.": (
                    lambda mape_of_food, pieces_of_food: float((mape_of_food * pieces_of_food).sum())
                ),
            },
            hints=("A food's error times its pieces is the sum of its pieces' errors. Add up, divide by all pieces.",),
        ),
        Exercise(
            id="wrong-diameter",
            title="When the plate is measured wrongly",
            points=2,
            reference=_rescaled,
            edges=_rescale_edges,
            random=_rescale_random,
            misconceptions={
                "Lengths grow with the diameter once, but areas twice: everything is longer and wider.": _rescaled_once,
                "The other way round: whoever believes that the plate is larger believes that the pieces are larger "
                "too.": _rescaled_inverse,
                "The weight comes from the area seen from above, so the scale counts twice. (With a true volume "
                "it would count three times; a photo does not show the third side.)": _rescaled_cubed,
            },
            hints=("How much larger do all lengths become? And an area, which is a length times a length?",),
        ),
        Exercise(
            id="plate-interval",
            title="The interval of a plate",
            points=2,
            reference=_plate_interval,
            edges=_interval_edges,
            random=_interval_random,
            misconceptions={
                "You added up the ends of the pieces' intervals. That would be right if all pieces erred the same "
                "way at once; mostly their errors cancel. Add up the pieces in each draw first.": _sum_of_intervals,
                "That is everything between the smallest and the largest draw. One strange draw decides it; cut off "
                "five percent at each end.": _whole_range,
                "You cut off 2.5 percent at each end, which leaves 95 percent inside. For 90 percent, cut off five at "
                "each end.": _ninety_five_percent,
                "You cut off ten percent at each end, which leaves 80 percent inside. For 90 percent, cut off five "
                "at each end.": _eighty_percent,
            },
            hints=("Each column is one possible world. What does the whole plate have in each of them?",),
        ),
    ],
)
check = LESSON.check
