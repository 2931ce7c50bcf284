"""Markdown in pieces that a translator works on: headings, paragraphs, list items, table cells, summaries."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt

Lookup = Callable[[str], str]
"""What an entry is in another language: the text in, its translation (or itself) out."""

_PARSER = MarkdownIt("commonmark").enable("table")
_SETTINGS = re.compile(r"---\n.*?\n---\n", re.DOTALL)
_SUMMARY = re.compile(r"<summary>(.*?)</summary>")


@dataclass(frozen=True)
class Piece:
    """One entry's place: characters `start` to `end` of the Markdown, and its words, without line breaks."""

    start: int
    end: int
    words: str


def parted(page: str) -> tuple[str, str]:
    """A page's settings, between two lines of dashes at its beginning, and the rest of it."""
    settings = _SETTINGS.match(page)
    return (settings[0], page[settings.end() :]) if settings else ("", page)


def translate_markdown(text: str, lookup: Lookup) -> str:
    """A Markdown cell with each of its entries put into other words; everything between them stays as it is."""
    parts, done = [], 0
    for piece in pieces(text):
        said = lookup(piece.words)
        # What is not translated keeps its line breaks.
        parts += [text[done : piece.start], text[piece.start : piece.end] if said == piece.words else said]
        done = piece.end
    return "".join([*parts, text[done:]])


def pieces(text: str) -> Iterator[Piece]:
    """The entries of a Markdown text, in their order."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    place = 0
    for token in _PARSER.parse(text):
        if token.map:
            place = max(place, starts[token.map[0]])
        if token.type == "inline" and token.content:
            lines = token.content.split("\n")
            start = text.index(lines[0], place)
            last_line = starts[token.map[1] - 1] if token.map and len(lines) > 1 else start
            place = text.index(lines[-1], last_line) + len(lines[-1])
            yield Piece(start, place, " ".join(token.content.split()))
        elif token.type == "html_block" and token.map:
            end = starts[token.map[1]]
            for found in _SUMMARY.finditer(text, place, end):
                yield Piece(*found.span(1), found[1])
