"""Figures of lesson 01: a plate as numbers, boxes beside masks, and a threshold at work."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_utils import masks
from course_utils.dataset.scene import Scene
from course_utils.plots.scenes import draw_box, draw_fill, draw_outline, draw_photo
from course_utils.plots.style import INK, RIGHT, WRONG, class_colour, hide_axes, new_figure, show
from course_utils.translation.say import _


def plate_and_pixels(scene: Scene, top: int, left: int, side: int = 8) -> None:
    """A photo, and a small square of it so large that its pixels and their numbers can be read."""
    figure, axes = new_figure(1, 2, width=8.2, height=3.9)
    draw_photo(axes[0, 0], scene.image, _("What you see"))
    axes[0, 0].add_patch(Rectangle((left - 0.5, top - 0.5), side, side, fill=False, color="#D00000", linewidth=2))
    patch = scene.image[top : top + side, left : left + side]
    draw_photo(axes[0, 1], patch, _("What the computer sees"))
    for (row, column), value in np.ndenumerate(patch[..., 0]):
        ink = "white" if patch[row, column].mean() < 120 else INK
        axes[0, 1].text(column, row, str(value), ha="center", va="center", fontsize=8, color=ink)
    show(
        figure,
        _(
            "A plate of food, and a square of {side} by {side} of its pixels with the red values written on them."
        ).format(side=side),
    )


def mask_as_array(mask: np.ndarray, name: str) -> None:
    """A mask from afar, and close up along its border as ones and zeros."""
    x1, y1, x2, y2 = masks.to_box(mask).astype(int)
    row = (y1 + y2) // 2
    column = int(np.flatnonzero(mask[row])[0])
    window = (slice(row - 5, row + 5), slice(column - 5, column + 5))
    figure, axes = new_figure(1, 2, width=7.4, height=3.6)
    draw_photo(axes[0, 0], mask, _("The mask of a {name}: one yes or no a pixel").format(name=name))
    axes[0, 0].add_patch(Rectangle((column - 5.5, row - 5.5), 10, 10, fill=False, color=WRONG, linewidth=2))
    draw_photo(axes[0, 1], mask[window], _("Its border close up"))
    for (y, x), inside in np.ndenumerate(mask[window]):
        axes[0, 1].text(x, y, str(int(inside)), ha="center", va="center", fontsize=8, color=INK if inside else "white")
    show(
        figure,
        _("The mask of a {name}, white on black, and ten by ten pixels of its border written as 1 and 0.").format(
            name=name
        ),
    )


def box_against_mask(scene: Scene, index: int) -> None:
    """One piece marked by its box and by its mask; the title says how much of the box is something else."""
    piece = scene.instances[index]
    colour = class_colour(piece.label)
    x1, y1, x2, y2 = piece.visible_box.astype(int)
    other = 1 - piece.visible_mask[y1:y2, x1:x2].mean()
    figure, axes = new_figure(1, 2, width=7.6, height=3.9)
    draw_photo(
        axes[0, 0],
        scene.image,
        _("Detection: {other:.0%} of this box is not this {name}").format(other=other, name=piece.name),
    )
    draw_box(axes[0, 0], piece.visible_box, colour, 2.5)
    draw_photo(axes[0, 1], scene.image, _("Segmentation: exactly the pixels of the {name}").format(name=piece.name))
    draw_fill(axes[0, 1], piece.visible_mask, colour, 0.5)
    draw_outline(axes[0, 1], piece.visible_mask, colour, width=2.2)
    show(
        figure,
        _(
            "The same {name} marked by a box, which also holds its surroundings, and by its mask, which does not."
        ).format(name=piece.name),
    )


def cut_outs(pieces: list[np.ndarray], names: list[str]) -> None:
    """Pieces cut out of their photos, side by side."""
    figure, axes = new_figure(1, len(pieces), width=1.45 * len(pieces), height=1.9)
    for panel, picture, name in zip(axes[0], pieces, names, strict=True):
        draw_photo(panel, picture, name)
    show(figure, _("Cut out of their photos, on white: {names}.").format(names=", ".join(names)))


def threshold_at_work(gray: np.ndarray, threshold: int, title: str = "") -> None:
    """A grey picture, its histogram with the threshold, and the pixels above it."""
    figure = draw_threshold(gray, threshold, title)
    show(
        figure,
        _("A grey photo, its histogram cut at {threshold}, and in white the pixels above that value. {title}").format(
            threshold=threshold, title=title
        ),
    )


def draw_threshold(gray: np.ndarray, threshold: int, title: str = "") -> Figure:
    """The figure of `threshold_at_work`."""
    figure, axes = new_figure(1, 3, width=9.2, height=3.0)
    draw_photo(axes[0, 0], gray, _("Grey values"))
    axes[0, 1].hist(gray.ravel(), bins=np.arange(0, 257, 4), color="#9A9A9A")
    axes[0, 1].axvline(threshold, color=WRONG, linewidth=2)
    axes[0, 1].set(
        title=_("Threshold {threshold}").format(threshold=threshold),
        xlabel=_("grey value"),
        ylabel=_("how many pixels"),
        yticks=[],
    )
    draw_photo(axes[0, 2], gray > threshold, title or _("Above the threshold"))
    return figure


def found_and_missed(scenes: list[Scene], found: list[np.ndarray], scores: list[float]) -> None:
    """For several plates what a mask found, missed, and took for food, with its pixel accuracy."""
    figure, axes = new_figure(2, len(scenes), width=2.6 * len(scenes), height=5.6)
    for column, (scene, mask, score) in enumerate(zip(scenes, found, scores, strict=True)):
        truth = scene.visible_masks.any(axis=0)
        draw_photo(axes[0, column], scene.image)
        picture = np.full((*scene.size, 3), 0.96)
        for region, colour in ((mask & truth, RIGHT), (truth & ~mask, "#0072B2"), (mask & ~truth, WRONG)):
            picture[region] = tuple(int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
        axes[1, column].imshow(picture)
        hide_axes(axes[1, column])
        axes[1, column].set_title(_("{score:.0%} of the pixels right").format(score=score))
    figure.suptitle(_("Green: food found. Blue: food missed. Orange: taken for food."), x=0.02, ha="left")
    show(figure, _("Plates, and below each where thresholding found food, missed it, or took something else for it."))
