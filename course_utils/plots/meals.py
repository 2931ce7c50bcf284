"""Figures of lesson 18: a plate and its kilocalories, the errors of many plates, the error budget."""

from collections.abc import Callable
from typing import cast

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.container import BarContainer

from course_utils.calories.budget import FROM_MODEL, FROM_TRUTH
from course_utils.calories.estimator import Meal
from course_utils.dataset.classes import CLASSES
from course_utils.dataset.scene import Scene
from course_utils.metrics.instances import Detections
from course_utils.plots.scenes import draw_fill, draw_labels, draw_outline, draw_photo
from course_utils.plots.style import INK, MUTED, RIGHT, WRONG, class_colour, new_figure, show
from course_utils.plots.words import share_words
from course_utils.translation.say import N_, _

_MODEL_COLOURS = ("#B0B0B0", "#6F6F6F", INK)
"""Of the sources in FROM_MODEL: the darker, the more is the model's own."""

SCENARIOS = {"occluded": (N_("occluded"), "#0072B2"), "non_occluded": (N_("non-occluded"), "#E69F00")}
_FEATURES = (N_("one"), N_("four"))


def from_photo_to_kcal(scene: Scene, found: Detections, meal: Meal) -> None:
    """The photo, the detections, and the kilocalories of each piece."""
    figure, axes = new_figure(1, 3, width=9.6, height=3.5)
    draw_photo(axes[0, 0], scene.image, _("A photo ..."))
    draw_photo(axes[0, 1], scene.image, _("... whole outlines ..."))
    draw_photo(axes[0, 2], scene.image, f"... {meal.kcal:.0f} kcal")
    draw_found(axes[0, 1], found, [CLASSES[label - 1] for label in found.labels])
    draw_found(axes[0, 2], found, _kcal_words(meal))
    show(
        figure,
        _("A plate, the outlines of {pieces} detected pieces, and the kilocalories of each.").format(
            pieces=len(meal.pieces)
        ),
    )


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


def true_against_estimated(plates: pd.DataFrame, band: float = 0.15) -> None:
    """A dot for each plate: what is on it and what was estimated, by scenario."""
    figure, axes = new_figure(1, 2, width=8.4, height=4.0)
    largest = 1.06 * plates[["kcal", "true_kcal"]].to_numpy().max()
    for panel, (scenario, (name, colour)) in zip(axes[0], SCENARIOS.items(), strict=True):
        rows = plates[plates["scenario"] == scenario]
        line = np.array([0, largest])
        panel.fill_between(line, (1 - band) * line, (1 + band) * line, color=MUTED, alpha=0.18, linewidth=0)
        panel.plot(line, line, color=MUTED, linewidth=1)
        sns.scatterplot(rows, x="true_kcal", y="kcal", s=22, color=colour, alpha=0.8, ax=panel)
        inside = ((rows["kcal"] - rows["true_kcal"]).abs() <= band * rows["true_kcal"]).mean()
        panel.set(
            title=_("{name}: {inside:.0%} of the plates within {band:.0%}").format(
                name=_(name), inside=inside, band=band
            ),
            aspect="equal",
        )
        panel.set(xlabel=_("kcal on the plate"), ylabel=_("kcal estimated"), xlim=(0, largest), ylim=(0, largest))
    show(figure, _("Estimated against true kilocalories of every plate, with a band of {band:.0%}.").format(band=band))


def budget_bars(errors: pd.DataFrame) -> None:
    """Mean absolute percentage error by source, side by side for the two scenarios."""
    sources = [_(source) for source in (*FROM_TRUTH, *FROM_MODEL) if source in set(errors["source"])]
    figure, axes = new_figure(1, 1, width=7.6, height=0.8 + 0.55 * len(sources))
    panel = axes[0, 0]
    rows = errors.assign(
        percent=100 * errors["mape"],
        plates=errors["scenario"].map(lambda scenario: _(SCENARIOS[scenario][0])),
        source=errors["source"].map(_),
    )
    colours = {_(name): colour for name, colour in SCENARIOS.values()}
    sns.barplot(
        rows, y="source", x="percent", hue="plates", order=sources, palette=colours, saturation=1,
        errorbar=None, ax=panel,
    )  # fmt: skip
    _write_numbers(panel, "{:.0f}%")
    table = rows.pivot(index="source", columns="plates", values="percent")
    heaps = table[_(SCENARIOS["occluded"][0])]
    whole, visible, model = (f"{heaps[_(source)]:.0f}%" for source in (*FROM_TRUTH, FROM_MODEL[-1]))
    panel.set_title(
        _("In heaps: {whole} with true outlines, {visible} with visible ones, {model} end to end").format(
            whole=whole, visible=visible, model=model
        )
    )
    panel.set(xlabel=_("mean absolute error of a plate, % of its kcal"), ylabel="", xmargin=0.12)
    panel.legend(loc="lower right", title="")
    told = "; ".join(
        f"{name}: " + ", ".join(f"{source} {table.loc[source, name]:.0f}%" for source in sources) for name in table
    )
    show(figure, _("Bars of the error of a plate by what is known of it. {told}.").format(told=told))


def occlusion_bars(errors: pd.DataFrame) -> None:
    """Error of single pieces by how far they are hidden, by source."""
    figure, axes = new_figure(1, 1, width=8.8, height=3.4)
    panel = axes[0, 0]
    sources = [_(source) for source in (*FROM_TRUTH, *FROM_MODEL)]
    rows = errors.assign(
        percent=100 * errors["mape"],
        hidden=errors["hidden"].astype(str).map(share_words),
        source=errors["source"].map(_),
    )
    colours = dict(zip(sources, (RIGHT, WRONG, *_MODEL_COLOURS), strict=True))
    sns.barplot(
        rows, x="hidden", y="percent", hue="source", hue_order=sources, palette=colours, saturation=1, errorbar=None,
        ax=panel,
    )  # fmt: skip
    _write_numbers(panel, "{:.0f}")
    panel.set(xlabel=_("hidden share of the piece"), ylabel=_("error of a piece, %"), ymargin=0.14)
    table = rows.pivot(index="hidden", columns="source", values="percent").reindex(rows["hidden"].unique())
    last = table.iloc[-1]
    visible, model = (f"{last[_(source)]:.0f}%" for source in (FROM_TRUTH[1], FROM_MODEL[-1]))
    panel.set_title(
        _("Hidden by {share}: {visible} off by what can be seen, {model} by the model").format(
            share=table.index[-1], visible=visible, model=model
        )
    )
    panel.legend(title="")
    told = "; ".join(f"{name}: {', '.join(f'{value:.0f}%' for value in table[name])}" for name in sources)
    show(
        figure,
        _("Bars of the error of a piece by its hidden share ({shares}). {told}.").format(
            shares=", ".join(table.index), told=told
        ),
    )


def _write_numbers(panel: Axes, number: str) -> None:
    """Each bar's value at its end."""
    for bars in panel.containers:
        panel.bar_label(cast(BarContainer, bars), fmt=number.format, padding=2, fontsize=8)


def last_table(rows: pd.DataFrame) -> None:
    """MAE of plates, as the deck's last table has it.

    Args:
        rows: columns ``backbone``, ``features``, ``scenario``, ``mae_kcal``.
    """
    figure, axes = new_figure(1, 2, width=8.8, height=3.0)
    told = []
    for panel, (scenario, (name, _colour)) in zip(axes[0], SCENARIOS.items(), strict=True):
        mine = rows[rows["scenario"] == scenario]
        colours = dict(zip(_FEATURES, (INK, WRONG), strict=True))
        sns.barplot(
            mine, y="backbone", x="mae_kcal", hue="features", palette=colours, saturation=1, errorbar=None, ax=panel
        )
        _write_numbers(panel, "{:.1f}")
        table = mine.pivot(index="backbone", columns="features", values="mae_kcal")
        worse = table["four"] - table["one"]
        panel.set_title(
            _("{name}: four cost {least:.1f} to {most:.1f} kcal").format(
                name=_(name), least=worse.min(), most=worse.max()
            ),
            fontsize=10,
        )
        panel.set(xlabel=_("MAE of a plate, kcal"), ylabel="", xmargin=0.15)
        told += [
            _("{name}, {backbone}: {one:.1f} and {four:.1f} kcal").format(
                name=_(name), backbone=one, one=row["one"], four=row["four"]
            )
            for one, row in table.iterrows()
        ]
        panel.get_legend().remove()
    axes[0, 1].set_yticklabels([])
    handles, words = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, list(map(_, words)), title=_("features"), loc="outside right center")
    show(figure, _("Bars of the error of plates with one and with four features: {told}.").format(told="; ".join(told)))


def wrong_diameter(rescaled: Callable[[float, float, float], float]) -> None:
    """By how much kilocalories are off when the plate's diameter is, by ``rescaled(kcal, true_cm, entered_cm)``."""
    figure, axes = new_figure(1, 1, width=6.4, height=3.2)
    panel = axes[0, 0]
    off = np.linspace(-25, 25, 51)
    panel.plot(off, [rescaled(100.0, 20.0, 20.0 * (1 + one / 100)) - 100 for one in off], color=WRONG, linewidth=2)
    panel.plot(off, off, color=MUTED, linewidth=1, linestyle=":")
    panel.axhline(0, color=MUTED, linewidth=0.6)
    panel.axvline(0, color=MUTED, linewidth=0.6)
    panel.set(xlabel=_("error of the diameter, %"), ylabel=_("error of the kcal, %"))
    panel.set_title(_("An error of the diameter counts twice"))
    show(figure, _("A curve through the origin, twice as steep as the dotted diagonal."))
