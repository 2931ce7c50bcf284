"""Catalogues: kept in step with the sources, and clear about what is wrong in them."""

import io

import pytest

from course_utils.errors import CourseError
from course_utils.translation.catalogue import LOCALE, Entry, problems, read_catalogue, refresh, translations
from course_utils.translation.language import languages
from course_utils.translation.sources import marked_in_python

ENTRIES = [Entry("A plate of fried snacks.", "one--1"), Entry("Take $x$ of 3 pieces.", "one--2")]


@pytest.fixture
def catalogue(tmp_path):
    path = tmp_path / "id" / "lesson.po"
    refresh(path, ENTRIES)
    return path


def fill(path, words, said):
    """Write a translation into the file, as a translator does."""
    text = path.read_text(encoding="utf-8")
    old = f'msgid "{words}"\nmsgstr ""'
    assert old in text
    path.write_text(text.replace(old, f'msgid "{words}"\nmsgstr "{said}"'), encoding="utf-8")
    translations.cache_clear()


def test_new_entries_wait_for_a_translation(catalogue):
    assert translations(catalogue) == {}
    assert [line.split(": ", 1)[1] for line in problems(catalogue, ENTRIES)] == [
        "not translated: 'A plate of fried snacks.'",
        "not translated: 'Take $x$ of 3 pieces.'",
    ]


def test_a_full_catalogue_has_no_problems(catalogue):
    fill(catalogue, ENTRIES[0].words, "Sepiring gorengan.")
    fill(catalogue, ENTRIES[1].words, "Ambil $x$ dari 3 jajanan.")
    assert problems(catalogue, ENTRIES) == []
    assert translations(catalogue)[ENTRIES[0].words] == "Sepiring gorengan."


def test_a_changed_original_makes_its_entry_alone_fuzzy(catalogue):
    fill(catalogue, ENTRIES[0].words, "Sepiring gorengan.")
    fill(catalogue, ENTRIES[1].words, "Ambil $x$ dari 3 jajanan.")
    changed = [Entry("A plate of warm fried snacks.", "one--1"), ENTRIES[1]]
    changes = refresh(catalogue, changed)
    assert (changes.new, changes.stale) == ((), ("A plate of warm fried snacks.",))
    translations.cache_clear()
    assert translations(catalogue) == {ENTRIES[1].words: "Ambil $x$ dari 3 jajanan."}
    assert "fuzzy" in " ".join(problems(catalogue, changed))


def test_what_is_gone_goes(catalogue):
    fill(catalogue, ENTRIES[0].words, "Sepiring gorengan.")
    assert refresh(catalogue, ENTRIES[1:]).gone == (ENTRIES[0].words,)
    assert "fried" not in catalogue.read_text(encoding="utf-8")


def test_a_second_refresh_writes_the_same_bytes(catalogue):
    before = catalogue.read_bytes()
    assert not refresh(catalogue, ENTRIES)
    assert catalogue.read_bytes() == before


def test_a_difference_is_named_with_file_and_line(catalogue):
    fill(catalogue, ENTRIES[0].words, "Sepiring gorengan.")
    fill(catalogue, ENTRIES[1].words, "Ambil $y$ dari 3 jajanan.")
    lines = catalogue.read_text(encoding="utf-8").splitlines()
    line = lines.index('msgid "Take $x$ of 3 pieces."') + 1
    assert f"{catalogue}:{line}: the formula $x$ is missing" in problems(catalogue, ENTRIES)


def test_a_missing_and_an_unknown_entry_are_named(catalogue):
    text = " ".join(problems(catalogue, [ENTRIES[0], Entry("Something new.", "two--1")]))
    assert "has no entry 'Something new.' (two--1)" in text
    assert "'Take $x$ of 3 pieces.' is in no source any more" in text


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b'msgid "a"\nmsgstr "b\n', ":2: "),
        (b'msgid "a"\nwhat is this\n', ":2: "),
        (b'msgid "a"\nmsgstr "one" "two\n', ":2: "),
        (b'msgid "\xff"\nmsgstr ""\n', "is not UTF-8"),
    ],
)
def test_a_broken_file_is_named_with_its_line(tmp_path, content, where):
    path = tmp_path / "id" / "broken.po"
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(CourseError) as error:
        read_catalogue(path)
    assert str(path) in str(error.value) and where in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("code", languages())
def test_the_package_says_a_word_in_one_way(code):
    """Its catalogues are read as one, so that of two translations of a word one would never be seen."""
    said: dict[str, set[str]] = {}
    for path in (LOCALE / code).glob("[a-z]*.po"):
        for words, other in translations(path).items():
            said.setdefault(words, set()).add(other)
    assert len(said) > 2000 and {words: each for words, each in said.items() if len(each) > 1} == {}


def test_marked_words_are_found_in_texts_with_places_too():
    code = b"""x = f'<p>{_("Found")}</p>', N_("Also"\n" found"), _(x), other("No")"""
    found = marked_in_python(io.BytesIO(code), ("_", "N_"), (), {})
    assert {(line, words) for line, _mark, words, _ in found} == {(1, "Found"), (1, "Also found")}
