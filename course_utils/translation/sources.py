"""All that there is to translate: a catalogue's name and its entries, lesson by lesson, and the package's own words."""

import importlib
from pathlib import Path

from babel.messages.extract import extract_from_dir

from course_utils.classroom.editions import cell_ids
from course_utils.classroom.navigation import without_next
from course_utils.classroom.source import lesson_number, read_source
from course_utils.classroom.start import start_words
from course_utils.translation.catalogue import Entry
from course_utils.translation.language import CLASSROOM, entries_of
from course_utils.translation.rules import has_words

CARDS = "cards"
"""The catalogue of what exercises ask and answer."""
_MARKS = {"python": ("**.py", ("_", "N_", "Sentence")), "javascript": ("explorables/js/*.js", ("CX.say",))}
"""Language of code -> its files, and what marks a text in them."""


def domains(root: Path) -> dict[str, list[Entry]]:
    """Catalogue -> its entries, each once, in the order in which a reader meets them.

    There is one for each lesson, one for the declarations of all exercises, and one for each folder of the package
    that says something.
    """
    sources = sorted((root / "solutions").glob("[0-9][0-9]_*.py"))
    lessons = {source.stem: _of_lesson(source) for source in sources}
    return {**lessons, CARDS: _of_cards(sources), **_of_package()}


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
    marked = [
        found
        for language, (files, marks) in _MARKS.items()
        for found in extract_from_dir(package, [(files, language)], keywords=dict.fromkeys(marks))
    ]
    for name, _line, words, *_rest in sorted(marked, key=lambda one: one[:2]):
        folder, note = Path(name).parts[0], Path(name).as_posix()
        found.setdefault(folder, {}).setdefault(str(words), Entry(str(words), note))
    return {folder: list(entries.values()) for folder, entries in found.items()}
