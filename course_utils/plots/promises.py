"""Figures of lesson 18: intervals and what they hold, photos that are no plates, and the gap to real photos."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import seaborn as sns

from course_utils.calories.claims import held
from course_utils.plots.meals import SCENARIOS
from course_utils.plots.style import INK, MUTED, WRONG, new_figure, show


def errors_in_spreads(plates: pd.DataFrame, bounds: Mapping[str, tuple[float, float]]) -> None:
    """How far the truth lies from the estimate, in spreads, on each plate of `claims`, by group, with its bounds."""
    figure, axes = new_figure(1, 1, width=8.4, height=2.6)
    panel = axes[0, 0]
    rows = plates.assign(off=(plates["true_kcal"] - plates["kcal"]) / plates["spread"])
    groups = sorted(rows["group"].unique())
    sns.stripplot(rows, y="group", x="off", order=groups, color=INK, size=4, alpha=0.6, jitter=0.2, ax=panel)
    for place, group in enumerate(groups):
        panel.vlines(bounds[group], place - 0.35, place + 0.35, color=WRONG, linewidth=2)
    panel.axvline(0, color=MUTED, linewidth=1)
    panel.set(xlabel="(true - estimated) / spread", ylabel="")
    panel.set_title("Missed pieces pull the errors of heaps to the right")
    told = "; ".join(f"{group}, from {bounds[group][0]:.1f} to {bounds[group][1]:.1f}" for group in groups)
    show(figure, f"A dot for the error of each plate of val, in spreads; between the lines lie nine of ten: {told}.")


def intervals(plates: pd.DataFrame) -> None:
    """The interval of each plate of `claims` and its truth, as shares of the estimate, from the lightest on."""
    figure, axes = new_figure(1, 2, width=9.4, height=3.6)
    told = []
    for panel, (scenario, (name, _)) in zip(axes[0], SCENARIOS.items(), strict=True):
        rows = plates[(plates["scenario"] == scenario) & (plates["kcal"] > 0)].sort_values("kcal")
        shares = rows[["low", "high", "true_kcal"]].div(rows["kcal"], axis=0) * 100
        place = np.arange(len(rows))
        band = {"color": MUTED, "alpha": 0.4, "linewidth": 0, "step": "mid"}
        panel.fill_between(place, shares["low"], shares["high"], label="interval", **band)
        inside = np.where(held(rows), "truth, inside", "truth, outside")
        colours = {"truth, inside": INK, "truth, outside": WRONG}
        sns.scatterplot(
            x=place, y=shares["true_kcal"].to_numpy(), hue=inside, hue_order=list(colours), palette=colours, s=14,
            linewidth=0, ax=panel,
        )  # fmt: skip
        panel.set(xlabel="plates, from the poorest estimate to the richest", ylabel="kcal, % of the estimate")
        panel.set_title(f"{name}: holds on {held(rows).mean():.0%} of {len(rows)} plates")
        panel.legend(loc="upper right", fontsize=8)
        told.append(f"{name}, on {held(rows).mean():.0%}")
    show(
        figure,
        "Grey bands, the intervals of plates, and a dot where the truth of each lies, as shares of the estimate. The "
        f"truth lies inside: {'; '.join(told)}.",
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
    panel.set(xlabel="distance from the training plates", ylabel="", xscale="log")
    panel.set_xticks([0.7, 1, 1.5, 2, 3, 5, 10], ["0.7", "1", "1.5", "2", "3", "5", "10"])
    panel.minorticks_off()
    refused = {kind: f"{(some > farthest).sum()} of {len(some)}" for kind, some in distances.items()}
    panel.set_title(f"Beyond {farthest:.2f} no meal is served")
    told = "; ".join(f"{kind}, {count} refused" for kind, count in refused.items())
    show(figure, f"A dot for each photo by its distance from the training plates, by kind: {told}.")


def reliability_diagram(tables: Mapping[str, pd.DataFrame]) -> None:
    """Share of right detections over their mean score, from tables of `metrics.calibration.reliability` by name."""
    figure, axes = new_figure(1, 1, width=5.4, height=3.8)
    panel = axes[0, 0]
    rows = pd.concat([table.assign(scores=name) for name, table in tables.items()])
    panel.plot([0, 1], [0, 1], color=MUTED, linewidth=1)
    colours = dict(zip(tables, (WRONG, INK), strict=True))
    looks = {"palette": colours, "style": "scores", "markers": True, "dashes": False, "markersize": 8}
    sns.lineplot(rows, x="score", y="right", hue="scores", ax=panel, **looks)
    panel.set(xlabel="score, mean of the bin", ylabel="share that is right", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    panel.legend(title="", loc="lower right")
    panel.set_title("On the line, a score says how often it is right")
    told = "; ".join(
        f"{name}: "
        + ", ".join(
            f"{row.right:.0%} of {row.detections:.0f} at {row.score:.2f}"
            for row in table.rename(columns={"count": "detections"}).itertuples()
        )
        for name, table in tables.items()
    )
    show(figure, f"Reliability diagram with the diagonal. {told}.")


def taken_for(table: pd.DataFrame) -> None:
    """What each food on real photos was taken for: rows what the photo shows, columns the name given, counts."""
    figure, axes = new_figure(1, 1, width=5.6, height=4.0)
    panel = axes[0, 0]
    shares = table.div(table.sum(axis=1), axis=0)
    sns.heatmap(shares, annot=table, fmt="d", cmap="Blues", vmin=0, vmax=1, cbar=False, ax=panel)
    panel.set(xlabel="named by the model", ylabel="on the photo")
    panel.tick_params(rotation=0)
    right = sum(table.loc[name, name] for name in table.index)
    panel.set_title(f"{right} of {table.to_numpy().sum()} detections bear the photo's name")
    told = "; ".join(
        f"{name}: {', '.join(f'{n} {other}' for other, n in row.items() if n)}" for name, row in table.iterrows()
    )
    show(figure, f"What the detections on real photos were named, by what the photo shows. {told}.")
