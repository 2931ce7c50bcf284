"""Every choice of a training run, in one place; ``course train`` has a flag for each."""

from dataclasses import dataclass, field
from typing import Any

from course_utils.errors import CourseError
from course_utils.mask_rcnn.settings import OFFLINE_PROFILE


def choice(default: Any, text: str) -> Any:
    """A field with the words that ``course train --help`` shows for it."""
    return field(default=default, metadata={"help": text})


SMALLEST_SIZE = 64
"""The coarsest map of a smaller photo is a single pixel: one photo alone gives a batch norm nothing to average over."""

_RANGES = {
    "learning_rate": (1e-12, 1e30),
    "clip": (1e-12, 1e38),
    "weight_decay": (0, 1e3),
    "flat": (0, 1),
    "average": (0, 1),
    "copy_paste": (0, 1),
}
"""Of the settings that are no whole numbers: wide, since an experiment may want to fail. NaN lies in no range."""


@dataclass(frozen=True)
class TrainSettings:
    """The defaults are the recipe of the course's own model.

    Raises:
        CourseError: a value that cannot work.
    """

    profile: str = choice("lite0", "Model, a name of course_utils.mask_rcnn.profiles.PROFILES.")
    truth: str = choice("amodal", "Masks to learn: amodal (whole pieces) or visible.")
    visible: bool = choice(False, "Beside the whole masks learn the visible ones, in a branch of their own.")
    scenario: str = choice("", "Learn only from photos of this scenario, say occluded; from all when empty.")
    size: int = choice(384, "Side in pixels that photos are scaled to.")
    steps: int = choice(8000, "Steps of the optimiser.")
    batch: int = choice(4, "Images a step, over all processes.")
    accumulate: int = choice(1, "Parts that each process does its share of a batch in, to save memory.")
    learning_rate: float = choice(7e-4, "Highest learning rate.")
    warmup: int = choice(40, "Steps over which the learning rate rises.")
    flat: float = choice(0.3, "Share of the steps before the learning rate falls.")
    weight_decay: float = choice(0.02, "Of the weights; norms and biases have none.")
    clip: float = choice(5.0, "Largest norm of the gradient.")
    average: float = choice(0.999, "Decay of the moving average of the weights; 0 for none.")
    copy_paste: float = choice(0.5, "Share of images that get pieces of another image laid on top.")
    augment: bool = choice(True, "Rotate, flip, scale and recolour.")
    bf16: bool = choice(True, "Compute in bfloat16, where that is safe and the device is built for it.")
    seed: int = choice(0, "Of the weights, the order, the augmentation and the sampling.")
    workers: int = choice(0, "Processes that prepare images, for each training process.")
    save_every: int = choice(100, "Steps between checkpoints.")
    evaluate_every: int = choice(1000, "Steps between evaluations; 0 for none but the last.")
    pretrained: bool | None = choice(
        None,
        "Published weights first: ImageNet's for lite0, which are installed with the course and its default; over the "
        "network COCO's for torchvision, ImageNet's for lite and resnet50 to resnext101.",
    )
    start: str = choice("", "Start from the weights of this file, an earlier run's weights.safetensors.")

    frozen: str = choice("", "Parts of the model that stay as they are, separated by commas, say backbone.body.")

    def __post_init__(self):
        """Refuse what cannot work before hours are spent on it."""
        for name, least in {"size": SMALLEST_SIZE, "steps": 1, "batch": 1, "accumulate": 1, "save_every": 1}.items():
            if getattr(self, name) < least:
                raise CourseError(f"{name} is {getattr(self, name)}; it must be at least {least}")
        for name in ("seed", "workers", "warmup", "evaluate_every"):
            if getattr(self, name) < 0:
                raise CourseError(f"{name} is {getattr(self, name)}; it cannot be negative")
        if self.seed >= 2**63:
            raise CourseError(f"seed is {self.seed}; it must be at most {2**63 - 1}")
        for name, (least, most) in _RANGES.items():
            if not least <= getattr(self, name) <= most:
                raise CourseError(f"{name} is {getattr(self, name)}; it must lie between {least:g} and {most:g}")
        if self.truth not in ("amodal", "visible"):
            raise CourseError(f'truth is "{self.truth}"; choose amodal or visible')
        if self.pretrained is None:
            object.__setattr__(self, "pretrained", self.profile == OFFLINE_PROFILE and not self.start)
        if self.visible and self.truth != "amodal":
            raise CourseError(f'a visible branch stands beside one for whole masks; truth is "{self.truth}"')
        if self.pretrained and self.start:
            raise CourseError(f"pretrained and start ({self.start}) are both weights to begin with; choose one of them")
        if self.batch % self.accumulate:
            raise CourseError(f"a batch of {self.batch} cannot be split into {self.accumulate} equal parts")
