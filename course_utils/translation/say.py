"""What the package says in a notebook, in the notebook's language: `_` and `N_`, as gettext names them."""

from functools import cache

from course_utils.translation.current import spoken


def _(words: str) -> str:
    """The words in the language of the notebook that is open; without a translation they stay English."""
    code = spoken()
    return words if code == "en" else _known(code).get(words, words)


def N_(words: str) -> str:  # noqa: N802  (the name that extractors look for)
    """Words that are put into the notebook's language where they are said, not where they are written."""
    return words


@cache
def _known(code: str) -> dict[str, str]:
    # Only a translated notebook needs the catalogues, and what reads them.
    from course_utils.translation.catalogue import LOCALE, translations

    # A lesson's own catalogue begins with its number.
    paths = sorted((LOCALE / code).glob("[a-z]*.po"))
    return {words: said for path in paths for words, said in translations(path).items()}
