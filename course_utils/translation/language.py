"""The languages of the course, and the words of a lesson in one of them."""

import json
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from course_utils.classroom.source import Cell
from course_utils.errors import CourseError
from course_utils.exercises.titles import title_of
from course_utils.translation.catalogue import LOCALE, Entry, translations
from course_utils.translation.code import translate_code
from course_utils.translation.markdown import Lookup, translate_markdown
from course_utils.translation.rules import has_words

SOURCE = "en"
"""The language that the sources are written in."""
CLASSROOM = "classroom"
"""The catalogue of the front page and of the ways between the lessons."""

ELSEWHERE = ("commands", "demo", "site")
"""Catalogues of what is said outside of lessons; a change in one of them makes no lesson out of date."""


def languages() -> list[str]:
    """Codes of the languages that the course is translated into: those with a folder of catalogues."""
    return sorted(folder.name for folder in LOCALE.iterdir() if any(folder.glob("*.po")))


def language_of(notebook: Path) -> str:
    """Code of the language that a notebook of the course says it speaks; English where it says none that there is."""
    try:
        code = json.loads(notebook.read_text(encoding="utf-8"))["metadata"]["course"]["language"]
    except Exception:  # no notebook of the course, or a file that may be broken anywhere
        return SOURCE
    return spoken_here(code)


def spoken_here(code: object) -> str:
    """A language's code, whoever says it; that of English where it is none of the course's."""
    return code if isinstance(code, str) and code in languages() else SOURCE


@dataclass(frozen=True)
class Language:
    """A language by its code, such as "id"; entries without a translation keep their English words.

    Raises:
        CourseError: the course does not speak it.
    """

    code: str = SOURCE

    def __post_init__(self) -> None:
        """Refuse a language that there is not."""
        if self.code != SOURCE and self.code not in languages():
            raise CourseError(f"no language {self.code!r}; there are: {', '.join([SOURCE, *languages()])}")

    def lookup(self, domain: str) -> Lookup:
        """From words to their translation in a catalogue: a lesson's ("05_backbone") or one of the package's."""
        known = self.words(domain)
        return lambda words: known.get(words, words)

    def words(self, domain: str) -> dict[str, str]:
        """Words -> their translation in a catalogue; none in English."""
        return {} if self.code == SOURCE else translations(LOCALE / self.code / f"{domain}.po")

    def folder(self, notebooks: Path) -> Path:
        """Where its notebooks lie: in that folder, or in one of its own below."""
        return notebooks if self.code == SOURCE else notebooks / self.code

    def fingerprint(self, lesson: str) -> str:
        """Hash of all words that a lesson can say in this language: its own catalogue and those of the package."""
        package = (path for path in sorted((LOCALE / self.code).glob("[a-z]*.po")) if path.stem not in ELSEWHERE)
        paths = [LOCALE / self.code / f"{lesson}.po", *package]
        return sha256(b"".join(path.read_bytes() for path in paths if path.exists())).hexdigest()[:16]

    def title(self, source: Path) -> str:
        """A lesson's title with its number in this language."""
        return self.lookup(source.stem)(title_of(source))

    def cell(self, cell: Cell, lesson: str) -> Cell:
        """A lesson's cell in this language; its code stays what it is.

        Raises:
            CourseError: a translation changes the code; the message names the cell.
        """
        if self.code == SOURCE:
            return cell
        try:
            return replace(cell, text=_translated(cell, self.lookup(lesson)))
        except CourseError as error:
            raise CourseError(f"{cell.where}: {self.code}: {error}") from None


ENGLISH = Language()


def editions_of(lesson: str) -> list[Language]:
    """Languages other than English that a lesson has a catalogue in."""
    return [Language(code) for code in languages() if (LOCALE / code / f"{lesson}.po").exists()]


def entries_of(cells: list[Cell], names: list[str]) -> list[Entry]:
    """What there is to translate in a lesson, each once.

    Args:
        names: the cells' ids; an entry's note says in which it stands.
    """
    found: dict[str, Entry] = {}
    for cell, name in zip(cells, names, strict=True):

        def note(words: str, name: str = name) -> str:
            if has_words(words):
                found.setdefault(words, Entry(words, name))
            return words

        _translated(cell, note)
    return list(found.values())


def _translated(cell: Cell, lookup: Lookup) -> str:
    return translate_code(cell.text, lookup) if cell.kind == "code" else translate_markdown(cell.text, lookup)
