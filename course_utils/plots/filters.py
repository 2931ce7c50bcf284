"""Figures of lesson 03 on kernels: one that slides, what it leaves, and those that a trained network has."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from course_utils.plots.given import named
from course_utils.plots.scenes import draw_box, draw_photo
from course_utils.plots.style import INK, MISSED, WRONG, hide_axes, new_figure, show
from course_utils.translation.say import _

_AROUND = 8  # pixels of the photo shown on each side of a window
_SIGNED = LinearSegmentedColormap.from_list("signed", [WRONG, "white", MISSED])
"""Orange below 0, white, blue above: as in the kernel that one slides by hand."""


def one_window(gray: np.ndarray, kernel: np.ndarray, row: int, column: int) -> None:
    """What a kernel does at one place: the window, the kernel that lies on it, the products and their sum.

    Args:
        gray: ``(H, W)`` from 0 to 255. kernel: ``(h, w)`` of whole numbers. row, column: top left of the window.
    """
    height, width = kernel.shape
    window = np.round(gray[row : row + height, column : column + width]).astype(int)
    total = int((window * kernel).sum())
    figure, axes = new_figure(1, 4, width=10.2, height=2.9)
    _draw_surroundings(axes[0, 0], gray, (row, column), kernel.shape)
    _draw_numbers(axes[0, 1], window, _("The window"))
    _draw_numbers(axes[0, 2], kernel, _("times the kernel"), signed=True)
    _draw_numbers(axes[0, 3], window * kernel, _("Products; their sum is {total}").format(total=total), signed=True)
    show(
        figure,
        _(
            "A part of the photo with a square of {height} by {width} pixels; the grey values in it, {window}; the "
            "kernel, {kernel}; and their products, which add up to {total}."
        ).format(height=height, width=width, window=window.tolist(), kernel=kernel.tolist(), total=total),
    )


def _draw_surroundings(axes: Axes, gray: np.ndarray, corner: tuple[int, int], size: tuple[int, ...]) -> None:
    row, column = corner
    box = np.array([column, row, column + size[1], row + size[0]], dtype=float)
    axes.imshow(gray, cmap="gray", vmin=0, vmax=255)
    axes.set(title=_("The kernel lies here"))
    left, top, right, bottom = box + np.array([-_AROUND, -_AROUND, _AROUND, _AROUND]) - 0.5
    axes.set(xlim=(left, right), ylim=(bottom, top))
    draw_box(axes, box, WRONG, 2.5)
    hide_axes(axes)


def _draw_numbers(axes: Axes, numbers: np.ndarray, title: str, signed: bool = False) -> None:
    if signed:
        _draw_signed(axes, numbers, title, span=2.5 * np.abs(numbers).max())
    else:
        axes.imshow(numbers, cmap="gray", vmin=0, vmax=255)
        axes.set(title=title)
        hide_axes(axes)
    for (row, column), number in np.ndenumerate(numbers):
        ink = "white" if not signed and number < 120 else INK
        axes.text(column, row, str(number), ha="center", va="center", color=ink)


def signed_maps(photo: np.ndarray, maps: Mapping[str, np.ndarray]) -> None:
    """A photo ``(H, W)`` and maps of it by title, negative values orange, positive ones blue, 0 white."""
    figure, axes = new_figure(1, 1 + len(maps), width=2.5 * (1 + len(maps)), height=2.75)
    draw_photo(axes[0, 0], photo, _("The photo in grey"))
    for panel, (title, values) in zip(axes[0, 1:], maps.items(), strict=True):
        _draw_signed(panel, values, title)
    show(
        figure,
        _(
            "A plate in grey, and maps of it: {titles}. Borders of the pieces and the plate's rim stand out, blue "
            "or orange by their direction; even surfaces are white."
        ).format(titles=", ".join(maps)),
    )


def _draw_signed(axes: Axes, values: np.ndarray, title: str, span: float = 0) -> None:
    span = span or float(np.quantile(np.abs(values), 0.99))
    axes.imshow(values, cmap=_SIGNED, vmin=-span, vmax=span)
    axes.set(title=title)
    hide_axes(axes)


def layers(steps: Mapping[str, np.ndarray]) -> None:
    """One channel on its way through convolution, ReLU and pooling: maps ``(h, w)`` by name."""
    steps = named(steps)
    figure, axes = new_figure(1, len(steps), width=2.5 * len(steps), height=2.75)
    for panel, (name, values) in zip(axes[0], steps.items(), strict=True):
        _draw_signed(panel, values, f"{name}: {values.shape[0]} x {values.shape[1]}")
    show(
        figure,
        _(
            "One channel three times: after the convolution with blue and orange edges, after the ReLU with the "
            "blue ones only, after the pooling the same at half the size."
        ),
    )


def trained_kernels(weights: np.ndarray, rows: int = 4) -> None:
    """Kernels ``(N, 3, h, w)`` of a first layer as small colour pictures, those with the largest weights first.

    Grey stands for 0; each kernel is stretched to the full range of colours.
    """
    largest = np.abs(weights).max(axis=(1, 2, 3))
    figure, axes = new_figure(rows, len(weights) // rows, width=10.2, height=0.72 * rows + 0.3)
    for panel, number in zip(axes.flat, np.argsort(-largest, kind="stable"), strict=True):
        panel.imshow(0.5 + 0.5 * weights[number].transpose(1, 2, 0) / largest[number])
        hide_axes(panel)
    figure.suptitle(_("Nobody drew these: edges in many directions, spots and plain colours"), x=0.01, ha="left")
    show(
        figure,
        _(
            "The {kernels} kernels of the first layer: some half light and half dark along a slanting line, some a "
            "spot in the middle, some one plain colour."
        ).format(kernels=len(weights)),
    )


def strongest_places(rows: Mapping[str, Sequence[Sequence[np.ndarray]]]) -> None:
    """For channels of several layers the cut-outs of photos at which they respond most.

    Args:
        rows: by layer its channels, each a list of square cut-outs ``(s, s, 3) uint8``; all lists equally long.
    """
    groups = next(iter(rows.values()))
    channels, count = len(groups), len(groups[0])
    # Between two channels a column stays empty.
    figure, axes = new_figure(len(rows), channels * (count + 1) - 1, width=9.4, height=0.75 * len(rows) + 0.3)
    for panel in axes.flat:
        hide_axes(panel)
    for panels, (name, found) in zip(axes, rows.items(), strict=True):
        panels[0].set_ylabel(name, rotation=0, ha="right", va="center")
        for number, cuts in enumerate(found):
            for panel, cut in zip(panels[number * (count + 1) :], cuts, strict=False):
                panel.imshow(cut)
    figure.suptitle(
        _("Where channels respond most: borders and colours first; further up it is harder to say"), x=0.01, ha="left"
    )
    show(
        figure,
        _(
            "For {channels} channels of each layer the {count} places at which they respond most. First layers: "
            "borders of one direction, or one colour. Further up the places are larger, and what they share is "
            "harder to say."
        ).format(channels=channels, count=count),
    )


def strongest(maps: np.ndarray, photos: Sequence[np.ndarray], around: int, count: int = 6) -> list[np.ndarray]:
    """What lies where a channel responds most: cut-outs of the photos with the strongest responses, one of each.

    Args:
        maps: ``(N, h, w)``, the channel on each photo. photos: N of ``(H, W, 3) uint8``. around: pixels on each side.
    """
    inner = maps.astype(float)
    rim = max(1, maps.shape[1] // 16)
    for border in (np.s_[:, :rim], np.s_[:, -rim:], np.s_[:, :, :rim], np.s_[:, :, -rim:]):
        inner[border] = -np.inf
    stride = photos[0].shape[0] // maps.shape[1]
    flat = inner.reshape(len(maps), -1)
    cuts = []
    for number in np.argsort(-flat.max(axis=1), kind="stable")[:count]:
        row, column = (stride * (place + 0.5) for place in divmod(int(flat[number].argmax()), maps.shape[2]))
        framed = np.pad(photos[number], ((around, around), (around, around), (0, 0)), constant_values=255)
        cuts.append(framed[int(row) : int(row) + 2 * around, int(column) : int(column) + 2 * around])
    return cuts
