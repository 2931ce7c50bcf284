"""Comments and docstrings of a code cell in another language; the code itself stays what it is, and that is proved."""

import ast
import inspect
import io
import re
import textwrap
import tokenize
from collections.abc import Iterator

from course_utils.errors import CourseError
from course_utils.exercises.docstrings import DOCUMENTED, without_docstrings
from course_utils.translation.markdown import Lookup

WIDTH = 120
_DIRECTIVE = re.compile(r"# (BEGIN SOLUTION|END SOLUTION|noqa|type:|fmt:|%%)|#!")


def translate_code(code: str, lookup: Lookup) -> str:
    """A code cell with its comments and docstrings put into other words.

    A comment over several lines is one entry, and each paragraph of a docstring.

    Raises:
        CourseError: the code would change; the message holds the words that do it.
    """
    lines = code.split("\n")
    # From the last line up, so that those above keep their numbers.
    for first, last, new in sorted([*_docstrings(code, lookup), *_comments(code, lookup)], reverse=True):
        lines[first:last] = new
    translated = "\n".join(lines)
    if _bare(translated) != _bare(code):
        raise CourseError("the translated comments and docstrings change the code")
    return translated


def _bare(code: str) -> str:
    """The code without docstrings, as a syntax tree."""
    try:
        return ast.dump(without_docstrings(ast.parse(_runnable(code))))
    except SyntaxError as error:
        return f"not Python: {error}"


def _runnable(code: str) -> str:
    """The code with notebook commands (%, !) as comments, line by line."""
    return "\n".join(
        re.sub(r"^(\s*)([%!])", r"\1pass  #\2", line) if re.match(r"\s*[%!]\w", line) else line
        for line in code.split("\n")
    )


def _docstrings(code: str, lookup: Lookup) -> Iterator[tuple[int, int, list[str]]]:
    """Lines of the code that a docstring takes, and what comes in their place."""
    lines = code.split("\n")
    for node in ast.walk(ast.parse(_runnable(code))):
        if not isinstance(node, DOCUMENTED) or ast.get_docstring(node) is None:
            continue
        said = node.body[0]
        first, last = said.lineno - 1, said.end_lineno or said.lineno
        raw = ast.get_source_segment(code, said) or ""
        prefix = raw[: raw.index('"')]
        words = inspect.cleandoc(raw.removeprefix(prefix).strip('"'))
        indent = lines[first][: said.col_offset]
        new = "\n\n".join(
            _paragraph(each, lookup, WIDTH - len(indent) - len('r""""""')) for each in words.split("\n\n")
        )
        if new == words:
            continue
        text = textwrap.indent(new, indent, lambda line: bool(line.strip())).removeprefix(indent)
        closing = f"\n{indent}" if "\n" in text else ""
        yield first, last, f'{indent}{prefix}"""{text}{closing}"""'.split("\n")


def _paragraph(text: str, lookup: Lookup, width: int) -> str:
    """A paragraph of a docstring; one with lines further in (arguments) keeps its lines."""
    if "\n " in text:
        return lookup(text)
    words = " ".join(text.split())
    said = lookup(words)
    return text if said == words else textwrap.fill(said, width)


def _comments(code: str, lookup: Lookup) -> Iterator[tuple[int, int, list[str]]]:
    """Lines of the code that a comment takes, and what comes in their place."""
    lines = code.split("\n")
    block: list[tuple[int, int]] = []  # row and column of each line of a comment over several
    for row, column in [*_places(code), (-1, 0)]:
        alone = row >= 0 and not lines[row][:column].strip()
        if block and not (alone and (row - 1, column) == block[-1]):
            yield from _block(lines, block, lookup)
            block = []
        if alone:
            block.append((row, column))
        elif row >= 0:
            words = lines[row][column:].removeprefix("#").strip()
            said = lookup(words)
            if said != words:
                yield row, row + 1, [f"{lines[row][:column]}# {said}"]


def _places(code: str) -> list[tuple[int, int]]:
    """Row and column, from 0, of each comment that speaks to a reader."""
    tokens = tokenize.generate_tokens(io.StringIO(_runnable(code)).readline)
    found = [(token.start[0] - 1, token.start[1]) for token in tokens if token.type == tokenize.COMMENT]
    lines = code.split("\n")
    return [
        (row, column)
        for row, column in found
        if not _DIRECTIVE.match(lines[row][column:]) and not re.match(r"\s*[%!]\w", lines[row])
    ]


def _block(lines: list[str], block: list[tuple[int, int]], lookup: Lookup) -> Iterator[tuple[int, int, list[str]]]:
    (first, column), (last, _) = block[0], block[-1]
    words = " ".join(lines[row][column:].removeprefix("#").strip() for row in range(first, last + 1))
    said = lookup(words)
    if said != words:
        indent = lines[first][:column] + "# "
        yield first, last + 1, textwrap.wrap(said, WIDTH, initial_indent=indent, subsequent_indent=indent)
