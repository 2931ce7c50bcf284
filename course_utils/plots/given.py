"""Words that lessons hand to figures. A lesson's code is the same in all languages, so the figures translate them."""

from collections.abc import Mapping
from typing import TypeVar

from course_utils.translation.say import N_, _

Value = TypeVar("Value")

WORDS = (
    # 03
    N_("Convolution"),
    N_("Max pooling"),
    N_("Random weights know nothing."),
    N_("After 128 steps."),
    N_("64 plates"),
    N_("The loss falls, on plates that were never learned from as well"),
    N_("64 plates to learn from"),
    N_("4 plates to learn from"),
    N_("Four plates are learned by heart: their loss falls on, that of others does not"),
    N_("plates it learns from"),
    N_("held-out plates"),
    N_("two weights"),
    N_("the network"),
    # 05, 06
    N_("1x1 down"),
    N_("1x1 up"),
    N_("A coarse map"),
    N_("Nearest neighbour"),
    N_("Not: bilinear"),
    N_("Not: tiled"),
    N_("2 red - green - blue"),
    N_("Enlarged to 384 pixels, as in this course"),
    N_("Enlarged to 800 pixels, as in the paper"),
    # 11, 12
    N_("IoU of each detection (row) with each truth"),
    N_("Their IoU"),
    N_("The mirror image"),
    N_("The true mask and a speck"),
    N_("Cautious"),
    N_("Eager"),
    # 15 to 18
    N_("amodal model"),
    N_("convex hull of what is visible"),
    N_("F1 of ResNeXt less F1 of ResNet"),
    N_("known photos"),
    N_("unknown photos,\nknown pieces"),
    N_("unknown pieces"),
    N_("as they come"),
    N_("with the temperature"),
)
"""A test looks for words that are missing here."""


def named(things: Mapping[str, Value]) -> dict[str, Value]:
    """The same things by their names in the reader's language."""
    return {_(name): thing for name, thing in things.items()}
