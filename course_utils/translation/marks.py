"""How words in the package's code are marked for the catalogues."""


def N_(words: str) -> str:  # noqa: N802  (gettext's own name for it, which extractors look for)
    """Words that are put into the notebook's language where they are said, not where they are written."""
    return words
