"""Figures of lesson 05: maps that shrink, windows that step, fields that grow, and what backbones are made of."""

from collections.abc import Callable

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Rectangle

from course_utils.plots.scenes import draw_box, draw_photo
from course_utils.plots.style import INK, MUTED, RIGHT, WRONG, hide_axes, new_figure, show
from course_utils.translation.say import _


def shrinking_maps(photo: np.ndarray, maps: dict[str, np.ndarray]) -> None:
    """A photo, and one channel ``(h, w)`` of each map drawn equally large, so that its pixels can be seen growing."""
    figure, axes = new_figure(1, 1 + len(maps), width=10.2, height=2.6)
    draw_photo(axes[0, 0], photo, _("Photo: {height} x {width}").format(height=photo.shape[0], width=photo.shape[1]))
    for panel, (name, channel) in zip(axes[0, 1:], maps.items(), strict=True):
        low, high = np.quantile(channel, [0.01, 0.99])
        panel.imshow(channel, cmap="magma", vmin=low, vmax=high)
        panel.set_title(f"{name}: {channel.shape[0]} x {channel.shape[1]}")
        hide_axes(panel)
    show(figure, _("A plate, and one channel of each stage's map: from stage to stage the pixels double in size."))


def window_steps(size: int, kernel: int, stride: int, padding: int) -> None:
    """One row of pixels, padded, and below it every place where the kernel stands."""
    figure, axes = new_figure(1, 1, width=7.6, height=2.6)
    panel = axes[0, 0]
    for x in range(-padding, size + padding):
        inside = 0 <= x < size
        face, style = ("#E7E7E7", "-") if inside else ("white", ":")
        panel.add_patch(Rectangle((x, 0), 1, 0.8, facecolor=face, edgecolor=MUTED, linestyle=style))
        panel.text(x + 0.5, 0.4, str(x) if inside else "0", ha="center", va="center", color=INK if inside else MUTED)
    starts = range(-padding, size + padding - kernel + 1, stride)
    for number, x in enumerate(starts):
        y = -0.75 - 0.62 * number
        panel.add_patch(Rectangle((x, y), kernel, 0.42, facecolor=RIGHT, alpha=0.75))
        panel.text(
            x + kernel / 2,
            y + 0.2,
            _("output {number}").format(number=number),
            ha="center",
            va="center",
            color="white",
            fontsize=8.5,
        )
    panel.set(xlim=(-padding - 0.2, size + padding + 0.2), ylim=(-0.9 - 0.62 * len(starts) + 0.4, 1))
    panel.set_title(
        _("{size} pixels, padding {padding}: a kernel of {kernel} that steps by {stride} fits {windows} times").format(
            size=size, padding=padding, kernel=kernel, stride=stride, windows=len(starts)
        )
    )
    hide_axes(panel)
    show(
        figure,
        _(
            "A row of {size} pixels with {padding} zero at each end, and {windows} windows of {kernel} pixels, "
            "each {stride} further than the last."
        ).format(size=size, padding=padding, windows=len(starts), kernel=kernel, stride=stride),
    )


def cone(*stacks: list[tuple[int, int]], field_of: Callable[[list[tuple[int, int]]], int]) -> None:
    """Stacks of two layers (kernel, stride), from the side: one cell on top, and the cells and pixels that it reads.

    ``field_of`` says for a stack how many pixels that is.
    """
    figure, axes = new_figure(1, len(stacks), width=8.6, height=2.9)
    for panel, stack in zip(axes[0], stacks, strict=True):
        (kernel, stride), (reads, _stride) = stack
        starts = [stride * cell for cell in range(reads)]
        width = starts[-1] + kernel
        middle = width / 2 - 0.5
        for pixel in range(-1, width + 1):
            _cell(panel, pixel, 0, "#E7E7E7" if 0 <= pixel < width else "white")
        for start in starts:
            centre = start + (kernel - 1) / 2
            for pixel in range(start, start + kernel):
                panel.plot([centre, pixel], [1.5, 0.42], color=MUTED, linewidth=1)
            panel.plot([middle, centre], [3.0, 1.92], color=RIGHT, linewidth=1.6)
            _cell(panel, centre, 1.5, "#B9DFD2")
        _cell(panel, middle, 3.0, RIGHT)
        for y, words in ((0, _("photo")), (1.5, _("layer 1")), (3.0, _("layer 2"))):
            panel.text(-2.0, y + 0.21, words, ha="right", va="center", fontsize=9)
        panel.set(
            xlim=(-4.4, 9),
            ylim=(-0.3, 3.7),
            title=_("Strides {stride} and 1: sees {field} pixels").format(stride=stride, field=field_of(stack)),
        )
        hide_axes(panel)
    show(
        figure,
        _(
            "Two stacks of two layers from the side. A cell of layer 2 reads three of layer 1, each of which reads "
            "three pixels. With a first stride of 2 those lie further apart, and the cell sees more pixels."
        ),
    )


def _cell(axes: Axes, x: float, y: float, colour: str) -> None:
    axes.add_patch(Rectangle((x - 0.42, y), 0.84, 0.42, facecolor=colour, edgecolor=INK, linewidth=0.8, zorder=3))


def influence(photo: np.ndarray, seen: dict[str, np.ndarray], fields: dict[str, int], centre: int) -> None:
    """How strongly each pixel acts on one cell of each map, and the square that arithmetic gives.

    Args:
        photo: ``(H, W, 3) uint8``. seen: for each map ``(H, W)``, 0 where a pixel has no influence.
        fields: side of the receptive field of each map. centre: row and column of the field's middle.
    """
    figure, axes = new_figure(1, len(seen), width=10.2, height=3.0)
    for panel, (name, strength) in zip(axes[0], seen.items(), strict=True):
        draw_photo(panel, photo // 2 + 110, _("{name} sees {side} x {side}").format(name=name, side=fields[name]))
        layer = np.zeros((*strength.shape, 4))
        layer[...] = (0.84, 0.37, 0.0, 0)
        layer[..., 3] = 0.9 * np.sqrt(np.minimum(strength / np.quantile(strength[strength > 0], 0.995), 1))
        panel.imshow(layer)
        half = (fields[name] - 1) / 2
        draw_box(panel, np.array([centre - half, centre - half, centre + half + 1, centre + half + 1]), INK, 1.8)
        panel.set(xlim=(-0.5, photo.shape[1] - 0.5), ylim=(photo.shape[0] - 0.5, -0.5))
    show(
        figure,
        _(
            "One plate four times: the pixels that act on the middle cell of C2, C3, C4 and C5 in orange, within a "
            "square that grows until it is larger than the photo. The influence is strongest in the middle."
        ),
    )


def learning_curves(curves: dict[str, list[float]]) -> None:
    """Training loss of several networks, step by step; names end with what they have in common."""
    figure, axes = new_figure(1, 1, width=6.8, height=3.4)
    colours = {name: RIGHT if "shortcuts" in name else WRONG for name in curves}
    widths = {name: 1.4 if k % 2 == 0 else 2.8 for k, name in enumerate(curves)}
    sns.lineplot(curves, palette=colours, size=None, dashes=False, ax=axes[0, 0])
    for line, name in zip(axes[0, 0].lines, curves, strict=False):
        line.set_linewidth(widths[name])
    axes[0, 0].set(xlabel=_("training step"), ylabel=_("loss (log scale)"), yscale="log")
    axes[0, 0].set_title(_("Plain, depth slows learning down; with shortcuts it helps"))
    axes[0, 0].legend(axes[0, 0].lines[: len(curves)], list(curves), fontsize=9)
    show(
        figure,
        _(
            "Falling training losses: of the two plain networks the deep one is slower at first; of the two with "
            "shortcuts the deep one is faster, and both are far below the plain ones."
        ),
    )


def _draw_block(axes: Axes, title: str, layers: list[str]) -> None:
    """Boxes from top to bottom with what follows each of them, and an arrow around them into a plus sign."""
    axes.set(xlim=(-1.15, 1.65), ylim=(-1.5, 4.5), title=title)
    hide_axes(axes)
    tops = np.linspace(3.5, 1.3, len(layers))
    axes.add_patch(_arrow((0, 4.45), (0, tops[0] + 0.33)))
    ends = [*(y + 0.33 for y in tops[1:]), 0.02]
    for k, (words, y, end) in enumerate(zip(layers, tops, ends, strict=True)):
        axes.add_patch(Rectangle((-1.05, y - 0.33), 2.1, 0.66, facecolor="#EDEDED", edgecolor=MUTED))
        axes.text(0, y, words, ha="center", va="center", fontsize=9)
        axes.add_patch(_arrow((0, y - 0.33), (0, end)))
        after = _("norm, ReLU") if k < len(layers) - 1 else _("norm")
        axes.text(-0.1, (y - 0.33 + end) / 2, after, ha="right", va="center", fontsize=8, color=INK)
    axes.text(0, -0.18, "+", ha="center", va="center", fontsize=13, bbox={"boxstyle": "circle", "facecolor": "white"})
    axes.plot([0, 1.35, 1.35], [4.2, 4.2, -0.18], color=RIGHT, linewidth=2.2)
    axes.add_patch(_arrow((1.37, -0.18), (0.22, -0.18), RIGHT, 2.2))
    axes.text(1.4, 2.0, _("shortcut"), rotation=90, va="center", fontsize=8.5, color=RIGHT)
    axes.add_patch(_arrow((0, -0.42), (0, -1.4)))
    axes.text(-0.1, -0.85, "ReLU", ha="right", va="center", fontsize=8, color=INK)


def _arrow(
    start: tuple[float, float], end: tuple[float, float], colour: str = INK, width: float = 1.3
) -> FancyArrowPatch:
    return FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=11, color=colour, linewidth=width)


def blocks() -> None:
    """The basic block, the bottleneck and ResNeXt's block beside each other."""
    figure, axes = new_figure(1, 3, width=9.6, height=4.6)
    _draw_block(axes[0, 0], _("Basic block (ResNet-18)"), [_("3x3, 64 to 64"), _("3x3, 64 to 64")])
    _draw_block(
        axes[0, 1], _("Bottleneck (ResNet-50, 101)"), [_("1x1, 256 to 64"), _("3x3, 64 to 64"), _("1x1, 64 to 256")]
    )
    _draw_block(
        axes[0, 2],
        _("ResNeXt's block (32x4d)"),
        [_("1x1, 256 to 128"), _("3x3, 128 to 128\nin 32 groups of 4"), _("1x1, 128 to 256")],
    )
    show(
        figure,
        _(
            "Three blocks, each with a shortcut around its layers, a batch norm behind every convolution, ReLUs "
            "between them and after the sum: two 3x3 convolutions; 1x1, 3x3, 1x1 with a narrow middle; and the "
            "same with a middle twice as wide, in 32 groups."
        ),
    )


def connections(channels: int, groups: int) -> None:
    """Which input channels each output channel of a convolution reads, without groups and with."""
    figure, axes = new_figure(1, 2, width=6.6, height=3.3)
    for panel, count in zip(axes[0], (1, groups), strict=True):
        width = channels // count
        reads = np.kron(np.eye(count), np.ones((width, width)))
        panel.imshow(np.where(reads, 0.35, 0.96), cmap="gray", vmin=0, vmax=1)
        panel.set_xticks(np.arange(-0.5, channels), minor=True)
        panel.set_yticks(np.arange(-0.5, channels), minor=True)
        panel.grid(which="minor", color="white", linewidth=1.5)
        panel.tick_params(which="both", length=0, labelleft=False, labelbottom=False)
        panel.set(xlabel=_("channels in"), ylabel=_("channels out"))
        panel.set_title(
            _("One group: {kernels} kernels").format(kernels=int(reads.sum()))
            if count == 1
            else _("{count} groups: {kernels} kernels").format(count=count, kernels=int(reads.sum()))
        )
    show(
        figure,
        _(
            "Two squares of {channels} by {channels}: without groups every output reads every input; with {groups} "
            "groups only the blocks along the diagonal are filled."
        ).format(channels=channels, groups=groups),
    )


def block_costs(costs: dict[str, list[int]], names: list[str]) -> None:
    """Weights of the convolutions of several blocks, stacked in one bar each."""
    names = [_(name) for name in names]
    figure, axes = new_figure(1, 1, width=7.6, height=2.2 + 0.25 * len(costs))
    shades = ("#5B5B5B", WRONG, "#A9A9A9")
    for row, weights in enumerate(costs.values()):
        left = 0
        for words, count, colour in zip(names, weights, shades, strict=True):
            axes[0, 0].barh(row, count, left=left, color=colour, label=words if row == 0 else None)
            left += count
        axes[0, 0].text(left, row, f" {left:,}", va="center")
    axes[0, 0].set(xlabel=_("weights"), xlim=(0, 1.2 * max(sum(weights) for weights in costs.values())))
    axes[0, 0].set_yticks(range(len(costs)), list(costs))
    axes[0, 0].invert_yaxis()
    axes[0, 0].set_title(_("What groups save at the 3x3 pays for twice the width"))
    axes[0, 0].legend(ncols=len(names), loc="upper left", bbox_to_anchor=(0, -0.32))
    totals = ", ".join(f"{name}: {sum(weights):,}" for name, weights in costs.items())
    show(figure, _("Weights of one block by convolution. {totals}.").format(totals=totals))
