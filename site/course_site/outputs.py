"""Stored outputs as the page's HTML: pictures as files, explorables as they are, and the rules that all must keep."""

import base64
import html
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from nbformat import NotebookNode
from PIL import Image

from course_utils.errors import CourseError

BUDGETS = {"image/png": 220_000, "image/jpeg": 220_000, "text/html": 200_000, "text/plain": 20_000}
"""Bytes that one output may have; pictures as files."""
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg"}


@dataclass(frozen=True)
class Shelf:
    """Where the pictures of a lesson are put, and how its page names them."""

    folder: Path
    lesson: str
    address: str  # of the folder, as seen from the page

    def put(self, name: str, content: bytes) -> str:
        """Store a picture; its address."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_bytes(content)
        return f"{self.address}/{name}"


def as_markup(outputs: Iterable[NotebookNode], place: str, shelf: Shelf) -> list[str]:
    """The outputs of a cell as blocks of MyST's Markdown.

    Args:
        place: file and cell, for error messages.

    Raises:
        CourseError: an output is over its budget, of a kind that a page cannot show, a picture without alternative
            text, or an explorable without question, twin or the twin's text.
    """
    return [raw(_one(output, f"{place}, output {k}", shelf, k)) for k, output in enumerate(outputs, 1)]


def raw(markup: str) -> str:
    """HTML that goes into the page as it is."""
    longest = max((len(run) for run in re.findall(r"`{3,}", markup)), default=3)
    return f"{'`' * (longest + 1)}{{raw}} html\n{markup}\n{'`' * (longest + 1)}"


def _one(output: NotebookNode, place: str, shelf: Shelf, number: int) -> str:
    if output.output_type == "stream":
        _insist(len(output.text), "text/plain", place)
        return f'<pre class="output">{html.escape(output.text.rstrip())}</pre>'
    data = output.get("data", {})
    for mime, ending in _ENDINGS.items():
        if mime in data:
            content = base64.b64decode(data[mime])
            _insist(len(content), mime, place)
            alt = output.metadata.get(mime, {}).get("alt", "")
            return _picture(content, alt, f"{_slug(place)}-{number}.{ending}", place, shelf)
    if "text/html" in data:
        _insist(len(data["text/html"].encode()), "text/html", place)
        check_explorables(data["text/html"], place)
        return f'<div class="output">{data["text/html"]}</div>'
    if set(data) == {"text/plain"}:
        _insist(len(data["text/plain"]), "text/plain", place)
        return f'<pre class="output">{html.escape(data["text/plain"])}</pre>'
    kind = ", ".join(data) or output.output_type
    raise CourseError(f"{place}: {kind} cannot be shown without a kernel; use plots.style.show or an explorable")


def _picture(content: bytes, alt: str, name: str, place: str, shelf: Shelf) -> str:
    if not alt.strip():
        raise CourseError(f"{place}: the picture has no alternative text; plots.style.show asks for one")
    width, height = Image.open(io.BytesIO(content)).size
    source = shelf.put(name, content)
    return (
        f'<figure class="output"><img src="{source}" alt="{html.escape(alt)}" width="{width}" height="{height}" '
        f'loading="lazy" decoding="async"></figure>'
    )


def _insist(size: int, mime: str, place: str) -> None:
    if size > BUDGETS[mime]:
        raise CourseError(f"{place}: {size} bytes of {mime}, the budget is {BUDGETS[mime]}; make it smaller")


def _slug(place: str) -> str:
    return re.findall(r"cell '(.+?)'", place)[-1]


class _Explorables(HTMLParser):
    """Counts what each explorable of a piece of HTML has."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | bool]] = []
        self._in_question = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of explorables and their parts."""
        facts = {key: value or "" for key, value in attrs}
        classes = facts.get("class", "").split()
        if "data-cx" in facts:
            self.found.append({"name": facts["data-cx"], "twin": False, "alt": "", "question": ""})
        elif self.found and "cx-twin" in classes:
            self.found[-1] |= {"twin": bool(facts.get("src")), "alt": facts.get("alt", "").strip()}
        self._in_question = "cx-question" in classes

    def handle_data(self, data: str) -> None:
        """Take note of the question."""
        if self._in_question and self.found:
            self.found[-1]["question"] = f"{self.found[-1]['question']}{data.strip()}"

    def handle_endtag(self, tag: str) -> None:
        """The question is one paragraph."""
        self._in_question = False


def check_explorables(markup: str, place: str) -> None:
    """Insist that each explorable of an output has a question, a still twin and the twin's text.

    Raises:
        CourseError: one has not.
    """
    parser = _Explorables()
    parser.feed(markup)
    missing = {"question": "question", "twin": "still twin", "alt": "text for its twin"}
    for facts in parser.found:
        for key, words in missing.items():
            if not facts[key]:
                raise CourseError(f"{place}: the explorable {facts['name']!r} has no {words}")
