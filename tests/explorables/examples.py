"""Every explorable once, on data of its own, as the HTML that it puts on the page."""

from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np

from course_utils.dataset import load
from course_utils.explorables.covering import covering
from course_utils.explorables.cut_off import cut_off
from course_utils.explorables.descent import descent
from course_utils.explorables.drawing import drawing
from course_utils.explorables.kinds import kinds
from course_utils.explorables.moved_box import moved_box
from course_utils.explorables.pooling import pooling
from course_utils.explorables.ranked import ranked_boxes, ranked_masks
from course_utils.explorables.receptive import receptive
from course_utils.explorables.ruler import ruler
from course_utils.explorables.sliding_kernel import sliding_kernel
from course_utils.explorables.suppression import suppression
from course_utils.explorables.threshold import threshold
from course_utils.explorables.top_down import top_down
from course_utils.explorables.two_shapes import two_shapes
from course_utils.explorables.walk import walk
from course_utils.plots.amodal import cover

RIGHT = np.array([1, 1, 0, 1, 0, 1, 1, 0], bool)
SCORES = np.array([0.95, 0.9, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4])


class Found:
    """What a model that knows the truth would return."""

    def __init__(self, label: int, mask: np.ndarray):
        self.labels, self.regions = np.array([label]), SimpleNamespace(masks=mask[None])

    def select(self, kept: np.ndarray) -> "Found":
        return self

    def __len__(self) -> int:
        return 1


def meal(diameter: float) -> Any:
    kcal = 200 * (diameter / 21) ** 2
    return SimpleNamespace(kcal=kcal, interval=(0.8 * kcal, 1.3 * kcal))


def calls() -> dict[str, Callable[[], None]]:
    """The name of each explorable -> a call that shows it."""
    scene = load("val")[0]
    gray = scene.image[..., 1]
    order = np.linspace(0.9, 0.3, len(scene.masks))
    coverings = [cover(scene, 0, 1, share) for share in (0, 0.3)]
    return {
        "threshold": lambda: threshold(gray, otsu=True),
        "nms": lambda: suppression(scene, scene.boxes.repeat(3, 0) + np.tile([0, 4, 8], len(scene.boxes))[:, None],
                                   np.tile([0.9, 0.8, 0.7], len(scene.boxes))),
        "roi": lambda: pooling(gray[::20, ::20].astype(float), np.array([70.0, 80, 170, 190]), 20),
        "deltas": lambda: moved_box(scene.image, scene.boxes[0]),
        "iou": lambda: two_shapes(scene.masks[0]),
        "cutoff": lambda: cut_off(RIGHT, SCORES, 6),
        "curve": lambda: walk(RIGHT, SCORES, 6),
        "outline": lambda: drawing(scene, 0),
        "kinds": lambda: kinds(scene),
        "field": lambda: receptive(scene.image, [("conv1", 7, 2), ("C2", 35, 4), ("C5", 427, 32)]),
        "pyramid": lambda: top_down([np.arange(16).reshape(4, 4), 100 * np.ones((2, 2), int)], ["P2", "P3"]),
        "ranked": lambda: ranked_masks(scene.image, scene.masks, order, [p.name for p in scene.instances],
                                       ["#D55E00"] * len(order), "How many?"),
        "ranked boxes": lambda: ranked_boxes(scene.image, scene.boxes, "How many?", 2),
        "diameter": lambda: ruler(scene, meal),
        "kernel": lambda: sliding_kernel(gray[:12, :12], {"edge": [[-1, 0, 1]] * 3, "mean": [[1] * 3] * 3}, (3, 4)),
        "descent": lambda: descent(np.linspace(-2, 2, 9), np.arange(9) > 5, (-1.0, 2.0)),
        "frames": lambda: covering(coverings, {"truth": lambda image: Found(coverings[0].label, coverings[0].whole)}),
    }  # fmt: skip


NAMES = tuple(sorted(("threshold", "nms", "roi", "deltas", "iou", "cutoff", "curve", "outline", "kinds", "field",
                      "pyramid", "ranked", "ranked boxes", "diameter", "kernel", "descent", "frames")))  # fmt: skip


@cache
def outputs(name: str) -> dict[str, str]:
    """What an explorable hands to the page: by MIME type."""
    with patch("course_utils.explorables.page.display") as display:
        calls()[name]()
    return display.call_args.args[0]
