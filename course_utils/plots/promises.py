"""Figures of lesson 18: intervals and what they hold, photos that are no plates, and the gap to real photos."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import seaborn as sns

from course_utils.calories.claims import held
from course_utils.plots.given import named
from course_utils.plots.meals import SCENARIOS
from course_utils.plots.style import INK, MUTED, WRONG, new_figure, show
from course_utils.translation.say import _


def errors_in_spreads(plates: pd.DataFrame, bounds: Mapping[str, tuple[float, float]]) -> None:
    """How far the truth lies from the estimate, in spreads, on each plate of `claims`, by group, with its bounds."""
    figure, axes = new_figure(1, 1, width=8.4, height=2.6)
    panel = axes[0, 0]
    rows = plates.assign(off=(plates["true_kcal"] - plates["kcal"]) / plates["spread"])
    groups = sorted(rows["group"].unique())
    names = [_(group) for group in groups]
    rows["group"] = rows["group"].map(_)
    sns.stripplot(rows, y="group", x="off", order=names, color=INK, size=4, alpha=0.6, jitter=0.2, ax=panel)
    for place, group in enumerate(groups):
        panel.vlines(bounds[group], place - 0.35, place + 0.35, color=WRONG, linewidth=2)
    panel.axvline(0, color=MUTED, linewidth=1)
    panel.set(xlabel=_("(true - estimated) / spread"), ylabel="")
    panel.set_title(_("Missed pieces pull the errors of heaps to the right"))
    told = "; ".join(
        _("{group}, from {low:.1f} to {high:.1f}").format(group=_(group), low=bounds[group][0], high=bounds[group][1])
        for group in groups
    )
    show(
        figure,
        _("A dot for the error of each plate of val, in spreads; between the lines lie nine of ten: {told}.").format(
            told=told
        ),
    )


def intervals(plates: pd.DataFrame) -> None:
    """The interval of each plate of `claims` and its truth, as shares of the estimate, from the lightest on."""
    figure, axes = new_figure(1, 2, width=9.4, height=3.6)
    told = []
    for panel, (scenario, (name, _colour)) in zip(axes[0], SCENARIOS.items(), strict=True):
        rows = plates[(plates["scenario"] == scenario) & (plates["kcal"] > 0)].sort_values("kcal")
        shares = rows[["low", "high", "true_kcal"]].div(rows["kcal"], axis=0) * 100
        place = np.arange(len(rows))
        band = {"color": MUTED, "alpha": 0.4, "linewidth": 0, "step": "mid"}
        panel.fill_between(place, shares["low"], shares["high"], label=_("interval"), **band)
        names = _("truth, inside"), _("truth, outside")
        inside, colours = np.where(held(rows), *names), dict(zip(names, (INK, WRONG), strict=True))
        sns.scatterplot(
            x=place, y=shares["true_kcal"].to_numpy(), hue=inside, hue_order=names, palette=colours, s=14,
            linewidth=0, ax=panel,
        )  # fmt: skip
        panel.set(xlabel=_("plates, from the poorest estimate to the richest"), ylabel=_("kcal, % of the estimate"))
        panel.set_title(
            _("{name}: holds on {share:.0%} of {plates} plates").format(
                name=_(name), share=held(rows).mean(), plates=len(rows)
            )
        )
        panel.legend(loc="upper right", fontsize=8)
        told.append(_("{name}, on {share:.0%}").format(name=_(name), share=held(rows).mean()))
    show(
        figure,
        _(
            "Grey bands, the intervals of plates, and a dot where the truth of each lies, as shares of the "
            "estimate. The truth lies inside: {told}."
        ).format(told="; ".join(told)),
    )


def how_unusual(distances: Mapping[str, np.ndarray], farthest: float) -> None:
    """Distances (N,) of kinds of photos from the cloud of training plates, with the one from which on is refused."""
    figure, axes = new_figure(1, 1, width=8.4, height=0.9 + 0.45 * len(distances))
    panel = axes[0, 0]
    rows = pd.DataFrame([(kind, one) for kind, some in distances.items() for one in some], columns=["kind", "away"])
    rows["refused"] = rows["away"] > farthest
    colours = {False: INK, True: WRONG}
    sns.stripplot(rows, y="kind", x="away", hue="refused", palette=colours, size=5, alpha=0.7, legend=False, ax=panel)
    panel.axvline(farthest, color=MUTED, linewidth=1.5, linestyle="--")
    panel.set(xlabel=_("distance from the training plates"), ylabel="", xscale="log")
    panel.set_xticks([0.7, 1, 1.5, 2, 3, 5, 10], ["0.7", "1", "1.5", "2", "3", "5", "10"])
    panel.minorticks_off()
    panel.set_title(_("Beyond {farthest:.2f} no meal is served").format(farthest=farthest))
    told = "; ".join(
        _("{kind}, {refused} of {photos} refused").format(kind=kind, refused=(some > farthest).sum(), photos=len(some))
        for kind, some in distances.items()
    )
    show(figure, _("A dot for each photo by its distance from the training plates, by kind: {told}.").format(told=told))


def reliability_diagram(tables: Mapping[str, pd.DataFrame]) -> None:
    """Share of right detections over their mean score, from tables of `metrics.calibration.reliability` by name."""
    tables = named(tables)
    figure, axes = new_figure(1, 1, width=5.4, height=3.8)
    panel = axes[0, 0]
    rows = pd.concat([table.assign(scores=name) for name, table in tables.items()])
    panel.plot([0, 1], [0, 1], color=MUTED, linewidth=1)
    colours = dict(zip(tables, (WRONG, INK), strict=True))
    looks = {"palette": colours, "style": "scores", "markers": True, "dashes": False, "markersize": 8}
    sns.lineplot(rows, x="score", y="right", hue="scores", ax=panel, **looks)
    panel.set(
        xlabel=_("score, mean of the bin"), ylabel=_("share that is right"), xlim=(-0.02, 1.02), ylim=(-0.02, 1.02)
    )
    panel.legend(title="", loc="lower right")
    panel.set_title(_("On the line, a score says how often it is right"))
    told = "; ".join(
        f"{name}: "
        + ", ".join(
            _("{right:.0%} of {detections:.0f} at {score:.2f}").format(
                right=row.right, detections=row.detections, score=row.score
            )
            for row in table.rename(columns={"count": "detections"}).itertuples()
        )
        for name, table in tables.items()
    )
    show(figure, _("Reliability diagram with the diagonal. {told}.").format(told=told))


def taken_for(table: pd.DataFrame) -> None:
    """What each food on real photos was taken for: rows what the photo shows, columns the name given, counts."""
    figure, axes = new_figure(1, 1, width=5.6, height=4.0)
    panel = axes[0, 0]
    shares = table.div(table.sum(axis=1), axis=0)
    sns.heatmap(shares, annot=table, fmt="d", cmap="Blues", vmin=0, vmax=1, cbar=False, ax=panel)
    panel.set(xlabel=_("named by the model"), ylabel=_("on the photo"))
    panel.tick_params(rotation=0)
    right = sum(table.loc[name, name] for name in table.index)
    panel.set_title(
        _("{right} of {detections} detections bear the photo's name").format(
            right=right, detections=table.to_numpy().sum()
        )
    )
    told = "; ".join(
        f"{name}: {', '.join(f'{n} {other}' for other, n in row.items() if n)}" for name, row in table.iterrows()
    )
    show(figure, _("What the detections on real photos were named, by what the photo shows. {told}.").format(told=told))
