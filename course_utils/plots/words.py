"""Words of several figures that are put together from others."""

from collections.abc import Iterable
from functools import reduce

from course_utils.translation.say import N_, _


def joined(words: Iterable[str], pair: str = N_("{first} and {second}")) -> str:
    """Several words, one at least, in a sentence: "a and b and c"; ``pair`` says how two come together."""
    return reduce(lambda first, second: _(pair).format(first=first, second=second), words)


def share_words(name: str) -> str:
    """The name of a range of shares, such as "5% to 30%", in the notebook's language."""
    low, high = name.split(" to ")
    return _("{low} to {high}").format(low=low, high=high)
