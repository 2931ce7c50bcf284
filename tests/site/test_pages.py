"""From notebook to page, piece by piece: what must be named when it is wrong, and by whom."""

import base64
import io
import runpy
import sys
from pathlib import Path

import pytest

pytest.importorskip("sphinx", reason='the site\'s packages are not installed: pip install -e ".[site]"')

from course_site import bind, glossary
from course_site.api import packages
from course_site.course_map import read_map
from course_site.formulas import as_mathml
from course_site.home import lesson_head
from course_site.links import Links, repository
from course_site.notebook import as_page
from course_site.outputs import Shelf, as_markup
from course_site.sections import section
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from course_utils.errors import CourseError
from course_utils.paths import repo_root

PLACE = "solutions/99_x.ipynb, cell 'a--1'"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path, "99_x", "../_made/99_x")


def picture(alt: str = "A dot.", size: tuple[int, int] = (4, 3)):
    stored = io.BytesIO()
    Image.effect_noise(size, 90).save(stored, "PNG")
    data = {"image/png": base64.b64encode(stored.getvalue()).decode()}
    return new_output("display_data", data=data, metadata={"image/png": {"alt": alt}} if alt else {})


def explorable(question: str = "What will happen?", twin: str = '<img class="cx-twin" alt="A dot." src="x">'):
    markup = f'<div class="cx" data-cx="dot"><p class="cx-question">{question}</p>{twin}</div>'
    return new_output("display_data", data={"text/html": markup})


def test_a_picture_becomes_a_file_with_its_words_and_size(shelf: Shelf) -> None:
    (markup,) = as_markup([picture()], PLACE, shelf)
    assert 'src="../_made/99_x/a--1-1.png" alt="A dot." width="4" height="3"' in markup
    assert Image.open(shelf.folder / "a--1-1.png").size == (4, 3)


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (picture(alt=""), "the picture has no alternative text"),
        (picture(size=(700, 700)), "bytes of image/png, the budget is 220000"),
        (explorable(question=" "), "the explorable 'dot' has no question"),
        (explorable(twin=""), "the explorable 'dot' has no still twin"),
        (explorable(twin='<img class="cx-twin" alt="" src="x">'), "the explorable 'dot' has no text for its twin"),
        (new_output("display_data", data={"text/html": "x" * 200_001}), "200001 bytes of text/html"),
        (new_output("stream", name="stdout", text="x" * 20_001), "20001 bytes of text/plain"),
        (new_output("error", ename="E", evalue="", traceback=[]), "error cannot be shown"),
        (
            new_output("display_data", data={"application/vnd.jupyter.widget-view+json": {}, "text/plain": "w"}),
            r"application/vnd.jupyter.widget-view\+json, text/plain cannot be shown without a kernel",
        ),
    ],
)
def test_a_bad_output_is_named_with_file_and_cell(output, words: str, shelf: Shelf) -> None:
    with pytest.raises(CourseError, match=rf"^solutions/99_x\.ipynb, cell 'a--1', output 1: .*{words}"):
        as_markup([output], PLACE, shelf)


def lesson(*cells):
    return new_notebook(cells=list(cells))


def test_the_answer_is_folded_below_its_task(shelf: Shelf) -> None:
    exercise = {"course": {"exercise": "twice"}}
    solved = lesson(
        new_markdown_cell("# T"),
        new_code_cell("def twice(x):\n    return 2 * x", id="twice", metadata=exercise),
        new_code_cell(
            'check("twice", twice)', metadata={"course": {"check": "twice"}}, outputs=[new_output("stream", text="ok")]
        ),
        new_code_cell("after()"),
    )
    learner = lesson(new_code_cell("def twice(x):\n    ...  # your answer here", id="twice", metadata=exercise))
    page = as_page(solved, learner, "solutions/99_x.ipynb", shelf, lambda text, place: text)
    order = ["Your turn", "your answer here", '<details class="solution">', "2 * x", "check(", ">ok<", "</details>"]
    places = [page.index(words) for words in [*order, "after()"]]
    assert places == sorted(places)


def test_a_notebook_that_never_ran_is_named(shelf: Shelf) -> None:
    with pytest.raises(CourseError, match=r"^solutions/99_x.ipynb: holds no outputs; course build 99 makes them"):
        as_page(lesson(new_code_cell("1")), lesson(), "solutions/99_x.ipynb", shelf, lambda text, place: text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[x](98_gone.ipynb)", "the link 98_gone.ipynb leads nowhere"),
        ("![ ](../data/leaves.jpg)", "the picture ../data/leaves.jpg has no alternative text"),
    ],
)
def test_a_bad_link_is_named_with_file_and_cell(text: str, words: str) -> None:
    links = Links(repo_root(), {})
    with pytest.raises(CourseError, match=f"^{PLACE}: {words}"):
        links.mend(text, "solutions/99_x.ipynb", "lessons/99_x", PLACE)


def test_links_lead_to_pages_and_to_the_repository_when_it_is_known() -> None:
    pages = {"notebooks/02_b.ipynb": "lessons/02_b"}
    text = "[b](notebooks/02_b.ipynb) [l](LICENSE) `[x](y)` [o](https://o.org/) [h](#h)"
    known = Links(repo_root(), pages, "https://github.com/a/b").mend(text, "README.md", "start")
    assert known == (
        "[b](lessons/02_b.md) [l](https://github.com/a/b/blob/main/LICENSE) `[x](y)` [o](https://o.org/) [h](#h)"
    )
    assert "l `[x](y)`" in Links(repo_root(), pages).mend(text, "README.md", "start")
    assert Links(repo_root(), pages).mend("[b](02_b.ipynb)", "notebooks/01_a.ipynb", "lessons/01_a") == (
        "[b](../lessons/02_b.md)"
    )


def test_buttons_appear_when_the_repository_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read_map(repo_root() / "README.md")[0]
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    assert repository(tmp_path) == "" and "<a" not in lesson_head(first, 5, "", in_colab=True)
    (tmp_path / "pyproject.toml").write_text('[project.urls]\nRepository = "https://github.com/c/d/"\n')
    assert repository(tmp_path) == "https://github.com/c/d"
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
    monkeypatch.setenv("GITHUB_REPOSITORY", "a/b")
    assert repository(tmp_path) == "https://github.com/a/b"
    head = lesson_head(first, 5, repository(tmp_path), in_colab=True)
    assert head.count("<a ") == 3 and f"github/a/b/blob/main/notebooks/{first.slug}.ipynb" in head
    assert "Colab" not in lesson_head(first, 5, repository(tmp_path), in_colab=False)


def test_a_missing_section_is_named(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text("# T\n\n## A\n\ntext\n\n```\n## B\n```\n\n## C\n")
    assert section(path, "A") == "text\n\n```\n## B\n```\n"
    with pytest.raises(CourseError, match="no section '## B'"):
        section(path, "B")


def test_what_the_site_needs_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    main = runpy.run_path(str(repo_root() / "site" / "__main__.py"))["main"]
    monkeypatch.setitem(sys.modules, "furo", None)
    with pytest.raises(CourseError, match=r"^furo is missing; install what the site needs with: pip .*\[site\]"):
        main(tmp_path / "site")


def test_a_broken_formula_is_named_with_its_page(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "index.md").write_text("# T\n\n$\\unheard{a}$\n")
    with pytest.raises(CourseError, match=r"^index\.md.*unheard"):
        bind.bind_pages(pages, tmp_path / "out")


def test_formulas_are_known_or_refused() -> None:
    assert "<mfrac>" in as_mathml(r"\frac{a}{b}", "block")
    with pytest.raises(ValueError, match="unheard"):
        as_mathml(r"\unheard{a}", "inline")


def test_terms_are_told_from_everyday_words() -> None:
    terms = [glossary.Term("IoU", "x"), glossary.Term("box", "x"), glossary.Term("things", "x", everyday=True)]
    texts = {"one": "# Box\n\nTwo things, `box`, iou", "two": "Boxes and **two things** and **things**: IoUs"}
    assert glossary.first_uses(texts, terms) == {"box": "two", "things": "two", "IoU": "two"}


def test_a_term_that_is_there_twice_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('[[term]]\nname = "a"\ntext = "x"\n[[term]]\nname = "b"\nalso = ["a"]\ntext = "y"')
    with pytest.raises(CourseError, match="more than one term is called 'a'"):
        glossary.read_terms(tmp_path)
    (tmp_path / "a.toml").write_text('[[term]]\nname = "a"')
    with pytest.raises(CourseError, match=r"a\.toml: every \[\[term\]\] needs a name and a text"):
        glossary.read_terms(tmp_path)


def test_the_package_is_read_without_being_imported(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").write_text('"""All."""\nraise SystemExit\n')
    (tmp_path / "pack" / "one.py").write_text('"""One."""\ndef f():\n    """F."""\ndef _g(): ...\n')
    ((name, modules),) = packages(tmp_path / "pack").items()
    assert name == "pack" and [[node.name for node in module.public()] for module in modules] == [[], ["f"]]
