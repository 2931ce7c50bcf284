"""The live picture of a training run keeps up with it, and pieces are covered as far as was asked."""

import numpy as np
import pytest
from helpers import tiny_set

from course_utils.dataset import load
from course_utils.mask_rcnn.model import LOSSES
from course_utils.plots import amodal, training


@pytest.fixture
def screen(monkeypatch):
    """What `LiveLosses` shows: a list of (how, picture, metadata)."""
    shown = []

    class Handle:
        def update(self, bundle, metadata, raw):
            shown.append(("again", bundle, metadata))

    def display(bundle, metadata, raw, display_id):
        shown.append(("first", bundle, metadata))
        return Handle()

    monkeypatch.setattr(training, "display", display)
    return shown


def test_one_picture_is_drawn_and_then_renewed(screen, monkeypatch):
    clock = iter([0.0, 0.0, 1.0, 5.0, 5.0, 6.0, 6.0])
    monkeypatch.setattr(training.time, "monotonic", lambda: next(clock))
    live = training.LiveLosses(4)
    for step in range(1, 5):
        live(step, dict.fromkeys(LOSSES, 1 / step))
    # The first step, the third, five seconds later, and the last one whatever the clock says.
    assert [how for how, *_ in screen] == ["first", "again", "again"]
    assert "after 4 of 4 steps" in screen[-1][1]["text/plain"]
    assert all(len(values) == 4 for values in live.losses.values())


def test_smoothing_looks_back_only():
    assert training.smooth(np.array([4.0, 2.0, 0.0, 0.0]), share=0.5).tolist() == [4, 3, 1, 0]
    assert training.smooth(np.array([4.0, 2.0]), share=0.05).tolist() == [4, 2]


def test_two_beginnings_can_be_told_apart_without_colours(monkeypatch):
    shown = []
    monkeypatch.setattr(training, "show", lambda figure, alt: shown.append((figure, alt)))
    training.two_beginnings(random=[4.0, 3.0, 2.0, 2.0], imagenet=[4.0, 2.0, 1.0, 0.5])
    ((figure, alt),) = shown
    named = {line.get_label(): line for line in figure.axes[0].lines if not line.get_label().startswith("_")}
    assert list(named) == ["from random weights", "from ImageNet's weights"]
    assert [line.get_linestyle() for line in named.values()] == ["--", "-"]
    assert "over 4 steps: at the end 2.0 from random weights and 0.5 from ImageNet's" in alt


def test_what_is_pushed_out_of_the_picture_does_not_come_back(tmp_path):
    """Beside the bakwan, two columns of the tempe lie left of the picture."""
    tiny_set.write(tmp_path)
    scene = load("tiny", tmp_path)[0]
    pieces = [piece.name for piece in scene.instances]
    covering = amodal.cover(scene, pieces.index("bakwan"), pieces.index("tempe"), 0.0)
    changed = (covering.photo != scene.image).any(axis=-1)
    assert changed[:, 0].any() and not changed[:, 20:].any()


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5])
def test_a_piece_is_covered_as_far_as_was_asked(tmp_path, share):
    """A rectangle of 10 by 10 pixels, pushed over by one of 8 by 6: six pixels are hidden with each column."""
    tiny_set.write(tmp_path)
    scene = load("tiny", tmp_path)[0]
    pieces = [piece.name for piece in scene.instances]
    behind, front = pieces.index("bakwan"), pieces.index("tempe")
    covering = amodal.cover(scene, behind, front, share)
    assert covering.hidden == pytest.approx(share, abs=0.05)
    assert (covering.whole == scene.masks[behind]).all()
    changed = (covering.photo != scene.image).any(axis=-1)
    assert not changed[covering.visible].any()
