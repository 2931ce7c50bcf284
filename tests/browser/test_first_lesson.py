"""The first lesson in a real browser: opened as `make lab` opens it, answered wrongly, then rightly."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, Route, expect, sync_playwright

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 120_000  # milliseconds; a busy machine with two cores still has to load all of JupyterLab and numpy
WRONG = "def mask_area(mask):\n    return mask.size"
RIGHT = "def mask_area(mask):\n    return int(mask.sum())"


@pytest.fixture
def outside() -> list[str]:
    """Addresses on other machines that the page asked for; every such request is refused."""
    return []


@pytest.fixture
def page(chromium: str, lab_url: str, outside: list[str]) -> Iterator[Page]:
    """JupyterLab on the first lesson, its kernel ready."""

    def local_only(route: Route) -> None:
        if urlsplit(route.request.url).hostname in ("127.0.0.1", "localhost"):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        page.route("**/*", local_only)
        page.goto(lab_url)
        page.get_by_role("heading", name="01 · What is segmentation?").wait_for()
        page.get_by_role("button", name="Python 3 (ipykernel) | Idle").wait_for()
        yield page
        browser.close()


def code_cell(page: Page, words: str) -> Locator:
    return page.locator(".jp-Notebook .jp-CodeCell").filter(has_text=words)


def answer(page: Page, source: str) -> None:
    """Write an answer into the cell of the first exercise, run it, and the check below it."""
    code_cell(page, "def mask_area").locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(source)
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")


def test_a_wrong_and_then_a_right_answer(page: Page, outside: list[str], checkout: Path, tmp_path: Path) -> None:
    exercise, _check = code_cell(page, "def mask_area"), code_cell(page, 'check("mask-area"')
    exercise.locator(".cm-content").click()
    assert outside == []
    assert page.locator(".jp-Dialog").or_(page.get_by_role("alert")).count() == 0, "a question greets the learner"
    assert "without encryption" not in (tmp_path / "lab.log").read_text()
