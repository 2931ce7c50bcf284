"""The site, built once: it holds all lessons, leads nowhere wrong, asks nobody else, and is usable by everybody."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("furo", reason='the site\'s packages are not installed: pip install -e ".[site]"')

import axe_playwright_python
from course_site import bind, check
from course_site.course_map import read_map
from course_site.edition import Edition
from helpers.translated_site import write_solved
from playwright.sync_api import Page, sync_playwright

from course_utils.paths import repo_root
from course_utils.translation.catalogue import LOCALE, translations
from course_utils.translation.language import ENGLISH, Language

pytestmark = pytest.mark.filterwarnings("ignore:'myst_parser.*is deprecated")  # of Sphinx 11, which is not here yet
LESSONS = read_map(repo_root() / "README.md")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site in both languages, built without the address of a repository."""
    out, solved = tmp_path_factory.mktemp("built") / "site", tmp_path_factory.mktemp("solved")
    write_solved(Language("id"), solved)
    editions = [Edition(repo_root(), ENGLISH, repo_root() / "solutions"), Edition(repo_root(), Language("id"), solved)]
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GITHUB_REPOSITORY", raising=False)
        bind.build(editions, out)
    return out


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield launched
        launched.close()


def addresses(site: Path) -> list[str]:
    return [path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html"))]


def test_every_lesson_has_a_page_with_previous_and_next(site: Path) -> None:
    for before, lesson, after in zip([None, *LESSONS], LESSONS, [*LESSONS[1:], None], strict=False):
        text = (site / "lessons" / f"{lesson.slug}.html").read_text()
        if before:
            assert re.search(rf'class="prev-page" href="{before.slug}.html"', text)
        if after:
            assert re.search(rf'class="next-page" href="{after.slug}.html"', text)


def test_every_exercise_shows_its_task_and_folds_its_solution(site: Path) -> None:
    for lesson in LESSONS:
        solved = json.loads((repo_root() / "solutions" / f"{lesson.slug}.ipynb").read_text())
        ids = [cell["id"] for cell in solved["cells"] if "exercise" in cell["metadata"].get("course", {})]
        text = (site / "lessons" / f"{lesson.slug}.html").read_text()
        assert text.count('<div class="exercise">') == text.count('<details class="solution">') == len(ids) > 0
        assert text.count("# your answer here") >= len(ids)
        assert '<details class="solution" open' not in text


def test_every_stored_picture_is_shown_with_its_words(site: Path) -> None:
    for lesson in LESSONS:
        solved = json.loads((repo_root() / "solutions" / f"{lesson.slug}.ipynb").read_text())
        outputs = [output for cell in solved["cells"] for output in cell.get("outputs", [])]
        pictures = sum(any(mime.startswith("image/") for mime in output.get("data", {})) for output in outputs)
        text = (site / "lessons" / f"{lesson.slug}.html").read_text()
        assert len(re.findall(r'<figure class="output"><img src="\S+" alt="[^"]{10,}"', text)) == pictures


def test_search_knows_words_that_stand_only_inside_a_lesson(site: Path) -> None:
    index = json.loads((site / "searchindex.js").read_text().removeprefix("Search.setIndex(").removesuffix(")"))
    pages = index["docnames"]
    assert pages[index["terms"]["meadow"]] == "lessons/11_iou_and_matching"  # Jaccard counted plants on it
    assert pages[index["terms"]["tumpang"]] == "glossary"


def test_first_uses_lead_to_the_glossary(site: Path) -> None:
    text = (site / "lessons" / "11_iou_and_matching.html").read_text()
    link = 'href="../glossary.html#term-IoU"'
    assert text.count(link) == 1
    assert (site / "glossary.html").read_text().count('<dt id="term-') > 120


@pytest.mark.parametrize(("code", "other"), [("en", "id"), ("id", "en")])
def test_every_page_leads_to_itself_in_the_other_language(site: Path, code: str, other: str) -> None:
    folders = {"en": site, "id": site / "id"}
    pages = [path for path in folders[code].rglob("*.html") if code == "id" or site / "id" not in path.parents]
    assert len(pages) > 25
    for page in pages:
        text = page.read_text()
        name = page.relative_to(folders[code])
        way, again = re.findall(rf'<a class="language" lang="{other}" hreflang="{other}" href="([^"]+)"', text)
        assert way == again
        target = (page.parent / way).resolve()
        assert f'<html class="no-js" lang="{code}"' in text
        alone = code == "en" and name.parts[0] in ("api", "models")
        assert target == (folders[other] / name).resolve() or (alone and target.parent.is_relative_to(site / "id"))


def test_nothing_that_the_site_says_itself_stays_english(site: Path) -> None:
    # Single words in lower case may also be a script's, or an output's, which are English here.
    known = translations(LOCALE / "id" / "site.po").items()
    said = [words for words, other in known if words != other and (" " in words or words[0].isupper())]
    assert len(said) > 80
    for page in (site / "id").rglob("*.html"):
        text = re.sub(r'<a [^>]*lang="en"[^>]*>.*?</a>|<em>[^<]*</em>', "", page.read_text())
        left = [words for words in said if f">{words}<" in text or f'"{words}"' in text]
        assert left == [], page.name
    assert "Langsung ke isi" in (site / "id" / "index.html").read_text()


def test_what_is_only_in_english_is_named_so_and_linked(site: Path) -> None:
    for page, way in (("results", "../models/slim.html"), ("instructors", "../instructors.html#writing-a-lesson")):
        text = (site / "id" / f"{page}.html").read_text()
        assert f'<a href="{way}" hreflang="en"' in text and "berbahasa Inggris" in text
    assert not (site / "id" / "models").exists()


def test_the_indonesian_glossary_has_the_english_words(site: Path) -> None:
    text = (site / "id" / "glossary.html").read_text()
    assert text.count('<dt id="term-') > 150
    assert re.search(r'<dt id="term-segmentasi-citra">.*?<em>image segmentation</em>', text, re.DOTALL)
    lesson = (site / "id" / "lessons" / "12_precision_recall_f1.html").read_text()
    assert 'href="../glossary.html#term-presisi"' in lesson
    # A short form leads there, too; an everyday word and the titles of further reading do not.
    lesson = (site / "id" / "lessons" / "11_iou_and_matching.html").read_text()
    assert 'glossary.html#term-intersection-over-union"' in lesson
    for page in (site / "id" / "lessons").glob("*.html"):
        assert not re.search(r'(?<!<strong>)<a [^>]*href="../glossary.html#term-tahu"', page.read_text())
        assert (
            "glossary.html"
            not in page.read_text().partition('<section id="bacaan-lanjutan">')[2].partition("</section>")[0]
        )


def test_what_is_wrong_with_a_site_is_said(site: Path, tmp_path: Path) -> None:
    assert check.faults(site) == []
    (tmp_path / "page.html").write_text(
        '<a href="gone.html">x</a>\n<a href="#nowhere">y</a><img src="x.png" alt="">'
        '<script src="https://example.org/x.js"></script>'
    )
    (tmp_path / "style.css").write_text('a { background: url("https://example.org/x.png") }')
    assert check.faults(tmp_path) == [
        "page.html, line 2: the picture x.png has no alternative text",
        "page.html, line 1: the link gone.html leads nowhere",
        "page.html, line 2: the link #nowhere names a place that is not there",
        "page.html, line 2: loads x.png, which is not there",
        "page.html, line 2: loads https://example.org/x.js from another host",
        "style.css: loads https://example.org/x.png from another host",
    ]


@pytest.mark.browser
@pytest.mark.slow
def test_no_page_scrolls_sideways_on_a_phone_or_asks_another_host(browser, site: Path) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    wide = []
    for address in addresses(site):
        page.goto((site / address).as_uri())
        if page.evaluate("document.documentElement.scrollWidth") > 390:
            wide.append(address)
    page.close()
    assert wide == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert errors == []


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_is_found_by_axe(browser, site: Path, scheme: str) -> None:
    axe = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    found = []
    lesson = f"lessons/{LESSONS[10].slug}.html"
    for address in ["index.html", lesson, "play.html", "gallery.html", "search.html", "id/index.html", f"id/{lesson}"]:
        page.goto((site / address).as_uri())
        page.evaluate("document.fonts.ready")
        page.evaluate(axe)
        result = page.evaluate("axe.run({resultTypes: ['violations']})")
        for each in result["violations"]:
            if each["impact"] in ("serious", "critical"):
                found.append(f"{address}: {each['id']}: {each['nodes'][0]['html'][:120]}")
    page.close()
    assert found == []


@pytest.mark.browser
def test_explorables_live_and_the_search_answers(browser, site: Path) -> None:
    page = browser.new_page()
    for name in ("play", "play_more"):
        page.goto((site / f"{name}.html").as_uri())
        assert page.locator(".cx").count() == page.locator(".cx-live").count() > 7
    search(page, site, "meadows")
    assert "Intersection over union" in page.locator("#search-results li").first.inner_text()
    page.close()


@pytest.mark.browser
def test_the_search_of_the_other_language_finds_its_words_and_says_so(browser, site: Path) -> None:
    page = browser.new_page()
    search(page, site / "id", "padang", name="Pencarian")
    assert "Intersection over union" in page.locator("#search-results li").first.inner_text()
    assert re.match(r"Pencarian selesai: \d+ hasil", page.locator(".search-summary").inner_text())
    page.close()


@pytest.mark.browser
def test_the_switch_keeps_what_was_searched_for(browser, site: Path) -> None:
    page = browser.new_page()
    search(page, site, "anchors")
    page.locator(".sidebar-drawer a.language").click()
    page.wait_for_url("**/id/search.html?q=anchors*")
    page.close()


@pytest.mark.browser
def test_the_switch_stays_at_the_same_place(browser, site: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto((site / "lessons" / f"{LESSONS[10].slug}.html").as_uri())
    heading = page.locator("article h2").nth(3)
    identity = heading.locator("xpath=ancestor::section[1]").get_attribute("id")
    heading.evaluate("heading => scrollTo({top: heading.getBoundingClientRect().top - 90, behavior: 'instant'})")
    page.locator(".sidebar-drawer a.language").click()
    page.wait_for_url("**/id/lessons/*")
    page.wait_for_function("scrollY > 0")
    there = page.locator("article h2").nth(3)
    assert f'id="{identity}"' not in page.content()  # a heading's own name is another there
    assert 0 < there.bounding_box()["y"] < 200
    page.locator(".sidebar-drawer a.language").click()
    page.wait_for_url(f"**/site/lessons/{LESSONS[10].slug}.html#at-*")
    page.wait_for_function("scrollY > 0")
    assert 0 < heading.bounding_box()["y"] < 200
    page.close()


def search(page: Page, site: Path, word: str, name: str = "Search") -> None:
    page.goto((site / "index.html").as_uri())
    page.get_by_role("textbox", name=name).fill(word)
    page.keyboard.press("Enter")
    page.locator("#search-results li").first.wait_for()


@pytest.mark.browser
def test_layers_of_the_gallery_are_switched_by_keyboard(browser, site: Path) -> None:
    page = browser.new_page()
    page.goto((site / "gallery.html").as_uri())
    button = page.get_by_role("button", name="Hidden parts")
    assert page.locator(".plate-hidden").count() == 0
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"
    assert page.locator(".plate-hidden").count() > 10
    page.get_by_role("button", name="Weights").click()
    assert re.search(r"\d+ g", page.locator(".plate-words").first.text_content())
    page.keyboard.press("Shift+Tab")
    button.click()
    assert page.locator(".plate-hidden").count() == 0
    page.close()


REFERENCE = """<div id="all"></div><script>
for (let k = 0; k < 4000; k++) {
  const line = document.createElement("p");
  line.textContent = "A plate of bakwan, tahu and tempe, number " + k;
  document.getElementById("all").append(line);
}
document.body.offsetHeight;
</script>"""
"""A page of fixed work, by which processors are compared: 4,000 lines, made and laid out."""


def own_seconds(browser, address: str) -> float:
    """The processor's own time until a page is loaded, whatever else runs here."""
    page = browser.new_page(viewport={"width": 390, "height": 844})
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(address)
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    page.close()
    return metrics["TaskDuration"]


@pytest.mark.browser
def test_lessons_are_soon_ready(browser, site: Path, tmp_path: Path) -> None:
    """A lesson costs no more than a few pages of fixed work: seconds alone would judge the processor."""
    (tmp_path / "reference.html").write_text(REFERENCE)
    unit = min(own_seconds(browser, (tmp_path / "reference.html").as_uri()) for _ in range(3))
    largest = sorted((site / "lessons").glob("*.html"), key=lambda path: -path.stat().st_size)[:5]
    costs = {path.stem: own_seconds(browser, path.as_uri()) / unit for path in largest}
    assert {name: cost for name, cost in costs.items() if not 0 < cost < 6} == {}
