"""The glossary of a language as a page of Markdown: its terms by letter, each with the English one and one sentence."""

import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from course_utils.translation.catalogue import LOCALE
from course_utils.translation.current import speaking
from course_utils.translation.glossary import Term, read_glossary
from course_utils.translation.language import Language
from course_utils.translation.say import N_, _

_TITLE = N_("Glossary")
_INTRODUCTION = N_(
    "{count} terms as the course uses them, each with the English one and one sentence. Terms that stay English are in "
    "*italics*."
)
_ITALICS = re.compile(r"\*([^*]+)\*")


def has_glossary(language: Language) -> bool:
    """Whether there is a file of terms; English, from which they come, has none."""
    return _file(language).exists()


def page_name(language: Language) -> str:
    """The page's file name, in the language."""
    with speaking(language.code):
        return f"{_(_TITLE).lower()}.md"


def glossary_page(language: Language) -> str:
    """The page's text.

    Raises:
        CourseError: the language's `glossary.toml` is broken; the message names the file and what.
    """
    terms = sorted(read_glossary(_file(language)), key=_place)
    italics = _english_words(terms)
    with speaking(language.code):
        head = [f"# {_(_TITLE)}", _(_INTRODUCTION).format(count=len(terms))]
        tables = [
            _table(letter, list(some), italics) for letter, some in groupby(terms, lambda term: _place(term)[0][0])
        ]
    return "\n\n".join([*head, *tables]) + "\n"


def _file(language: Language) -> Path:
    return LOCALE / language.code / "glossary.toml"


def _place(term: Term) -> tuple[str, str]:
    """By what a term is sorted: its letters as they are read, without marks."""
    return _ITALICS.sub(r"\1", term.translated).lower(), term.english.lower()


def _table(letter: str, terms: Sequence[Term], italics: re.Pattern) -> str:
    rows = [[_("Term"), _("English"), _("Meaning")], ["---"] * 3]
    rows += [[term.translated, term.english, _in_italics(term.line, italics)] for term in terms]
    return "\n".join([f"## {letter.upper()}", "", *("| " + " | ".join(row) + " |" for row in rows)])


def _english_words(terms: Sequence[Term]) -> re.Pattern:
    """Finds whatever one of the terms keeps in English, a doubled word as one; not in names such as Mask R-CNN."""
    words = {word for term in terms for word in _ITALICS.findall(term.translated)}
    longest_first = sorted(map(re.escape, words), key=len, reverse=True)
    return re.compile(rf"\*[^*]+\*|\b({'|'.join(longest_first)})(-\1)?\b(?! (?-i:[A-Z]))", re.IGNORECASE)


def _in_italics(line: str, italics: re.Pattern) -> str:
    return italics.sub(lambda found: f"*{found[0].strip('*')}*", line)
