"""Exercises of lesson 17: the size of a mask, its weight, and honest errors."""

import numpy as np
from numpy.random import Generator

from course_utils.calories.features import outline
from course_utils.exercises.core import Case, Exercise, Lesson
from course_utils.exercises.real_plate import real_plate


def _area(mask: np.ndarray, px_per_cm: float) -> float:
    return float(mask.sum() / px_per_cm**2)


def _area_of_box(mask: np.ndarray, px_per_cm: float) -> float:
    rows, columns = np.nonzero(mask)
    return float(np.ptp(rows) + 1) * float(np.ptp(columns) + 1) / px_per_cm**2


def _area_edges() -> list[Case]:
    square = np.zeros((8, 10), dtype=bool)
    square[2:6, 3:7] = True
    corner = np.tri(8, 10, dtype=bool)
    two_parts = np.zeros((8, 10), dtype=bool)
    two_parts[1:3, 1:3] = two_parts[6, 5:9] = True
    return [
        (square, 2.0),
        (corner, 4.0),
        (np.zeros((3, 3), dtype=bool), 12.5),
        (two_parts, 3.0),
        (square, 0.5),  # fewer than one pixel a centimetre
        (np.ones((2, 3), dtype=bool), 1.0),
        (real_plate().masks[0], 11.7),
    ]


def _area_of_square(mask: np.ndarray, px_per_cm: float) -> float:
    return float((mask.sum() / px_per_cm) ** 2)


def _area_of_photo(mask: np.ndarray, px_per_cm: float) -> float:
    return float(mask.size / px_per_cm**2)


def _area_share(mask: np.ndarray, px_per_cm: float) -> float:
    return float(mask.mean() / px_per_cm**2)


def _area_by_rows(mask: np.ndarray, px_per_cm: float) -> float:
    return float(len(mask) / px_per_cm**2)


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


def _narrowest(points: np.ndarray) -> tuple[float, float]:
    """Sides of the rectangle whose one side is least."""
    extents = _extents(points)
    across = int(np.argmin(extents))
    return float(extents[(across + 90) % 180]), float(extents[across])


def _principal(points: np.ndarray) -> tuple[float, float]:
    """Sides along the direction in which the points vary most, and across it."""
    axes = np.linalg.eigh(np.cov(points.T))[1]
    return float(np.ptp(points @ axes[:, 1])), float(np.ptp(points @ axes[:, 0]))


def _in_radians(points: np.ndarray) -> tuple[float, float]:
    """Degrees taken for radians."""
    angles = np.arange(90.0)
    along = np.ptp(points @ np.stack([np.cos(angles), np.sin(angles)]), axis=0)
    across = np.ptp(points @ np.stack([-np.sin(angles), np.cos(angles)]), axis=0)
    best = np.argmin(along * across)
    return float(max(along[best], across[best])), float(min(along[best], across[best]))


def _of_degrees(points: np.ndarray, degrees: slice) -> tuple[float, float]:
    """Some of the directions only."""
    extents = _extents(points)
    along, across = extents[:90][degrees], extents[90:][degrees]
    best = np.argmin(along * across)
    return float(max(along[best], across[best])), float(min(along[best], across[best]))


def _half_a_turn_too_few(points: np.ndarray) -> tuple[float, float]:
    return _of_degrees(points, slice(45))


def _without_the_first(points: np.ndarray) -> tuple[float, float]:
    return _of_degrees(points, slice(1, None))


def _without_the_last(points: np.ndarray) -> tuple[float, float]:
    return _of_degrees(points, slice(89))


def _every_fifth(points: np.ndarray) -> tuple[float, float]:
    return _of_degrees(points, slice(0, None, 5))


def _every_tenth(points: np.ndarray) -> tuple[float, float]:
    return _of_degrees(points, slice(0, None, 10))


def _largest_area(points: np.ndarray) -> tuple[float, float]:
    extents = _extents(points)
    worst = np.argmax(extents[:90] * extents[90:])
    return float(max(extents[worst], extents[90 + worst])), float(min(extents[worst], extents[90 + worst]))


def _sides_edges() -> list[Case]:
    block = np.array([[0.0, 0], [8, 0], [8, 3], [0, 3], [4, 1]])

    def turned(points: np.ndarray, degrees: int) -> np.ndarray:
        c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
        return points @ np.array([[c, s], [-s, c]])

    # Of this one the rectangles of least area and of least perimeter are two.
    wedge = np.array([[0.0, 0], [10, 0], [9.4, 3.5]])
    # And of these the one of least area is neither the narrowest nor along the direction in which points spread most.
    kite = np.array([[0.0, 0], [7, -1.4], [9, 0.3], [4, 4.6]])
    club = np.concatenate([np.array([[0.0, 0], [9, 0], [9, 4], [0, 4]]), np.full((30, 2), [8.5, 3.9])])
    whole = outline(real_plate().masks[0])
    upright = [(block,), (turned(block, 90),)]
    askew = [(turned(block, 30),), (turned(block, 77) + 5,), (turned(block, 120),), (turned(block, 1) - 40,)]
    ends = [(turned(block, 89),), (turned(block, 179),), (turned(block, 44),), (turned(block, 46),)]
    return [*upright, *askew, *ends, (wedge,), (kite,), (club,), (whole,), (block.astype(int),)]


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


def _root_mean_square(true_g: np.ndarray, predicted_g: np.ndarray, kcal_per_100g: np.ndarray) -> float:
    return float(np.sqrt(np.mean(((predicted_g - true_g) * kcal_per_100g / 100) ** 2)))


def _sum_of_errors(true_g: np.ndarray, predicted_g: np.ndarray, kcal_per_100g: np.ndarray) -> float:
    return float(np.sum(np.abs(predicted_g - true_g) * kcal_per_100g / 100))


def _median_error(true_g: np.ndarray, predicted_g: np.ndarray, kcal_per_100g: np.ndarray) -> float:
    return float(np.median(np.abs(predicted_g - true_g) * kcal_per_100g / 100))


def _mean_energy(true_g: np.ndarray, predicted_g: np.ndarray, kcal_per_100g: np.ndarray) -> float:
    return float(np.mean(np.abs(predicted_g - true_g)) * np.mean(kcal_per_100g) / 100)


def _relative_error(true_g: np.ndarray, predicted_g: np.ndarray, kcal_per_100g: np.ndarray) -> float:
    return float(np.mean(np.abs(predicted_g - true_g) / true_g))


def _guesses(rng: Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    true = np.round(rng.uniform(10, 50, count), 1)
    return true, np.round(true * rng.uniform(0.8, 1.15, count), 1)


def _mae_edges() -> list[Case]:
    two = np.array([20.0, 30.0])
    cases: list[Case] = [
        (two, np.array([22.0, 28.0]), np.array([100.0, 100.0])),
        (two, np.array([15.0, 29.0]), np.array([280.0, 115.0])),
        (two, np.array([25.0, 33.0]), np.array([280.0, 115.0])),
        (two, two + 0.0, np.array([280.0, 115.0])),
        (np.array([24.5]), np.array([20.0]), np.array([336.0])),
    ]
    rng = np.random.default_rng(17)
    table = np.array([280.0, 290, 310, 275, 115, 336])
    return [*cases, (*_guesses(rng, 720), rng.choice(table, 720))]


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


def _r2_mean_of_predicted(true: np.ndarray, predicted: np.ndarray) -> float:
    return float(1 - np.sum((true - predicted) ** 2) / np.sum((true - predicted.mean()) ** 2))


def _r2_of_predicted(true: np.ndarray, predicted: np.ndarray) -> float:
    return float(1 - np.sum((true - predicted) ** 2) / np.sum((predicted - predicted.mean()) ** 2))


def _r2_sample_variance(true: np.ndarray, predicted: np.ndarray) -> float:
    return float(1 - np.mean((true - predicted) ** 2) / np.var(true, ddof=1))


def _r2_absolute(true: np.ndarray, predicted: np.ndarray) -> float:
    return float(1 - np.sum(np.abs(true - predicted)) / np.sum(np.abs(true - true.mean())))


def _r2_without_mean(true: np.ndarray, predicted: np.ndarray) -> float:
    return float(1 - np.sum((true - predicted) ** 2) / np.sum(true**2))


def _r2_plain_correlation(true: np.ndarray, predicted: np.ndarray) -> float:
    return float(np.corrcoef(true, predicted)[0, 1])


def _r2_with_root(true: np.ndarray, predicted: np.ndarray) -> float:
    return float(1 - np.sqrt(np.sum((true - predicted) ** 2) / np.sum((true - true.mean()) ** 2)))


def _r2_over_deviation(true: np.ndarray, predicted: np.ndarray) -> float:
    return float(1 - np.mean((true - predicted) ** 2) / np.std(true))


def _r2_square_of_sum(true: np.ndarray, predicted: np.ndarray) -> float:
    return float(1 - np.sum(true - predicted) ** 2 / np.sum((true - true.mean()) ** 2))


def _r2_sum_over_mean(true: np.ndarray, predicted: np.ndarray) -> float:
    return float(1 - np.sum((true - predicted) ** 2) / np.var(true))


def _r2_edges() -> list[Case]:
    true = np.array([10.0, 20.0, 30.0])
    cases: list[Case] = [(true, true + 0.0), (true, np.array([14.0, 22.0, 34.0])), (true, np.array([30.0, 25.0, 5.0]))]
    always_the_mean = (true, np.full(3, 20.0))
    unlike = (np.array([5.0, 6.0, 31.0, 58.0]), np.array([9.0, 4.0, 40.0, 47.0]))
    return [*cases, always_the_mean, unlike, _guesses(np.random.default_rng(18), 120)]


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


def _slopes_only(areas: np.ndarray, weights: np.ndarray, pieces: np.ndarray) -> np.ndarray:
    """Lines through the origin."""
    result = np.empty(len(areas))
    for piece in np.unique(pieces):
        test = pieces == piece
        result[test] = areas[test] * (areas[~test] @ weights[~test]) / (areas[~test] @ areas[~test])
    return result


def _sorted_by_piece(areas: np.ndarray, weights: np.ndarray, pieces: np.ndarray) -> np.ndarray:
    """One piece after the other: the order of the photos is lost."""
    return _piece_out(areas, weights, pieces)[np.argsort(pieces, kind="stable")]


def _mean_of_others(areas: np.ndarray, weights: np.ndarray, pieces: np.ndarray) -> np.ndarray:
    return np.array([weights[pieces != piece].mean() for piece in pieces])


def _area_from_weight(areas: np.ndarray, weights: np.ndarray, pieces: np.ndarray) -> np.ndarray:
    return _piece_out(weights, areas, pieces)


def _numbered_without_gaps(areas: np.ndarray, weights: np.ndarray, pieces: np.ndarray) -> np.ndarray:
    """Pieces are taken to be 0, 1, 2, ...; others keep a prediction of 0."""
    known = pieces < len(np.unique(pieces))
    return np.where(known, _piece_out(areas, weights, pieces), 0.0)


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
    gaps = (
        np.array([24.0, 30.5, 12.0, 25.0, 31.0, 12.5, 18.0]),
        np.array([20.0, 26.0, 14.0, 20.0, 26.0, 14.0, 11.0]),
        np.array([7, 2, 40, 7, 2, 40, 9]),
    )
    unequal = (np.array([10.0, 20, 21, 22, 31]), np.array([9.0, 17, 17, 17, 30]), np.array([3, 1, 1, 1, 0]))
    return [small, gaps, unequal, _photos(np.random.default_rng(19), 12, 10)]


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
                "You squared the number of pixels along with the scale. Only the scale counts twice.": _area_of_square,
                "You counted all pixels of the photo. What is True worth when it is added up?": _area_of_photo,
                "A mean is a share of the photo, not a number of pixels: add up.": _area_share,
                "len of a mask is its number of rows. Every pixel that is True counts.": _area_by_rows,
            },
            hints=(
                "A square of one centimetre is px_per_cm pixels wide. How many pixels high is it, and how many has it?",
                "Two numbers: how many pixels are True, and how many make a square centimetre.",
                "Count the pixels that are True, and divide by the scale times the scale.",
            ),
        ),
        Exercise(
            id="turned-sides",
            title="Length and width of a piece that lies askew",
            points=3,
            shortcuts=("skimage.measure.regionprops",),
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
                "You kept the narrowest rectangle. The one of least *area* is asked for.": _narrowest,
                "You kept the largest of the rectangles. Which comparison keeps the smallest?": _largest_area,
                "You turned the ruler to where the points spread most. Where many points lie close together that is "
                "not the rectangle of least area: try all directions.": _principal,
                "np.cos and np.sin want radians: np.deg2rad turns degrees into them.": _in_radians,
                "You stopped at half of the directions. A rectangle looks the same again after 90 degrees, not after "
                "45.": _half_a_turn_too_few,
                "The first direction is missing: 0 degrees is one of the ninety.": _without_the_first,
                "The last direction is missing: 89 degrees is one of the ninety.": _without_the_last,
                "You took steps of five degrees. Every whole degree is asked for.": _every_fifth,
                "You took steps of ten degrees. Every whole degree is asked for.": _every_tenth,
            },
            hints=(
                "How long is the piece along a direction (cos a, sin a)? What does each point's dot product with that "
                "direction say?",
                "A loop over the degrees. For each: the extent along the direction, the extent across it, their "
                "product. Remember the best pair.",
                "For an angle, along is points times (cos, sin), across is points times (-sin, cos). The difference "
                "between largest and smallest (np.ptp) of each is a side. Keep the pair of least product; the longer "
                "one comes first.",
            ),
        ),
        Exercise(
            id="mae-kcal",
            title="Mean absolute error in kilocalories",
            points=1,
            shortcuts=("sklearn.metrics.mean_absolute_error",),
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
                "You squared the errors (that is the RMSE). Absolute values are asked for.": _root_mean_square,
                "You added the errors up. A mean divides by the number of pieces.": _sum_of_errors,
                "That is the median. The mean is asked for: large errors count in full.": _median_error,
                "You multiplied the mean error by the mean energy. An error of rich food must count more: multiply "
                "piece by piece, then average.": _mean_energy,
                "That is the relative error, a share. How many kilocalories is each piece off?": _relative_error,
            },
            hints=(
                "What is the error of a single piece, first in grams, then in kilocalories? When do you drop its sign: "
                "before or after you average?",
                "For each piece an error in grams without its sign, turned into kilocalories; then one mean.",
                "Take the absolute difference of each piece, multiply it by its energy, divide by 100, and average "
                "over the pieces.",
            ),
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
                "The one who always says the mean says the mean of the *true* values.": _r2_mean_of_predicted,
                "The denominator is about the true values alone; you took how far the predictions lie from their "
                "mean.": _r2_of_predicted,
                "One of your means divides by n, the other by n - 1 (ddof=1). Both sums have the same n.": (
                    _r2_sample_variance
                ),
                "Squares, not absolute values: it is called R *squared*.": _r2_absolute,
                "Measure the true values from their mean, not from 0.": _r2_without_mean,
                "You squared the sum of the errors, where too much and too little cancel. Square first, then add up.": (
                    _r2_square_of_sum
                ),
                "A sum over a mean: both sums, or both means.": _r2_sum_over_mean,
                "That is the correlation. It is content with predictions that are all far too high; R² is not.": (
                    _r2_plain_correlation
                ),
                "You took a square root of the ratio. R² compares squares.": _r2_with_root,
                "np.std is the root of what belongs there: squares are compared with squares (np.var).": (
                    _r2_over_deviation
                ),
            },
            hints=(
                "Who is worse off: your predictions, or the one who always says the mean? Which two numbers compare "
                "them?",
                "Two sums of squares. The numerator uses the predictions, the denominator only the true values and "
                "their mean.",
                "Add up the squared differences of true and predicted; add up the squared differences of the true "
                "values from their mean; take the ratio away from 1.",
            ),
        ),
        Exercise(
            id="leave-piece-out",
            title="Predict pieces that the line has never seen",
            points=3,
            shortcuts=(
                "sklearn.model_selection.LeaveOneGroupOut",
                "sklearn.model_selection.LeaveOneOut",
                "sklearn.model_selection.GroupKFold",
                "sklearn.model_selection.cross_val_predict",
            ),
            reference=_piece_out,
            edges=_leave_out_edges,
            random=_leave_out_random,
            misconceptions={
                "The line was fitted to all photos, also to those it then predicts: an exam with known questions. "
                "Leave the piece out.": _nothing_out,
                "You left out one photo at a time. Other photos of the same piece stayed in, and with them its "
                "weight. Leave out all photos of the piece.": _photo_out,
                "The wrong way round: you fitted to the piece that was to be left out.": _others_out,
                "Pieces need not be numbered 0, 1, 2 without gaps. np.unique gives the numbers that there are.": (
                    _numbered_without_gaps
                ),
                "The right predictions, one piece after the other. They belong where the photos were: fill an array "
                "by the same mask.": _sorted_by_piece,
                "Your lines go through the origin. A line has a start, too (np.polyfit with degree 1).": _slopes_only,
                "You predict the mean weight of the other pieces, whatever the area.": _mean_of_others,
                "You predict areas from weights. The area is what a photo shows.": _area_from_weight,
            },
            hints=(
                "Which photos must the line not have seen when it predicts a photo of piece k?",
                "A loop over the pieces that there are. In it a mask for the photos of the piece, a line through all "
                "other photos, and predictions for the masked ones, written to their places.",
                "np.polyfit(x, y, 1) gives slope and start of the least-squares line, np.polyval(line, x) its values. "
                "For each number in np.unique(pieces): fit where pieces differ from it, predict where they equal it.",
            ),
            tolerance=1e-5,
        ),
    ],
)

check = LESSON.check
