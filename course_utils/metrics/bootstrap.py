"""Is the difference between two models real? The paired bootstrap over images.

Test images are a sample: other plates would have given other scores. The bootstrap (Efron and Tibshirani 1993, chapter
6) asks how much other, by drawing images from the sample itself, with replacement, and computing the score anew.
*Paired* means that both models are judged on the same draw, so that what makes an image hard for both cancels out
(Koehn 2004). Whole images are drawn, not single objects: the objects of one image are hard together.
"""

import numpy as np

from course_utils.errors import CourseError
from course_utils.metrics.batch import Matches
from course_utils.metrics.scores import f1


def image_counts(matches: Matches, threshold: float, min_score: float, images: int) -> np.ndarray:
    """TP, FP and FN of each image and class, apart, so that images can be drawn and added up.

    Args:
        matches: from `match_images`.
        threshold: one of the IoU thresholds that were matched.
        min_score: detections that score less are left out.
        images: how many images were matched; one with neither object nor detection leaves no trace in `matches`.

    Returns:
        (images, K, 3) int: TP, FP, FN of the K classes of `matches`.

    Raises:
        CourseError: nothing was matched at the threshold, or more images were matched than `images`.
    """
    seen = 1 + max(matches.image.max(initial=-1), matches.truth_image.max(initial=-1))
    if images < seen:
        raise CourseError(f"{seen} images were matched, not {images}; give their number")
    step, kept = matches.at(threshold), matches.score >= min_score
    right, wrong = kept & matches.true_positive[0, step], kept & matches.false_positive[0, step]
    counts = np.zeros((images, len(matches.classes), 3), int)
    for column, chosen in enumerate((right, wrong)):
        where = matches.image[chosen], np.searchsorted(matches.classes, matches.label[chosen])
        np.add.at(counts[:, :, column], where, 1)
    wanted = ~matches.truth_ignored[0] & np.isin(matches.truth_label, matches.classes)
    where = matches.truth_image[wanted], np.searchsorted(matches.classes, matches.truth_label[wanted])
    np.add.at(counts[:, :, 2], where, 1)
    counts[:, :, 2] -= counts[:, :, 0]
    return counts


def macro_f1(counts: np.ndarray) -> np.ndarray:
    """F1 of each class, averaged over the classes: (..., K, 3) TP, FP, FN -> (...); a class without any counts as 0."""
    tp, fp, fn = np.moveaxis(np.asarray(counts), -1, 0)
    return f1(tp, fp, fn).mean(axis=-1)


def draw_images(images: int, draws: int, seed: int) -> np.ndarray:
    """Numbers of images drawn with replacement, as many as there are, again and again: (draws, images) int."""
    return np.random.default_rng(seed).integers(images, size=(draws, images))


def paired_differences(counts_a: np.ndarray, counts_b: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Macro F1 of model b less that of model a on each draw of images.

    Args:
        counts_a, counts_b: (P, K, 3) int, TP, FP, FN of each image and class, see `image_counts`.
        draws: (D, P) int, numbers of images, see `draw_images`.

    Returns:
        (D,) float. The 2.5 % and 97.5 % quantiles are the ends of the percentile interval of 95 %.

    Raises:
        CourseError: the two models were not judged on the same images and classes.
    """
    if counts_a.shape != counts_b.shape:
        raise CourseError(
            f"counts of shapes {counts_a.shape} and {counts_b.shape}: judge both models on the same images"
        )
    return macro_f1(_summed(counts_b, draws)) - macro_f1(_summed(counts_a, draws))


def _summed(counts: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Counts of each draw added up: (D, K, 3). How often an image was drawn is a weight, so no copies are made."""
    often = np.zeros((len(draws), len(counts)), int)
    np.add.at(often, (np.arange(len(draws))[:, None], draws), 1)
    return np.einsum("dp,pkc->dkc", often, counts)
