"""Exercises of lesson 01: masks as arrays, boxes, and thresholding."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from course_utils import masks
from course_utils.exercises.core import Case, Exercise, Lesson
from course_utils.exercises.real_plate import real_plate


def _corner_mask(height: int, width: int, rows: slice, columns: slice) -> np.ndarray:
    mask = np.zeros((height, width), dtype=bool)
    mask[rows, columns] = True
    return mask


def _random_blob(rng: Generator) -> np.ndarray:
    """A mask with at least one pixel: an axis-parallel rectangle with pixels knocked out of it."""
    height, width = rng.integers(6, 12, size=2)
    top, left = rng.integers(0, height - 3), rng.integers(0, width - 3)
    mask = np.zeros((height, width), dtype=bool)
    bottom, right = rng.integers(top + 2, height + 1), rng.integers(left + 2, width + 1)
    mask[top:bottom, left:right] = rng.random((bottom - top, right - left)) < 0.7
    mask[top, left] = True
    return mask


def _mask_edges() -> list[Case]:
    triangle = np.triu(np.ones((6, 6), dtype=bool))[:, ::-1]  # its first pixel in reading order is no corner of the box
    apart = np.zeros((7, 9), dtype=bool)
    apart[[1, 5], [6, 2]] = True
    edges = [
        _corner_mask(4, 6, slice(1, 3), slice(2, 5)),
        _corner_mask(3, 5, slice(0, 1), slice(4, 5)),
        _corner_mask(5, 3, slice(0, 5), slice(0, 3)),
        np.flipud(triangle),
        apart,
        real_plate().masks[0],
    ]
    return [(mask,) for mask in edges]


def _mask_random(rng: Generator) -> list[Case]:
    return [(_random_blob(rng),) for _ in range(4)]


def _area(mask: np.ndarray) -> int:
    return int(mask.sum())


def _area_of_box(mask: np.ndarray) -> int:
    left, top, right, bottom = masks.to_box(mask)
    return int((right - left) * (bottom - top))


def _box(mask: np.ndarray) -> np.ndarray:
    return masks.to_box(mask)


def _box_inclusive(mask: np.ndarray) -> np.ndarray:
    return _box(mask) - [0, 0, 1, 1]


def _box_swapped(mask: np.ndarray) -> np.ndarray:
    return _box(mask)[[1, 0, 3, 2]]


def _box_width_height(mask: np.ndarray) -> np.ndarray:
    left, top, right, bottom = _box(mask)
    return np.array([left, top, right - left, bottom - top])


def _box_first_to_last(mask: np.ndarray) -> np.ndarray:
    rows, columns = np.nonzero(mask)
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])


def _cut_out(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return np.where(mask[..., None], image, np.uint8(255))


def _cut_out_red_only(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    result = image.copy()
    result[~mask, 0] = 255
    return result


def _cropped(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    left, top, right, bottom = _box(mask).astype(int)
    return image[top:bottom, left:right]


def _photo_and(mask: np.ndarray, rng: Generator) -> Case:
    return rng.integers(0, 256, size=(*mask.shape, 3), dtype=np.uint8), mask


def _cut_out_edges() -> list[Case]:
    rng = np.random.default_rng(0)
    piece = _corner_mask(2, 3, slice(0, 1), slice(0, 2))
    plate = real_plate()
    return [
        _photo_and(piece, rng),
        _photo_and(np.zeros((2, 4), dtype=bool), rng),
        _photo_and(np.ones((3, 2), dtype=bool), rng),
        (plate.image, plate.visible_masks[0]),
    ]


def _cut_out_random(rng: Generator) -> list[Case]:
    return [_photo_and(_random_blob(rng), rng) for _ in range(3)]


def _between_class_variances(gray: np.ndarray) -> np.ndarray:
    """Otsu's criterion for each threshold 0..254, where pixels <= t are one class."""
    counts = np.bincount(gray.ravel(), minlength=256)
    below = np.cumsum(counts)[:-1]
    above = gray.size - below
    sums = np.cumsum(counts * np.arange(256))
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = sums[:-1] / below - (sums[-1] - sums[:-1]) / above
        return np.nan_to_num(below * above * gap**2)


def _otsu(gray: np.ndarray) -> int:
    return int(np.argmax(_between_class_variances(gray)))


def _otsu_without_square(gray: np.ndarray) -> int:
    return _best(gray, lambda dark, light: dark.size * light.size * abs(dark.mean() - light.mean()))


def _otsu_spread_within(gray: np.ndarray) -> int:
    return _best(gray, lambda dark, light: -(dark.var() + light.var()))


def _otsu_sum_of_sizes(gray: np.ndarray) -> int:
    return _best(gray, lambda dark, light: (dark.mean() - light.mean()) ** 2)


def _otsu_last(gray: np.ndarray) -> int:
    variances = _between_class_variances(gray)
    return int(254 - np.argmax(variances[::-1]))


def _otsu_worst(gray: np.ndarray) -> int:
    return _best(gray, lambda dark, light: -dark.size * light.size * (dark.mean() - light.mean()) ** 2)


def _best(gray: np.ndarray, criterion: Callable[[np.ndarray, np.ndarray], float]) -> int:
    """The first threshold with the largest value of another criterion than Otsu's."""
    values = {t: criterion(gray[gray <= t], gray[gray > t]) for t in range(int(gray.min()), int(gray.max()))}
    return max(values, key=values.__getitem__)


def _otsu_midpoint(gray: np.ndarray) -> int:
    return int((int(gray.min()) + int(gray.max())) // 2)


def _otsu_mean(gray: np.ndarray) -> int:
    return int(gray.mean())


def _two_heaps(rng: Generator, dark: float, light: float, share: float) -> np.ndarray:
    pixels = np.where(rng.random((12, 12)) < share, dark, light) + rng.normal(0, 12, (12, 12))
    return np.clip(pixels, 0, 255).astype(np.uint8)


def _otsu_edges() -> list[Case]:
    # One glaring pixel beside two heaps: it must not win.
    glare = np.array([[50] * 5 + [60] * 5, [52] * 10, [120] * 9 + [255], [125] * 10], np.uint8)
    rng = np.random.default_rng(1)
    pictures = [
        np.array([[10, 10, 12], [200, 205, 210]], np.uint8),
        np.array([[100, 180], [180, 180]], np.uint8),  # every threshold from 100 to 179 is as good as any other
        np.array([[0, 0, 1], [1, 0, 0]], np.uint8),
        np.array([[0, 0, 0], [200, 210, 220]], np.uint8),
        np.array([[5, 6]], np.uint8),
        np.array([[255, 254, 254]], np.uint8),
        glare,
        np.array([[40] * 9 + [60], [62, 64, 90, 90, 200, 200, 200, 200, 210, 250]], np.uint8),
        _two_heaps(rng, 210, 245, 0.5),
        _two_heaps(rng, 8, 40, 0.7),
        real_plate().image[..., 1],
    ]
    return [(gray,) for gray in pictures]


def _otsu_random(rng: Generator) -> list[Case]:
    return [(_two_heaps(rng, rng.uniform(30, 90), rng.uniform(150, 220), rng.uniform(0.1, 0.6)),) for _ in range(4)]


def _accuracy(predicted: np.ndarray, truth: np.ndarray) -> float:
    return float((predicted == truth).mean())


def _accuracy_hits_only(predicted: np.ndarray, truth: np.ndarray) -> float:
    return float((predicted & truth).mean())


def _accuracy_iou(predicted: np.ndarray, truth: np.ndarray) -> float:
    return float((predicted & truth).sum() / max((predicted | truth).sum(), 1))


def _accuracy_recall(predicted: np.ndarray, truth: np.ndarray) -> float:
    return float((predicted & truth).sum() / max(truth.sum(), 1))


def _pair_edges() -> list[Case]:
    truth = _corner_mask(3, 4, slice(0, 2), slice(0, 2))
    first, second = real_plate().masks[:2]
    return [
        (_corner_mask(3, 4, slice(0, 2), slice(1, 3)), truth),
        (np.zeros_like(truth), truth),
        (truth, np.zeros_like(truth)),
        (~truth, truth),
        (truth, truth),
        (first, second),
    ]


def _pair_random(rng: Generator) -> list[Case]:
    return [(rng.random((5, 6)) < 0.4, rng.random((5, 6)) < 0.4) for _ in range(4)]


LESSON = Lesson(
    1,
    [
        Exercise(
            id="mask-area",
            title="The area of a mask in pixels",
            points=1,
            whole=True,
            shortcuts=("pycocotools.mask.area",),
            reference=_area,
            edges=_mask_edges,
            random=_mask_random,
            misconceptions={
                "You counted every pixel of the image. Only the pixels where the mask is True belong to the piece.": (
                    lambda mask: mask.size
                ),
                "You counted the rows that the piece touches. A row can hold more than one of its pixels.": (
                    lambda mask: int(mask.any(axis=1).sum())
                ),
                "You counted the columns that the piece touches. A column can hold more than one of its pixels.": (
                    lambda mask: int(mask.any(axis=0).sum())
                ),
                "You measured the box around the piece. The area counts only the pixels that are True.": _area_of_box,
                "You counted along one axis only: a number for each column comes out. One number is asked for.": (
                    lambda mask: mask.sum(axis=0)
                ),
            },
            hints=(
                "What does NumPy make of True and False when it has to calculate with them?",
                "True counts as 1 and False as 0. One function adds up all entries of an array, another counts those "
                "that are not 0.",
                "The area is the sum of the whole mask, over rows and columns, as one whole number.",
            ),
        ),
        Exercise(
            id="mask-to-box",
            title="The smallest box around a mask",
            points=2,
            shortcuts=(
                "torchvision.ops.masks_to_boxes",
                "skimage.measure.regionprops",
                "scipy.ndimage.find_objects",
                "pycocotools.mask.toBbox",
            ),
            reference=_box,
            edges=_mask_edges,
            random=_mask_random,
            misconceptions={
                "Your box stops at the last pixel instead of one past it, so it loses the last row and column. "
                "Half-open means: x2 and y2 are the first coordinates outside.": _box_inclusive,
                "x and y are swapped. The first index of an array is the row, which is y; boxes "
                "name x first.": _box_swapped,
                "You returned x, y, width, height. Here a box is x1, y1, x2, y2: the far corner, not the size.": (
                    _box_width_height
                ),
                "You took the first and the last pixel in reading order. They are the highest and the lowest, but not "
                "the leftmost and the rightmost.": _box_first_to_last,
            },
            hints=(
                "Which of the True pixels decide where the box ends on each of its four sides?",
                "np.nonzero(mask) gives the rows and the columns of all True pixels, as two arrays. Rows are y, "
                "columns are x.",
                "The smallest column and the smallest row are x1 and y1. The largest ones are still inside, so x2 and "
                "y2 lie one further.",
            ),
        ),
        Exercise(
            id="cut-out",
            title="A piece cut out of its photo",
            points=2,
            reference=_cut_out,
            edges=_cut_out_edges,
            random=_cut_out_random,
            misconceptions={
                "Outside the mask your picture is black. Multiplying by the mask gives 0 there; white is 255.": (
                    lambda image, mask: image * mask[..., None]
                ),
                "You painted the piece white and kept its surroundings. `~mask` is the mask of everything else.": (
                    lambda image, mask: np.where(mask[..., None], np.uint8(255), image)
                ),
                "You returned the photo as it was. Work on a copy, change the copy, and return it.": (
                    lambda image, mask: image
                ),
                "Only the red channel became white. `result[~mask]` without a third index means all three.": (
                    _cut_out_red_only
                ),
                "You cropped the photo. The result is as large as the photo, white wherever the mask is False.": (
                    _cropped
                ),
                "You took the pixels out of the picture: a list of colours comes back, and no picture.": (
                    lambda image, mask: image[mask]
                ),
                "Outside the mask your picture has 1, which is nearly black. Bytes go up to 255.": (
                    lambda image, mask: np.where(mask[..., None], image, np.uint8(1))
                ),
                "Your picture has numbers from 0 to 1. The photo's own bytes, 0 to 255, are asked for.": (
                    lambda image, mask: _cut_out(image, mask) / 255
                ),
            },
            hints=(
                "Which pixels of the photo have to change, and into which three numbers?",
                "`~mask` is the mask of everything else, and an array can be indexed by a mask. Work on a copy.",
                "Copy the photo, assign 255 to the pixels of the copy where the mask is False, return the copy.",
            ),
        ),
        Exercise(
            id="otsu",
            title="Otsu's threshold",
            points=3,
            shortcuts=("skimage.filters.threshold_otsu",),
            reference=_otsu,
            edges=_otsu_edges,
            random=_otsu_random,
            misconceptions={
                "You maximised the distance of the two means alone. Without the weights a few extreme pixels win: "
                "multiply by the sizes of both classes.": _otsu_sum_of_sizes,
                "You forgot to square the distance of the means.": _otsu_without_square,
                "You made the spread within the two classes small, each counting the same. Otsu weighs them by their "
                "sizes; use the formula above.": _otsu_spread_within,
                "Of several equally good thresholds you took the last. With > instead of >= the first one stays.": (
                    _otsu_last
                ),
                "You call pixels < t the dark ones. Here the threshold itself belongs to them: <= t.": (
                    lambda gray: _otsu(gray) + 1
                ),
                "You kept the threshold with the smallest value. A good split makes the two classes differ much.": (
                    _otsu_worst
                ),
                "You returned the largest between-class variance. The threshold that gives it is asked for.": (
                    lambda gray: float(_between_class_variances(gray).max())
                ),
                "You took the middle between the darkest and the lightest pixel. Otsu looks at how the pixels spread, "
                "not only at the two extremes.": _otsu_midpoint,
                "You took the mean brightness. It moves towards the larger class, while the best "
                "cut lies between the two.": _otsu_mean,
            },
            hints=(
                "There are only 255 thresholds. What do you have to know of each of them?",
                "A loop over t: split the pixels into those up to t and those above, and compare what the formula "
                "gives with the best so far. When is one of the two sides empty?",
                "For each t from 0 to 254: the pixels <= t and those > t, their numbers and their means; skip t when a "
                "side is empty; the product of both numbers and the squared distance of the means; keep the first t "
                "with the largest.",
            ),
        ),
        Exercise(
            id="pixel-accuracy",
            title="The share of pixels that a mask gets right",
            points=2,
            shortcuts=("sklearn.metrics.accuracy_score",),
            reference=_accuracy,
            edges=_pair_edges,
            random=_pair_random,
            misconceptions={
                "You counted only pixels that are True in both. A pixel that both masks leave out is right as well.": (
                    _accuracy_hits_only
                ),
                "You divided by the union of the two masks. That is the IoU of lesson 11; "
                "accuracy divides by all pixels.": (_accuracy_iou),
                "You divided by the pixels of the truth. That is recall, of lesson 12; accuracy "
                "divides by all pixels.": (_accuracy_recall),
                "You counted the pixels. A share is asked for: their number divided by all pixels.": (
                    lambda predicted, truth: int((predicted == truth).sum())
                ),
                "You gave the share of each row. One number for the whole picture is asked for.": (
                    lambda predicted, truth: (predicted == truth).mean(axis=1)
                ),
            },
            hints=(
                "When is the answer for one pixel right: only where both masks say yes?",
                "Compare the two masks with ==: that gives an array of right and wrong. Right counts as 1.",
                "The share is the number of pixels in which both agree, divided by the number of all pixels.",
            ),
        ),
    ],
)

check = LESSON.check
