"""Masks drawn in characters, side by side, as much of them as a card has room for."""

import re

import numpy as np

from course_utils.translation.say import N_, _

_ROWS, _WIDTH = 5, 96  # of a drawing
_MOST = 6  # masks beside each other
_ONE, _STACK_OF_ONE, _STACK = (
    N_("{height} x {width} mask"),
    N_("1 mask of {height} x {width}"),
    N_("{count} masks of {height} x {width}"),
)


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
    template = _ONE if masks.ndim == 2 else _STACK_OF_ONE if len(masks) == 1 else _STACK
    title = _(template).format(height=height, width=width, count=len(masks))
    parts = []
    if masks.ndim == 3 and count < len(masks):
        shown = _("mask {first}") if count == 1 else _("masks {first} to {last}")
        parts.append(shown.format(first=first, last=first + count - 1))
    if rows != slice(0, height):
        parts.append(_("rows {first} to {last}").format(first=rows.start, last=rows.stop - 1))
    if columns != slice(0, width):
        parts.append(_("columns {first} to {last}").format(first=columns.start, last=columns.stop - 1))
    return f"{title}, {', '.join(parts)}" if parts else title


def title_pattern() -> re.Pattern:
    """What finds the title of a drawing at the end of a line; its group is the title without the part that is drawn."""
    titles = (re.sub(r"\\{\w+\\}", r"\\d+", re.escape(_(each))) for each in (_ONE, _STACK_OF_ONE, _STACK))
    return re.compile(rf"({'|'.join(titles)})(?:, .*)?$")
