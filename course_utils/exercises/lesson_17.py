"""Exercises of lesson 17: the size of a mask, its weight, and honest errors."""

import numpy as np
from numpy.random import Generator

from course_utils.exercises.core import Case, Exercise, Lesson


def _area(mask: np.ndarray, px_per_cm: float) -> float:
    return float(mask.sum() / px_per_cm**2)


def _area_of_box(mask: np.ndarray, px_per_cm: float) -> float:
    rows, columns = np.nonzero(mask)
    return float(np.ptp(rows) + 1) * float(np.ptp(columns) + 1) / px_per_cm**2


def _area_edges() -> list[Case]:
    square = np.zeros((8, 10), dtype=bool)
    square[2:6, 3:7] = True
    corner = np.tri(8, 10, dtype=bool)
    cases: list[Case] = [(square, 2.0), (corner, 4.0), (np.zeros((3, 3), dtype=bool), 12.5)]
    return cases


def _area_random(rng: Generator) -> list[Case]:
    return [(rng.random((9, 11)) < 0.5, float(rng.uniform(3, 20))) for _ in range(3)]


def _extents(points: np.ndarray) -> np.ndarray:
    """Extent of points ``(P, 2)`` along each of 180 directions, one a degree: ``(180,)``."""
    angles = np.deg2rad(np.arange(180))
    return np.ptp(points @ np.stack([np.cos(angles), np.sin(angles)]), axis=0)


def _sides(points: np.ndarray) -> tuple[float, float]:
    extents = _extents(points)
    along, across = extents[:90], extents[90:]
    best = np.argmin(along * across)
    return float(max(along[best], across[best])), float(min(along[best], across[best]))


def _sides_unsorted(points: np.ndarray) -> tuple[float, float]:
    extents = _extents(points)
    best = np.argmin(extents[:90] * extents[90:])
    return float(extents[best]), float(extents[90 + best])


def _least_perimeter(points: np.ndarray) -> tuple[float, float]:
    extents = _extents(points)
    best = np.argmin(extents[:90] + extents[90:])
    return float(max(extents[best], extents[90 + best])), float(min(extents[best], extents[90 + best]))


def _sides_of_box(points: np.ndarray) -> tuple[float, float]:
    width, height = np.ptp(points, axis=0)
    return float(max(width, height)), float(min(width, height))


def _farthest(points: np.ndarray) -> tuple[float, float]:
    return float(_extents(points).max()), float(_extents(points).min())


def _sides_swapped(points: np.ndarray) -> tuple[float, float]:
    return _sides(points)[::-1]


def _sides_edges() -> list[Case]:
    block = np.array([[0.0, 0], [8, 0], [8, 3], [0, 3], [4, 1]])

    def turned(points: np.ndarray, degrees: int) -> np.ndarray:
        c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
        return points @ np.array([[c, s], [-s, c]])

    # For the last one the rectangles of least area and of least perimeter are two.
    wedge = np.array([[0.0, 0], [10, 0], [9.4, 3.5]])
    cases: list[Case] = [(block,), (turned(block, 30),), (turned(block, 77) + 5,), (turned(block, 120),), (wedge,)]
    return cases


def _sides_random(rng: Generator) -> list[Case]:
    def turned(points: np.ndarray, degrees: int) -> np.ndarray:
        c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
        return points @ np.array([[c, s], [-s, c]])

    cases: list[Case] = []
    for _ in range(3):
        cloud = rng.uniform(-1, 1, (60, 2)) * [rng.uniform(5, 9), rng.uniform(2, 3)]
        cases.append((turned(cloud, int(rng.integers(10, 170))),))
    return cases


def _mae_kcal(true_g: np.ndarray, predicted_g: np.ndarray, kcal_per_100g: np.ndarray) -> float:
    return float(np.mean(np.abs(predicted_g - true_g) * kcal_per_100g / 100))


def _mae_signed(true_g: np.ndarray, predicted_g: np.ndarray, kcal_per_100g: np.ndarray) -> float:
    return float(np.mean((predicted_g - true_g) * kcal_per_100g / 100))


def _mae_abs_last(true_g: np.ndarray, predicted_g: np.ndarray, kcal_per_100g: np.ndarray) -> float:
    return abs(_mae_signed(true_g, predicted_g, kcal_per_100g))


def _mae_per_gram(true_g: np.ndarray, predicted_g: np.ndarray, kcal_per_100g: np.ndarray) -> float:
    return 100 * _mae_kcal(true_g, predicted_g, kcal_per_100g)


def _mae_grams(true_g: np.ndarray, predicted_g: np.ndarray, kcal_per_100g: np.ndarray) -> float:
    return float(np.mean(np.abs(predicted_g - true_g)))


def _guesses(rng: Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    true = np.round(rng.uniform(10, 50, count), 1)
    return true, np.round(true * rng.uniform(0.8, 1.15, count), 1)


def _mae_edges() -> list[Case]:
    two = np.array([20.0, 30.0])
    cases: list[Case] = [
        (two, np.array([22.0, 28.0]), np.array([100.0, 100.0])),
        (two, np.array([15.0, 29.0]), np.array([280.0, 115.0])),
        (two, np.array([25.0, 33.0]), np.array([280.0, 115.0])),
    ]
    return cases


def _mae_random(rng: Generator) -> list[Case]:
    table = np.array([280.0, 290, 310, 275, 115, 336])
    return [(*_guesses(rng, 5), rng.choice(table, 5)) for _ in range(3)]


def _r2(true: np.ndarray, predicted: np.ndarray) -> float:
    return float(1 - np.sum((true - predicted) ** 2) / np.sum((true - true.mean()) ** 2))


def _r2_correlation(true: np.ndarray, predicted: np.ndarray) -> float:
    return float(np.corrcoef(true, predicted)[0, 1] ** 2)


def _r2_unexplained(true: np.ndarray, predicted: np.ndarray) -> float:
    return 1 - _r2(true, predicted)


def _r2_variance_of_predicted(true: np.ndarray, predicted: np.ndarray) -> float:
    return float(np.var(predicted) / np.var(true))


def _r2_never_negative(true: np.ndarray, predicted: np.ndarray) -> float:
    return max(_r2(true, predicted), 0.0)


def _r2_explained(true: np.ndarray, predicted: np.ndarray) -> float:
    return float(np.sum((predicted - true.mean()) ** 2) / np.sum((true - true.mean()) ** 2))


def _r2_edges() -> list[Case]:
    true = np.array([10.0, 20.0, 30.0])
    cases: list[Case] = [(true, true + 0.0), (true, np.array([14.0, 22.0, 34.0])), (true, np.array([30.0, 25.0, 5.0]))]
    return cases


def _r2_random(rng: Generator) -> list[Case]:
    return [_guesses(rng, 8) for _ in range(3)]


def _line(areas: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    slope = np.sum((areas - areas.mean()) * (weights - weights.mean())) / np.sum((areas - areas.mean()) ** 2)
    return slope, weights.mean() - slope * areas.mean()


def _leave_out(areas: np.ndarray, weights: np.ndarray, left_out: np.ndarray) -> np.ndarray:
    """Predict each photo k by a line through the photos that are not in row k of `left_out` ``(P, P) bool``."""
    lines = [_line(areas[~row], weights[~row]) for row in left_out]
    return np.array([slope * area + start for (slope, start), area in zip(lines, areas, strict=True)])


def _piece_out(areas: np.ndarray, weights: np.ndarray, pieces: np.ndarray) -> np.ndarray:
    return _leave_out(areas, weights, pieces[:, None] == pieces[None])


def _photo_out(areas: np.ndarray, weights: np.ndarray, pieces: np.ndarray) -> np.ndarray:
    return _leave_out(areas, weights, np.eye(len(areas), dtype=bool))


def _nothing_out(areas: np.ndarray, weights: np.ndarray, pieces: np.ndarray) -> np.ndarray:
    return _leave_out(areas, weights, np.zeros((len(areas), len(areas)), dtype=bool))


def _others_out(areas: np.ndarray, weights: np.ndarray, pieces: np.ndarray) -> np.ndarray:
    return _leave_out(areas, weights, pieces[:, None] != pieces[None])


def _photos(rng: Generator, count: int, each: int) -> Case:
    """Areas, weights and piece numbers of photos in mixed order."""
    pieces = rng.permutation(np.repeat(np.arange(count), each))
    size, weight = rng.uniform(20, 40, count), rng.uniform(15, 40, count)
    return size[pieces] * rng.uniform(0.96, 1.04, len(pieces)), weight[pieces], pieces


def _leave_out_edges() -> list[Case]:
    small = (
        np.array([10.0, 11, 20, 21, 30, 32]),
        np.array([8.0, 8, 22, 22, 27, 27]),
        np.array([0, 0, 1, 1, 2, 2]),
    )
    return [small]


def _leave_out_random(rng: Generator) -> list[Case]:
    return [_photos(rng, 4, 3), _photos(rng, 5, 4)]


LESSON = Lesson(
    17,
    [
        Exercise(
            id="area-in-cm2",
            title="The area of a mask in square centimetres",
            points=1,
            reference=_area,
            edges=_area_edges,
            random=_area_random,
            misconceptions={
                "You divided by the scale once. A square centimetre is px_per_cm pixels wide and as many high: the "
                "scale counts twice.": lambda mask, px_per_cm: float(mask.sum() / px_per_cm),
                "You multiplied by the scale. The more pixels a centimetre has, the fewer centimetres are in a number "
                "of pixels: divide.": lambda mask, px_per_cm: float(mask.sum() * px_per_cm**2),
                "That is the number of pixels. Taken with another camera, the same piece would have another one: "
                "divide by the scale, squared.": lambda mask, px_per_cm: float(mask.sum()),
                "That is the area of the box around the mask. Only pixels that are True belong to the piece.": (
                    _area_of_box
                ),
            },
            hints=("Count the pixels, then divide by how many of them make a square centimetre.",),
        ),
        Exercise(
            id="turned-sides",
            title="Length and width of a piece that lies askew",
            points=3,
            reference=_sides,
            edges=_sides_edges,
            random=_sides_random,
            misconceptions={
                "Those are the sides of the upright box. It grows when the piece is turned, and the piece does not: "
                "turn the rectangle with it.": _sides_of_box,
                "Those are the largest and the smallest extent. The largest one of a block is its diagonal; ask for "
                "the rectangle of least area and take both sides from that one.": _farthest,
                "The right sides in the wrong order: the longer one comes first.": _sides_swapped,
                "You gave the side along the direction first. Which of the two is longer depends on the piece: the "
                "longer one comes first.": _sides_unsorted,
                "You kept the rectangle of least perimeter. The one of least *area* is asked for.": _least_perimeter,
            },
            hints=("For each degree: extents along (cos, sin) and along (-sin, cos). Keep the pair of least product.",),
        ),
        Exercise(
            id="mae-kcal",
            title="Mean absolute error in kilocalories",
            points=1,
            reference=_mae_kcal,
            edges=_mae_edges,
            random=_mae_random,
            misconceptions={
                "You averaged errors with their signs, so that too much here pays for too little there. Take absolute "
                "values first.": _mae_signed,
                "You averaged true less predicted with their signs, so that too little here pays for too much "
                "there. Take absolute values first.": lambda true_g, predicted_g, kcal_per_100g: _mae_signed(
                    predicted_g, true_g, kcal_per_100g
                ),
                "You took the absolute value of the average; by then the errors have cancelled. First absolute "
                "values, then the mean.": _mae_abs_last,
                "A hundred times too much: a food table says kilocalories per 100 grams, not per gram.": _mae_per_gram,
                "That is the error in grams. A gram of tempe has three times the energy of a gram of tahu: weigh "
                "each error by its food.": _mae_grams,
            },
            hints=("Error of each piece in grams, times kcal_per_100g / 100, absolute, and then the mean.",),
        ),
        Exercise(
            id="r-squared",
            title="R squared",
            points=2,
            shortcuts=("sklearn.metrics.r2_score",),
            reference=_r2,
            edges=_r2_edges,
            random=_r2_random,
            misconceptions={
                "That is the squared correlation. It is content with predictions that are all far too high, or even "
                "upside down; R² is not.": _r2_correlation,
                "That is the share that is not explained. Subtract it from 1.": _r2_unexplained,
                "R² may be negative: predictions can be worse than always saying the mean. Do not cut it off at 0.": (
                    _r2_never_negative
                ),
                "That is how far the predictions lie from the mean, right or wrong. It equals R² only for a line on "
                "the data that it was fitted to.": _r2_explained,
                "That is how much the predictions vary, whether or not they are right. Compare each prediction with "
                "its own true value.": _r2_variance_of_predicted,
            },
            hints=(
                "1 minus the sum of squared errors over the sum of squared distances of true values to their mean.",
            ),
        ),
        Exercise(
            id="leave-piece-out",
            title="Predict pieces that the line has never seen",
            points=3,
            reference=_piece_out,
            edges=_leave_out_edges,
            random=_leave_out_random,
            misconceptions={
                "The line was fitted to all photos, also to those it then predicts: an exam with known questions. "
                "Leave the piece out.": _nothing_out,
                "You left out one photo at a time. Other photos of the same piece stayed in, and with them its "
                "weight. Leave out all photos of the piece.": _photo_out,
                "The wrong way round: you fitted to the piece that was to be left out.": _others_out,
            },
            hints=(
                "For each piece k: test = pieces == k, fit a line to areas[~test] and weights[~test], predict "
                "areas[test].",
            ),
            tolerance=1e-5,
        ),
    ],
)

check = LESSON.check
