"""Exercises of lesson 06: the feature pyramid, from one merge by hand to the whole."""

import math
from typing import Literal

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor
from torch.nn import functional as F

from course_utils.exercises.core import Case, Exercise, Lesson


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


Mistake = Literal["", "unmerged", "smoothed", "bilinear", "concatenated", "raw", "rough"]


def _pyramid(maps: list[Tensor], laterals: list[Tensor], smooths: list[Tensor], mistake: Mistake = "") -> list[Tensor]:
    """The pyramid, from the coarsest level down by recursion; see the lesson for the arguments."""

    def resized(x: Tensor, like: Tensor) -> Tensor:
        mode = {"mode": "bilinear", "align_corners": False} if mistake == "bilinear" else {"mode": "nearest"}
        return F.interpolate(x, size=like.shape[-2:], **mode)

    def smooth(k: int, x: Tensor) -> Tensor:
        return F.conv2d(x, smooths[k], padding=1)

    def side(k: int) -> Tensor:
        return F.conv2d(maps[k], laterals[k])

    def merged(k: int) -> Tensor:
        if k == len(maps) - 1:
            return side(k)
        if mistake == "raw":
            return F.conv2d(maps[k] + resized(maps[k + 1], maps[k]), laterals[k])
        above = side(k + 1) if mistake == "unmerged" else merged(k + 1)
        above = resized(smooth(k + 1, above) if mistake == "smoothed" else above, maps[k])
        return torch.cat([side(k), above], dim=1) if mistake == "concatenated" else side(k) + above

    return [merged(k) if mistake == "rough" else smooth(k, merged(k)) for k in range(len(maps))]


def _with(mistake: Mistake):
    def wrong(maps: list[Tensor], laterals: list[Tensor], smooths: list[Tensor]) -> list[Tensor]:
        return _pyramid(maps, laterals, smooths, mistake)

    return wrong


def _pyramid_case(rng: Generator, channels: tuple[int, ...], sizes: list[tuple[int, int]], outputs: int) -> Case:
    def draw(*shape: int) -> Tensor:
        return torch.from_numpy(rng.integers(-3, 4, size=shape) / 2)

    maps = [draw(1, c, *size) for c, size in zip(channels, sizes, strict=True)]
    laterals = [draw(outputs, c, 1, 1) for c in channels]
    return maps, laterals, [draw(outputs, outputs, 3, 3) for _ in channels]


def _pyramid_edges() -> list[Case]:
    rng = np.random.default_rng(0)
    return [
        _pyramid_case(rng, (2, 2, 2), [(8, 8), (4, 4), (2, 2)], 2),
        # An odd map has one row less than twice the coarser one.
        _pyramid_case(rng, (3, 4, 5, 6), [(9, 14), (5, 7), (3, 4), (2, 2)], 2),
    ]


def _pyramid_random(rng: Generator) -> list[Case]:
    return [_pyramid_case(rng, (2, 4, 8), [(8, 12), (4, 6), (2, 3)], 3)]


def _levels(boxes: np.ndarray, kind: str = "") -> np.ndarray:
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    octaves = np.log2(np.sqrt(area) / 224)
    if kind == "area":
        octaves = np.log2(area / 224**2)
    if kind == "natural":
        octaves = np.log(np.sqrt(area) / 224)
    exact = 4 - octaves if kind == "upside down" else 4 + octaves
    level = np.round(exact) if kind == "rounded" else np.floor(exact)
    return level.astype(int) if kind == "unclamped" else np.clip(level, 2, 5).astype(int)


def _levels_of(kind: str):
    def wrong(boxes: np.ndarray) -> np.ndarray:
        return _levels(boxes, kind)

    return wrong


def _level_edges() -> list[Case]:
    def boxes(*sides: tuple[float, float]) -> np.ndarray:
        return np.array([[10.0, 20.0, 10 + width, 20 + height] for width, height in sides])

    cases: list[Case] = [
        (boxes((240, 240)),),
        (boxes((200, 200), (100, 100), (300, 50)),),
        (boxes((8, 9), (900, 990)),),
    ]
    return cases


def _level_random(rng: Generator) -> list[Case]:
    def boxes(*sides: tuple[float, float]) -> np.ndarray:
        return np.array([[10.0, 20.0, 10 + width, 20 + height] for width, height in sides])

    def away_from_edges() -> tuple[float, float]:
        octave = rng.integers(-4, 3) + rng.uniform(0.1, 0.9)
        ratio = rng.uniform(0.6, 1.6)
        return 224 * 2**octave * math.sqrt(ratio), 224 * 2**octave / math.sqrt(ratio)

    return [(boxes(*(away_from_edges() for _ in range(6))),) for _ in range(3)]


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
        Exercise(
            id="feature-pyramid",
            title="The whole feature pyramid",
            points=3,
            shortcuts=("torchvision.ops.FeaturePyramidNetwork",),
            reference=_pyramid,
            edges=_pyramid_edges,
            random=_pyramid_random,
            misconceptions={
                "You upsampled the lateral of the level above, not what was merged there. So the coarsest map "
                "reaches only one level down; it should reach all.": _with("unmerged"),
                "You smoothed before handing down. The 3x3 convolution is only for what leaves the pyramid: hand down "
                "the merged map as it is.": _with("smoothed"),
                "You upsample bilinearly. The pyramid of the paper uses mode='nearest'.": _with("bilinear"),
                "You concatenated where the pyramid adds, and the 3x3 convolution then gets twice the channels that "
                "it was made for.": _with("concatenated"),
                "You added the maps of the backbone before their laterals. They have different numbers of channels: "
                "lateral first, then add.": _with("raw"),
                "The 3x3 convolutions at the end are missing: every merged map goes through its own.": _with("rough"),
                "Your levels are in the wrong order: the finest comes first. You work from the coarsest down, so "
                "insert each new level at the front of the list, or reverse the list at the end.": (
                    lambda *arguments: _pyramid(*arguments)[::-1]
                ),
            },
            hints=(
                "Start at the end of the list: merged = lateral of the coarsest. Then, level by level towards the "
                "finest: merged = lateral + F.interpolate(merged, size=..., mode='nearest'). Keep each merged map, and "
                "smooth them at last.",
            ),
        ),
        Exercise(
            id="pyramid-level",
            title="Which level serves which box",
            points=2,
            reference=_levels,
            edges=_level_edges,
            random=_level_random,
            misconceptions={
                "You took the logarithm of the area. The side counts, that is its square root: otherwise every "
                "doubling of the side climbs two levels.": _levels_of("area"),
                "Round down, to the finer of two levels: floor, not round.": _levels_of("rounded"),
                "There are only the levels 2 to 5: what falls outside goes to the nearest of them.": (
                    _levels_of("unclamped")
                ),
                "The logarithm is to base 2: a level is a doubling.": _levels_of("natural"),
                "Upside down: large boxes belong to coarse levels, and coarse levels have the larger numbers.": (
                    _levels_of("upside down")
                ),
            },
            hints=("np.floor(4 + np.log2(np.sqrt(area) / 224)), then np.clip to 2 and 5, then whole numbers.",),
        ),
    ],
)

check = LESSON.check
