"""The exercises of lesson 06 on plain arrays: enlarge a map, mix its channels."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.random import Generator
from torch.nn import functional as F

from course_utils.exercises.core import Case, Exercise

Array = np.ndarray


def _upsample(coarse: Array) -> Array:
    return np.kron(coarse, np.ones((1, 2, 2)))


def _smooth(coarse: Array, corners: bool = False) -> Array:
    maps = torch.as_tensor(coarse)[None].double()
    return F.interpolate(maps, scale_factor=2, mode="bilinear", align_corners=corners)[0].numpy()


def _upsample_sparse(coarse: Array) -> Array:
    channels, height, width = coarse.shape
    result = np.zeros((channels, 2 * height, 2 * width))
    result[:, ::2, ::2] = coarse
    return result


def _upsample_upper_half(coarse: Array) -> Array:
    result = _upsample(coarse)
    result[:, coarse.shape[1] :] = 0
    return result


def _upsample_half(coarse: Array) -> Array:
    result = _upsample_upper_half(coarse)
    result[:, :, coarse.shape[2] :] = 0
    return result


def _upsample_in_one_row(coarse: Array) -> Array:
    """Every number four times, in one row that is then cut into rows."""
    return coarse.repeat(4).reshape(len(coarse), 2 * coarse.shape[1], 2 * coarse.shape[2])


def _upsample_edges() -> list[Case]:
    rng = np.random.default_rng(2)
    # Not whole numbers, and from below 0 to above 255: no type of whole numbers holds them.
    real = rng.normal(0, 150, (3, 10, 14)).round(2)
    return [
        (np.array([[[1.0, 2.0], [3.0, 4.0]]]),),
        (np.array([[[5.0, 0.0, 7.0]]]),),
        (np.array([[[0.5]], [[-1.25]]]),),
        (np.array([[[2.5, 3.0], [-1.0, 0.5], [4.0, 8.5]], [[1.0, 0.0], [0.0, 1.5], [-2.0, 6.0]]]),),
        (real,),
    ]


def _upsample_random(rng: Generator) -> list[Case]:
    return [(rng.integers(-9, 10, size=shape) / 2,) for shape in ((2, 3, 4), (3, 5, 2))]


UPSAMPLE = Exercise(
    id="upsample",
    title="A map twice as large, by nearest neighbour",
    points=1,
    shortcuts=(
        "torch.nn.functional.interpolate",
        "torch.nn.Upsample",
        "torch.nn.UpsamplingNearest2d",
        "scipy.ndimage.zoom",
        "skimage.transform.rescale",
        "skimage.transform.resize",
    ),
    reference=_upsample,
    edges=_upsample_edges,
    random=_upsample_random,
    misconceptions={
        "You laid four copies of the map beside each other. Each pixel should become a square of four instead: repeat, "
        "not tile.": lambda coarse: np.tile(coarse, (1, 2, 2)),
        "Only the height has doubled. Repeat along both axes, the rows and the columns.": (
            lambda coarse: coarse.repeat(2, axis=1)
        ),
        "Only the width has doubled. Repeat along both axes, the rows and the columns.": (
            lambda coarse: coarse.repeat(2, axis=2)
        ),
        "You doubled channels and rows. The first axis is that of the channels: rows are axis 1, columns axis 2.": (
            lambda coarse: coarse.repeat(2, axis=0).repeat(2, axis=1)
        ),
        "The channels have doubled too. Only height and width should.": lambda coarse: np.kron(
            coarse, np.ones((2, 2, 2))
        ),
        "Each pixel has become a square of 16. Twice as high and twice as wide is four.": (
            lambda coarse: coarse.repeat(4, axis=1).repeat(4, axis=2)
        ),
        "You repeated the numbers in one long row, and cut that into rows. Repeat along each axis by itself.": (
            _upsample_in_one_row
        ),
        "Your numbers run on from row to row: np.resize and reshape do not enlarge a map.": (
            lambda coarse: np.resize(coarse, (len(coarse), 2 * coarse.shape[1], 2 * coarse.shape[2]))
        ),
        "You left gaps of zeros between the pixels. Nearest neighbour fills them with the pixel's own value.": (
            _upsample_sparse
        ),
        "These are values between the pixels: that is bilinear interpolation. Nearest neighbour only copies.": _smooth,
        "These are values between the pixels, and the corners lie on the corners: that is bilinear interpolation. "
        "Nearest neighbour only copies.": lambda coarse: _smooth(coarse, corners=True),
        "Only the first channel comes out. All of them are enlarged, and the axis of channels stays.": (
            lambda coarse: _upsample(coarse)[0]
        ),
        "Your map goes on with itself: row h is row 0 again. Each row becomes two rows: y // 2.": (
            lambda coarse: np.concatenate([coarse.repeat(2, axis=2)] * 2, axis=1)
        ),
        "Half of your large map is empty: you stop at h and w. It has 2 * h rows and 2 * w columns.": _upsample_half,
        "The lower half of your map is empty: you stop at h. It has 2 * h rows.": _upsample_upper_half,
        "All channels are the first one. Each has a map of its own.": (
            lambda coarse: _upsample(coarse[:1]).repeat(len(coarse), axis=0)
        ),
        "The numbers of your map have become whole ones between 0 and 255. Keep their type.": (
            lambda coarse: _upsample(coarse).astype(np.int64).astype(np.uint8)
        ),
    },
    hints=(
        "On which squares of the large map does the pixel in row 0, column 1 fall?",
        "np.repeat makes each entry stand twice in a row, along one axis. Which axes are rows and columns here?",
        "Three axes: channels, rows, columns. Repeat twice along axis 1, and what comes of that twice along axis 2.",
    ),
)


# --- the lateral connection --------------------------------------------------------------------------------------


def _lateral(features: Array, weights: Array, bias: Array) -> Array:
    return np.einsum("dc,chw->dhw", weights, features) + bias[:, None, None]


def _mixed(mix: Callable[[Array, Array, Array], Array]) -> Callable[[Array, Array, Array], Array]:
    """Another use of the bias: ``mix(sum without it, bias (D, 1, 1), features)``."""

    def answer(features: Array, weights: Array, bias: Array) -> Array:
        return mix(np.einsum("dc,chw->dhw", weights, features), bias[:, None, None], features)

    return answer


def _over_pixels(features: Array, weights: Array, bias: Array) -> Array:
    summed = np.einsum("dc,chw->d", weights, features)[:, None, None]
    return np.broadcast_to(summed, (len(weights), *features.shape[1:])) + bias[:, None, None]


def _lateral_edges() -> list[Case]:
    rng = np.random.default_rng(3)
    features = np.array([[[1.0, 2.0], [3.0, 4.0]], [[10.0, 20.0], [30.0, 40.0]]])
    real = rng.normal(0, 2, (12, 10, 14)), rng.normal(0, 1, (5, 12)), rng.normal(0, 3, 5)
    square = rng.integers(-5, 6, (3, 3, 3)) / 2, rng.integers(-5, 6, (3, 3)) / 2, np.array([1.5, -2.0, 0.25])
    return [
        (features, np.array([[2.0, 1.0]]), np.array([0.5])),
        (features[:, :1] / 4, np.array([[1.0, 0.5], [-2.0, 0.25], [0.0, 1.0]]), np.array([-1.0, 2.5, 0.5])),
        (features[:1, :1, :1], np.array([[3.0]]), np.array([-7.25])),
        square,  # everything of one size: a transposed matrix, a bias along the rows, all would fit
        real,
    ]


def _lateral_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for channels, outputs in ((3, 2), (2, 4), (5, 3)):
        shapes = (channels, 4, 3), (outputs, channels), (outputs,)
        cases.append(tuple(rng.integers(-5, 6, size=shape) / 2 for shape in shapes))
    return cases


LATERAL = Exercise(
    id="lateral",
    title="A 1x1 convolution",
    points=1,
    shortcuts=(
        "torch.nn.functional.conv2d",
        "torch.nn.Conv2d",
    ),
    reference=_lateral,
    edges=_lateral_edges,
    random=_lateral_random,
    misconceptions={
        "The bias is missing: add its number to every pixel of its channel.": _mixed(lambda s, bias, f: s),
        "The bias is added, not taken away.": _mixed(lambda s, bias, f: s - bias),
        "The bias is added, not multiplied.": _mixed(lambda s, bias, f: s * bias),
        "The bias is added once for each output channel, not once for each channel that comes in.": (
            _mixed(lambda s, bias, f: s + bias * len(f))
        ),
        "All channels got the first number of the bias. Each new channel has its own: bias[:, None, None].": (
            _mixed(lambda s, bias, f: s + bias[0])
        ),
        "All channels got the sum of the bias. Each new channel has its own number.": (
            _mixed(lambda s, bias, f: s + bias.sum())
        ),
        "The bias ran along the columns of the map. It belongs to the channels: bias[:, None, None].": (
            lambda features, weights, bias: np.einsum("dc,chw->dhw", weights, features) + bias
        ),
        "The bias was added to the maps before they were mixed. It comes last.": (
            lambda features, weights, bias: _lateral(features, weights, bias * weights.sum(axis=1))
        ),
        "A convolution adds up the weighted channels; it does not take their mean.": (
            _mixed(lambda s, bias, f: s / len(f) + bias)
        ),
        "You summed over the pixels as well. A 1x1 convolution looks at one pixel at a time and mixes only its "
        "channels.": _over_pixels,
        "The weights are transposed: weights[d, c] leads from old channel c to new channel d.": (
            lambda features, weights, bias: np.tensordot(weights.T, features, axes=1) + bias[:, None, None]
        ),
        "All new channels were made with the weights of the first. Each has a row of its own.": (
            lambda features, weights, bias: _lateral(features, np.tile(weights[0], (len(weights), 1)), bias)
        ),
        "The last old channel plays no part. Sum over all of them.": (
            lambda features, weights, bias: _lateral(features[:-1], weights[:, :-1], bias)
        ),
        "Only the last old channel counts: in a loop the sum must grow, not begin anew.": (
            lambda features, weights, bias: _lateral(features[-1:], weights[:, -1:], bias)
        ),
        "The channels come last in your result. They stay in front: (D, h, w).": (
            lambda features, weights, bias: np.moveaxis(_lateral(features, weights, bias), 0, -1)
        ),
        "Nothing cuts off numbers below 0 here: a lateral connection has no ReLU.": (
            _mixed(lambda s, bias, f: np.maximum(s + bias, 0))
        ),
    },
    hints=(
        "One pixel, two old channels, three new ones: how many weights are there, and which of them make the first new "
        "number?",
        "For every new channel a weighted sum of whole maps; then one number added to all of its pixels.",
        "New channel d is the sum over c of weights[d, c] times features[c], plus bias[d]. Two loops do, or a sum over "
        "the last axis of the one and the first of the other, and a bias of shape (D, 1, 1).",
    ),
)
