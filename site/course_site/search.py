"""Search in languages that Sphinx has no rules for: words as they stand, instead of with English endings cut off."""

from sphinx.application import Sphinx
from sphinx.search import SearchLanguage
from sphinx.search import languages as known

from course_utils.translation.language import languages


def setup(app: Sphinx) -> dict:
    """Sphinx calls this."""
    for code in languages():
        if code not in known:
            app.add_search_language(type("WordsAsTheyStand", (SearchLanguage,), {"lang": code, "language_name": code}))
    return {"parallel_read_safe": True}
