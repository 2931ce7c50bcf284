"""A notebook that was handed in, read without trusting anything in it: its cells, as plain records."""

import ast
import json
import re
import warnings
from dataclasses import dataclass
from typing import Any

from course_utils.exercises.sentences import Sentence

_PYTHON_MAGICS = ("time", "timeit", "capture", "prun")  # their cell is Python, apart from its first line
_MAGIC = re.compile(r"\s*%%(\w+)")
_LONGEST = 200_000  # characters of a cell


class Unreadable(Exception):
    """A notebook that cannot be graded; the message says why, in one line."""


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes:
        kind: "code", "markdown" or whatever the file says.
        names: its id, as the format or as Colab keeps it, and the exercise that its metadata name.
        source: as it stands in the notebook.
        moment: when it ran last, as text that sorts by time, if the editor has noted it.
    """

    kind: str
    names: tuple[str, ...]
    source: str
    moment: str


def read_cells(content: bytes) -> list[Cell]:
    """The cells of a notebook of format 4, in UTF-8 or UTF-16, with or without a byte order mark.

    Raises:
        Unreadable: it is no notebook.
    """
    return cells_of(read_notebook(content))


def read_notebook(content: bytes) -> dict[str, Any]:
    """The notebook as it is in the file, with a list of cells; whatever else may be anything.

    Raises:
        Unreadable: it is no notebook.
    """
    try:
        # json.loads tells UTF-8, UTF-16 and UTF-32 apart by itself, and takes a mark in front.
        notebook = json.loads(content)
    except (ValueError, RecursionError, MemoryError) as error:
        words = str(error).split("\n")[0][:100] or type(error).__name__
        raise Unreadable(Sentence("not a notebook (not JSON: {why})", why=words)) from None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise Unreadable(Sentence("not a notebook of format 4 (it has no list of cells); save it with a newer Jupyter"))
    return notebook


def cells_of(notebook: dict[str, Any]) -> list[Cell]:
    """The cells of what `read_notebook` gives."""
    return [_cell(raw) for raw in notebook["cells"] if isinstance(raw, dict)]


def language_of(notebook: dict[str, Any]) -> str:
    """What a notebook says that its language is, a few letters at most; empty if it says nothing."""
    place: Any = notebook
    for name in ("metadata", "course", "language"):
        place = place.get(name) if isinstance(place, dict) else None
    return place[:20] if isinstance(place, str) else ""


def _cell(raw: dict[str, Any]) -> Cell:
    source = raw.get("source", "")
    source = "".join(map(str, source)) if isinstance(source, list) else str(source)
    metadata: dict[str, Any] = raw["metadata"] if isinstance(raw.get("metadata"), dict) else {}
    course: dict[str, Any] = metadata["course"] if isinstance(metadata.get("course"), dict) else {}
    names = [raw.get("id"), metadata.get("id"), course.get("exercise")]
    return Cell(
        str(raw.get("cell_type", ""))[:20],
        tuple(dict.fromkeys(name[:100] for name in names if isinstance(name, str) and name)),
        # Lone surrogates are legal in JSON, but no text that can be written.
        source.replace("\r\n", "\n").encode("utf-8", "replace").decode(),
        _moment(metadata),
    )


def _moment(metadata: dict[str, Any]) -> str:
    """JupyterLab notes ISO times under "execution", Colab milliseconds under "executionInfo"."""
    execution, info = metadata.get("execution"), metadata.get("executionInfo")
    if isinstance(execution, dict):
        return max((text for text in execution.values() if isinstance(text, str)), default="")[:40]
    stamp = info.get("timestamp") if isinstance(info, dict) else None
    if isinstance(stamp, int | float) and 0 < stamp < 1e14:
        import datetime

        return datetime.datetime.fromtimestamp(stamp / 1000, datetime.UTC).isoformat()
    return ""


def parse(source: str) -> ast.Module | str:
    """The syntax tree of a cell, IPython's magics taken out; or, in words, why there is none."""
    if len(source) > _LONGEST:
        return Sentence("the cell is longer than {most} characters", most=_LONGEST)
    magic = _MAGIC.match(source)
    if magic:
        if magic[1] not in _PYTHON_MAGICS:
            return Sentence("the cell is not Python but %%{magic}", magic=magic[1])
        source = "\n" + source.lstrip().partition("\n")[2]
    try:
        try:
            tree = _parse(source)
        except SyntaxError as error:
            plain = _without_magics(source)
            if plain is None:
                return _invalid(error)
            tree = _parse(plain)
        ast.unparse(tree)  # what is too deep to be written is too deep to be worked with
        compile(tree, "cell", "exec", dont_inherit=True)  # finds what the grammar alone does not, as a lone `return`
        return tree
    except SyntaxError as error:
        return _invalid(error)
    except (ValueError, RecursionError, MemoryError) as error:
        return Sentence("not valid Python: {why}", why=str(error)[:100] or type(error).__name__)


def _invalid(error: SyntaxError) -> Sentence:
    return Sentence("not valid Python: line {number}: {why}", number=error.lineno, why=error.msg)


def _parse(source: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def _without_magics(source: str) -> str | None:
    """The cell with IPython's lines turned into calls of get_ipython(); None if IPython changes nothing."""
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        changed = TransformerManager().transform_cell(source)
    except Exception:  # its tokenizer raises many kinds for what is no Python
        return None
    return None if changed.strip() == source.strip() else changed
