"""Bars side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes


def grouped_bars(
    axes: Axes,
    groups: Mapping[str, Sequence[float] | np.ndarray],
    colours: Sequence[str],
    words: Sequence[str],
    number: str = "",
    lying: bool = False,
) -> None:
    """At each tick a bar of every group.

    Args:
        axes: to draw on; a legend is left to the caller.
        groups: name -> (N,) values, NaN where there is none.
        colours: of the groups.
        words: (N,) at the ticks.
        number: how the value is written at a bar's end, such as "{:.2f}"; not at all by default.
        lying: bars to the right, the first tick at the top, instead of bars upwards.
    """
    width = 0.8 / len(groups)
    draw = axes.barh if lying else axes.bar
    for k, ((name, values), colour) in enumerate(zip(groups.items(), colours, strict=True)):
        places = np.arange(len(words)) + width * (k - (len(groups) - 1) / 2)
        bars = draw(places, np.nan_to_num(values), 0.92 * width, color=colour, label=name)
        if number:
            axes.bar_label(bars, [number.format(value) for value in values], padding=2, fontsize=8)
    if number:
        axes.margins(x=0.14 if lying else None, y=None if lying else 0.14)
    if lying:
        axes.set_yticks(range(len(words)), words)
        axes.invert_yaxis()
    else:
        axes.set_xticks(range(len(words)), words)
