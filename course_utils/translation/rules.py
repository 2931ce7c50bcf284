"""What an entry and its translation have in common, whatever the language: formulas, code, links, tags, numbers."""

import re
from collections import Counter

_KINDS = {
    "formula": re.compile(r"\$\$.+?\$\$|(?<![\\\w])\$[^$\s](?:[^$]*[^$\s])?\$(?!\d)", re.DOTALL),
    "code": re.compile(r"``.+?``|`[^`]+`"),
    "link": re.compile(r"(?<=\]\()[^)\s]+(?=[)\s])|https?://[^\s)>\]]+"),
    "tag": re.compile(r"</?[a-z][^>]*>"),
    "placeholder": re.compile(r"\{[^{}\s]*\}"),
    "number": re.compile(r"\d+(?:[.,:]\d+)*"),
}


def differences(entry: str, translation: str) -> list[str]:
    """Each formula, piece of code, link target, HTML tag, placeholder or number that only one of the two has."""
    said = []
    for kind, pattern in _KINDS.items():
        # What one kind has taken is nothing to the next: the 2 of `x2` is no number of the text.
        ours, theirs = Counter(pattern.findall(entry)), Counter(pattern.findall(translation))
        said += [f"the {kind} {text} is missing" for text in (ours - theirs).elements()]
        said += [f"the {kind} {text} is not in the original" for text in (theirs - ours).elements()]
        entry, translation = pattern.sub(" ", entry), pattern.sub(" ", translation)
    return said


def has_words(entry: str) -> bool:
    """Whether there is anything to translate: a letter outside of formulas, code, links, tags and numbers."""
    for pattern in _KINDS.values():
        entry = pattern.sub(" ", entry)
    return bool(re.search(r"[A-Za-z]{2}", entry))
