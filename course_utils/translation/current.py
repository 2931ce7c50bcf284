"""Which language the notebook speaks that is open: its set-up cell says so in a comment, wherever the file lies."""

import re

_MARK = "# language: {code}"
_MARKED = re.compile(r"^# language: ([a-z]{2})$", re.MULTILINE)


def mark(code: str, language: str) -> str:
    """A set-up cell that says which language its notebook speaks; English needs no mark."""
    return code if language == "en" else f"{_MARK.format(code=language)}\n{code}"
