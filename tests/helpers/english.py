"""Finding English that is left in a translation: its commonest words."""

import re

# Without those that are also Python's, an argument's or an error's name: and, or, not, if, before, after, both.
_COMMON = re.compile(
    r"\b(the|of|is|are|was|were|with|this|that|these|those|which|from|for|you|your|its|they|there|been|have|has|"
    r"will|would|could|should|into|than|then|when|where|what|how|why|who|because|but|only|each|every|between|about|"
    r"more|most|two|three)\b",
    re.IGNORECASE,
)
# Code, placeholders, formulas, links, terms and titles that stay English, quotations, and names with dots.
_EXEMPT = re.compile(r'`[^`]*`|\{[^{}]*\}|\$[^$]*\$|\]\([^)]*\)|\*[^*]+\*|"[^"]*"|\w+(?:\.\w+)+|https?://\S+')
_NAMES = ("region of interest", "Table of Contents")
_REFERENCE = re.compile(r"[A-Z]\.(-?[A-Z]\.)* \w+")


def english_words(said: str) -> list[str]:
    """Common English words in a text of another language, apart from what stays English there."""
    for name in _NAMES:
        said = said.replace(name, "")
    return [] if _REFERENCE.match(said) else _COMMON.findall(_EXEMPT.sub(" ", said))
