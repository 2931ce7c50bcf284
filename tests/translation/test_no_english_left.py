"""No English is left in a translation's prose: its commonest words do not occur."""

import re

import pytest

from course_utils.translation.catalogue import LOCALE, translations
from course_utils.translation.language import languages

# Without those that are also Python's, an argument's or an error's name: and, or, not, if, before, after, both.
COMMON = re.compile(
    r"\b(the|of|is|are|was|were|with|this|that|these|those|which|from|for|you|your|its|they|there|been|have|has|"
    r"will|would|could|should|into|than|then|when|where|what|how|why|who|because|but|only|each|every|between|about|"
    r"more|most|two|three)\b",
    re.IGNORECASE,
)
# Code, placeholders, formulas, links, terms and titles that stay English, quotations, and names with dots.
EXEMPT = re.compile(r'`[^`]*`|\{[^{}]*\}|\$[^$]*\$|\]\([^)]*\)|\*[^*]+\*|"[^"]*"|\w+(?:\.\w+)+|https?://\S+')
NAMES = ("region of interest", "Table of Contents")
REFERENCE = re.compile(r"[A-Z]\.(-?[A-Z]\.)* \w+")


def english_words(said: str) -> list[str]:
    for name in NAMES:
        said = said.replace(name, "")
    return [] if REFERENCE.match(said) else COMMON.findall(EXEMPT.sub(" ", said))


@pytest.mark.parametrize("code", languages())
def test_no_common_english_word_is_left(code):
    paths = sorted((LOCALE / code).glob("*.po"))
    found = {
        (p.stem, said): words for p in paths for said in translations(p).values() if (words := english_words(said))
    }
    assert len(paths) > 18 and found == {}


def test_a_sentence_that_was_forgotten_is_found():
    assert english_words('Ini *mask* dari `the`, dan "what" yang lain.') == []
    assert english_words("Setiap piksel is counted for you.") == ["is", "for", "you"]
