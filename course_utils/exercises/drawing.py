"""Masks drawn in characters, side by side, as much of them as a card has room for."""

import numpy as np

_ROWS, _WIDTH = 5, 96  # of a drawing
_MOST = 6  # masks beside each other


def draw_masks(masks: np.ndarray, around: tuple[int, ...] | None = None) -> str:
    """A mask ``(H, W)``, or a stack ``(N, H, W)`` side by side: ``#`` for True, ``.`` for False.

    Args:
        masks: bool, not empty.
        around: the entry that matters. Of a stack its mask comes first; of a large mask the part around it is drawn.
    """
    stack = masks[None] if masks.ndim == 2 else masks
    around = around if around is not None and len(around) == masks.ndim else (0,) * masks.ndim
    first = around[0] if masks.ndim == 3 else 0
    rows, columns = _part(stack.shape[1], _ROWS, around[-2]), _part(stack.shape[2], _WIDTH, around[-1])
    drawn = ["".join("#" if pixel else "." for pixel in row) for row in stack[first][rows, columns]]
    count = 1
    for mask in stack[first + 1 : first + _MOST]:
        if len(drawn[0]) + 3 + len(range(stack.shape[2])[columns]) > _WIDTH:
            break
        count += 1
        drawn = [
            f"{line}   {''.join('#' if pixel else '.' for pixel in row)}"
            for line, row in zip(drawn, mask[rows, columns], strict=True)
        ]
    return "\n".join([_title(masks, first, count, rows, columns), *(f"  {line}" for line in drawn)])


def _part(length: int, room: int, place: int) -> slice:
    start = max(0, min(place - room // 2, length - room))
    return slice(start, min(start + room, length))


def _title(masks: np.ndarray, first: int, count: int, rows: slice, columns: slice) -> str:
    height, width = masks.shape[-2:]
    count_of = "1 mask" if len(masks) == 1 else f"{len(masks)} masks"
    title = f"{height} x {width} mask" if masks.ndim == 2 else f"{count_of} of {height} x {width}"
    parts = []
    if masks.ndim == 3 and count < len(masks):
        parts.append(f"mask {first}" if count == 1 else f"masks {first} to {first + count - 1}")
    if rows != slice(0, height):
        parts.append(f"rows {rows.start} to {rows.stop - 1}")
    if columns != slice(0, width):
        parts.append(f"columns {columns.start} to {columns.stop - 1}")
    return f"{title}, {', '.join(parts)}" if parts else title
