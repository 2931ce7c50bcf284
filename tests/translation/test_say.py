"""The package speaks the language of the notebook that is open, or the one that a program has chosen."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

from course_utils.translation import current
from course_utils.translation.catalogue import Entry, refresh, translations
from course_utils.translation.current import mark, speaking, spoken
from course_utils.translation.say import N_, _, _known


@pytest.fixture
def words(tmp_path, monkeypatch):
    """A language xx with one translation."""
    path = tmp_path / "xx" / "plots.po"
    refresh(path, [Entry("A plate", "a"), Entry("Not yet", "b")])
    text = path.read_text(encoding="utf-8").replace('msgid "A plate"\nmsgstr ""', 'msgid "A plate"\nmsgstr "Piring"')
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr("course_utils.translation.catalogue.LOCALE", tmp_path)
    translations.cache_clear(), _known.cache_clear()
    yield
    _known.cache_clear()


@pytest.fixture
def notebook(monkeypatch):
    """An IPython shell in which cells have been run."""
    shell = InteractiveShell()
    monkeypatch.setattr(current, "get_ipython", lambda: shell)
    return shell


def test_words_come_in_the_language_that_was_chosen(words):
    assert _("A plate") == "A plate"
    with speaking("xx"):
        assert (_("A plate"), _("Not yet"), _("Unheard of")) == ("Piring", "Not yet", "Unheard of")
    assert (_("A plate"), N_("A plate")) == ("A plate", "A plate")


def test_a_notebook_names_its_language_in_its_set_up(notebook):
    notebook.run_cell("x = 1", store_history=True)
    assert spoken() == "en"
    notebook.run_cell(mark("x = 2", "xx"), store_history=True)
    notebook.run_cell("x = 3  # language: yy", store_history=True)
    assert spoken() == "xx"


def test_english_needs_no_mark():
    assert mark("x = 1", "en") == "x = 1" and spoken() == "en"
