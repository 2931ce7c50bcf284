"""Figures of lesson 06: why one map is not enough, and how a pyramid merges several."""

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Polygon

from course_utils.dataset.scene import Instance
from course_utils.plots.given import named
from course_utils.plots.scenes import draw_box, draw_outline, draw_photo
from course_utils.plots.style import INK, MUTED, RIGHT, WRONG, class_colour, hide_axes, new_figure, show
from course_utils.translation.say import _

STRIDES = {"C2": 4, "C3": 8, "C4": 16, "C5": 32}


def _averaged(photo: np.ndarray, stride: int) -> np.ndarray:
    """The photo with one colour for each square of ``stride`` pixels; its sides are multiples of ``stride``."""
    height, width = photo.shape[0] // stride, photo.shape[1] // stride
    cells = photo.reshape(height, stride, width, stride, 3).mean(axis=(1, 3)).astype(np.uint8)
    return cells.repeat(stride, axis=0).repeat(stride, axis=1)


def in_cells(photo: np.ndarray, piece: Instance) -> None:
    """A small piece on the grids of the four maps: one colour for each cell."""
    middle = (piece.box[:2] + piece.box[2:]) / 2
    left, top = np.clip(middle - 48, 0, np.array(photo.shape[1::-1]) - 96)
    figure, axes = new_figure(1, 1 + len(STRIDES), width=10.2, height=2.6)
    for panel, (name, stride) in zip(axes[0], {"": 1, **STRIDES}.items(), strict=True):
        across, down = (piece.box[2:] - piece.box[:2]) / stride
        title = (
            _("{name}: {across:.1f} x {down:.1f} cells").format(name=name, across=across, down=down)
            if name
            else _("The smallest {name}").format(name=piece.name)
        )
        draw_photo(panel, _averaged(photo, stride), title)
        draw_outline(panel, piece.mask, "white", width=3.2)
        draw_outline(panel, piece.mask, class_colour(piece.label), width=1.6)
        panel.set(xlim=(left - 0.5, left + 95.5), ylim=(top + 95.5, top - 0.5))
    show(
        figure,
        _(
            "A small {name} close up, and the same with one colour for each cell of C2, C3, C4 and C5: on C2 one "
            "can still make out its shape, on C5 it fills little more than one cell."
        ).format(name=piece.name),
    )


def in_fields(photo: np.ndarray, piece: Instance, sees: dict[str, int]) -> None:
    """What a cell in the middle of a large piece sees on each map."""
    centre = np.argwhere(piece.mask).mean(axis=0)[::-1]
    figure, axes = new_figure(1, len(sees), width=10.2, height=3.0)
    for panel, (name, side) in zip(axes[0], sees.items(), strict=True):
        seen = np.zeros(photo.shape[:2], dtype=bool)
        x1, y1 = np.maximum(centre - side / 2, 0).astype(int)
        x2, y2 = (centre + side / 2).astype(int)
        seen[y1:y2, x1:x2] = True
        picture = np.where(seen[..., None], photo, photo // 6 + 205)
        draw_photo(panel, picture, _("What {name} sees of it").format(name=name))
        draw_outline(panel, piece.mask, class_colour(piece.label))
        draw_box(panel, np.array([x1, y1, x2, y2]), INK)
        panel.set(xlim=(-0.5, photo.shape[1] - 0.5), ylim=(photo.shape[0] - 0.5, -0.5))
    show(
        figure,
        _(
            "A large {name} four times, pale outside of what one cell sees: on C2 only a patch of its surface, on "
            "C4 and C5 all of it."
        ).format(name=piece.name),
    )


def _slab(axes: Axes, x: float, y: float, width: float, knows: float) -> None:
    """A map, seen from the side; the darker, the more it has seen."""
    corners = [(x - width, y), (x + width, y), (x + 0.75 * width, y + 0.42), (x - 0.75 * width, y + 0.42)]
    axes.add_patch(Polygon(corners, facecolor=str(1 - 0.75 * knows), edgecolor=INK, linewidth=1.2))


def _arrow(axes: Axes, start: tuple, end: tuple, colour: str = INK) -> None:
    axes.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=10, color=colour, linewidth=1.3))


def _predict(axes: Axes, x: float, y: float) -> None:
    _arrow(axes, (x, y), (x + 0.7, y), RIGHT)
    axes.text(x + 0.78, y, _("predict"), va="center", fontsize=8.5, color=RIGHT)


WIDTHS = (1.6, 1.2, 0.9, 0.65)


def four_ways() -> None:
    """Image pyramid, single map, one prediction for each map, and the feature pyramid."""
    titles = (
        _("a. Shrink the photo"),
        _("b. Use the last map"),
        _("c. Use every map"),
        _("d. Pass what is known down"),
    )
    figure, axes = new_figure(1, 4, width=10.8, height=3.0)
    for panel, title in zip(axes[0], titles, strict=True):
        panel.set(xlim=(-1.2, 5.5), ylim=(-0.3, 5.0), title=title)
        hide_axes(panel)
    for k, width in enumerate(WIDTHS):
        y = 1.25 * k
        panel = axes[0, 0]
        _slab(panel, 0, y, 0.62 * width, 0)
        _arrow(panel, (0.62 * width, y + 0.2), (2.25 - 0.45 * width, y + 0.2))
        _slab(panel, 2.2, y, 0.45 * width, 1)
        _predict(panel, 2.25 + 0.45 * width, y + 0.2)
        for panel in axes[0, 1:]:
            _slab(panel, 0, y, 0.62 * width, (k + 1) / 4)
            if k < 3:
                _arrow(panel, (0, y + 0.45), (0, y + 1.22))
        _predict(axes[0, 2], 0.65 * width, y + 0.2)
        panel = axes[0, 3]
        _slab(panel, 2.4, y, 0.45 * width, 1)
        _arrow(panel, (0.62 * width, y + 0.2), (2.45 - 0.45 * width, y + 0.2))
        if k < 3:
            _arrow(panel, (2.4, y + 1.22), (2.4, y + 0.45))
        _predict(panel, 2.5 + 0.45 * width, y + 0.2)
    _predict(axes[0, 1], 0.6, 3.95)
    show(
        figure,
        _(
            "Four ways to find things of all sizes, darker maps having seen more: a shrinks the photo several "
            "times; b predicts from the last map only; c predicts from every map; d hands the last map's knowledge "
            "down first."
        ),
    )


def diagram(shapes: dict[str, tuple[int, ...]], channels: int) -> None:
    """The feature pyramid with the shapes of its maps.

    Args:
        shapes: (channels, height, width) of C2 to C5. channels: of the pyramid.
    """
    figure, axes = new_figure(1, 1, width=9.4, height=5.4)
    panel = axes[0, 0]
    panel.set(xlim=(-2.7, 13.4), ylim=(-1.0, 7.7))
    hide_axes(panel)
    for k, ((name, (inputs, height, width)), wide) in enumerate(zip(shapes.items(), WIDTHS, strict=True)):
        y = 1.75 * k
        _slab(panel, 0, y, wide, (k + 1) / 4)
        panel.text(0, y - 0.42, f"{name}: {inputs} x {height} x {width}", ha="center", fontsize=9)
        _arrow(panel, (wide + 0.1, y + 0.2), (5.8 - wide, y + 0.2))
        panel.text(2.9 if k > 1 else 3.0, y + 0.32, "1x1", ha="center", fontsize=9)
        _slab(panel, 6, y, wide, 1)
        _arrow(panel, (6.1 + wide, y + 0.2), (10.8 - wide, y + 0.2))
        panel.text(8.5, y + 0.32, "3x3", ha="center", fontsize=9)
        _slab(panel, 11, y, wide, 1)
        panel.text(11, y - 0.42, f"P{k + 2}: {channels} x {height} x {width}", ha="center", fontsize=9)
        if k < 3:
            _arrow(panel, (0, y + 0.5), (0, y + 1.22))
            _arrow(panel, (6, y + 1.72), (6, y + 0.45), WRONG)
            panel.text(6.2, y + 1.0, _("enlarge, add"), color=WRONG, fontsize=9)
    for x, words in ((0, _("bottom-up")), (6, _("top-down")), (11, _("the pyramid"))):
        panel.text(x, -0.98, words, ha="center", fontsize=10.5, weight="bold")
    _arrow(panel, (11, 5.7), (11, 6.55))
    panel.text(11, 6.7, _('every second pixel: "pool"'), ha="center", fontsize=9)
    figure.suptitle(_("From C5 a way leads down to every level"), x=0.02, ha="left")
    show(
        figure,
        _(
            "The feature pyramid: C2 to C5 rise on the left, each goes through a 1x1 convolution to the middle, "
            "where from the top down the coarser map is enlarged and added; a 3x3 convolution gives P2 to P5 on "
            "the right."
        ),
    )


def who_sees(photo: np.ndarray, seen: dict[str, np.ndarray]) -> None:
    """For single cells of several maps: which pixels of the photo act on them, ``(H, W)`` each."""
    figure, axes = new_figure(1, len(seen), width=3.3 * len(seen), height=3.5)
    for panel, (name, strength) in zip(axes[0], seen.items(), strict=True):
        draw_photo(
            panel,
            photo // 2 + 110,
            _("{name}: {share:.0%} of the photo").format(name=name, share=(strength > 0).mean()),
        )
        layer = np.zeros((*strength.shape, 4))
        layer[..., :3] = (0.84, 0.37, 0.0)
        layer[..., 3] = 0.9 * np.sqrt(np.minimum(strength / np.quantile(strength[strength > 0], 0.99), 1))
        panel.imshow(layer)
    show(
        figure,
        _(
            "One plate, and in orange the pixels that act on the middle cell: a small square for C2, the whole "
            "photo for P2."
        ),
    )


def sides_and_levels(sides: dict[str, np.ndarray]) -> None:
    """How large pieces are, in pixels of the network's input, and which pyramid level serves them."""
    sides = named(sides)
    figure, axes = new_figure(len(sides), 1, width=7.4, height=2.1 * len(sides))
    edges = 2.0 ** np.arange(5, 9.6, 0.125)
    for panel, (title, values) in zip(axes[:, 0], sides.items(), strict=True):
        sns.histplot(values, bins=edges, color=MUTED, alpha=1, linewidth=0, ax=panel)
        panel.set(xscale="log", xlim=(32, 640), ylabel=_("pieces"), title=title)
        panel.set_xticks([32, 56, 112, 224, 448], ["32", "56", "112", "224", "448"])
        panel.minorticks_off()
        top = panel.get_ylim()[1]
        for edge in (112, 224, 448):
            panel.axvline(edge, color=WRONG, linestyle="--", linewidth=1.3)
        for level, middle in enumerate((60, 158, 317, 535), 2):
            panel.text(middle, 0.93 * top, f"P{level}", ha="center", va="top", color=WRONG, weight="bold")
    figure.suptitle(_("The size in pixels decides which levels have work"), x=0.02, ha="left")
    axes[-1, 0].set_xlabel(_("square root of the box's area, in pixels"))
    show(
        figure,
        _(
            "Histograms of the sizes of all pieces, with the borders between pyramid levels: in photos of 384 "
            "pixels nearly all are served by P2 and P3; in photos enlarged to 800 pixels most are served by P3 and "
            "P4."
        ),
    )
