"""The parts that an answer is handed say in plain words what they want."""

import re

import pytest
import torch

from course_utils.exercises.room_shapes import refuse_shapes

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
