"""A made-up language, xx, in which all that the package says stands between two marks."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import write_po

from course_utils.translation import catalogue, language
from course_utils.translation.say import _known


def speak_pseudo(folder: Path, monkeypatch: pytest.MonkeyPatch, *domains: str) -> None:
    """Make it the only language beside English, with these catalogues, until the patches are undone."""
    (folder / "xx").mkdir(parents=True)
    for domain in domains:
        # A catalogue in use has every entry: another test sees to that.
        words = catalogue.read_catalogue(catalogue.LOCALE / "id" / f"{domain}.po")
        for message in words:
            message.string = _marked(message.id) if message.id else message.string
        with (folder / "xx" / f"{domain}.po").open("wb") as file:
            write_po(file, words)
    for module in (catalogue, language):
        monkeypatch.setattr(module, "LOCALE", folder)
    _known.cache_clear()  # of another folder


def _marked(words: str) -> str:
    """Each stretch of words between two marks: tags and places to fill in stand outside of them."""
    return re.sub(r"(<[^>]*>|\{[^{}]*\})", r"»\1«", f"«{words}»")
