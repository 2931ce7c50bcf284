"""Exercises of lesson 01: masks as arrays, boxes, and thresholding."""

import numpy as np
from numpy.random import Generator

from course_utils import masks
from course_utils.exercises.core import Case, Exercise, Lesson


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


def _mask_cases(rng: Generator) -> list[Case]:
    edges = [
        _corner_mask(4, 6, slice(1, 3), slice(2, 5)),
        _corner_mask(3, 5, slice(0, 1), slice(4, 5)),
        _corner_mask(5, 3, slice(0, 5), slice(0, 3)),
    ]
    return [(mask,) for mask in [*edges, *(_random_blob(rng) for _ in range(4))]]


def _area(mask: np.ndarray) -> int:
    return int(mask.sum())


def _box(mask: np.ndarray) -> np.ndarray:
    return masks.to_box(mask)


def _box_inclusive(mask: np.ndarray) -> np.ndarray:
    return _box(mask) - [0, 0, 1, 1]


def _box_swapped(mask: np.ndarray) -> np.ndarray:
    return _box(mask)[[1, 0, 3, 2]]


def _box_width_height(mask: np.ndarray) -> np.ndarray:
    left, top, right, bottom = _box(mask)
    return np.array([left, top, right - left, bottom - top])


def _cut_out(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return np.where(mask[..., None], image, np.uint8(255))


def _cut_out_in_place(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    image[~mask] = 255
    return image


class _Photo(np.ndarray):
    """An array that an answer gets as a read-only copy, so that painting on the photo itself is noticed."""

    def __deepcopy__(self, memo: dict) -> np.ndarray:
        photo = np.array(self)
        photo.flags.writeable = False
        return photo


def _cut_out_cases(rng: Generator) -> list[Case]:
    def case(mask: np.ndarray) -> Case:
        return rng.integers(0, 250, size=(*mask.shape, 3), dtype=np.uint8).view(_Photo), mask

    return [case(_corner_mask(2, 3, slice(0, 1), slice(0, 2))), *(case(_random_blob(rng)) for _ in range(3))]


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


def _otsu_unweighted(gray: np.ndarray) -> int:
    gaps = [abs(gray[gray <= t].mean() - gray[gray > t].mean()) for t in range(gray.min(), gray.max())]
    return int(gray.min() + np.argmax(gaps))


def _otsu_midpoint(gray: np.ndarray) -> int:
    return int((int(gray.min()) + int(gray.max())) // 2)


def _otsu_mean(gray: np.ndarray) -> int:
    return int(gray.mean())


def _otsu_cases(rng: Generator) -> list[Case]:
    def two_heaps(dark: float, light: float, share: float) -> np.ndarray:
        pixels = np.where(rng.random((12, 12)) < share, dark, light) + rng.normal(0, 12, (12, 12))
        return np.clip(pixels, 0, 255).astype(np.uint8)

    # One glaring pixel beside two heaps: it must not win.
    glare = np.array([[50] * 5 + [60] * 5, [52] * 10, [120] * 9 + [255], [125] * 10], np.uint8)
    edges = [np.array([[10, 10, 12], [200, 205, 210]], np.uint8), glare]
    heaps = [two_heaps(rng.uniform(30, 90), rng.uniform(150, 220), rng.uniform(0.1, 0.6)) for _ in range(4)]
    return [(gray,) for gray in [*edges, *heaps]]


def _accuracy(predicted: np.ndarray, truth: np.ndarray) -> float:
    return float((predicted == truth).mean())


def _accuracy_hits_only(predicted: np.ndarray, truth: np.ndarray) -> float:
    return float((predicted & truth).mean())


def _accuracy_iou(predicted: np.ndarray, truth: np.ndarray) -> float:
    return float((predicted & truth).sum() / max((predicted | truth).sum(), 1))


def _accuracy_recall(predicted: np.ndarray, truth: np.ndarray) -> float:
    return float((predicted & truth).sum() / max(truth.sum(), 1))


def _pair_cases(rng: Generator) -> list[Case]:
    truth = _corner_mask(3, 4, slice(0, 2), slice(0, 2))
    pairs = [(_corner_mask(3, 4, slice(0, 2), slice(1, 3)), truth), (np.zeros_like(truth), truth)]
    return [*pairs, *((rng.random((5, 6)) < 0.4, rng.random((5, 6)) < 0.4) for _ in range(4))]


LESSON = Lesson(
    1,
    [
        Exercise(
            id="mask-area",
            title="The area of a mask in pixels",
            points=1,
            reference=_area,
            cases=_mask_cases,
            misconceptions={
                "You counted every pixel of the image. Only the pixels where the mask is True belong to the piece.": (
                    lambda mask: mask.size
                ),
                "You counted the rows that the piece touches. A row can hold more than one of its pixels.": (
                    lambda mask: int(mask.any(axis=1).sum())
                ),
            },
            hint="In NumPy True counts as 1 and False as 0. What is the sum of a mask?",
        ),
        Exercise(
            id="mask-to-box",
            title="The smallest box around a mask",
            points=2,
            reference=_box,
            cases=_mask_cases,
            misconceptions={
                "Your box stops at the last pixel instead of one past it, so it loses the last row and column. "
                "Half-open means: x2 and y2 are the first coordinates outside.": _box_inclusive,
                "x and y are swapped. The first index of an array is the row, which is y; boxes "
                "name x first.": _box_swapped,
                "You returned x, y, width, height. Here a box is x1, y1, x2, y2: the far corner, not the size.": (
                    _box_width_height
                ),
            },
            hint="np.nonzero(mask) gives the rows and the columns of all True pixels. "
            "Which of them are the smallest and largest?",
        ),
        Exercise(
            id="cut-out",
            title="A piece cut out of its photo",
            points=2,
            reference=_cut_out,
            cases=_cut_out_cases,
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
                "You painted on the photo itself, which should stay as it is (so here it is read-only). Work on a "
                "copy: result = image.copy().": _cut_out_in_place,
            },
            hint="Copy the image, then assign 255 to the pixels of the copy that `~mask` selects.",
        ),
        Exercise(
            id="otsu",
            title="Otsu's threshold",
            points=3,
            shortcuts=("skimage.filters.threshold_otsu",),
            reference=_otsu,
            cases=_otsu_cases,
            misconceptions={
                "You maximised the distance of the two means alone. Without the weights a few extreme pixels win: "
                "multiply by the sizes of both classes.": _otsu_unweighted,
                "You took the middle between the darkest and the lightest pixel. Otsu looks at how the pixels spread, "
                "not only at the two extremes.": _otsu_midpoint,
                "You took the mean brightness. It moves towards the larger class, while the best "
                "cut lies between the two.": (_otsu_mean),
            },
            hint="For each t from 0 to 254 split the pixels into <= t and > t, skip t when a side is empty, and keep "
            "the first t with the largest n0 * n1 * (mean0 - mean1)**2.",
        ),
        Exercise(
            id="pixel-accuracy",
            title="The share of pixels that a mask gets right",
            points=2,
            reference=_accuracy,
            cases=_pair_cases,
            misconceptions={
                "You counted only pixels that are True in both. A pixel that both masks leave out is right as well.": (
                    _accuracy_hits_only
                ),
                "You divided by the union of the two masks. That is the IoU of lesson 11; "
                "accuracy divides by all pixels.": (_accuracy_iou),
                "You divided by the pixels of the truth. That is recall, of lesson 12; accuracy "
                "divides by all pixels.": (_accuracy_recall),
            },
            hint="Where are the two masks equal? The mean of that comparison is the answer.",
        ),
    ],
)

check = LESSON.check
