"""All that there is to translate: a catalogue's name and its entries, lesson by lesson, and the package's own words."""

import ast
import importlib
from collections.abc import Collection, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from babel.messages.extract import extract_from_dir
from tornado.template import Template

from course_utils.classroom.editions import cell_ids
from course_utils.classroom.navigation import without_next
from course_utils.classroom.source import lesson_number, read_source
from course_utils.classroom.start import start_words
from course_utils.translation.catalogue import Entry
from course_utils.translation.language import CLASSROOM, entries_of
from course_utils.translation.markdown import parted, pieces
from course_utils.translation.rules import has_words

CARDS = "cards"
"""The catalogue of what exercises ask and answer."""
SITE = "site"
"""The catalogue of the website's own words."""


def marked_in_python(
    file: BinaryIO, marks: Collection[str], _comments: Any, options: Any
) -> Iterator[tuple[int, str, str, list]]:
    """As Babel's own extractor, but also within f-strings, which are single texts to that one before Python 3.12."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in marks and node.args:
            words = node.args[0]
            if isinstance(words, ast.Constant) and isinstance(words.value, str):
                yield node.lineno, node.func.id, words.value, []


def marked_in_template(file: BinaryIO, *how: Any, **options: Any) -> Iterator[tuple[int, str, str, list]]:
    """What a tornado template says: what the Python code marks that tornado makes of it."""
    return marked_in_python(BytesIO(Template(file.read()).code.encode()), *how, **options)


_MARKS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("**.py", marked_in_python, ("_", "N_", "Sentence")),
    ("explorables/js/*.js", "javascript", ("CX.say",)),
    ("demo/page/*.js", "javascript", ("say",)),
    ("demo/page/*.html", marked_in_template, ("_",)),
)
"""Files of code, how they are read, and what marks a text in them."""


def domains(root: Path) -> dict[str, list[Entry]]:
    """Catalogue -> its entries, each once, in the order in which a reader meets them.

    There is one for each lesson, one for the declarations of all exercises, and one for each folder of the package
    that says something; and one for the website.
    """
    sources = sorted((root / "solutions").glob("[0-9][0-9]_*.py"))
    lessons = {source.stem: _of_lesson(source) for source in sources}
    return {**lessons, CARDS: _of_cards(sources), **_of_package(), SITE: _of_site(root / "site")}


def _of_lesson(source: Path) -> list[Entry]:
    cells = without_next(read_source(source))
    return entries_of(cells, cell_ids(cells))


def _of_cards(sources: list[Path]) -> list[Entry]:
    """What an exercise's declaration says to a learner."""
    found: dict[str, Entry] = {}
    for source in sources:
        module = importlib.import_module(f"course_utils.exercises.lesson_{lesson_number(source):02d}")
        for exercise in module.LESSON.exercises.values():
            for words in (exercise.title, *exercise.misconceptions, *exercise.hints, *exercise.parts):
                found.setdefault(words, Entry(words, exercise.id))
    return list(found.values())


def _of_package() -> dict[str, list[Entry]]:
    """Whatever the package's code marks, by its folder; and the front page."""
    found = {CLASSROOM: {words: Entry(words, "start") for words in start_words() if has_words(words)}}
    package = Path(__file__).resolve().parent.parent
    for name, words in _marked(package):
        found.setdefault(Path(name).parts[0], {}).setdefault(words, Entry(words, name))
    return {folder: list(entries.values()) for folder, entries in found.items()}


def _of_site(folder: Path) -> list[Entry]:
    """What the website says itself: its pages, paragraph by paragraph, and what its code marks."""
    found: dict[str, Entry] = {}
    for page in sorted((folder / "pages").glob("*.md")):
        for piece in pieces(parted(page.read_text(encoding="utf-8"))[1]):
            if has_words(piece.words):
                found.setdefault(piece.words, Entry(piece.words, f"pages/{page.name}"))
    for name, words in _marked(folder):
        found.setdefault(words, Entry(words, name))
    return list(found.values())


def _marked(folder: Path) -> list[tuple[str, str]]:
    """Texts that code below a folder marks, with their files, in the order in which they stand."""
    marked = [
        found
        for files, method, marks in _MARKS
        for found in extract_from_dir(folder, [(files, method)], keywords=dict.fromkeys(marks))
    ]
    return [(Path(name).as_posix(), str(words)) for name, _line, words, *_ in sorted(marked, key=lambda one: one[:2])]
