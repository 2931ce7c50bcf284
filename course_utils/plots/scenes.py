"""Plates in figures: photos with outlines, boxes, labels and maps, all in the course's colours."""

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox
from scipy.ndimage import distance_transform_edt

from course_utils import masks
from course_utils.dataset.classes import CLASSES, PLATE_ID
from course_utils.dataset.scene import Scene
from course_utils.plots.style import MISSED, PLATE, RIGHT, TABLE, WRONG, class_colour, hide_axes, new_figure


def draw_photo(axes: Axes, image: np.ndarray, title: str = "") -> None:
    """A photo ``(H, W, 3) uint8`` or ``(H, W)`` without ticks."""
    axes.imshow(image, cmap="gray" if image.ndim == 2 else None)
    axes.set_title(title)
    hide_axes(axes)


def draw_outline(axes: Axes, mask: np.ndarray, colour: str, style: str = "-", width: float = 1.8) -> None:
    """The outline of a mask ``(H, W) bool``."""
    if mask.any():
        # A frame of zeros closes outlines at the border of the picture.
        framed = np.pad(mask, 1).astype(float)
        rows, columns = np.arange(-1, mask.shape[0] + 1), np.arange(-1, mask.shape[1] + 1)
        axes.contour(columns, rows, framed, levels=[0.5], colors=[colour], linestyles=[style], linewidths=[width])


def draw_fill(axes: Axes, mask: np.ndarray, colour: str, alpha: float = 0.45) -> None:
    """A mask ``(H, W) bool`` as a translucent layer."""
    layer = np.zeros((*mask.shape, 4))
    layer[mask] = (*to_rgb(colour), alpha)
    axes.imshow(layer)


def draw_agreement(axes: Axes, drawn: np.ndarray, truth: np.ndarray) -> None:
    """Two masks ``(H, W) bool``: what was drawn rightly, missed, and drawn too much, each in its colour."""
    for region, colour in ((drawn & truth, RIGHT), (truth & ~drawn, MISSED), (drawn & ~truth, WRONG)):
        draw_fill(axes, region, colour, 0.75)


def draw_box(axes: Axes, box: np.ndarray, colour: str, width: float = 1.8, style: str = "-") -> None:
    """A box ``(4,)`` xyxy, half-open: drawn along the outer edges of its pixels."""
    x1, y1, x2, y2 = np.asarray(box) - 0.5
    axes.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, color=colour, linewidth=width, linestyle=style))


def zoom(axes: Axes, mask: np.ndarray, around: int = 22) -> tuple[int, int, int, int]:
    """Show the square around a mask and ``around`` pixels more, no further than the photo reaches.

    Returns:
        x1, y1, x2, y2 of what is shown, half-open.
    """
    x1, y1, x2, y2 = masks.to_box(mask).astype(int).tolist()
    height, width = mask.shape
    side = min(max(x2 - x1, y2 - y1) + 2 * around, height, width)
    left = min(max((x1 + x2 - side) // 2, 0), width - side)
    top = min(max((y1 + y2 - side) // 2, 0), height - side)
    axes.set(xlim=(left - 0.5, left + side - 0.5), ylim=(top + side - 0.5, top - 0.5))
    return left, top, left + side, top + side


def draw_labels(axes: Axes, regions: Iterable[np.ndarray], words: Sequence[str], colours: Sequence[str]) -> None:
    """A word on each mask ``(H, W) bool`` where it is thickest, lower where it would cover one that is there.

    The limits of the axes must be set before: how many pixels of the photo a word covers depends on them.
    """
    if figure := axes.get_figure(root=True):
        figure.draw_without_rendering()  # places the axes
    taken = [text.get_window_extent().padded(3) for text in axes.texts]
    for mask, word, colour in zip(regions, words, colours, strict=True):
        if mask.any():
            depth = distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
            y, x = np.unravel_index(depth.argmax(), mask.shape)
            taken.append(put_label(axes, (x, y), word, colour, taken))


def put_label(axes: Axes, place: tuple[float, float], word: str, colour: str, taken: Sequence[Bbox]) -> Bbox:
    """A framed word at a place in pixels of the photo, or as far below as it takes to cover none of ``taken``.

    Returns:
        Where it is now, in pixels of the figure, as ``taken`` is.
    """
    frame = {"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": colour, "alpha": 0.85}
    text = axes.text(*place, word, ha="center", va="center", fontsize=8, bbox=frame)
    extent = text.get_window_extent().padded(3)
    while any(extent.overlaps(other) for other in taken):
        extent = extent.translated(0, -1)
    middle = (np.array(extent.min) + np.array(extent.max)) / 2
    x, y = axes.transData.inverted().transform(middle)
    text.set_position((x, y))
    return extent


def draw_scene(axes: Axes, scene: Scene, title: str = "", amodal: bool = False, labels: bool = True) -> None:
    """A plate with its pieces outlined; with `amodal`, what is hidden is dashed."""
    draw_photo(axes, scene.image, title)
    for piece in scene.instances:
        colour = class_colour(piece.label)
        draw_fill(axes, piece.visible_mask, colour)
        if amodal:
            draw_outline(axes, piece.mask, colour, "--", 1.4)
        draw_outline(axes, piece.visible_mask, colour)
    if labels:
        label_pieces(axes, scene, [piece.name for piece in scene.instances])


def label_pieces(axes: Axes, scene: Scene, words: Sequence[str]) -> None:
    """A word on each piece, framed in its food's colour."""
    draw_labels(axes, scene.visible_masks, words, [class_colour(label) for label in scene.labels])


def semantic_colours(semantic: np.ndarray) -> np.ndarray:
    """A semantic map ``(H, W)`` in colour: ``(H, W, 3) float``, foods in their own, plate and table in quiet ones."""
    palette = [to_rgb(TABLE), *(to_rgb(class_colour(name)) for name in CLASSES), to_rgb(PLATE)]
    assert len(palette) == PLATE_ID + 1
    return np.array(palette)[semantic]


def contact_sheet(scenes: list[Scene], columns: int = 6, inch: float = 1.6) -> Figure:
    """Many plates in one figure, each with its pieces outlined, hidden parts dashed."""
    rows = -(-len(scenes) // columns)
    figure, axes = new_figure(rows, columns, width=inch * columns, height=inch * rows)
    for panel in axes.flat:
        hide_axes(panel)
    for panel, scene in zip(axes.flat, scenes, strict=False):
        draw_photo(panel, scene.image)
        for piece in scene.instances:
            draw_outline(panel, piece.mask, class_colour(piece.label), "--", 0.9)
            draw_outline(panel, piece.visible_mask, class_colour(piece.label), width=1.1)
    return figure
