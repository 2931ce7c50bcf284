"""The parts that an answer is handed: whatever it does to them, the next answer gets unharmed ones."""

import pytest
import torch

from course_utils.exercises.lesson_10 import LESSON

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
