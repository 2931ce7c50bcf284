"""Figures of lesson 03 on learning: probabilities, losses, slopes, and what a small network says of a plate."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from course_utils.plots.given import named
from course_utils.plots.scenes import draw_agreement, draw_photo
from course_utils.plots.style import INK, MISSED, MUTED, RIGHT, WRONG, class_colour, new_figure, show
from course_utils.plots.words import joined
from course_utils.translation.say import _

FOOD, OTHER = WRONG, MUTED
Path = Sequence[tuple[float, float]]
"""Weight and bias, step by step."""


def probabilities(logits: np.ndarray, shares: np.ndarray, names: Sequence[str]) -> None:
    """Bars of probabilities ``(N, K)``, one panel for each row of logits."""
    figure, axes = new_figure(1, len(logits), width=3.3 * len(logits), height=2.8)
    for panel, row, values in zip(axes[0], logits, shares, strict=True):
        sns.barplot(x=list(names), y=values, hue=list(names), palette=[class_colour(n) for n in names], ax=panel)
        for bar, value in enumerate(values):
            panel.text(bar, value + 0.02, f"{value:.2f}", ha="center")
        panel.set(ylim=(0, 1.12), title=_("logits {values}").format(values=", ".join(f"{value:g}" for value in row)))
    axes[0, 0].set_ylabel(_("probability"))
    figure.suptitle(_("Only the differences of the logits count"), x=0.01, ha="left")
    rows = "; ".join(
        _("{logits} give {shares}").format(logits=row.tolist(), shares=np.round(values, 2).tolist())
        for row, values in zip(logits, shares)  # noqa: B905
    )
    show(figure, _("Bars of probabilities for {names}: logits {rows}.").format(names=", ".join(names), rows=rows))


def surprise() -> None:
    """The loss of an answer by the probability that it gave the truth."""
    share = np.linspace(0.005, 1, 400)
    figure, axes = new_figure(1, 1, width=5.6, height=2.9)
    sns.lineplot(x=share, y=-np.log(share), color=INK, linewidth=2.2, ax=axes[0, 0])
    for value, word in ((0.9, _("sure and right")), (0.5, _("undecided")), (0.02, _("sure and wrong"))):
        axes[0, 0].plot(value, -np.log(value), "o", color=WRONG)
        axes[0, 0].annotate(word, (value, -np.log(value)), xytext=(9, 7), textcoords="offset points")
    axes[0, 0].set(xlabel=_("probability that the truth was given"), ylabel=_("loss"), xlim=(0, 1.12), ylim=(0, 5.3))
    axes[0, 0].set_title(_("To be sure and wrong costs most"))
    show(figure, _("A curve that falls from above 5 at probability 0 to 0 at probability 1, steeply first."))


def warmth(values: np.ndarray, is_food: np.ndarray) -> None:
    """How warm patches ``(N,)`` are, those of food and the others, as shares of either."""
    food, other = _("food"), _("no food")
    kind = np.where(is_food, food, other)
    figure, axes = new_figure(1, 1, width=6.8, height=3.0)
    look = {"bins": 60, "stat": "density", "common_norm": False, "element": "step", "alpha": 0.35}
    palette = {food: FOOD, other: OTHER}
    sns.histplot(x=values, hue=kind, hue_order=list(palette), palette=palette, ax=axes[0, 0], **look)
    axes[0, 0].set(xlabel=_("warmth of a patch: its red minus its blue"), ylabel=_("density"))
    axes[0, 0].set_title(_("Food is warmer than what lies around it, but not always"))
    show(
        figure,
        _("Two histograms of the warmth of patches that overlap widely; those of food lie further to the right."),
    )


def slope(weights: np.ndarray, losses: np.ndarray, at: float, loss: float, steepness: float) -> None:
    """Loss by weight ``(N,)`` with the bias held fast, and the tangent at one weight."""
    figure, axes = new_figure(1, 1, width=6.2, height=3.1)
    sns.lineplot(x=weights, y=losses, color=INK, linewidth=2.2, ax=axes[0, 0])
    reach = np.array([-1.1, 1.1])
    axes[0, 0].plot(at + reach, loss + steepness * reach, "--", color=WRONG, linewidth=2)
    axes[0, 0].plot(at, loss, "o", color=WRONG, markersize=8)
    axes[0, 0].annotate(
        _("slope {steepness:.2f}").format(steepness=steepness),
        (at, loss),
        xytext=(10, 8),
        textcoords="offset points",
        color=WRONG,
    )
    if steepness < 0:
        title = _("Downhill from {at:g} is to the right")
        alt = _("The loss by the weight, a valley. The tangent at {at:g} falls to the right, where the bottom lies.")
    else:
        title = _("Downhill from {at:g} is to the left")
        alt = _("The loss by the weight, a valley. The tangent at {at:g} falls to the left, where the bottom lies.")
    axes[0, 0].set(xlabel=_("weight"), ylabel=_("loss"), title=title.format(at=at))
    show(figure, alt.format(at=at))


def descents(weights: np.ndarray, biases: np.ndarray, losses: np.ndarray, paths: Mapping[str, Path]) -> None:
    """The loss ``(biases, weights)`` as a map, and on it several ways down, each in a panel of its own."""
    figure, axes = new_figure(1, len(paths), width=3.4 * len(paths), height=3.5)
    for panel, (title, path) in zip(axes[0], paths.items(), strict=True):
        draw_descent(panel, weights, biases, losses, path)
        panel.set(title=title)
    axes[0, 0].set_ylabel(_("bias"))
    show(
        figure,
        _(
            "The same valley of the loss over weight and bias, and in each panel a way down from the same start: "
            "{titles}."
        ).format(titles="; ".join(paths)),
    )


def draw_descent(axes: Axes, weights: np.ndarray, biases: np.ndarray, losses: np.ndarray, path: Path) -> None:
    """The loss ``(biases, weights)`` as a map, and a way down from the black point to the green one."""
    # Closer lines near the bottom, where the valley is flat.
    levels = losses.min() + np.ptp(losses) * np.linspace(0, 1, 15) ** 2
    axes.contourf(weights, biases, losses, levels=levels, cmap="Greys", alpha=0.75)
    steps = np.array(path)
    axes.plot(steps[:, 0], steps[:, 1], "-o", color=WRONG, markersize=3.5, linewidth=1.4)
    axes.plot(*steps[0], "o", color=INK, markersize=7)
    axes.plot(*steps[-1], "o", color=RIGHT, markersize=7)
    limits = {"xlim": (weights[0], weights[-1]), "ylim": (biases[0], biases[-1])}
    axes.set(xlabel=_("weight"), **limits)


def learning_curves(runs: Mapping[str, Mapping[str, Sequence[float]]], title: str) -> None:
    """Losses round by round: for each run a panel with its lines by name; ``title`` states the finding."""
    runs, title = {name: named(losses) for name, losses in named(runs).items()}, _(title)
    figure, axes = new_figure(1, len(runs), width=max(6.4, 4.6 * len(runs)), height=3.2)
    for panel, (name, losses) in zip(axes[0], runs.items(), strict=True):
        table = pd.DataFrame(losses)
        table.index += 1
        sns.lineplot(table, palette=[MISSED, WRONG], linewidth=2.2, ax=panel)
        panel.set(title=name, xlabel=_("round of eight steps"), ylim=(0, 0.75))
    axes[0, 0].set_ylabel(_("loss"))
    figure.suptitle(title, x=0.01, ha="left")
    lines = joined(next(iter(runs.values())))
    show(
        figure,
        _("{title}. Lines for {lines}, in panels for {runs}.").format(title=title, lines=lines, runs=joined(runs)),
    )


def verdicts(photos: Sequence[np.ndarray], said: np.ndarray, truths: np.ndarray, title: str) -> None:
    """Photos, and below each what was called food, by colour: found, missed, or taken for food.

    Args:
        photos: N of ``(H, W, 3)``. said, truths: ``(N, h, w) bool``, what was called food and what is.
        title: the finding.
    """
    title = _(title)
    figure, axes = new_figure(2, len(photos), width=1.9 * len(photos), height=4.7)
    for panels, photo, found, truth in zip(axes.T, photos, np.asarray(said), np.asarray(truths), strict=True):
        draw_photo(panels[0], photo)
        draw_photo(
            panels[1],
            np.full((*found.shape, 3), 0.96),
            _("{share:.0%} of patches right").format(share=(found == truth).mean()),
        )
        draw_agreement(panels[1], found, truth)
    figure.suptitle(
        _("{title}\nGreen: food found. Blue: missed. Orange: taken for food.").format(title=title), x=0.01, ha="left"
    )
    show(
        figure,
        _(
            "{title} Below each plate the food that was found in green, missed in blue, taken for food in orange."
        ).format(title=title),
    )


def found_and_right(scores: Mapping[str, tuple[float, float]]) -> None:
    """For several models the share of the food that they find, and the share of what they call food that is food."""
    scores = named(scores)
    names = (_("of the food, found"), _("of what is called food, food"))
    rows = [(name, words, value) for name, pair in scores.items() for words, value in zip(names, pair, strict=True)]
    table = pd.DataFrame(rows, columns=["model", "share", "value"])
    figure, axes = new_figure(1, 1, width=6.8, height=2.6)
    palette = dict(zip(names, (RIGHT, MUTED), strict=True))
    sns.barplot(table, y="model", x="value", hue="share", palette=palette, ax=axes[0, 0])
    for bars in axes[0, 0].containers:
        axes[0, 0].bar_label(bars, fmt="{:.0%}", padding=3)
    axes[0, 0].set(xlim=(0, 1.1), xlabel=_("share on the held-out plates"), ylabel="")
    axes[0, 0].set_title(_("The network finds far more of the food"))
    axes[0, 0].legend(title="", loc="upper left", bbox_to_anchor=(0, -0.28), ncols=2)
    show(
        figure,
        _("Bars for {models}: the share of the food that is found, and how much of it is food.").format(
            models=joined(scores)
        ),
    )
