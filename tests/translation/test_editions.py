"""Editions in other languages: the same cells, ids and code, every sentence from the catalogue, and all of it there."""

import ast
from itertools import chain

import pytest
from babel.messages.pofile import write_po

from course_utils.classroom.build import find_sources, front_drift, load_lesson, translation_drift
from course_utils.classroom.editions import make_edition
from course_utils.classroom.source import read_source
from course_utils.classroom.start import make_start
from course_utils.errors import CourseError
from course_utils.paths import repo_root
from course_utils.translation import language as speech
from course_utils.translation.catalogue import LOCALE, problems, read_catalogue, refresh, translations
from course_utils.translation.code import translate_code
from course_utils.translation.glossary import broken_terms, read_glossary
from course_utils.translation.language import ENGLISH, Language, languages
from course_utils.translation.markdown import pieces
from course_utils.translation.rules import has_words
from course_utils.translation.sources import domains

SOURCES = find_sources(repo_root())
LESSONS = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
SPOKEN = pytest.mark.parametrize("code", languages())
ALL = domains(repo_root())


@SPOKEN
@pytest.mark.parametrize("domain", ALL)
def test_every_entry_is_translated_and_keeps_formulas_code_links_and_numbers(code, domain):
    assert problems(LOCALE / code / f"{domain}.po", ALL[domain]) == [], "run: course translate --update"


@SPOKEN
@pytest.mark.parametrize("domain", ALL)
def test_terms_are_those_of_the_glossary(code, domain):
    terms = read_glossary(LOCALE / code / "glossary.toml")
    assert list(broken_terms(terms, translations(LOCALE / code / f"{domain}.po"))) == []


@LESSONS
def test_the_notebooks_belong_to_source_and_catalogue(source):
    assert translation_drift(load_lesson(source)) == "", "run: course build"


@SPOKEN
def test_the_front_page_belongs_to_the_sources(code):
    assert front_drift(repo_root(), Language(code)) == "", "run: course build"


@pytest.fixture(scope="module")
def pseudo_locale(tmp_path_factory):
    """A language in which every entry stands between two marks."""
    locale = tmp_path_factory.mktemp("locale")
    for domain, entries in ALL.items():
        path = locale / "xx" / f"{domain}.po"
        refresh(path, entries)
        catalogue = read_catalogue(path)
        for message in filter(lambda one: one.id, catalogue):
            message.string = f"«{message.id}»"
        with path.open("wb") as file:
            write_po(file, catalogue)
    return locale


@pytest.fixture
def pseudo(pseudo_locale, monkeypatch):
    monkeypatch.setattr(speech, "LOCALE", pseudo_locale)
    return Language("xx")


@LESSONS
def test_nothing_but_words_differs_and_no_word_is_forgotten(source, pseudo):
    cells = read_source(source)
    english = make_edition(cells, solved=True, facts={}, source=source)
    other = make_edition(cells, solved=True, facts={}, source=source, language=pseudo)
    for one, two in zip(english.cells, other.cells, strict=True):
        assert (one.id, one.cell_type, one.metadata) == (two.id, two.cell_type, two.metadata)
        if one.cell_type == "code":
            assert _without_words(one.source) == _without_words(two.source)
        else:
            said = [piece.words for piece in pieces(two.source) if has_words(piece.words)]
            assert all("«" in words and "»" in words for words in said), said


def _without_words(code: str) -> str:
    silent = translate_code("\n".join(line for line in code.split("\n") if line[:1] not in "%!"), lambda words: "x")
    return ast.dump(ast.parse(silent))


def test_the_front_page_speaks_the_language_too(pseudo):
    page = make_start(SOURCES, pseudo)
    prose = chain.from_iterable(pieces(cell.source) for cell in page.cells if cell.cell_type == "markdown")
    assert [piece.words for piece in prose if has_words(piece.words) and "«" not in piece.words] == []


def test_the_set_up_says_which_language_it_is(pseudo):
    cells = read_source(SOURCES[0])
    sources = [cell.source for cell in make_edition(cells, False, {}, SOURCES[0], pseudo).cells]
    assert sum(text.startswith("# language: xx\n") for text in sources) == 1


def test_an_unknown_language_is_refused_by_name():
    with pytest.raises(CourseError, match="no language 'zz'; there are: en, id"):
        Language("zz")


def test_english_is_not_touched_by_a_catalogue():
    cells = read_source(SOURCES[0])
    assert [ENGLISH.cell(cell, SOURCES[0].stem) for cell in cells] == cells


def test_a_change_in_what_no_lesson_says_makes_none_out_of_date(tmp_path, monkeypatch):
    monkeypatch.setattr(speech, "LOCALE", tmp_path)
    (tmp_path / "xx").mkdir()
    for name in ("05_backbone", "06_feature_pyramid", "commands", "demo", "plots", "site"):
        (tmp_path / "xx" / f"{name}.po").write_text('msgid ""\nmsgstr ""\n', encoding="utf-8")

    def changed(name: str) -> bool:
        before = Language("xx").fingerprint("05_backbone")
        with (tmp_path / "xx" / f"{name}.po").open("a", encoding="utf-8") as file:
            file.write('\nmsgid "one"\nmsgstr "satu"\n')
        return Language("xx").fingerprint("05_backbone") != before

    assert not any(map(changed, ("06_feature_pyramid", "commands", "demo", "site")))
    assert changed("05_backbone") and changed("plots")


@SPOKEN
def test_words_that_lessons_also_say_are_translated_alike(code):
    """All are looked up together, so one of two translations would be heard in both places."""
    catalogues = {path.stem: translations(path) for path in (LOCALE / code).glob("[a-z]*.po")}
    apart = {name: words for name, words in catalogues.items() if name in speech.ELSEWHERE}
    for name, words in apart.items():
        for other in catalogues:
            shared = words.keys() & catalogues[other].keys()
            assert all(words[one] == catalogues[other][one] for one in shared), (name, other)
