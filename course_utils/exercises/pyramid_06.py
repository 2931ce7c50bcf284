"""The exercise of lesson 06 whose answer is a network: the whole feature pyramid."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor, nn
from torch.nn import functional as F

from course_utils.exercises import modules
from course_utils.exercises.core import Case, Exercise


class FeaturePyramid(nn.Module):
    """The reference; what differs in a mistake is a class attribute or one of the small steps."""

    hand_down, mode, bias, padding = "merged", "nearest", True, 1

    def __init__(self, channels: Sequence[int], outputs: int):
        super().__init__()
        self.sides = nn.ModuleList(nn.Conv2d(c, outputs, 1, bias=self.bias) for c in channels)
        self.smooth = nn.ModuleList(nn.Conv2d(outputs, outputs, 3, padding=self.padding) for _ in channels)

    def forward(self, maps: Sequence[Tensor]) -> Any:
        """Maps ``(B, C_k, H_k, W_k)``, finest first -> as many of ``outputs`` channels, and the pool level."""
        lateral = [self.enter(each, k) for k, each in enumerate(maps)]
        levels: list[Tensor] = []
        above = None
        for k in self.order(len(maps)):
            merged = lateral[k] if above is None else self.join(lateral[k], self.enlarge(above, lateral[k]))
            levels.append(self.leave(merged, k))
            above = {"merged": merged, "lateral": lateral[k], "smoothed": levels[-1]}[self.hand_down]
        levels = [levels[self.order(len(maps)).index(k)] for k in range(len(maps))]
        return self.arrange(levels, lateral[-1])

    def enter(self, each: Tensor, k: int) -> Tensor:
        """The lateral of a map."""
        return self.sides[k](each)

    def order(self, count: int) -> list[int]:
        """From the coarsest to the finest."""
        return list(range(count))[::-1]

    def enlarge(self, coarse: Tensor, like: Tensor) -> Tensor:
        """To the size of another map."""
        options = {} if self.mode == "nearest" else {"align_corners": False}
        return F.interpolate(coarse, size=like.shape[-2:], mode=self.mode, **options)

    def join(self, lateral: Tensor, above: Tensor) -> Tensor:
        """What is merged of a lateral and what comes from above."""
        return lateral + above

    def leave(self, merged: Tensor, k: int) -> Tensor:
        """A level as it leaves the pyramid."""
        return self.smooth[k](merged)

    def arrange(self, levels: list[Tensor], coarsest: Tensor) -> Any:
        """The levels, and one more."""
        return [*levels, levels[-1][..., ::2, ::2]]


class _Unmerged(FeaturePyramid):
    hand_down = "lateral"


class _Smoothed(FeaturePyramid):
    hand_down = "smoothed"


class _Bilinear(FeaturePyramid):
    mode = "bilinear"


class _NoBias(FeaturePyramid):
    bias = False


class _NoPadding(FeaturePyramid):
    padding = 0


class _Doubled(FeaturePyramid):
    def enlarge(self, coarse: Tensor, like: Tensor) -> Tensor:
        return F.interpolate(coarse, scale_factor=2, mode="nearest")


class _Upwards(FeaturePyramid):
    def order(self, count: int) -> list[int]:
        return list(range(count))


class _WithReLU(FeaturePyramid):
    def enter(self, each: Tensor, k: int) -> Tensor:
        return super().enter(each, k).relu()


class _SmoothedBefore(FeaturePyramid):
    def enter(self, each: Tensor, k: int) -> Tensor:
        return self.smooth[k](super().enter(each, k))

    def leave(self, merged: Tensor, k: int) -> Tensor:
        return merged


class _CoarsestUnsmoothed(FeaturePyramid):
    def leave(self, merged: Tensor, k: int) -> Tensor:
        return merged if k == len(self.smooth) - 1 else super().leave(merged, k)


class _SideBySide(FeaturePyramid):
    """All merged maps first, then the levels, finest first: so the finest is the one that does not fit."""

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        merged = [self.enter(maps[-1], len(maps) - 1)]
        for k in range(len(maps) - 2, -1, -1):
            lateral = self.enter(maps[k], k)
            merged.insert(0, torch.cat([lateral, self.enlarge(merged[0], lateral)], dim=1))
        levels = [self.leave(each, k) for k, each in enumerate(merged)]
        return self.arrange(levels, levels[-1])


class _LastOfInput(FeaturePyramid):
    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        return [*super().forward(maps)[:-1], maps[-1][..., ::2, ::2]]


def _joined(join: Callable[[Tensor, Tensor], Tensor]) -> type[FeaturePyramid]:
    return type("_Joined", (FeaturePyramid,), {"join": lambda self, lateral, above: join(lateral, above)})


def _leaving(smoothed: Callable[[int], bool]) -> type[FeaturePyramid]:
    """Only some levels are smoothed."""

    def leave(self: FeaturePyramid, merged: Tensor, k: int) -> Tensor:
        return self.smooth[k](merged) if smoothed(k) else merged

    return type("_Leaving", (FeaturePyramid,), {"leave": leave})


def _arranged(arrange: Callable[[list[Tensor], Tensor], Any]) -> type[FeaturePyramid]:
    return type("_Arranged", (FeaturePyramid,), {"arrange": lambda self, levels, coarsest: arrange(levels, coarsest)})


def _with_last(last: Callable[[list[Tensor]], Tensor]) -> type[FeaturePyramid]:
    """Another extra level."""
    return _arranged(lambda levels, coarsest: [*levels, last(levels)])


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
        _case(rng, [8, 16, 32, 64], [(40, 40), (20, 20), (10, 10), (5, 5)], 8, batch=1),
    ]


PYRAMID = Exercise(
    id="feature-pyramid",
    title="The whole feature pyramid, a network",
    points=3,
    shortcuts=("torchvision.ops.FeaturePyramidNetwork", "torchvision.models.detection.backbone_utils.BackboneWithFPN"),
    reference=FeaturePyramid,
    edges=_edges,
    random=lambda rng: [_case(rng, [2, 3, 4], [(7, 6), (4, 3), (2, 2)], 2)],
    tolerance=modules.TOLERANCE,
    probe=modules.probe,
    misconceptions={
        "You upsampled the lateral of the level above, not what was merged there. So the coarsest map reaches only one "
        "level down; it should reach all.": _Unmerged,
        "You smoothed before handing down. The 3x3 convolution is only for what leaves the pyramid: hand down the "
        "merged map as it is.": _Smoothed,
        "You smoothed the laterals and merged them afterwards. The 3x3 convolution comes last, on the way out.": (
            _SmoothedBefore
        ),
        "You began at the finest map and went up. What is handed down begins with the coarsest.": _Upwards,
        "You upsample bilinearly. The pyramid of the paper uses mode='nearest'.": _Bilinear,
        "An odd map has one row less than twice the coarser one: enlarge to the *size* of the finer map, not by a "
        "factor of 2.": _Doubled,
        "You multiplied lateral and enlarged map. They are added.": _joined(lambda lateral, above: lateral * above),
        "You took the mean of lateral and enlarged map. They are added.": (
            _joined(lambda lateral, above: (lateral + above) / 2)
        ),
        "You took the larger of lateral and enlarged map. They are added.": _joined(torch.maximum),
        "Lateral and enlarged map are added, not laid side by side as channels.": (
            _joined(lambda lateral, above: torch.cat([lateral, above], dim=1))
        ),
        "You lay lateral and enlarged map side by side, so each level has more channels than the one above. They are "
        "added.": _SideBySide,
        "There is no ReLU in the pyramid: what is merged may be negative.": (
            _joined(lambda lateral, above: (lateral + above).relu())
        ),
        "Nothing comes from above: the enlarged map is still to be added.": _joined(lambda lateral, above: lateral),
        "Only what comes from above counts: the lateral of the level itself is still to be added.": (
            _joined(lambda lateral, above: above)
        ),
        "There is no ReLU in the pyramid: laterals may be negative.": _WithReLU,
        "The 3x3 convolutions at the end are missing: every merged map goes through its own.": _leaving(
            lambda k: False
        ),
        "Only the finest level is smoothed. Each merged map goes through a 3x3 convolution of its own.": (
            _leaving(lambda k: k == 0)
        ),
        "The coarsest level is not smoothed. Every merged map goes through a 3x3 convolution of its own, the first one "
        "too.": _CoarsestUnsmoothed,
        "Your levels have lost their border: a 3x3 convolution keeps the size with padding=1.": _NoPadding,
        "The last level is missing: every second cell of the coarsest.": _arranged(lambda levels, coarsest: levels),
        "Your levels are in the wrong order: the finest comes first.": (
            _arranged(lambda levels, coarsest: [*levels[::-1], levels[-1][..., ::2, ::2]])
        ),
        "Your list is the wrong way round: the finest comes first, the extra level last.": (
            _arranged(lambda levels, coarsest: [levels[-1][..., ::2, ::2], *levels[::-1]])
        ),
        "The extra level comes last, after the coarsest.": (
            _arranged(lambda levels, coarsest: [levels[-1][..., ::2, ::2], *levels])
        ),
        "A list is asked for, the finest level first, not a dictionary.": (
            _arranged(lambda levels, coarsest: dict(enumerate([*levels, levels[-1][..., ::2, ::2]])))
        ),
        "The last level is every second cell of the coarsest, no maximum over neighbours: a window of 1, a stride of "
        "2.": _with_last(lambda levels: F.max_pool2d(levels[-1], 2, 2, ceil_mode=True)),
        "The last level is every second cell of the coarsest, no mean over neighbours.": (
            _with_last(lambda levels: F.avg_pool2d(levels[-1], 2, 2, ceil_mode=True))
        ),
        "Your last level takes the largest of each two by two cells, and a map of one cell has no two. Every second "
        "cell is a window of 1, a stride of 2.": _with_last(lambda levels: F.max_pool2d(levels[-1], 2)),
        "Your last level takes the mean of each two by two cells, and a map of one cell has no two. Every second cell "
        "is a window of 1, a stride of 2.": _with_last(lambda levels: F.avg_pool2d(levels[-1], 2)),
        "Your last level takes the largest of nine cells. It is every second cell: a window of 1, a stride of 2.": (
            _with_last(lambda levels: F.max_pool2d(levels[-1], 3, 2, padding=1))
        ),
        "The last level begins with the first cell of the coarsest: [..., ::2, ::2].": (
            _with_last(lambda levels: levels[-1][..., 1::2, 1::2])
        ),
        "The last level takes every second row, and every second column too.": (
            _with_last(lambda levels: levels[-1][..., ::2, :])
        ),
        "The last level is the coarsest once more. Take only every second of its cells.": (
            _with_last(lambda levels: levels[-1])
        ),
        "The last level is made from the finest. Take every second cell of the coarsest.": (
            _with_last(lambda levels: levels[0][..., ::2, ::2])
        ),
        "The last level is made from the one before the coarsest. Take every second cell of the coarsest: it is the "
        "last in the list.": _with_last(lambda levels: levels[-2][..., ::2, ::2]),
        "The last level is made of the map that came in. Take it from the coarsest level that leaves the pyramid, "
        "which "
        "has the pyramid's channels.": _LastOfInput,
        "The last level is made of what the 3x3 convolution has not seen. Take it from the level that leaves the "
        "pyramid.": _arranged(lambda levels, coarsest: [*levels, coarsest[..., ::2, ::2]]),
        "The convolutions of the pyramid have a bias: no normalisation follows them.": _NoBias,
    },
    hints=(
        "What exactly is handed down from one level to the next finer one?",
        "A 1x1 and a 3x3 convolution for each level, in an nn.ModuleList. From the coarsest down: lateral, plus the "
        "enlarged merged map from above; smooth what leaves. At last the extra level.",
        "Go through the list from its end, with the merged map of the last round in a variable; at the coarsest level "
        "the lateral alone is the merged map. Enlarge to the size of the lateral, `x.shape[-2:]`, and add. The extra "
        "level takes every second row and column of the coarsest level that leaves.",
    ),
)
