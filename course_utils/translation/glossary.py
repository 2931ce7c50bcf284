"""The terms of a language, and whether a translation keeps to them."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from course_utils.errors import CourseError

_EXEMPT = re.compile(
    r'`[^`]*`|<[^<>]*>|\{[^{}]*\}|-[a-z]\w+|\$[^$]*\$|\([^)]*\)|\*[A-Z][^*]*\*|"[^"]*"|(^|[;.] )[\w]+(, \w+)*:'
)
"""What has no terms to keep: code, tags, formulas, links, arguments, titles of papers and quotations, which stay."""


@dataclass(frozen=True)
class Term:
    """A term in both languages.

    Attributes:
        english, translated: as the glossary shows them.
        english_forms: what stands for it in an English text, in lower case; none where a search would also find
            everyday words.
        forms: of these one must stand in a translation.
        line: one sentence that explains it.
        everyday: its translation is an everyday word as well, which the website does not link.
    """

    english: str
    translated: str
    english_forms: tuple[str, ...]
    forms: tuple[str, ...]
    line: str
    everyday: bool = False

    @cached_property
    def _pattern(self) -> re.Pattern:
        return re.compile(rf"\b({'|'.join(map(re.escape, self.english_forms))})\b", re.IGNORECASE)

    def is_broken_by(self, words: str, said: str) -> bool:
        """Whether an entry uses the term and its translation another one."""
        if not self.english_forms or not self._pattern.search(_EXEMPT.sub(" ", words)):
            return False
        plain = said.replace("*", "").lower()
        return not any(form in plain for form in self.forms)


def read_glossary(path: Path) -> list[Term]:
    """The terms of a language from its `glossary.toml`.

    Raises:
        CourseError: the file is broken; the message names what.
    """
    try:
        records = tomllib.loads(path.read_text(encoding="utf-8")).get("term")
    except OSError as error:
        raise CourseError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:  # no TOML, or no UTF-8
        raise CourseError(f"{path}: {error}") from None
    if not isinstance(records, list) or not records:
        raise CourseError(f"{path}: no [[term]] in it")
    return [_term(record, f"{path}: term {number}") for number, record in enumerate(records, 1)]


def _term(record: object, where: str) -> Term:
    if not isinstance(record, dict):
        raise CourseError(f"{where} is no table")
    where += f", {record.get('english')!r}"
    for name in ("english", "translated", "line"):
        text = record.get(name)
        if not isinstance(text, str) or not text.strip("* ") or set("|\n") & set(text):
            raise CourseError(f"{where}: {name!r} must be a line of text, without |")
    for name in ("english_forms", "forms"):
        several = record.get(name)
        if not isinstance(several, list) or not all(isinstance(form, str) for form in several):
            raise CourseError(f"{where}: {name!r} must be a list of texts")
    forms = tuple(record["english_forms"]), tuple(record["forms"])
    everyday = record.get("everyday", False)
    if not isinstance(everyday, bool):
        raise CourseError(f"{where}: 'everyday' must be true or false")
    return Term(record["english"], record["translated"], *forms, record["line"], everyday)


def broken_terms(terms: list[Term], translations: Mapping[str, str]) -> Iterator[str]:
    """For each translation that breaks a term: which, and in which entry."""
    for words, said in translations.items():
        for term in terms:
            if term.is_broken_by(words, said):
                yield f"{term.english!r} is {term.translated!r} here: {words[:60]!r}"
