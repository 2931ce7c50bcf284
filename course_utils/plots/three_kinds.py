"""Figures of lesson 02: the three segmentations of one plate side by side."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from course_utils.dataset.scene import Scene
from course_utils.dataset.views import instance_map, semantic
from course_utils.plots.scenes import (
    draw_fill,
    draw_labels,
    draw_outline,
    draw_photo,
    draw_scene,
    semantic_colours,
)
from course_utils.plots.style import INK, MUTED, WRONG, class_colour, new_figure, show
from course_utils.translation.say import _


def shades(labels: np.ndarray) -> list[tuple[float, float, float]]:
    """A colour for each piece: its food's, lighter for the second and third piece of the same food."""
    seen: dict[int, int] = {}
    colours = []
    for label in labels.tolist():
        lighter = min(0.28 * seen.get(label, 0), 0.75)
        seen[label] = seen.get(label, 0) + 1
        red, green, blue = (1 - (1 - part) * (1 - lighter) for part in to_rgb(class_colour(label)))
        colours.append((red, green, blue))
    return colours


def _instances(axes: Axes, scene: Scene, title: str) -> None:
    _draw_pieces(axes, scene, np.full((*scene.size, 3), 0.97), title)
    words = [f"{piece.name} {number}" for number, piece in enumerate(scene.instances, 1)]
    draw_labels(axes, scene.visible_masks, words, [INK] * len(words))


def _panoptic(axes: Axes, scene: Scene, title: str) -> None:
    _draw_pieces(axes, scene, semantic_colours(semantic(scene)), title)


def _draw_pieces(axes: Axes, scene: Scene, picture: np.ndarray, title: str) -> None:
    """Each piece in a shade of its own on a picture ``(H, W, 3)``, which is painted over."""
    pieces = instance_map(scene)
    for number, colour in enumerate(shades(scene.labels), 1):
        picture[pieces == number] = colour
    draw_photo(axes, picture, title)
    for piece in scene.instances:
        draw_outline(axes, piece.visible_mask, INK, width=0.8)


def three_views(scene: Scene) -> None:
    """The photo, and its semantic, instance and panoptic segmentation."""
    figure, axes = new_figure(2, 2, width=7.4, height=7.8)
    draw_photo(axes[0, 0], scene.image, _("The photo"))
    draw_photo(axes[0, 1], semantic_colours(semantic(scene)), _("Semantic: what is each pixel?"))
    _instances(axes[1, 0], scene, _("Instance: which piece is it?"))
    _panoptic(axes[1, 1], scene, _("Panoptic: both, and nothing left out"))
    show(
        figure,
        _(
            "A plate and its three segmentations: by class, with plate and table; by piece, numbered; and both "
            "together."
        ),
    )


def twins(scene: Scene, label: int) -> None:
    """Pieces of one food in the semantic map, where they are one area, and as instances."""
    name = next(piece.name for piece in scene.instances if piece.label == label)
    count = int((scene.labels == label).sum())
    figure, axes = new_figure(1, 3, width=9.6, height=3.5)
    draw_photo(axes[0, 0], scene.image, _("The photo"))
    picture = np.full((*scene.size, 3), 0.97)
    picture[semantic(scene) == label] = to_rgb(class_colour(label))
    draw_photo(axes[0, 1], picture, _("Semantic: here is {name}").format(name=name))
    _instances(axes[0, 2], scene, _("Instance: {count} {name}, and the others").format(count=count, name=name))
    show(
        figure,
        _("{count} pieces of {name}: one colour in the semantic map, told apart as instances.").format(
            count=count, name=name
        ),
    )


def owners_per_pixel(masks: np.ndarray) -> None:
    """How many masks claim each pixel."""
    claims = masks.sum(axis=0)
    figure, axes = new_figure(1, 1, width=4.4, height=4.0)
    drawn = axes[0, 0].imshow(claims, cmap="magma", vmin=0, vmax=max(3, claims.max()))
    twice = int((claims > 1).sum())
    axes[0, 0].set_title(_("{twice} pixels belong to two whole pieces or more").format(twice=twice))
    figure.colorbar(drawn, ax=axes[0, 0], ticks=range(claims.max() + 1), shrink=0.8, label=_("pieces per pixel"))
    axes[0, 0].set(xticks=[], yticks=[])
    show(
        figure,
        _("How many whole outlines cover each pixel: {twice} pixels lie under two or more of them.").format(
            twice=twice
        ),
    )


def hidden_part(scene: Scene, index: int) -> None:
    """One piece: what the camera sees of it, and its whole outline."""
    piece = scene.instances[index]
    colour = class_colour(piece.label)
    figure, axes = new_figure(1, 3, width=9.6, height=3.5)
    draw_photo(axes[0, 0], scene.image, _("The photo"))
    draw_photo(
        axes[0, 1],
        scene.image,
        _("Visible: {share:.0%} of the {name}").format(share=1 - piece.occlusion_rate, name=piece.name),
    )
    draw_fill(axes[0, 1], piece.visible_mask, colour, 0.6)
    draw_outline(axes[0, 1], piece.visible_mask, colour)
    draw_photo(axes[0, 2], scene.image, _("Amodal: all of it"))
    draw_fill(axes[0, 2], piece.visible_mask, colour, 0.6)
    draw_fill(axes[0, 2], piece.mask & ~piece.visible_mask, WRONG if colour != WRONG else MUTED, 0.5)
    draw_outline(axes[0, 2], piece.visible_mask, colour)
    draw_outline(axes[0, 2], piece.mask, colour, "--")
    show(
        figure,
        _("A {name} partly under other food: its visible part, and its whole outline with the hidden part.").format(
            name=piece.name
        ),
    )


def annotated(scene: Scene) -> None:
    """A plate and its annotation."""
    figure, axes = new_figure(1, 2, width=8.8, height=4.6)
    draw_photo(axes[0, 0], scene.image, _("The photo"))
    draw_scene(axes[0, 1], scene, _("Its annotation: whole outlines, hidden parts dashed"), amodal=True)
    show(
        figure,
        _("A plate, and the same plate with every piece outlined and named; hidden parts of outlines are dashed."),
    )
