"""Wrong shapes are refused in plain words, where an answer hands them over, and not in the depth of a library."""

from collections.abc import Callable
from functools import reduce
from typing import Any

from torch import Tensor

from course_utils.exercises.running import Refused
from course_utils.exercises.sentences import Sentence

_WANTED = {
    "backbone": {"a batch": "1, 3, h, w"},
    "box_head": {"features": "R, C, 7, 7"},
    "candidates": {"logits": "R, C + 1"},
    "own_box": {"deltas": "K, C + 1, 4", "RoIs": "K, 4", "labels": "K"},
    "nms": {"boxes": "N, 4", "scores": "N", "labels": "N"},
    "mask_head": {"features": "D, C, 14, 14"},
    "own_mask": {"logits": "D, C + 1, 28, 28", "labels": "D"},
    "paste": {"masks": "D, 28, 28", "boxes": "D, 4"},
}
"""What parts of the whole model take, as the table of its lesson has it."""


def refuse_shapes(name: str, wanted: dict[str, str], *given: Any) -> None:
    """Raise a ValueError in plain words where something is not a tensor of the shape that is wanted.

    Args:
        name: of whoever wants it.
        wanted: what it is called, and its axes: a number, or a word for one that is as long wherever it stands.
    """
    sizes: dict[str, int] = {}
    pairs = zip(given, wanted.values(), strict=False)
    if len(given) != len(wanted) or not all(_fits(value, axes.split(", "), sizes) for value, axes in pairs):
        shapes = [f"{what} ({axes}{'' if ', ' in axes else ','})" for what, axes in wanted.items()]
        raise ValueError(f"{name} wants {_listed(shapes)}, and got {_listed(list(map(_shape, given)))}")


def _fits(value: Any, axes: list[str], sizes: dict[str, int]) -> bool:
    if not isinstance(value, Tensor) or value.dim() != len(axes):
        return False
    pairs = zip(axes, value.shape, strict=True)
    return all(length == (int(axis) if axis.isdigit() else sizes.setdefault(axis, length)) for axis, length in pairs)


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]])) or "nothing"


def _shape(value: Any) -> str:
    return str(tuple(value.shape)) if hasattr(value, "shape") else f"a {type(value).__name__}"


def careful_parts(parts: dict[str, Any]) -> dict[str, Any]:
    """The parts of a model, of which each says in plain words what it wants, rather than fail somewhere inside."""
    careful = {name: _careful(name, wanted, parts[name]) for name, wanted in _WANTED.items()}
    return {**parts, **careful, "proposals": _level_by_level(parts["proposals"])}


def _careful(name: str, wanted: dict[str, str], part: Callable[..., Any]) -> Callable[..., Any]:
    def call(*given: Any, **named: Any) -> Any:
        if not named:
            refuse_shapes(f"p.{name}", wanted, *given[: len(wanted)])
        return part(*given, **named)

    return call


def _level_by_level(proposals: Callable[..., Any]) -> Callable[..., Any]:
    wanted = {"objectness": "A", "deltas": "A, 4", "anchors": "A, 4"}

    def call(objectness: Any, deltas: Any, anchors: Any, size: Any) -> Any:
        if not all(isinstance(each, list | tuple) for each in (objectness, deltas, anchors)):
            raise ValueError("p.proposals wants three lists, with an item for each level, and got something else")
        for level in zip(objectness, deltas, anchors, strict=False):
            refuse_shapes("of each level p.proposals", wanted, *level)
        return proposals(objectness, deltas, anchors, size)

    return call


def refuse_unlike_detections(found: Any, height: int, width: int) -> None:
    """Refuse what is no dictionary of detections of a photo, before it is compared.

    Raises:
        Refused: it is none; the words say why.
    """
    wanted = {"boxes": "D, 4", "labels": "D", "scores": "D", "masks": f"D, {height}, {width}"}
    if not isinstance(found, dict):
        words = Sentence(
            "a dictionary of {wanted} is asked for, and you give back a {kind}",
            wanted=", ".join(wanted),
            kind=type(found).__name__,
        )
        raise Refused(words)
    if missing := [key for key in wanted if key not in found]:
        listed = reduce(lambda some, key: Sentence("{some} and no {key}", some=some, key=key), missing)
        keys = ", ".join(map(str, found))
        words = Sentence("your dictionary has no {missing}; its keys are {found}", missing=listed, found=keys)
        raise Refused(words)
    try:
        refuse_shapes("whoever calls you", wanted, *(found[key] for key in wanted))
    except ValueError as reason:
        raise Refused(str(reason)) from None
