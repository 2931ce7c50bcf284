"""Exercises of lesson 18: kilocalories of a plate, the error of many plates, the scale, the interval."""

import numpy as np
from numpy.random import Generator

from course_utils.calories.nutrition import energies
from course_utils.exercises.core import Case, Exercise, Lesson
from course_utils.exercises.real_plate import real_plate


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


def _each_piece(labels: np.ndarray, grams: np.ndarray, kcal_per_100g: np.ndarray) -> np.ndarray:
    return kcal_per_100g[labels - 1] * grams / 100


def _first_piece(labels: np.ndarray, grams: np.ndarray, kcal_per_100g: np.ndarray) -> float:
    """Returned from within the loop."""
    return float(_each_piece(labels, grams, kcal_per_100g)[0]) if len(labels) else 0.0


def _all_by_all(labels: np.ndarray, grams: np.ndarray, kcal_per_100g: np.ndarray) -> float:
    return float(kcal_per_100g[labels - 1].sum() * grams.sum() / 100)


def _plate_edges() -> list[Case]:
    per_100g = np.round(energies()[1:] * 100)
    edges = [([5], [100.0]), ([1], [50.0]), ([5, 6], [40.0, 25.0]), ([4, 4, 2], [30.0, 34.0, 28.0]), ([], [])]
    cases: list[Case] = [(np.array(labels, np.int64), np.array(grams), per_100g) for labels, grams in edges]
    heap = real_plate()
    # Another country's table: whoever has ours by heart is found out.
    other = np.array([212.5, 301.0, 254.0, 199.0, 140.5, 287.0])
    return [*cases, (heap.labels, heap.weights_g, per_100g), (np.arange(1, 7), np.linspace(20, 45, 6), other)]


def _plate_random(rng: Generator) -> list[Case]:
    per_100g = np.round(energies()[1:] * 100)

    def random_case() -> Case:
        count = rng.integers(2, 8)
        return rng.integers(1, 7, count), rng.integers(15, 60, count).astype(float), per_100g

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


def _symmetric(estimated: np.ndarray, true: np.ndarray) -> float:
    return float(np.mean(np.abs(estimated - true) / ((estimated + true) / 2)))


def _root_mean_square(estimated: np.ndarray, true: np.ndarray) -> float:
    return float(np.sqrt(np.mean(((estimated - true) / true) ** 2)))


def _mape_edges() -> list[Case]:
    edges = [
        ([110.0], [100.0]),
        ([90.0, 220.0], [100.0, 200.0]),
        ([50.0, 380.0], [100.0, 400.0]),
        ([100.0, 300.0], [100.0, 300.0]),
        ([0.0, 250.0, 900.0], [80.0, 250.0, 300.0]),  # nothing found on one plate, three times too much on another
    ]
    cases: list[Case] = [(np.array(estimated), np.array(true)) for estimated, true in edges]
    rng = np.random.default_rng(18)
    many = np.round(rng.uniform(40, 700, 150))
    return [*cases, (np.round(many * rng.uniform(0.7, 1.2, 150)), many)]


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


def _rescaled_nearly(kcal: float, true_cm: float, entered_cm: float) -> float:
    return kcal * (1 + 2 * (entered_cm - true_cm) / true_cm)


def _rescaled_from_20(kcal: float, true_cm: float, entered_cm: float) -> float:
    return kcal * (entered_cm / 20) ** 2


def _rescale_edges() -> list[Case]:
    return [
        (200.0, 20.0, 20.0),
        (200.0, 20.0, 22.0),
        (200.0, 20.0, 10.0),
        (340.0, 16.0, 18.0),
        (95.5, 26.0, 19.5),
        (0.0, 20.0, 24.0),
    ]


def _rescale_random(rng: Generator) -> list[Case]:
    return [(float(rng.integers(100, 600)), *(float(cm) for cm in rng.uniform(14, 30, 2).round(1))) for _ in range(3)]


def _ends(estimate: float, spread: float, errors: np.ndarray, outside: int) -> tuple[float, float]:
    """The estimate with the errors from which so many lie farther out on either side, those themselves counted."""
    ranked = np.sort(errors)
    low, high = estimate + spread * ranked[outside - 1], estimate + spread * ranked[len(ranked) - outside]
    return max(float(low), 0.0), max(float(high), 0.0)


def _plate_interval(estimate: float, spread: float, errors: np.ndarray) -> tuple[float, float]:
    return _ends(estimate, spread, errors, (len(errors) + 1) // 20)


def _without_the_new_plate(estimate: float, spread: float, errors: np.ndarray) -> tuple[float, float]:
    ranked, outside = np.sort(errors), len(errors) // 20
    low, high = estimate + spread * ranked[outside - 1], estimate + spread * ranked[-outside]
    return max(float(low), 0.0), max(float(high), 0.0)


def _quantiles(estimate: float, spread: float, errors: np.ndarray) -> tuple[float, float]:
    low, high = estimate + spread * np.quantile(errors, [0.05, 0.95])
    return max(float(low), 0.0), max(float(high), 0.0)


def _percentiles_of_shares(estimate: float, spread: float, errors: np.ndarray) -> tuple[float, float]:
    low, high = estimate + spread * np.percentile(errors, [0.05, 0.95])
    return max(float(low), 0.0), max(float(high), 0.0)


def _ninety_five(estimate: float, spread: float, errors: np.ndarray) -> tuple[float, float]:
    return _ends(estimate, spread, errors, max((len(errors) + 1) // 40, 1))


def _eighty(estimate: float, spread: float, errors: np.ndarray) -> tuple[float, float]:
    return _ends(estimate, spread, errors, (len(errors) + 1) // 10)


def _whole_range(estimate: float, spread: float, errors: np.ndarray) -> tuple[float, float]:
    return _ends(estimate, spread, errors, 1)


def _one_further_in(estimate: float, spread: float, errors: np.ndarray) -> tuple[float, float]:
    return _ends(estimate, spread, errors, (len(errors) + 1) // 20 + 1)


def _below_nothing(estimate: float, spread: float, errors: np.ndarray) -> tuple[float, float]:
    ranked, outside = np.sort(errors), (len(errors) + 1) // 20
    return float(estimate + spread * ranked[outside - 1]), float(estimate + spread * ranked[-outside])


def _high_end_below_nothing(estimate: float, spread: float, errors: np.ndarray) -> tuple[float, float]:
    low, high = _below_nothing(estimate, spread, errors)
    return max(low, 0.0), high


def _rounded_to_nearest(estimate: float, spread: float, errors: np.ndarray) -> tuple[float, float]:
    return _ends(estimate, spread, errors, round((len(errors) + 1) / 20))


def _without_spread(estimate: float, spread: float, errors: np.ndarray) -> tuple[float, float]:
    return _plate_interval(estimate, 1.0, errors)


def _errors_subtracted(estimate: float, spread: float, errors: np.ndarray) -> tuple[float, float]:
    return _plate_interval(estimate, spread, -errors)


def _both_sides_alike(estimate: float, spread: float, errors: np.ndarray) -> tuple[float, float]:
    """The same distance on either side, the one that nine of ten errors do not exceed."""
    ranked = np.sort(np.abs(errors))
    off = spread * ranked[len(ranked) - (len(ranked) + 1) // 10]
    return max(float(estimate - off), 0.0), float(estimate + off)


def _as_they_come(estimate: float, spread: float, errors: np.ndarray) -> tuple[float, float]:
    outside = (len(errors) + 1) // 20
    low, high = estimate + spread * errors[outside - 1], estimate + spread * errors[-outside]
    return max(float(low), 0.0), max(float(high), 0.0)


def _only_the_errors(estimate: float, spread: float, errors: np.ndarray) -> tuple[float, float]:
    ranked, outside = np.sort(errors), (len(errors) + 1) // 20
    return float(ranked[outside - 1]), float(ranked[-outside])


def _overall_each(mape_of_food: np.ndarray, pieces_of_food: np.ndarray) -> np.ndarray:
    return mape_of_food * pieces_of_food / pieces_of_food.sum()


def _overall_divided(mape_of_food: np.ndarray, pieces_of_food: np.ndarray) -> float:
    return float(mape_of_food.sum() / pieces_of_food.sum())


def _overall(mape_of_food: np.ndarray, pieces_of_food: np.ndarray) -> float:
    return float(np.average(mape_of_food, weights=pieces_of_food))


def _overall_edges() -> list[Case]:
    edges = [
        ([0.1, 0.3], [10, 10]),
        ([0.1, 0.3], [30, 10]),
        ([0.2, 0.1, 0.5], [4, 0, 1]),
        ([0.25], [7]),
        ([0.0, 0.4], [3, 1]),
        ([0.12, 0.05, 0.1, 0.11, 0.27, 0.16], [126, 118, 121, 140, 129, 110]),
    ]
    return [(np.array(mape), np.array(pieces)) for mape, pieces in edges]


def _overall_random(rng: Generator) -> list[Case]:
    return [(np.round(rng.uniform(0.05, 0.4, 6), 2), rng.integers(1, 90, 6)) for _ in range(3)]


def _interval_edges() -> list[Case]:
    mixed = np.random.default_rng(20).permutation
    nineteen = mixed(np.arange(-9.0, 10.0))
    long_tail = np.round(np.random.default_rng(21).standard_exponential(100) * 1.5 - 1.1, 2)
    return [
        (200.0, 10.0, nineteen),  # the outermost on either side
        (200.0, 10.0, mixed(np.r_[np.arange(-9.0, 10.0), 12.0])),  # 20: one on either side still, and not alike
        (200.0, 10.0, mixed(np.arange(-4.0, 34.0))),  # 38 + 1 are not yet 40
        (200.0, 10.0, mixed(np.arange(-4.0, 35.0) ** 2 / 40)),  # 39: the second
        (60.0, 10.0, nineteen),  # would begin below 0
        (60.0, 10.0, nineteen - 20),  # lies below 0 with both ends
        (310.0, 24.5, long_tail),  # of real size: 100 plates, the fifth
        (310.0, 24.5, mixed(np.repeat([-1.0, 0.0, 2.0], [7, 30, 12]))),  # ties
    ]


def _interval_random(rng: Generator) -> list[Case]:
    def random_case() -> Case:
        errors = np.round(rng.gumbel(0.1, 1, int(rng.integers(45, 130))), 2)
        return float(rng.integers(90, 600)), float(rng.integers(5, 40)), errors

    return [random_case() for _ in range(3)]


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
                "Those are the kilocalories of each piece. Add them up.": _each_piece,
                "Only the first piece is counted. Does a `return` stand inside the loop?": _first_piece,
                "You multiplied a sum by a sum, so that each piece meets every food. Multiply piece by piece, then add "
                "up.": _all_by_all,
                "Labels start at 1, the array at 0: the energy of label 1 stands at position 0.": _label_as_index,
            },
            hints=(
                "How many kilocalories has one piece alone, of 40 g, of a food with 115 kcal per 100 g?",
                "A product for each piece, and one sum. The energy of a piece stands in the table at a place that its "
                "label names, and labels begin with 1.",
                "For each piece: take the table's entry at its label less one, divide it by 100, and multiply by its "
                "grams. Add up; a sum of nothing is 0.",
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
                "You divided by the middle of truth and estimate (that is the symmetric MAPE). A share of the truth is "
                "asked for.": _symmetric,
                "You squared the shares and took the root of their mean. Absolute values are asked for.": (
                    _root_mean_square
                ),
                "That is the mean absolute error in kilocalories (MAE). Divide each error by the truth of its "
                "plate.": _in_kcal,
            },
            hints=(
                "What is the error of one plate, as a share of what is really on it? And which comes first, the share "
                "or the mean?",
                "Three steps, in this order: differences without their signs, shares, one mean.",
                "Take the absolute difference of each plate, divide it by that plate's true kilocalories, and average "
                "over the plates. Leave it a share.",
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
                "Those are the shares of the single foods. Add them up.": _overall_each,
                "You added up the means. Each stands for many pieces: multiply by how many, then add up.": (
                    _overall_divided
                ),
                "You added up without dividing: the sum of all pieces' errors is not yet their mean.": (
                    lambda mape_of_food, pieces_of_food: float((mape_of_food * pieces_of_food).sum())
                ),
            },
            hints=(
                "If 30 pieces have a mean error of 0.1, what is the sum of their errors?",
                "From the means back to the sums, then one mean over all pieces.",
                "Multiply each food's error by its number of pieces, add the products up, and divide by the number of "
                "all pieces.",
            ),
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
                "Twice the error is a good guess for small ones only: a plate entered 50 % too wide makes 125 % too "
                "much, not 100. Square the ratio.": _rescaled_nearly,
                "Not every plate has 20 cm. Use true_cm.": _rescaled_from_20,
                "The other way round: whoever believes that the plate is larger believes that the pieces are larger "
                "too.": _rescaled_inverse,
                "The weight comes from the area seen from above, so the scale counts twice. (With a true volume "
                "it would count three times; a photo does not show the third side.)": _rescaled_cubed,
            },
            hints=(
                "Say the plate has 20 cm and you enter 40. How wide is a piece now, and how long?",
                "All lengths are stretched by one factor; areas, and with them kilocalories, by something else.",
                "Divide the entered diameter by the true one. An area grows with the square of that factor, and so do "
                "the kilocalories.",
            ),
        ),
        Exercise(
            id="plate-interval",
            title="The interval of a plate",
            points=2,
            reference=_plate_interval,
            edges=_interval_edges,
            random=_interval_random,
            misconceptions={
                "np.quantile draws a line between neighbours, and it forgets that the new plate is one more. Count "
                "instead: of N + 1 plates, a twentieth may lie outside on either side.": _quantiles,
                "np.percentile wants percent: 5 and 95. (And counting off a twentieth of N + 1 is what is asked "
                "for.)": _percentiles_of_shares,
                "The new plate is one more, equally likely to fall anywhere between the others: a twentieth of N + 1, "
                "not of N.": _without_the_new_plate,
                "That is everything between the smallest and the largest error. One strange plate decides it; leave a "
                "twentieth outside at each end.": _whole_range,
                "You left 2.5 percent outside at each end, which keeps 95 percent. For 90 percent it is a twentieth at "
                "each end.": _ninety_five,
                "You left ten percent outside at each end, which keeps 80 percent. For 90 percent it is a twentieth at "
                "each end.": _eighty,
                "One too far in. The k-th smallest stands at position k - 1, the k-th largest at -k.": _one_further_in,
                "A plate has no less than 0 kilocalories: neither end may lie below.": _below_nothing,
                "Both ends, not only the lower one: the whole interval may lie below 0.": _high_end_below_nothing,
                "A twentieth rounded *down*: one too many outside breaks the promise.": _rounded_to_nearest,
                "The errors are counted in spreads. How many kilocalories is one of them on this plate?": (
                    _without_spread
                ),
                "The errors are true less estimated. What do you add to the estimate to come to the truth?": (
                    _errors_subtracted
                ),
                "You went the same way on either side. Missed pieces make errors lopsided: count off each end by "
                "itself.": _both_sides_alike,
                "The errors come in any order. The k-th smallest can be counted off only when they are sorted.": (
                    _as_they_come
                ),
                "Those are two of the errors. Where does the interval of *this* plate lie?": _only_the_errors,
            },
            hints=(
                "Of the N plates that were measured and the new one, how many may fall outside on either side, if nine "
                "of ten are to lie inside?",
                "Sort, count off the same number from either end, turn the two errors into kilocalories of this plate, "
                "and stop at 0.",
                "k is a twentieth of N + 1, rounded down. Take the k-th smallest and the k-th largest error, multiply "
                "each by the spread, add the estimate, and replace what is below 0 by 0.",
            ),
        ),
    ],
)
check = LESSON.check
