"""Which language the notebook speaks that is open: its set-up cell says so in a comment, wherever the file lies."""

import re

from IPython.core.getipython import get_ipython

_MARK = "# language: {code}"
_MARKED = re.compile(r"^# language: ([a-z]{2})$", re.MULTILINE)


def mark(code: str, language: str) -> str:
    """A set-up cell that says which language its notebook speaks; English needs no mark."""
    return code if language == "en" else f"{_MARK.format(code=language)}\n{code}"


def spoken() -> str:
    """Code of the language that the notebook's cells have named last; English where none has, and outside notebooks."""
    shell = get_ipython()
    cells = shell.history_manager.input_hist_parsed if shell and shell.history_manager else []
    named = (_MARKED.search(cell) for cell in reversed(cells))
    return next((found[1] for found in named if found), "en")
