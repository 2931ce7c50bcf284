"""Answers that are words: every way of writing one of the words that are asked for counts as that word."""

import re
from typing import Any

from course_utils.translation.say import N_, _

_SPELLINGS = (("isation", "ization"), ("ise", "ize"), ("our", "or"), ("centre", "center"), ("grey", "gray"))
_NUMBERS = (
    *("", N_("one"), N_("two"), N_("three"), N_("four"), N_("five")),
    *(N_("six"), N_("seven"), N_("eight"), N_("nine"), N_("ten")),
)


def as_choices(value: Any, choices: tuple[str, ...]) -> Any:
    """A value in which every word is written as in `choices`, at any depth; words that are not among them stay.

    Case, blanks, hyphens, a plural's s and American spelling make no difference.
    """
    if not choices:
        return value
    if isinstance(value, str):
        same = [choice for choice in choices if _key(choice) == _key(value)]
        return same[0] if len(same) == 1 else value
    if type(value) in (list, tuple):
        return type(value)(as_choices(item, choices) for item in value)
    if type(value) is dict:
        return {key: as_choices(item, choices) for key, item in value.items()}
    return value


def words_in(value: Any) -> tuple[str, ...]:
    """The different words of a value that is a word, or a list of words; else none."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list | tuple) and value and all(isinstance(item, str) for item in value):
        return tuple(dict.fromkeys(value))
    return ()


def unknown_word(value: Any, choices: tuple[str, ...]) -> str:
    """What to say of the first word that is none of the choices, or an empty string; also when there are no choices."""
    if not choices:
        return ""
    words = [value] if isinstance(value, str) else value if type(value) in (list, tuple) else []
    for word in words:
        if isinstance(word, str) and word not in choices:
            count = _(_NUMBERS[len(choices)]) if len(choices) < len(_NUMBERS) else str(len(choices))
            told = _("{word} is not one of the {count} words: {choices}")
            return told.format(word=repr(word[:40]), count=count, choices=", ".join(choices))
    return ""


def _key(word: str) -> str:
    word = re.sub(r"[\W_]+", "", word.casefold()) or word
    for british, american in _SPELLINGS:
        word = word.replace(british, american)
    return word.removesuffix("s")
