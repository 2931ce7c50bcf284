"""Figures of lesson 18: a plate and its kilocalories, the errors of many plates, the error budget, intervals."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from course_utils.calories.budget import FROM_MODEL, FROM_TRUTH
from course_utils.calories.estimator import Meal
from course_utils.dataset.classes import CLASSES
from course_utils.dataset.scene import Scene
from course_utils.metrics.instances import Detections
from course_utils.plots.bars import grouped_bars
from course_utils.plots.scenes import draw_fill, draw_labels, draw_outline, draw_photo
from course_utils.plots.style import INK, MUTED, RIGHT, WRONG, class_colour, new_figure, show

_MODEL_COLOURS = ("#B0B0B0", "#6F6F6F", INK)
"""Of the sources in FROM_MODEL: the darker, the more is the model's own."""

SCENARIOS = {"occluded": ("occluded", "#0072B2"), "non_occluded": ("non-occluded", "#E69F00")}


def from_photo_to_kcal(scene: Scene, found: Detections, meal: Meal) -> None:
    """The photo, the detections, and the kilocalories of each piece."""
    figure, axes = new_figure(1, 3, width=9.6, height=3.5)
    draw_photo(axes[0, 0], scene.image, "A photo ...")
    draw_photo(axes[0, 1], scene.image, "... whole outlines ...")
    draw_photo(axes[0, 2], scene.image, f"... {meal.kcal:.0f} kcal")
    draw_found(axes[0, 1], found, [CLASSES[label - 1] for label in found.labels])
    draw_found(axes[0, 2], found, _kcal_words(meal))
    show(figure, f"A plate, the outlines of {len(meal.pieces)} detected pieces, and the kilocalories of each.")


def photo_with_meal(image: np.ndarray, found: Detections, meal: Meal) -> None:
    """A photo ``(H, W, 3) uint8`` with what was found on it."""
    figure, axes = new_figure(1, 1, width=6.0, height=0.3 + 6.0 * image.shape[0] / image.shape[1])
    draw_photo(axes[0, 0], image, f"{meal.kcal:.0f} kcal")
    names = [CLASSES[label - 1] for label in found.labels]
    draw_found(axes[0, 0], found, [f"{name} {kcal}" for name, kcal in zip(names, _kcal_words(meal), strict=True)])
    show(figure, f"A photo on which {len(meal.pieces)} pieces were found.")


def draw_found(axes: Axes, found: Detections, words: list[str]) -> None:
    """The outline of every detection, and a word on it."""
    if not len(found):
        return
    colours = [class_colour(int(label)) for label in found.labels]
    for mask, colour in zip(found.regions.masks, colours, strict=True):
        draw_fill(axes, mask, colour, 0.25)
        draw_outline(axes, mask, colour)
    draw_labels(axes, found.regions.masks, words, colours)


def _kcal_words(meal: Meal) -> list[str]:
    return ["?" if piece.problem else f"{piece.kcal:.0f}" for piece in meal.pieces]


def true_against_estimated(plates: pd.DataFrame, source: str, band: float = 0.15) -> None:
    """A dot for each plate: what is on it and what was estimated, by scenario."""
    figure, axes = new_figure(1, 2, width=8.4, height=4.0)
    largest = 1.06 * plates[["kcal", "true_kcal"]].to_numpy().max()
    for panel, (scenario, (name, colour)) in zip(axes[0], SCENARIOS.items(), strict=True):
        rows = plates[(plates["source"] == source) & (plates["scenario"] == scenario)]
        line = np.array([0, largest])
        panel.fill_between(line, (1 - band) * line, (1 + band) * line, color=MUTED, alpha=0.18, linewidth=0)
        panel.plot(line, line, color=MUTED, linewidth=1)
        panel.scatter(rows["true_kcal"], rows["kcal"], s=14, color=colour, alpha=0.8)
        inside = ((rows["kcal"] - rows["true_kcal"]).abs() <= band * rows["true_kcal"]).mean()
        panel.set(title=f"{name}: {inside:.0%} of the plates within {band:.0%}", aspect="equal")
        panel.set(xlabel="kcal on the plate", ylabel="kcal estimated", xlim=(0, largest), ylim=(0, largest))
    show(figure, f"Estimated against true kilocalories of every plate ({source}), with a band of {band:.0%}.")


def budget_bars(errors: pd.DataFrame) -> None:
    """Mean absolute percentage error by source, side by side for the two scenarios."""
    sources = [source for source in (*FROM_TRUTH, *FROM_MODEL) if source in set(errors["source"])]
    figure, axes = new_figure(1, 1, width=7.6, height=0.8 + 0.55 * len(sources))
    panel = axes[0, 0]
    groups, colours = {}, []
    for scenario, (name, colour) in SCENARIOS.items():
        rows = errors[errors["scenario"] == scenario].set_index("source").loc[sources]
        groups[name] = 100 * rows["mape"]
        colours.append(colour)
    grouped_bars(panel, groups, colours, sources, "{:.0f}%", lying=True)
    heaps = groups[SCENARIOS["occluded"][0]]
    whole, visible, model = (f"{heaps[source]:.0f}%" for source in (*FROM_TRUTH, FROM_MODEL[-1]))
    panel.set_title(f"In heaps: {whole} with true outlines, {visible} with visible ones, {model} end to end")
    panel.set_xlabel("mean absolute error of a plate, % of its kcal")
    panel.legend(loc="lower right")
    told = "; ".join(
        f"{name}: " + ", ".join(f"{source} {values[source]:.0f}%" for source in sources)
        for name, values in groups.items()
    )
    show(figure, f"Bars of the error of a plate by what is known of it. {told}.")


def occlusion_bars(errors: pd.DataFrame) -> None:
    """Error of single pieces by how far they are hidden, by source."""
    figure, axes = new_figure(1, 1, width=8.8, height=3.4)
    panel = axes[0, 0]
    sources = (*FROM_TRUTH, *FROM_MODEL)
    groups = {source: 100 * errors.loc[errors["source"] == source, "mape"].to_numpy() for source in sources}
    names = list(dict.fromkeys(errors["hidden"].astype(str)))
    grouped_bars(panel, groups, (RIGHT, WRONG, *_MODEL_COLOURS), names, "{:.0f}")
    panel.set(xlabel="hidden share of the piece", ylabel="error of a piece, %")
    visible, model = (f"{groups[source][-1]:.0f}%" for source in (FROM_TRUTH[1], FROM_MODEL[-1]))
    panel.set_title(f"Hidden by {names[-1]}: {visible} off by what can be seen, {model} by the model")
    panel.legend()
    told = "; ".join(f"{name}: {', '.join(f'{value:.0f}%' for value in values)}" for name, values in groups.items())
    show(figure, f"Bars of the error of a piece by its hidden share ({', '.join(names)}). {told}.")


def intervals(meals: list[Meal], truths: np.ndarray) -> None:
    """The interval of each plate and its truth, as shares of what was estimated, from the lightest to the richest."""
    figure, axes = new_figure(1, 1, width=8.8, height=3.6)
    order = np.argsort(truths)
    estimates = np.array([meals[k].kcal for k in order])
    lows, highs = 100 * np.array([meals[k].interval for k in order]).T / estimates
    truth = 100 * truths[order] / estimates
    inside = (lows <= truth) & (truth <= highs)
    panel: Axes = axes[0, 0]
    band: dict[str, Any] = {"color": MUTED, "alpha": 0.4, "linewidth": 0, "step": "mid"}
    panel.fill_between(range(len(order)), lows, highs, label="90 % interval", **band)
    for flag, colour, name in ((True, INK, "truth, inside"), (False, WRONG, "truth, outside")):
        chosen = np.flatnonzero(inside == flag)
        panel.scatter(chosen, truth[chosen], s=9, color=colour, zorder=3, label=name)
    panel.set(xlabel="plates, from the lightest to the richest", ylabel="kcal, % of the estimate")
    panel.set_title(f"The interval holds the truth on {inside.mean():.0%} of {len(order)} plates")
    panel.legend(loc="upper right", ncols=3, fontsize=9)
    show(
        figure,
        "A grey band, the interval of each plate, and a dot where its truth lies, both as shares of the estimate. "
        "The band becomes narrower from the lightest plates to the richest.",
    )


def wrong_diameter() -> None:
    """By how much the kilocalories are off when the plate's diameter is."""
    figure, axes = new_figure(1, 1, width=6.4, height=3.2)
    panel = axes[0, 0]
    off = np.linspace(-0.25, 0.25, 101)
    panel.plot(100 * off, 100 * ((1 + off) ** 2 - 1), color=WRONG, linewidth=2)
    panel.plot(100 * off, 100 * off, color=MUTED, linewidth=1, linestyle=":")
    panel.axhline(0, color=MUTED, linewidth=0.6)
    panel.axvline(0, color=MUTED, linewidth=0.6)
    panel.set(xlabel="error of the diameter, %", ylabel="error of the kcal, %")
    panel.set_title("An error of the diameter counts twice")
    show(figure, "A curve through the origin, twice as steep as the dotted diagonal.")
