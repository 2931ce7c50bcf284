"""Averaging the weights of two trainings that began alike: often as good at home as the one, abroad as the other."""

import json
from pathlib import Path

import safetensors

from course_utils.errors import CourseError
from course_utils.mask_rcnn.model import MaskRCNN
from course_utils.mask_rcnn.shipped import load_model, save_model


def blend(one: Path, other: Path, share: float, out: Path) -> MaskRCNN:
    """Write the weighted mean of two models' weights, and return that model in evaluation mode.

    A model that goes on to learn another world forgets some of the first. Where it has not gone far, the weights on the
    straight line between before and after are good ones, too (Wortsman et al. 2022, "Robust fine-tuning of zero-shot
    models", equation 1). Running means of batch norms are averaged like weights; counters are those of ``other``.

    Args:
        one: a file of `save_model`. other: another one, as a rule of a run that went on from ``one``.
        share: of ``other``, 0 to 1. out: where to write; ends in ".safetensors".

    Raises:
        CourseError: a file cannot be read, the two models are not built alike, or the share is no share.
    """
    if not 0 <= share <= 1:
        raise CourseError(f"share is {share}; it must lie between 0 and 1")
    mean, second = load_model(one), load_model(other)
    recipes = [_recipe(path) for path in (one, other)]
    if recipes[0] != recipes[1]:
        raise CourseError(f"{other}: is not built like {one}, so their weights cannot be averaged")
    there = second.state_dict()
    mixed = {
        name: value * (1 - share) + there[name] * share if value.is_floating_point() else there[name]
        for name, value in mean.state_dict().items()
    }
    mean.load_state_dict(mixed)
    save_model(mean, out, recipes[0]["profile"], recipes[0]["size"], mean.names)
    return mean


def _recipe(path: Path) -> dict:
    with safetensors.safe_open(path, "pt") as file:
        return {"visible": False} | json.loads(file.metadata()["recipe"])
