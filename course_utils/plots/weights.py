"""Figures of lesson 17: measuring a mask, weighing by regression, and what the errors are worth."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Polygon, Rectangle

from course_utils.calories.features import line_length, measure, outline, rectangle_sides, smallest_rectangle
from course_utils.calories.weight import CrossValidation, Weighings
from course_utils.dataset.classes import CLASSES
from course_utils.dataset.scene import Scene
from course_utils.plots.given import named
from course_utils.plots.scenes import draw_outline, draw_photo
from course_utils.plots.style import INK, MUTED, RIGHT, WRONG, class_colour, new_figure, show
from course_utils.translation.say import N_, _

SHORT = (N_("area"), N_("perimeter"), N_("length"), N_("width"))


def ten_photos(scenes: Sequence[Scene]) -> None:
    """All photos of one weighed piece, each with the area of its mask."""
    piece = scenes[0].instances[0]
    figure, axes = new_figure(2, 5, width=9.2, height=4.4)
    figure.suptitle(
        _("One {name}, on the scales once: {weight_g:.1f} g. On photos ten times:").format(
            name=piece.name, weight_g=piece.weight_g
        ),
        x=0.01,
        ha="left",
    )
    for panel, scene in zip(axes.flat, scenes, strict=True):
        one = scene.instances[0]
        assert scene.px_per_cm is not None, "photos of known scale are needed"
        area = measure(one.mask, scene.px_per_cm).area_cm2
        draw_photo(panel, scene.image)
        draw_outline(panel, one.mask, class_colour(one.label))
        panel.set_xlabel(f"{area:.1f} cm²")
    show(
        figure,
        _("The same {name} on ten plates, turned and shifted; its area differs by a few percent.").format(
            name=piece.name
        ),
    )


def disc(radius: float, centre: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """A disc as a mask: pixels whose middles lie within `radius` of a point near the middle of the picture."""
    side = 2 * int(radius) + 7  # odd: the middle of the picture is the middle of a pixel
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    return (x - centre[0]) ** 2 + (y - centre[1]) ** 2 <= radius**2


def staircase(mask: np.ndarray) -> int:
    """Number of pixel sides between inside and outside: the border as it looks on the screen."""
    framed = np.pad(mask, 1)
    return int((framed[1:] != framed[:-1]).sum() + (framed[:, 1:] != framed[:, :-1]).sum())


def three_borders(radius: float = 6.5) -> None:
    """A small disc with the circle that it stands for, its staircase, and the outline of the blurred mask."""
    mask = disc(radius)
    figure, axes = new_figure(1, 3, width=9.4, height=3.5)
    middle = (mask.shape[0] - 1) / 2
    truth = 2 * np.pi * radius
    smooth = outline(mask)
    titles = (
        _("The circle: {truth:.1f} px around").format(truth=truth),
        _("Along the pixels: {length} px ({excess:+.0%})").format(
            length=staircase(mask), excess=staircase(mask) / truth - 1
        ),
        _("Blurred first: {length:.1f} px").format(length=line_length(smooth)),
    )
    for panel, title in zip(axes[0], titles, strict=True):
        draw_photo(panel, np.where(mask, 0.75, 0.97)[..., None].repeat(3, axis=2), title)
    axes[0, 0].add_patch(Circle((middle, middle), radius, fill=False, color=INK, linewidth=2))
    x, y = np.arange(-1, mask.shape[1] + 1), np.arange(-1, mask.shape[0] + 1)
    nearest = np.kron(np.pad(mask, 1), np.ones((10, 10)))
    fine_x, fine_y = (np.linspace(side[0] - 0.45, side[-1] + 0.45, 10 * len(side)) for side in (x, y))
    axes[0, 1].contour(fine_x, fine_y, nearest, levels=[0.5], colors=[WRONG], linewidths=2)
    axes[0, 2].plot(*smooth.T, color=RIGHT, linewidth=2)
    for panel in axes[0]:
        panel.set(xlim=(-0.5, mask.shape[1] - 0.5), ylim=(mask.shape[0] - 0.5, -0.5))
    show(
        figure,
        _(
            "A disc of pixels three times: with the true circle, with the zigzag of its pixel sides, which is over "
            "a quarter too long, and with the outline of the blurred disc, which follows the circle."
        ),
    )


def three_lengths(scene: Scene) -> None:
    """One piece with its upright box, its farthest points, and the smallest rectangle around it."""
    piece = scene.instances[0]
    line = outline(piece.mask)
    x1, y1, x2, y2 = piece.box - 0.5
    one, other = _farthest(line)
    corners = smallest_rectangle(line)
    upright, apart, length = max(x2 - x1, y2 - y1), np.linalg.norm(one - other), rectangle_sides(corners)[0]
    figure, axes = new_figure(1, 3, width=9.4, height=3.6)
    words = (_("Upright box"), _("Farthest points"), _("Turned rectangle"))
    for panel, word, pixels in zip(axes[0], words, (upright, apart, length), strict=True):
        draw_photo(panel, scene.image, f"{word}: {pixels / scene.px_per_cm:.1f} cm")
    axes[0, 0].add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, color=INK, linewidth=2))
    axes[0, 1].plot(*np.array([one, other]).T, "o-", color=INK, linewidth=2, markersize=4)
    axes[0, 2].add_patch(Polygon(corners, fill=False, color=INK, linewidth=2))
    show(
        figure,
        _(
            "A {name} that lies askew. Its upright box and its diagonal are both longer than the side of the "
            "smallest rectangle that is turned to fit it."
        ).format(name=piece.name),
    )


def _farthest(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    first, second = np.unravel_index(np.argmax(distances), distances.shape)
    return points[first], points[second]


def area_against_weight(table: Weighings) -> None:
    """Weight over area for every class, with the least-squares line."""
    figure, axes = new_figure(2, 3, width=9.2, height=5.6)
    for label, panel in enumerate(axes.flat, 1):
        one = table.of_class(label)
        areas = one.columns(["area_cm2"])[:, 0]
        dots = {"s": 14, "alpha": 0.5, "linewidths": 0}
        line = {"color": INK, "linewidth": 1.3}
        sns.regplot(
            x=areas, y=one.weights_g, ci=None, color=class_colour(label), scatter_kws=dots, line_kws=line, ax=panel
        )
        panel.set_title(
            _("{food}: {slope:.1f} g more for each cm²").format(
                food=CLASSES[label - 1], slope=np.polyfit(areas, one.weights_g, 1)[0]
            )
        )
    for panel in axes[1]:
        panel.set_xlabel(_("area, cm²"))
    for panel in axes[:, 0]:
        panel.set_ylabel(_("weight, g"))
    show(
        figure,
        _(
            "Weight over area for each of the six foods, with a straight line through each cloud. The ten photos "
            "of a piece form a short horizontal streak; pieces of the same area differ in weight, most of all with "
            "tempe."
        ),
    )


def two_shapes_of_tahu(table: Weighings) -> None:
    """Tahu's cloud again, coloured by shape: a block fills its turned rectangle, a triangle far less of it."""
    one = table.of_class(CLASSES.index("tahu") + 1)
    area, _perimeter, length, width = one.features.T
    filled = area / (length * width)
    block, triangle = _("block"), _("triangle")
    shape = np.where(filled > 0.75, block, triangle)
    figure, axes = new_figure(1, 2, width=9.2, height=3.4)
    colours = {block: class_colour("tahu"), triangle: WRONG}
    left, right = axes[0]
    sns.histplot(x=filled, hue=shape, palette=colours, bins=np.linspace(0.4, 1.1, 29), linewidth=0, alpha=0.8, ax=left)
    left.set(xlabel=_("area / (length x width)"), ylabel=_("photos"), title=_("Two shapes, told by how much they fill"))
    slope, start = np.polyfit(area, one.weights_g, 1)
    sns.scatterplot(x=area, y=one.weights_g, hue=shape, palette=colours, s=16, linewidth=0, alpha=0.7, ax=right)
    ends = np.array([area.min(), area.max()])
    right.plot(ends, start + slope * ends, color=INK, linewidth=1.3)
    off = one.weights_g - start - slope * area
    means = {name: off[shape == name].mean() for name in colours}
    right.set(xlabel=_("area, cm²"), ylabel=_("weight, g"))
    right.set_title(
        _("Beside the line: blocks {block:+.1f} g, triangles {triangle:+.1f} g").format(
            block=means[block], triangle=means[triangle]
        )
    )
    show(
        figure,
        _(
            "Left: a histogram of how much of its rectangle each tahu fills, two heaps far apart. Right: weight "
            "over area with one line through both; blocks lie {block:+.1f} g off it on average, triangles "
            "{triangle:+.1f} g."
        ).format(block=means[block], triangle=means[triangle]),
    )


def residuals_by_piece(table: Weighings, result: CrossValidation, label: int) -> None:
    """Errors of one class, photo by photo, sorted into pieces."""
    chosen = table.labels == label
    items, errors = table.items[chosen], result.residuals_g[chosen]
    names = sorted(set(items), key=lambda item: errors[items == item].mean())
    figure, axes = new_figure(1, 1, width=7.6, height=3.3)
    panel = axes[0, 0]
    panel.axhline(0, color=MUTED, linewidth=1)
    numbers = [names.index(item) + 1 for item in items]
    sns.stripplot(x=numbers, y=errors, color=class_colour(label), size=4, alpha=0.8, jitter=0.2, ax=panel)
    panel.set_title(_("An error belongs to the piece: its ten photos all share it"))
    panel.set(xlabel=_("piece, sorted by its mean error"), ylabel=_("predicted - true, g"))
    show(
        figure,
        _(
            "Errors of the {pieces} weighed pieces of {food}: the ten photos of a piece lie close together, the "
            "pieces lie far apart."
        ).format(pieces=len(names), food=CLASSES[label - 1]),
    )


def three_exams(errors: Mapping[str, tuple[float, float]]) -> None:
    """Error with one and with four features (in kcal) under each way of testing."""
    errors = named(errors)
    one, four = _("one feature"), _("four features")
    rows = [(exam, *each) for exam, pair in errors.items() for each in zip((one, four), pair, strict=True)]
    rows = pd.DataFrame(rows, columns=["exam", "features", "kcal"])
    figure, axes = new_figure(1, 1, width=7.2, height=2.9)
    panel = axes[0, 0]
    for place, pair in enumerate(errors.values()):
        panel.plot(pair, [place, place], color=MUTED, linewidth=2, zorder=1)
    looks = {"palette": {one: INK, four: WRONG}, "markers": ["o", "s"], "linestyle": "none"}
    sns.pointplot(rows, y="exam", x="kcal", hue="features", errorbar=None, ax=panel, **looks)
    panel.set(xlim=(0, 1.15 * rows["kcal"].max()), xlabel=_("mean absolute error, kcal a piece"), ylabel="")
    panel.legend(loc="lower left", title="")
    panel.set_title(_("Only the honest exam puts one feature ahead"))
    show(
        figure,
        _(
            "Mean absolute error with one and with four features. On photos the model has seen, and on photos of "
            "pieces it has seen, four features win; on pieces it has never seen, one feature wins."
        ),
    )


def four_features(table: Weighings, labels: Sequence[int]) -> None:
    """How the four features of some classes go together: correlations of each pair."""
    figure, axes = new_figure(1, len(labels), width=4.3 * len(labels), height=3.5)
    told = []
    for panel, label in zip(axes[0], labels, strict=True):
        found = pd.DataFrame(table.of_class(label).features, columns=[_(name) for name in SHORT]).corr()
        sns.heatmap(
            found,
            annot=True,
            fmt=".2f",
            cmap="Blues",
            vmin=0.5,
            vmax=1,
            cbar=False,
            square=True,
            linewidths=2,
            ax=panel,
        )
        panel.set_title(
            _("{food}: correlations from {lowest:.2f} on").format(
                food=CLASSES[label - 1], lowest=found.to_numpy().min()
            ),
            fontsize=10,
        )
        panel.tick_params(rotation=0)
        told.append(_("{food}, from {lowest:.2f} on").format(food=CLASSES[label - 1], lowest=found.to_numpy().min()))
    show(figure, _("Tables of the correlations of the four features: {told}.").format(told="; ".join(told)))


def twin_features(table: Weighings, label: int, coefficients: np.ndarray) -> None:
    """Two features that say the same, and what becomes of the four coefficients when one piece is missing.

    Args:
        table: the weighing set. label: which class.
        coefficients: ``(folds, 4)``, grams for one standard deviation of each feature.
    """
    one = table.of_class(label)
    colour = class_colour(label)
    figure, axes = new_figure(1, 2, width=9.0, height=3.5)
    sns.scatterplot(x=one.features[:, 0], y=one.features[:, 1], color=colour, alpha=0.6, s=18, ax=axes[0, 0])
    axes[0, 0].set(xlabel=_("area, cm²"), ylabel=_("perimeter, cm"))
    axes[0, 0].set_title(_("{food}: two features, one message").format(food=CLASSES[label - 1]))
    axes[0, 1].axhline(0, color=MUTED, linewidth=1)
    each = pd.DataFrame(coefficients, columns=[_(name) for name in SHORT]).melt(var_name="feature", value_name="grams")
    sns.stripplot(each, x="feature", y="grams", color=colour, alpha=0.7, size=5, jitter=0.2, ax=axes[0, 1])
    axes[0, 1].set(xlabel="", ylabel=_("grams for one standard deviation"))
    axes[0, 1].set_title(_("Coefficients with one piece left out"))
    show(
        figure,
        _(
            "Left: perimeter over area of {food}, nearly a line. Right: the coefficients of the four features "
            "change a lot, some of them even in sign, depending on which single piece is left out."
        ).format(food=CLASSES[label - 1]),
    )


def predicted_against_true(result: CrossValidation, energies: np.ndarray) -> None:
    """Predicted over true kilocalories of the photos of unseen pieces."""
    figure, axes = new_figure(1, 1, width=5.2, height=4.6)
    panel: Axes = axes[0, 0]
    true, predicted = result.true_g * energies[result.labels], result.predicted_g * energies[result.labels]
    top = 1.05 * max(true.max(), predicted.max())
    panel.fill_between([0, top], [0, 0.8 * top], [0, 1.2 * top], color=MUTED, alpha=0.15, label=_("within 20%"))
    panel.plot([0, top], [0, top], color=INK, linewidth=1)
    names = [CLASSES[label - 1] for label in result.labels]
    colours = {name: class_colour(name) for name in CLASSES}
    looks = {"hue_order": CLASSES, "palette": colours, "alpha": 0.6, "s": 16, "linewidth": 0}
    sns.scatterplot(x=true, y=predicted, hue=names, ax=panel, **looks)
    panel.set(xlabel=_("true kcal"), ylabel=_("predicted kcal"), xlim=(0, top), ylim=(0, top))
    share = np.mean(np.abs(predicted / true - 1) < 0.2)
    panel.set_title(_("{share:.0%} of the photos within a fifth of the truth").format(share=share))
    panel.legend(loc="upper left", fontsize=8)
    show(
        figure,
        _(
            "Predicted over true kilocalories, a dot for each photo of an unseen piece; {share:.0%} of the photos "
            "lie within a fifth of the truth."
        ).format(share=share),
    )
