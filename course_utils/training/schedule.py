"""The optimiser, its learning rate over time, and the moving average of the weights."""

import copy
import math
from typing import Generic, TypeVar

import torch
from torch import nn

from course_utils.training.settings import TrainSettings


def learning_rate(step: int, settings: TrainSettings) -> float:
    """Learning rate of a step (from 0): a linear rise, a flat stretch, then half a cosine down to zero."""
    rise = min(1.0, (step + 1) / max(settings.warmup, 1))
    start = settings.flat * settings.steps
    if step <= start:
        return settings.learning_rate * rise
    fallen = (step - start) / (settings.steps - start)
    return settings.learning_rate * rise * 0.5 * (1 + math.cos(math.pi * fallen))


def make_optimiser(model: nn.Module, settings: TrainSettings) -> torch.optim.Optimizer:
    """AdamW (Loshchilov and Hutter 2019). Norms and biases, all of them vectors, are not decayed."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.dim() > 1], "weight_decay": settings.weight_decay},
        {"params": [p for p in parameters if p.dim() <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, settings.learning_rate, fused=True)


Model = TypeVar("Model", bound=nn.Module)


class Average(Generic[Model]):
    """An exponential moving average of a model's weights: steadier, and mostly better, than the last weights."""

    def __init__(self, model: Model, decay: float):
        """``decay``: share of the old average that each step keeps; 0 copies the model."""
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Take in the weights after a step (from 0). Early on less is kept, or the random start would linger."""
        decay = min(self.decay, (1 + step) / (10 + step))
        for mean, value in zip(self.model.state_dict().values(), model.state_dict().values(), strict=True):
            if mean.is_floating_point():
                mean.lerp_(value, 1 - decay)
            else:
                mean.copy_(value)
