"""Figures of lesson 08: RoIPool's rounding, interpolation between pixels, sampling points, and what rounding costs."""

from collections.abc import Mapping, Sequence

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils.dataset.scene import Scene
from course_utils.plots.scenes import draw_box, draw_outline, draw_photo
from course_utils.plots.style import INK, RIGHT, WRONG, hide_axes, new_figure, show
from course_utils.translation.say import N_, _

_SIZES = (N_("small"), N_("middle"), N_("large"))
_FOUR = ("#56B4E9", "#E69F00", "#CC79A7", "#009E73")


def same_size(photo: np.ndarray, boxes: np.ndarray, resampled: np.ndarray) -> None:
    """Pieces cut out in their own sizes, and the same pieces in one size: ``resampled`` is ``(N, S, S, 3)``."""
    figure, axes = new_figure(2, len(boxes), width=2.1 * len(boxes), height=4.6)
    largest = (boxes[:, 2:] - boxes[:, :2]).max()
    for k, (x1, y1, x2, y2) in enumerate(np.round(boxes).astype(int)):
        draw_photo(
            axes[0, k], photo[y1:y2, x1:x2], _("{width} x {height} pixels").format(width=x2 - x1, height=y2 - y1)
        )
        axes[0, k].set(xlim=(-0.5, largest), ylim=(largest, -0.5))
        draw_photo(
            axes[1, k],
            np.clip(resampled[k], 0, 1),
            _("{width} x {height} values").format(width=resampled.shape[2], height=resampled.shape[1]),
        )
    show(
        figure,
        _("Pieces of different sizes and shapes, and below each the same piece read off at equally many points."),
    )


def snapped(scene: Scene, box: np.ndarray, rounded: np.ndarray, stride: int) -> None:
    """A box in the photo with the cells of the map, and where RoIPool's first rounding puts it."""
    figure, axes = new_figure(1, 2, width=8.6, height=4.4)
    low = np.floor(np.minimum(box, rounded)[:2] / stride - 1) * stride
    high = np.ceil(np.maximum(box, rounded)[2:] / stride + 1) * stride
    draw_photo(axes[0, 0], scene.image, _("The box of the piece"))
    moved = np.abs(rounded - box).max()
    draw_photo(axes[0, 1], scene.image, _("RoIPool's box: one side is off by {moved:.0f} pixels").format(moved=moved))
    for panel in axes[0]:
        _draw_cells(panel, low, high, stride)
        panel.set(xlim=(low[0] - 0.5, high[0] - 0.5), ylim=(high[1] - 0.5, low[1] - 0.5))
        draw_box(panel, box, RIGHT, 2.8)
    draw_box(axes[0, 1], rounded, WRONG, 2.8, "--")
    show(
        figure,
        _(
            "A box drawn over cells of {stride} pixels, and dashed the box of whole cells that RoIPool makes of it."
        ).format(stride=stride),
    )


def _draw_cells(axes: Axes, low: np.ndarray, high: np.ndarray, stride: int) -> None:
    for x in np.arange(low[0], high[0] + 1, stride):
        axes.axvline(x - 0.5, color="white", linewidth=0.7)
    for y in np.arange(low[1], high[1] + 1, stride):
        axes.axhline(y - 0.5, color="white", linewidth=0.7)


def whole_cell_bins(cells: int, bins: int) -> None:
    """RoIPool's second rounding along one axis: bins of equal width, and the whole cells each one takes."""
    figure, axes = new_figure(1, 1, width=6.8, height=2.1)
    panel = axes[0, 0]
    for cell in range(cells):
        _bar(panel, cell, cell + 1, 1.3, "#E4E4E4", _("cell {cell}").format(cell=cell))
    for k in range(bins):
        start, end = k * cells / bins, (k + 1) * cells / bins
        _bar(panel, start, end, 0.8, RIGHT, _("bin {k}").format(k=k))
        _bar(panel, np.floor(start), np.ceil(end), 0.3 - 0.4 * k, WRONG, _("bin {k} of RoIPool").format(k=k))
    panel.set(xlim=(-0.1, cells + 0.1), ylim=(0.25 - 0.4 * (bins - 1), 1.7))
    panel.set_title(
        _("{cells} cells for {bins} bins: equal bins end within cells, RoIPool's overlap").format(
            cells=cells, bins=bins
        )
    )
    panel.axis("off")
    show(
        figure,
        _("{cells} cells shared out to {bins} bins: equal bins end within cells, bins of whole cells overlap.").format(
            cells=cells, bins=bins
        ),
    )


def _bar(axes: Axes, start: float, end: float, bottom: float, colour: str, words: str) -> None:
    axes.add_patch(Rectangle((start, bottom), end - start, 0.36, facecolor=colour, edgecolor="white", linewidth=2))
    ink = INK if colour.startswith("#E4") else "white"
    axes.text((start + end) / 2, bottom + 0.17, words, ha="center", va="center", fontsize=8, color=ink)


def four_pixels(values: np.ndarray, dy: float, dx: float) -> None:
    """A point between four pixel centres, and the rectangles whose areas are the four weights."""
    figure, axes = new_figure(1, 1, width=4.6, height=4.2)
    panel = axes[0, 0]
    corners = [(0, 0), (0, 1), (1, 0), (1, 1)]
    for (row, column), colour in zip(corners, _FOUR, strict=True):
        # A pixel's weight is the rectangle between the point and the corner opposite to the pixel.
        weight = (dy if row else 1 - dy) * (dx if column else 1 - dx)
        x, y = (0 if column else dx), (0 if row else dy)
        width, height = (dx if column else 1 - dx), (dy if row else 1 - dy)
        panel.add_patch(Rectangle((x, y), width, height, facecolor=colour, alpha=0.45))
        panel.text(x + width / 2, y + height / 2, f"{weight:.3g}", ha="center", va="center", fontsize=11)
        panel.plot(column, row, "o", color=colour, markersize=16, markeredgecolor=INK)
        panel.annotate(
            f"{values[row, column]:g}", (column, row), (26 * (2 * column - 1), 18 * (1 - 2 * row)),
            textcoords="offset points", ha="center", va="center", fontsize=13,
        )  # fmt: skip
    panel.plot(dx, dy, "o", color=INK, markersize=9)
    panel.set(xlim=(-0.35, 1.35), ylim=(1.3, -0.3), aspect="equal")
    panel.set_title(_("Each pixel weighs as much as the area of its colour"))
    panel.axis("off")
    show(
        figure,
        _("A point between four pixels; the weight of each is the area of the rectangle that lies opposite to it."),
    )


def sampling(feature: np.ndarray, box: np.ndarray, bins: int, rows: np.ndarray, columns: np.ndarray) -> None:
    """A box ``(4,)`` on a map ``(H, W)``, its bins, and the points, every row with every column, that are read."""
    figure, axes = new_figure(1, 1, width=5.6, height=5.0)
    panel = axes[0, 0]
    drawn = panel.imshow(feature, cmap="Greys", alpha=0.65)
    figure.colorbar(drawn, ax=panel, shrink=0.8, label=_("value of the map"))
    x1, y1, x2, y2 = box
    for edge in range(bins + 1):
        panel.plot([x1 + (x2 - x1) * edge / bins] * 2, [y1, y2], color=RIGHT, linewidth=2)
        panel.plot([x1, x2], [y1 + (y2 - y1) * edge / bins] * 2, color=RIGHT, linewidth=2)
    panel.plot(*np.meshgrid(columns, rows), "o", color=WRONG, markersize=4.5)
    panel.plot(*np.indices(feature.shape)[::-1], "+", color=INK, markersize=4, alpha=0.5)
    panel.set(xlim=(x1 - 1.5, x2 + 1.5), ylim=(y2 + 1.5, y1 - 1.5), xlabel=_("column of the map"), ylabel=_("row"))
    panel.set_title(_("The points do not ask where cells have their centres (+)"))
    show(figure, _("A box between the cells of a map, split into bins; in each bin four points that ignore the cells."))


def glide(shifts: np.ndarray, curves: Mapping[str, np.ndarray]) -> None:
    """The value of one bin while its box moves to the right; one line for each operation."""
    figure, axes = new_figure(1, 1, width=7.2, height=3.4)
    looks = ((WRONG, "-"), (RIGHT, "-"), ("#0072B2", "--"))
    for (name, values), (colour, line) in zip(curves.items(), looks, strict=True):
        axes[0, 0].plot(shifts, values, line, color=colour, linewidth=2, label=name)
    axes[0, 0].set(xlabel=_("the box moves to the right, pixels"), ylabel=_("value of the middle bin"))
    axes[0, 0].set_title(_("RoIPool stands still and jumps; RoIAlign glides"))
    axes[0, 0].legend(loc="best")
    show(
        figure,
        _("One bin's value while its box moves: steps for RoIPool, smooth lines for RoIAlign with mean or maximum."),
    )


def two_readings(
    feature: np.ndarray, box: np.ndarray, pooled: np.ndarray, aligned: np.ndarray, moved: int | None = None
) -> None:
    """A box on a map ``(H, W)``, box in cells, and what RoIPool and RoIAlign read from it.

    Args:
        moved: by how many pixels of the photo the box was moved, if it was.
    """
    title = _("The map and the box") if moved is None else _("Moved by {pixels} pixels").format(pixels=moved)
    figure, axes = new_figure(1, 3, width=8.6, height=3.1)
    looks = {"cmap": "magma", "vmin": feature.min(), "vmax": feature.max()}
    axes[0, 0].imshow(feature, **looks)
    x1, y1, x2, y2 = box
    axes[0, 0].add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, color="white", linewidth=2.2))
    for panel, values, name in zip(axes[0, 1:], (pooled, aligned), ("RoIPool", "RoIAlign"), strict=True):
        panel.imshow(values, **looks)
        panel.set_title(name)
    axes[0, 0].set_title(title)
    for panel in axes[0]:
        hide_axes(panel)
    show(figure, _("A box on a map and the bins that RoIPool and RoIAlign fill from it. {title}").format(title=title))


def laid_back(
    scene: Scene, truth: np.ndarray, aligned: np.ndarray, rounded: np.ndarray, scores: Sequence[float]
) -> None:
    """The mask of one piece, and what comes back through RoIAlign and through rounded boxes; with both IoUs."""
    figure, axes = new_figure(1, 2, width=7.6, height=4.0)
    rows, columns = np.nonzero(truth)
    for panel, mask, name, score in zip(
        axes[0], (aligned, rounded), ("RoIAlign", _("Rounded box")), scores, strict=True
    ):
        draw_photo(panel, scene.image, f"{name}: IoU {score:.2f}")
        draw_outline(panel, truth, "white", width=3)
        draw_outline(panel, truth, INK, width=1.2)
        draw_outline(panel, mask, RIGHT if name == "RoIAlign" else WRONG, width=2.4)
        panel.set(xlim=(columns.min() - 20, columns.max() + 20), ylim=(rows.max() + 20, rows.min() - 20))
    show(figure, _("The true outline of a piece, black, with the mask that comes back without and with rounding."))


def cost(strides: list[str], scores: np.ndarray, groups: np.ndarray, threshold: float) -> None:
    """Mean IoU and share above a threshold, of pieces by their group, with 95 % intervals.

    Args:
        strides: names of what boxes were rounded to.
        scores: IoUs ``(strides, pieces)``. groups: name of each piece's group ``(pieces,)``.
        threshold: an IoU.
    """
    figure, axes = new_figure(1, 2, width=8.8, height=3.4)
    pieces = {
        "stride": np.repeat(strides, scores.shape[1]),
        "piece": np.tile([_(str(group)) for group in groups], len(strides)),
    }
    look = {"x": "stride", "hue": "piece", "hue_order": [_(size) for size in _SIZES], "seed": 0, "dodge": 0.25}
    look |= {"palette": ["#1B2A6B", "#0072B2", "#56B4E9"], "markers": ["o", "s", "D"], "linewidth": 1.6}
    for panel, values in zip(axes[0], (scores, 100 * (scores >= threshold)), strict=True):
        sns.pointplot({**pieces, "value": values.ravel()}, y="value", ax=panel, **look)
        panel.set(xlabel=_("rounded to cells of so many pixels"))
    axes[0, 0].set(ylabel=_("mean IoU"), ylim=(0.4, 1), title=_("Rounding costs small pieces most"))
    axes[0, 1].set(
        ylabel="%", ylim=(0, 105), title=_("Share of masks with IoU of {threshold} or more").format(threshold=threshold)
    )
    axes[0, 0].legend(loc="lower left", title="")
    axes[0, 1].get_legend().remove()
    show(
        figure,
        _("The coarser the cells to which boxes are rounded, the worse the masks, and small pieces suffer first."),
    )
