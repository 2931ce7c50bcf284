"""The exercise of lesson 06 whose answer is a network: the whole feature pyramid."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor, nn
from torch.nn import functional as F

from course_utils.exercises import modules
from course_utils.exercises.core import Case, Exercise


class FeaturePyramid(nn.Module):
    """The reference; what differs in a mistake is a class attribute."""

    hand_down, mode, pool, rough, backwards = "merged", "nearest", True, False, False

    def __init__(self, channels: Sequence[int], outputs: int):
        super().__init__()
        self.sides = nn.ModuleList(nn.Conv2d(c, outputs, 1) for c in channels)
        self.smooth = nn.ModuleList(nn.Conv2d(outputs, outputs, 3, padding=1) for _ in channels)

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """Maps ``(B, C_k, H_k, W_k)``, finest first -> as many of ``outputs`` channels, and the pool level."""
        lateral = [side(each) for side, each in zip(self.sides, maps, strict=True)]
        levels: list[Tensor] = []
        above = None
        for k in reversed(range(len(maps))):
            merged = lateral[k] if above is None else lateral[k] + self.enlarge(above, lateral[k])
            levels.insert(0, merged if self.rough else self.smooth[k](merged))
            above = {"merged": merged, "lateral": lateral[k], "smoothed": levels[0]}[self.hand_down]
        pool = [F.max_pool2d(levels[-1], 1, 2)] if self.pool else []
        return [*levels[::-1], *pool] if self.backwards else [*levels, *pool]

    def enlarge(self, coarse: Tensor, like: Tensor) -> Tensor:
        """To the size of another map."""
        options = {} if self.mode == "nearest" else {"align_corners": False}
        return F.interpolate(coarse, size=like.shape[-2:], mode=self.mode, **options)


class _Unmerged(FeaturePyramid):
    hand_down = "lateral"


class _Smoothed(FeaturePyramid):
    hand_down = "smoothed"


class _Bilinear(FeaturePyramid):
    mode = "bilinear"


class _NoPool(FeaturePyramid):
    pool = False


class _Backwards(FeaturePyramid):
    backwards = True


class _Rough(FeaturePyramid):
    rough = True


class _Doubled(FeaturePyramid):
    def enlarge(self, coarse: Tensor, like: Tensor) -> Tensor:
        return F.interpolate(coarse, scale_factor=2, mode="nearest")


class _WidePool(FeaturePyramid):
    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        levels = super().forward(maps)
        return [*levels[:-1], F.max_pool2d(levels[-2], 2, 2, ceil_mode=True)]


class _NoBias(FeaturePyramid):
    def __init__(self, channels: Sequence[int], outputs: int):
        super().__init__(channels, outputs)
        self.sides = nn.ModuleList(nn.Conv2d(c, outputs, 1, bias=False) for c in channels)


def _case(rng: Generator, channels: list[int], sizes: list[tuple[int, int]], outputs: int, batch: int = 2) -> Case:
    maps = [
        torch.from_numpy(rng.normal(size=(batch, c, *size))).float() for c, size in zip(channels, sizes, strict=True)
    ]
    return modules.case(FeaturePyramid, (channels, outputs), (maps,), rng)


def _edges() -> list[Case]:
    rng = np.random.default_rng(6)
    return [
        _case(rng, [2, 1, 2], [(2, 4), (1, 2), (1, 1)], 1, batch=1),
        # An odd map has one row less than twice the coarser one.
        _case(rng, [3, 4, 5, 6], [(9, 14), (5, 7), (3, 4), (2, 2)], 3),
        _case(rng, [4], [(6, 5)], 2),
    ]


PYRAMID = Exercise(
    id="feature-pyramid",
    title="The whole feature pyramid, a network",
    points=3,
    shortcuts=("torchvision.ops.FeaturePyramidNetwork",),
    reference=FeaturePyramid,
    edges=_edges,
    tolerance=modules.TOLERANCE,
    probe=modules.probe,
    misconceptions={
        "You upsampled the lateral of the level above, not what was merged there. So the coarsest map reaches only one "
        "level down; it should reach all.": _Unmerged,
        "You smoothed before handing down. The 3x3 convolution is only for what leaves the pyramid: hand down "
        "the merged "
        "map as it is.": _Smoothed,
        "You upsample bilinearly. The pyramid of the paper uses mode='nearest'.": _Bilinear,
        "An odd map has one row less than twice the coarser one: enlarge to the *size* of the finer map, not "
        "by a factor "
        "of 2.": _Doubled,
        "The last level is missing: every second cell of the coarsest.": _NoPool,
        "Your levels are in the wrong order: the finest comes first.": _Backwards,
        "The 3x3 convolutions at the end are missing: every merged map goes through its own.": _Rough,
        "The last level is every second cell of the coarsest, no maximum over neighbours: a window of 1, a stride of "
        "2.": _WidePool,
        "The convolutions of the pyramid have a bias: no normalisation follows them.": _NoBias,
    },
    hints=(
        "What exactly is handed down from one level to the next finer one?",
        "A 1x1 and a 3x3 convolution for each level, in an nn.ModuleList. From the coarsest down: lateral, plus the "
        "enlarged merged map from above; smooth what leaves. At last the extra level.",
        "merged = lateral of the coarsest; then, level by level towards the finest: merged = lateral + "
        "F.interpolate(merged, size=..., mode='nearest'). Each level is the 3x3 of its merged map. The extra one: the "
        "coarsest level [..., ::2, ::2].",
    ),
)
