"""Figures of training: the losses while a run goes on or from its log, and what a model learns meanwhile."""

import time
from collections.abc import Mapping, Sequence

import numpy as np
from IPython.display import DisplayHandle, display
from matplotlib.axes import Axes

from course_utils import masks
from course_utils.mask_rcnn.model import LOSSES, VISIBLE_LOSS
from course_utils.metrics.instances import Detections
from course_utils.plots.scenes import draw_fill, draw_outline, draw_photo
from course_utils.plots.style import INK, MISSED, WRONG, as_output, class_colour, new_figure, show
from course_utils.translation.say import N_, _

COLOURS = dict(
    zip((*LOSSES, VISIBLE_LOSS), ("#0072B2", "#56B4E9", "#D55E00", "#E69F00", "#009E73", "#CC79A7"), strict=True)
)
NAMES = {
    "loss_objectness": N_("objectness"),
    "loss_rpn_box_reg": N_("box of the RPN"),
    "loss_classifier": N_("class"),
    "loss_box_reg": N_("box"),
    "loss_mask": N_("mask"),
    "loss_visible": N_("visible mask"),
}
_SECONDS_BETWEEN = 2.0
_FEW_STEPS = 0.2
"""Share of a short run over which its losses are smoothed."""


def smooth(values: np.ndarray, share: float = 0.05) -> np.ndarray:
    """Mean over the last steps, ``share`` of all of them: single steps jump, for each has other photos."""
    width = max(1, round(share * len(values)))
    sums = np.cumsum(np.concatenate([[0.0], values]))
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - width, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)


def draw_losses(axes: Axes, losses: Mapping[str, Sequence[float]], share: float = 0.05) -> dict[str, np.ndarray]:
    """The losses over the steps, smoothed, with a legend; the curves."""
    curves = {name: smooth(np.asarray(losses[name], float), share) for name in losses}
    for name, curve in curves.items():
        axes.plot(np.arange(1, len(curve) + 1), curve, color=COLOURS[name], linewidth=1.8, label=_(NAMES[name]))
    axes.set(xlabel=_("step"), ylabel=_("loss, mean of the last steps"), ylim=(0, None))
    # With a ground of its own: a line that marks a step may pass behind it.
    axes.legend(loc="upper right", fontsize=8, frameon=True, framealpha=1, edgecolor="none")
    return curves


class LiveLosses:
    """Draws the losses while a run goes on: hand it to `course_utils.training.loop.Run.train` as ``on_step``."""

    def __init__(self, steps: int):
        """``steps``: of the whole run, so that the last one is drawn."""
        self.steps = steps
        self.losses: dict[str, list[float]] = {}
        self._drawn_at = -np.inf
        self._handle: DisplayHandle | None = None

    def __call__(self, step: int, losses: Mapping[str, float]) -> None:
        """Take in the losses of a step; a new picture at most every two seconds."""
        for name, value in losses.items():
            self.losses.setdefault(name, []).append(value)
        if step == self.steps or time.monotonic() - self._drawn_at > _SECONDS_BETWEEN:
            self._draw(step)
            self._drawn_at = time.monotonic()

    def _draw(self, step: int) -> None:
        figure, axes = new_figure(1, 1, width=7.4, height=3.4)
        draw_losses(axes[0, 0], self.losses)
        axes[0, 0].set_title(_("Step {step} of {steps}").format(step=step, steps=self.steps))
        axes[0, 0].set_xlim(1, self.steps)
        bundle, metadata = as_output(
            figure, _("Curves of the losses after {step} of {steps} steps.").format(step=step, steps=self.steps)
        )
        if self._handle is None:
            self._handle = display(bundle, metadata=metadata, raw=True, display_id=True)
        else:
            self._handle.update(bundle, metadata=metadata, raw=True)


def learning_rates(rates: Sequence[float], warmup: int, flat: float) -> None:
    """The learning rate over the steps of a run, with its three stretches named."""
    steps = len(rates)
    figure, axes = new_figure(1, 1, width=7.4, height=2.8)
    panel = axes[0, 0]
    panel.plot(range(steps), 1e4 * np.asarray(rates), color=COLOURS["loss_classifier"], linewidth=2)
    top = 1e4 * max(rates)
    for x, words in (
        (warmup / 2, _("rise")),
        ((warmup + flat * steps) / 2, _("flat")),
        ((1 + flat) / 2 * steps, _("half a cosine")),
    ):
        panel.text(x, 1.08 * top, words, ha="center", color=INK, fontsize=9)
    panel.set(xlabel=_("step"), ylabel=_("learning rate, $10^{-4}$"), ylim=(0, 1.25 * top))
    panel.set_title(_("Careful at first, bold for a while, careful again at the end"))
    show(figure, _("The learning rate rises within a few steps, stays, and falls along half a cosine to zero."))


def two_beginnings(random: Sequence[float], imagenet: Sequence[float]) -> None:
    """The sum of the losses over the same steps, from random weights and from ImageNet's: single steps and smoothed."""
    figure, axes = new_figure(1, 1, width=7.4, height=3.2)
    panel = axes[0, 0]
    ends = []
    for losses, colour, line, words in (
        (random, WRONG, "--", _("from random weights")),
        (imagenet, MISSED, "-", _("from ImageNet's weights")),
    ):
        steps, curve = range(1, len(losses) + 1), smooth(np.asarray(losses, float), _FEW_STEPS)
        panel.plot(steps, losses, color=colour, linewidth=0.8, alpha=0.35)
        panel.plot(steps, curve, line, color=colour, linewidth=2.2, label=words)
        ends.append(curve[-1])
    panel.set(xlabel=_("step"), ylabel=_("sum of the losses"), ylim=(0, None))
    panel.set_title(_("Thick: mean of the last steps; thin: every step"))
    panel.legend(loc="upper right", fontsize=9)
    show(
        figure,
        _(
            "The sum of the losses over {steps} steps: at the end {random:.1f} from random weights "
            "and {imagenet:.1f} from ImageNet's."
        ).format(steps=len(random), random=ends[0], imagenet=ends[1]),
    )


def growing_up(photo: np.ndarray, album: Mapping[int, Detections]) -> None:
    """What a model of one class draws on a photo after some of its steps: step -> detections."""
    figure, axes = new_figure(1, len(album), width=2.6 * len(album), height=2.9)
    for panel, (step, found) in zip(axes[0], album.items(), strict=True):
        draw_photo(panel, photo, _("step {step}: {count} drawn").format(step=step, count=len(found)))
        for k, mask in enumerate(found.regions.masks if len(found) else ()):
            draw_fill(panel, mask, class_colour(k % 6 + 1), 0.3)
            draw_outline(panel, mask, class_colour(k % 6 + 1), width=1.6)
    told = ", ".join(
        _("{count} after step {step}").format(count=len(found), step=step) for step, found in album.items()
    )
    show(figure, _("The same plate with the outlines that the model draws on it: {told}.").format(told=told))


def logged_run(losses: Mapping[str, Sequence[float]], starts: Sequence[int]) -> None:
    """The losses of a long run made of several, from their logs; ``starts``: the steps at which a new one begins."""
    figure, axes = new_figure(1, 1, width=8.4, height=3.6)
    panel = axes[0, 0]
    total = np.sum(list(draw_losses(panel, losses, share=0.01).values()), axis=0)
    for step in starts:
        panel.axvline(step, color=INK, linewidth=0.8, linestyle=":")
    panel.set_title(
        _("{steps} steps, and the sum of the losses fell from {start:.1f} to {end:.1f}").format(
            steps=len(total), start=total[0], end=total[-1]
        )
    )
    show(
        figure,
        _("The five losses of the course's model over all of its training; dotted lines mark where a run ended."),
    )


def pasted_on_top(photos: Sequence[np.ndarray], whole: Sequence[np.ndarray], visible: Sequence[np.ndarray]) -> None:
    """A plate before and after pieces of another one were laid on top: whole outlines dashed, visible ones drawn."""
    figure, axes = new_figure(1, 2, width=8.4, height=4.3)
    added = len(whole[1]) - len(whole[0])
    titles = (
        _("{pieces} pieces").format(pieces=len(whole[0])),
        _("{added} more laid on top; what they cover keeps its outline").format(added=added),
    )
    for panel, photo, outlines, seen, title in zip(axes[0], photos, whole, visible, titles, strict=True):
        draw_photo(panel, photo, title)
        for k, (outline, part) in enumerate(zip(outlines, seen, strict=True)):
            colour = INK if k < len(whole[0]) else WRONG
            draw_outline(panel, outline, colour, "--", 1.4)
            draw_outline(panel, part, colour, width=1.6)
    hidden = masks.area(whole[1][: len(whole[0])]).sum() - masks.area(visible[1][: len(whole[0])]).sum()
    show(
        figure,
        _("A plate before and after {added} pieces were pasted onto it; {hidden} pixels became hidden.").format(
            added=added, hidden=hidden
        ),
    )
