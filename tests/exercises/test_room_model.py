"""The parts that an answer is handed: whatever it does to them, the next answer gets unharmed ones."""

import re

import pytest
import torch

from course_utils.exercises.lesson_10 import LESSON
from course_utils.exercises.room import refuse_shapes

EXERCISE = LESSON["forward-pass"]


def _model(parts):
    return next(c.cell_contents for c in parts.prepare.__closure__ if type(c.cell_contents).__name__ == "MaskRCNN")


def _zero_a_weight(net):
    next(net.parameters()).zero_()


def _replace_a_weight(net):
    net.rpn.head.conv = torch.nn.Conv2d(8, 8, 3)


def _train(net):
    net.train()


@pytest.mark.parametrize("harm", [_zero_a_weight, _replace_a_weight, _train])
def test_the_next_answer_gets_unharmed_parts(harm):
    case = EXERCISE.edges()[0]
    before = EXERCISE.probe(EXERCISE.reference, *case)

    def answer(photo, parts):
        harm(_model(parts))

    assert EXERCISE.probe(answer, *case) is None
    assert torch.equal(EXERCISE.probe(EXERCISE.reference, *case), before)


WANTED = {"boxes": "N, 4", "scores": "N"}


@pytest.mark.parametrize(
    ("given", "got"),
    [
        ((torch.ones(3, 4), torch.ones(2)), "(3, 4) and (2,)"),  # not as many
        ((torch.ones(3, 5), torch.ones(3)), "(3, 5) and (3,)"),
        ((torch.ones(1, 3, 4), torch.ones(3)), "(1, 3, 4) and (3,)"),
        ((torch.ones(3, 4), [1, 2, 3]), "(3, 4) and a list"),
        ((torch.ones(3, 4),), "(3, 4)"),
    ],
)
def test_what_a_part_wants_is_said_in_words(given, got):
    with pytest.raises(ValueError, match=re.escape(f"p.nms wants boxes (N, 4) and scores (N,), and got {got}") + "$"):
        refuse_shapes("p.nms", WANTED, *given)
    refuse_shapes("p.nms", WANTED, torch.ones(3, 4), torch.ones(3))
    refuse_shapes("p.nms", WANTED, torch.ones(0, 4), torch.ones(0))
