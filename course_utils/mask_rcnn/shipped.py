"""A trained model in one file: half-precision weights in safetensors, with what is needed to build the model again."""

import json
from pathlib import Path

import safetensors
import torch
from safetensors.torch import save

from course_utils.errors import CourseError
from course_utils.mask_rcnn.model import MaskRCNN
from course_utils.mask_rcnn.profiles import build
from course_utils.paths import data_dir

_UNREADABLE = (
    CourseError,
    KeyError,
    OSError,
    OverflowError,
    RuntimeError,
    TypeError,
    ValueError,
    safetensors.SafetensorError,
)
"""What a file that is no trained model ends in; its recipe may hold anything, or a profile that there is not."""


def course_model(name: str = "slim") -> MaskRCNN:
    """A model that comes with the course, trained on its plates; see `load_model`.

    Args:
        name: of a file in ``data/weights``, without its ending.

    Raises:
        CourseError: there is no such file, or it is damaged.
    """
    return load_model(data_dir() / "weights" / f"{name}.safetensors")


def save_model(model: MaskRCNN, path: Path, profile: str, size: int, names: tuple[str, ...]) -> None:
    """Write the weights as float16.

    Args:
        model: built by ``profiles.build(profile, len(names) + 1, size)``, with or without a visible branch.
        path: ends in ".safetensors".
        profile: its name. size: side of its images. names: of the classes, the background left out.

    Raises:
        OSError: the disk is full or refuses.
    """
    state = {
        key: (value.half() if value.is_floating_point() else value).cpu().contiguous()
        for key, value in model.state_dict().items()
    }
    recipe = {"profile": profile, "size": size, "names": list(names), "visible": model.has_visible_branch}
    # Not by safetensors' own `save_file`: a full disk would end in an error of its own kind there.
    path.write_bytes(save(state, metadata={"recipe": json.dumps(recipe)}))


def load_model(path: Path) -> MaskRCNN:
    """The model in evaluation mode, in float32; ``model.names`` are its classes without the background.

    Raises:
        CourseError: the file is missing, damaged, or not one of `save_model`'s.
    """
    try:
        with safetensors.safe_open(path, "pt") as file:
            recipe = json.loads((file.metadata() or {})["recipe"])
            state = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        with torch.device("meta"):
            profile, classes, size = recipe["profile"], len(recipe["names"]) + 1, recipe["size"]
            # Files older than the visible branch do not speak of it.
            model = build(profile, classes, size, recipe.get("visible", False))
        state = {key: value.float() if value.is_floating_point() else value for key, value in state.items()}
        model.load_state_dict(state, assign=True)
    except _UNREADABLE as error:
        reason = str(error).splitlines()[0]
        raise CourseError(f"{path}: cannot be read as a trained model of this course: {reason}") from error
    model.names = tuple(recipe["names"])
    return model.eval()


def take_weights(model: MaskRCNN, path: Path) -> list[str]:
    """Begin with the weights of a trained model, to train on or to learn other classes.

    Args:
        model: of the same profile; its number of classes may differ. A visible branch that the file does not have
            begins as a copy of the file's mask predictor.
        path: a file of `save_model`.

    Returns:
        Names of the weights of ``model`` that have no counterpart of their shape and stay as they are.

    Raises:
        CourseError: the file cannot be read, or its backbone is another one.
    """
    loaded = load_model(path)
    if model.has_visible_branch and not loaded.has_visible_branch:
        loaded.roi_heads.add_visible_branch()
    found, mine = loaded.state_dict(), model.state_dict()
    left = [name for name, value in mine.items() if name not in found or found[name].shape != value.shape]
    if any(name.startswith("backbone.") for name in left):
        raise CourseError(f"{path}: its backbone is not that of the model to be trained; choose the same profile")
    model.load_state_dict({name: found[name] for name in mine if name not in left}, strict=False)
    return left
