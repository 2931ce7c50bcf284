"""Small pictures for the card in a browser: masks as masks, boxes as boxes, what differs in colour."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from course_utils.exercises.text import Index, as_plain
from course_utils.translation.say import N_, _

_WIDTH = 170  # pixels of the page
_MOST_CELLS = 40  # rows and columns of a mask; of a larger one the part around the difference
_MOST = 4  # masks of a stack, boxes of an array
_PARTS = N_("rows {first} to {last}"), N_("columns {first} to {last}")
_WRONG, _RIGHT = "rgb(213,94,0)", "rgb(0,114,178)"
_BOXES = {"a", "b", "box", "boxes", "roi", "rois", "anchors", "cell"}


def pictures(inputs: dict[str, Any], right: Any, got: Any, around: Index | None) -> str:
    """The inputs and both results of a failing case as HTML; empty where there is nothing to draw.

    Args:
        inputs: the arguments by name. right, got: the results. around: an entry in which they differ.
    """
    inputs = {name: as_plain(value) for name, value in inputs.items()}
    right, got = as_plain(right), as_plain(got)
    drawn = [*_inputs(inputs, around), *_results(right, got, around), *_boxes(inputs, right, got)]
    figures = "".join(f'<figure style="margin:0">{svg}<figcaption>{name}</figcaption></figure>' for name, svg in drawn)
    return f'<div style="display:flex;flex-wrap:wrap;gap:1em;margin:.4em 0">{figures}</div>' if figures else ""


def _inputs(inputs: dict[str, Any], around: Index | None) -> Iterator[tuple[str, str]]:
    for name, value in inputs.items():
        yield from (
            (label + _part_words(mask, around), _mask(mask, mask, around)) for label, mask in _masks(name, value)
        )


def _results(right: Any, got: Any, around: Index | None) -> Iterator[tuple[str, str]]:
    if not (_is_mask(right) and _is_mask(got) and right.shape == got.shape):
        for name, value in ((_("expected"), right), (_("got"), got)):
            yield from ((label, _mask(mask, mask, None)) for label, mask in _masks(name, value))
    else:
        first = around[0] if around and right.ndim == 3 else 0
        right, got = (value[first] if value.ndim == 3 else value for value in (right, got))
        number = f" {first}" if around and len(around) == 3 else ""
        number += _part_words(right, around)
        yield f"{_('expected')}{number}", _mask(right, right, around)
        yield f"{_('got')}{number}", _mask(got, right, around)


def _masks(name: str, value: Any) -> Iterator[tuple[str, np.ndarray]]:
    if _is_mask(value):
        stack = value[:_MOST] if value.ndim == 3 else value[None]
        for number, mask in enumerate(stack):
            yield (f"{name}[{number}]" if value.ndim == 3 else name), mask


def _is_mask(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == bool and value.ndim in (2, 3) and value.size > 0


def _mask(mask: np.ndarray, right: np.ndarray, around: Index | None) -> str:
    """A mask in grey; what it has too much or too little beside the right one, in colour."""
    rows, columns = _parts(mask, around)
    mask, right = mask[rows, columns], right[rows, columns]
    layers = (
        ("currentColor", 0.65, mask & right),
        (_WRONG, 1, mask & ~right),
        (_WRONG, 0.35, ~mask & right),
    )
    paths = "".join(
        f'<path fill="{colour}" fill-opacity="{opacity}" d="{_runs(cells)}"/>'
        for colour, opacity, cells in layers
        if cells.any()
    )
    return _svg(paths, 0, 0, mask.shape[1], mask.shape[0])


def _parts(mask: np.ndarray, around: Index | None) -> tuple[slice, slice]:
    """Rows and columns of a mask that are drawn."""
    row, column = around[-2:] if around and len(around) >= 2 else (0, 0)
    return _part(mask.shape[0], row), _part(mask.shape[1], column)


def _part_words(mask: np.ndarray, around: Index | None) -> str:
    """Which part of a large mask is drawn."""
    named = zip(_PARTS, _parts(mask, around), mask.shape, strict=True)
    drawn = [(words, part) for words, part, size in named if part != slice(0, size)]
    return "".join(f", {_(words).format(first=part.start, last=part.stop - 1)}" for words, part in drawn)


def _part(length: int, place: int) -> slice:
    start = max(0, min(place - _MOST_CELLS // 2, length - _MOST_CELLS))
    return slice(start, min(start + _MOST_CELLS, length))


def _runs(cells: np.ndarray) -> str:
    """A path around the True cells, run by run in each row."""
    path = []
    for y, row in enumerate(cells):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(int), [0]])))
        path += [f"M{x1},{y}h{x2 - x1}v1h{x1 - x2}z" for x1, x2 in edges.reshape(-1, 2)]
    return "".join(path)


def _boxes(inputs: dict[str, Any], right: Any, got: Any) -> Iterator[tuple[str, str]]:
    """All boxes of a case in one picture: inputs grey, the right result dashed blue, the learner's in orange.

    Where they are boxes of a mask that is not too large, they are drawn upon it.
    """
    drawn = [(box, "currentColor", "") for name, value in inputs.items() if name in _BOXES for box in _as_boxes(value)]
    masks = [value for value in inputs.values() if _is_mask(value)]
    if masks or drawn:
        both = [
            (got, _WRONG, ""),
            (right, _RIGHT, ' stroke-dasharray="4 3"'),
        ]  # between the dashes one sees what is below
        drawn += [(box, colour, dashes) for value, colour, dashes in both for box in _as_boxes(value)]
    if len(drawn) < 2:
        return
    corners, below = np.array([box for box, *_look in drawn]), ""
    if masks and max(masks[0].shape[-2:]) <= _MOST_CELLS:
        mask = masks[0].reshape(-1, *masks[0].shape[-2:]).any(axis=0)
        corners = np.concatenate([corners, [[0, 0, *mask.shape[::-1]]]])
        below = f'<path fill="currentColor" fill-opacity="0.35" d="{_runs(mask)}"/>'
    (x, y), (width, height) = corners[:, :2].min(0), np.ptp(np.concatenate([corners[:, :2], corners[:, 2:]]), axis=0)
    rectangles = "".join(
        f'<rect x="{x1:.6g}" y="{y1:.6g}" width="{x2 - x1:.6g}" height="{y2 - y1:.6g}" fill="none" stroke="{colour}"'
        f' stroke-width="2" vector-effect="non-scaling-stroke"{dashes}/>'
        for (x1, y1, x2, y2), colour, dashes in drawn
    )
    results = [colour for _box, colour, _dashes in drawn if colour != "currentColor"]
    yield (
        _("boxes: expected dashed blue, got orange") if results else _("boxes"),
        _svg(below + rectangles, float(x), float(y), float(width), float(height)),
    )


def _as_boxes(value: Any) -> list[np.ndarray]:
    """The boxes that a value holds, if it holds nothing else and not too many."""
    try:
        boxes = np.asarray(value, dtype=float).reshape(-1, 4)
    except (TypeError, ValueError):
        return []
    sound = np.isfinite(boxes).all() and (boxes[:, 2:] >= boxes[:, :2]).all() and (np.abs(boxes) < 1e5).all()
    return (
        list(boxes) if np.ndim(value) in (1, 2) and np.shape(value)[-1] == 4 and len(boxes) <= _MOST and sound else []
    )


def _svg(content: str, x: float, y: float, width: float, height: float) -> str:
    scale = min(_WIDTH / max(width, height, 1e-9), 14.0)
    return (
        f'<svg width="{width * scale + 4:.0f}" height="{height * scale + 4:.0f}" aria-hidden="true" '
        f'viewBox="{x:.6g} {y:.6g} {max(width, 1e-9):.6g} {max(height, 1e-9):.6g}" '
        f'style="background:rgba(127,127,127,.15);overflow:visible">{content}</svg>'
    )
