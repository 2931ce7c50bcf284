"""Exercises of lesson 15: what a visible mask can reach, amodal targets, pieces pasted on top, the learning rate."""

import math
from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from course_utils import masks
from course_utils.exercises.core import Case, Exercise, Lesson
from course_utils.training import schedule
from course_utils.training.settings import TrainSettings

LEAST = 0.25
"""The exercise's smallest visible share, larger than that of training so that small masks can show it."""


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


def _target_edges() -> list[Case]:
    whole = np.array([_rectangle(1, 2, 9, 6), _rectangle(3, 1, 7, 5), _rectangle(0, 0, 2, 2)])
    visible = np.array([whole[0] & ~_rectangle(2, 2, 9, 6), whole[1] & ~_rectangle(5, 0, 12, 8), whole[2]])
    on_the_limit = (whole[:1], (whole & _rectangle(1, 2, 3, 6))[:1], LEAST)
    cases: list[Case] = [(whole[2:], visible[2:], LEAST), (whole, visible, LEAST), (whole[:1], visible[:1], LEAST)]
    cases.append(on_the_limit)
    return cases


def _target_random(rng: Generator) -> list[Case]:
    return [(*_heap(rng), LEAST) for _ in range(3)]


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


def _paste_edges() -> list[Case]:
    whole = np.array([_rectangle(1, 1, 6, 6)])
    cases: list[Case] = [(whole, whole, _rectangle(4, 2, 10, 5)), (whole, whole, _rectangle(8, 1, 11, 4))]
    cases.append((whole, whole & ~_rectangle(0, 0, 3, 8), _rectangle(4, 2, 10, 5)))  # covered before, elsewhere
    return cases


def _paste_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for _ in range(3):
        x, y = int(rng.integers(0, 6)), int(rng.integers(0, 4))
        cases.append((*_heap(rng), _rectangle(x, y, x + 5, y + 4)))
    return cases


def _rate(step: int, steps: int, peak: float, warmup: int, flat: float) -> float:
    return schedule.learning_rate(step, TrainSettings(steps=steps, learning_rate=peak, warmup=warmup, flat=flat))


def _rate_from_zero(step: int, steps: int, peak: float, warmup: int, flat: float) -> float:
    return _rate(step, steps, peak, 1, flat) * min(1.0, step / warmup)


def _rate_never_flat(step: int, steps: int, peak: float, warmup: int, flat: float) -> float:
    return _rate(step, steps, peak, warmup, 0)


def _rate_falling(fall: Callable[[float], float]) -> Callable[..., float]:
    """The schedule with another curve than half a cosine, from share 0 to share 1 of the fall."""

    def rate(step: int, steps: int, peak: float, warmup: int, flat: float) -> float:
        begin = flat * steps
        return peak * min(1.0, (step + 1) / warmup) * fall(max(0.0, (step - begin) / (steps - begin)))

    return rate


def _rate_edges() -> list[Case]:
    return [(step, 100, 0.001, 10, 0.3) for step in (0, 4, 9, 30, 65, 99)]


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
                "Let the whole piece have area 1. How large is the visible part? And what is the union of the two?",
            ),
        ),
        Exercise(
            id="amodal-targets",
            title="What an amodal model is asked to learn",
            points=2,
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
                "A visible share equal to `least` is enough: use >=.": _more_than_least,
            },
            hints=("The visible share of a piece is visible.sum() / whole.sum(). The box comes from the whole mask.",),
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
                "The others are right. The new piece itself is missing: it needs a whole and a visible mask, at the "
                "end.": _paste_unlisted,
            },
            hints=(
                "Two stacks grow by one. In one of them the others stay as they are, in the other they lose pixels.",
            ),
        ),
        Exercise(
            id="learning-rate",
            title="The learning rate of a step",
            points=3,
            reference=_rate,
            edges=_rate_edges,
            random=_rate_random,
            misconceptions={
                "Step 0 has a learning rate of 0 in your schedule and learns nothing. Steps count from 0: rise by "
                "(step + 1) / warmup.": _rate_from_zero,
                "Your cosine begins at step 0. It begins when the flat stretch ends, at flat * steps.": (
                    _rate_never_flat
                ),
                "Your cosine goes down and up again. Half a cosine is cos from 0 to pi, not to 2 pi.": _rate_falling(
                    lambda share: 0.5 * (1 + math.cos(2 * math.pi * share))
                ),
                "Half of your fall is below zero: a negative learning rate climbs. Shift and halve the cosine: "
                "(1 + cos) / 2 runs from 1 to 0.": _rate_falling(lambda share: math.cos(math.pi * share)),
            },
            hints=("Three factors: peak, the rise (never above 1), and the fall, which is 1 up to flat * steps.",),
        ),
    ],
)
check = LESSON.check
