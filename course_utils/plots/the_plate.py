"""Figures of lesson 14: the two problems, drawing what cannot be seen, and what the data set holds."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Polygon, Rectangle, Wedge

from course_utils.calories.estimator import Meal
from course_utils.calories.features import outline, smallest_rectangle
from course_utils.dataset.classes import CLASSES
from course_utils.dataset.scene import Scene
from course_utils.plots.meals import SCENARIOS
from course_utils.plots.scenes import draw_agreement, draw_fill, draw_outline, draw_photo, zoom
from course_utils.plots.style import INK, class_colour, hide_axes, new_figure, show
from course_utils.translation.say import _


def one_plate(scene: Scene) -> None:
    """Just the photo."""
    figure, axes = new_figure(1, 1, width=4.6, height=4.6)
    draw_photo(axes[0, 0], scene.image)
    show(
        figure,
        _("A plate with {pieces} pieces of fried and steamed street food, some on top of others.").format(
            pieces=len(scene.labels)
        ),
    )


def visible_and_whole(scene: Scene, index: int, areas_cm2: Sequence[float]) -> None:
    """One covered piece: what is seen of it and what is there, with both areas."""
    piece = scene.instances[index]
    colour = class_colour(piece.label)
    figure, axes = new_figure(1, 2, width=7.4, height=3.9)
    words = (
        _("The camera sees {area:.0f} cm² of this {name}").format(area=areas_cm2[0], name=piece.name),
        _("You would eat {area:.0f} cm²").format(area=areas_cm2[1]),
    )
    for panel, mask, title in zip(axes[0], (piece.visible_mask, piece.mask), words, strict=True):
        draw_photo(panel, scene.image, title)
        draw_fill(panel, mask, colour, 0.45)
        draw_outline(panel, mask, colour)
    draw_outline(axes[0, 1], piece.visible_mask, "white", width=1.0)
    show(
        figure,
        _("A {name} under other food, once only its visible part coloured, once the whole piece.").format(
            name=piece.name
        ),
    )


def behind_the_square() -> None:
    """A shape that is partly covered, what everybody takes it for, and what else it might be."""
    figure, axes = new_figure(1, 3, width=7.6, height=2.8)
    shapes = (None, Circle((0, 0), 1, color=class_colour("cireng")), None)
    titles = (_("What you see"), _("What you believe"), _("What it could be as well"))
    for panel, shape, title in zip(axes[0], shapes, titles, strict=True):
        panel.add_patch(shape or Wedge((0, 0), 1, 90, 360, color=class_colour("cireng")))
        panel.set(xlim=(-1.3, 1.6), ylim=(-1.3, 1.6), aspect="equal", title=title)
        hide_axes(panel)
    cover: dict[str, Any] = {"xy": (0, 0), "width": 1.35, "height": 1.35}
    axes[0, 0].add_patch(Rectangle(**cover, color=class_colour("tempe")))
    for panel in axes[0, 1:]:
        panel.add_patch(Rectangle(**cover, fill=False, color=class_colour("tempe"), linewidth=1.5, linestyle="--"))
    show(
        figure,
        _(
            "A disc whose upper right quarter is under a square. Everybody sees a disc, but the covered quarter "
            "might be missing."
        ),
    )


def the_system(scene: Scene, index: int, meal: Meal) -> None:
    """The four steps: photo, whole masks with classes, features of one piece, grams and kilocalories of all."""
    figure, axes = new_figure(1, 4, width=11.6, height=3.4)
    draw_photo(axes[0, 0], scene.image, _("1  a photo"))
    draw_photo(axes[0, 1], scene.image, _("2  whole masks, classes"))
    for piece in scene.instances:
        draw_fill(axes[0, 1], piece.visible_mask, class_colour(piece.label))
        draw_outline(axes[0, 1], piece.mask, class_colour(piece.label), "--", 1.0)
        draw_outline(axes[0, 1], piece.visible_mask, class_colour(piece.label), width=1.4)
    draw_photo(axes[0, 2], scene.image, _("3  features of each"))
    piece = scene.instances[index]
    draw_outline(axes[0, 2], piece.mask, class_colour(piece.label), width=2.2)
    axes[0, 2].add_patch(Polygon(smallest_rectangle(outline(piece.mask)), fill=False, color="white", linewidth=1.4))
    zoom(axes[0, 2], piece.mask)
    shape = meal.pieces[index].shape
    assert shape is not None, "a piece that was measured is needed"
    words = f"{shape.area_cm2:.0f} cm²\n{shape.length_cm:.1f} x {shape.width_cm:.1f} cm"
    axes[0, 2].text(0.03, 0.03, words, transform=axes[0, 2].transAxes, fontsize=9, bbox={"facecolor": "white"})
    _bill(axes[0, 3], meal)
    show(
        figure,
        _(
            "From left to right: the photo; every piece with its whole outline; one {name} with the rectangle that "
            "gives its length and width; and a table of grams and kilocalories, {kcal:.0f} kcal together."
        ).format(name=piece.name, kcal=meal.kcal),
    )


def _bill(axes: Axes, meal: Meal) -> None:
    axes.set_title(_("4  grams and kilocalories"))
    axes.set_box_aspect(1)
    hide_axes(axes)
    rows = [(one.name, f"{one.weight_g:.0f} g", f"{one.kcal:.0f}") for one in meal.pieces]
    rows.append((_("together"), f"{meal.weight_g:.0f} g", f"{meal.kcal:.0f} kcal"))
    for place, (name, grams, kcal) in enumerate(rows):
        y, weight = 0.93 - 0.9 * place / max(len(rows), 8), "bold" if place == len(rows) - 1 else "normal"
        colour = INK if place == len(rows) - 1 else class_colour(name)
        axes.text(0.02, y, name, color=colour, weight=weight, transform=axes.transAxes)
        axes.text(0.58, y, grams, ha="right", weight=weight, transform=axes.transAxes)
        axes.text(1.0, y, kcal, ha="right", weight=weight, transform=axes.transAxes)


def drawn_against_truth(scene: Scene, index: int, drawn: np.ndarray, title: str) -> None:
    """What a drawn mask hit, missed and added."""
    piece = scene.instances[index]
    figure, axes = new_figure(1, 2, width=7.8, height=4.2)
    draw_photo(axes[0, 0], scene.image, title)
    draw_outline(axes[0, 0], drawn, "white", width=2.2)
    draw_photo(axes[0, 1], scene.image, _("Green: right. Blue: missed. Orange: too much."))
    draw_agreement(axes[0, 1], drawn, piece.mask)
    for panel in axes[0]:
        zoom(panel, piece.mask)
    show(
        figure,
        _("A drawn outline of the {name}, and where it agrees with the true one and where it does not.").format(
            name=piece.name
        ),
    )


def two_scenarios(groups: Mapping[str, Sequence[Scene]]) -> None:
    """A few plates of each scenario, one row a scenario."""
    columns = max(len(scenes) for scenes in groups.values())
    figure, axes = new_figure(len(groups), columns, width=2.3 * columns, height=2.5 * len(groups))
    for row, (name, scenes) in zip(axes, groups.items(), strict=True):
        for panel, scene in zip(row, scenes, strict=True):
            draw_photo(panel, scene.image)
            for piece in scene.instances:
                draw_outline(panel, piece.mask, class_colour(piece.label), "--", 1.0)
                draw_outline(panel, piece.visible_mask, class_colour(piece.label), width=1.2)
        row[0].set_title(name)
    show(figure, _("Plates of the occluded scenario, pieces in a heap, and of the non-occluded one, pieces laid out."))


def class_balance(counts: Mapping[str, np.ndarray]) -> None:
    """Number of pieces of each food in each scenario: name -> (6,) counts."""
    figure, axes = new_figure(1, 1, width=7.4, height=3.0)
    panel = axes[0, 0]
    left = np.zeros(len(CLASSES))
    for (name, numbers), alpha in zip(counts.items(), (0.95, 0.45), strict=True):
        colours = [class_colour(food) for food in CLASSES]
        panel.barh(CLASSES, numbers, left=left, color=colours, alpha=alpha)
        for food, start, number in zip(CLASSES, left, numbers, strict=True):
            panel.text(start + number / 2, food, f"{number} {name}", ha="center", va="center", fontsize=8)
        left = left + numbers
    panel.invert_yaxis()
    panel.set_xlabel(_("pieces in the training split"))
    finding = _("No food is rare: the rarest has {share:.0%} of the most frequent one's pieces").format(
        share=left.min() / left.max()
    )
    panel.set_title(finding)
    told = ", ".join(f"{food} {number:.0f}" for food, number in zip(CLASSES, left, strict=True))
    show(
        figure,
        _("Bars of the number of pieces of each food, heaped and laid out: {told}. {finding}.").format(
            told=told, finding=finding
        ),
    )


def how_hidden(rates: np.ndarray) -> None:
    """How many pieces in heaps are hidden by how much."""
    figure, axes = new_figure(1, 1, width=7.2, height=3.0)
    panel = axes[0, 0]
    sns.histplot(rates, bins=np.linspace(0, 1, 21), color=SCENARIOS["occluded"][1], alpha=0.85, linewidth=0, ax=panel)
    share = np.mean(rates > 0.1)
    panel.set(xlabel=_("hidden share of the piece"), ylabel=_("pieces"))
    panel.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    panel.set_title(_("In a heap {share:.0%} of the pieces are hidden by more than a tenth").format(share=share))
    show(
        figure,
        _(
            "Histogram of occlusion rates in heaps: many pieces are free, and {share:.0%} hidden by over a tenth."
        ).format(share=share),
    )


def weights_and_energy(labels: np.ndarray, weights_g: np.ndarray, kcal: np.ndarray) -> None:
    """Grams and kilocalories of the pieces of each food."""
    figure, axes = new_figure(1, 2, width=9.0, height=3.3)
    rng = np.random.default_rng(0)
    for panel, values, unit in ((axes[0, 0], weights_g, _("grams")), (axes[0, 1], kcal, _("kilocalories"))):
        for label, name in enumerate(CLASSES, 1):
            mine = values[labels == label]
            panel.plot(
                label + rng.uniform(-0.28, 0.28, len(mine)), mine, ".", color=class_colour(name), alpha=0.25, ms=3
            )
            panel.plot([label - 0.35, label + 0.35], [np.median(mine)] * 2, color=INK, linewidth=2)
        panel.set_xticks(range(1, 7), CLASSES)
        panel.set(ylabel=unit, ylim=(0, None))
    axes[0, 0].set_title(_("Tempe weighs least ..."))
    axes[0, 1].set_title(_("... and tahu feeds least"))
    show(
        figure,
        _(
            "Grams and kilocalories of all pieces by food, with medians. Tahu is not the lightest piece, but it "
            "has by far the fewest kilocalories."
        ),
    )
