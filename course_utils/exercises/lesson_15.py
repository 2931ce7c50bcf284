"""Exercises of lesson 15: what a visible mask can reach, amodal targets, pieces pasted on top, the learning rate."""

import math
from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from course_utils import masks
from course_utils.exercises.core import Case, Exercise, Lesson
from course_utils.training import schedule
from course_utils.training.settings import TrainSettings


def _best_iou(hidden: float) -> float:
    return 1 - hidden


def _best_iou_edges() -> list[Case]:
    return [(0.0,), (0.25,), (0.5,), (1.0,)]


def _best_iou_random(rng: Generator) -> list[Case]:
    return [(round(float(rng.uniform(0.05, 0.95)), 2),) for _ in range(3)]


def _rectangle(x1: int, y1: int, x2: int, y2: int) -> np.ndarray:
    mask = np.zeros((8, 12), dtype=bool)
    mask[y1:y2, x1:x2] = True
    return mask


Targets = tuple[list[int], np.ndarray]


def _kept(shares: np.ndarray, least: float) -> list[int]:
    return np.flatnonzero(shares >= least).tolist()


def _shares(whole: np.ndarray, visible: np.ndarray) -> np.ndarray:
    return visible.sum(axis=(1, 2)) / whole.sum(axis=(1, 2))


def _targets(whole: np.ndarray, visible: np.ndarray, least: float) -> Targets:
    kept = _kept(_shares(whole, visible), least)
    return kept, masks.to_boxes(whole[kept]).reshape(-1, 4)


def _visible_boxes(whole: np.ndarray, visible: np.ndarray, least: float) -> Targets:
    kept = _kept(_shares(whole, visible), least)
    return kept, masks.to_boxes(visible[kept]).reshape(-1, 4)


def _inclusive_boxes(whole: np.ndarray, visible: np.ndarray, least: float) -> Targets:
    kept, boxes = _targets(whole, visible, least)
    return kept, boxes - [0, 0, 1, 1]


def _hidden_kept(whole: np.ndarray, visible: np.ndarray, least: float) -> Targets:
    kept = _kept(1 - _shares(whole, visible), least)
    return kept, masks.to_boxes(whole[kept]).reshape(-1, 4)


def _more_than_least(whole: np.ndarray, visible: np.ndarray, least: float) -> Targets:
    return _targets(whole, visible, np.nextafter(least, 1))


def _everything_kept(whole: np.ndarray, visible: np.ndarray, least: float) -> Targets:
    return list(range(len(whole))), masks.to_boxes(whole).reshape(-1, 4)


def _heap(rng: Generator) -> tuple[np.ndarray, np.ndarray]:
    """Three rectangles, each partly under the next one; ``(3, 8, 12) bool`` twice."""
    whole = []
    for k in range(3):
        x, y = int(rng.integers(0, 4)) + 2 * k, int(rng.integers(0, 3))
        whole.append(_rectangle(x, y, x + int(rng.integers(3, 5)), y + int(rng.integers(3, 6))))
    above = [np.any([np.zeros((8, 12), bool), *whole[k + 1 :]], axis=0) for k in range(3)]
    return np.array(whole), np.array([one & ~cover for one, cover in zip(whole, above, strict=True)])


def _disc(x: float, y: float, radius: float) -> np.ndarray:
    rows, columns = np.mgrid[:320, :320] + 0.5
    return (columns - x) ** 2 + (rows - y) ** 2 < radius**2


def _share_of_box(whole: np.ndarray, visible: np.ndarray, least: float) -> Targets:
    x1, y1, x2, y2 = masks.to_boxes(whole).reshape(-1, 4).T
    kept = _kept(visible.sum(axis=(1, 2)) / ((x2 - x1) * (y2 - y1)), least)
    return kept, masks.to_boxes(whole[kept]).reshape(-1, 4)


def _as_in_training(whole: np.ndarray, visible: np.ndarray, least: float) -> Targets:
    seen = visible.sum(axis=(1, 2))
    kept = np.flatnonzero((seen >= 16) & (seen >= least * whole.sum(axis=(1, 2)))).tolist()
    return kept, masks.to_boxes(whole[kept]).reshape(-1, 4)


def _all_boxes(whole: np.ndarray, visible: np.ndarray, least: float) -> Targets:
    return _targets(whole, visible, least)[0], masks.to_boxes(whole).reshape(-1, 4)


def _lost_as_indices(whole: np.ndarray, visible: np.ndarray, least: float) -> Targets:
    kept, boxes = _targets(whole, visible, least)
    return [k for k in range(len(whole)) if k not in kept], boxes


def _target_edges() -> list[Case]:
    whole = np.array([_rectangle(1, 2, 9, 6), _rectangle(3, 1, 7, 5), _rectangle(0, 0, 2, 2)])
    visible = np.array([whole[0] & ~_rectangle(2, 2, 9, 6), whole[1] & ~_rectangle(5, 0, 12, 8), whole[2]])
    on_the_limit = (whole[:1], (whole & _rectangle(1, 2, 3, 6))[:1], 0.25)
    corner = _rectangle(2, 1, 10, 7) & ~_rectangle(2, 1, 9, 4) & ~_rectangle(3, 4, 10, 6)  # fills little of its box
    at_the_border = np.array([_rectangle(0, 3, 12, 8)])
    discs = np.array([_disc(100, 160, 70), _disc(190, 150, 60), _disc(300, 40, 50)])
    seen = np.array([discs[0] & ~discs[1], discs[1], discs[2] & ~_disc(300, 40, 48)])
    return [
        (whole[2:], visible[2:], 0.25),
        (whole, visible, 0.25),
        (whole[:1], visible[:1], 0.25),
        on_the_limit,
        (corner[None], corner[None] & _rectangle(2, 1, 12, 6), 0.25),
        (at_the_border, at_the_border & _rectangle(0, 3, 12, 6), 0.5),
        (whole[:0], visible[:0], 0.25),
        (discs, seen, 0.08),
    ]


def _target_random(rng: Generator) -> list[Case]:
    return [(*_heap(rng), 0.25) for _ in range(3)]


Stacks = tuple[np.ndarray, np.ndarray]


def _paste(whole: np.ndarray, visible: np.ndarray, piece: np.ndarray) -> Stacks:
    return np.concatenate([whole, piece[None]]), np.concatenate([visible & ~piece, piece[None]])


def _paste_cutting(whole: np.ndarray, visible: np.ndarray, piece: np.ndarray) -> Stacks:
    return np.concatenate([whole & ~piece, piece[None]]), np.concatenate([visible & ~piece, piece[None]])


def _paste_below(whole: np.ndarray, visible: np.ndarray, piece: np.ndarray) -> Stacks:
    seen = piece & ~visible.any(axis=0)
    return np.concatenate([whole, piece[None]]), np.concatenate([visible, seen[None]])


def _paste_through(whole: np.ndarray, visible: np.ndarray, piece: np.ndarray) -> Stacks:
    return np.concatenate([whole, piece[None]]), np.concatenate([visible, piece[None]])


def _paste_anew(whole: np.ndarray, visible: np.ndarray, piece: np.ndarray) -> Stacks:
    return np.concatenate([whole, piece[None]]), np.concatenate([whole & ~piece, piece[None]])


def _paste_unlisted(whole: np.ndarray, visible: np.ndarray, piece: np.ndarray) -> Stacks:
    return whole, visible & ~piece


def _paste_first(whole: np.ndarray, visible: np.ndarray, piece: np.ndarray) -> Stacks:
    return np.concatenate([piece[None], whole]), np.concatenate([piece[None], visible & ~piece])


def _paste_without_buried(whole: np.ndarray, visible: np.ndarray, piece: np.ndarray) -> Stacks:
    kept = (visible & ~piece).any(axis=(1, 2))
    return _paste(whole[kept], visible[kept], piece)


def _paste_overlap(whole: np.ndarray, visible: np.ndarray, piece: np.ndarray) -> Stacks:
    return np.concatenate([whole, piece[None]]), np.concatenate([visible & piece, piece[None]])


def _paste_flipped(whole: np.ndarray, visible: np.ndarray, piece: np.ndarray) -> Stacks:
    return np.concatenate([whole, piece[None]]), np.concatenate([visible ^ piece, piece[None]])


def _small(x1: int, y1: int, x2: int, y2: int) -> np.ndarray:
    return _rectangle(x1, y1, x2, y2)[:3, :6]


def _paste_edges() -> list[Case]:
    whole, piece = np.array([_small(0, 0, 3, 2)]), _small(2, 1, 5, 3)
    inner = np.array([_small(3, 1, 4, 2)])
    discs = np.array([_disc(100, 160, 70), _disc(190, 150, 60)])
    return [
        (whole, whole, piece),
        (whole, whole, _small(4, 0, 6, 1)),  # touches nothing
        (whole, whole & ~_small(0, 0, 1, 3), piece),  # covered before, elsewhere
        (whole, whole & ~_small(2, 0, 3, 3), piece),  # covered before, in part by the same pixels
        (inner, inner, piece),  # buried
        (whole[:0], whole[:0], piece),  # an empty plate
        (np.concatenate([whole, inner]), np.concatenate([whole, inner]), _small(1, 0, 4, 3)),
        (discs, np.array([discs[0] & ~discs[1], discs[1]]), _disc(150, 100, 55)),
    ]


def _paste_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for _ in range(3):
        x, y = int(rng.integers(0, 6)), int(rng.integers(0, 4))
        cases.append((*_heap(rng), _rectangle(x, y, x + 5, y + 4)))
    return cases


Rate = Callable[[int, int, float, int, float], float]


def _rate(step: int, steps: int, peak: float, warmup: int, flat: float) -> float:
    return schedule.learning_rate(step, TrainSettings(steps=steps, learning_rate=peak, warmup=warmup, flat=flat))


def _half_cosine(share: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * share))


def _rate_with(
    fall: Callable[[float], float] = _half_cosine,
    rise: Callable[[int, int], float] = lambda step, warmup: min(1.0, (step + 1) / warmup),
    share: Callable[[int, int, float], float] = lambda step, steps, begin: max(0, (step - begin) / (steps - begin)),
) -> Rate:
    """The schedule with one thing changed: the curve of the fall, the rise, or how far the fall has come."""

    def rate(step: int, steps: int, peak: float, warmup: int, flat: float) -> float:
        return peak * rise(step, warmup) * fall(share(step, steps, flat * steps))

    return rate


def _rate_one_or_other(step: int, steps: int, peak: float, warmup: int, flat: float) -> float:
    return peak * (step + 1) / warmup if step < warmup else _rate(step, steps, peak, 1, flat)


def _rate_edges() -> list[Case]:
    steps = [(step, 100, 0.001, 10, 0.3) for step in (0, 4, 9, 10, 30, 65, 99, 20)]
    long_rise = [(50, 100, 0.001, 60, 0.1), (5, 100, 0.001, 60, 0.1)]
    return [*steps, *long_rise, (0, 100, 0.002, 1, 0), (40, 100, 1.0, 1, 0.0), (899, 900, 0.0007, 40, 0.25)]


def _rate_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for _ in range(3):
        steps = int(rng.integers(200, 900))
        cases.append((int(rng.integers(0, steps)), steps, 0.0007, 40, 0.25))
    return cases


LESSON = Lesson(
    15,
    [
        Exercise(
            id="best-visible-iou",
            title="The best that a visible mask can reach",
            points=1,
            reference=_best_iou,
            edges=_best_iou_edges,
            random=_best_iou_random,
            misconceptions={
                "That is the IoU of the hidden part with the whole. The perfect visible mask is the other part.": (
                    lambda hidden: hidden
                ),
                "You divided the visible part by visible plus whole. The visible part lies inside the whole, so the "
                "union is the whole and nothing is counted twice.": lambda hidden: (1 - hidden) / (2 - hidden),
                "That is the hidden part over the visible one. IoU is intersection over union: which are these two "
                "here?": lambda hidden: hidden / (1 - hidden) if hidden < 1 else 0.0,
            },
            hints=(
                "Let the whole piece have area 1. How large is the visible part?",
                "The visible part lies inside the whole piece. What does that make of their intersection, and of their "
                "union?",
                "The intersection is the visible part, the union the whole piece. Divide the one area by the other.",
            ),
        ),
        Exercise(
            id="amodal-targets",
            title="What an amodal model is asked to learn",
            points=3,
            whole=True,
            reference=_targets,
            edges=_target_edges,
            random=_target_random,
            misconceptions={
                "Your boxes are those of the visible parts. The mask branch only draws inside of its box, so a box "
                "around the visible part cuts the hidden part off: take the box of the whole mask.": _visible_boxes,
                "Your boxes end at the last pixel. Boxes are half-open in this course: x2 and y2 lie one past "
                "it.": _inclusive_boxes,
                "You kept the pieces that are hidden far enough, and dropped those that can be seen. It is the visible "
                "share that must be at least `least`.": _hidden_kept,
                "You kept every piece. Of one that is hidden almost entirely nothing can be learnt but to invent food "
                "everywhere.": _everything_kept,
                "You took the share of the box, not of the piece: a piece seldom fills its box. Divide by the pixels "
                "of the whole mask.": _share_of_box,
                "That is the rule of training, with its 16 pixels. Here only the share is asked for.": _as_in_training,
                "The indices are right, but there is a box for every piece: only those that are learnt get "
                "one.": _all_boxes,
                "The boxes are right. The indices are those of the pieces that are left out.": _lost_as_indices,
                "A visible share equal to `least` is enough: use >=.": _more_than_least,
            },
            hints=(
                "Two decisions for each piece: is it learnt, and where is its box? Which mask decides which?",
                "A loop over the pieces, with a list of indices and one of boxes. The share compares two counts of "
                "pixels; np.nonzero gives the rows and columns of a mask.",
                "Keep piece k if its visible pixels are at least `least` times its whole ones. Its box goes from the "
                "smallest column and row of the *whole* mask to one past the largest. reshape(-1, 4) gives an empty "
                "list the shape (0, 4).",
            ),
        ),
        Exercise(
            id="paste-on-top",
            title="A piece pasted on top",
            points=2,
            reference=_paste,
            edges=_paste_edges,
            random=_paste_random,
            misconceptions={
                "You cut the new piece out of the whole masks as well. What lies underneath is as large as before: "
                "only what can be seen of it shrinks.": _paste_cutting,
                "You slid the new piece underneath. It lies on top: all of it can be seen, and it takes visible pixels "
                "from the others.": _paste_below,
                "The new piece is there, but one can see through it: take its pixels from the visible masks of the "
                "others.": _paste_through,
                "You began from the whole masks. What was covered before stays covered: take the new piece's pixels "
                "from the *visible* masks.": _paste_anew,
                "The new piece comes last, after all others; you put it first.": _paste_first,
                "You dropped a piece of which nothing is left to be seen. It keeps its place in both stacks, with an "
                "empty visible mask.": _paste_without_buried,
                "You kept just what the new piece covers. It is the other way round: what lies under it can no longer "
                "be seen.": _paste_overlap,
                "Where the new piece lies beside a mask, you added its pixels to it. Take away only: and not, instead "
                "of exclusive or.": _paste_flipped,
                "The others are right. The new piece itself is missing: it needs a whole and a visible mask, at the "
                "end.": _paste_unlisted,
            },
            hints=(
                "What changes for the pieces underneath: how large they are, or how much of them can be seen?",
                "Two stacks, each grows by one. In one of them the others stay as they are, in the other they lose "
                "pixels.",
                "Append the piece to the whole masks. Take its pixels from each visible mask (and not), into a new "
                "stack, and append the piece to that as well: it lies on top, so all of it can be seen. Drop nobody, "
                "also who is buried.",
            ),
        ),
        Exercise(
            id="learning-rate",
            title="The learning rate of a step",
            points=2,
            shortcuts=("torch.optim.lr_scheduler",),
            reference=_rate,
            edges=_rate_edges,
            random=_rate_random,
            misconceptions={
                "Step 0 has a learning rate of 0 in your schedule and learns nothing. Steps count from 0: rise by "
                "(step + 1) / warmup.": _rate_with(rise=lambda step, warmup: min(1.0, step / warmup)),
                "Your cosine begins at step 0. It begins when the flat stretch ends, at flat * steps.": (
                    lambda step, steps, peak, warmup, flat: _rate(step, steps, peak, warmup, 0)
                ),
                "Your cosine goes down and up again. Half a cosine is cos from 0 to pi, not to 2 pi.": _rate_with(
                    fall=lambda t: 0.5 * (1 + math.cos(2 * math.pi * t))
                ),
                "Half of your fall is below zero: a negative learning rate climbs. Shift and halve the cosine: "
                "(1 + cos) / 2 runs from 1 to 0.": _rate_with(fall=lambda t: math.cos(math.pi * t)),
                "The cosine of what? It takes radians, and the fall goes up to pi, not to 1: pi is "
                "missing.": _rate_with(fall=lambda t: 0.5 * (1 + math.cos(t))),
                "Your cosine gets degrees. np.cos takes radians: pi for half a turn, not 180.": _rate_with(
                    fall=lambda t: 0.5 * (1 + math.cos(180 * t))
                ),
                "A quarter of a cosine falls steeply to 0 and never levels out. The formula has half of one, "
                "shifted.": (_rate_with(fall=lambda t: math.cos(math.pi / 2 * t))),
                "1 + cos runs from 2 to 0: before the fall the rate is twice the peak. The half is "
                "missing.": _rate_with(fall=lambda t: 1 + math.cos(math.pi * t)),
                "1 - cos runs the other way round: it rises. The fall is (1 + cos) / 2.": _rate_with(
                    fall=lambda t: 0.5 * (1 - math.cos(math.pi * t))
                ),
                "That is a straight fall. Half a cosine leaves the flat stretch gently, and comes in "
                "gently.": _rate_with(fall=lambda t: 1 - t),
                "Your fall goes over the whole run: t is step / steps. It begins at flat * steps.": _rate_with(
                    share=lambda step, steps, begin: step / steps if step > begin else 0
                ),
                "Before the fall your t is negative, and the cosine of a negative number falls as well: there the "
                "factor is 1.": _rate_with(share=lambda step, steps, begin: (step - begin) / (steps - begin)),
                "t goes from 0 to 1 over the *fall*, that is over steps - flat * steps. You divided by all "
                "steps.": _rate_with(share=lambda step, steps, begin: max(0, (step - begin) / steps)),
                "Your fall reaches 0 in the last step, which then learns nothing. As in the formula, it would be 0 one "
                "step after the "
                "last.": _rate_with(share=lambda step, steps, begin: max(0, (step - begin) / (steps - 1 - begin))),
                "After the rise your rate goes on rising. It is never more than the peak: min(1, ...).": _rate_with(
                    rise=lambda step, warmup: (step + 1) / warmup
                ),
                "The rise is missing: the first steps go at the full peak, while the gradients are still "
                "wild.": _rate_with(rise=lambda step, warmup: 1),
                "You have the rise *or* the fall. They are factors, and a long rise may not be over when the fall "
                "begins: multiply both.": _rate_one_or_other,
                "The peak is missing: that is the factor alone, which never exceeds 1.": (
                    lambda step, steps, peak, warmup, flat: _rate(step, steps, 1.0, warmup, flat)
                ),
            },
            hints=(
                "What is the rate in the first step, in the middle of the flat stretch, and in the last step?",
                "Three factors: the peak; a rise, which is never above 1; and a fall, which is 1 until the flat "
                "stretch ends.",
                "The rise is (step + 1) / warmup, but at most 1. t is 0 up to flat * steps, then the share of the rest "
                "of the run that is over. The fall is half of 1 plus the cosine of pi t. Multiply all three.",
            ),
        ),
    ],
)
check = LESSON.check
