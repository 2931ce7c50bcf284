"""Single slips of lessons for which something was named, or a second mistake announced, that nobody had made."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from course_utils.exercises.core import judge
from course_utils.exercises.yours import declared


def _level_x1_forgotten(boxes):
    width, height = boxes[:, 2], boxes[:, 3] - boxes[:, 1]
    return np.floor(4 + np.log2(np.sqrt(width * height) / 224)).clip(2, 5).astype(int)


def _losses_as_means(objectness, deltas, labels, true_deltas, objects, background):
    sampled = torch.cat([objects, background])
    if not len(sampled):
        return objectness.sum() * 0, deltas.sum() * 0
    score = F.binary_cross_entropy_with_logits(objectness[sampled], labels[sampled])
    move = F.smooth_l1_loss(deltas[objects], true_deltas[objects], beta=1 / 9) if len(objects) else deltas.sum() * 0
    return score, move


def _largest_of_four(feature, y, x):
    top, left = int(y), int(x)
    return float(feature[top : top + 2, left : left + 2].max())


def _points_in_each_bin_from_edge_to_edge(start, end, bins, samples):
    edges = np.linspace(start, end, bins + 1)
    return np.concatenate([np.linspace(*pair, samples) for pair in zip(edges, edges[1:], strict=False)])


def _otsu_without_abs(gray):
    best, best_t = -1.0, 0
    for t in range(255):
        dark, light = gray[gray <= t], gray[gray > t]
        value = dark.size * light.size * (dark.mean() - light.mean()) if dark.size and light.size else -1
        best, best_t = max((best, best_t), (value, t))
    return best_t


def _line_of_the_own_piece(areas, weights, pieces):
    own = [np.polyfit(areas[pieces == piece], weights[pieces == piece], 1) for piece in pieces]
    return np.array([np.polyval(*pair) for pair in zip(own, areas, strict=True)])


@pytest.mark.filterwarnings("ignore:Polyfit may be poorly conditioned")
@pytest.mark.parametrize(
    ("exercise_id", "answer", "words"),
    [
        ("roi-level", _level_x1_forgotten, ""),
        ("rpn-losses", _losses_as_means, ""),
        ("bilinear-value", _largest_of_four, ""),
        ("bin-points", _points_in_each_bin_from_edge_to_edge, ""),
        ("otsu", _otsu_without_abs, ""),
        ("snap-box", lambda box, stride: np.ceil(box / stride - 0.5) * stride, ""),
        ("mape", lambda estimated, true: abs(((estimated - true) / true).mean()), ""),
        ("mape", lambda estimated, true: (((estimated - true) / true) ** 2).mean(), ""),
        ("best-visible-iou", lambda hidden: 1 / (1 + hidden), ""),
        ("wrong-diameter", lambda kcal, true_cm, entered_cm: kcal, "You give back `kcal` as it came in."),
        ("leave-piece-out", _line_of_the_own_piece, "You give back `weights` as it came in."),
        ("pixel-accuracy", lambda one, other: (one == other).sum() / one.shape[1], "the length of axis 0"),
    ],
)
def test_what_was_not_done_is_not_named(exercise_id, answer, words):
    outcome = judge(declared(exercise_id)[0], answer)
    assert outcome.status == "wrong"
    if words:
        assert words in outcome.hint and "not all" not in outcome.hint
    else:
        assert not outcome.named


def test_a_box_smaller_than_a_cell_is_not_stretched():
    def points(start, end, bins, samples):
        size = max(end - start, 1)
        return start + (np.arange(bins * samples) + 0.5) * size / (bins * samples)

    assert judge(declared("bin-points")[0], points).status == "wrong"
