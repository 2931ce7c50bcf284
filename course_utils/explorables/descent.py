"""Gradient descent with two weights: choose the learning rate and the start, and see the way down."""

from typing import Any

import numpy as np

from course_utils.explorables.page import numbers, show
from course_utils.plots.learning import draw_descent
from course_utils.plots.style import new_figure
from course_utils.translation.say import _

BINS = 60
STEPS = 40


def descent(x: np.ndarray, y: np.ndarray, start: tuple[float, float], rate: float = 1.0) -> None:
    """Show the loss of ``sigmoid(weight * x + bias)`` over weight and bias, and a walk of `STEPS` steps on it.

    Args:
        x: what goes in, ``(N,)``; the page gets its histogram. y: what is true, ``(N,)``, 1 or 0.
        start: weight and bias. rate: learning rate at first, 0.03 to 30.
    """
    question = _("From which learning rate on does the walk no longer arrive? Does it depend on where it begins?")
    edges = np.linspace(x.min(), x.max(), BINS + 1)
    middles = (edges[1:] + edges[:-1]) / 2
    shares = np.array([np.histogram(x[y == kind], edges)[0] for kind in (0, 1)]) / len(x)
    data: dict[str, Any] = {"x": numbers(middles, 4), "no": numbers(shares[0], 5), "yes": numbers(shares[1], 5)}
    data |= {"start": list(start), "rate": rate, "steps": STEPS}
    figure, axes = new_figure(1, 1, width=4.4, height=4.0)
    weights, biases = np.linspace(-2, 6, 40), np.linspace(-7, 3, 40)
    logits = weights[None, :, None] * middles + biases[:, None, None]
    losses = (np.logaddexp(0, -logits) * shares[1] + np.logaddexp(0, logits) * shares[0]).sum(axis=2)
    draw_descent(axes[0, 0], weights, biases, losses, _walk(middles, shares, start, rate))
    walked = {"steps": STEPS, "rate": rate}
    axes[0, 0].set(title=_("{steps} steps with rate {rate:g}").format(**walked), ylabel=_("bias"))
    alt = _("A valley of the loss over weight and bias, and the way down of {steps} steps with rate {rate:g}.")
    show("descent", data, question, figure, alt.format(**walked))


def _walk(x: np.ndarray, shares: np.ndarray, start: tuple[float, float], rate: float) -> list[tuple[float, float]]:
    path = [start]
    for _step in range(STEPS):
        weight, bias = path[-1]
        said = 1 / (1 + np.exp(-(weight * x + bias)))
        error = said * shares[0] - (1 - said) * shares[1]
        path.append((weight - rate * float(error @ x), bias - rate * float(error.sum())))
    return path
