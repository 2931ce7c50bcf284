"""Exercises of lesson 06: the feature pyramid, from one merge by hand to the whole."""

import numpy as np
import torch
from numpy.random import Generator
from torch.nn import functional as F

from course_utils.exercises.core import Case, Exercise, Lesson
from course_utils.exercises.pyramid_06 import PYRAMID


def _upsample(coarse: np.ndarray) -> np.ndarray:
    return np.kron(coarse, np.ones((1, 2, 2)))


def _upsample_tiled(coarse: np.ndarray) -> np.ndarray:
    return np.tile(coarse, (1, 2, 2))


def _upsample_rows_only(coarse: np.ndarray) -> np.ndarray:
    return coarse.repeat(2, axis=1)


def _upsample_sparse(coarse: np.ndarray) -> np.ndarray:
    channels, height, width = coarse.shape
    result = np.zeros((channels, 2 * height, 2 * width))
    result[:, ::2, ::2] = coarse
    return result


def _upsample_bilinear(coarse: np.ndarray) -> np.ndarray:
    smooth = F.interpolate(torch.as_tensor(coarse)[None].double(), scale_factor=2, mode="bilinear", align_corners=False)
    return smooth[0].numpy()


def _upsample_channels_too(coarse: np.ndarray) -> np.ndarray:
    return np.kron(coarse, np.ones((2, 2, 2)))


def _upsample_edges() -> list[Case]:
    cases: list[Case] = [(np.array([[[1.0, 2.0], [3.0, 4.0]]]),), (np.array([[[5.0, 0.0, 7.0]]]),)]
    return cases


def _upsample_random(rng: Generator) -> list[Case]:
    return [(rng.integers(-9, 10, size=shape).astype(float),) for shape in ((2, 3, 4), (3, 5, 2))]


def _lateral(features: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
    return np.einsum("dc,chw->dhw", weights, features) + bias[:, None, None]


def _lateral_no_bias(features: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
    return _lateral(features, weights, np.zeros_like(bias))


def _lateral_averaged(features: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
    return _lateral(features, weights / len(features), bias)


def _lateral_over_pixels(features: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
    summed = _lateral(features, weights, np.zeros_like(bias)).sum(axis=(1, 2), keepdims=True)
    return np.broadcast_to(summed, (len(weights), *features.shape[1:])) + bias[:, None, None]


def _lateral_bias_per_input(features: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
    return _lateral(features, weights, np.zeros_like(bias)) + bias[:, None, None] * len(features)


def _lateral_edges() -> list[Case]:
    features = np.array([[[1.0, 2.0], [3.0, 4.0]], [[10.0, 20.0], [30.0, 40.0]]])
    cases: list[Case] = [(features, np.array([[2.0, 1.0]]), np.array([0.5]))]
    return cases


def _lateral_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for channels, outputs in ((3, 2), (2, 4), (5, 3)):
        shapes = (channels, 4, 3), (outputs, channels), (outputs,)
        cases.append(tuple(rng.integers(-5, 6, size=shape) / 2 for shape in shapes))
    return cases


FINE = np.array(
    [
        [[1, 1, 0, 0], [1, 2, 0, 1], [0, 3, 1, 0], [2, 0, 0, 1]],
        [[0, 1, 2, 0], [1, 0, 0, 3], [2, 0, 1, 0], [0, 1, 0, 2]],
    ]
)
"""The toy's fine map ``(2, 4, 4)``."""
COARSE = np.array([[[3, 0], [1, 4]], [[1, 0], [0, 1]]])
"""The toy's coarse map ``(2, 2, 2)``."""
FINE_WEIGHTS = np.array([1, 2])
COARSE_WEIGHTS = np.array([10, -10])
"""Lateral weights of the toy: one number for each channel coming in, one channel going out."""


def toy(mistake: str = "") -> np.ndarray:
    """The toy's merged fine map ``(4, 4)``, or what comes of a mistake."""
    side, above = np.tensordot(FINE_WEIGHTS, FINE, 1), np.tensordot(COARSE_WEIGHTS, COARSE, 1)
    if mistake == "concatenated":
        return np.stack([side, _upsample(above[None])[0]])
    if mistake == "raw":
        # Adding before the lateral: both maps have two channels, so nothing stops one from it.
        return np.tensordot(FINE_WEIGHTS, FINE + _upsample(COARSE), 1)
    if mistake == "shrunk":
        return above + side[::2, ::2]
    ways = {"bilinear": _upsample_bilinear, "tiled": _upsample_tiled}
    return side + ways.get(mistake, _upsample)(above[None])[0]


LESSON = Lesson(
    6,
    [
        Exercise(
            id="upsample",
            title="A map twice as large, by nearest neighbour",
            points=1,
            reference=_upsample,
            edges=_upsample_edges,
            random=_upsample_random,
            misconceptions={
                "You laid four copies of the map beside each other. Each pixel should become a square of four instead: "
                "repeat, not tile.": _upsample_tiled,
                "Only the height has doubled. Repeat along both axes, the rows and the columns.": _upsample_rows_only,
                "You left gaps of zeros between the pixels. Nearest neighbour fills them with the pixel's own "
                "value.": _upsample_sparse,
                "These are values between the pixels: that is bilinear interpolation. Nearest neighbour only copies.": (
                    _upsample_bilinear
                ),
                "The channels have doubled too. Only height and width should.": _upsample_channels_too,
            },
            hints=(
                "np.repeat(array, 2, axis=...) repeats each entry along one axis. Here are three axes: channels, "
                "rows, columns.",
            ),
        ),
        Exercise(
            id="lateral",
            title="A 1x1 convolution",
            points=1,
            reference=_lateral,
            edges=_lateral_edges,
            random=_lateral_random,
            misconceptions={
                "The bias is missing: add its number to every pixel of its channel.": _lateral_no_bias,
                "A convolution adds up the weighted channels; it does not take their mean.": _lateral_averaged,
                "You summed over the pixels as well. A 1x1 convolution looks at one pixel at a time and mixes only its "
                "channels.": _lateral_over_pixels,
                "The bias is added once for each output channel, not once for each channel that comes in.": (
                    _lateral_bias_per_input
                ),
            },
            hints=("For output channel d: the sum over c of weights[d, c] * features[c], plus bias[d].",),
        ),
        Exercise(
            id="merge-by-hand",
            title="One merge with a pencil",
            points=2,
            reference=toy(),
            misconceptions={
                "You put the two maps on top of each other as channels. The pyramid adds them: that is why the lateral "
                "has to bring them to the same number of channels.": toy("concatenated"),
                "You added the maps before their lateral convolutions. Each map first goes through its own, and then "
                "they are added.": toy("raw"),
                "You made the fine map smaller. The coarse one is enlarged: the result has the fine map's size, or "
                "nothing would be won.": toy("shrunk"),
                "You enlarged by bilinear interpolation. The pyramid copies the nearest neighbour.": toy("bilinear"),
                "You tiled the coarse map. Each of its pixels becomes a square of two by two.": toy("tiled"),
            },
            hints=(
                "First make each map one channel: fine[0] + 2 * fine[1], and 10 * coarse[0] - 10 * coarse[1]. Then "
                "let each coarse number fall on the two-by-two square under it.",
            ),
        ),
        PYRAMID,
    ],
)

check = LESSON.check
