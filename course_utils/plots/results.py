"""Figures of lesson 16, numbers: the test scenarios, the results table, IoUs, the bootstrap, recall by occlusion."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from course_utils.dataset.scene import Scene
from course_utils.metrics.occlusion import OCCLUSION_BINS, bin_names
from course_utils.plots.bars import grouped_bars
from course_utils.plots.meals import SCENARIOS
from course_utils.plots.scenes import draw_scene
from course_utils.plots.style import INK, MUTED, WRONG, new_figure, show
from course_utils.plots.words import share_words
from course_utils.translation.say import _

THRESHOLDS = {0.5: "#BBBBBB", 0.85: "#56B4E9", 0.9: "#0072B2"}
_FAMILIES = {"resnext": ("#CC79A7", "s"), "resnet": ("#56B4E9", "o"), "": (INK, "D")}


def two_scenarios(heap: Scene, laid_out: Scene) -> None:
    """A plate of each test scenario, hidden outlines dashed."""
    figure, axes = new_figure(1, 2, width=8.2, height=4.3)
    told = []
    words = (
        (
            _("Occluded: {pieces} pieces, {covered} covered"),
            _("occluded, {pieces} pieces of which {covered} are covered"),
        ),
        (
            _("Non-occluded: {pieces} pieces, {covered} covered"),
            _("non-occluded, {pieces} pieces of which {covered} are covered"),
        ),
    )
    for panel, scene, (title, sentence) in zip(axes[0], (heap, laid_out), words, strict=True):
        covered = int((scene.occlusion_rates > OCCLUSION_BINS[1]).sum())
        draw_scene(panel, scene, title.format(pieces=len(scene.labels), covered=covered), amodal=True)
        told.append(sentence.format(pieces=len(scene.labels), covered=covered))
    show(
        figure,
        _("Two plates with outlines, dashed where a piece is hidden: {first}; {second}.").format(
            first=told[0], second=told[1]
        ),
    )


def ours_beside_thesis(table: pd.DataFrame) -> None:
    """F1 at both thresholds and in both scenarios, one line a backbone: the thesis's on the left, ours on the right.

    Args:
        table: columns ``whose`` ("thesis" or "ours"), ``backbone``, ``IoU``, ``scenario``, ``f1``; rows without a score
            are left out.
    """
    table = table.dropna(subset="f1")
    figure, axes = new_figure(1, 2, width=9.4, height=4.2)
    told = []
    words = {
        "thesis": (_("Thesis: at IoU 0.85 heaps cost {span} of F1"), _("thesis: heaps cost {span} at IoU 0.85")),
        "ours": (_("Ours: at IoU 0.85 heaps cost {span} of F1"), _("ours: heaps cost {span} at IoU 0.85")),
    }
    for panel, (whose, (title, sentence)) in zip(axes[0], words.items(), strict=True):
        mine = table[table["whose"] == whose]
        _scenario_lines(panel, mine)
        laid_out, heaps = (
            mine[(mine["scenario"] == scenario) & np.isclose(mine["IoU"], 0.85)].set_index("backbone")["f1"]
            for scenario in ("non_occluded", "occluded")
        )
        cost = laid_out - heaps
        span = (
            f"{cost.min():.2f}"
            if f"{cost.min():.2f}" == f"{cost.max():.2f}"
            else _("{low:.2f} to {high:.2f}").format(low=cost.min(), high=cost.max())
        )
        panel.set_title(title.format(span=span), fontsize=10)
        told.append(sentence.format(span=span))
    axes[0, 0].set_ylabel(_("macro F1"))
    show(
        figure,
        _("F1 of each backbone in four conditions, the thesis's beside ours. {told}.").format(told="; ".join(told)),
    )


def _scenario_lines(panel: Axes, rows: pd.DataFrame) -> None:
    """A line from IoU 0.85 to 0.90 in each scenario for every backbone, a little apart where they coincide."""
    backbones = list(dict.fromkeys(rows["backbone"]))
    for k, backbone in enumerate(backbones):
        shift = 0.09 * (k - (len(backbones) - 1) / 2)
        for start, scenario in ((0, "non_occluded"), (2.4, "occluded")):
            own = rows[(rows["backbone"] == backbone) & (rows["scenario"] == scenario)].sort_values("IoU")
            colour, mark = next(look for word, look in _FAMILIES.items() if word in backbone.lower())
            style: dict[str, Any] = {"color": colour, "marker": mark, "linewidth": 1.8, "markersize": 6}
            panel.plot(start + np.arange(len(own)) + shift, own["f1"], label=None if start else backbone, **style)
    panel.set_xticks([0, 1, 2.4, 3.4], ["IoU 0.85", "0.90"] * 2)
    for middle, scenario in ((0.5, "non_occluded"), (2.9, "occluded")):
        words = _(SCENARIOS[scenario][0])
        panel.text(middle, -0.1, words, ha="center", va="top", transform=panel.get_xaxis_transform())
    panel.set(ylim=(0, 1.03), xlim=(-0.4, 3.8))
    panel.legend(loc="lower left", fontsize=8)


def best_ious(ious: Mapping[str, np.ndarray], marks: Sequence[float] = (0.85, 0.9)) -> None:
    """How well each piece was outlined: histograms (G,) of IoU by scenario, with the table's thresholds."""
    figure, axes = new_figure(1, len(ious), width=9.0, height=3.3)
    told = []
    for panel, (scenario, values) in zip(axes[0], ious.items(), strict=True):
        name, colour = SCENARIOS[scenario]
        panel.hist(values, bins=np.linspace(0, 1, 41), color=colour, alpha=0.85)
        for mark in marks:
            panel.axvline(mark, color=INK, linewidth=1, linestyle=":")
        between = int(((values >= marks[0]) & (values < marks[1])).sum())
        panel.set_title(
            _("{name}: {between} of {pieces} between {low:.2f} and {high:.2f}").format(
                name=_(name), between=between, pieces=len(values), low=marks[0], high=marks[1]
            ),
            fontsize=10,
        )
        panel.set(xlabel=_("best IoU with the piece"), xlim=(0, 1))
        told.append(
            _("{name}, {between} of {pieces} pieces between the thresholds").format(
                name=_(name), between=between, pieces=len(values)
            )
        )
    axes[0, 0].set_ylabel(_("pieces"))
    show(figure, _("Histograms of how well each piece was outlined: {told}.").format(told="; ".join(told)))


def bootstrap_differences(differences: Mapping[str, np.ndarray], observed: Mapping[str, float], what: str) -> None:
    """Histograms of differences (D,) on resampled plates, by scenario, with the interval of 95 % and zero."""
    what = _(what)
    figure, axes = new_figure(1, len(differences), width=9.2, height=3.4)
    every = np.concatenate(list(differences.values()))
    # One axis for all, so that widths can be compared.
    bins = np.linspace(min(every.min(), 0), max(every.max(), 0), 61)
    told = []
    for panel, (scenario, values) in zip(axes[0], differences.items(), strict=True):
        name, colour = SCENARIOS[scenario]
        low, high = np.quantile(values, [0.025, 0.975])
        sns.histplot(values, bins=bins, stat="percent", color=colour, alpha=0.5, linewidth=0, ax=panel)
        panel.axvspan(low, high, color=colour, alpha=0.15, linewidth=0)
        panel.axvline(0, color=INK, linewidth=1.4)
        panel.axvline(observed[scenario], color=WRONG, linewidth=1.8, linestyle="--")
        if low <= 0 <= high:
            title = _("{name}: {low:+.3f} to {high:+.3f}, holds 0")
            sentence = _("{name}, observed {observed:+.3f}, interval {low:+.3f} to {high:+.3f}, which holds 0")
        else:
            title = _("{name}: {low:+.3f} to {high:+.3f}, leaves 0 out")
            sentence = _("{name}, observed {observed:+.3f}, interval {low:+.3f} to {high:+.3f}, which leaves 0 out")
        panel.set_title(title.format(name=_(name), low=low, high=high), fontsize=10)
        panel.set(xlabel=what, ylabel=_("share of the draws, %"), xlim=(bins[0], bins[-1]))
        panel.locator_params(axis="x", nbins=6)
        told.append(sentence.format(name=_(name), observed=observed[scenario], low=low, high=high))
    figure.suptitle(
        _("Shaded: the interval of 95 %. Dashed: the difference in the table."), x=0.01, ha="left", fontsize=11
    )
    show(figure, _("Histograms of {what} on resampled plates: {told}.").format(what=what, told="; ".join(told)))


def recall_bars(recalls: Mapping[float, np.ndarray], objects: np.ndarray) -> None:
    """Recall in each of `OCCLUSION_BINS`, a bar for each IoU threshold.

    Args:
        recalls: IoU threshold, one of `THRESHOLDS` -> (B,) recall, NaN for an empty bin.
        objects: (B,) int, pieces in each bin.
    """
    figure, axes = new_figure(1, 1, width=7.8, height=3.8)
    panel = axes[0, 0]
    groups = {f"IoU {threshold:.2f}": recall for threshold, recall in recalls.items()}
    words = [
        _("{name}\n{count} pieces").format(name=share_words(name), count=count)
        for name, count in zip(bin_names(), objects, strict=True)
    ]
    grouped_bars(panel, groups, [THRESHOLDS[threshold] for threshold in recalls], words, "{:.2f}")
    panel.set(xlabel=_("hidden share of the piece"), ylabel=_("recall"), ylim=(0, 1.25), yticks=np.arange(0, 1.1, 0.2))
    strict, last = recalls[0.85], np.flatnonzero(objects)[-1]
    free, hidden = f"{strict[0]:.2f}", f"{strict[last]:.2f}"
    panel.set_title(
        _("At IoU 0.85: {free} of the pieces in the open, {hidden} of the most hidden ones").format(
            free=free, hidden=hidden
        )
    )
    panel.legend(loc="upper right", bbox_to_anchor=(1.0, 1.0), ncols=len(recalls), fontsize=9)
    show(
        figure,
        _("Bars of recall by hidden share and IoU threshold; at 0.85 from {free} in the open to {hidden}.").format(
            free=free, hidden=hidden
        ),
    )


def cutoff_curve(cutoffs: np.ndarray, on_val: np.ndarray, default: float) -> None:
    """Macro F1 on the validation split against the score cut-off: (K,) and (K,), with the best and the default one."""
    figure, axes = new_figure(1, 1, width=6.6, height=3.2)
    panel, best = axes[0, 0], int(on_val.argmax())
    panel.plot(cutoffs, on_val, color=INK, marker="o", markersize=4, linewidth=1.6)
    panel.plot(cutoffs[best], on_val[best], "o", color=WRONG, markersize=10)
    panel.axvline(default, color=MUTED, linewidth=1, linestyle=":")
    panel.annotate(
        _("{default:g}, as in the table").format(default=default),
        (default, 0.02),
        (5, 0),
        textcoords="offset points",
        color=MUTED,
    )
    panel.set(xlabel=_("score cut-off"), ylabel=_("macro F1 on val"), ylim=(0, 1), xlim=(0, 1))
    panel.set_title(_("On the validation split F1 is best at {best_cutoff:.2f}").format(best_cutoff=cutoffs[best]))
    show(
        figure,
        _(
            "F1 against the score cut-off: {first:.2f} at {first_cutoff:g}, {best:.2f} at {best_cutoff:g} (the "
            "best), {last:.2f} at {last_cutoff:g}."
        ).format(
            first=on_val[0],
            first_cutoff=cutoffs[0],
            best=on_val[best],
            best_cutoff=cutoffs[best],
            last=on_val[-1],
            last_cutoff=cutoffs[-1],
        ),
    )
