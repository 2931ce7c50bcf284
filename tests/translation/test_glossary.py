"""The glossary: its page belongs to its terms and is found, and a broken file is named in one line."""

import re

import pytest
from markdown_it import MarkdownIt

from course_utils.classroom.build import build_front, front_drift
from course_utils.errors import CourseError
from course_utils.paths import repo_root
from course_utils.translation import glossary_page as pages
from course_utils.translation.catalogue import LOCALE
from course_utils.translation.glossary import read_glossary
from course_utils.translation.language import ENGLISH, Language

INDONESIAN = Language("id")
TERM = 'english = "box"\ntranslated = "kotak"\nforms = ["kotak"]\nenglish_forms = []\nline = "Sebuah kotak."\n'


@pytest.fixture
def glossary(tmp_path, monkeypatch):
    """A glossary of one's own in the place of the Indonesian one."""
    monkeypatch.setattr(pages, "LOCALE", tmp_path)
    (tmp_path / "id").mkdir()
    return tmp_path / "id" / "glossary.toml"


def test_the_page_belongs_to_the_terms():
    assert front_drift(repo_root(), INDONESIAN) == "", "run: course build"
    path = repo_root() / "notebooks/id/glosarium.md"
    assert path.read_text(encoding="utf-8") == pages.glossary_page(INDONESIAN)


def test_the_page_holds_every_term_with_its_sentence_below_its_letter():
    html = MarkdownIt("commonmark").enable("table").render(pages.glossary_page(INDONESIAN))
    terms = read_glossary(LOCALE / "id" / "glossary.toml")
    rows = re.findall(r"<tr>\n<td>(.*)</td>\n<td>(.*)</td>\n<td>(.*)</td>\n</tr>", html)
    assert sorted(row[1] for row in rows) == sorted(term.english for term in terms)
    assert "*" not in re.sub("<[^>]*>", "", html)
    for letter, body in re.findall(r"<h2>(.)</h2>(.*?)(?=<h2>|\Z)", html, re.DOTALL):
        firsts = [re.sub("<[^>]*>", "", row) for row in re.findall(r"<tr>\n<td>(.*)</td>", body)]
        assert {first[0].upper() for first in firsts} == {letter}
        assert firsts == sorted(firsts, key=str.lower)


def test_what_stays_english_is_in_italics_but_not_in_names(glossary):
    lines = {"*mask*": "Satu mask, dua mask-nya.", "*layer*": "Mask R-CNN memakai Layer-layer."}
    rows = [f"[[term]]\n{TERM}".replace("Sebuah kotak.", lines[one]).replace("kotak", one) for one in lines]
    glossary.write_text("\n".join(rows), encoding="utf-8")
    page = pages.glossary_page(INDONESIAN)
    assert "Satu *mask*, dua *mask*-nya." in page
    assert "Mask R-CNN memakai *Layer-layer*." in page


def test_the_front_page_and_the_readme_lead_to_it():
    name = pages.page_name(INDONESIAN)
    assert f"]({name})" in (repo_root() / "notebooks/id/start.ipynb").read_text(encoding="utf-8")
    assert f"](notebooks/id/{name})" in (repo_root() / "README.id.md").read_text(encoding="utf-8")
    assert not pages.has_glossary(ENGLISH)


def test_a_stale_page_is_named_and_written_anew(tmp_path):
    (tmp_path / "solutions").mkdir()
    assert "notebooks/id/glosarium.md is not that of the sources" in front_drift(tmp_path, INDONESIAN)
    assert build_front(tmp_path, INDONESIAN) and not build_front(tmp_path, INDONESIAN)
    assert front_drift(tmp_path, INDONESIAN) == ""


BROKEN = {
    b"[[term]\n": "line 1",
    b"\xff\xfe": "utf-8",
    b"": r"no \[\[term\]\] in it",
    b"term = 3\n": r"no \[\[term\]\] in it",
    b"term = [3]\n": "term 1 is no table",
    b'[[term]]\nenglish = "box"\n': "term 1, 'box': 'translated' must be a line of text",
    f"[[term]]\n{TERM}[[term]]\n{TERM}".replace("Sebuah kotak.", "a | b").encode(): "term 1, 'box': 'line' must be",
    f"[[term]]\n{TERM}".replace("Sebuah kotak.", "a\\nb").encode(): "term 1, 'box': 'line' must be",
    f"[[term]]\n{TERM}".replace('"kotak"\n', '""\n').encode(): "term 1, 'box': 'translated' must be",
    f"[[term]]\n{TERM}".replace('["kotak"]', "[3]").encode(): "term 1, 'box': 'forms' must be a list of texts",
}


@pytest.mark.parametrize("content", BROKEN)
def test_a_broken_file_is_named_in_one_line(content, glossary):
    glossary.write_bytes(content)
    with pytest.raises(CourseError, match=f"glossary.toml: .*{BROKEN[content]}") as error:
        pages.glossary_page(INDONESIAN)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_named(glossary):
    with pytest.raises(CourseError, match=r"glossary.toml: cannot be read: No such file"):
        pages.glossary_page(INDONESIAN)
