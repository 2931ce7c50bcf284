"""What `make lab` opens, in a real browser: the front page, the way to a lesson and back, an early look at answers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 300_000  # milliseconds; progress looks through all lessons, on a busy machine slowly


@pytest.fixture
def page(chromium: str, lab_url: str) -> Iterator[Page]:
    """JupyterLab on the front page, its kernel ready."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        page.goto(f"{lab_url}&reset")  # what another test had open stays closed
        page.get_by_role("heading", name="From Pixels to Calories").wait_for()
        page.get_by_role("button", name="Python 3 (ipykernel) | Idle").wait_for()
        yield page
        browser.close()


def test_the_front_door(page: Page) -> None:
    names = page.locator(".jp-DirListing-itemText")
    expect(names).to_have_count(20)  # 18 lessons, this page, and the folder of the Indonesian edition
    assert names.evaluate_all("all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.textContent)") == []

    page.locator(".jp-Notebook .jp-CodeCell .cm-content").click()
    page.keyboard.press("Shift+Enter")
    output = page.locator(".jp-Notebook .jp-CodeCell .jp-OutputArea-output")
    expect(output).to_contain_text("next: mask-area, in lesson 01 · What is segmentation?")
    expect(output.get_by_role("progressbar")).to_have_count(18)

    output.get_by_role("link", name="01 · What is segmentation?").click()
    lesson = page.locator(".jp-NotebookPanel").filter(
        has=page.get_by_role("heading", name="01 · What is segmentation?")
    )
    page.get_by_role("tab", name="Table of Contents").click()
    expect(page.locator(".jp-TableOfContents")).to_contain_text("What is on this plate?")
    lesson.get_by_role("link", name="Contents").first.click()
    expect(output.get_by_role("progressbar").first).to_be_visible()
    output.get_by_role("link", name="01 · What is segmentation?").click()
    lesson.get_by_role("link", name="02 · Three kinds of segmentation →").first.click()
    page.get_by_role("heading", name="02 · Three kinds of segmentation").wait_for()


def test_a_solved_edition_that_comes_too_early(page: Page, lab_url: str) -> None:
    page.goto(lab_url.replace("notebooks/start.ipynb", "solutions/01_what_is_segmentation.ipynb"))
    page.get_by_role("heading", name="01 · What is segmentation?").wait_for()
    expect(page.get_by_text("Not tried yet: mask-area, ")).to_be_visible()
    pictures = page.locator(".jp-RenderedImage img")
    pictures.first.wait_for()
    texts = pictures.evaluate_all("all => all.map(picture => picture.alt)")
    assert all(len(text) > 20 for text in texts), texts


def test_the_glossary_opens_as_a_page(page: Page, lab_url: str) -> None:
    page.goto(f"{lab_url.replace('notebooks/start.ipynb', 'notebooks/id/start.ipynb')}&reset")
    page.get_by_role("link", name="glosarium").click()
    glossary = page.locator(".jp-MarkdownViewer")
    expect(glossary.get_by_role("heading", name="Glosarium")).to_be_visible()
    expect(glossary.get_by_role("cell", name="ambang", exact=True)).to_be_visible()
