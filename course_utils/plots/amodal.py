"""Figures of lesson 15: targets that reach behind an occluder, and what a network draws there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from course_utils import masks
from course_utils.dataset.classes import CLASSES
from course_utils.dataset.scene import Scene
from course_utils.metrics.instances import Detections
from course_utils.metrics.occlusion import bin_names, occlusion_bin
from course_utils.metrics.simulated import shifted
from course_utils.plots.bars import grouped_bars
from course_utils.plots.given import named
from course_utils.plots.scenes import draw_agreement, draw_box, draw_fill, draw_outline, draw_photo, zoom
from course_utils.plots.style import INK, MUTED, RIGHT, WRONG, class_colour, new_figure, show
from course_utils.plots.words import joined, share_words
from course_utils.translation.say import N_, _

BIN_NAMES = bin_names()
_AND_BY = N_("{first} and by {second}")


def two_targets(scene: Scene, index: int) -> None:
    """One covered piece, with mask and box as a visible-only and as an amodal model should learn them."""
    piece = scene.instances[index]
    colour = class_colour(piece.label)
    figure, axes = new_figure(1, 2, width=7.6, height=4.0)
    targets = ((piece.visible_mask, piece.visible_box), (piece.mask, piece.box))
    titles = (_("Visible: mask and box of what is seen"), _("Amodal: mask and box of the whole piece"))
    for panel, (mask, box), title in zip(axes[0], targets, titles, strict=True):
        draw_photo(panel, scene.image, title)
        draw_fill(panel, mask, colour, 0.5)
        draw_outline(panel, mask, colour)
        draw_box(panel, box, "white", 2.0)
        zoom(panel, piece.mask)
    show(
        figure,
        _("A {name} under another piece: mask and box of its visible part, and of the whole piece.").format(
            name=piece.name
        ),
    )


def found_in_heaps(scenes: Sequence[Scene], found: Sequence[Detections]) -> None:
    """Heaps with the outlines a model draws (lines), and the true whole outlines (white, dashed)."""
    figure, axes = new_figure(1, len(scenes), width=3.9 * len(scenes), height=4.2)
    for panel, scene, one in zip(axes[0], scenes, found, strict=True):
        draw_photo(
            panel,
            scene.image,
            _("{pieces} pieces, {detections} drawn").format(pieces=len(scene.labels), detections=len(one)),
        )
        for truth in scene.masks:
            draw_outline(panel, truth, "white", ":", 1.4)
        for label, mask in zip(one.labels, one.regions.masks, strict=True):
            draw_outline(panel, mask, class_colour(int(label)), width=2.0)
        zoom(panel, np.any(scene.masks, axis=0), 10)
    handles = [axes[0, 0].plot([], [], color=class_colour(name), label=name)[0] for name in CLASSES]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(CLASSES), fontsize=9)
    show(figure, _("Heaps with the model's outlines in the colours of the classes, true outlines dotted in white."))


def twins_on_a_plate(scene: Scene, found: Mapping[str, Detections]) -> None:
    """The same heap outlined by several models, from their stored predictions (RLEs)."""
    figure, axes = new_figure(1, len(found), width=4.1 * len(found), height=4.2)
    for panel, (name, one) in zip(axes[0], found.items(), strict=True):
        draw_photo(panel, scene.image, name)
        outlines = one.regions.to_masks().masks if len(one) else ()
        for label, mask in zip(one.labels, outlines, strict=True):
            draw_fill(panel, mask, class_colour(int(label)), 0.3)
            draw_outline(panel, mask, class_colour(int(label)), width=1.8)
        zoom(panel, np.any(scene.masks, axis=0), 10)
    show(figure, _("The same heap outlined by {names}.").format(names=joined(found, _AND_BY)))


def areas_by_occlusion(tables: Mapping[str, pd.DataFrame]) -> None:
    """Predicted over whole area of the found pieces, by how far they are hidden: median and middle half."""
    figure, axes = new_figure(1, 1, width=7.8, height=3.5)
    panel = axes[0, 0]
    told = []
    for k, ((name, table), colour) in enumerate(zip(tables.items(), (RIGHT, WRONG), strict=True)):
        groups = _binned(table, "area_ratio")
        places = np.arange(len(BIN_NAMES)) + 0.16 * (2 * k - 1)
        low, middle, high = np.array([np.quantile(group, [0.25, 0.5, 0.75]) for group in groups]).T
        panel.vlines(places, low, high, color=colour, linewidth=7, alpha=0.35)
        panel.plot(places, middle, "o", color=colour, label=name)
        told.append(f"{name} {middle[2]:.2f}")
    left = 1 - np.array([np.median(group) for group in _binned(table, "hidden")])
    panel.hlines(left, places - 0.12, places + 0.12, color=INK, linewidth=1.6, label=_("what is left to see"), zorder=3)
    panel.axhline(1, color=MUTED, linewidth=1, linestyle=":")
    panel.set_xticks(range(len(BIN_NAMES)), list(map(share_words, BIN_NAMES)))
    panel.set(xlabel=_("hidden share of the piece"), ylabel=_("drawn area / whole area"), ylim=(0, None))
    panel.set_title(_("Median and middle half of the found pieces. 1: the whole area"))
    panel.legend(loc="lower left")
    show(
        figure,
        _("Drawn over whole area by hidden share; medians of pieces hidden by {share}: {told}.").format(
            share=share_words(BIN_NAMES[2]), told=", ".join(told)
        ),
    )


def _binned(table: pd.DataFrame, column: str) -> list[np.ndarray]:
    """The values of a column in each bin of the hidden share; a single nan for a bin without any."""
    place = occlusion_bin(table["hidden"].to_numpy())
    groups = [table.loc[place == k, column].dropna().to_numpy() for k in range(len(BIN_NAMES))]
    return [group if len(group) else np.array([np.nan]) for group in groups]


def hidden_iou_bars(tables: Mapping[str, pd.DataFrame]) -> None:
    """Mean IoU of the hidden parts by how far a piece is hidden, for several guessers."""
    tables = named(tables)
    figure, axes = new_figure(1, 1, width=7.8, height=3.3)
    panel = axes[0, 0]
    names = [
        share_words(name) for name in BIN_NAMES[1:]
    ]  # of what is hidden by less than 5% there is hardly a part to judge
    means = {name: [group.mean() for group in _binned(table, "hidden_iou")[1:]] for name, table in tables.items()}
    grouped_bars(panel, means, (RIGHT, MUTED), names, "{:.2f}")
    panel.set(xlabel=_("hidden share of the piece"), ylabel=_("IoU of the hidden parts"), ylim=(0, 1))
    first, second = ([f"{value:.2f}" for value in values] for values in means.values())
    panel.set_title(
        _("Behind other pieces the model reaches a mean IoU of up to {model}, a hull of {hull}").format(
            model=max(first), hull=max(second)
        )
    )
    panel.legend(loc="upper left", ncols=len(means), fontsize=9)
    told = "; ".join(f"{name}: {', '.join(f'{value:.2f}' for value in values)}" for name, values in means.items())
    show(
        figure,
        _("Bars of the mean IoU of the hidden parts by hidden share ({names}). {told}.").format(
            names=", ".join(names), told=told
        ),
    )


def inventions(scenes: Sequence[Scene], pieces: Sequence[int], outlines: Sequence[np.ndarray]) -> None:
    """Covered pieces close up: what was drawn behind the occluder, and what is there."""
    figure, axes = new_figure(2, len(scenes), width=2.6 * len(scenes), height=5.4)
    for column, (scene, index, outline) in enumerate(zip(scenes, pieces, outlines, strict=True)):
        piece = scene.instances[index]
        above, below = axes[:, column]
        draw_photo(
            above,
            scene.image,
            _("{name}, {occlusion_rate:.0%} hidden").format(name=piece.name, occlusion_rate=piece.occlusion_rate),
        )
        draw_outline(above, piece.visible_mask, class_colour(piece.label))
        covered = scene.in_front(index)
        hidden, guess = piece.mask & covered, outline & covered
        iou = masks.iou(guess[None], hidden[None])[0, 0]
        draw_photo(below, scene.image, _("IoU of the hidden part {iou:.2f}").format(iou=iou))
        draw_agreement(below, guess, hidden)
        for panel in (above, below):
            zoom(panel, piece.mask)
    show(
        figure,
        _(
            "Upper row: the visible part of covered pieces. Lower row: behind the occluder, green was drawn and is "
            "there, blue is there and was not drawn, orange was drawn and is not there."
        ),
    )


@dataclass(frozen=True)
class Covering:
    """A photo in which one piece was partly covered by hand, so that its whole outline is known and was once seen.

    Attributes:
        photo: ``(H, W, 3) uint8``. label: of the covered piece. whole, visible: ``(H, W) bool`` of it.
    """

    photo: np.ndarray
    label: int
    whole: np.ndarray
    visible: np.ndarray

    @property
    def hidden(self) -> float:
        """Hidden share, 0 to 1."""
        return 1 - self.visible.sum() / self.whole.sum()


def cover(scene: Scene, index: int, by: int, share: float) -> Covering:
    """Lay a copy of one piece over another of the same plate, from the left, until about a share of it is hidden.

    Args:
        scene: a plate. index: the piece to cover. by: the piece that is copied. share: 0 to 1.
    """
    whole, cut = scene.masks[index], scene.masks[by]
    target, copied = masks.to_box(whole), masks.to_box(cut)
    middle = (target + target[[2, 3, 0, 1]] - copied - copied[[2, 3, 0, 1]])[:2] / 2
    start = target[0] - copied[2]  # side by side
    moves = [(int(start) + step, int(middle[1])) for step in range(int(target[2] - target[0]) + 1)]
    hidden = [(whole & shifted(cut, *move)).sum() / whole.sum() for move in moves]
    right, down = moves[int(np.argmin(np.abs(np.array(hidden) - share)))]
    moved = shifted(cut, right, down)
    photo = np.where(moved[..., None], np.roll(scene.image, (down, right), (0, 1)), scene.image)
    return Covering(photo, int(scene.labels[index]), whole, whole & ~moved)


Draw = Callable[[np.ndarray], Detections]
"""A model: from a photo ``(H, W, 3) uint8`` to what it finds."""


def covered_further_and_further(coverings: Sequence[Covering], draw: Draw) -> None:
    """What a model draws of a piece that is covered step by step, and what a perfect visible mask would reach."""
    figure, axes = new_figure(1, len(coverings), width=2.3 * len(coverings), height=3.1)
    told = []
    for panel, one in zip(axes[0], coverings, strict=True):
        outline, iou = own_outline(draw(one.photo), one)
        verdict = _("not found") if outline is None else f"IoU {iou:.2f}"
        draw_photo(panel, one.photo, _("{hidden:.0%} hidden: {verdict}").format(hidden=one.hidden, verdict=verdict))
        panel.set_xlabel(_("a visible mask at best: {best:.2f}").format(best=1 - one.hidden), fontsize=9)
        draw_outline(panel, one.whole, "white", ":", 1.4)
        if outline is not None:
            draw_outline(panel, outline, INK, width=2.2)
        zoom(panel, one.whole, 30)
        told.append(_("{verdict} at {hidden:.0%}").format(verdict=verdict, hidden=one.hidden))
    show(
        figure,
        _("A piece that is covered further and further, and the model's outline of it: {told} hidden.").format(
            told=", ".join(told)
        ),
    )


def own_outline(found: Detections, one: Covering) -> tuple[np.ndarray | None, float]:
    """Of the detections of the covered piece's food that fits it best, and its IoU; None if none touches it."""
    found = found.select(found.labels == one.label)
    ious = masks.iou(found.regions.masks, one.whole[None])[:, 0] if len(found) else np.zeros(1)
    best = int(ious.argmax())
    return (found.regions.masks[best], float(ious[best])) if ious[best] > 0 else (None, 0.0)
