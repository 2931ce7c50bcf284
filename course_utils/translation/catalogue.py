"""A catalogue of entries and their translations: a `.po` file as gettext, Poedit and Weblate know it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from io import StringIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po, write_po

from course_utils.errors import CourseError
from course_utils.files import replacing
from course_utils.translation.rules import differences

LOCALE = Path(__file__).resolve().parent.parent / "locale"
"""A folder for each language, and in it a catalogue for each lesson and one for each part of the package."""

_WIDTH = 110
_LINE = re.compile(r'\s*|#.*|(msg(id|str|ctxt|id_plural|str\[\d\])\s+)?"(\\.|[^"\\])*"\s*')


@dataclass(frozen=True)
class Entry:
    """Words to translate, and a note where they stand."""

    words: str
    note: str


@dataclass(frozen=True)
class Changes:
    """What a fresh look at the sources has changed in a catalogue: entries, each by its words."""

    new: tuple[str, ...]
    stale: tuple[str, ...]
    gone: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether anything has changed."""
        return bool(self.new or self.stale or self.gone)


def read_catalogue(path: Path) -> Catalog:
    """The catalogue in a file.

    Raises:
        CourseError: it cannot be read as one; the message names file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CourseError(f"{path}: is not UTF-8 text: {error.reason}") from None
    except OSError as error:
        raise CourseError(f"{path}: cannot be read: {error.strerror}") from None
    for number, line in enumerate(text.splitlines(), 1):
        if not _LINE.fullmatch(line):
            raise CourseError(f"{path}:{number}: not a line of a catalogue: {line[:60]!r}")
    try:
        return read_po(StringIO(text), locale=path.parent.name, abort_invalid=True)
    except PoFileError as error:
        raise CourseError(f"{path}:{error.lineno + 1}: no valid entry: {str(error).split(' on ')[0]}") from None


@cache
def translations(path: Path) -> dict[str, str]:
    """Entry -> translation, of those that have a certain one; nothing where there is no such file.

    Raises:
        CourseError: the file is broken.
    """
    if not path.exists():
        return {}
    certain = (said for said in _entries(read_catalogue(path)) if said.string and not said.fuzzy)
    return {str(said.id): str(said.string) for said in certain}


def refresh(path: Path, entries: Iterable[Entry]) -> Changes:
    """Bring a catalogue in step with the sources: new entries come in, changed ones become fuzzy, gone ones go.

    Raises:
        CourseError: the file is broken, or cannot be written.
    """
    catalogue = read_catalogue(path) if path.exists() else _new(path.parent.name)
    before = {str(said.id): said.fuzzy for said in _entries(catalogue)}
    catalogue.obsolete.clear()
    made = catalogue.creation_date
    catalogue.update(_template(entries))
    catalogue.creation_date = made
    obsolete = tuple(catalogue.obsolete)
    catalogue.obsolete.clear()
    after = {str(said.id): said.fuzzy for said in _entries(catalogue)}
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as beside, beside.open("wb") as file:
        write_po(file, catalogue, width=_WIDTH, no_location=True)
    return Changes(
        new=tuple(words for words, fuzzy in after.items() if words not in before and not fuzzy),
        stale=tuple(words for words, fuzzy in after.items() if fuzzy and not before.get(words)),
        gone=tuple(str(words) for words in obsolete),
    )


def problems(path: Path, entries: Iterable[Entry]) -> list[str]:
    """What keeps a catalogue from being a full and true translation, each as "file:line: what"."""
    catalogue = read_catalogue(path)
    wanted = {entry.words: entry.note for entry in entries}
    present = {str(said.id): said for said in _entries(catalogue)}
    found = [f"{path}: has no entry {words[:60]!r} ({note})" for words, note in wanted.items() if words not in present]
    found += [f"{path}: {str(words)[:60]!r} is obsolete" for words in catalogue.obsolete]
    for words, said in present.items():
        where = f"{path}:{said.lineno}"
        if words not in wanted:
            found.append(f"{where}: {words[:60]!r} is in no source any more")
        elif not said.string:
            found.append(f"{where}: not translated: {words[:60]!r}")
        elif said.fuzzy:
            found.append(f"{where}: fuzzy, its original has changed: {words[:60]!r}")
        else:
            found += [f"{where}: {difference}" for difference in differences(words, str(said.string))]
    return found


def _new(language: str) -> Catalog:
    project = "From Pixels to Calories"
    header = f"# {language}: {project}. Change translations here, originals in the sources; see CONTRIBUTING.md."
    names = {"last_translator": project, "language_team": project, "msgid_bugs_address": project}
    return Catalog(language, header_comment=header, project=project, version="1", fuzzy=False, **names)


def _template(entries: Iterable[Entry]) -> Catalog:
    template = Catalog()
    for entry in entries:
        template.add(entry.words, auto_comments=[entry.note])
    return template


def _entries(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]
