"""Figures of lesson 06 with numbers to follow: maps enlarged, mixed and merged."""

import numpy as np
from matplotlib.axes import Axes

from course_utils.dataset.scene import Instance
from course_utils.plots.given import named
from course_utils.plots.scenes import draw_outline
from course_utils.plots.style import class_colour, hide_axes, new_figure, show
from course_utils.translation.say import _


def _numbers(axes: Axes, grid: np.ndarray, title: str, top: float | None = None) -> None:
    """A small map with its numbers written on it."""
    high = grid.max() if top is None else top
    axes.imshow(grid, cmap="Greys", vmin=min(0, grid.min()), vmax=2.2 * max(high, 1))
    for (row, column), value in np.ndenumerate(grid):
        words = f"{value:.2f}".rstrip("0").rstrip(".")
        axes.text(column, row, words, ha="center", va="center", fontsize=10)
    axes.set_title(title)
    hide_axes(axes)


def enlargements(maps: dict[str, np.ndarray]) -> None:
    """A small map and what different ways of enlarging make of it, by title."""
    maps = named(maps)
    figure, axes = new_figure(1, len(maps), width=2.3 * len(maps), height=2.6)
    for panel, (title, grid) in zip(axes[0], maps.items(), strict=True):
        _numbers(panel, grid, title, top=max(m.max() for m in maps.values()))
    show(figure, _("Small maps with their numbers: {titles}.").format(titles="; ".join(maps)))


def enlarged(photo: np.ndarray, piece: Instance, before: np.ndarray, after: np.ndarray) -> None:
    """A map of three channels ``(3, h, w)``, colours 0 to 255, before and after it is enlarged, around a piece."""
    figure, axes = new_figure(1, 3, width=8.4, height=3.1)
    titles = (
        _("The photo"),
        _("{rows} x {columns} cells").format(rows=before.shape[1], columns=before.shape[2]),
        _("{rows} x {columns} cells, enlarged").format(rows=after.shape[1], columns=after.shape[2]),
    )
    left, top = np.clip((piece.box[:2] + piece.box[2:]) / 2 - 64, 0, np.array(photo.shape[1::-1]) - 128)
    for panel, title, grid in zip(axes[0], titles, (photo, before, after), strict=True):
        colours = grid if grid is photo else grid.transpose(1, 2, 0).astype(np.uint8)
        panel.imshow(colours, extent=(-0.5, photo.shape[1] - 0.5, photo.shape[0] - 0.5, -0.5))
        if grid is not photo:
            step = photo.shape[0] / colours.shape[0]
            for line in np.arange(0, photo.shape[0], step) - 0.5:
                panel.axhline(line, color="white", linewidth=0.4)
                panel.axvline(line, color="white", linewidth=0.4)
        draw_outline(panel, piece.mask, "white", width=2.6)
        draw_outline(panel, piece.mask, class_colour(piece.label), width=1.4)
        panel.set(title=title, xlim=(left - 0.5, left + 127.5), ylim=(top + 127.5, top - 0.5))
        hide_axes(panel)
    show(
        figure,
        _(
            "A small {name} on the photo, on a map with the grid of C5, and on the same map enlarged to the grid "
            "of C2: there are more cells, but the picture is the same."
        ).format(name=piece.name),
    )


def mixed(channels: np.ndarray, mixture: np.ndarray, formula: str) -> None:
    """The three channels ``(3, h, w)`` of a photo, 0 to 1, and what a 1x1 convolution makes of them, ``(h, w)``."""
    formula = _(formula)
    figure, axes = new_figure(1, 4, width=10.2, height=2.9)
    titles = (_("Channel red"), _("Channel green"), _("Channel blue"))
    for panel, channel, title in zip(axes[0], channels, titles, strict=False):
        panel.imshow(channel, cmap="gray", vmin=0, vmax=1)
        panel.set_title(title)
    axes[0, 3].imshow(mixture, cmap="gray", vmin=0)
    axes[0, 3].set_title(formula)
    for panel in axes[0]:
        hide_axes(panel)
    show(
        figure,
        _(
            "A plate's red, green and blue channel, and {formula}: what is orange or brown is bright in it, what "
            "is white or green is dark."
        ).format(formula=formula),
    )


def toy_maps(fine: np.ndarray, coarse: np.ndarray) -> None:
    """The two maps of the toy, channel by channel."""
    figure, axes = new_figure(1, 4, width=9.2, height=2.7)
    for k in range(2):
        _numbers(axes[0, k], fine[k], f"fine[{k}]", top=4)
        _numbers(axes[0, 2 + k], coarse[k], f"coarse[{k}]", top=4)
    show(figure, _("Two channels of a fine map, 4 x 4, and two of a coarse map, 2 x 2, with their numbers."))


def toy_steps(side: np.ndarray, above: np.ndarray, enlarged: np.ndarray) -> None:
    """The merge of the toy, step by step."""
    figure, axes = new_figure(1, 4, width=9.6, height=2.8)
    grids = [above, enlarged, side, side + enlarged]
    titles = [_("Coarse, after its 1x1"), _("Enlarged"), _("+  fine, after its 1x1"), _("=  merged")]
    for panel, grid, title in zip(axes[0], grids, titles, strict=True):
        _numbers(panel, grid, title, top=(side + enlarged).max())
    show(
        figure,
        _("The coarse map of one channel, enlarged to 4 x 4, added to the fine map of one channel: the merged map."),
    )
