"""Which language is spoken: that of the notebook that is open, wherever it lies, or one that a program has chosen."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_MARK = "# language: {code}"
_MARKED = re.compile(r"^# language: ([a-z]{2})$", re.MULTILINE)
_chosen: ContextVar[str] = ContextVar("language", default="")


def mark(code: str, language: str) -> str:
    """A set-up cell that says which language its notebook speaks; English needs no mark."""
    return code if language == "en" else f"{_MARK.format(code=language)}\n{code}"


def get_ipython() -> Any:
    """The shell that runs the notebook, if there is one; IPython is not loaded to find out."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def spoken() -> str:
    """Code of the language: what `speaking` has chosen, or what the notebook's set-up has named last, or English."""
    if _chosen.get():
        return _chosen.get()
    shell = get_ipython()
    cells = shell.history_manager.input_hist_parsed if shell and shell.history_manager else []
    named = (_MARKED.search(cell) for cell in reversed(cells))
    return next((found[1] for found in named if found), "en")


def speak(code: str) -> None:
    """From here on the package speaks this language, in this thread or task."""
    _chosen.set(code)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Within the block the package speaks this language, in this thread or task."""
    token = _chosen.set(code)
    try:
        yield
    finally:
        _chosen.reset(token)
