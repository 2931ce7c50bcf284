"""The demo's page in two languages, in a real browser: every word in one of them, and a switch that changes no more."""

import re

import numpy as np
import pytest
from helpers.english import english_words
from helpers.pseudo import speak_pseudo
from PIL import Image

from course_utils.dataset import CLASSES
from course_utils.demo.server import example_plates
from course_utils.paths import data_dir
from course_utils.translation.rules import has_words

pytestmark = pytest.mark.browser

SAID = """() => {
    const texts = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    const said = [];
    while (texts.nextNode()) if (!texts.currentNode.parentNode.closest("script")) said.push(texts.currentNode.data);
    for (const name of ["alt", "aria-label", "aria-valuetext", "placeholder", "title"])
        for (const one of document.querySelectorAll(`[${name}]`)) said.push(one.getAttribute(name));
    return said;
}"""
"""All that a page says, seen or not."""
SAME = re.compile(rf"{'|'.join(CLASSES)}|[\d.]* ?kcal|In English|Bahasa Indonesia|«In English»")
"""What is the same in every language."""
UNSURE = {"name": "tahu", "rival": "bolu", "english": "", "colour": "#000000", "hidden_share": 0, "score": 0.9}
UNSURE |= {"visible": "", "hidden": "", "problem": "", "grams": 20, "kcal": 23, "low": 9, "high": 99, "at": [9, 9]}
KNOWN = {"name": "tempe", "grams": 30, "kcal": 60, "outline": "M0 0 L9 9 Z"}
TOTAL = {"grams": 20, "kcal": 23, "low": 9, "high": 99, "problems": []}
ANSWER = {"width": 320, "height": 320, "refusal": "", "weighed": True, "promised": True, "pieces": [UNSURE]}


@pytest.fixture
def visit(browser, address):
    """Opens the page at an address's end; in the end nothing must have failed there."""
    pages = []

    def opened(end: str, width=1180, **options):
        page = browser.new_page(viewport={"width": width, "height": 900}, **options)
        pages.append(page)
        page.set_default_timeout(60_000)
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.goto(f"{address}/{end}")
        page.wait_for_selector("#plates button >> nth=11")
        return page

    yield opened
    for page in pages:
        page.close()
    assert not [error for page in pages for error in page.errors]


def pick(page, number=0):
    page.locator("#plates button").nth(number).click()
    page.wait_for_selector("#result:not([hidden])")


def bring(page, number=0):
    scene = list(example_plates().values())[number]
    page.set_input_files("#file", data_dir() / "images" / scene.file_name)
    page.wait_for_selector("#scale:not([hidden])")


def switch(page, code: str):
    """By keyboard, as by mouse."""
    page.locator(f"a[hreflang={code}]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(f"html[lang={code}] #plates button >> nth=11")


def states(page, folder):
    """Brings the page into each state in which it says something of its own."""
    from playwright.sync_api import expect

    yield "start"
    pick(page)
    yield "a heaped plate"
    page.locator("#score").focus()
    page.keyboard.press("End")
    expect(page.locator("#pieces tr.missed").first).to_be_visible()
    yield "a high score"
    for name, kcal, matched in (("far below", 120, [1]), ("equal", 23, [0]), ("unmatched", 10, [-1])):
        truth = {"grams": 60, "kcal": kcal, "pieces": [KNOWN, KNOWN], "piece_of": matched}
        answer = ANSWER | {"truth": truth, "total": TOTAL | {"low": 20, "high": 99 if kcal < 100 else 110}}
        page.route(re.compile(r"/plates/test\w+-\d+\?"), lambda route, _, answer=answer: route.fulfill(json=answer))
        pick(page, 3)
        yield name
        page.unroute_all()
    bring(page)
    yield "an own photo"
    page.click("#scale button")
    page.wait_for_selector("#total:not([hidden])")
    yield "weighed with a ruler that nobody moved"
    Image.fromarray(np.full((200, 300, 3), 128, np.uint8)).save(folder / "grey.png")
    page.set_input_files("#file", folder / "grey.png")
    expect(page.locator("#total")).to_be_visible()
    yield "nothing found"
    for content in (b"no picture", b"\x00" * (21 * 2**20)):
        (folder / "photo.jpg").write_bytes(content)
        page.set_input_files("#file", folder / "photo.jpg")
        page.wait_for_selector("#message.error")
        yield "no photo"
    page.route("**/plates/*", lambda route: route.abort())
    page.locator("#plates button").first.click()
    page.wait_for_selector("#message.error")
    yield "no server"


def test_no_word_is_forgotten(visit, tmp_path, monkeypatch):
    speak_pseudo(tmp_path / "locale", monkeypatch, "calories", "dataset", "demo")
    page = visit("?language=xx")
    for state in states(page, tmp_path):
        said = [text.strip() for text in page.evaluate(SAID)]
        forgotten = [text for text in said if has_words(text) and "«" not in text and not SAME.fullmatch(text)]
        assert len(said) > 60 and not forgotten, state


def test_no_english_is_left_in_indonesian(visit, tmp_path):
    page = visit("?language=id")
    for state in states(page, tmp_path):
        found = [text for text in page.evaluate(SAID) if english_words(text)]
        assert not found and page.title() == "Apa isi piring ini?", state


def test_the_switch_stays_on_the_same_plate_and_back(visit):
    from playwright.sync_api import expect

    page = visit("")
    pick(page, 7)
    page.locator("[data-layer=name]").check()
    page.locator("#score").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#least")).to_have_text("0.45")
    page.wait_for_selector("#answer[aria-busy=false]")
    kcal = page.inner_text("#total")
    for code, words in (("id", "Tanpa rentang"), ("en", "No range")):
        switch(page, code)
        expect(page.locator("#range")).to_contain_text(words)
        assert page.url.endswith(f"?language={code}#{list(example_plates())[7]}")
        assert page.locator("#plates [aria-pressed=true] img").get_attribute("src") == page.get_attribute(
            "#photo", "src"
        )
        assert (page.inner_text("#total"), page.inner_text("#least")) == (kcal, "0.45")
        assert page.locator("[data-layer=name]").is_checked() and not page.locator("[data-layer=true]").is_checked()


def test_the_switch_keeps_an_own_photo_with_its_scale(visit):
    from playwright.sync_api import expect

    page = visit("?language=id")
    bring(page)
    page.locator(".handle").first.press("ArrowRight")
    page.fill("#diameter", "18.5")
    page.click("#scale button")
    page.wait_for_selector("#total:not([hidden])")
    page.wait_for_selector("#answer[aria-busy=false]")
    kcal, pieces = page.inner_text("#total"), page.locator("#pieces tr").count()
    switch(page, "en")
    expect(page.locator("#total")).to_have_text(kcal)
    assert page.locator("#pieces tr").count() == page.locator("g.piece").count() == pieces
    assert page.input_value("#diameter") == "18.5" and page.inner_text("#guessed") == ""
    assert page.locator(".handle").first.get_attribute("aria-valuenow") == "11.0"
    assert page.evaluate("sessionStorage.length") == 0
    page.reload()
    page.wait_for_selector("#plates button >> nth=11")
    assert page.inner_text("#message") == "Choose a plate above." and page.locator("#photo").is_hidden()


def test_after_a_refused_file_the_other_page_begins_anew(visit, tmp_path):
    page = visit("")
    pick(page)
    (tmp_path / "photo.jpg").write_bytes(b"no picture")
    page.set_input_files("#file", tmp_path / "photo.jpg")
    page.wait_for_selector("#message.error")
    switch(page, "id")
    assert page.inner_text("#message") == "Pilih satu piring di atas." and page.url.endswith("?language=id")
    assert page.locator("#photo").is_hidden() and page.locator("#plates [aria-pressed=true]").count() == 0


def test_a_browser_that_keeps_nothing_still_has_the_plate(visit):
    page = visit("")
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new DOMException('full'); }; }")
    pick(page, 2)
    switch(page, "id")
    page.wait_for_selector("#result:not([hidden])")
    assert page.locator("#plates button").nth(2).get_attribute("aria-pressed") == "true"


def test_an_address_names_its_plate(visit):
    names = list(example_plates())
    page = visit(f"?language=id#{names[4]}")
    page.wait_for_selector("#result:not([hidden])")
    assert page.locator("#plates button").nth(4).get_attribute("aria-pressed") == "true"
    page.evaluate(f"location.hash = '{names[5]}'")
    page.wait_for_selector("#plates button:nth-child(6)[aria-pressed=true]")
    page = visit('#"]<b>')
    assert page.inner_text("#message") == "Choose a plate above." and page.locator("#photo").is_hidden()


@pytest.mark.parametrize("code", ["en", "id"])
@pytest.mark.parametrize("width", [360, 390, 821, 1280])
def test_nothing_is_cut_off_in_either_language(visit, code, width):
    page = visit(f"?language={code}", width)
    for number in (1, 8):
        pick(page, number)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        outside = """[...document.querySelectorAll("main *")].filter((one) => !one.closest("#plates, svg") &&
            one.getBoundingClientRect().right > innerWidth).map((one) => one.textContent)"""
        assert page.evaluate(outside) == []
